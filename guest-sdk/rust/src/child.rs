//! Child objects and bindings.

use crate::value::find;
use crate::{Child, Field, Value};

impl Child {
    /// A child object under its code name. It belongs to the main object until
    /// [`Object::child_of`](crate::Object::child_of) says otherwise.
    pub fn new(object_type: impl Into<String>, code_name: impl Into<String>) -> Self {
        Self {
            parent: None,
            object_type: object_type.into(),
            code_name: code_name.into(),
            guid: None,
            display_name: None,
            fields: Vec::new(),
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

    /// Sets a field; `None` clears it.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.push(Field::new(name, value));
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

    /// The value that was set for a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        find(&self.fields, name)
    }
}
