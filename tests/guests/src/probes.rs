//! Answers that tell a test about the sandbox.

use std::sync::atomic::{AtomicU32, Ordering};

use lockgate_guest::{DataType, External, Object, Prepared, Task, TaskType, Value, clock, log, random, settings};

/// Calls on this instance. Every task has a fresh one, so no test should ever see 2.
static CALLS: AtomicU32 = AtomicU32::new(0);

pub(crate) fn counter() -> Object {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    Object::new("test.counter", "counter").field("n", calls)
}

pub(crate) fn echo(keys: &[String], external: &External, task: &Task) -> Object {
    let body_bytes = i64::try_from(external.body.len()).unwrap_or(i64::MAX);
    let now_ms = i64::try_from(clock::now_ms()).unwrap_or(i64::MAX);
    let mut object = Object::new("test.echo", "echo")
        .field("media_type", &external.media_type)
        .field("body_bytes", body_bytes)
        .field("task_type", task_type_name(task.task_type))
        .field("data_type", data_type_name(task.data_type))
        .field("site_name", task.site_name.as_ref())
        .field("now_ms", now_ms)
        .field("random", random::bytes(8));
    for key in keys {
        object.push_field(format!("setting.{key}"), settings::get(key));
    }
    object
}

/// What came of the script's acts, as one JSON array.
pub(crate) fn report(code_name: String, acts: Vec<serde_json::Value>) -> Object {
    Object::new("test.report", code_name).field("acts", Value::json(serde_json::Value::from(acts).to_string()))
}

pub(crate) fn large(mb: usize) -> Object {
    Object::new("test.large", "large").field("text", "x".repeat(mb << 20))
}

pub(crate) fn log_lines(count: u64) -> Prepared {
    for line in 1..=count {
        log!(info, "line {line} of {count}");
    }
    Prepared::skip(format!("logged {count} lines"))
}

/// As the WIT spells it.
fn task_type_name(task_type: TaskType) -> &'static str {
    match task_type {
        TaskType::CreateObject => "create-object",
        TaskType::UpdateObject => "update-object",
        TaskType::DeleteObject => "delete-object",
        TaskType::AddToSite => "add-to-site",
        TaskType::RemoveFromSite => "remove-from-site",
        TaskType::CreateDocument => "create-document",
        TaskType::UpdateDocument => "update-document",
        TaskType::DeleteDocument => "delete-document",
        TaskType::DeleteAllCultures => "delete-all-cultures",
        TaskType::PublishDocument => "publish-document",
        TaskType::ArchiveDocument => "archive-document",
        TaskType::MoveDocument => "move-document",
    }
}

/// As the WIT spells it.
fn data_type_name(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Simple => "simple",
        DataType::SimpleSnapshot => "simple-snapshot",
        DataType::Snapshot => "snapshot",
    }
}
