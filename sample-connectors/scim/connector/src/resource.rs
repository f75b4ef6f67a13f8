//! Users and groups as the application answers them. What is not stored is not read.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::ids::Kind;

/// What every resource has.
pub trait Resource {
    /// Which kind it is.
    const KIND: Kind;
    /// The application's id.
    fn id(&self) -> &str;
}

/// RFC 7643, section 4.1, with the enterprise extension of 4.3.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: String,
    pub external_id: Option<String>,
    pub user_name: String,
    #[serde(default)]
    pub name: Name,
    pub display_name: Option<String>,
    pub nick_name: Option<String>,
    pub title: Option<String>,
    pub user_type: Option<String>,
    pub preferred_language: Option<String>,
    pub locale: Option<String>,
    pub timezone: Option<String>,
    pub active: Option<bool>,
    pub emails: Option<Vec<Json>>,
    pub phone_numbers: Option<Vec<Json>>,
    pub addresses: Option<Vec<Json>>,
    #[serde(default, rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")]
    pub enterprise: Enterprise,
    #[serde(default)]
    pub meta: Meta,
}

/// `name` of a user.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Name {
    pub formatted: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

/// The enterprise extension.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enterprise {
    pub employee_number: Option<String>,
    pub department: Option<String>,
    pub manager: Option<Manager>,
}

/// Whom a user reports to.
#[derive(Debug, Deserialize)]
pub struct Manager {
    /// A user's id.
    pub value: Option<String>,
}

/// RFC 7643, section 4.2.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub id: String,
    pub external_id: Option<String>,
    pub display_name: Option<String>,
    #[serde(default)]
    pub members: Vec<Member>,
    #[serde(default)]
    pub meta: Meta,
}

/// A member of a group; all of it may be absent.
#[derive(Debug, Deserialize)]
pub struct Member {
    /// A user's or a group's id.
    pub value: Option<String>,
    /// `User` or `Group`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// A URL.
    #[serde(rename = "$ref")]
    pub url: Option<String>,
}

/// RFC 7643, section 3.1.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    pub created: Option<String>,
    pub last_modified: Option<String>,
    pub version: Option<String>,
}

impl Resource for User {
    const KIND: Kind = Kind::User;
    fn id(&self) -> &str {
        &self.id
    }
}

impl Resource for Group {
    const KIND: Kind = Kind::Group;
    fn id(&self) -> &str {
        &self.id
    }
}
