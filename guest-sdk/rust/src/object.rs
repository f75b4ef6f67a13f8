//! Objects, and how children and bindings are added to them.

use crate::value::find;
use crate::{Child, Field, Object, Prepared, Value};

impl Object {
    /// An object of a type that the content model declares, under its code name.
    pub fn new(object_type: impl Into<String>, code_name: impl Into<String>) -> Self {
        Self {
            object_type: object_type.into(),
            code_name: code_name.into(),
            guid: None,
            display_name: None,
            site: None,
            parent: None,
            group: None,
            fields: Vec::new(),
            children: Vec::new(),
        }
    }

    /// What people read. Left out, it is the code name.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Hexadecimal with hyphens; see [`guid_from_name`](crate::guid_from_name) for a lasting one.
    #[must_use]
    pub fn guid(mut self, guid: impl Into<String>) -> Self {
        self.guid = Some(guid.into());
        self
    }

    /// External id of the site. Left out, it is the task's, where the type belongs to sites.
    #[must_use]
    pub fn site(mut self, external_id: impl Into<String>) -> Self {
        self.site = Some(external_id.into());
        self
    }

    /// External id of the parent object.
    #[must_use]
    pub fn parent(mut self, external_id: impl Into<String>) -> Self {
        self.parent = Some(external_id.into());
        self
    }

    /// External id of the group.
    #[must_use]
    pub fn group(mut self, external_id: impl Into<String>) -> Self {
        self.group = Some(external_id.into());
        self
    }

    /// Sets a field; `None` clears it.
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

    /// As [`Object::field`], for loops.
    pub fn push_field(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.fields.push(Field::new(name, value));
    }

    /// Adds a child of this object.
    #[must_use]
    pub fn child(mut self, child: Child) -> Self {
        self.push_child(child);
        self
    }

    /// Adds a child of the child at `index`, counted in the order in which children were added.
    #[must_use]
    pub fn child_of(mut self, index: u32, child: Child) -> Self {
        self.push_child_of(index, child);
        self
    }

    /// Adds a binding with one reference, the common form. Others: `.child(Child::binding(..))`.
    #[must_use]
    pub fn binding(self, object_type: impl Into<String>, field: impl Into<String>, external_id: impl Into<String>) -> Self {
        self.child(Child::binding(object_type).field(field, Value::reference(external_id)))
    }

    /// As [`Object::child`], for loops; answers the index that [`Object::push_child_of`] takes.
    pub fn push_child(&mut self, child: Child) -> u32 {
        let index = u32::try_from(self.children.len()).unwrap_or(u32::MAX);
        self.children.push(child);
        index
    }

    /// As [`Object::child_of`], for loops; answers the index of the added child.
    pub fn push_child_of(&mut self, index: u32, mut child: Child) -> u32 {
        child.parent = Some(index);
        self.push_child(child)
    }

    /// The value that was set for a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        find(&self.fields, name)
    }
}

impl Prepared {
    /// Nothing to do, and why. The task is done.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self::Skip(reason.into())
    }
}

impl From<Object> for Prepared {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_absent_ones_are_left_out() {
        let object = Object::new("shop.product", "HL-U509")
            .field("price", Value::decimal("34.99"))
            .field_opt("weight", None::<i32>)
            .field("discontinued", None::<&str>);
        let names: Vec<_> = object.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["price", "discontinued"]);
        assert_eq!(object.get("discontinued"), Some(&Value::Null));
        assert_eq!(object.get("weight"), None);
    }

    #[test]
    fn a_grandchild_names_the_position_of_its_parent() {
        let mut object = Object::new("shop.order", "1").child(Child::new("shop.item", "a"));
        let second = object.push_child(Child::new("shop.item", "b"));
        let object = object.child_of(second, Child::new("shop.discount", "x"));
        let parents: Vec<_> = object.children.iter().map(|child| child.parent).collect();
        assert_eq!(parents, [None, None, Some(1)]);
    }

    #[test]
    fn a_binding_is_a_child_without_code_name() {
        let object = Object::new("cms.user", "anna").binding("cms.userrole", "role", "r-1");
        assert_eq!(object.children[0].code_name, "");
        assert_eq!(object.children[0].get("role"), Some(&Value::reference("r-1")));
    }
}
