//! The file and the code say the same.

use lockgate_core::names::ConnectorName;
use lockgate_core::settings::{BusSettings, OnFailure};

use super::file::{BusSection, ConnectorSection, GrantSection, LogSection, NodeSection, SandboxSection, ServerSection, StoreSection};
use super::*;

fn no_variables(_: &str) -> Option<String> {
    None
}

fn resolved(text: &str) -> Settings {
    try_resolved(text).unwrap()
}

fn try_resolved(text: &str) -> Result<Settings, Failure> {
    resolved_in(text, Path::new(""))
}

fn resolved_in(text: &str, folder: &Path) -> Result<Settings, Failure> {
    let file = parse(text, "lockgate.toml", &no_variables)?;
    let place = |keys: &[&str]| format!("lockgate.toml:{}", place::of_key(text, keys).unwrap());
    resolve(file, &Origin { folder, store: None, place: &place })
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
    assert_eq!(File { connectors: Default::default(), tokens: Default::default(), ..of_file.complete.clone() }, of_code.complete);
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
    // A secret and a webhook belong to one connector.
    assert!(table["connectors"]["example"]["webhook"].as_table().is_some_and(|webhook| webhook.len() > 5));
    assert!(table["tokens"].as_table().is_some_and(|tokens| !tokens.is_empty()));
    assert!(table["connectors"]["example"]["secrets"].as_table().is_some_and(|secrets| secrets.len() > 1));
    for key in GrantSection::KEYS {
        assert!(table["defaults"]["grant"].get(key).is_some(), "[defaults.grant] {key} is not in lockgate.default.toml");
    }
    for (section, keys) in [
        ("server", ServerSection::KEYS),
        ("store", StoreSection::KEYS),
        ("node", NodeSection::KEYS),
        ("sandbox", SandboxSection::KEYS),
        ("bus", BusSection::KEYS),
        ("log", LogSection::KEYS),
        ("defaults", ConnectorSection::KEYS),
    ] {
        for key in keys.iter().filter(|key| !["secrets", "webhook"].contains(*key)) {
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

/// It was taken for the name of a part, and the log fell silent.
#[test]
fn a_log_level_that_is_not_known_is_named_with_its_place() {
    let message = message("[log]\nlevel = \"warning\"\n");
    assert!(message.starts_with("lockgate.toml:2:9: \"warning\" is not a log level: did you mean \"warn\"?"), "{message}");
    assert_eq!(resolved("[log]\nlevel = 'warn,server=debug'\n").log_level.to_string(), "warn,server=debug");
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
    assert_eq!(shop.settings, [("a".into(), "1".into()), ("b".into(), "3".into())].into());
    assert_eq!(shop.processing, lockgate_core::settings::Processing::Schedule("*/5 * * * *".into()));
}

#[test]
fn paths_are_relative_to_the_file() {
    let settings = resolved_in("[store]\npath = 'data/bus.redb'\n", Path::new("/etc/lockgate")).unwrap();
    assert_eq!(settings.store, StorePlace::File("/etc/lockgate/data/bus.redb".into()));
    assert_eq!(settings.sandbox.artefact_dir, Path::new("/etc/lockgate/data/bus.redb.artefacts"));
}

#[test]
fn a_grant_goes_before_the_defaults_key_by_key() {
    let settings = resolved(
        "[defaults.grant]\nobjects = ['shop.*']\nstate = true\n[connectors.shop.grant]\nobjects = ['shop.product']\nhosts = ['https://Shop.example:443']\n",
    );
    let shop = &settings.bus.connectors[&ConnectorName::new("shop").unwrap()].grant;
    assert_eq!(shop.objects, ["shop.product".parse().unwrap()]);
    assert_eq!(shop.hosts, ["https://shop.example".parse().unwrap()]);
    assert!(shop.state && shop.pages.is_empty() && settings.bus.defaults.grant.hosts.is_empty());
    let shown = settings.complete.connectors["shop"].grant.clone().unwrap();
    assert_eq!(toml::to_string(&shown).unwrap().lines().next().unwrap(), "objects = [\"shop.product\"]");
}

#[test]
fn a_mistake_in_a_grant_is_named_with_its_place() {
    for (grant, place, why) in [
        ("objects = ['shop.product', 'shop*']", "3:28", "a `*` stands alone"),
        ("pages = ['news']", "3:10", "begins with `/`"),
        ("pages = ['/', '/news/*']", "3:15", "\"/news\""),
        ("hosts = ['https://*.example']", "3:10", "without `*`"),
        ("hosts = ['https://shop.example/feed']", "3:10", "no path"),
        ("networks = ['10.1.0.0/8']", "3:13", "10.0.0.0/8"),
        ("networks = { 'http://a.example' = ['10.1.0.0/8'] }", "3:36", "10.0.0.0/8"),
        ("networks = { 'a.example' = ['10.0.0.0/8'] }", "3:14", "begins with `http://`"),
        ("networks = '10.0.0.0/8'", "3:12", "a table of hosts"),
        ("state = 'yes'", "3:9", "boolean"),
        ("object = ['*']", "3:1", "unknown field `object`"),
    ] {
        let message = message(&format!("[connectors.shop]\n[connectors.shop.grant]\n{grant}\n"));
        assert!(message.starts_with(&format!("lockgate.toml:{place}: ")) && message.contains(why), "{grant}: {message}");
    }
}

/// The networks of each host of `shop`, from its grant and the defaults'.
fn networks(defaults: &str, own: &str) -> Result<String, Failure> {
    let settings = try_resolved(&format!("[defaults.grant]\n{defaults}\n[connectors.shop.grant]\n{own}\n"))?;
    let grant = &settings.bus.connectors[&ConnectorName::new("shop").unwrap()].grant;
    let of_host = |(host, networks): (&_, &Vec<_>)| {
        let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
        format!("{host}: {}", networks.join(" "))
    };
    Ok(grant.networks.iter().map(of_host).collect::<Vec<_>>().join(", "))
}

#[test]
fn networks_are_granted_host_by_host() {
    let hosts = "hosts = ['http://a', 'http://b']";
    let both = "networks = { 'http://a:80' = ['10.0.0.0/8', '127.0.0.0/8'], 'http://b' = ['fd00::/8'] }";
    let all = "http://a: 10.0.0.0/8 127.0.0.0/8, http://b: fd00::/8";
    assert_eq!(networks("", &format!("{hosts}\n{both}")).unwrap(), all);
    assert_eq!(networks(&format!("{hosts}\n{both}"), "").unwrap(), all);
    // A key of its own goes before the defaults', whole.
    assert_eq!(networks(both, &format!("{hosts}\nnetworks = {{ 'http://b' = ['10.0.0.0/8'] }}")).unwrap(), "http://b: 10.0.0.0/8");
    assert_eq!(networks(&format!("{hosts}\n{both}"), "networks = {}").unwrap(), "");
    // What is shown is read as the same.
    let of_file = try_resolved(&format!("[connectors.shop.grant]\n{hosts}\n{both}\n")).unwrap();
    let shown = toml::to_string(&of_file.complete.connectors["shop"].grant).unwrap();
    let again =
        try_resolved(&format!("[connectors.shop.grant]\n{}", shown.replace("[networks]", "[connectors.shop.grant.networks]"))).unwrap();
    assert_eq!(again.bus, of_file.bus);
    // The defaults' may be of other connectors' hosts.
    assert_eq!(networks(both, "hosts = ['http://b']").unwrap(), "http://b: fd00::/8");
}

/// As files of before have it: clear where there is one host, refused where it is not.
#[test]
fn a_list_of_networks_is_that_of_the_only_host() {
    let list = "networks = ['10.0.0.0/8', '127.0.0.0/8']";
    assert_eq!(networks("", &format!("hosts = ['http://a']\n{list}")).unwrap(), "http://a: 10.0.0.0/8 127.0.0.0/8");
    assert_eq!(networks(list, "hosts = ['http://a']").unwrap(), "http://a: 10.0.0.0/8 127.0.0.0/8");
    assert_eq!(networks("", list).unwrap(), "");
    assert_eq!(networks("", "hosts = ['http://a', 'http://b']\nnetworks = []").unwrap(), "");
    for (defaults, own) in [("", list), (list, "")] {
        let failure = networks(defaults, &format!("hosts = ['http://a', 'http://b']\n{own}")).unwrap_err();
        assert!(failure.message.starts_with("lockgate.toml:3:18: networks is a list, and hosts names 2"), "{}", failure.message);
        assert_eq!(failure.hint.unwrap(), r#"name the host: networks = { "http://a" = ["10.0.0.0/8", "127.0.0.0/8"] }"#);
    }
}

#[test]
fn networks_of_a_host_that_is_not_granted_are_a_mistake() {
    let failure = networks("", "hosts = ['http://a:8080']\nnetworks = { 'http://a' = ['10.0.0.0/8'] }").unwrap_err();
    assert!(failure.message.contains("networks names http://a, and hosts does not"), "{}", failure.message);
}

#[test]
fn limits_of_nothing_are_refused_where_nothing_makes_no_sense() {
    for key in ["deadline_ms", "memory_bytes_max", "table_elements_max", "core_instances_max", "state_bytes_max", "http_concurrent_max"] {
        assert!(message(&format!("[defaults]\n{key} = 0\n")).starts_with("lockgate.toml:2:"), "{key}");
    }
    let settings = resolved("[defaults]\ndeadline_ms_per_mib = 0\nhttp_calls_max = 0\nlog_lines_max = 0\n");
    assert_eq!((settings.bus.defaults.limits.deadline_ms_per_mib, settings.bus.defaults.http.calls_max), (0, 0));
}

#[test]
fn more_than_the_sandbox_has_room_for_is_refused_with_its_place() {
    for (key, value) in [("memory_bytes_max", 268_435_457), ("core_instances_max", 65), ("translators", 65)] {
        let failure = try_resolved(&format!("[connectors.shop]\n  {key} = {value}\n")).unwrap_err();
        assert!(failure.message.starts_with(&format!("lockgate.toml:2:3: {key} is {value}, more than")), "{}", failure.message);
        assert!(failure.hint.is_some());
    }
}

#[test]
fn a_secret_has_exactly_one_source_and_its_hosts() {
    for (secret, why) in [
        ("hosts = ['https://a.example']", "exactly one of"),
        ("env = 'A'\nfile = 'b'\nhosts = ['https://a.example']", "exactly one of"),
        ("env = 'A'", "where it may be sent"),
        ("value = 'hunter2'", "unknown field `value`"),
        ("env = 'A'\nhosts = ['a.example']", "begins with `http://`"),
    ] {
        let message = message(&format!("[connectors.shop.secrets.token]\n{secret}\n"));
        assert!(message.starts_with("lockgate.toml:") && message.contains(why), "{secret}: {message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    let failure = try_resolved("[defaults.secrets.token]\nenv = 'A'\nhosts = ['https://a.example']\n").unwrap_err();
    assert!(failure.message.starts_with("lockgate.toml:1:11: a secret belongs to one connector"), "{}", failure.message);
}

#[test]
fn secrets_are_read_late_and_shown_nowhere() {
    let text = "[connectors.shop.secrets.token]\nenv = 'SHOP_TOKEN'\nhosts = ['https://a.example']\n";
    let settings = resolved(text);
    let mut bus = settings.bus.clone();
    read_secrets(&settings.secrets, Values::Needed, &mut bus, &|_| Some("hunter2".to_owned())).unwrap();
    let shop = &bus.connectors[&ConnectorName::new("shop").unwrap()];
    assert_eq!(shop.secrets["token"].value.expose(), "hunter2");
    let shown = format!("{bus:?} {settings:?} {}", toml::to_string(&settings.complete).unwrap());
    assert!(shown.contains("SHOP_TOKEN") && !shown.contains("hunter2"), "{shown}");
    let failure = read_secrets(&settings.secrets, Values::Needed, &mut bus, &no_variables).unwrap_err();
    assert!(failure.message.starts_with("lockgate.toml:1:26: the secret token"), "{}", failure.message);
}

#[test]
fn what_failures_and_waiting_come_to_is_said_in_words() {
    let settings = resolved(
        "[defaults]\non_failure = 'set-aside'\nbackoff_ms = 0\n[connectors.shop]\nwaiting = 'off'\nwait_ms_max = 5\nloose_ends_max = 0\n\
         [bus]\ndeletes_per_task_max = 0\nwaiting_tasks_max = 7\ntombstone_days = 2\noperations_kept_max = 0\n",
    );
    let shop = &settings.bus.connectors[&ConnectorName::new("shop").unwrap()];
    assert_eq!((shop.on_failure, shop.waiting, shop.backoff_ms), (OnFailure::SetAside, false, None));
    assert_eq!((shop.wait_ms_max, shop.loose_ends_max), (5, 0));
    assert!(settings.bus.defaults.waiting);
    let BusSettings { deletes_per_task_max, waiting_tasks_max, tombstone_days, operations_kept_max, .. } = settings.bus;
    assert_eq!((deletes_per_task_max, waiting_tasks_max, tombstone_days, operations_kept_max), (0, 7, 2, 0));
    for wrong in ["on_failure = 'go-on'", "waiting = true", "wait_ms_max = 0"] {
        assert!(message(&format!("[defaults]\n{wrong}\n")).starts_with("lockgate.toml:2:"), "{wrong}");
    }
}

#[test]
fn a_store_is_a_file_or_a_database() {
    let settings =
        resolved_in("[store]\nurl = 'postgres://ann:hunter2@db/shop'\n[node]\nname = 'one'\n", Path::new("/etc/lockgate")).unwrap();
    assert_eq!(settings.store.to_string(), "postgres://ann@db/shop");
    assert_eq!(settings.sandbox.artefact_dir, Path::new("/etc/lockgate/./lockgate.artefacts"));
    assert_eq!((settings.bus.lease_ms, settings.node_name.as_deref()), (1_000, Some("one")));
    let shown = toml::to_string(&settings.complete).unwrap();
    assert!(shown.contains("url = \"postgres://ann@db/shop\"") && !shown.contains("hunter2"), "{shown}");
    assert!(!format!("{settings:?}").contains("hunter2"));
    let both = try_resolved("[store]\nurl = 'postgres://db/shop'\npath = 'a'\n").unwrap_err();
    assert!(both.message.starts_with("lockgate.toml:2:1: [store] has a `path`"), "{}", both.message);
    let other = try_resolved("[store]\nurl = 'mysql://ann:hunter2@db/shop'\n").unwrap_err();
    assert!(other.message.contains("postgres://") && !other.message.contains("hunter2"), "{}", other.message);
    assert_eq!(resolved("").bus.lease_ms, BusSettings::default().lease_ms, "a file is one process's");
}
