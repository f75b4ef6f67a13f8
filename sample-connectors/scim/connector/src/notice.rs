//! The external object: which resource changed, and no more.

use lockgate_guest::{Error, External, log};
use serde_json::Value as Json;

use crate::ids::Kind;
use crate::members::Members;

/// `{"resourceType": "User", "id": "2819c223"}`
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    /// Of which kind.
    pub kind: Kind,
    /// The application's id; never empty.
    pub id: String,
}

impl Notice {
    /// Nothing else in a notice is read: what is stored is what the application answers.
    pub fn read(external: &External) -> Result<Self, Error> {
        let body = external.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&external.body);
        let json: Json = serde_json::from_slice(body).map_err(|error| Error::invalid(format!("the notice is no JSON: {error}")))?;
        let map = match &json {
            Json::Object(map) => map,
            Json::Array(several) => return Err(Error::invalid(format!("a task is about one resource, and this has {}", several.len()))),
            _ => return Err(Error::invalid("a notice is a JSON object")),
        };
        let members = Members::of(map);
        let needed = |name: &str| {
            let text = members.text(name).filter(|text| !text.trim().is_empty());
            text.ok_or_else(|| Error::invalid("missing or empty").at(name))
        };
        let resource_type = needed("resourceType")?;
        let unsupported = || Error::unsupported(format!("no resources of type {resource_type:?}")).at("resourceType");
        let kind = Kind::of(&resource_type).ok_or_else(unsupported)?;
        let id = needed("id")?;
        let known = ["resourceType", "id"];
        let others: Vec<&str> =
            map.keys().map(String::as_str).filter(|key| !known.iter().any(|known| known.eq_ignore_ascii_case(key))).collect();
        if !others.is_empty() {
            log!(warn, "the notice has more than a resource's type and id, and it is not read: {}", others.join(", "));
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
        let more = "\u{feff}{\"resourcetype\":\"user\",\"id\":7,\"userName\":\"x\"}";
        assert_eq!(read(more), Ok(Notice { kind: Kind::User, id: "7".into() }));
        for json in ["", "[{},{}]", "5", r#"{"resourceType":"User","id":""}"#, r#"{"resourceType":null,"id":"1"}"#] {
            assert!(matches!(read(json), Err(Error::Invalid(_))), "{json}");
        }
    }
}
