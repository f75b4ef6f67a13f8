//! Texts from outside, written so that nobody obeys them: marked up by nobody but us, each in its own direction, and with
//! a visible sign for every character that a reader would obey instead of show.

use lockgate_core::text::is_obeyed;
use maud::{Markup, html};

/// Characters of a name or a title that are shown.
const SHOWN_MAX: usize = 300;
/// Combining marks in a row that are shown: more would be drawn over what stands above and below.
const MARKS_MAX: usize = 3;

/// On one line, bounded.
pub(crate) fn text(text: &str) -> Markup {
    html! { bdi.said { (line(text, SHOWN_MAX)) } }
}

/// The same, of which nothing is cut off.
pub(crate) fn whole(text: &str) -> Markup {
    html! { bdi.said.whole { (line(text, usize::MAX)) } }
}

/// A name as programs write it.
pub(crate) fn code(text: &str) -> Markup {
    html! { code.said { (line(text, SHOWN_MAX)) } }
}

/// Part of a text of several lines, in which line breaks and tabs stay.
pub(crate) fn lines(text: &str) -> Markup {
    signs(text, |c| matches!(c, '\n' | '\t'))
}

/// For attributes and titles of pages: no markup is possible there.
pub(crate) fn bare(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN_MAX).map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(SHOWN_MAX).is_some() { shown + "…" } else { shown }
}

fn line(text: &str, chars_max: usize) -> Markup {
    let end = text.char_indices().nth(chars_max).map(|(at, _)| at);
    html! {
        (signs(end.and_then(|end| text.get(..end)).unwrap_or(text), |_| false))
        @if end.is_some() { span.more title="cut off here" { "…" } }
    }
}

/// What is between two signs, and the sign.
fn signs(text: &str, stays: impl Fn(char) -> bool) -> Markup {
    let mut runs: Vec<(&str, Option<char>)> = Vec::new();
    let (mut from, mut marks) = (0, 0);
    for (at, c) in text.char_indices() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if (is_obeyed(c) && !stays(c)) || marks > MARKS_MAX {
            runs.push((text.get(from..at).unwrap_or_default(), Some(c)));
            from = at + c.len_utf8();
        }
    }
    runs.push((text.get(from..).unwrap_or_default(), None));
    html! {
        @for (run, sign) in runs {
            (run)
            @if let Some(c) = sign { span.sign { "U+" (format!("{:04X}", u32::from(c))) } }
        }
    }
}

/// Marks that are drawn over the character before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup_and_what_would_be_obeyed_is_a_sign() {
        let shown = |of: &str| text(of).into_string();
        assert_eq!(shown("<b>&\"'"), "<bdi class=\"said\">&lt;b&gt;&amp;&quot;'</bdi>");
        assert_eq!(shown("a\u{202e}b"), "<bdi class=\"said\">a<span class=\"sign\">U+202E</span>b</bdi>");
        assert_eq!(shown("\0\n"), "<bdi class=\"said\"><span class=\"sign\">U+0000</span><span class=\"sign\">U+000A</span></bdi>");
        assert_eq!(lines("a\n\tb\r").into_string(), "a\n\tb<span class=\"sign\">U+000D</span>");
        assert_eq!(bare("a\u{202e}\0b"), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn names_are_cut_and_towers_of_marks_are_not_built() {
        assert!(text(&"x".repeat(SHOWN_MAX + 1)).into_string().contains("xx<span class=\"more\""));
        assert!(whole(&"x".repeat(SHOWN_MAX + 1)).into_string().contains(&"x".repeat(SHOWN_MAX + 1)));
        let tower = text(&format!("a{}", "\u{301}".repeat(9))).into_string();
        assert_eq!((tower.matches('\u{301}').count(), tower.matches("U+0301").count()), (3, 6));
    }
}
