//! The envelope: `<wxr kind="…">` around one element of an export.

use lockgate_guest::Error;

use crate::xml::{self, Element, Ns};

/// An external object.
#[derive(Debug)]
pub struct External {
    /// What kind of object it holds.
    pub kind: String,
    root: Element,
}

impl External {
    /// Reads the envelope.
    pub fn read(text: &str) -> Result<Self, Error> {
        let root = xml::parse(text)?;
        if root.ns != Ns::Rss || root.local != "wxr" {
            return Err(Error::unsupported(format!("the root is <{}>, not <wxr>", root.local)));
        }
        let kind = root.attribute("kind").unwrap_or_default().to_owned();
        Ok(Self { kind, root })
    }

    /// What stands elsewhere in the export, as an attribute of the envelope.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.root.attribute(name)
    }

    /// As [`External::attribute`], and there has to be one.
    pub fn needed_attribute(&self, name: &str) -> Result<&str, Error> {
        let value = self.attribute(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| Error::invalid("missing or empty").at(format!("@{name}")))
    }

    /// Whether it is, or is on, a post that has a password. The feed says so in place of the password.
    pub fn is_protected(&self) -> bool {
        self.attribute("protected") == Some("true")
    }

    /// The one element in the envelope.
    pub fn only(&self) -> Result<&Element, Error> {
        match self.root.children.as_slice() {
            [only] => Ok(only),
            children => Err(Error::invalid(format!("a task is about one object, and this has {}", children.len()))),
        }
    }
}
