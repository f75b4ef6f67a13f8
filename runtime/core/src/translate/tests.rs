use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::names::CodeName;

#[test]
fn section_7_2_parents_of_what_is_named_by_its_guid_are_not_asked_for() {
    let text = "[[object_type]]\nname = \"t\"\nparent = \"t\"\ngroup = \"t\"";
    let model = crate::model::parse(&BTreeMap::from([("m.toml".to_owned(), text.to_owned())])).unwrap();
    let id = |id: &str| ExternalId::new(id).unwrap();
    let name = TypeName::new("t").unwrap();
    let named = ObjectParams { guid: None, code_name: CodeName::new("a").unwrap(), site: None, parent: id("1"), group: id("2") };
    assert_eq!(chain(&name, &named, &model).unwrap().len(), 2);
    let by_guid = ObjectParams { guid: Some(Uuid::from_u128(7)), ..named };
    assert_eq!(chain(&name, &by_guid, &model).unwrap(), []);
}
