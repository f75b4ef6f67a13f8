//! Content models: what is read, what is refused and where, what a change means.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;

use lockgate_core::model::{ContentModel, Kind, Names, Need, Within, diff, parse, still_used, unused};
use lockgate_core::names::TypeName;
use lockgate_core::ports::Counts;

fn read(text: &str) -> ContentModel {
    parse(&BTreeMap::from([("m.toml".to_owned(), text.to_owned())])).unwrap()
}

fn name(name: &str) -> TypeName {
    TypeName::new(name).unwrap()
}

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
        (
            "[[object_type]]\nname = \"t\"\nnewer_by = \"v\"\nfields = [{ name = \"f\", kind = \"integer\" }]",
            "m.toml:3:12: `newer_by` of t names v, which is not a field of it",
        ),
        (
            "[[page_type]]\nname = \"p\"\nfields = [{ name = \"f\", kind = \"text\" }]\nnewer_by = \"f\"",
            "m.toml:4:12: `newer_by` of p names f, which must be an integer, a decimal or a timestamp",
        ),
        (
            "[[object_type]]\nname = \"t\"\nunique_within = \"shoe\"",
            "m.toml:3:17: unknown variant `shoe`, expected one of `scope`, `site`, `all`",
        ),
        ("[[object_type]]\nname = \"t\"\ncode_name = \"shoe\"", "m.toml:3:13: unknown variant `shoe`, expected `folded` or `exact`"),
        ("[[binding_type]]\nname = \"b\"\nunique_within = \"all\"", "m.toml:3:1: unknown field `unique_within`"),
        ("[[binding_type]]\nname = \"b\"\ncode_name = \"exact\"", "m.toml:3:1: unknown field `code_name`"),
        ("[[binding_type]]\nname = \"b\"\nnewer_by = \"f\"", "m.toml:3:1: unknown field `newer_by`"),
        ("[[page_type]]\nname = \"p\"\nunique_within = \"all\"", "m.toml:3:1: unknown field `unique_within`"),
    ];
    for (text, expected) in cases {
        let errors = errors(text);
        assert!(errors.iter().any(|error| error.contains(expected)), "{text}\ngave {errors:?}\nexpected {expected}");
    }
}

#[test]
fn a_difference_names_what_is_added_changed_and_removed() {
    let before = read("[[object_type]]\nname = \"t\"\nfields = [{ name = \"a\", kind = \"text\" }, { name = \"b\", kind = \"text\" }]");
    let after = read("[[object_type]]\nname = \"t\"\nfields = [{ name = \"a\", kind = \"integer\" }, { name = \"c\", kind = \"text\" }]");
    let lines: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["~ object type t.a: text → integer", "- object type t.b", "+ object type t.c: text"]);
    assert!(diff(&after, &after).is_empty());
}

#[test]
fn section_7_2_and_7_3_a_type_says_how_its_names_compare_and_within_what_they_are_unique() {
    let model = read(
        "[[object_type]]\nname = \"t\"\nunique_within = \"site\"\ncode_name = \"exact\"\nnewer_by = \"v\"\nfields = [{ name = \"v\", kind = \"timestamp\" }]
[[object_type]]\nname = \"u\"\nfields = [{ name = \"r\", kind = \"reference\", to = \"t\", need = \"required-with-default\", default = \"None\" }]
[[page_type]]\nname = \"p\"\nnewer_by = \"v\"\nfields = [{ name = \"v\", kind = \"integer\" }]",
    );
    let declared = model.object_type(&name("t")).unwrap();
    assert_eq!((declared.unique_within, declared.names), (Within::Site, Names::Exact));
    assert_eq!(declared.newer_by.as_ref().unwrap().as_str(), "v");
    assert_eq!(model.page_type(&name("p")).unwrap().newer_by.as_ref().unwrap().as_str(), "v");
    let other = model.object_type(&name("u")).unwrap();
    assert_eq!((other.unique_within, other.names, &other.newer_by), (Within::Scope, Names::Folded, &None));
    // A default is a code name of the type that is pointed to.
    let Kind::Reference(reference) = &other.fields[0].kind else { panic!("a reference") };
    let Need::RequiredWithDefault(default) = &reference.need else { panic!("with a default") };
    assert_eq!(default.key(), "None");
}

#[test]
fn a_difference_says_how_names_compare_and_what_is_newer() {
    let before = read(
        "[[object_type]]\nname = \"t\"\nfields = [{ name = \"v\", kind = \"integer\" }]\n[[page_type]]\nname = \"p\"\nfields = [{ name = \"v\", kind = \"integer\" }]",
    );
    let after = read(
        "[[object_type]]\nname = \"t\"\nunique_within = \"all\"\ncode_name = \"exact\"\nnewer_by = \"v\"\nfields = [{ name = \"v\", kind = \"integer\" }]\n[[page_type]]\nname = \"p\"\nnewer_by = \"v\"\nfields = [{ name = \"v\", kind = \"integer\" }]",
    );
    let lines: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "~ object type t: global → global; unique within all; exact code names; newer by v",
            "~ page type p: 1 fields → 1 fields; newer by v"
        ]
    );
}

/// What is said of a change while rows of `t` are stored; `None`: it may be made.
fn refusal(was: &str, is: &str) -> Option<String> {
    let model = |keys: &str| {
        read(&format!(
            "[[object_type]]\nname = \"t\"\n{keys}\nfields = [{{ name = \"v\", kind = \"integer\" }}]\n[[object_type]]\nname = \"u\""
        ))
    };
    let (was, is) = (model(was), model(is));
    let counts = Counts { objects: BTreeMap::from([(name("t"), 3)]), ..Counts::default() };
    let problems = still_used(&was, &is, &counts);
    assert_eq!(unused(&was, &is).holds(&counts), problems.is_empty(), "{problems:?}");
    assert_eq!(still_used(&was, &is, &Counts::default()), Vec::<String>::new(), "nothing is stored");
    (!problems.is_empty()).then(|| problems.join("; "))
}

#[test]
fn names_of_stored_rows_compare_as_they_did() {
    let kept = refusal("", "code_name = \"exact\"").unwrap();
    assert_eq!(kept, "type t has 3 stored rows, found by their code names: `code_name` must stay \"folded\"");
    assert!(refusal("code_name = \"exact\"", "").is_some());
    assert_eq!(refusal("", "newer_by = \"v\""), None);
    assert_eq!(refusal("newer_by = \"v\"", ""), None);
}

#[test]
fn names_of_stored_rows_become_unique_within_less_and_never_within_more() {
    let (scope, site, all) = ("unique_within = \"scope\"", "unique_within = \"site\"", "unique_within = \"all\"");
    let with = |nature: &str, within: &str| format!("{nature}\n{within}");
    let child = "scope = \"site\"\nparent = \"u\"";
    let more = [(scope, site), (scope, all), (site, all)];
    for (was, is) in more {
        let kept = refusal(&with(child, was), &with(child, is)).unwrap();
        assert!(kept.contains("several may have one code name: `unique_within` must stay"), "{kept}");
        assert_eq!(refusal(&with(child, is), &with(child, was)), None, "{is} to {was}");
    }
    // Without parents and groups the scope is the site, without sites that is everything.
    assert_eq!(refusal(&with("scope = \"site\"", scope), &with("scope = \"site\"", site)), None);
    assert!(refusal(&with("scope = \"site\"", scope), &with("scope = \"site\"", all)).is_some());
    assert_eq!(refusal(scope, all), None);
    assert!(refusal(&with("group = \"u\"", scope), &with("group = \"u\"", site)).is_some());
}

#[test]
fn the_documents_example_is_a_model() {
    let document = include_str!("../MODEL.md");
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let model = read(example);
    assert_eq!(model.object_type(&name("shop.category")).unwrap().unique_within, Within::All);
}
