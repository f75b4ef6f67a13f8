//! From external ids to code names and GUIDs, the same for every task.
//!
//! External ids are the database's primary keys. GUIDs of pages follow from the id too, and not from
//! `rowguid`: who refers to a model knows its id and nothing else of it.

use lockgate_guest::{DocumentParams, Error, External, Object, ObjectParams, Page, Prepared, guid_from_name};

use crate::document::Key;
use crate::site;

/// Never change it: the GUIDs of all pages follow from it.
const MODEL_NAMESPACE: &str = "adventureworks/model";
/// The page type of models.
pub const MODEL: &str = "aw.model";
/// What the culture with the blank code is called.
const INVARIANT: &str = "invariant";

/// The tables whose rows are objects, their object types, and how their code names begin.
const OBJECTS: [(&str, &str, &str); 9] = [
    ("Culture", "aw.culture", "culture"),
    ("UnitMeasure", "aw.unit", "unit"),
    ("ProductCategory", "aw.category", "category"),
    ("ProductSubcategory", "aw.subcategory", "subcategory"),
    ("Product", "aw.product", "product"),
    ("ProductReview", "aw.review", "review"),
    ("BillOfMaterials", "aw.bom", "bom"),
    ("Department", "aw.department", "department"),
    ("Employee", "aw.employee", "employee"),
];

/// The code name of an object, and the alias of a page.
pub fn code_name(prefix: &str, id: &str) -> String {
    match id {
        "" => format!("{prefix}-{INVARIANT}"),
        id => format!("{prefix}-{id}"),
    }
}

/// The node GUID of a model's page.
pub fn model_guid(id: &str) -> String {
    guid_from_name(MODEL_NAMESPACE, id)
}

/// Where an object is found.
pub fn object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
    if object_type == "cms.site" {
        return Ok(ObjectParams::new(site::name()));
    }
    match OBJECTS.iter().find(|(_, name, _)| *name == object_type) {
        Some((_, _, prefix)) => Ok(ObjectParams::new(code_name(prefix, id))),
        None => Err(Error::unsupported(format!("no references to {object_type:?} in AdventureWorks"))),
    }
}

/// Where a page is found.
pub fn document_params(id: &str, class_name: &str) -> Result<DocumentParams, Error> {
    match class_name {
        MODEL => Ok(DocumentParams::new(model_guid(id), site::culture(), site::name())),
        _ => Err(Error::unsupported(format!("no references to {class_name:?} in AdventureWorks"))),
    }
}

/// As much of an object or page as finds it again.
pub fn identify(external: &External) -> Result<Prepared, Error> {
    let key = Key::read(external)?;
    let id = key.id()?;
    if key.table == "ProductModel" {
        let culture = key.culture.unwrap_or_else(site::culture);
        let alias = code_name("model", &id);
        return Ok(Page::new(MODEL, culture, &alias).node_guid(model_guid(&id)).alias(&alias).into());
    }
    match OBJECTS.iter().find(|(table, _, _)| *table == key.table) {
        Some((_, object_type, prefix)) => {
            let mut object = Object::new(*object_type, code_name(prefix, &id));
            object.parent = key.parent()?;
            Ok(object.into())
        }
        None => Err(Error::unsupported(format!("no table {:?}", key.table)).at("table")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identified(json: &str) -> Result<Prepared, Error> {
        identify(&External::new("application/json", json))
    }

    #[test]
    fn a_reference_finds_what_the_object_is_stored_under() {
        for (id, object_type, code_name) in [
            ("680", "aw.product", "product-680"),
            ("EA", "aw.unit", "unit-EA"),
            ("14", "aw.subcategory", "subcategory-14"),
            ("", "aw.culture", "culture-invariant"),
            ("1", "cms.site", "adventureworks"),
        ] {
            assert_eq!(object_params(id, object_type), Ok(ObjectParams::new(code_name)));
        }
        assert!(matches!(object_params("1", "cms.role"), Err(Error::Unsupported(_))));
        assert!(matches!(document_params("1", "cms.page"), Err(Error::Unsupported(_))));
    }

    /// Computed with Python: `uuid5(uuid5(NAMESPACE_URL, "adventureworks/model"), "19")`.
    #[test]
    fn the_guid_of_a_page_never_changes() {
        assert_eq!(model_guid("19"), "65f58670-195e-5832-83e4-34b674241f52");
        let expected = DocumentParams::new("65f58670-195e-5832-83e4-34b674241f52", "en", "adventureworks");
        assert_eq!(document_params("19", MODEL), Ok(expected));
    }

    #[test]
    fn a_key_is_enough_to_find_an_object_again() {
        let product = Object::new("aw.product", "product-680");
        assert_eq!(identified(r#"{"table":"Product","id":680}"#), Ok(product.into()));
        let subcategory = Object::new("aw.subcategory", "subcategory-14").parent("2");
        let json = r#"{"table":"ProductSubcategory","id":14,"category_id":2}"#;
        assert_eq!(identified(json), Ok(subcategory.into()));
        let alone = identified(r#"{"table":"ProductSubcategory","id":14}"#);
        assert!(matches!(alone, Err(Error::Invalid(problem)) if problem.path.as_deref() == Some("category_id")));
    }

    #[test]
    fn only_a_culture_may_have_a_blank_key() {
        let culture = Object::new("aw.culture", "culture-invariant");
        assert_eq!(identified(r#"{"table":"Culture","id":null}"#), Ok(culture.into()));
        assert!(matches!(identified(r#"{"table":"Product"}"#), Err(Error::Invalid(_))));
    }

    #[test]
    fn a_page_is_found_by_the_guid_of_its_model_and_its_culture() {
        let Ok(Prepared::Page(page)) = identified(r#"{"table":"ProductModel","id":19,"culture":"th"}"#) else { panic!() };
        assert_eq!((page.node_guid, page.culture.as_str()), (Some(model_guid("19")), "th"));
    }

    #[test]
    fn an_unknown_table_is_unsupported() {
        assert!(matches!(identified(r#"{"table":"Shift","id":1}"#), Err(Error::Unsupported(_))));
    }
}
