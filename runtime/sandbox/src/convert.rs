//! Between the contract's types and those of `core`. What comes from a guest is checked for form
//! here; what it means is `core`'s affair (promise 6).

mod ask;
mod errors;
mod objects;
mod pages;
mod place;
mod size;
mod values;

use lockgate_core::failure::sanitised;
use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{CodeName, ExternalId, NameError};
use lockgate_core::prepared::{DocumentParams, ObjectParams, Prepared};
use uuid::Uuid;

use crate::bindings::exports::lockgate::connector::translator as wit;
use crate::said::Said;

pub use ask::{data_type, external, task_type};
pub use errors::connector_error;
use place::Place;
pub use size::{document_params as document_params_bytes, object_params as object_params_bytes, prepared as prepared_bytes};

/// Children of one object.
const CHILDREN_MAX: usize = 10_000;
/// Children of children, and so on.
const CHILDREN_DEPTH_MAX: u32 = 32;
/// Fields of one row.
const FIELDS_MAX: usize = 1_000;

/// What `prepare-internal-object` answered.
pub fn prepared(answer: wit::Prepared, said: Said) -> Result<Prepared, Failure> {
    match answer {
        wit::Prepared::Object(object) => objects::object(object, &said.none_of).map(Prepared::Object),
        wit::Prepared::Page(page) => pages::page(page).map(Prepared::Page),
        wit::Prepared::Skip(reason) => Ok(Prepared::Skip(sanitised(&reason).into())),
    }
}

/// What `get-internal-object-params` answered.
pub fn object_params(answer: wit::ObjectParams, said: Said) -> Result<ObjectParams, Failure> {
    let root = Place::Root;
    let guid = said.guid.map(|text| guid(&root.member("identity.by-guid"), &text)).transpose()?;
    // By its GUID an object is found whatever its name.
    let code_name = match &guid {
        Some(guid) if answer.code_name.is_empty() => guid.to_string(),
        _ => answer.code_name,
    };
    Ok(ObjectParams {
        guid,
        code_name: named(&root.member("code-name"), CodeName::new(code_name))?,
        site: answer.site.map(|site| named(&root.member("site"), lockgate_core::names::SiteName::new(site))).transpose()?,
        parent: external_id(&root.member("parent"), answer.parent.as_deref())?,
        group: external_id(&root.member("group"), answer.group.as_deref())?,
    })
}

/// What `get-internal-document-params` answered.
pub fn document_params(answer: wit::DocumentParams) -> Result<DocumentParams, Failure> {
    let root = Place::Root;
    Ok(DocumentParams {
        node_guid: guid(&root.member("node-guid"), &answer.node_guid)?,
        // Empty, not blank: any.
        culture: match answer.culture.as_str() {
            "" => None,
            culture => Some(named(&root.member("culture"), lockgate_core::names::Culture::new(culture))?),
        },
        site: named(&root.member("site"), lockgate_core::names::SiteName::new(answer.site))?,
    })
}

fn bad(place: &Place<'_>, message: impl AsRef<str>) -> Failure {
    Failure::new(Code::BadOutput, message).at(place.to_string())
}

fn named<T>(place: &Place<'_>, name: Result<T, NameError>) -> Result<T, Failure> {
    name.map_err(|error| bad(place, error.to_string()))
}

/// An external id; absent and empty both mean none.
fn external_id(place: &Place<'_>, id: Option<&str>) -> Result<Option<ExternalId>, Failure> {
    named(place, id.map_or(Ok(None), ExternalId::new))
}

/// Hexadecimal with hyphens, no other notation.
fn guid(place: &Place<'_>, text: &str) -> Result<Uuid, Failure> {
    let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
    match Uuid::try_parse(text) {
        Ok(guid) if hyphenated => Ok(guid),
        _ => Err(bad(place, format!("{:?} is not a GUID in hexadecimal digits with hyphens", short(text)))),
    }
}

/// The beginning of what the guest gave, for a message.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
