//! Columns that are as wide as their widest cell, as a terminal shows it.

use std::io::{self, IsTerminal as _, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::{field, line};

/// Widest cell on a terminal, in columns: titles and messages are longer than it. Elsewhere nothing is cut, and longer cells push
/// what follows to the right.
const CELL_COLUMNS_MAX: usize = 80;

/// A text on one line, and at most so many columns wide.
pub fn cell(text: &str, columns_max: usize) -> String {
    let shown = field(text);
    if shown.width() <= columns_max {
        return shown.into_owned();
    }
    // The longest beginning that fits: with the marks that belong to its last character, which have no
    // width of their own. Past some width no longer one can fit again.
    let ends = shown.char_indices().map(|(at, c)| at + c.len_utf8());
    let beginnings = ends.map(|end| shown.get(..end).unwrap_or_default());
    let fitting = beginnings.take_while(|beginning| beginning.width() < columns_max).last();
    format!("{}…", fitting.unwrap_or_default())
}

/// Rows under a head.
pub struct Table {
    rows: Vec<Vec<String>>,
    cell_columns_max: usize,
}

impl Table {
    pub fn new(head: &[&str]) -> Self {
        Self::with(head, if io::stdout().is_terminal() { CELL_COLUMNS_MAX } else { usize::MAX })
    }

    fn with(head: &[&str], cell_columns_max: usize) -> Self {
        Self { rows: vec![head.iter().map(|&name| name.to_owned()).collect()], cell_columns_max }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|text| cell(&text, self.cell_columns_max)).collect());
    }

    /// On stdout; with a sentence instead of a lonely head when there are no rows.
    pub fn print(&self, empty: &str) -> io::Result<()> {
        if self.rows.len() <= 1 {
            return line(empty);
        }
        let mut out = io::stdout().lock();
        self.lines().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let widest = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
        let widths: Vec<usize> = (0..).map_while(widest).map(|width| width.min(CELL_COLUMNS_MAX)).collect();
        self.rows.iter().map(move |row| {
            let padded = |(cell, width): (&String, &usize)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())));
            let cells: Vec<String> = row.iter().zip(&widths).map(padded).collect();
            cells.join("  ").trim_end().to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_line_cut_between_characters() {
        assert_eq!(cell("a\nb", 10), "a\\nb");
        assert_eq!(cell("abcdef", 4), "abc…");
        assert_eq!(cell("abcd", 4), "abcd");
        // Two columns each: a third one would have half a place.
        assert_eq!(cell("中文字", 5), "中文…");
        assert_eq!(cell("中文字", 4), "中…");
        // The accents stay with their letter.
        assert_eq!(cell("e\u{301}e\u{301}e\u{301}e\u{301}", 3), "e\u{301}e\u{301}…");
    }

    /// Who sent the list of failures to a file found their ends cut off.
    #[test]
    fn what_does_not_go_to_a_terminal_is_whole() {
        let long = "x".repeat(3 * CELL_COLUMNS_MAX);
        for (max, whole) in [(usize::MAX, true), (CELL_COLUMNS_MAX, false)] {
            let mut table = Table::with(&["WHY", "ID"], max);
            table.row([long.clone(), "7".to_owned()]);
            let line = table.lines().last().unwrap();
            assert_eq!(line.contains(&long), whole);
            assert!(line.ends_with("  7"), "{line}");
        }
    }

    /// Counted in characters, wide ones pushed what follows to the right and combining ones to the left.
    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::new(&["NAME", "X"]);
        for name in ["plain", "中文", "Zoe\u{308}", "\u{202e}x"] {
            table.row([name.to_owned(), "|".to_owned()]);
        }
        let places: Vec<usize> = table.lines().skip(1).map(|line| line.split_once('|').unwrap().0.width()).collect();
        assert_eq!(places, [places[0]; 4]);
    }
}
