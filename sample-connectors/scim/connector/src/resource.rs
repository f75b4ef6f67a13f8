//! Users and groups as the application answers them. What is not stored is not read.

use lockgate_guest::{Error, Value, log};
use serde_json::Value as Json;

use crate::ids::{self, Kind};
use crate::members::{Item, Members, left_out, text};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What every resource has.
pub trait Resource: Sized {
    /// Which kind it is.
    const KIND: Kind;

    /// Of the members of an answer, whose id is known to be this.
    fn read(id: String, members: &Members<'_>) -> Result<Self, Error>;
}

/// RFC 7643, section 4.1, with the enterprise extension of 4.3.
#[derive(Debug)]
pub struct User {
    pub id: String,
    pub external_id: Option<String>,
    /// Never empty: it is what the user is found by.
    pub user_name: String,
    pub name: Name,
    pub display_name: Option<String>,
    pub nick_name: Option<String>,
    pub title: Option<String>,
    pub user_type: Option<String>,
    pub preferred_language: Option<String>,
    pub locale: Option<String>,
    pub timezone: Option<String>,
    pub active: Option<bool>,
    /// The primary one, else the first.
    pub email: Option<String>,
    pub emails: Vec<Json>,
    pub phone_numbers: Vec<Json>,
    pub addresses: Vec<Json>,
    pub employee_number: Option<String>,
    pub department: Option<String>,
    /// A user's id.
    pub manager: Option<String>,
    pub meta: Meta,
}

/// `name` of a user.
#[derive(Debug, Default)]
pub struct Name {
    pub formatted: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

/// RFC 7643, section 4.2.
#[derive(Debug)]
pub struct Group {
    pub id: String,
    pub external_id: Option<String>,
    pub display_name: Option<String>,
    /// `None`: it cannot be read. One that is absent or `null` is empty (RFC 7643, section 2.5).
    pub members: Option<Vec<Member>>,
    pub meta: Meta,
}

/// A member of a group.
#[derive(Debug)]
pub struct Member {
    /// A user's or a group's id.
    pub id: String,
    /// `User` or `Group`; some write other words.
    pub kind: Option<String>,
    /// A URL.
    pub url: Option<String>,
}

/// RFC 7643, section 3.1.
#[derive(Debug, Default)]
pub struct Meta {
    pub created: Option<Value>,
    pub last_modified: Option<Value>,
    pub version: Option<String>,
}

/// The resource with this id, in an answer to the question for `place`.
pub fn read<R: Resource>(body: &[u8], id: &str, place: &str) -> Result<R, Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let json: Json = serde_json::from_slice(body)
        .map_err(|error| Error::invalid(format!("what the application answers for {place} is no JSON: {error}")))?;
    let Some(map) = json.as_object() else {
        return Err(Error::invalid(format!("what the application answers for {place} is no object")));
    };
    let members = Members::of(map);
    let schemas = members.get("schemas").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let schemas: Vec<&str> = schemas.iter().filter_map(Json::as_str).collect();
    if schemas.iter().any(|schema| schema.eq_ignore_ascii_case(ERROR)) {
        return Err(said(&members, place));
    }
    let of_other = [Kind::User, Kind::Group].into_iter().find(|kind| *kind != R::KIND && schemas.contains(&kind.schema()));
    if let Some(other) = of_other.filter(|_| !schemas.contains(&R::KIND.schema())) {
        return Err(Error::invalid(format!("the application answers a {other:?} for {place}")).at("schemas"));
    }
    match members.text("id").filter(|id| !id.is_empty()) {
        Some(own) if own == id => R::read(own, &members),
        Some(own) => Err(Error::invalid(format!("the application answers {own:?} for {place}")).at("id")),
        None => Err(Error::invalid(format!("what the application answers for {place} has no id, and is no resource")).at("id")),
    }
}

/// An error that came with the status of a success.
fn said(members: &Members<'_>, place: &str) -> Error {
    let detail = members.text("detail").unwrap_or_else(|| "no detail".to_owned());
    match members.text("status").as_deref() {
        Some("404") => Error::not_found(format!("the application has no {place}: {detail}")),
        status => Error::invalid(format!("the application answers an error for {place}: {}: {detail}", status.unwrap_or("no status"))),
    }
}

impl Resource for User {
    const KIND: Kind = Kind::User;

    fn read(id: String, user: &Members<'_>) -> Result<Self, Error> {
        let user_name = user.text("userName").filter(|name| !name.trim().is_empty());
        let user_name = user_name.ok_or_else(|| Error::invalid("missing or empty: a user is found by it").at("userName"))?;
        let name = user.object("name");
        let name = name.map(|name| Name {
            formatted: name.text("formatted"),
            given_name: name.text("givenName"),
            family_name: name.text("familyName"),
        });
        let enterprise = user.object(ENTERPRISE);
        let of_enterprise = |name: &str| enterprise.as_ref().and_then(|enterprise| enterprise.text(name));
        let (emails, email) = values(user, "emails");
        Ok(Self {
            id,
            external_id: user.text("externalId"),
            user_name,
            name: name.unwrap_or_default(),
            display_name: user.text("displayName"),
            nick_name: user.text("nickName"),
            title: user.text("title"),
            user_type: user.text("userType"),
            preferred_language: user.text("preferredLanguage"),
            locale: user.text("locale"),
            timezone: user.text("timezone"),
            active: user.boolean("active"),
            email,
            emails,
            phone_numbers: values(user, "phoneNumbers").0,
            addresses: values(user, "addresses").0,
            employee_number: of_enterprise("employeeNumber"),
            department: of_enterprise("department"),
            manager: enterprise.as_ref().and_then(manager),
            meta: meta(user),
        })
    }
}

impl Resource for Group {
    const KIND: Kind = Kind::Group;

    fn read(id: String, group: &Members<'_>) -> Result<Self, Error> {
        let members = match (group.get("members"), group.list("members")) {
            (None, _) => Some(Vec::new()),
            (Some(_), list) => list.map(|list| list.iter().filter_map(member).collect()),
        };
        Ok(Self { id, external_id: group.text("externalId"), display_name: group.text("displayName"), members, meta: meta(group) })
    }
}

fn meta(resource: &Members<'_>) -> Meta {
    let meta = resource.object("meta");
    let meta = meta.map(|meta| Meta {
        created: meta.instant("created"),
        last_modified: meta.instant("lastModified"),
        version: meta.text("version"),
    });
    meta.unwrap_or_default()
}

/// The values of a list, each as an object, and the text of the primary one, else of the first that has one.
fn values(user: &Members<'_>, name: &str) -> (Vec<Json>, Option<String>) {
    let (mut all, mut primary, mut first) = (Vec::new(), None, None);
    for item in user.list(name).unwrap_or_default() {
        let Some(members) = item.members() else {
            match item.value.as_str() {
                Some(value) => {
                    all.push(serde_json::json!({ "value": value }));
                    first = first.or_else(|| Some(value.to_owned()));
                }
                None => left_out(&item.path, "is no object", item.value),
            }
            continue;
        };
        let value = members.get("value").and_then(Json::as_str).map(str::to_owned);
        if members.get("primary").is_some() && members.boolean("primary") == Some(true) {
            primary = primary.or_else(|| value.clone());
        }
        first = first.or(value);
        all.push(item.value.clone());
    }
    (all, primary.or(first))
}

/// A user's id: in an object, as RFC 7643 has it, or alone, as some have it.
fn manager(enterprise: &Members<'_>) -> Option<String> {
    let list = enterprise.list("manager").or_else(|| enterprise.text("manager").map(|_| Vec::new()))?;
    let alone = || enterprise.get("manager").filter(|value| value.is_number()).and_then(text);
    let mut ids = list.iter().filter_map(|item| id_of(item, Kind::User)).chain(alone());
    let first = ids.next();
    if let Some(other) = ids.next() {
        log!(warn, "{}: one manager is stored, and {other:?} is left out", enterprise.at("manager"));
    }
    first
}

/// The id that an item names; a warning if it is not empty and names none.
fn id_of(item: &Item<'_>, kind: Kind) -> Option<String> {
    let Some(members) = item.members() else {
        let id = text(item.value).map(|id| Kind::id_of_url(&id).filter(|(of, _)| *of == kind).map_or(id, |(_, id)| id));
        if id.is_none() {
            left_out(&item.path, "names nobody", item.value);
        }
        return id.filter(|id| !id.trim().is_empty());
    };
    let id = members.text("value").filter(|id| !id.trim().is_empty());
    let id = id.or_else(|| ids::Kind::id_of_url(&members.text("$ref")?).map(|(_, id)| id));
    if id.is_none() && item.value.as_object().is_some_and(|members| members.values().any(|value| !value.is_null())) {
        left_out(&item.path, "names nobody by an id", item.value);
    }
    id
}

fn member(item: &Item<'_>) -> Option<Member> {
    let id = id_of(item, Kind::User)?;
    let members = item.members();
    let text = |name: &str| members.as_ref().and_then(|members| members.text(name));
    let url = text("$ref").or_else(|| item.value.as_str().map(str::to_owned));
    Some(Member { id, kind: text("type"), url })
}
