//! The files of new projects, one line each. `{{name}}` in them becomes the project's name, `{{sdk}}` the folder
//! of the language's SDK.

/// A file's path in the project, and its text.
pub type File = (&'static str, &'static str);

macro_rules! files {
    ($lang:literal: $($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../templates/", $lang, "/", $path)))),*]
    };
}

/// What the projects of all languages have in common: one model, and one expectation for each case.
pub const SHARED: &[File] = files!("shared":
    "lockgate.toml",
    "manifest.toml",
    "model.toml",
    "cases/create/task.toml",
    "cases/create/payload.json",
    "cases/create/expect.json",
    "cases/not-stated/task.toml",
    "cases/not-stated/payload.json",
    "cases/not-stated/expect.json",
    "cases/cleared/task.toml",
    "cases/cleared/payload.json",
    "cases/cleared/expect.json",
    "cases/unreadable/task.toml",
    "cases/unreadable/payload.json",
    "cases/unreadable/expect.json",
    "cases/delete/task.toml",
    "cases/delete/payload.json",
    "cases/delete/expect.json",
    "cases/no-title/task.toml",
    "cases/no-title/payload.json",
    "cases/no-title/error.txt",
    "cases/several/task.toml",
    "cases/several/payload.json",
    "cases/several/error.txt",
);

/// A project in Rust.
pub const RUST: &[File] = files!("rust":
    "README.md",
    "Cargo.toml",
    "src/lib.rs",
    "build.sh",
    ".cargo/config.toml",
    ".gitignore",
);

/// A project in TypeScript.
pub const TYPESCRIPT: &[File] = files!("typescript":
    "README.md",
    "package.json",
    "src/connector.ts",
    "src/connector.test.ts",
    "tsconfig.json",
    ".gitignore",
    ".npmrc",
);

/// What a project takes along of its SDK: a folder below `vendor/`, and below the SDK's the folder and the files and folders in it
/// that are the package. A project builds on a machine without Lockgate's repository, and names no folder outside of itself.
pub type Vendored = (&'static str, &'static str, &'static [&'static str]);

/// The packages of a project in TypeScript.
pub const TYPESCRIPT_PACKAGES: &[Vendored] = &[
    ("lockgate-guest", "", &["package.json", "README.md", "LICENSE", "globals.d.ts", "tsconfig.base.json", "dist", "wit"]),
    ("lockgate-guest-build", "build", &["package.json", "README.md", "LICENSE", "bin", "lib"]),
];

/// The package of a project in Python.
pub const PYTHON_PACKAGES: &[Vendored] = &[("lockgate-guest", "", &["pyproject.toml", "README.md", "LICENSE", "src"])];

/// A project in Python.
pub const PYTHON: &[File] = files!("python":
    "README.md",
    "connector.py",
    "requirements.txt",
    "test_connector.py",
    ".gitignore",
);

/// A project in Go.
pub const GO: &[File] = files!("go":
    "README.md",
    "build.sh",
    "connector.go",
    "connector_test.go",
    "go.mod",
    "go.work",
    ".gitignore",
);

/// A project in C.
pub const C: &[File] = files!("c":
    "README.md",
    "build.sh",
    "connector.c",
    "connector_test.c",
    "sdk-folder",
    ".gitignore",
);
