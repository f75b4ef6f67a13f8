//! Tables that are lists: languages, units, departments, and the two levels of the category tree.

use lockgate_guest::{Object, Value};
use serde::Deserialize;

use crate::ids::code_name;
use crate::values::timestamp;

/// A row of `Culture`.
#[derive(Deserialize)]
pub struct Culture {
    id: Option<String>,
    name: String,
    modified: String,
}

/// A row of `UnitMeasure`.
#[derive(Deserialize)]
pub struct Unit {
    id: String,
    name: String,
    modified: String,
}

/// A row of `ProductCategory`.
#[derive(Deserialize)]
pub struct Category {
    id: i64,
    name: String,
    rowguid: String,
    modified: String,
}

/// A row of `ProductSubcategory`.
#[derive(Deserialize)]
pub struct Subcategory {
    id: i64,
    category_id: i64,
    name: String,
    rowguid: String,
    modified: String,
}

/// A row of `Department`.
#[derive(Deserialize)]
pub struct Department {
    id: i64,
    name: String,
    group: String,
    modified: String,
}

/// A language; the invariant one has no code.
pub fn culture(row: Culture) -> Object {
    Object::new("aw.culture", code_name("culture", row.id.as_deref().unwrap_or_default()))
        .display_name(row.name)
        .field("code", row.id)
        .field("modified", timestamp(&row.modified))
}

/// A unit of measure.
pub fn unit(row: Unit) -> Object {
    Object::new("aw.unit", code_name("unit", &row.id))
        .display_name(row.name)
        .field("code", row.id)
        .field("modified", timestamp(&row.modified))
}

/// The upper level of the tree.
pub fn category(row: Category) -> Object {
    Object::new("aw.category", code_name("category", &row.id.to_string()))
        .guid(row.rowguid)
        .display_name(row.name)
        .field("number", row.id)
        .field("modified", timestamp(&row.modified))
}

/// The lower level, under its category.
pub fn subcategory(row: Subcategory) -> Object {
    Object::new("aw.subcategory", code_name("subcategory", &row.id.to_string()))
        .guid(row.rowguid)
        .display_name(row.name)
        .parent(row.category_id.to_string())
        .field("number", row.id)
        .field("modified", timestamp(&row.modified))
}

/// A department.
pub fn department(row: Department) -> Object {
    Object::new("aw.department", code_name("department", &row.id.to_string()))
        .display_name(row.name)
        .field("number", row.id)
        .field("group", Value::Text(row.group))
        .field("modified", timestamp(&row.modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invariant_culture_has_a_code_name_and_no_code() {
        let json = r#"{"id":null,"name":"Invariant","modified":"2019-04-30 00:00:00.000"}"#;
        let object = culture(serde_json::from_str(json).unwrap());
        assert_eq!(object.code_name, "culture-invariant");
        assert_eq!(object.get("code"), Some(&Value::Null));
    }

    #[test]
    fn a_subcategory_stands_under_its_category() {
        let json = r#"{"id":14,"category_id":2,"name":"Frames","rowguid":"0190A000-0000-7000-8000-000000000014","modified":"2019-04-30 00:00:00.000"}"#;
        let object = subcategory(serde_json::from_str(json).unwrap());
        assert_eq!((object.code_name.as_str(), object.parent.as_deref()), ("subcategory-14", Some("2")));
    }
}
