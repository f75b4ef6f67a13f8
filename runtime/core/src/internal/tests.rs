use super::*;

fn object(fields: &str) -> Result<Vec<(String, Given)>, String> {
    let body = format!(r#"{{"object": {{"type": "t.t", "code_name": "x", "fields": {fields}}}}}"#);
    match read(body.as_bytes())? {
        Prepared::Object(object) => Ok(object.row.fields.into_iter().map(|(name, given)| (name.to_string(), given)).collect()),
        other => panic!("{other:?}"),
    }
}

fn value(value: &str) -> Result<Given, String> {
    object(&format!(r#"{{"f": {value}}}"#)).map(|mut fields| fields.remove(0).1)
}

fn plain(text: &str) -> Plain {
    match value(text) {
        Ok(Given::Plain(plain)) => plain,
        other => panic!("{text}: {other:?}"),
    }
}

/// They went through a 64-bit float, and came out as 1.2345678901234568e22 and 1.5.
#[test]
fn json_values_keep_every_digit_and_space() {
    for document in ["12345678901234567890123", "1.50", r#"{"a": 1.50, "b" : [12345678901234567890123]}"#, "1e2", r#""\u0041""#] {
        assert_eq!(plain(&format!(r#"{{"json": {document}}}"#)), Plain::Json(document.into()));
    }
}

#[test]
fn numbers_behind_their_tag_keep_every_digit() {
    for digits in ["12345678901234567890123", "1.50", "-0.10"] {
        assert_eq!(plain(&format!(r#"{{"decimal": {digits}}}"#)), Plain::Decimal(digits.into()));
        assert_eq!(plain(&format!(r#"{{"decimal": "{digits}"}}"#)), Plain::Decimal(digits.into()));
    }
    assert_eq!(plain(r#"{"integer": -5}"#), Plain::Integer(-5));
    assert_eq!(plain(r#"{"real": 1.50}"#), Plain::Real(1.5));
    for wrong in [r#"{"integer": 1.5}"#, r#"{"integer": 9223372036854775808}"#, r#"{"decimal": 1e3}"#, r#"{"real": 1e400}"#] {
        assert!(value(wrong).is_err(), "{wrong}");
    }
    for wrong in [r#"{"timestamp": 5}"#, r#"{"guid": null}"#, r#"{"real": "1"}"#, r#"{"decimal": true}"#, "{}", r#"{"a": 1, "b": 2}"#] {
        assert!(value(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn numbers_without_a_tag_keep_every_digit_or_are_refused() {
    assert_eq!(plain("-9223372036854775808"), Plain::Integer(i64::MIN));
    assert_eq!(plain("1.50"), Plain::Real(1.5));
    let refused = value("12345678901234567890123").unwrap_err();
    assert!(refused.contains("decimal") && refused.contains("\"f\""), "{refused}");
    assert!(value("1e400").is_err() && value("0.1000000000000000055511151231257828").is_err());
}

#[test]
fn other_values_are_what_they_say() {
    assert_eq!(value("null"), Ok(Given::Null));
    assert_eq!((plain("true"), plain("false")), (Plain::Boolean(true), Plain::Boolean(false)));
    assert_eq!(plain(r#""a\nb\ud83d\ude00""#), Plain::Text("a\nb\u{1f600}".into()));
    assert_eq!(value(r#"{"reference": ""}"#), Ok(Given::Reference(None)));
    assert_eq!(plain(r#"{"binary": "AP8="}"#), Plain::Binary(vec![0, 255].into()));
    for wrong in ["[1]", r#""\ud800""#, r#"{"json": "\ud800"}"#, r#"{"json": 1e400}"#, r#"{"other": "x"}"#] {
        assert!(value(wrong).is_err(), "{wrong}");
    }
}

/// The last one held, and nobody was told.
#[test]
fn a_key_that_is_given_twice_is_refused_with_its_path() {
    let child = r#"{"object": {"type": "t.t", "children": [{"type": "t.c"}, {"type": "t.c", "fields": {"a": 1, "a": 2}}]}}"#;
    let json = r#"{"object": {"type": "t.t", "fields": {"a": {"json": {"x": [0, {"y": 1, "y": 2}]}}}}}"#;
    let tag = r#"{"object": {"type": "t.t", "fields": {"a": {"integer": "1", "integer": "2"}}}}"#;
    let parent = r#"{"page": {"class_name": "t.p", "culture": "en", "parent": {"guid": null, "guid": null, "path": "/"}}}"#;
    for (body, path) in [
        (r#"{"object": {"type": "t.t", "type": "t.u"}}"#, "(at object.type)"),
        (r#"{"object": {"type": "t.t", "fields": {}, "fields": {}}}"#, "(at object.fields)"),
        (child, "(at object.children[1].fields.a)"),
        (json, "(at x[1].y)"),
        (parent, "(at page.parent.guid)"),
    ] {
        let problem = read(body.as_bytes()).unwrap_err();
        assert!(problem.contains("twice") && problem.contains(path), "{problem}");
    }
    let problem = read(tag.as_bytes()).unwrap_err();
    assert!(problem.contains("\"integer\" is given twice") && problem.contains("\"a\""), "{problem}");
}

#[test]
fn a_pages_parent_is_one_of_four() {
    let page = |parent: &str| {
        let body = format!(r#"{{"page": {{"class_name": "t.p", "culture": "en", "name": "n", "parent": {parent}}}}}"#);
        match read(body.as_bytes())? {
            Prepared::Page(page) => Ok(page.parent),
            other => Err(format!("{other:?}")),
        }
    };
    assert_eq!(page("null"), Ok(None));
    assert_eq!(page(r#""root""#), Ok(Some(PageParent::Root)));
    assert!(matches!(page(r#"{"guid": "00000000-0000-0000-0000-000000000001"}"#), Ok(Some(PageParent::Guid(_)))));
    assert!(matches!(page(r#"{"path": "/a/b"}"#), Ok(Some(PageParent::Path(steps))) if steps.len() == 2));
    assert!(matches!(page(r#"{"external": "7", "class_name": "t.p"}"#), Ok(Some(PageParent::External(..)))));
    for wrong in [r#""top""#, "{}", r#"{"external": "7"}"#, r#"{"guid": null}"#, r#"{"path": "/", "external": "7"}"#, "5", r#"{"x": 1}"#] {
        assert!(page(wrong).is_err(), "{wrong}");
    }
}
