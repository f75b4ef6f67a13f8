//! From a feed's input to its exit code.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use crate::{Args, Summary, Task, send, shown};

const REFUSED: u8 = 1;
const BAD_INPUT: u8 = 2;

/// Reads the whole input, then submits it: an input with a mistake at its end submits nothing.
///
/// Exit codes: 0 all submitted, 1 some refused, 2 bad input or usage, 3 cannot reach the server.
pub fn run(args: &Args, read: impl FnOnce() -> anyhow::Result<Vec<Task>>) -> ExitCode {
    let tasks = match read() {
        Ok(tasks) => tasks,
        Err(error) => return fail(&format!("{error:#}"), BAD_INPUT),
    };
    let mut summary = Summary::default();
    let sent = send(tasks, args, &mut summary);
    print(&summary, args);
    match sent {
        Err(error) => fail(&error.to_string(), error.exit_code()),
        Ok(()) if summary.has_refusals() => ExitCode::from(REFUSED),
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    // A closed stderr leaves the exit code to say it.
    let _ = writeln!(stderr(), "error: {}", shown::message(message));
    ExitCode::from(code)
}

fn print(summary: &Summary, args: &Args) {
    let verb = if args.out.is_some() { "wrote" } else { "submitted" };
    let text = match serde_json::to_string(summary) {
        Ok(json) if args.json => shown::json(&json),
        _ => summary.text(verb),
    };
    let tasks_on_stdout = args.out.as_ref().is_some_and(|path| path.as_os_str() == "-");
    let _ = if tasks_on_stdout { writeln!(stderr(), "{text}") } else { writeln!(stdout(), "{text}") };
}
