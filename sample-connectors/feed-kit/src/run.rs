//! From a feed's input to its exit code.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use crate::told::say;
use crate::{Args, Summary, Task, Told, send, shown};

const REFUSED: u8 = 1;
const BAD_INPUT: u8 = 2;

/// Reads the whole input, then submits it. What cannot be taken is told, and costs nothing else: `read` says so to
/// [`Told`], or fails where there is nothing else.
///
/// Exit codes: 0 all submitted, 1 some left out or refused, 2 bad input or usage and nothing submitted, 3 cannot reach
/// the server.
pub fn run(args: &Args, read: impl FnOnce(&mut Told) -> anyhow::Result<Vec<Task>>) -> ExitCode {
    let mut told = Told::default();
    let tasks = match read(&mut told) {
        Ok(tasks) => tasks,
        Err(error) => return fail(&format!("{error:#}"), BAD_INPUT),
    };
    if tasks.is_empty() && told.errors() > 0 {
        return ExitCode::from(BAD_INPUT);
    }
    let mut summary = Summary::default();
    summary.left_out(told.errors());
    let sent = send(tasks, args, &mut summary);
    print(&summary, args);
    match sent {
        Err(error) => fail(&error.to_string(), error.exit_code()),
        Ok(()) if summary.has_refusals() || told.errors() > 0 => ExitCode::from(REFUSED),
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    say("error", message);
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
