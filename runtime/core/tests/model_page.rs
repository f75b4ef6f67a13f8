//! `MODEL.md` has every key and every word that the parser knows, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::model::parse;

const PAGE: &str = include_str!("../MODEL.md");
/// No key and no word of the parser.
const UNKNOWN: &str = "zzz";

/// What the parser says that it would have taken in the place of something unknown.
fn known(text: &str) -> BTreeSet<String> {
    let errors = parse(&BTreeMap::from([("m.toml".to_owned(), text.to_owned())])).expect_err("it has something unknown");
    let said = errors[0].to_string();
    let (_, expected) = said.split_once(", expected ").unwrap_or_else(|| panic!("{said}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Tables under a heading: the words in backticks of the first column, by the head of that column.
fn tables(heading: &str) -> Vec<(String, BTreeSet<String>)> {
    let (_, section) = PAGE.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("there is no heading {heading:?}"));
    let level = format!("\n{} ", heading.split(' ').next().unwrap());
    let section = section.split(level.as_str()).next().unwrap();
    // A section ends where one above it begins, too.
    let section =
        if heading.starts_with("### ") { section.split("\n## ").next().unwrap() } else { section.split("\n### ").next().unwrap() };
    let mut tables: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut in_table = false;
    for line in section.lines() {
        let Some(row) = line.strip_prefix('|') else {
            in_table = false;
            continue;
        };
        let first = row.split('|').next().unwrap().trim();
        let word = first.trim_matches('`').trim_matches('"').trim_matches(['[', ']']).to_owned();
        match (in_table, first.starts_with("---")) {
            (false, _) => tables.push((first.trim_matches('`').to_owned(), BTreeSet::new())),
            (true, true) => {}
            (true, false) => {
                assert!(tables.last_mut().unwrap().1.insert(word), "{first} stands there twice");
            }
        }
        in_table = true;
    }
    tables
}

fn of(heading: &str, head: &str) -> BTreeSet<String> {
    let found = tables(heading).into_iter().find(|(first, _)| first == head);
    found.unwrap_or_else(|| panic!("under {heading:?} there is no table of {head:?}")).1
}

#[test]
fn the_page_has_every_key_and_no_other() {
    for (heading, text) in [
        ("# The content model", "zzz = 1".to_owned()),
        ("## Sites", format!("[[site]]\n{UNKNOWN} = 1")),
        ("## Object types", format!("[[object_type]]\n{UNKNOWN} = 1")),
        ("### Children", format!("[[object_type]]\nname = 't'\nchildren = [{{ {UNKNOWN} = 1 }}]")),
        ("## Binding types", format!("[[binding_type]]\n{UNKNOWN} = 1")),
        ("## Page types", format!("[[page_type]]\n{UNKNOWN} = 1")),
        ("## Fields", format!("[[object_type]]\nname = 't'\nfields = [{{ {UNKNOWN} = 1 }}]")),
    ] {
        let page = if heading.starts_with("# ") { of_the_beginning() } else { of(heading, "key") };
        assert_eq!(page, known(&text), "{heading}");
    }
}

/// The table before the first section.
fn of_the_beginning() -> BTreeSet<String> {
    let rows = PAGE.split("\n## ").next().unwrap().lines().filter_map(|line| line.strip_prefix("| `[["));
    rows.map(|row| row.split(']').next().unwrap().to_owned()).collect()
}

#[test]
fn the_page_has_every_word_and_no_other() {
    for (heading, key, text) in [
        ("### scope", "scope", "[[object_type]]\nname = 't'\nscope = 'zzz'"),
        ("### unique_within", "unique_within", "[[object_type]]\nname = 't'\nunique_within = 'zzz'"),
        ("### code_name", "code_name", "[[object_type]]\nname = 't'\ncode_name = 'zzz'"),
        ("### Children", "mode", "[[object_type]]\nname = 't'\nchildren = [{ type = 'u', mode = 'zzz' }]"),
        ("### kind", "kind", "[[object_type]]\nname = 't'\nfields = [{ name = 'f', kind = 'zzz' }]"),
        ("### need", "need", "[[object_type]]\nname = 't'\nfields = [{ name = 'f', kind = 'text', need = 'zzz' }]"),
    ] {
        assert_eq!(of(heading, key), known(text), "{heading}");
    }
}
