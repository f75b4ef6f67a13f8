//! Idempotency keys made from content (`--repeatable`).

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::Task;

/// Gives a key to each task that has none. The n-th occurrence of the same content gets a key of
/// its own: in "A, B, A again" the last task has to be carried in too.
pub(crate) fn set(tasks: &mut [Task]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for task in tasks.iter_mut().filter(|task| task.idempotency_key.is_none()) {
        let digest = digest(task);
        let nth = seen.entry(digest.clone()).or_insert(0);
        *nth += 1;
        task.idempotency_key = Some(format!("{digest}-{nth}"));
    }
}

fn digest(task: &Task) -> String {
    let mut hash = Sha256::new();
    let site = task.site.as_deref().unwrap_or_default();
    for part in [&task.connector, &task.task_type, &task.data_type, site, &task.media_type] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(task.body.as_bytes());
    hex::encode(hash.finalize().iter().take(16).copied().collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_equal_keys_in_every_run_and_a_repetition_has_its_own() {
        let run = || {
            let task = |body: &str| Task::object("c", "k", "t", "text/plain", body);
            let mut tasks = [task("a"), task("b"), task("a")];
            set(&mut tasks);
            tasks.map(|task| task.idempotency_key.unwrap())
        };
        let [first, other, again] = run();
        assert_eq!(run(), [first.clone(), other.clone(), again.clone()]);
        assert_ne!(first, other);
        assert_ne!(first, again);
    }
}
