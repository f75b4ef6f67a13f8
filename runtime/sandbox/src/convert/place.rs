//! Where in an answer something is wrong: `children[3].fields[qty]`.

use std::fmt;

/// A place in an answer. Costs nothing until it is shown.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// The answer itself.
    Root,
    /// A member of a record.
    Member(&'a Place<'a>, &'static str),
    /// An element of a list.
    Item(&'a Place<'a>, usize),
    /// An element of a list that has a name.
    Named(&'a Place<'a>, &'a str),
}

impl<'a> Place<'a> {
    /// A member of what is here.
    pub fn member(&'a self, name: &'static str) -> Self {
        Self::Member(self, name)
    }

    /// An element of what is here.
    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// An element of what is here, by name.
    pub fn named(&'a self, name: &'a str) -> Self {
        Self::Named(self, name)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
            Self::Named(parent, name) => write!(f, "{parent}[{}]", super::short(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_like_a_path() {
        let root = Place::Root;
        let children = root.member("children");
        let child = children.item(3);
        let fields = child.member("fields");
        assert_eq!(fields.named("qty").to_string(), "children[3].fields[qty]");
    }
}
