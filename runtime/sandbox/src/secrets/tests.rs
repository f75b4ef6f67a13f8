use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::egress::{Egress, Origin, SecretGrant, SecretText};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::Granted;

use super::{BodyForm, Masker, Secrets};

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}

/// Name, value and origin of each.
fn secrets(values: &[(&str, &str, &str)]) -> Secrets {
    let grant = |(name, value, at): &(&str, &str, &str)| {
        ((*name).to_owned(), SecretGrant { value: SecretText::new(*value), origins: vec![origin(at)] })
    };
    let secrets: BTreeMap<_, _> = values.iter().map(grant).collect();
    Secrets::new(Arc::new(Granted { egress: Egress { secrets, ..Egress::default() }, ..Granted::default() }), [7; 32])
}

fn masker(pairs: &[(&str, &str)]) -> Masker {
    Masker::new(pairs.iter().map(|(value, shown)| (SecretText::new(*value), (*shown).to_owned())).collect()).unwrap()
}

fn masked(masker: &Masker, text: &str) -> String {
    masker.masked(text.as_bytes()).map_or_else(|| text.to_owned(), |masked| String::from_utf8(masked).unwrap())
}

#[test]
fn texts_have_no_values_in_any_form() {
    let at = "https://a.example";
    let secrets = secrets(&[("a", "x y&\"z", at), ("b", "x y&\"zz", at), ("empty", "", at)]);
    for (text, masked) in [
        ("nothing", "nothing"),
        ("1 x y&\"z 2", "1 (secret a) 2"),
        ("x y&\"zz", "(secret b)"),
        ("?k=x%20y%26%22z", "?k=(secret a)"),
        ("k=x+y%26%22z", "k=(secret a)"),
        (r#"{"k":"x y&\"z"}"#, r#"{"k":"(secret a)"}"#),
        ("x y&amp;&quot;z", "(secret a)"),
    ] {
        assert_eq!(secrets.masked(text), masked);
    }
}

#[test]
fn failures_have_none_either() {
    let secrets = secrets(&[("a", "s3cret", "https://a.example")]);
    let failure = secrets.masked_failure(Failure::new(Code::Invalid, "bad s3cret").at("fields.s3cret"));
    assert_eq!(failure.to_string(), "invalid: bad (secret a) (at fields.(secret a))");
}

#[test]
fn nothing_is_looked_for_in_what_other_origins_send() {
    let secrets = secrets(&[("a", "s3cret", "https://a.example")]);
    assert!(secrets.masker(&origin("https://a.example")).is_some());
    for other in ["https://b.example", "http://a.example", "https://a.example:8443"] {
        assert!(secrets.masker(&origin(other)).is_none(), "{other}");
    }
}

/// The ways in which common servers write a text, each for one character, and all of them mixed.
#[test]
fn a_value_is_found_however_each_of_its_characters_is_written() {
    let value = "a/b\"c\\d&e<ü🔑 f'";
    let masker = masker(&[(value, "*")]);
    for written in [
        value,
        "a%2fb%22c%5cd%26e%3c%c3%bc%f0%9f%94%91%20f%27",
        "a%2Fb%22c%5Cd%26e%3C%C3%BC%F0%9F%94%91+f%27",
        "%61%2f%62%22%63%5c%64%26%65%3c%c3%bc%f0%9f%94%91%20%66%27",
        r#"a\/b\"c\\d&e<ü🔑 f'"#,
        r"a\u002fb\u0022c\u005cd\u0026e\u003c\u00fc\ud83d\udd11\u0020f\u0027",
        r"a\u002Fb\u0022c\u005Cd\u0026e\u003C\u00FC\uD83D\uDD11\u0020f\u0027",
        "a/b&#34;c\\d&amp;e&lt;&uuml;🔑 f&#39;",
        "a&#x2F;b&quot;c&bsol;d&#38;e&#x3c;&#252;&#x1f511;&#32;f&#x27;",
        "a&sol;b&#034;c&#92;d&#x26;e&#60;&#xFC;&#128273; f&apos;",
        r"a\x2fb\x22c\x5cd\x26e\x3c\xc3\xbc\xf0\x9f\x94\x91\x20f\x27",
        r#"&#97;%2fb\"c&#x5C;d\u0026e&lt;%C3%bc\ud83d\udd11+f\'"#,
    ] {
        assert_eq!(masked(&masker, &format!("<{written}>")), "<*>", "{written}");
    }
    let other = value.replace('f', "g");
    assert_eq!(masked(&masker, &other), other);
}

/// `%41` may be the letter A, or these three characters: a value may hold either.
#[test]
fn an_escape_may_also_be_what_the_value_itself_says() {
    for value in ["x%41y", r"x\/y", "x&amp;y", "x+y", r"\\\\\\", "%%2525%"] {
        assert_eq!(masked(&masker(&[(value, "*")]), &format!("-{value}-")), "-*-", "{value}");
    }
    assert_eq!(masked(&masker(&[("xAy", "*")]), "x%41y x&#65;y"), "* *");
    assert_eq!(masked(&masker(&[("x%41y", "*")]), "x%2541y x%254%31y"), "* *");
}

/// Each byte of a value is replaced, also where values overlap; and wherever the borders of pieces lie.
#[test]
fn a_value_in_pieces_is_found() {
    let masker = masker(&[("abcab", "1"), ("abcabd", "2"), ("xx", "3"), ("dxa", "4")]);
    let text = b"abcabxxabcabdxabxxxabca%62cabdx--abca";
    let whole = masker.masked(text).unwrap();
    assert_eq!(String::from_utf8_lossy(&whole), "1324b3312x--abca");
    for first in 0..text.len() {
        for second in first..text.len() {
            let mut stream = masker.clone().stream();
            let mut out = stream.push(&text[..first]);
            out.extend(stream.push(&text[first..second]));
            out.extend(stream.push(&text[second..]));
            out.extend(stream.finish());
            assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&whole), "{first} {second}");
        }
    }
}

/// How much is held back says nothing about the value: not what it begins with, and hardly how long it is.
#[test]
fn what_is_held_back_depends_on_how_much_came_alone() {
    let value = "s3cret-%-and-more";
    let held = masker(&[(value, "*")]).stream().held_bytes();
    assert_eq!(held, masker(&[("another-value-of-some-length", "*")]).stream().held_bytes());
    for tail in [value.get(..value.len() - 1).unwrap(), "s", "", "%", "&#x73", "no", value.get(..5).unwrap()] {
        let text = "-".repeat(2 * held) + tail;
        for piece_bytes in [1, 7, text.len()] {
            let mut stream = masker(&[(value, "*")]).stream();
            let (mut came, mut passed) = (0, 0);
            for piece in text.as_bytes().chunks(piece_bytes) {
                came += piece.len();
                passed += stream.push(piece).len();
                assert_eq!(passed, came.saturating_sub(held), "{tail} in pieces of {piece_bytes}");
            }
            assert_eq!(passed + stream.finish().len(), came);
        }
    }
}

/// Many beginnings that come to nothing are no more work than that, and need no more memory.
#[test]
fn a_text_of_beginnings_is_searched_in_bounded_steps() {
    let value = r"\".repeat(200) + "x";
    let mut stream = masker(&[(&value, "*")]).stream();
    let mut out = stream.push(r"\".repeat(20_000).as_bytes());
    out.extend(stream.push(b"x"));
    out.extend(stream.finish());
    assert!(out.starts_with(br"\\") && out.ends_with(b"*"));
}

#[test]
fn a_body_is_read_by_its_type() {
    for (media_type, form) in [
        ("application/json", BodyForm::Json),
        ("Application/Problem+JSON; charset=utf-8", BodyForm::Json),
        ("application/x-www-form-urlencoded;charset=utf-8", BodyForm::Form),
        ("application/soap+xml", BodyForm::Xml),
        ("multipart/form-data; boundary=json", BodyForm::Plain),
        ("", BodyForm::Plain),
    ] {
        assert_eq!(BodyForm::of(media_type), form, "{media_type}");
    }
}
