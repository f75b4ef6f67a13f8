//! The file and the code say the same.

use super::file::{BusSection, ConnectorSection, LogSection, SandboxSection, ServerSection, StoreSection};
use super::*;

fn no_variables(_: &str) -> Option<String> {
    None
}

fn resolved(text: &str) -> Settings {
    let file = parse(text, "test.toml", &no_variables).unwrap();
    resolve::resolve(file, Path::new(""), None).unwrap()
}

/// The default file with every `#key = value` and `#[section]` uncommented. Prose has `# `.
fn uncommented() -> String {
    let mut out = String::new();
    for line in DEFAULT_FILE.lines() {
        let bare = line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['));
        out.push_str(bare.unwrap_or(line));
        out.push('\n');
    }
    out
}

fn message(text: &str) -> String {
    parse(text, "lockgate.toml", &no_variables).unwrap_err().message
}

#[test]
fn the_default_file_says_what_the_code_does() {
    let of_file = resolved(&uncommented());
    let of_code = resolved("");
    assert_eq!(of_file.complete.defaults, of_code.complete.defaults);
    assert_eq!(File { connectors: Default::default(), ..of_file.complete.clone() }, of_code.complete);
    assert_eq!(of_file.bus.defaults, of_code.bus.defaults);
    assert_eq!(BusSettings { connectors: Default::default(), ..of_file.bus }, of_code.bus);
}

#[test]
fn the_default_file_is_the_code_while_it_is_commented() {
    assert_eq!(parse(DEFAULT_FILE, "default", &no_variables).unwrap(), File::default());
}

#[test]
fn the_default_file_has_every_key() {
    let table: toml::Table = uncommented().parse().unwrap();
    for (section, keys) in [
        ("server", ServerSection::KEYS),
        ("store", StoreSection::KEYS),
        ("sandbox", SandboxSection::KEYS),
        ("bus", BusSection::KEYS),
        ("log", LogSection::KEYS),
        ("defaults", ConnectorSection::KEYS),
    ] {
        for key in keys {
            assert!(table[section].get(key).is_some(), "[{section}] {key} is not in lockgate.default.toml");
        }
    }
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let message = message("[server]\nlisten = \"127.0.0.1:1\"\n  lissten = 1\n");
    assert!(message.starts_with("lockgate.toml:3:3: unknown field `lissten`"), "{message}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_place() {
    assert!(message("[bus]\npayload_bytes_max = \"ü\"\n").starts_with("lockgate.toml:2:21: "));
    assert!(message("[bus]\npayload_bytes_max = 0\n").starts_with("lockgate.toml:2:21: "));
    assert!(message("[server]\nlisten = \"nowhere\"\n").starts_with("lockgate.toml:2:10: "));
    assert!(message("[bus\n").starts_with("lockgate.toml:1:5: "));
}

#[test]
fn a_missing_variable_is_named_with_its_place() {
    let message = message("[server]\ntokens = [\"a\", \"${TOKEN}\"]\n");
    assert!(message.starts_with("lockgate.toml:2:16: the environment variable TOKEN is not set"), "{message}");
}

#[test]
fn a_connector_overrides_the_defaults_key_by_key() {
    let settings = resolved(
        "[defaults]\ndeadline_ms = 7\nsettings = { a = '1', b = '2' }\n[connectors.shop]\nsettings = { b = '3' }\nprocessing = 'schedule'\n",
    );
    let shop = &settings.bus.connectors[&ConnectorName::new("shop").unwrap()];
    assert_eq!(shop.limits.deadline_ms, 7);
    assert_eq!(shop.limits.settings, [("a".into(), "1".into()), ("b".into(), "3".into())].into());
    assert_eq!(shop.processing, lockgate_core::settings::Processing::Schedule("*/5 * * * *".into()));
}

#[test]
fn paths_are_relative_to_the_file() {
    let file = parse("[store]\npath = 'data/bus.redb'\n", "x", &no_variables).unwrap();
    let settings = resolve::resolve(file, Path::new("/etc/lockgate"), None).unwrap();
    assert_eq!(settings.store, Path::new("/etc/lockgate/data/bus.redb"));
    assert_eq!(settings.sandbox.artefact_dir, Path::new("/etc/lockgate/data/bus.redb.artefacts"));
}

use lockgate_core::names::ConnectorName;
use lockgate_core::settings::BusSettings;
