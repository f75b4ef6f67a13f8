//! Users.

use lockgate_guest::{Object, Value};
use serde_json::Value as Json;

use crate::ids::{self, Kind};
use crate::resource::User;

/// A user. What the application has no value for is cleared; passwords are never read.
pub fn user(user: User) -> Object {
    let shown = [user.display_name, user.name.formatted.clone()].into_iter().flatten().find(|name| !name.trim().is_empty());
    let shown = shown.unwrap_or_else(|| user.user_name.clone());
    Object::new(ids::USER, &user.user_name)
        .guid(ids::guid(Kind::User, &user.id))
        .display_name(shown)
        .field("scim_id", user.id)
        .field("external_id", user.external_id)
        .field("user_name", user.user_name)
        .field("full_name", user.name.formatted)
        .field("given_name", user.name.given_name)
        .field("family_name", user.name.family_name)
        .field("nick_name", user.nick_name)
        .field("title", user.title)
        .field("user_type", user.user_type)
        .field("preferred_language", user.preferred_language)
        .field("locale", user.locale)
        .field("timezone", user.timezone)
        .field("active", user.active)
        .field("email", user.email)
        .field("emails", list(user.emails))
        .field("phone_numbers", list(user.phone_numbers))
        .field("addresses", list(user.addresses))
        .field("employee_number", user.employee_number)
        .field("department", user.department)
        .field("manager", user.manager.map(Value::reference))
        .field("created", user.meta.created)
        .field("modified", user.meta.last_modified)
        .field("version", user.meta.version)
}

/// An empty list and none are the same in SCIM.
fn list(values: Vec<Json>) -> Option<Value> {
    (!values.is_empty()).then(|| Value::json(Json::Array(values).to_string()))
}
