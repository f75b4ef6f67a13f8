//! From changes to tasks.

use std::collections::BTreeSet;

use lockgate_feed::Task;
use serde_json::json;

use crate::change::{Change, Deed};
use crate::path::{Kind, Path};

/// Longest title of a task, in characters.
const TITLE_CHARS_MAX: usize = 100;
const JSON: &str = "application/json";

/// One task for each change, in their order. Of several groups, first each alone and at the end its
/// members: so groups that are members of each other are all there before anything refers to them.
pub fn tasks(changes: &[Change], connector: &str) -> Vec<Task> {
    let there: BTreeSet<&Path> = changes.iter().filter(|change| has_members(change)).map(|change| &change.path).collect();
    let members_apart = there.len() > 1;
    let mut tasks: Vec<Task> = changes
        .iter()
        .map(|change| {
            let data_type = if has_members(change) && !members_apart { "snapshot" } else { "simple-snapshot" };
            task(change, connector).data_type(data_type)
        })
        .collect();
    if members_apart {
        tasks.extend(there.into_iter().map(|path| members(path, connector)));
    }
    tasks
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

fn members(path: &Path, connector: &str) -> Task {
    let title = format!("members of {} {}", path.kind.as_str(), path.id);
    Task::object(connector, "members", short(&title), JSON, notice(path))
        .task_type("update-object")
        .data_type("snapshot")
        .subject(subject(path))
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
    fn a_group_alone_comes_with_its_members_at_once() {
        let shapes = shapes(&[change(Deed::Updated, "/Groups/1"), change(Deed::Created, "/Users/2"), change(Deed::Deleted, "/Groups/3")]);
        assert_eq!(
            shapes,
            ["Group 1 update-object snapshot", "User 2 create-object simple-snapshot", "delete Group 3 delete-object simple-snapshot"]
        );
    }

    #[test]
    fn several_groups_are_all_there_before_any_member() {
        let shapes = shapes(&[change(Deed::Created, "/Groups/2"), change(Deed::Created, "/Groups/1"), change(Deed::Created, "/Users/3")]);
        assert_eq!(
            shapes,
            [
                "Group 2 create-object simple-snapshot",
                "Group 1 create-object simple-snapshot",
                "User 3 create-object simple-snapshot",
                "members of Group 1 update-object snapshot",
                "members of Group 2 update-object snapshot",
            ]
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
