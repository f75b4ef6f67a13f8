//! From changes to tasks.

use lockgate_feed::Task;
use serde_json::json;

use crate::change::{Change, Deed};
use crate::path::{Kind, Path};

/// Longest title of a task, in characters.
const TITLE_CHARS_MAX: usize = 100;
const JSON: &str = "application/json";

/// One task for each change, in their order. A group comes with its members: who is not there yet is bound when it
/// comes.
pub fn tasks(changes: &[Change], connector: &str) -> Vec<Task> {
    let data_type = |change: &Change| if has_members(change) { "snapshot" } else { "simple-snapshot" };
    changes.iter().map(|change| task(change, connector).data_type(data_type(change))).collect()
}

fn has_members(change: &Change) -> bool {
    change.path.kind == Kind::Group && change.deed != Deed::Deleted
}

fn task(change: &Change, connector: &str) -> Task {
    let kind = change.path.kind.as_str();
    let (task_type, verb) = match change.deed {
        Deed::Created => ("create-object", ""),
        Deed::Updated => ("update-object", ""),
        Deed::Deleted => ("delete-object", "delete "),
    };
    let name = change.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
    let title = format!("{verb}{kind} {}{name}", change.path.id);
    let counted = match change.path.kind {
        Kind::User => "scim.user",
        Kind::Group => "scim.group",
    };
    Task::object(connector, counted, short(&title), JSON, notice(&change.path)).task_type(task_type).subject(subject(&change.path))
}

/// Where the application has it.
fn subject(path: &Path) -> String {
    format!("{}/{}", path.kind.as_str(), path.id)
}

/// What the connector reads.
fn notice(path: &Path) -> String {
    json!({ "resourceType": path.kind.as_str(), "id": path.id }).to_string()
}

fn short(title: &str) -> String {
    title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TITLE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(deed: Deed, path: &str) -> Change {
        Change { deed, path: path.parse().unwrap(), name: None }
    }

    fn shapes(changes: &[Change]) -> Vec<String> {
        tasks(changes, "scim").iter().map(|task| format!("{} {} {}", task.title, task.task_type, task.data_type)).collect()
    }

    #[test]
    fn a_group_comes_with_its_members() {
        let shapes = shapes(&[change(Deed::Updated, "/Groups/1"), change(Deed::Created, "/Users/2"), change(Deed::Deleted, "/Groups/3")]);
        assert_eq!(
            shapes,
            ["Group 1 update-object snapshot", "User 2 create-object simple-snapshot", "delete Group 3 delete-object simple-snapshot"]
        );
    }

    #[test]
    fn a_task_carries_an_id_and_no_data() {
        let change = Change { name: Some("bjensen".into()), ..change(Deed::Created, "/Users/2819") };
        let task = tasks(&[change], "idm").remove(0);
        assert_eq!(task.body.as_bytes(), br#"{"resourceType":"User","id":"2819"}"#);
        assert_eq!((task.title.as_str(), task.connector.as_str()), ("User 2819: bjensen", "idm"));
        assert_eq!(task.subject.as_deref(), Some("User/2819"));
    }
}
