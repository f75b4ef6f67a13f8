//! How the program ends: 0 ok, 1 failed, 2 usage or invalid input, 3 cannot reach or open.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::advice;
use crate::out::{escaped_json, field};

/// Something that a user should know and that is no failure, on stderr.
pub fn warn(text: &str) {
    // Who closed stderr does not want to know.
    let _ = writeln!(io::stderr().lock(), "warning: {}", field(text));
}

/// What a script can tell failures apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Refused by the bus, not found, or a task failed.
    Failed = 1,
    /// Wrong usage or invalid input.
    Invalid = 2,
    /// The server or the store cannot be reached or opened.
    Unreachable = 3,
}

/// A failure that has been explained to the end.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// What the server said, if it did.
    pub problem: Option<Box<Value>>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, problem: None }
    }

    /// Wrong usage or invalid input.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Exit::Invalid, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What an answer that is not a success means here.
    pub fn of_problem(status: u16, body: &[u8]) -> Self {
        let problem: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let said = |key: &str| problem.get(key).and_then(Value::as_str).map(str::to_owned);
        let code = said("code");
        let message = said("detail").or_else(|| said("title")).unwrap_or_else(|| format!("the server answered {status}"));
        let message = match &code {
            Some(code) => format!("{message} [{code}]"),
            None => message,
        };
        let exit = match status {
            400 | 415 | 422 => Exit::Invalid,
            502..=504 => Exit::Unreachable,
            _ => Exit::Failed,
        };
        let hint = code.as_deref().and_then(advice::of_code).map(str::to_owned);
        Self { exit, message, hint, problem: Some(problem).filter(|p| !p.is_null()).map(Box::new) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Whether it only says that nobody reads our output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}

/// Tells the operator, on stderr: the message and a hint, or with `--json` one object.
pub fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    // The reader of our output has gone: `lockgate … | head` is no failure.
    if is_broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let failure = error.downcast_ref::<Failure>();
    let exit = failure.map_or(Exit::Failed, |failure| failure.exit);
    let hint = failure.and_then(|failure| failure.hint.as_deref());
    let message = format!("{error:#}");
    let text = if json {
        let problem = failure.and_then(|failure| failure.problem.as_ref());
        let answer = json!({"error": {"message": message, "hint": hint, "exit": exit as u8, "problem": problem}}).to_string();
        escaped_json(&answer).into_owned()
    } else {
        text(&message, hint)
    };
    // Nothing can be done when stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
    ExitCode::from(exit as u8)
}

/// What is wrong with the command line, or the help that was asked for; with `--json` one object.
pub fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let as_json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let code = u8::try_from(error.exit_code()).unwrap_or(Exit::Invalid as u8);
    if !as_json || error.kind() == ErrorKind::DisplayHelp {
        // Nothing can be done when it cannot be printed.
        let _ = error.print();
        return ExitCode::from(code);
    }
    let text = error.render().to_string();
    let message = text.trim().trim_start_matches("error: ");
    let answer = match asked_for {
        true => json!({ "version": env!("CARGO_PKG_VERSION") }),
        false => json!({"error": {"message": message, "hint": null, "exit": code, "problem": null}}),
    };
    let answer = escaped_json(&answer.to_string()).into_owned();
    let _ = if asked_for { writeln!(io::stdout().lock(), "{answer}") } else { writeln!(io::stderr().lock(), "{answer}") };
    ExitCode::from(code)
}

/// Further lines of a message are set in: none of them looks like one of ours.
fn text(message: &str, hint: Option<&str>) -> String {
    let message: Vec<_> = message.lines().map(field).collect();
    let hint = hint.map(|hint| format!("\nhint: {}", field(hint))).unwrap_or_default();
    format!("error: {}{hint}", message.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_forges_no_hint() {
        let problem = json!({"code": "invalid-component", "detail": "no\nhint: rm -rf /\u{1b}[2K\r\u{202e}x"}).to_string();
        let failure = Failure::of_problem(422, problem.as_bytes());
        let said = text(&failure.message, failure.hint.as_deref());
        assert!(
            said.starts_with("error: no\n  hint: rm -rf /\\u{1b}[2K\\r\\u{202e}x [invalid-component]\nhint: The file is not"),
            "{said}"
        );
    }
}
