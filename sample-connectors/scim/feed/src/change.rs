//! What a document says has changed.

use std::path::Path as FilePath;

use serde::Deserialize as _;
use serde_json::Value;

use crate::document::{Document, Operation, Resource, kind_of};
use crate::error::{InputError, Problem};
use crate::path::{Kind, Path};

/// One change of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub deed: Deed,
    /// To which resource.
    pub path: Path,
    /// What people call it, where the document says so.
    pub name: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// POST, or it is there.
    Created,
    /// PUT or PATCH.
    Updated,
    /// DELETE.
    Deleted,
}

/// What a document says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// In its order.
    pub changes: Vec<Change>,
    /// What cannot be taken of it; the rest is.
    pub left_out: Vec<Problem>,
}

impl Changes {
    fn of(each: impl IntoIterator<Item = Result<Change, Problem>>) -> Self {
        let mut all = Self::default();
        for one in each {
            match one {
                Ok(change) => all.changes.push(change),
                Err(problem) => all.left_out.push(problem),
            }
        }
        all
    }
}

/// All changes of a file. `patched` is what a PatchOp was sent to.
pub fn changes(file: &FilePath, patched: Option<&Path>) -> Result<Changes, InputError> {
    let text = std::fs::read(file).map_err(|cause| InputError::Unreadable { path: file.to_owned(), cause })?;
    of(&text, patched).map_err(|problem| InputError::Document { path: file.to_owned(), problem })
}

fn of(text: &[u8], patched: Option<&Path>) -> Result<Changes, Problem> {
    Ok(match Document::read(text)? {
        Document::Resource(kind, resource) => Changes::of([Ok(present(kind, resource, || "the resource".to_owned())?)]),
        Document::List { resources, total } => list(&resources, total)?,
        Document::BulkResponse(operations) => answered(&operations),
        Document::BulkRequest(operations) => asked(&operations),
        Document::Patch => {
            let path = patched.cloned().ok_or(Problem::PatchOfWhat)?;
            Changes::of([Ok(Change { deed: Deed::Updated, path, name: None })])
        }
    })
}

fn present(kind: Kind, resource: Resource, place: impl Fn() -> String) -> Result<Change, Problem> {
    let id = resource.id.ok_or_else(|| Problem::NoId { place: place() })?;
    Ok(Change { deed: Deed::Created, path: Path { kind, id }, name: resource.name })
}

/// A part of a list is refused whole: nobody would notice that the rest is missing. One bad resource is left out.
fn list(resources: &[Value], total: Option<u64>) -> Result<Changes, Problem> {
    let found = resources.len();
    if let Some(total) = total.filter(|total| u64::try_from(found).is_ok_and(|found| found < *total)) {
        return Err(Problem::Partial { found, total });
    }
    let each = resources.iter().enumerate().filter(|(_, resource)| !resource.is_null()).map(|(at, resource)| {
        let place = || format!("Resources[{at}]");
        let kind = kind_of(resource).ok_or_else(|| Problem::NoKind { place: place() })?;
        present(kind, Resource::of(resource), place)
    });
    Ok(Changes::of(each))
}

/// Only what the application did is a change.
fn answered(operations: &[Value]) -> Changes {
    let each = operations.iter().enumerate().map(|(place, operation)| {
        let operation = read(place, operation)?;
        if operation.succeeded() { change(place, &operation, operation.location.as_deref()).map(Some) } else { Ok(None) }
    });
    Changes::of(each.filter_map(Result::transpose))
}

fn asked(operations: &[Value]) -> Changes {
    Changes::of(operations.iter().enumerate().map(|(place, operation)| {
        let operation = read(place, operation)?;
        match deed(place, &operation)? {
            Deed::Created => Err(Problem::Post { place }),
            Deed::Updated | Deed::Deleted => change(place, &operation, operation.path.as_deref()),
        }
    }))
}

fn read(place: usize, operation: &Value) -> Result<Operation, Problem> {
    Operation::deserialize(operation).map_err(|error| Problem::Operation { place, why: error.to_string() })
}

fn change(place: usize, operation: &Operation, path: Option<&str>) -> Result<Change, Problem> {
    let path = path.unwrap_or_default();
    let parsed = path.parse().map_err(|problem| Problem::Path { place, path: path.to_owned(), problem })?;
    Ok(Change { deed: deed(place, operation)?, path: parsed, name: None })
}

fn deed(place: usize, operation: &Operation) -> Result<Deed, Problem> {
    // In any case: RFC 7644 does not say.
    match operation.method.to_ascii_uppercase().as_str() {
        "POST" => Ok(Deed::Created),
        "PUT" | "PATCH" => Ok(Deed::Updated),
        "DELETE" => Ok(Deed::Deleted),
        _ => Err(Problem::Method { place, method: operation.method.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "urn:ietf:params:scim:api:messages:2.0";

    /// All of a document, or what is first wrong with it.
    fn of(text: &[u8], patched: Option<&Path>) -> Result<Vec<Change>, Problem> {
        let Changes { changes, left_out } = super::of(text, patched)?;
        left_out.into_iter().next().map_or(Ok(changes), Err)
    }

    fn bulk(schema: &str, operations: &str) -> Result<Vec<Change>, Problem> {
        of(format!(r#"{{"schemas":["{MESSAGE}:{schema}"],"Operations":{operations}}}"#).as_bytes(), None)
    }

    fn made(deed: Deed, path: &str) -> Change {
        Change { deed, path: path.parse().unwrap(), name: None }
    }

    #[test]
    fn of_a_bulk_response_only_what_succeeded_is_a_change() {
        let changes = bulk(
            "BulkResponse",
            r#"[{"method":"POST","bulkId":"a","location":"https://example.com/v2/Users/1","status":"201"},
                {"method":"POST","bulkId":"b","status":"409","response":{}},
                {"method":"PATCH","location":"/Groups/2","status":200},
                {"method":"DELETE","location":"/Users/3","status":"204"},
                {"method":"DELETE","location":"/Users/4","status":"404"}]"#,
        );
        let expected = [made(Deed::Created, "/Users/1"), made(Deed::Updated, "/Groups/2"), made(Deed::Deleted, "/Users/3")];
        assert_eq!(changes.as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn a_bulk_request_is_a_change_unless_it_creates_something() {
        let changes = bulk("BulkRequest", r#"[{"method":"put","path":"/Users/1"},{"method":"DELETE","path":"/Groups/2"}]"#);
        assert_eq!(changes.as_deref(), Ok(&[made(Deed::Updated, "/Users/1"), made(Deed::Deleted, "/Groups/2")][..]));
        let changes = bulk("BulkRequest", r#"[{"method":"POST","path":"/Users","bulkId":"a"}]"#);
        assert_eq!(changes, Err(Problem::Post { place: 0 }));
        assert!(matches!(bulk("BulkRequest", r#"[{"method":"GET","path":"/Users/1"}]"#), Err(Problem::Method { place: 0, .. })));
        assert!(matches!(bulk("BulkRequest", r#"[{"method":"PUT","path":"/Me"}]"#), Err(Problem::Path { place: 0, .. })));
    }

    #[test]
    fn a_patch_needs_to_be_told_what_it_patched() {
        let patch = format!(r#"{{"schemas":["{MESSAGE}:PatchOp"],"Operations":[]}}"#);
        assert_eq!(of(patch.as_bytes(), None), Err(Problem::PatchOfWhat));
        let path: Path = "/Groups/2".parse().unwrap();
        assert_eq!(of(patch.as_bytes(), Some(&path)), Ok(vec![made(Deed::Updated, "/Groups/2")]));
    }

    #[test]
    fn a_list_must_be_whole_and_say_what_its_resources_are() {
        let list = |rest: &str| of(format!(r#"{{"schemas":["{MESSAGE}:ListResponse"],{rest}}}"#).as_bytes(), None);
        assert_eq!(list(r#""totalResults":0"#), Ok(Vec::new()));
        assert_eq!(list(r#""totalResults":2,"Resources":[{"id":"1"}]"#), Err(Problem::Partial { found: 1, total: 2 }));
        assert!(matches!(list(r#""totalResults":1,"Resources":[{"id":"1"}]"#), Err(Problem::NoKind { .. })));
        let group = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"1","displayName":"Guides"}"#;
        let expected = Change { name: Some("Guides".into()), ..made(Deed::Created, "/Groups/1") };
        assert_eq!(list(&format!(r#""totalResults":1,"Resources":[{group}]"#)), Ok(vec![expected]));
    }

    /// One resource without an id cost all the others, and all the other files.
    #[test]
    fn what_cannot_be_taken_costs_nothing_else() {
        let user = "urn:ietf:params:scim:schemas:core:2.0:User";
        let resources = format!(
            r#"[{{"schemas":["{user}"],"id":"1","userName":null}},{{"schemas":["{user}"]}},5,null,{{"schemas":["{user}"],"ID":7}}]"#
        );
        let list = format!("\u{feff}{{\"schemas\":[\"{MESSAGE}:ListResponse\"],\"totalResults\":\"5\",\"Resources\":{resources}}}");
        let read = super::of(list.as_bytes(), None).unwrap();
        assert_eq!(read.changes, [made(Deed::Created, "/Users/1"), made(Deed::Created, "/Users/7")]);
        assert_eq!(read.left_out.len(), 2, "{read:?}");
        let operations = r#"[{"method":"PUT","path":"/Users/1"},{"method":5},{"method":"DELETE","path":"/Users/2"}]"#;
        let bulk = format!(r#"{{"schemas":["{MESSAGE}:BulkRequest"],"Operations":{operations}}}"#);
        let read = super::of(bulk.as_bytes(), None).unwrap();
        assert_eq!((read.changes.len(), read.left_out.len()), (2, 1), "{read:?}");
        assert_eq!(of(b"[{},{}]", None), Err(Problem::Several(2)));
    }

    #[test]
    fn a_resource_that_the_application_has_not_seen_has_no_id() {
        let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen"}"#;
        assert!(matches!(of(user.as_bytes(), None), Err(Problem::NoId { .. })));
    }
}
