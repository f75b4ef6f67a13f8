//! Bills of materials: an object for each row, because the same component is in the same assembly
//! several times (at other times), and in none when it is an end product.

use lockgate_guest::{Object, Value};
use serde::Deserialize;

use crate::ids::code_name;
use crate::values::{decimal, reference, timestamp};

/// A row of `BillOfMaterials`.
#[derive(Deserialize)]
pub struct BillOfMaterials {
    id: i64,
    assembly_id: Option<i64>,
    component_id: i64,
    start: String,
    end: Option<String>,
    unit: String,
    level: i64,
    quantity: String,
    modified: String,
}

/// A line of a bill of materials.
pub fn bom(row: BillOfMaterials) -> Object {
    Object::new("aw.bom", code_name("bom", &row.id.to_string()))
        .field("assembly", reference(row.assembly_id))
        .field("component", reference(Some(row.component_id)))
        .field("unit", Value::reference(row.unit))
        .field("quantity", decimal(&row.quantity))
        .field("level", row.level)
        .field("start", timestamp(&row.start))
        .field("end", row.end.as_deref().map(timestamp))
        .field("modified", timestamp(&row.modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_has_no_assembly() {
        let json = r#"{"id":893,"assembly_id":null,"component_id":749,"start":"2021-05-25 00:00:00.000","end":null,
            "unit":"EA","level":0,"quantity":"1.00","modified":"2021-05-11 00:00:00.000"}"#;
        let object = bom(serde_json::from_str(json).unwrap());
        assert_eq!(object.code_name, "bom-893");
        assert_eq!(object.get("assembly"), Some(&Value::Null));
        assert_eq!(object.get("component"), Some(&Value::reference("749")));
        assert_eq!(object.get("unit"), Some(&Value::reference("EA")));
        assert_eq!(object.get("end"), Some(&Value::Null));
    }
}
