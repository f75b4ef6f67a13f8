//! Tasks in batches that one request carries.

use crate::Task;

/// Most tasks in a request: a request is one answer to wait for and one line of progress.
pub(crate) const BATCH_TASKS_MAX: usize = 500;
/// Most bytes in a request; a larger task travels alone, and the server decides about it.
pub(crate) const BATCH_BYTES_MAX: usize = 4_000_000;

/// The body of one request.
pub(crate) struct Batch {
    /// Position of its first task.
    pub start: usize,
    /// How many tasks it has.
    pub count: usize,
    /// NDJSON.
    pub body: Vec<u8>,
}

/// All tasks, in their order.
pub(crate) fn batches(tasks: &[Task], process_type: &str) -> impl Iterator<Item = Result<Batch, serde_json::Error>> {
    let mut lines = tasks.iter().map(move |task| task.line(process_type)).peekable();
    let mut start = 0;
    std::iter::from_fn(move || {
        let mut batch = match lines.next()? {
            Ok(body) => Batch { start, count: 1, body },
            Err(error) => return Some(Err(error)),
        };
        while batch.count < BATCH_TASKS_MAX {
            let fits = |line: &Result<Vec<u8>, _>| line.as_ref().is_ok_and(|line| batch.body.len() + line.len() <= BATCH_BYTES_MAX);
            let Some(Ok(line)) = lines.next_if(fits) else { break };
            batch.body.extend_from_slice(&line);
            batch.count += 1;
        }
        start += batch.count;
        Some(Ok(batch))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tasks: &[Task]) -> Vec<(usize, usize)> {
        batches(tasks, "default").map(|batch| batch.unwrap()).map(|b| (b.start, b.count)).collect()
    }

    #[test]
    fn a_batch_ends_at_its_number_of_tasks() {
        let tasks = vec![Task::object("c", "k", "t", "text/plain", "x"); 1_001];
        assert_eq!(shape(&tasks), [(0, 500), (500, 500), (1_000, 1)]);
        assert_eq!(shape(&[]), []);
    }

    #[test]
    fn a_batch_ends_at_its_number_of_bytes_and_a_larger_task_travels_alone() {
        let task = |mb: usize| Task::object("c", "k", "t", "text/plain", "x".repeat(mb * 1_000_000));
        assert_eq!(shape(&[task(1), task(2), task(5), task(3), task(1)]), [(0, 2), (2, 1), (3, 1), (4, 1)]);
    }
}
