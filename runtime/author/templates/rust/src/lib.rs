//! {{name}}: teams become roles.

use lockgate_guest::{Connector, Error, External, Object, Prepared, Task, TaskType};

#[derive(serde::Deserialize)]
struct Team {
    id: u32,
    #[serde(default)]
    title: String,
    note: Option<String>,
}

struct Teams;

impl Connector for Teams {
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error> {
        let team: Team = serde_json::from_slice(&external.body).map_err(Error::invalid_from)?;
        let role = Object::new("cms.role", format!("team-{}", team.id));
        // A delete names the object and no more.
        if task.task_type == TaskType::DeleteObject {
            return Ok(role.into());
        }
        if team.title.is_empty() {
            return Err(Error::invalid("a team needs a title").at("title"));
        }
        lockgate_guest::log!(info, "team {}", team.id);
        Ok(role.display_name(team.title).field_opt("description", team.note).into())
    }
}

lockgate_guest::export!(Teams, manifest = "manifest.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use lockgate_guest::DataType;

    fn translate(body: &str) -> Result<Prepared, Error> {
        let external = External::new("application/json", body);
        let task = Task { task_type: TaskType::CreateObject, data_type: DataType::Snapshot, site_name: None };
        Teams::prepare_internal_object(external, task)
    }

    #[test]
    fn a_team_becomes_a_role() {
        let Ok(Prepared::Object(role)) = translate(r#"{"id": 7, "title": "Editors"}"#) else { panic!("no object") };
        assert_eq!(role.code_name, "team-7");
    }

    #[test]
    fn a_team_without_a_title_is_refused() {
        assert!(matches!(translate(r#"{"id": 8}"#), Err(Error::Invalid(_))));
    }
}
