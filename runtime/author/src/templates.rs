//! The files of new projects, one line each. `{{name}}` in them becomes the project's name, `{{sdk}}` the folder
//! of the language's SDK.

/// A file's path in the project, and its text.
pub type File = (&'static str, &'static str);

macro_rules! files {
    ($lang:literal: $($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../templates/", $lang, "/", $path)))),*]
    };
}

/// A project in Rust.
pub const RUST: &[File] = files!("rust":
    "README.md",
    "Cargo.toml",
    "src/lib.rs",
    "manifest.toml",
    "model.toml",
    "lockgate.toml",
    "build.sh",
    ".cargo/config.toml",
    ".gitignore",
    "cases/create/task.toml",
    "cases/create/payload.json",
    "cases/create/expect.json",
    "cases/delete/task.toml",
    "cases/delete/payload.json",
    "cases/delete/expect.json",
    "cases/no-title/task.toml",
    "cases/no-title/payload.json",
    "cases/no-title/error.txt",
);

/// A project in TypeScript.
pub const TYPESCRIPT: &[File] = files!("typescript":
    "README.md",
    "lockgate.toml",
    "manifest.toml",
    "model.toml",
    "package.json",
    "src/connector.ts",
    "tsconfig.json",
    ".gitignore",
    ".npmrc",
    "cases/create/expect.json",
    "cases/create/payload.json",
    "cases/create/task.toml",
    "cases/delete/expect.json",
    "cases/delete/payload.json",
    "cases/delete/task.toml",
    "cases/no-title/error.txt",
    "cases/no-title/payload.json",
    "cases/no-title/task.toml",
);

/// A project in Python.
pub const PYTHON: &[File] = files!("python":
    "README.md",
    "connector.py",
    "lockgate.toml",
    "manifest.toml",
    "model.toml",
    "requirements.txt",
    "test_connector.py",
    ".gitignore",
    "cases/create/expect.json",
    "cases/create/payload.json",
    "cases/create/task.toml",
    "cases/delete/expect.json",
    "cases/delete/payload.json",
    "cases/delete/task.toml",
    "cases/no-title/error.txt",
    "cases/no-title/payload.json",
    "cases/no-title/task.toml",
);

/// A project in Go.
pub const GO: &[File] = files!("go":
    "README.md",
    "build.sh",
    "connector.go",
    "connector_test.go",
    "go.mod",
    "lockgate.toml",
    "manifest.toml",
    "model.toml",
    ".gitignore",
    "cases/create/payload.json",
    "cases/create/task.toml",
    "cases/create/expect.json",
    "cases/delete/payload.json",
    "cases/delete/task.toml",
    "cases/delete/expect.json",
    "cases/no-title/payload.json",
    "cases/no-title/task.toml",
    "cases/no-title/error.txt",
);

/// A project in C.
pub const C: &[File] = files!("c":
    "README.md",
    "build.sh",
    "connector.c",
    "lockgate.toml",
    "manifest.toml",
    "model.toml",
    ".gitignore",
    "cases/create/expect.json",
    "cases/create/payload.json",
    "cases/create/task.toml",
    "cases/delete/expect.json",
    "cases/delete/payload.json",
    "cases/delete/task.toml",
    "cases/no-title/error.txt",
    "cases/no-title/payload.json",
    "cases/no-title/task.toml",
);
