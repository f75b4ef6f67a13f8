//! Where in the file something is wrong, and what to do about it.

use std::fmt;

/// What is wrong with an export, or with an object in it, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// The file's name.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, advice } = self;
        write!(f, "{file}:{line}:{column}: {what}; {advice}")
    }
}

/// A mistake at a byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub offset: usize,
    pub what: String,
    pub advice: &'static str,
}

/// What helps when the XML itself is broken.
pub(crate) const EXPORT_AGAIN: &str = "the file is damaged or was edited: export it again from WordPress, or mend it there";

impl Mistake {
    pub(crate) fn new(offset: usize, what: impl Into<String>, advice: &'static str) -> Self {
        Self { offset, what: what.into(), advice }
    }

    pub(crate) fn damaged(offset: usize, what: impl Into<String>) -> Self {
        Self::new(offset, what, EXPORT_AGAIN)
    }

    /// For people: a byte offset becomes a line and a column.
    pub(crate) fn located(self, file: &str, text: &str) -> Refused {
        let before = text.get(..self.offset).unwrap_or(text);
        let in_line = before.rsplit('\n').next().unwrap_or_default();
        Refused {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: in_line.chars().count() + 1,
            what: self.what,
            advice: self.advice,
        }
    }
}
