//! A file's text as records: the columns of each row, uninterpreted.

use crate::error::Problem;
use crate::schema::Layout;

/// A row as it stands in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// From 1: where it begins.
    pub line: usize,
    /// As many as the table has columns.
    pub cells: Vec<&'a str>,
}

/// Every row of a file, each with as many columns as the table.
pub fn records(text: &str, layout: Layout, columns: usize) -> Result<Vec<Record<'_>>, (usize, Problem)> {
    let records = match layout {
        Layout::Lines => lines(text, columns, false),
        Layout::LinesInTexts => lines(text, columns, true),
        Layout::Marked => marked(text, columns),
    }?;
    if records.is_empty() { Err((1, Problem::Empty)) } else { Ok(records) }
}

/// Tabs between columns. With `line_ends_in_texts`, a line with too few columns goes on in the next;
/// the last column has no line end, so the row ends with the line that completes it.
fn lines(text: &str, columns: usize, line_ends_in_texts: bool) -> Result<Vec<Record<'_>>, (usize, Problem)> {
    let mut records = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let begin = line;
        let mut end = 0;
        let row = loop {
            let Some(length) = rest.get(end..).and_then(|rest| rest.find('\n')) else {
                break rest;
            };
            line += 1;
            let row = rest.get(..end + length).unwrap_or(rest);
            if !line_ends_in_texts || row.matches('\t').count() + 1 >= columns {
                break row;
            }
            end += length + 1;
        };
        rest = rest.get(row.len() + 1..).unwrap_or_default();
        let row = row.strip_suffix('\r').unwrap_or(row);
        records.push(record(begin, row.split('\t').collect(), columns)?);
    }
    Ok(records)
}

fn marked(text: &str, columns: usize) -> Result<Vec<Record<'_>>, (usize, Problem)> {
    let mark = if text.contains("&|\r\n") { "&|\r\n" } else { "&|\n" };
    let mut records = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some((row, after)) = rest.split_once(mark) {
        records.push(record(line, row.split("+|").collect(), columns)?);
        line += row.matches('\n').count() + 1;
        rest = after;
    }
    if rest.is_empty() { Ok(records) } else { Err((line, Problem::Unterminated { expected: "&|\n" })) }
}

fn record(line: usize, cells: Vec<&str>, columns: usize) -> Result<Record<'_>, (usize, Problem)> {
    match cells.len() {
        found if found == columns => Ok(Record { line, cells }),
        1 if cells.iter().all(|cell| cell.trim().is_empty()) => Err((line, Problem::Blank)),
        found => Err((line, Problem::Columns { expected: columns, found })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str, layout: Layout) -> Vec<(usize, Vec<&str>)> {
        records(text, layout, 3).unwrap().into_iter().map(|record| (record.line, record.cells)).collect()
    }

    #[test]
    fn a_row_is_a_line_and_its_columns_keep_their_blanks() {
        let expected = vec![(1, vec!["1", " a ", ""]), (2, vec!["2", "b", "c"])];
        assert_eq!(shape("1\t a \t\n2\tb\tc\n", Layout::Lines), expected);
        assert_eq!(shape("1\t a \t\r\n2\tb\tc", Layout::Lines), expected);
    }

    #[test]
    fn a_text_may_have_line_ends_and_blank_lines() {
        let expected = vec![(1, vec!["1", "a\n\nb", "x"]), (4, vec!["2", "c", "y"])];
        assert_eq!(shape("1\ta\n\nb\tx\n2\tc\ty\n", Layout::LinesInTexts), expected);
    }

    #[test]
    fn a_marked_row_may_have_tabs_and_line_ends() {
        let expected = vec![(1, vec!["1", "<a>\n\t</a>", "x"]), (3, vec!["2", "", "y"])];
        assert_eq!(shape("1+|<a>\n\t</a>+|x&|\n2+|+|y&|\n", Layout::Marked), expected);
    }

    #[test]
    fn a_wrong_number_of_columns_is_named_with_the_line_where_the_row_begins() {
        for (text, layout, line, found) in [
            ("1\ta\tx\n2\tb\n", Layout::Lines, 2, 2),
            ("1\ta\tx\ty\n", Layout::Lines, 1, 4),
            ("1\ta\nb\tx\n2\tc", Layout::LinesInTexts, 3, 2),
            ("1+|a\n+|x&|\n2+|b&|\n", Layout::Marked, 3, 2),
        ] {
            assert_eq!(records(text, layout, 3), Err((line, Problem::Columns { expected: 3, found })), "{text:?}");
        }
    }

    #[test]
    fn blank_lines_empty_files_and_cut_off_files_are_refused() {
        assert_eq!(records("1\ta\tx\n\n", Layout::Lines, 3), Err((2, Problem::Blank)));
        assert_eq!(records("", Layout::Lines, 3), Err((1, Problem::Empty)));
        let cut_off = Problem::Unterminated { expected: "&|\n" };
        assert_eq!(records("1+|a+|x&|\n2+|b", Layout::Marked, 3), Err((2, cut_off)));
    }
}
