//! What can be wrong with the tables, and where.

use std::path::PathBuf;

/// Why a folder of tables cannot be submitted. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file is missing or cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        cause: std::io::Error,
    },
    /// A line breaks a rule.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// From 1: where the row begins.
        line: usize,
        /// Which rule.
        problem: Problem,
    },
}

/// A rule that a line breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is in two bytes a character.
    #[error("the file is in UTF-16; convert it to UTF-8")]
    Utf16,
    /// The file is in some other encoding.
    #[error("not UTF-8, from byte {byte} of the file on")]
    Encoding {
        /// From 0.
        byte: usize,
    },
    /// The file has no rows.
    #[error("the file has no rows")]
    Empty,
    /// A line without columns.
    #[error("a blank line")]
    Blank,
    /// A row has too few or too many columns.
    #[error("the row has {found} columns, and the table has {expected}")]
    Columns {
        /// How many the table has.
        expected: usize,
        /// How many the row has.
        found: usize,
    },
    /// The file ends within a row.
    #[error("the last row does not end with {expected:?}")]
    Unterminated {
        /// What ends a row.
        expected: &'static str,
    },
    /// A column that may not be blank is.
    #[error("column {column} is blank")]
    Needed {
        /// Which column.
        column: &'static str,
    },
    /// A column does not hold what it should.
    #[error("column {column} is {found:?}, which is not {expected}")]
    Value {
        /// Which column.
        column: &'static str,
        /// What it should hold, with an article.
        expected: &'static str,
        /// What it holds.
        found: String,
    },
    /// The same key a second time.
    #[error("the same key as in line {first}: {key}")]
    Duplicate {
        /// The columns of the key and their values.
        key: String,
        /// Where it stands for the first time.
        first: usize,
    },
    /// A row that is sent within another row, and there is no such row.
    #[error("column {column} is {found}, and table {table} has no such row")]
    Orphan {
        /// Which column.
        column: &'static str,
        /// What it holds.
        found: String,
        /// Where it points.
        table: &'static str,
    },
}
