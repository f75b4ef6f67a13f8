//! Failures that are one fault: the same connector, code, place and text, but for what differs from task to task.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::mark::{Mark, Marker};
use crate::names::ConnectorName;
use crate::task::TaskHead;

/// Longest text that is looked at, in characters: what two long texts differ in behind that is no other fault.
const TEXT_CHARS_MAX: usize = 300;
/// Runs of hexadecimal digits that are taken for an id have as many, at least, and a digit among them.
const ID_CHARS_MIN: usize = 8;

/// What a fault is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Whose tasks.
    pub connector: ConnectorName,
    /// Why.
    pub code: Code,
    /// Where, numbers taken out.
    pub path: Option<Arc<str>>,
    /// What is said, numbers, quoted texts and ids taken out.
    pub text: Arc<str>,
}

impl Fault {
    /// That of a failure.
    pub fn of(connector: &ConnectorName, failure: &Failure) -> Self {
        Self {
            connector: connector.clone(),
            code: failure.code,
            path: failure.path.as_deref().map(|path| without_what_differs(path).into()),
            text: without_what_differs(&failure.message).into(),
        }
    }

    /// That of a task whose last try failed.
    pub fn of_task(head: &TaskHead) -> Option<Self> {
        head.failure.as_ref().filter(|_| head.failing()).map(|failure| Self::of(&head.connector, failure))
    }

    /// By which it is named.
    pub fn group(&self) -> Mark {
        let path = self.path.as_deref();
        Marker::new("failure-group")
            .text(self.connector.as_str())
            .text(self.code.as_str())
            .number(path.is_some().into())
            .text(path.unwrap_or_default())
            .text(&self.text)
            .mark()
    }
}

/// The text with `#` for numbers and ids, and `'…'` for what stands in quotes.
pub fn without_what_differs(text: &str) -> String {
    let chars: Vec<char> = text.chars().take(TEXT_CHARS_MAX).collect();
    let mut rest = chars.as_slice();
    let mut out = String::new();
    let mut before = ' ';
    while let Some((first, tail)) = rest.split_first() {
        if let Some(length) = quoted(before, rest) {
            out.push_str("'…'");
            before = '\'';
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        let word = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_' || **c == '-' && joins(rest)).count();
        if word == 0 {
            out.push(*first);
            before = *first;
            rest = tail;
            continue;
        }
        let (word, after) = rest.split_at(word);
        shorten(word, &mut out);
        before = 'x';
        rest = after;
    }
    out
}

/// Whether hyphens in the word that begins here join the parts of an id.
fn joins(rest: &[char]) -> bool {
    let word: Vec<char> = rest.iter().copied().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
    is_id(&word)
}

fn is_id(word: &[char]) -> bool {
    let digits = word.iter().filter(|c| **c != '-').count();
    digits >= ID_CHARS_MIN && word.iter().all(|c| c.is_ascii_hexdigit() || *c == '-') && word.iter().any(char::is_ascii_digit)
}

/// A word: an id whole, of others the digits.
fn shorten(word: &[char], out: &mut String) {
    if is_id(word) {
        out.push('#');
        return;
    }
    let mut in_number = false;
    for c in word {
        if c.is_ascii_digit() {
            if !in_number {
                out.push('#');
            }
            in_number = true;
        } else {
            in_number = false;
            out.push(*c);
        }
    }
}

/// How long the quoted text is that begins here, its quotes included. An apostrophe within a word opens nothing.
fn quoted(before: char, rest: &[char]) -> Option<usize> {
    let open = *rest.first()?;
    let close = match open {
        '\'' if !before.is_alphanumeric() => '\'',
        '"' | '`' => open,
        '“' | '„' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    };
    let (mut escaped, mut length) = (false, 1);
    for c in rest.iter().skip(1) {
        length += 1;
        if escaped {
            escaped = false;
        } else if *c == '\\' {
            escaped = true;
        } else if *c == close {
            return Some(length);
        }
    }
    // Cut off, or a lone quote: what follows differs.
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_task_to_task_is_taken_out() {
        for (one, other, left) in [
            ("field rank is 17, not 3.5", "field rank is 4, not 12.25", "field rank is #, not #.#"),
            ("no user 'ann' is there", "no user 'b\\'b' is there", "no user '…' is there"),
            ("no page \"/a/1\"", "no page \"\"", "no page '…'"),
            ("GUID 0198c7a2-77aa-7bbb-8ccc-0123456789ab is taken", "GUID 00000000-0000-4000-8000-000000000001 is taken", "GUID # is taken"),
            ("digest deadbeef01 differs", "digest 0123456789abcdef differs", "digest # differs"),
            ("order A17-B at line 3", "order A9-B at line 44", "order A#-B at line #"),
            ("it can't be `x`", "it can't be `yy`", "it can't be '…'"),
            ("items[0].price", "items[112].price", "items[#].price"),
        ] {
            assert_eq!((without_what_differs(one).as_str(), without_what_differs(other).as_str()), (left, left));
        }
    }

    #[test]
    fn what_does_not_differ_stays() {
        for text in ["", "deadline", "the connector's answer is no object", "cafe-babe is a name", "größer als erlaubt"] {
            assert_eq!(without_what_differs(text), text);
        }
    }

    #[test]
    fn another_code_place_connector_or_text_is_another_group() {
        let name = |name| ConnectorName::new(name).unwrap();
        let failure = |code, path: Option<&str>, message| {
            let failure = Failure::new(code, message);
            Failure { path: path.map(Into::into), ..failure }
        };
        let groups = [
            Fault::of(&name("a"), &failure(Code::Invalid, Some("x"), "one")),
            Fault::of(&name("b"), &failure(Code::Invalid, Some("x"), "one")),
            Fault::of(&name("a"), &failure(Code::InvalidObject, Some("x"), "one")),
            Fault::of(&name("a"), &failure(Code::Invalid, Some("y"), "one")),
            Fault::of(&name("a"), &failure(Code::Invalid, None, "one")),
            Fault::of(&name("a"), &failure(Code::Invalid, Some("x"), "two")),
        ]
        .map(|fault| fault.group());
        let distinct: std::collections::BTreeSet<Mark> = groups.into_iter().collect();
        assert_eq!(distinct.len(), groups.len());
        assert_eq!(groups[0], Fault::of(&name("a"), &failure(Code::Invalid, Some("x"), "one")).group());
    }

    #[test]
    fn a_hostile_text_is_short_and_costs_little() {
        let text = "'".repeat(1 << 20);
        assert!(without_what_differs(&text).chars().count() <= TEXT_CHARS_MAX * 3);
        assert!(without_what_differs(&"a-1".repeat(100_000)).chars().count() <= TEXT_CHARS_MAX);
    }
}
