//! Content models: what is read, what is refused and where, what a change means.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;

use lockgate_core::model::{diff, parse};

fn errors(text: &str) -> Vec<String> {
    let files = BTreeMap::from([("m.toml".to_owned(), text.to_owned())]);
    parse(&files).expect_err("it is wrong").iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let cases = [
        ("[[object_type]]\nname = \"t\"\nshoe = 43", "m.toml:3:1: unknown field `shoe`"),
        ("[[object_type]]\nname = ", "m.toml:2:"),
        ("[[object_type]]\nname = \"a b\"", "may hold letters"),
        ("[[site]]\nname = \"s\"\ncultures = []", "needs at least one culture"),
        ("[[object_type]]\nname = \"t\"\nparent = \"u\"", "parent type u of t is not declared"),
        ("[[object_type]]\nname = \"t\"\nparent_required = true", "declares no parent type"),
        (
            "[[object_type]]\nname = \"t\"\n[[object_type]]\nname = \"t\"",
            "m.toml:3:1: type t is declared a second time; the first is at m.toml:1",
        ),
        ("[[object_type]]\nname = \"t\"\nfields = [{ name = \"f\", kind = \"shoe\" }]", "unknown variant `shoe`"),
        ("[[object_type]]\nname = \"t\"\nfields = [{ name = \"f\", kind = \"reference\" }]", "a reference needs `to`"),
        (
            "[[object_type]]\nname = \"t\"\nfields = [{ name = \"f\", kind = \"reference\", to = \"u\" }]",
            "points to u, which is not declared",
        ),
        ("[[object_type]]\nname = \"t\"\nfields = [{ name = \"f\", kind = \"text\", to = \"t\" }]", "belong to references only"),
        (
            "[[object_type]]\nname = \"t\"\nfields = [{ name = \"f\", kind = \"reference\", to = \"t\", need = \"binding\" }]",
            "is for binding types",
        ),
        (
            "[[object_type]]\nname = \"t\"\nfields = [{ name = \"f\", kind = \"reference\", to = \"t\", need = \"required-with-default\" }]",
            "needs `default`",
        ),
        ("[[object_type]]\nname = \"t\"\nchildren = [{ type = \"t\", mode = \"complete\" }]", "child type t of t must be"),
        ("[[page_type]]\nname = \"p\"\nfields = [{ name = \"f\", kind = \"text\", unique = true }]", "cannot be unique"),
        ("[[object_type]]\nname = \"cms.site\"", "a name of the bus's own"),
        (
            "[[object_type]]\nname = \"t\"\n[[binding_type]]\nname = \"b\"\nbinds = [\"x\", \"y\"]\nfields = [{ name = \"x\", kind = \"reference\", to = \"t\" }]",
            "names y, which is not a reference field",
        ),
    ];
    for (text, expected) in cases {
        let errors = errors(text);
        assert!(errors.iter().any(|error| error.contains(expected)), "{text}\ngave {errors:?}\nexpected {expected}");
    }
}

#[test]
fn a_difference_names_what_is_added_changed_and_removed() {
    let read = |text: &str| parse(&BTreeMap::from([("m.toml".to_owned(), text.to_owned())])).unwrap();
    let before = read("[[object_type]]\nname = \"t\"\nfields = [{ name = \"a\", kind = \"text\" }, { name = \"b\", kind = \"text\" }]");
    let after = read("[[object_type]]\nname = \"t\"\nfields = [{ name = \"a\", kind = \"integer\" }, { name = \"c\", kind = \"text\" }]");
    let lines: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["~ object type t.a: text → integer", "- object type t.b", "+ object type t.c: text"]);
    assert!(diff(&after, &after).is_empty());
}
