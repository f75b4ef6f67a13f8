//! Published versions of the contract: never edited, and never broken by what came after.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::*;

/// What was published, byte for byte. A line comes with each version; none is ever changed.
const PUBLISHED: &[(&str, &str)] = &[
    ("0.1.0", "acea022a7d40d5596f0c59c75b9b49dcdbe8bc68b38de87e99ad04f38c1f8ed7"),
    ("1.0.0", "9738a20c90d656b2e839a70a5e8cd88e4b1a95f4b2849b7555210597086e0862"),
    ("1.1.0", "39c23a79d8407badf555526740730931e521c49ae8ccf27c6b4ce0ff98be64a8"),
];

/// The texts by their versions.
fn published() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/published");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let folder = entry.unwrap().path();
        (folder.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(folder.join(contract::FILE)).unwrap())
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}

#[test]
fn what_was_published_is_as_it_was() {
    let digests: Vec<(String, String)> = published()
        .into_iter()
        .map(|(version, text)| (version, Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()))
        .collect();
    let expected: Vec<(String, String)> = PUBLISHED.iter().map(|(version, digest)| ((*version).to_owned(), (*digest).to_owned())).collect();
    assert_eq!(digests, expected);
}

#[test]
fn each_says_its_own_version() {
    for (version, text) in published() {
        assert_eq!(Contract::parse(&text).unwrap().series().unwrap().0, version);
    }
}

#[test]
fn todays_contract_breaks_no_connector_of_its_series() {
    let today = Contract::parse(contract::WIT).unwrap();
    let (version, series) = today.series().unwrap();
    let published = published();
    let mut of_the_series = 0;
    for text in published.values() {
        let before = Contract::parse(text).unwrap();
        if before.series().unwrap().1 != series {
            continue;
        }
        of_the_series += 1;
        let breaking: Vec<Change> = compare(&before, &today).into_iter().filter(|change| change.breaks.is_some()).collect();
        assert!(breaking.is_empty(), "{breaking:#?}");
    }
    assert!(of_the_series > 0, "{version} is of a series of which nothing is published");
    if let Some(text) = published.get(&version) {
        assert_eq!(text, contract::WIT, "{version} is published: a change needs another version");
    }
}

#[test]
fn one_point_nought_is_nought_point_one_under_another_name() {
    let published = published();
    let [before, after] = ["0.1.0", "1.0.0"].map(|version| Contract::parse(&published[version]).unwrap());
    let places: Vec<String> = compare(&before, &after).into_iter().map(|change| change.place).collect();
    assert_eq!(places, ["version"], "the sandbox serves both with the same types");
}

#[test]
fn one_point_one_only_adds_to_one_point_nought() {
    let published = published();
    let [before, after] = ["1.0.0", "1.1.0"].map(|version| Contract::parse(&published[version]).unwrap());
    let changes = compare(&before, &after);
    assert!(changes.iter().all(|change| change.breaks.is_none()), "{changes:#?}");
    let places: Vec<&str> = changes.iter().map(|change| &*change.place).collect();
    assert_eq!(places, ["children", "identity", "task", "version", "warnings"]);
}

/// SDKs are packed without the folders around them.
#[test]
fn sdks_that_carry_the_contract_have_todays() {
    let sdks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest-sdk");
    for copy in
        ["rust/wit/connector.wit", "typescript/wit/connector.wit", "python/src/lockgate_guest/wit/deps/lockgate-connector/connector.wit"]
    {
        assert_eq!(std::fs::read_to_string(sdks.join(copy)).unwrap(), contract::WIT, "{copy}: copy wit/connector.wit there");
    }
}

#[test]
fn the_program_has_every_published_text() {
    let texts = contract::PUBLISHED.iter().map(|(version, text)| ((*version).to_owned(), (*text).to_owned()));
    assert_eq!(texts.collect::<BTreeMap<_, _>>(), published());
}
