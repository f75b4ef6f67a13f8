//! Waiting for an operation, with its progress on a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::client::Client;
use crate::out::{number, text};
use crate::request::Request;

/// How often progress is looked at: soon at first, so that short operations end at once.
const POLL_FIRST: Duration = Duration::from_millis(10);
const POLL_MAX: Duration = Duration::from_millis(200);

/// Waits until the operation has ended, or somebody presses Ctrl-C: then it goes on without this command, or, without a
/// server, with the next one that watches it.
pub fn watch(client: &Client, id: u64) -> Result<Value> {
    let interrupted = interrupts();
    let mut operation = look(client, id)?;
    let bar = ProgressBar::new(number(&operation, "meant")).with_style(style());
    let mut pause = POLL_FIRST;
    while text(&operation, "state") == "running" {
        bar.set_position(number(&operation, "meant") - number(&operation, "left").min(number(&operation, "meant")));
        bar.set_message(format!("{} failed, {} wait on", number(&operation, "failed"), number(&operation, "waiting")));
        if interrupted.load(Ordering::SeqCst) {
            bar.finish_and_clear();
            let goes_on = if client.is_local() { "stops here, and goes on with" } else { "goes on by itself; to wait for it:" };
            eprintln_line(&format!("operation {id} {goes_on} `lockgate operation watch {id}`; `lockgate operation cancel {id}` ends it"));
            return Ok(operation);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(POLL_MAX);
        operation = look(client, id)?;
    }
    bar.finish_and_clear();
    Ok(operation)
}

fn look(client: &Client, id: u64) -> Result<Value> {
    client.json(Request::get(&["v1", "operations", &id.to_string()]))
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} tasks, {msg}, {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Set by the first Ctrl-C from here on; a second one ends the process as ever.
fn interrupts() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = interrupted.clone();
    // Where it cannot be seen, it ends the process: nothing is lost by that.
    let _ = std::thread::Builder::new().name("interrupts".to_owned()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if seen.swap(true, Ordering::SeqCst) {
                    std::process::exit(130);
                }
            }
        });
    });
    interrupted
}

/// A line for whoever waits; the answer itself goes to stdout.
fn eprintln_line(line: &str) {
    use std::io::Write as _;
    // Nothing can be done when stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{}", crate::out::field(line));
}
