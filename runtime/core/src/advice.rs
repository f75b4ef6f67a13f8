//! What to do about a task that has not ended, by what is so: for operators.

use crate::park::Want;
use crate::task::{TaskHead, TaskState};

/// Things that are named in a sentence; further ones are counted.
const NAMED_MAX: usize = 3;

/// What to do, in a few sentences; nothing about a task that nothing has happened to.
pub fn of_task(task: &TaskHead) -> Option<String> {
    let waiting = task.waiting.as_deref();
    let wants = waiting.map_or(&[][..], |waiting| &waiting.wants);
    let id = task.id;
    match (task.state, &task.failure) {
        (TaskState::Parked, _) => {
            Some(format!("It waits for {}, and then goes on by itself. `lockgate missing` lists everything that is waited for.", things(wants)))
        }
        (TaskState::Behind, _) => waiting.and_then(|waiting| waiting.behind).map(|ahead| {
            format!("It waits behind task {ahead}, which is about the same object, and goes on by itself when that one has ended: `lockgate task show {ahead}`.")
        }),
        (TaskState::Failed, _) if task.waits() => Some(format!(
            "It waited too long for {}. When that comes after all, it goes on by itself; `lockgate task delete {id}` gives it up.",
            things(wants)
        )),
        (TaskState::Failed, Some(failure)) => {
            let again = match task.failed_by {
                Some(_) => " It is tried again by itself when the connector, the content model, its grants or its settings change.",
                None => "",
            };
            Some(format!("{}{again} `lockgate task retry {id}` tries it now, `lockgate task delete {id}` gives it up.", failure.code.advice()))
        }
        (TaskState::Queued, Some(failure)) => Some(format!("{} It stays in the queue and is tried again by itself.", failure.code.advice())),
        (TaskState::Failed | TaskState::Queued, None) => None,
    }
}

/// What is waited for, each once.
pub fn things(wants: &[Want]) -> String {
    let mut named: Vec<&str> = Vec::new();
    for want in wants {
        if !named.contains(&&*want.what) {
            named.push(&want.what);
        }
    }
    let more = named.len().saturating_sub(NAMED_MAX);
    named.truncate(NAMED_MAX);
    match (named.as_slice(), more) {
        ([], _) => "what it needs".to_owned(),
        (named, 0) => named.join(" and "),
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::Mark;

    #[test]
    fn things_are_named_once_and_counted_beyond_a_few() {
        let wants = |names: &[&str]| -> Vec<Want> {
            names.iter().map(|name| Want { mark: Mark(0), what: (*name).into(), external: None }).collect()
        };
        assert_eq!(things(&wants(&["product 'Tea' (tea)", "product 'Tea' (tea)"])), "product 'Tea' (tea)");
        assert_eq!(things(&wants(&["a", "b"])), "a and b");
        assert_eq!(things(&wants(&["a", "b", "c", "d", "e"])), "a, b, c and 2 more");
        assert_eq!(things(&[]), "what it needs");
    }
}
