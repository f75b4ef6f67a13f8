//! The page of the documentation that has all codes: `docs/src/errors.md`.

use std::fmt::Write as _;

use lockgate_core::failure::Code;

use crate::advice;

const HEAD: &str = "# Errors, with advice

This page is written by `lockgate explain --markdown`, from the list that the program itself uses.
`lockgate explain CODE` says the same on the command line. Codes are stable: programs may compare them.

A failed task is judged by one of three things. That decides what becomes of it.
";

/// Sections after those of tasks: the kind of code, heading, and what it says there.
const OTHERS: [(&str, &str, &str); 3] = [
    ("warning", "Warnings", "The history has them beside tasks that were stored, less well than was asked."),
    ("outcome", "Outcomes", "How tasks end."),
    ("request", "Why requests are refused", "Nothing was stored or changed. The HTTP API has them as `code` of the problem body."),
];

/// All of it.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for class in advice::CLASSES {
        let heading = format!("Tasks that fail for {}", class.as_str());
        section(&mut page, &heading, class.what_becomes());
        for code in Code::ALL.iter().filter(|code| code.class() == class) {
            entry(&mut page, code.as_str(), code.advice());
        }
    }
    for (of, heading, text) in OTHERS {
        section(&mut page, heading, text);
        let mut codes: Vec<_> = advice::all().filter(|(kind, ..)| *kind == of).collect();
        codes.sort_unstable();
        for (_, code, advice) in codes {
            entry(&mut page, code, advice);
        }
    }
    page
}

fn section(page: &mut String, heading: &str, text: &str) {
    // Writing into a text does not fail.
    let _ = write!(page, "\n## {heading}\n\n{}\n", wrapped(text));
}

fn entry(page: &mut String, code: &str, advice: &str) {
    let _ = write!(page, "\n### {code}\n\n{}\n", wrapped(advice));
}

/// Longest line, in characters.
const LINE_MAX: usize = 120;

/// In lines that a difference can show, with what a page would take for a tag in backticks already.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if length > 0 && length + 1 + long > LINE_MAX {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += long;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes were added, and the page did not have them.
    #[test]
    fn the_page_of_the_documentation_is_current() {
        let there = include_str!("../../../../../docs/src/errors.md");
        assert!(there == page(), "docs/src/errors.md is not current: write it with `lockgate explain --markdown > docs/src/errors.md`");
    }

    #[test]
    fn the_page_has_every_code_once_in_lines_that_can_be_read() {
        let page = page();
        for (_, code, _) in advice::all() {
            assert_eq!(page.lines().filter(|line| *line == format!("### {code}")).count(), 1, "{code}");
        }
        assert!(page.lines().all(|line| line.chars().count() <= LINE_MAX));
    }
}
