//! Names and values, as a query and a form have them.

use form_urlencoded::Serializer;

/// In the order in which they were written. Empty values are as if they were not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Of a query or a body.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Every value of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Those of these names only.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect())
    }

    /// The same with this value for a name, and no other for it; without the name when the value is empty.
    pub(crate) fn with(&self, name: &str, value: impl ToString) -> Self {
        let mut pairs: Vec<_> = self.0.iter().filter(|(known, _)| known != name).cloned().collect();
        let value = value.to_string();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value));
        }
        Self(pairs)
    }

    /// Each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// After a path: `?name=value&…`, or nothing.
    pub(crate) fn after(&self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.iter());
        format!("{path}?{}", query.finish())
    }
}

/// A part of a path.
pub(crate) fn part(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_again() {
        let pairs = Pairs::read("title=a+b%26c&state=&ids=1&ids=2".as_bytes());
        assert_eq!((pairs.get("title"), pairs.get("state")), (Some("a b&c"), None));
        assert_eq!(pairs.all("ids").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(pairs.only(&["title"]).with("after", 7).after("/x"), "/x?title=a+b%26c&after=7");
        assert_eq!(pairs.only(&[]).after("/x"), "/x");
        assert_eq!(part("a/b?#é"), "a%2Fb%3F%23%C3%A9");
    }
}
