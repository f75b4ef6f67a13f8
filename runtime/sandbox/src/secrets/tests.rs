use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::egress::{Egress, SecretGrant, SecretText};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::Granted;

use super::{BodyForm, Masker, Secrets};

fn secrets(values: &[(&str, &str)]) -> Secrets {
    let grant = |(name, value): &(&str, &str)| ((*name).to_owned(), SecretGrant { value: SecretText::new(*value), origins: Vec::new() });
    let secrets: BTreeMap<_, _> = values.iter().map(grant).collect();
    Secrets::new(Arc::new(Granted { egress: Egress { secrets, ..Egress::default() }, ..Granted::default() }))
}

#[test]
fn texts_have_no_values_in_any_form() {
    let secrets = secrets(&[("a", "x y&\"z"), ("b", "x y&\"zz"), ("empty", "")]);
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
    let failure = secrets(&[("a", "s3cret")]).masked_failure(Failure::new(Code::Invalid, "bad s3cret").at("fields.s3cret"));
    assert_eq!(failure.to_string(), "invalid: bad (secret a) (at fields.(secret a))");
}

/// Wherever the borders lie.
#[test]
fn a_value_in_pieces_is_found() {
    let pairs = [("abcab", "1"), ("abcabd", "2"), ("xx", "3"), ("dxa", "4")];
    let masker = Masker::new(pairs.iter().map(|(value, shown)| ((*value).to_owned(), (*shown).to_owned()))).unwrap();
    let text = b"abcabxxabcabdxabxxxabcabcabdx--abca";
    let whole = masker.masked(text);
    assert_eq!(String::from_utf8_lossy(&whole), "132xab3x1cabdx--abca");
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

#[test]
fn what_cannot_be_a_value_is_not_held_back() {
    let masker = Masker::new([("secret".to_owned(), "*".to_owned())].into_iter()).unwrap();
    let mut stream = masker.stream();
    assert_eq!(stream.push(b"a sec"), b"a ");
    assert_eq!(stream.push(b"ond"), b"second");
    assert_eq!(stream.push(b" secre"), b" ");
    assert_eq!(stream.push(b"t"), b"*");
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
