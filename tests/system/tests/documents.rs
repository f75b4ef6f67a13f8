//! What the documentation says is run: the `sh` blocks of each page of `docs/`, in order and in a folder of their own, and
//! what an `output` block shows must come of them. Each `toml` block is read as what its first line says it is. Blocks of
//! `console` are not run: they need a toolchain, a terminal or somebody else's server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use lockgate_core::grants::Manifest;
use lockgate_core::model::parse;
use lockgate_system_tests::built::workspace;
use lockgate_system_tests::program::{lockgate, path, program, text};

/// Where pages say that a server listens; another port stands in its place, for one may be in use.
const LISTENS: &str = "127.0.0.1:7070";
/// Pages in Markdown that the book takes from elsewhere: their blocks are run, too.
const OTHERS: [&str; 3] = ["README.md", "runtime/core/MODEL.md", "runtime/server/API.md"];

/// A block of a page: its language and its text.
struct Block {
    language: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut current: Option<Block> = None;
    for line in page.lines() {
        match (&mut current, line.strip_prefix("```")) {
            (None, Some(language)) => current = Some(Block { language: language.trim().to_owned(), text: String::new() }),
            (Some(_), Some("")) => blocks.extend(current.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(current.is_none(), "a block has no end");
    blocks
}

fn pages() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![workspace().join("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(path, text);
            }
        }
    }
    for other in OTHERS {
        let path = workspace().join(other);
        let text = std::fs::read_to_string(&path).unwrap();
        found.insert(path, text);
    }
    found
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs what a page says, in a folder: what it printed.
fn run(page: &Path, script: &str, folder: &Path) -> String {
    let listens = format!("127.0.0.1:{}", free_port());
    let script = script.replace("lockgate serve", &format!("lockgate serve --listen {LISTENS}")).replace(LISTENS, &listens);
    let mut shell = Command::new("bash");
    let own = program("lockgate").parent().map(Path::to_owned);
    let others = std::env::var_os("PATH").unwrap_or_default();
    let search = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&others))).unwrap();
    shell.args(["-e", "-c", &script]).current_dir(folder).env("PATH", search);
    for variable in ["LOCKGATE_CONFIG", "LOCKGATE_STORE", "LOCKGATE_URL", "LOCKGATE_TOKEN"] {
        shell.env_remove(variable);
    }
    let ran = shell.output().unwrap();
    let (printed, said) = (text(&ran.stdout), text(&ran.stderr));
    assert!(ran.status.success(), "{}: {}\n{printed}\n{said}", page.display(), ran.status);
    printed
}

#[test]
fn the_commands_of_each_page_run_and_print_what_it_shows() {
    let mut run_pages = 0;
    for (page, text) in pages() {
        let blocks = blocks(&text);
        let script: String = blocks.iter().filter(|block| block.language == "sh").map(|block| block.text.as_str()).collect();
        if script.is_empty() {
            continue;
        }
        run_pages += 1;
        let folder = tempfile::tempdir().unwrap();
        let printed = run(&page, &script, folder.path());
        for shown in blocks.iter().filter(|block| block.language == "output") {
            for line in shown.text.lines() {
                assert!(printed.contains(line.trim()), "{}: {line:?} is not in what it prints:\n{printed}", page.display());
            }
        }
    }
    assert!(run_pages >= 6, "pages with commands: {run_pages}");
}

#[test]
fn each_toml_block_is_what_its_first_line_says() {
    let mut read = 0;
    for (page, text) in pages() {
        for block in blocks(&text).iter().filter(|block| block.language == "toml") {
            read += 1;
            let first = block.text.lines().next().unwrap_or_default();
            let at = format!("{}: {first}", page.display());
            let name = first.strip_prefix("# ").and_then(|rest| rest.split([':', ',', ' ']).next()).unwrap_or_default();
            match name {
                "model.toml" => {
                    let files = BTreeMap::from([("model.toml".to_owned(), block.text.clone())]);
                    assert!(parse(&files).is_ok(), "{at}: {:?}", parse(&files));
                }
                "manifest.toml" => assert!(Manifest::parse(&block.text).is_ok(), "{at}: {:?}", Manifest::parse(&block.text)),
                "lockgate.toml" => {
                    let folder = tempfile::tempdir().unwrap();
                    std::fs::write(folder.path().join("lockgate.toml"), &block.text).unwrap();
                    let shown = lockgate(folder.path()).args(["config", "show"]).output().unwrap();
                    assert!(shown.status.success(), "{at}: {}", self::text(&shown.stderr));
                }
                "task.toml" => {
                    let folder = tempfile::tempdir().unwrap();
                    let case = folder.path().join("cases/shown");
                    std::fs::create_dir_all(&case).unwrap();
                    std::fs::write(case.join("task.toml"), &block.text).unwrap();
                    std::fs::write(case.join("payload.json"), "{}").unwrap();
                    std::fs::write(folder.path().join("x.wasm"), "").unwrap();
                    let wasm = folder.path().join("x.wasm");
                    let tested = lockgate(folder.path()).args(["test", path(&wasm), path(&case)]).output().unwrap();
                    // The component is none; the case was read before that was found.
                    assert_eq!(tested.status.code(), Some(1), "{at}: {}", self::text(&tested.stderr));
                }
                _ => panic!("{at}: a toml block begins with `# model.toml`, `# manifest.toml`, `# lockgate.toml` or `# task.toml`"),
            }
        }
    }
    assert!(read >= 5, "blocks of TOML: {read}");
}

/// What a page does not have cannot be found, and a page that no list has is not read.
#[test]
fn every_page_is_in_the_list_of_contents() {
    let folder = workspace().join("docs/src");
    let list = std::fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    for page in pages().keys().filter_map(|page| page.strip_prefix(&folder).ok()) {
        let listed = list.contains(&format!("]({})", page.display()));
        assert!(listed || page.ends_with("SUMMARY.md"), "{} is not in SUMMARY.md", page.display());
    }
}
