//! Child objects and bindings.

use crate::value::{find, set};
use crate::{Field, Value};

/// A child object or a binding, with its own children.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Child {
    /// An object type or binding type.
    pub object_type: String,
    /// Empty for a binding.
    pub code_name: String,
    /// Hexadecimal with hyphens.
    pub guid: Option<String>,
    /// What people read.
    pub display_name: Option<String>,
    /// No name twice.
    pub fields: Vec<Field>,
    /// Its children.
    pub children: Vec<Child>,
    /// A position of the contract's flat list, for tests of hosts.
    #[doc(hidden)]
    pub parent: Option<u32>,
}

impl Child {
    /// A child object under its code name.
    pub fn new(object_type: impl Into<String>, code_name: impl Into<String>) -> Self {
        Self {
            object_type: object_type.into(),
            code_name: code_name.into(),
            guid: None,
            display_name: None,
            fields: Vec::new(),
            children: Vec::new(),
            parent: None,
        }
    }

    /// A binding: identified by what its fields refer to, so without a code name.
    pub fn binding(object_type: impl Into<String>) -> Self {
        Self::new(object_type, "")
    }

    /// What people read. Left out, it is the code name.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Hexadecimal with hyphens.
    #[must_use]
    pub fn guid(mut self, guid: impl Into<String>) -> Self {
        self.guid = Some(guid.into());
        self
    }

    /// Sets a field, also one that was set before; `None` clears it.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push_field(name, value);
        self
    }

    /// Sets a field, or leaves it as it is when there is no value.
    #[must_use]
    pub fn field_opt(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// As [`Child::field`], for loops.
    pub fn push_field(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        set(&mut self.fields, name.into(), value.into());
    }

    /// Adds a child of this child.
    #[must_use]
    pub fn child(mut self, child: Child) -> Self {
        self.children.push(child);
        self
    }

    /// The value that was set for a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        find(&self.fields, name)
    }
}
