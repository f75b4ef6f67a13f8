//! The languages, and where the connector of each is built.

use std::path::Path;
use std::str::FromStr;

use anyhow::{Context as _, Result};

/// A language, or one of its engines.
#[derive(Debug)]
pub struct Language {
    /// As results and the command line name it.
    pub key: &'static str,
    /// As people read it.
    pub name: &'static str,
    /// Its file, below the folder of guests.
    file: &'static str,
    /// The same with an allocator that frees, where it has two.
    reused: Option<&'static str>,
}

/// In the order of the table.
pub static LANGUAGES: [Language; 6] = [
    Language {
        key: "rust",
        name: "Rust",
        file: "wasm32-wasip2/guest/lockgate_bench_guest.wasm",
        reused: Some("reused/wasm32-wasip2/guest/lockgate_bench_guest.wasm"),
    },
    Language { key: "c", name: "C", file: "bench-languages/c.wasm", reused: None },
    Language { key: "go", name: "Go, experimental", file: "bench-languages/go.wasm", reused: None },
    Language { key: "typescript-quickjs", name: "TypeScript, QuickJS", file: "bench-languages/typescript-quickjs.wasm", reused: None },
    Language {
        key: "typescript-starlingmonkey",
        name: "TypeScript, StarlingMonkey",
        file: "bench-languages/typescript-starlingmonkey.wasm",
        reused: None,
    },
    Language { key: "python", name: "Python", file: "bench-languages/python.wasm", reused: None },
];

/// A language that could not be built, as the command line says it: `NAME=WHY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// [`Language::key`].
    key: String,
    /// For the table.
    why: String,
}

impl FromStr for Absent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((key, why)) = text.split_once('=') else { return Err("NAME=WHY is expected".to_owned()) };
        if !LANGUAGES.iter().any(|language| language.key == key) {
            let known: Vec<&str> = LANGUAGES.iter().map(|language| language.key).collect();
            return Err(format!("there is no {key}: there are {}", known.join(", ")));
        }
        Ok(Self { key: key.to_owned(), why: why.to_owned() })
    }
}

/// What was built of a language.
#[derive(Debug)]
pub enum Built {
    /// Its connector, and the same for an instance that is used again.
    Components(Vec<u8>, Option<Vec<u8>>),
    /// Nothing, and why.
    Nothing(String),
}

impl Language {
    /// Its connector, unless the command line says that there is none.
    pub fn component(&'static self, guests: &Path, absent: &[Absent]) -> Result<(&'static Self, Built)> {
        if let Some(absent) = absent.iter().find(|absent| absent.key == self.key) {
            return Ok((self, Built::Nothing(absent.why.clone())));
        }
        let read = |file: &str| {
            let path = guests.join(file);
            std::fs::read(&path).with_context(|| {
                format!("{}: cannot read the connector {}: `cargo xtask bench --languages` builds it", self.name, path.display())
            })
        };
        let reused = self.reused.map(read).transpose()?;
        Ok((self, Built::Components(read(self.file)?, reused)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_says_which_language_and_why() {
        let absent: Absent = "python=no compiler = no component".parse().unwrap();
        assert_eq!((absent.key.as_str(), absent.why.as_str()), ("python", "no compiler = no component"));
        assert!("cobol=no compiler".parse::<Absent>().unwrap_err().contains("typescript-quickjs"));
        assert!("python".parse::<Absent>().is_err());
    }

    #[test]
    fn a_language_that_is_absent_is_not_looked_for_and_another_must_be_there() {
        let [rust, ..] = &LANGUAGES;
        let nowhere = Path::new("nowhere");
        let absent = ["rust=no compiler".parse().unwrap()];
        assert!(matches!(rust.component(nowhere, &absent).unwrap(), (_, Built::Nothing(why)) if why == "no compiler"));
        let error = rust.component(nowhere, &[]).unwrap_err().to_string();
        assert!(error.contains("Rust: ") && error.contains("`cargo xtask bench --languages`"), "{error}");
    }
}
