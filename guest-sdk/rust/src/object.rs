//! Objects, and how children and bindings are added to them.

use crate::value::{find, set};
use crate::{Child, Field, Page, Value};

/// An object of the content store, as the connector describes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Object {
    /// A type that the content model declares, for example `cms.user`.
    pub object_type: String,
    /// Unique within site, parent and group. Empty for a binding.
    pub code_name: String,
    /// Hexadecimal with hyphens. Wins over the code name when an existing object is looked for.
    pub guid: Option<String>,
    /// What people read.
    pub display_name: Option<String>,
    /// External id of the site.
    pub site: Option<String>,
    /// External id of the parent object.
    pub parent: Option<String>,
    /// External id of the group.
    pub group: Option<String>,
    /// No name twice.
    pub fields: Vec<Field>,
    /// Children and bindings; read for `Snapshot` only.
    pub children: Vec<Child>,
    /// Types of which the object has no children or bindings apart from those in the list.
    pub none_of: Vec<String>,
}

/// What a connector answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepared {
    /// An object, with children and bindings.
    Object(Object),
    /// A page in one culture.
    Page(Page),
    /// Nothing to do, and why. The task is done.
    Skip(String),
}

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
            none_of: Vec::new(),
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

    /// As [`Object::field`], for loops.
    pub fn push_field(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        set(&mut self.fields, name.into(), value.into());
    }

    /// Adds a child of this object.
    #[must_use]
    pub fn child(mut self, child: Child) -> Self {
        self.push_child(child);
        self
    }

    /// Adds a binding with one reference, the common form. Others: `.child(Child::binding(..))`.
    #[must_use]
    pub fn binding(self, object_type: impl Into<String>, field: impl Into<String>, external_id: impl Into<String>) -> Self {
        self.child(Child::binding(object_type).field(field, Value::reference(external_id)))
    }

    /// As [`Object::child`], for loops.
    pub fn push_child(&mut self, child: Child) {
        self.children.push(child);
    }

    /// States all children or bindings of a type: these, and no others. Of none, too: then a `snapshot` deletes those that are stored,
    /// where the type is declared `complete`.
    #[must_use]
    pub fn children(mut self, object_type: impl Into<String>, children: impl IntoIterator<Item = Child>) -> Self {
        self.children.extend(children);
        self.no_children(object_type)
    }

    /// Says that the object has no children or bindings of this type, apart from those that are added. A type of which none is
    /// added, and of which this is not said, counts as not stated: its children stay as they are.
    #[must_use]
    pub fn no_children(mut self, object_type: impl Into<String>) -> Self {
        let object_type = object_type.into();
        if !self.none_of.contains(&object_type) {
            self.none_of.push(object_type);
        }
        self
    }

    /// Leaves stored children or bindings of this type as they are, as long as none is added: what the payload does not state is
    /// not stated. The default; it takes a [`no_children`](Object::no_children) back.
    #[must_use]
    pub fn leave_children(mut self, object_type: &str) -> Self {
        self.none_of.retain(|other| other != object_type);
        self
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
    fn a_field_that_is_set_again_has_the_new_value() {
        let object = Object::new("t", "a").field("x", 1).field("y", 2).field("x", "3");
        assert_eq!(object.fields, [Field::new("x", "3"), Field::new("y", 2)]);
    }

    #[test]
    fn a_list_of_children_is_stated_also_when_it_is_empty() {
        let object = Object::new("cms.user", "anna").children("cms.userrole", []).no_children("cms.userrole").no_children("t.other");
        assert_eq!(object.none_of, ["cms.userrole", "t.other"]);
        assert_eq!(object.leave_children("t.other").none_of, ["cms.userrole"]);
    }

    #[test]
    fn a_binding_is_a_child_without_code_name() {
        let object = Object::new("cms.user", "anna").binding("cms.userrole", "role", "r-1");
        assert_eq!(object.children[0].code_name, "");
        assert_eq!(object.children[0].get("role"), Some(&Value::reference("r-1")));
    }
}
