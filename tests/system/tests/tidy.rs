//! Rules of the house that a test can hold: who depends on whom, what stands nowhere, how long a file is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::path::{Path, PathBuf};

use lockgate_system_tests::built::workspace;

/// Longest source file, in lines.
const LINES_MAX: usize = 400;

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    walk(&workspace().join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            walk(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

fn manifest(folder: &str) -> String {
    let text = std::fs::read_to_string(workspace().join(folder).join("Cargo.toml")).unwrap();
    text.split("[dev-dependencies]").next().unwrap_or_default().to_owned()
}

/// What is in one store, sandbox or surface: each uses `core`, and none knows another.
const OUTER: [&str; 7] = [
    "runtime/console",
    "runtime/store-redb",
    "runtime/store-postgres",
    "runtime/store-rows",
    "runtime/sandbox",
    "runtime/server",
    "runtime/author",
];

/// Those that keep rows, which have the same bytes in each of them.
const STORES: [&str; 2] = ["runtime/store-redb", "runtime/store-postgres"];

const PRODUCT: [&str; 13] = [
    "runtime/console",
    "runtime/core",
    "runtime/lockgate",
    "runtime/bus",
    "runtime/store-redb",
    "runtime/store-postgres",
    "runtime/store-rows",
    "runtime/sandbox",
    "runtime/server",
    "runtime/author",
    "runtime/cli",
    "guest-sdk/rust",
    "sample-connectors",
];

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = PRODUCT
        .iter()
        .flat_map(|folder| sources(folder))
        .filter(|(_, text)| text.lines().count() > LINES_MAX)
        .map(|(path, text)| format!("{} has {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn core_knows_no_engine_and_the_outer_crates_only_core() {
    let core = manifest("runtime/core");
    for engine in ["wasmtime", "redb", "tokio", "postgres", "axum", "lockgate-"] {
        let named = core.lines().skip_while(|line| *line != "[dependencies]").any(|line| line.starts_with(engine));
        assert!(!named, "core depends on {engine}");
    }
    // The server speaks to a bus; nobody else among them does.
    let may = |outer: &str, name: &str| match name {
        "lockgate-core" => true,
        // It mounts the console, which is a client of what it serves.
        "lockgate-bus" | "lockgate-console" => outer == "runtime/server",
        "lockgate-store-rows" => STORES.contains(&outer),
        _ => false,
    };
    for outer in OUTER {
        let others: Vec<String> = of_the_house(outer).filter(|name| !may(outer, name)).collect();
        assert!(others.is_empty(), "{outer} depends on {others:?}");
    }
    let bus: Vec<String> = of_the_house("runtime/bus").collect();
    assert_eq!(bus, ["lockgate-core"], "the bus knows nobody but core");
}

/// Which of our own crates a crate depends on.
fn of_the_house(folder: &str) -> impl Iterator<Item = String> {
    let manifest = manifest(folder);
    let names: Vec<String> = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .filter_map(|line| line.split([' ', '.']).next())
        .filter(|name| name.starts_with("lockgate-"))
        .map(str::to_owned)
        .collect();
    names.into_iter()
}

/// What acts, and what waits: `core` decides, and has none of it.
const ACTING: [&str; 14] = [
    "std::thread",
    "thread::spawn",
    "Mutex",
    "RwLock",
    "Condvar",
    "mpsc",
    "Atomic",
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "std::process",
    "std::env",
    "tracing::",
];

#[test]
fn core_has_no_thread_lock_or_channel() {
    for (path, text) in sources("runtime/core/src") {
        for word in ACTING {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn each_engine_is_named_in_one_crate() {
    for (engine, owners) in [
        ("redb", &["runtime/store-redb"][..]),
        ("tokio-postgres", &["runtime/store-postgres"]),
        ("wasmtime", &["runtime/sandbox"]),
        // The HTTP surface, and the pages that ask it.
        ("axum", &["runtime/server", "runtime/console"]),
        ("maud", &["runtime/console"]),
        ("postcard", &["runtime/store-rows"]),
    ] {
        for crate_folder in ["runtime/core", "runtime/bus"].into_iter().chain(OUTER) {
            let named = manifest(crate_folder).lines().any(|line| line.starts_with(&format!("{engine} ")));
            assert_eq!(named, owners.contains(&crate_folder), "{engine} in {crate_folder}");
        }
    }
}

#[test]
fn nothing_unfinished_stands_in_the_product() {
    for (path, text) in PRODUCT.iter().flat_map(|folder| sources(folder)) {
        for word in ["todo!(", "unimplemented!(", "TODO", "FIXME", "#[ignore", "dbg!("] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// `the_wall_clock_is_read_in_one_place` has the other clocks.
#[test]
fn core_and_bus_measure_by_the_clock_of_a_port() {
    for (path, text) in sources("runtime/core/src").into_iter().chain(sources("runtime/bus/src")) {
        assert!(!text.contains("Instant::now"), "{} reads the time itself", path.display());
    }
}

/// What a guest sees comes with the run, so that it can be repeated. How long something takes is another matter.
#[test]
fn the_sandbox_asks_nobody_for_the_time_of_day_or_for_randomness() {
    for (path, text) in sources("runtime/sandbox/src") {
        for asked in ["SystemTime", "Timestamp::now", "ZonedDateTime::now", "getrandom", "rand::", "new_v4", "now_v7"] {
            assert!(!text.contains(asked), "{} asks {asked}", path.display());
        }
    }
}

/// The one place that asks the system what time it is; everybody else gets it by the port `Clock`.
const CLOCK: &str = "runtime/lockgate/src/clock.rs";

/// Outside of Lockgate: a guest's SDK asks the system when a connector's author runs it natively.
const NATIVE: &str = "guest-sdk/rust/src/host.rs";

#[test]
fn the_wall_clock_is_read_in_one_place() {
    let places = [CLOCK, NATIVE].map(|file| workspace().join(file));
    for (path, text) in PRODUCT.iter().flat_map(|folder| sources(folder)) {
        let test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        if test || places.contains(&path) {
            continue;
        }
        for clock in ["SystemTime::now", "UNIX_EPOCH", "Timestamp::now", "ZonedDateTime::now", "Uuid::now_v"] {
            assert!(!text.contains(clock), "{} reads the wall clock with {clock}: only {CLOCK} does", path.display());
        }
    }
    let clock = std::fs::read_to_string(workspace().join(CLOCK)).unwrap();
    assert!(clock.contains("SystemTime::now"), "{CLOCK} is still the place");
}

/// They panic when nobody reads any more, and a server's thread with them.
#[test]
fn nothing_is_printed_by_a_way_that_panics() {
    for (path, text) in PRODUCT.iter().filter(|folder| folder.starts_with("runtime/")).flat_map(|folder| sources(&format!("{folder}/src")))
    {
        for word in [" println!(", " print!(", " eprintln!(", " eprint!("] {
            assert!(!text.contains(word), "{} has{word}", path.display());
        }
    }
}

#[test]
fn every_promise_is_cited_where_it_is_kept() {
    let all: String = PRODUCT.iter().flat_map(|folder| sources(folder)).map(|(_, text)| text.to_lowercase()).collect();
    for promise in 1..=7 {
        assert!(all.contains(&format!("promise {promise}")), "promise {promise} is cited nowhere");
    }
}

#[test]
fn the_project_stands_alone() {
    for (path, text) in PRODUCT.iter().flat_map(|folder| sources(folder)) {
        let tests = path.components().any(|part| part.as_os_str() == "tests") || text.contains("#[cfg(test)]");
        assert!(tests || !text.contains("../shared"), "{} names a folder outside the project", path.display());
    }
}
