//! A table's rows, checked column by column.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::cell::value;
use crate::error::{InputError, Problem};
use crate::records::records;
use crate::schema::Table;
use crate::text::text;

/// A row: its columns under their names, in file order.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From 1: where it begins in its file.
    pub line: usize,
    /// Column by column.
    pub values: Map<String, Value>,
}

impl Row {
    /// A number, if the column holds one.
    pub fn integer(&self, column: &str) -> Option<i64> {
        self.values.get(column).and_then(Value::as_i64)
    }

    /// A text, if the column holds one.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.values.get(column).and_then(Value::as_str)
    }

    /// Some of the columns as people read them.
    pub fn key(&self, columns: &[&str]) -> String {
        let parts: Vec<String> =
            columns.iter().map(|column| format!("{column} {}", self.values.get(*column).unwrap_or(&Value::Null))).collect();
        parts.join(", ")
    }
}

/// A table's file, read.
#[derive(Debug)]
pub struct Rows {
    /// Which file.
    pub path: PathBuf,
    /// In file order.
    pub rows: Vec<Row>,
}

impl Rows {
    /// Reads a table from its file in a folder.
    pub fn read(dir: &Path, table: &Table) -> Result<Self, InputError> {
        let path = dir.join(format!("{}.csv", table.name));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) => return Err(InputError::Unreadable { path, cause }),
        };
        match rows(&bytes, table) {
            Ok(rows) => Ok(Self { path, rows }),
            Err((line, problem)) => Err(InputError::Line { path, line, problem }),
        }
    }

    /// What is wrong with one of its rows.
    pub fn error(&self, row: &Row, problem: Problem) -> InputError {
        InputError::Line { path: self.path.clone(), line: row.line, problem }
    }
}

fn rows(bytes: &[u8], table: &Table) -> Result<Vec<Row>, (usize, Problem)> {
    let mut first_lines: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for record in records(text(bytes)?, table.layout, table.columns.len())? {
        let mut values = Map::new();
        for (cell, column) in record.cells.iter().zip(table.columns) {
            let value = value(cell, column).map_err(|problem| (record.line, problem))?;
            values.insert(column.name.to_owned(), value);
        }
        let row = Row { line: record.line, values };
        let key = row.key(table.key);
        if let Some(first) = first_lines.insert(key.clone(), row.line) {
            return Err((row.line, Problem::Duplicate { key, first }));
        }
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::UNIT;

    #[test]
    fn columns_stand_under_their_names() {
        let rows = rows(b"EA \tEach\t2019-04-30 00:00:00.000\n", &UNIT).unwrap();
        assert_eq!(serde_json::to_string(&rows[0].values).unwrap(), r#"{"id":"EA","name":"Each","modified":"2019-04-30 00:00:00.000"}"#);
    }

    #[test]
    fn a_key_that_comes_twice_names_both_lines() {
        let text = b"EA \tEach\t2019-04-30 00:00:00.000\nEA\tEach\t2019-04-30 00:00:00.000\n";
        let problem = Problem::Duplicate { key: "id \"EA\"".into(), first: 1 };
        assert_eq!(rows(text, &UNIT), Err((2, problem)));
    }
}
