//! The document that shows the table: what stands between two marks is written anew.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// Before the table.
const BEGIN: &str = "<!-- cost of each language: written by `cargo xtask bench --languages` -->";
/// Behind it.
const END: &str = "<!-- end of the cost of each language -->";

/// Whether a table can be written into it.
pub fn check(file: &Path) -> Result<()> {
    replaced(&read(file)?, "").with_context(|| file.display().to_string()).map(drop)
}

/// Writes the table into it as it is now: somebody may have written in it for the last minutes.
pub fn write(file: &Path, table: &str) -> Result<()> {
    let text = replaced(&read(file)?, table).with_context(|| file.display().to_string())?;
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The text with another table between its marks.
fn replaced(text: &str, table: &str) -> Result<String> {
    let marks = [BEGIN, END].map(|mark| text.matches(mark).count());
    ensure!(marks == [1, 1], "the lines `{BEGIN}` and `{END}` must stand in it once each");
    let (before, rest) = text.split_once(BEGIN).unwrap_or_default();
    let (_, after) = rest.split_once(END).with_context(|| format!("`{END}` must stand behind `{BEGIN}`"))?;
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", table.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_marks_is_replaced_and_nothing_else() {
        let text = format!("# Title\n\n{BEGIN}\n| old |\n{END}\n\nRead by hand.\n");
        let new = replaced(&text, "| new |\n").unwrap();
        assert_eq!(new, format!("# Title\n\n{BEGIN}\n| new |\n{END}\n\nRead by hand.\n"));
        assert_eq!(replaced(&new, "| new |\n").unwrap(), new);
    }

    #[test]
    fn marks_that_are_missing_doubled_or_turned_around_are_refused() {
        for text in [String::new(), BEGIN.to_owned(), format!("{END}\n{BEGIN}"), format!("{BEGIN}{END}{BEGIN}{END}")] {
            assert!(replaced(&text, "").is_err(), "{text}");
        }
    }
}
