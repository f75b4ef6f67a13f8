//! {{name}}: teams become roles, and their members bindings.

use lockgate_guest::{Connector, Error, External, Object, ObjectParams, Prepared, Task, TaskType, log};
use serde_json::Value;

struct Teams;

impl Connector for Teams {
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error> {
        let team: Value = serde_json::from_slice(&external.body).map_err(Error::invalid_from)?;
        if let Some(several) = team.as_array() {
            return Err(Error::invalid(format!("a task is about one team, and this has {}", several.len())));
        }
        let Some(id) = team.get("id").and_then(Value::as_i64) else {
            return Err(Error::invalid("a team needs a number").at("id"));
        };
        let mut role = Object::new("cms.role", format!("team-{id}"));
        // A delete names the object and no more.
        if task.task_type == TaskType::DeleteObject {
            return Ok(role.into());
        }
        let Some(title) = team.get("title").and_then(Value::as_str).filter(|title| !title.is_empty()) else {
            return Err(Error::invalid("a team needs a title").at("title"));
        };
        role = role.display_name(title);
        // What is not stated stays as it is; null clears it.
        match team.get("note") {
            None => {}
            Some(Value::Null) => role.push_field("description", None::<String>),
            Some(Value::String(note)) => role.push_field("description", note.as_str()),
            Some(_) => log!(warn, "note: not a text, left out"),
        }
        match team.get("members") {
            None | Some(Value::Null) => {}
            Some(Value::Array(members)) => role = with_members(role, members),
            Some(_) => log!(warn, "members: not a list, left out"),
        }
        Ok(role.into())
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        match object_type {
            "cms.user" => Ok(ObjectParams::new(id.to_lowercase())),
            _ => Err(Error::unsupported(format!("no references to {object_type}"))),
        }
    }
}

fn with_members(mut role: Object, members: &[Value]) -> Object {
    for (at, member) in members.iter().enumerate() {
        match member.as_str() {
            Some(name) if !name.is_empty() => role = role.binding("cms.userrole", "user", name),
            _ => log!(warn, "members[{at}]: not a text, left out"),
        }
    }
    role
}

lockgate_guest::export!(Teams, manifest = "manifest.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use lockgate_guest::DataType;

    fn translate(body: &str) -> Result<Prepared, Error> {
        let task = Task { task_type: TaskType::CreateObject, data_type: DataType::Snapshot, site_name: None };
        Teams::prepare_internal_object(External::new("application/json", body), task)
    }

    #[test]
    fn a_team_becomes_a_role_with_its_members_bound() {
        let Ok(Prepared::Object(role)) = translate(r#"{"id": 7, "title": "Editors", "members": ["Anna"]}"#) else { panic!("no object") };
        assert_eq!((role.code_name.as_str(), role.children.len()), ("team-7", 1));
    }

    #[test]
    fn a_team_without_a_title_is_refused() {
        assert!(matches!(translate(r#"{"id": 8}"#), Err(Error::Invalid(_))));
    }
}
