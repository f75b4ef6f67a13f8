//! The external object: which resource changed, and no more.

use lockgate_guest::{Error, External};
use serde::Deserialize;

use crate::ids::Kind;

/// `{"resourceType": "User", "id": "2819c223"}`
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    /// Of which kind.
    pub kind: Kind,
    /// The application's id; never empty.
    pub id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Json {
    resource_type: String,
    id: String,
}

impl Notice {
    /// Unknown keys are refused: data in a notice would be taken for what is stored.
    pub fn read(external: &External) -> Result<Self, Error> {
        let Json { resource_type, id } = serde_json::from_slice(&external.body).map_err(Error::invalid_from)?;
        let unsupported = || Error::unsupported(format!("no resources of type {resource_type:?}")).at("resourceType");
        let kind = Kind::of(&resource_type).ok_or_else(unsupported)?;
        if id.is_empty() {
            return Err(Error::invalid("a resource has an id").at("id"));
        }
        Ok(Self { kind, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_a_resource_and_nothing_else() {
        let read = |json: &str| Notice::read(&External::new("application/json", json));
        assert_eq!(read(r#"{"resourceType":"Group","id":"e9"}"#), Ok(Notice { kind: Kind::Group, id: "e9".into() }));
        assert!(matches!(read(r#"{"resourceType":"Device","id":"e9"}"#), Err(Error::Unsupported(_))));
        for json in ["", r#"{"resourceType":"User","id":""}"#, r#"{"resourceType":"User","id":"1","userName":"x"}"#] {
            assert!(matches!(read(json), Err(Error::Invalid(_))), "{json}");
        }
    }
}
