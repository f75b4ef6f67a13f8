//! Idempotency keys made from content (`--repeatable`).

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::Task;

/// Gives a key to each task that has none: one for each change. It is made of the subject, of what was before in this
/// run, of what is now, and of when it was fetched: the way back from B to A is a change too, and the same file sent
/// twice is none.
pub(crate) fn set(tasks: &mut [Task]) {
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for task in tasks.iter_mut().filter(|task| task.idempotency_key.is_none()) {
        let content = digest(task);
        let subject = task.subject.clone().unwrap_or_else(|| content.clone());
        let before = last.get(&subject).map(String::as_str).unwrap_or_default();
        let key = hashed([subject.as_str(), before, &content, task.fetched.as_deref().unwrap_or_default()]);
        last.insert(subject, key.clone());
        task.idempotency_key = Some(key);
    }
}

fn digest(task: &Task) -> String {
    let site = task.site.as_deref().unwrap_or_default();
    let parts = [&task.connector, &task.task_type, &task.data_type, site, &task.media_type].map(str::as_bytes);
    hashed(parts.into_iter().chain([task.body.as_bytes()]))
}

fn hashed<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hex::encode(hash.finalize().iter().take(16).copied().collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bodies: &[&str], fetched: &str) -> Vec<String> {
        let task = |body: &&str| Task::object("c", "k", "t", "text/plain", *body).subject("one").fetched(fetched);
        let mut tasks: Vec<Task> = bodies.iter().map(task).collect();
        set(&mut tasks);
        tasks.into_iter().filter_map(|task| task.idempotency_key).collect()
    }

    #[test]
    fn the_same_input_has_the_same_keys_and_the_way_back_has_its_own() {
        let first = keys(&["a", "b", "a"], "monday");
        assert_eq!(keys(&["a", "b", "a"], "monday"), first);
        assert_eq!(first.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{first:?}");
    }

    #[test]
    fn what_is_fetched_again_is_a_change_again() {
        assert_ne!(keys(&["a"], "monday"), keys(&["a"], "wednesday"));
    }

    #[test]
    fn what_states_no_subject_is_known_by_its_content() {
        let mut tasks = ["a", "b", "a"].map(|body| Task::object("c", "k", "t", "text/plain", body));
        set(&mut tasks);
        let [first, other, again] = tasks.map(|task| task.idempotency_key.unwrap());
        assert!(first != other && first != again);
    }
}
