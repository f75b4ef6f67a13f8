//! A payload, as people read it: JSON and XML laid out, other text as it is, everything else in hexadecimal digits. Nothing of
//! it is ever markup of ours.

use maud::{Markup, html};
use serde::de::IgnoredAny;

use crate::html::text::{lines, whole};

/// Bytes that one view shows.
pub(crate) const SHOWN_MAX: usize = 64 << 10;
/// The same in hexadecimal digits.
pub(crate) const HEX_SHOWN_MAX: usize = 4 << 10;
/// Steps that are indented; what lies deeper stands as deep as the last.
const DEPTH_MAX: usize = 40;

/// Ways to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Json,
    Xml,
    Text,
    Hex,
}

impl View {
    /// All of them, each with its word.
    pub(crate) const ALL: [(Self, &'static str); 4] = [(Self::Json, "json"), (Self::Xml, "xml"), (Self::Text, "text"), (Self::Hex, "hex")];

    /// Those that these bytes have; the one that fits best is the first.
    pub(crate) fn of(bytes: &[u8], media_type: &str) -> Vec<Self> {
        let Ok(text) = std::str::from_utf8(bytes) else { return vec![Self::Hex] };
        if text.contains('\0') {
            return vec![Self::Hex, Self::Text];
        }
        if serde_json::from_str::<IgnoredAny>(text).is_ok() {
            return vec![Self::Json, Self::Text, Self::Hex];
        }
        let xml = media_type.contains("xml") || media_type.contains("html") || text.trim_start().starts_with("<?xml");
        if xml { vec![Self::Xml, Self::Text, Self::Hex] } else { vec![Self::Text, Self::Hex] }
    }

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(view, _)| *view == self).map_or("text", |(_, word)| word)
    }
}

/// What a view shows of it, and of how many bytes.
pub(crate) fn shown(bytes: &[u8], view: View) -> (Markup, usize) {
    if view == View::Hex {
        let part = bytes.get(..HEX_SHOWN_MAX).unwrap_or(bytes);
        return (hex(part), part.len());
    }
    let text = String::from_utf8_lossy(bytes);
    let part = text.get(..text.floor_char_boundary(SHOWN_MAX)).unwrap_or(&text);
    let markup = match view {
        View::Json => laid_out(&json(part)),
        View::Xml => laid_out(&xml(part)),
        View::Text | View::Hex => lines(part),
    };
    (markup, part.len())
}

/// A piece of the layout: what kind of thing it is, and its text.
type Piece<'a> = (&'static str, std::borrow::Cow<'a, str>);

fn laid_out(pieces: &[Piece<'_>]) -> Markup {
    html! {
        @for (class, text) in pieces {
            @match *class {
                "" => (lines(text)),
                "break" => (text),
                class => span class=(class) { (lines(text)) },
            }
        }
    }
}

fn line_break<'a>(depth: usize) -> Piece<'a> {
    ("break", format!("\n{}", "  ".repeat(depth.min(DEPTH_MAX))).into())
}

/// JSON text that is known to be such, its tokens as they were written: numbers keep their digits, and members their order.
fn json(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let (mut depth, mut at) = (0_usize, 0);
    let mut just_opened = false;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let end = token_end(text, at, c);
        let token = text.get(at..end).unwrap_or_default();
        let closes = matches!(c, '}' | ']');
        if just_opened && !closes && !c.is_ascii_whitespace() {
            pieces.push(line_break(depth));
        }
        match c {
            c if c.is_ascii_whitespace() => {
                at = end;
                continue;
            }
            '{' | '[' => {
                depth += 1;
                pieces.push(("", token.into()));
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !just_opened {
                    pieces.push(line_break(depth));
                }
                pieces.push(("", token.into()));
            }
            ',' => {
                pieces.push(("", token.into()));
                pieces.push(line_break(depth));
            }
            ':' => pieces.push(("", ": ".into())),
            '"' => {
                let named = text.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':'));
                pieces.push((if named { "key" } else { "string" }, token.into()));
            }
            _ => pieces.push(("word", token.into())),
        }
        just_opened = matches!(c, '{' | '[');
        at = end;
    }
    pieces
}

/// Where the token ends that begins here.
fn token_end(text: &str, at: usize, c: char) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let length = match c {
        '"' => {
            let mut escaped = false;
            let end = rest.bytes().enumerate().skip(1).find(|(_, byte)| {
                let ends = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |(end, _)| end + 1)
        }
        '{' | '}' | '[' | ']' | ',' | ':' => 1,
        c if c.is_ascii_whitespace() => c.len_utf8(),
        _ => rest.find(|c: char| c.is_ascii_whitespace() || "{}[],:\"".contains(c)).unwrap_or(rest.len()).max(c.len_utf8()),
    };
    at + length
}

/// XML, broken between tags where no text stands; what it says stays as it is written.
fn xml(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let (mut depth, mut rest, mut after_tag) = (0_usize, text, false);
    while !rest.is_empty() {
        let Some(from) = rest.find('<') else { break };
        let (said, tail) = rest.split_at(from);
        let blank = said.trim().is_empty();
        if !blank {
            pieces.push(("", said.into()));
        }
        let end = tag_end(tail);
        let (tag, after) = tail.split_at(end);
        let closes = tag.starts_with("</");
        if closes {
            depth = depth.saturating_sub(1);
        }
        if blank && after_tag {
            pieces.push(line_break(depth));
        }
        let class = if tag.starts_with("<![CDATA[") {
            "string"
        } else if tag.starts_with("<!--") {
            "word"
        } else {
            "key"
        };
        pieces.push((class, tag.into()));
        if !closes && !tag.ends_with("/>") && !tag.starts_with("<!") && !tag.starts_with("<?") {
            depth += 1;
        }
        after_tag = true;
        rest = after;
    }
    pieces.push(("", rest.into()));
    pieces
}

fn tag_end(tail: &str) -> usize {
    let close = match tail {
        tail if tail.starts_with("<![CDATA[") => "]]>",
        tail if tail.starts_with("<!--") => "-->",
        _ => ">",
    };
    tail.find(close).map_or(tail.len(), |at| at + close.len())
}

/// Sixteen bytes a line: where, as digits, as ASCII.
fn hex(bytes: &[u8]) -> Markup {
    let line = |(at, chunk): (usize, &[u8])| {
        let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let ascii: String =
            chunk.iter().map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '·' }).collect();
        format!("{:08x}  {:47}  {ascii}\n", at * 16, digits.join(" "))
    };
    html! { @for text in bytes.chunks(16).enumerate().map(line) { (text) } }
}

/// A value of a field.
pub(crate) fn value(value: &serde_json::Value) -> Markup {
    html! { (whole(&crate::look::plain(value))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(pieces: Vec<Piece<'_>>) -> String {
        pieces.into_iter().map(|(_, text)| text.into_owned()).collect()
    }

    #[test]
    fn json_is_laid_out_and_its_numbers_keep_their_digits() {
        let laid = plain(json(r#"{"a":[1.50,12345678901234567890123],"b":{},"c":"x\"{,:}","a":null}"#));
        let expected =
            "{\n  \"a\": [\n    1.50,\n    12345678901234567890123\n  ],\n  \"b\": {},\n  \"c\": \"x\\\"{,:}\",\n  \"a\": null\n}";
        assert_eq!(laid, expected);
        assert_eq!(plain(json("[]")), "[]");
        assert_eq!(plain(json("\"é\\\\\"")), "\"é\\\\\"");
        assert_eq!(plain(json(r#"{"cut": "of"#)), "{\n  \"cut\": \"of");
    }

    #[test]
    fn xml_is_broken_between_tags_only() {
        let laid = plain(xml("<?xml version=\"1.0\"?><a><b x=\"1\"/><c>text <i>in</i> it</c><![CDATA[<raw>]]></a>"));
        let expected = "<?xml version=\"1.0\"?>\n<a>\n  <b x=\"1\"/>\n  <c>text <i>in</i> it</c>\n  <![CDATA[<raw>]]>\n</a>";
        assert_eq!(laid, expected);
        for odd in ["<", "<a", "a<b", "</x></x>", "<!-- never", ""] {
            assert_eq!(plain(xml(odd)).replace('\n', ""), odd, "nothing is lost");
        }
    }

    #[test]
    fn views_fit_what_is_there() {
        assert_eq!(View::of(b"{\"a\":1}", ""), [View::Json, View::Text, View::Hex]);
        assert_eq!(View::of(b"<a/>", "text/xml"), [View::Xml, View::Text, View::Hex]);
        assert_eq!(View::of(b"\xff\xfe", "application/json"), [View::Hex]);
        assert_eq!(View::of(b"a\0b", "text/plain"), [View::Hex, View::Text]);
        assert_eq!(shown(b"<script>", View::Text).0.into_string(), "&lt;script&gt;");
        assert!(shown(b"AB\x00", View::Hex).0.into_string().starts_with("00000000  41 42 00 "));
        assert_eq!(shown(&vec![b'x'; SHOWN_MAX + 9], View::Text).1, SHOWN_MAX);
    }
}
