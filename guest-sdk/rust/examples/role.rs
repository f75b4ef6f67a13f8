//! Teams become roles, and their members bindings.

use lockgate_guest::{Connector, Error, External, Object, ObjectParams, Prepared, Task};

#[derive(serde::Deserialize)]
struct Team {
    id: u32,
    title: String,
    note: Option<String>,
    members: Vec<String>,
}

struct Teams;

impl Connector for Teams {
    fn prepare_internal_object(external: External, _task: Task) -> Result<Prepared, Error> {
        let team: Team = serde_json::from_slice(&external.body).map_err(Error::invalid_from)?;
        if team.title.is_empty() {
            return Err(Error::invalid("a team needs a title").at("title"));
        }
        lockgate_guest::log!(info, "{} members", team.members.len());
        let mut role = Object::new("cms.role", format!("team-{}", team.id)).display_name(team.title).field_opt("description", team.note);
        for member in team.members {
            role = role.binding("cms.userrole", "user", member);
        }
        Ok(role.into())
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        match object_type {
            "cms.user" => Ok(ObjectParams::new(id.to_lowercase())),
            other => Err(Error::unsupported(format!("no references to {other}"))),
        }
    }
}

lockgate_guest::export!(Teams, manifest = "examples/role.toml");
