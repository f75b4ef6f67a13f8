//! Product models: a page each, with a version in each culture that they are described in.

use lockgate_guest::Page;
use serde::Deserialize;

use crate::ids::{MODEL, code_name, model_guid};
use crate::site;
use crate::values::timestamp;

/// A row of `ProductModel`, with its description in one culture.
#[derive(Deserialize)]
pub struct Model {
    id: i64,
    name: String,
    catalog_description: Option<String>,
    instructions: Option<String>,
    modified: String,
    /// Null when nobody described the model.
    culture: Option<String>,
    description_id: Option<i64>,
    description: Option<String>,
}

/// One culture version of a model's page. Without a culture it is the one that references look for.
pub fn model(row: Model) -> Page {
    let id = row.id.to_string();
    Page::new(MODEL, row.culture.unwrap_or_else(site::culture), &row.name)
        .node_guid(model_guid(&id))
        .alias(code_name("model", &id))
        .parent_root()
        .published(true)
        .field("number", row.id)
        .field("name", row.name)
        .field("description", row.description)
        .field("description_number", row.description_id)
        .field("catalog_description", row.catalog_description)
        .field("instructions", row.instructions)
        .field("modified", timestamp(&row.modified))
}

#[cfg(test)]
mod tests {
    use lockgate_guest::Value;

    use super::*;
    use crate::ids::document_params;

    fn made(culture: &str, description: &str) -> Page {
        let json = format!(
            r#"{{"id":19,"name":"Lamp 100","catalog_description":"<a/>","instructions":null,"rowguid":"x",
            "modified":"2022-04-30 00:00:00.000","culture":{culture},"description_id":null,"description":{description}}}"#
        );
        model(serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn every_culture_is_a_version_of_the_same_page() {
        let chinese = made(r#""zh-cht""#, r#""灯""#);
        let hebrew = made(r#""he""#, r#""מנורה""#);
        assert_eq!(chinese.culture, "zh-cht");
        assert_eq!(chinese.node_guid, hebrew.node_guid);
        assert_eq!(hebrew.get("description"), Some(&Value::Text("מנורה".into())));
    }

    #[test]
    fn a_model_without_description_is_where_references_look_for_it() {
        let page = made("null", "null");
        let params = document_params("19", MODEL).unwrap();
        assert_eq!((page.culture, page.node_guid), (params.culture, Some(params.node_guid)));
    }
}
