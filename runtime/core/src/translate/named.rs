//! Code names get to compare as the content model says, before anybody looks one up: those who read them did
//! not know it.

use crate::model::ContentModel;
use crate::names::TypeName;
use crate::prepared::{InfoRow, ObjectParams, Prepared};

/// Those of an object and its children. Aliases of pages have one rule for all.
pub(super) fn prepared(prepared: &mut Prepared, model: &ContentModel) {
    if let Prepared::Object(object) = prepared {
        row(&mut object.row, model);
        object.children.iter_mut().for_each(|child| row(&mut child.row, model));
    }
}

fn row(row: &mut InfoRow, model: &ContentModel) {
    if let (Some(declared), Some(name)) = (model.object_type(&row.object_type), row.code_name.take()) {
        row.code_name = Some(declared.named(name));
    }
}

/// That by which an object of this type is found.
pub(super) fn params(object_type: &TypeName, params: &mut ObjectParams, model: &ContentModel) {
    if let Some(declared) = model.object_type(object_type) {
        params.code_name = declared.named(params.code_name.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::internal::read;
    use crate::names::CodeName;

    fn model() -> ContentModel {
        let text = "[[object_type]]\nname = \"t\"\ncode_name = \"exact\"\nchildren = [{ type = \"c\", mode = \"complete\" }]
            [[object_type]]\nname = \"c\"\nparent = \"t\"";
        crate::model::parse(&BTreeMap::from([("m.toml".to_owned(), text.to_owned())])).unwrap()
    }

    #[test]
    fn section_7_2_names_compare_as_their_types_say_wherever_they_come_from() {
        let body = br#"{"object": {"type": "t", "code_name": "aB", "children": [{"type": "c", "code_name": "aB"}]}}"#;
        let mut read = read(body).unwrap();
        prepared(&mut read, &model());
        let Prepared::Object(object) = read else { panic!("an object") };
        let key = |row: &InfoRow| row.code_name.as_ref().unwrap().key().to_owned();
        assert_eq!(key(&object.row), "aB");
        assert_eq!(object.children.iter().map(|child| key(&child.row)).collect::<Vec<_>>(), ["ab"]);

        let found = |object_type: &str| {
            let mut found = ObjectParams { guid: None, code_name: CodeName::new("aB").unwrap(), site: None, parent: None, group: None };
            params(&TypeName::new(object_type).unwrap(), &mut found, &model());
            found.code_name.key().to_owned()
        };
        assert_eq!([found("t"), found("c"), found("unknown")], ["aB", "ab", "ab"]);
    }
}
