//! Waiting until nothing more can be done.

use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::demo::api::{Api, total};

/// How often the queue is looked at: soon at first, so that small sets are measured rightly.
const POLL_FIRST: Duration = Duration::from_millis(5);
const POLL_MAX: Duration = Duration::from_millis(100);

/// Waits for the pass that submission started; then asks for passes as long as they get further: what
/// waited for a reference that came later succeeds in a later pass.
pub fn until_idle(api: &Api, submitted: u64) -> Result<()> {
    let bar = ProgressBar::new(submitted);
    bar.set_style(ProgressStyle::with_template("processing {bar:30} {pos}/{len} tasks, {eta} left")?);
    let mut remaining = idle(api, &bar)?;
    while remaining > 0 {
        api.process()?;
        let now = idle(api, &bar)?;
        if now >= remaining {
            break;
        }
        remaining = now;
    }
    bar.finish_and_clear();
    Ok(())
}

/// How many tasks are left when no connector is busy.
fn idle(api: &Api, bar: &ProgressBar) -> Result<u64> {
    let mut pause = POLL_FIRST;
    loop {
        let status = api.get("/status")?;
        let remaining = total(&status, "queued") + total(&status, "failed");
        bar.set_position(bar.length().unwrap_or_default().saturating_sub(remaining));
        if status.get("busy").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return Ok(remaining);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(POLL_MAX);
    }
}
