//! What others notice of an attack: how fast the server's health answers, and how fast another
//! connector's task is stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::http::Client;
use crate::rig::{End, Rig, submission};

/// Longest that `/healthz` may take. Far more than its millisecond, since the machine of a test is
/// busy with other tests.
pub const HEALTH_MAX: Duration = Duration::from_secs(5);
/// Longest from the submission of another connector's task until it is stored, likewise.
pub const OTHERS_MAX: Duration = Duration::from_secs(10);
/// Between two questions after health.
const PAUSE: Duration = Duration::from_millis(2);

/// Asks after health until it is told to end.
pub struct Health {
    end: Arc<AtomicBool>,
    asking: JoinHandle<Result<Vec<Duration>>>,
}

/// How long answers took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    pub median: Duration,
    pub max: Duration,
    pub count: usize,
}

impl Health {
    pub fn watch(rig: &Rig) -> Result<Self> {
        let mut client = Client::connect(rig.at)?;
        let end = Arc::new(AtomicBool::new(false));
        let ended = end.clone();
        let asking = std::thread::spawn(move || {
            let mut took = Vec::new();
            loop {
                let begun = Instant::now();
                let (status, body) = client.ask("GET", "/healthz", b"")?;
                ensure!((status, body.trim()) == (200, "ok"), "/healthz answered {status} {body}");
                took.push(begun.elapsed());
                if ended.load(Ordering::SeqCst) {
                    return Ok(took);
                }
                std::thread::park_timeout(PAUSE);
            }
        });
        Ok(Self { end, asking })
    }

    /// How fast it answered, all the time.
    pub fn end(self) -> Result<Times> {
        self.end.store(true, Ordering::SeqCst);
        let took = self.asking.join().map_err(|_panic| anyhow::anyhow!("the thread that asks after health panicked"))??;
        let times = Times::of(took);
        ensure!(times.max <= HEALTH_MAX, "/healthz took {:?}, at most {HEALTH_MAX:?} are allowed", times.max);
        Ok(times)
    }
}

impl Times {
    pub fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |index: usize| took.get(index).copied().unwrap_or_default();
        Self { median: at(took.len() / 2), max: at(took.len().saturating_sub(1)), count: took.len() }
    }
}

/// Has another connector store an object of this name, and tells how long it took.
pub fn other_stores(rig: &Rig, object: &str) -> Result<Duration> {
    let begun = Instant::now();
    let path = "/v1/connectors/good/tasks?task_type=create-object&data_type=simple";
    let (status, body) = Client::connect(rig.at)?.ask("POST", path, format!("ok {object}").as_bytes())?;
    ensure!(status == 201, "another connector's task was answered with {status} {body}");
    let answer: serde_json::Value = serde_json::from_str(&body)?;
    let task = answer.get("task").and_then(serde_json::Value::as_u64).context("an id")?;
    let end = rig.end(lockgate_core::task::TaskId(task))?;
    ensure!(end == End::Stored, "another connector's task ended as {end:?}");
    let took = begun.elapsed();
    ensure!(took <= OTHERS_MAX, "another connector's task took {took:?}, at most {OTHERS_MAX:?} are allowed");
    Ok(took)
}

/// A task of a connector that behaves again.
pub fn behaves(rig: &Rig, connector: &str, payload: &str) -> Result<()> {
    let end = rig.end(rig.submit(submission(connector, payload)?)?.task)?;
    ensure!(end == End::Stored, "the next task of {connector} ended as {end:?}");
    Ok(())
}
