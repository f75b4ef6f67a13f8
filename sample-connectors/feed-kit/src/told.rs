//! What a feed says about its input: each on one line of standard error, with file and line.

use std::fmt::Display;
use std::io::{Write, stderr};

use crate::shown;

/// What was said so far.
#[derive(Debug, Default)]
pub struct Told {
    errors: usize,
}

impl Told {
    /// Something was taken, and not as it stands.
    pub fn warning(&mut self, message: impl Display) {
        say("warning", &message.to_string());
    }

    /// Something was left out: the program ends with status 1, all else is taken.
    pub fn error(&mut self, message: impl Display) {
        self.errors += 1;
        say("error", &message.to_string());
    }

    /// How much was left out.
    pub fn errors(&self) -> usize {
        self.errors
    }
}

pub(crate) fn say(level: &str, message: &str) {
    // A closed stderr leaves the exit code to say it.
    let _ = writeln!(stderr(), "{level}: {}", shown::message(message));
}
