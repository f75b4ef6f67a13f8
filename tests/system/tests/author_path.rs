//! The path of a new author, from the program alone: `lockgate new`, then a model of the author's own with a reference, a child
//! and a page; cases, a throw-away host, objects that are stored, and an update. Of the repository nothing is used but the
//! toolchain that stands in the place of one that is installed from the net.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lockgate_system_tests::built::workspace;
use lockgate_system_tests::languages::{scaffold_target, toolchain};
use lockgate_system_tests::program::{program, text};

/// What an author wrote: in the order in which it is submitted, what needs something first.
const NEWS: &str = r#"{"kind": "news", "name": "We are open", "product": "blue-shoe"}"#;
const PRODUCT: &str = r#"{"kind": "product", "id": "blue-shoe", "name": "Blue shoe", "category": "shoes", "sizes": ["38", "39"]}"#;
const CATEGORY: &str = r#"{"kind": "category", "id": "shoes", "name": "Shoes"}"#;
/// The same product, later.
const UPDATE: &str = r#"{"kind": "product", "id": "blue-shoe", "name": "Bluest shoe", "category": "shoes", "sizes": ["39"]}"#;

struct Author {
    language: &'static str,
    /// The file of this folder's `authors/` that is the connector, and where it is in a project.
    source: (&'static str, &'static str),
    /// Where the component comes to be, and the command that makes it.
    component: &'static str,
    build: &'static str,
    /// Names in the project, and what they are links to.
    links: Vec<(&'static str, PathBuf)>,
    variables: Vec<(&'static str, PathBuf)>,
}

struct Project {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Project {
    fn path(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    /// The program where no repository is above it.
    fn lockgate(&self) -> Command {
        self.prepared(self.folder.path().join("bin/lockgate"))
    }

    fn prepared(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let others = std::env::var_os("PATH").unwrap_or_default();
        let search = [self.folder.path().join("bin")].into_iter().chain(std::env::split_paths(&others));
        command.env("PATH", std::env::join_paths(search).unwrap()).envs(self.variables.iter().cloned());
        // Nothing of what whoever runs this has compiled before.
        command.env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        for variable in ["LOCKGATE_CONFIG", "LOCKGATE_STORE", "LOCKGATE_URL", "LOCKGATE_TOKEN"] {
            command.env_remove(variable);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let ran = self.lockgate().args(arguments).current_dir(self.path()).output().unwrap();
        assert!(ran.status.success(), "lockgate {arguments:?}: {}{}", text(&ran.stdout), text(&ran.stderr));
        text(&ran.stdout)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// Killed when dropped.
struct Dev(Child);

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn authors(name: &str) -> String {
    std::fs::read_to_string(workspace().join("tests/system/authors").join(name)).unwrap()
}

fn path_is_walked(author: Author) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("bin")).unwrap();
    // Another process makes it: what this one has open for writing does not start.
    let copied = Command::new("cp").arg(program("lockgate")).arg(folder.path().join("bin/lockgate")).status();
    assert!(copied.unwrap().success());
    let project = Project { folder, variables: author.variables };
    let written = project.lockgate().args(["new", "shop", "--lang", author.language]).current_dir(project.folder.path()).output().unwrap();
    assert!(written.status.success(), "{}", text(&written.stderr));
    for (name, target) in author.links {
        std::fs::create_dir_all(project.path().join(name).parent().unwrap()).unwrap();
        symlink(target, project.path().join(name)).unwrap();
    }

    // The author's own.
    std::fs::remove_dir_all(project.path().join("cases")).unwrap();
    project.write(author.source.1, &authors(author.source.0));
    for name in ["model.toml", "manifest.toml", "lockgate.toml"] {
        project.write(name, &authors(name));
    }
    for (name, payload, site) in [("news", NEWS, "site = 'main'\n"), ("product", PRODUCT, ""), ("category", CATEGORY, "")] {
        let task_type = if name == "news" { "create-document" } else { "create-object" };
        project.write(&format!("cases/{name}/task.toml"), &format!("task-type = '{task_type}'\n{site}"));
        project.write(&format!("cases/{name}/payload.json"), payload);
    }
    let built = project.prepared("sh").args(["-e", "-c", author.build]).current_dir(project.path()).output().unwrap();
    assert!(built.status.success(), "{}{}", text(&built.stdout), text(&built.stderr));

    // Judged: what is expected is written once, and holds.
    let updated = project.run(&["test", author.component, "cases", "--update"]);
    assert!(updated.contains("wrote") && updated.contains("product"), "{updated}");
    let expected = std::fs::read_to_string(project.path().join("cases/product/expect.json")).unwrap();
    assert!(expected.contains("blue-shoe") && expected.contains("shop.size"), "{expected}");
    assert!(project.run(&["test", author.component, "cases"]).contains(" 0 failed"));

    // Seen at work: what waits for the product is said, and is stored when that is.
    let mut dev = project.lockgate();
    dev.args(["dev", author.component, "--as", "shop", "--cases", "cases", "--json"]).current_dir(project.path()).stdout(Stdio::piped());
    let mut dev = Dev(dev.spawn().unwrap());
    let mut stored = Vec::new();
    for line in BufReader::new(dev.0.stdout.take().unwrap()).lines() {
        let shown: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        if shown["task"]["outcome"] == "stored" {
            stored.push(shown["task"]["title"].as_str().unwrap_or_default().to_owned());
        }
        assert_ne!(shown["task"]["outcome"], "failed", "{shown}");
        if stored.len() == 3 {
            break;
        }
    }
    stored.sort();
    assert_eq!(stored, ["category", "news", "product"]);
    drop(dev);

    is_stored_and_updated(&project, author.component);
}

fn is_stored_and_updated(project: &Project, component: &str) {
    project.run(&["model", "apply", "model.toml"]);
    project.run(&["connector", "add", "shop", component]);
    for name in ["product", "category"] {
        project.run(&["submit", "shop", &format!("cases/{name}/payload.json"), "--subject", name]);
    }
    project.run(&["submit", "shop", "cases/news/payload.json", "--task-type", "create-document", "--site", "main"]);
    project.run(&["process"]);
    assert!(project.run(&["object", "get", "shop.product", "blue-shoe"]).contains("category: -> shop.category shoes"));
    assert!(project.run(&["page", "get", "main", "/we-are-open"]).contains("product: -> shop.product blue-shoe"));
    assert!(project.run(&["object", "list", "shop.size"]).contains("38"));

    project.write("update.json", UPDATE);
    project.run(&["submit", "shop", "update.json", "--task-type", "update-object", "--subject", "product"]);
    project.run(&["process"]);
    assert!(project.run(&["object", "get", "shop.product", "blue-shoe"]).contains("Bluest shoe"));
    let sizes = project.run(&["object", "list", "shop.size"]);
    assert!(sizes.contains("39") && !sizes.contains("38 "), "the list is complete: {sizes}");
}

#[test]
fn in_rust() {
    path_is_walked(Author {
        language: "rust",
        source: ("lib.rs", "src/lib.rs"),
        component: "shop.wasm",
        build: "./build.sh",
        links: Vec::new(),
        variables: vec![("CARGO_TARGET_DIR", scaffold_target())],
    });
}

#[test]
fn in_python() {
    let Some(environment) = toolchain("python") else { return };
    path_is_walked(Author {
        language: "python",
        source: ("connector.py", "connector.py"),
        component: "shop.wasm",
        build: ".venv/bin/python -m lockgate_guest build connector.py -o shop.wasm",
        links: vec![(".venv", environment)],
        variables: vec![("PYTHONPATH", Path::new("vendor/lockgate-guest/src").to_owned()), ("PYTHONDONTWRITEBYTECODE", "1".into())],
    });
}

#[test]
fn in_typescript() {
    let Some(npm) = toolchain("typescript") else { return };
    path_is_walked(Author {
        language: "typescript",
        source: ("connector.ts", "src/connector.ts"),
        component: "dist/shop.wasm",
        build: "npm run build",
        links: vec![
            ("node_modules/.bin/lockgate-guest", npm.join("build/bin/lockgate-guest.mjs")),
            ("node_modules/vitest", npm.join("node_modules/vitest")),
            ("node_modules/lockgate-guest", npm),
        ],
        variables: Vec::new(),
    });
}
