//! `[log] level`: which lines are written. A word that is not known is a mistake, not silence.

use std::fmt;
use std::str::FromStr;

use tracing_subscriber::filter::{LevelFilter, Targets};

/// From the fewest lines to all.
const WORDS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// Parts by the name that operators use, and where their lines come from. The program's own end
/// in `::`: it would be the beginning of all.
const PARTS: [(&str, &str); 5] = [
    ("bus", "lockgate_bus"),
    ("program", "lockgate::"),
    ("sandbox", "lockgate_sandbox"),
    ("server", "lockgate_server"),
    ("store", "lockgate_store_redb"),
];

/// By their crates' names they may be named too, down to a module; `lockgate_core` was one of them.
const CRATES: [&str; 6] = ["lockgate", "lockgate_bus", "lockgate_core", "lockgate_sandbox", "lockgate_server", "lockgate_store_redb"];

/// How alike a word must be to be what was meant, from 0 to 1.
const ALIKE: f64 = 0.8;

/// Which lines are written: of everything, and of parts.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLevel {
    all: LevelFilter,
    /// As they were named.
    parts: Vec<(String, LevelFilter)>,
}

impl Default for LogLevel {
    fn default() -> Self {
        Self { all: LevelFilter::INFO, parts: Vec::new() }
    }
}

impl LogLevel {
    /// Errors, and what is wrong with the configuration: for commands.
    pub fn of_commands() -> Self {
        Self { all: LevelFilter::ERROR, parts: vec![("lockgate::config".to_owned(), LevelFilter::WARN)] }
    }

    pub fn filter(&self) -> Targets {
        let target = |name: &str| PARTS.iter().find(|(part, _)| *part == name).map_or(name, |(_, target)| target).to_owned();
        let parts = self.parts.iter().map(|(name, level)| (target(name), *level));
        Targets::new().with_default(self.all).with_targets(parts)
    }
}

/// Why a level was refused, with the words that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord(String);

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn unknown(given: &str, what: &str, known: &[&str]) -> UnknownWord {
    let alike = |word: &str| strsim::jaro_winkler(word, &given.to_ascii_lowercase());
    let meant = known.iter().filter(|word| alike(word) >= ALIKE).max_by(|a, b| alike(a).total_cmp(&alike(b)));
    let meant = meant.map(|word| format!(": did you mean {word:?}?")).unwrap_or_default();
    UnknownWord(format!("{given:?} is not a {what}{meant}; known are {}", known.join(", ")))
}

impl FromStr for LogLevel {
    type Err = UnknownWord;

    /// Levels and `part=level`, separated by commas; the last one of each holds.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut level = Self::default();
        for item in text.split(',') {
            match item.split_once('=') {
                None => level.all = word(item.trim())?,
                Some((name, of)) => level.parts.push((part(name.trim())?.to_owned(), word(of.trim())?)),
            }
        }
        Ok(level)
    }
}

fn word(text: &str) -> Result<LevelFilter, UnknownWord> {
    let found = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, level)| *level).ok_or_else(|| unknown(text, "log level", &WORDS.map(|(word, _)| word)))
}

fn part(name: &str) -> Result<&str, UnknownWord> {
    let of_crate = name.split("::").next().unwrap_or_default();
    let known = PARTS.iter().any(|(part, _)| *part == name) || CRATES.contains(&of_crate);
    if known { Ok(name) } else { Err(unknown(name, "part of Lockgate", &[&PARTS.map(|(part, _)| part)[..], &CRATES].concat())) }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.all)?;
        self.parts.iter().try_for_each(|(name, level)| write!(f, ",{name}={level}"))
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_level_is_read_and_written_back() {
        for text in ["info", "off", "error,server=debug", "warn,lockgate_sandbox::http=trace,store=off"] {
            assert_eq!(text.parse::<LogLevel>().unwrap().to_string(), text);
        }
        assert_eq!(" WARN , server = Debug".parse::<LogLevel>().unwrap().to_string(), "warn,server=debug");
    }

    /// `level = "warning"` was read as the name of a part, of which everything was written; of all
    /// others nothing.
    #[test]
    fn a_word_that_is_not_known_is_a_mistake() {
        for (text, said) in [
            ("warning", "\"warning\" is not a log level: did you mean \"warn\"?"),
            ("inof", "did you mean \"info\"?"),
            ("none", "\"none\" is not a log level"),
            ("loud", "\"loud\" is not a log level; known are off, error"),
            ("", "\"\" is not a log level"),
            ("info,", "\"\" is not a log level"),
            ("3", "\"3\" is not a log level"),
            ("info,serverr=debug", "\"serverr\" is not a part of Lockgate: did you mean \"server\"?"),
            ("lockgate_sever=debug", "did you mean \"lockgate_server\"?"),
            ("hyper=debug", "\"hyper\" is not a part"),
            ("server=loud", "\"loud\" is not a log level"),
            ("info,[span]=debug", "\"[span]\" is not a part"),
        ] {
            let error = text.parse::<LogLevel>().expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn parts_stand_beside_everything_else() {
        let filter = "server=debug,program=error".parse::<LogLevel>().unwrap().filter();
        assert!(filter.would_enable("lockgate_server::serve", &Level::DEBUG));
        assert!(filter.would_enable("lockgate_bus::desk", &Level::INFO) && !filter.would_enable("lockgate_bus::desk", &Level::DEBUG));
        assert!(!filter.would_enable("lockgate::commands::serve", &Level::WARN));
    }
}
