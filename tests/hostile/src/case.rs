//! A case: one file that says what is attacked, how it must end, and the attack itself.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use lockgate_core::failure::Code;
use lockgate_core::ports::Limits;
use lockgate_core::task::{DataType, TaskType};

use crate::process::KEPT_KIB;
use crate::script::Reach;

/// Repeats after which resident memory must be back.
const REPEATS: u32 = 200;
/// The same in CI, where all tests together have half an hour.
const CI_REPEATS: u32 = 50;

/// How a case must end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// The task fails with this code, or one of these: `unavailable or deadline`.
    Fails(String),
    /// The component is refused at install with this code.
    Refused(String),
    /// The attack gets nothing for its trouble: the task's object is stored.
    Stored,
    /// The same, where the connector answers that there is nothing to do.
    Skipped,
    /// What the file itself asserts.
    Holds,
}

impl Expect {
    /// Whether the attack ends at its deadline.
    pub fn is_deadline(&self) -> bool {
        matches!(self, Self::Fails(code) if code == "deadline")
    }
}

/// How a WAT file becomes a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A core module that is wrapped into a connector.
    Connector,
    /// What the text is: a module, or a whole component.
    Raw,
    /// A script for the connector of `tests/guests`.
    Script,
    /// No text: a Rust file.
    Rust,
}

/// A parsed header.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file's name without its ending: `G30-loop-in-prepare`.
    pub name: String,
    /// The number in the list of hostile cases: `30`.
    pub number: u32,
    /// One sentence.
    pub what: String,
    /// How it must end.
    pub expect: Expect,
    /// What the message, or the export where something is stored, must contain.
    pub says: Vec<String>,
    /// What the task's log must contain.
    pub log: Vec<String>,
    /// How many lines of its own the guest's log must have.
    pub log_lines: Option<usize>,
    /// Bodies of the external object, each an attack of its own.
    pub payloads: Vec<String>,
    /// Whether a payload that begins with `ok` makes the same component behave.
    pub can_behave: bool,
    /// The operator's limits.
    pub limits: Limits,
    /// Whether the operator grants every write.
    pub granted: bool,
    /// Kind of the attacking tasks.
    pub task_type: TaskType,
    /// How much of the data is meant.
    pub data_type: DataType,
    /// How often it is repeated for the measure of memory.
    pub repeats: u32,
    /// Most that the host may take at its peak above where it began, in MiB.
    pub peak_mib_max: Option<u64>,
    /// Most private memory that may be left after the repeats, in KiB.
    pub kept_kib_max: i64,
    /// What a script's connector may reach.
    pub reach: Reach,
    /// How it becomes a component.
    pub form: Form,
    /// How the module encodes strings.
    pub encoding: wit_component::StringEncoding,
    /// Replacements in the contract's text before the module is wrapped.
    pub contract: Vec<(String, String)>,
    /// The text below the header.
    pub text: String,
}

impl Case {
    /// Reads a `.wat` file, whose header lines begin with `;;`, a `.jsonc` file, where they begin
    /// with `//`, or a `.rs` file with `//!`. The header ends at the first other line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let (mark, form) = match path.extension().and_then(|end| end.to_str()) {
            Some("wat") => (";;", Form::Connector),
            Some("rs") => ("//!", Form::Rust),
            Some("jsonc") => ("//", Form::Script),
            other => bail!("{}: a case is a .wat, .jsonc or .rs file, not {other:?}", path.display()),
        };
        let name = path.file_stem().and_then(|stem| stem.to_str()).context("a readable name")?;
        Self::parse(name, &text, mark, form).with_context(|| path.display().to_string())
    }

    fn parse(name: &str, text: &str, mark: &str, form: Form) -> Result<Self> {
        let mut header: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in text.lines().map_while(|line| line.strip_prefix(mark)) {
            let (key, value) = line.split_once(':').with_context(|| format!("{line:?} is not `key: value`"))?;
            header.entry(key.trim()).or_default().push(value.trim());
        }
        let mut header = Header(header);
        let case = header.one("case")?.context("`case` is missing")?;
        ensure!(name.starts_with(&format!("{case}-")), "the file's name must begin with {case}-");
        let expect = expect(header.one("expect")?.context("`expect` is missing")?)?;
        let case = Self {
            name: name.to_owned(),
            number: case.strip_prefix('G').and_then(|digits| digits.parse().ok()).context("`case` is not like G30")?,
            what: header.one("what")?.context("`what` is missing")?.to_owned(),
            limits: limits(header.one("limits")?.unwrap_or(""), &expect)?,
            expect,
            says: header.many("says"),
            log: header.many("log"),
            log_lines: header.one("log-lines")?.map(str::parse).transpose()?,
            payloads: Some(header.many("payload")).filter(|given| !given.is_empty()).unwrap_or_else(|| vec!["attack".to_owned()]),
            can_behave: header.word("behaves", true, &[("never", false)])?,
            granted: header.word("granted", true, &[("nothing", false)])?,
            task_type: header.one("task")?.unwrap_or("create-object").parse()?,
            data_type: header.one("data")?.unwrap_or("simple-snapshot").parse()?,
            repeats: header.one("repeats")?.map_or(Ok(usual_repeats()), str::parse)?,
            peak_mib_max: header.one("peak-mib")?.map(str::parse).transpose()?,
            kept_kib_max: header.one("kept-mib")?.map_or(Ok(KEPT_KIB), |mib| mib.parse().map(|mib: i64| mib << 10))?,
            reach: Reach::of(&mut header)?,
            form: header.word("form", form, &[("raw", Form::Raw)])?,
            encoding: header.word("strings", wit_component::StringEncoding::UTF8, &[("utf16", wit_component::StringEncoding::UTF16)])?,
            contract: header.many("contract").iter().map(|change| replacement(change)).collect::<Result<_>>()?,
            text: text.to_owned(),
        };
        let unknown: Vec<&str> = header.0.into_keys().collect();
        ensure!(unknown.is_empty(), "unknown keys: {unknown:?}");
        Ok(case)
    }

    /// As in the list: `G30`.
    pub fn id(&self) -> String {
        format!("G{:02}", self.number)
    }
}

/// An external object that makes a component of this form store an object of this name.
pub fn good_payload(form: Form, name: &str) -> String {
    match form {
        Form::Script => format!(r#"{{"prepare": {{"object": {{"object_type": "test.item", "code_name": "{name}"}}}}}}"#),
        Form::Connector | Form::Raw | Form::Rust => format!("ok {name}"),
    }
}

/// Keys and their values; what is asked for is taken out.
pub struct Header<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Header<'a> {
    pub fn many(&mut self, key: &str) -> Vec<String> {
        self.0.remove(key).unwrap_or_default().into_iter().map(str::to_owned).collect()
    }

    pub fn one(&mut self, key: &str) -> Result<Option<&'a str>> {
        let values = self.0.remove(key).unwrap_or_default();
        ensure!(values.len() < 2, "`{key}` stands twice");
        Ok(values.first().copied())
    }

    pub fn word<T: Copy>(&mut self, key: &str, absent: T, words: &[(&str, T)]) -> Result<T> {
        let Some(given) = self.one(key)? else { return Ok(absent) };
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        found.with_context(|| format!("`{key}: {given}` is unknown"))
    }
}

fn expect(text: &str) -> Result<Expect> {
    Ok(match text.split_once(' ') {
        Some(("fails", codes)) => {
            codes.split(" or ").try_for_each(|code| code.parse::<Code>().map(|_| ()))?;
            Expect::Fails(codes.to_owned())
        }
        Some(("refused", code)) => Expect::Refused(code.to_owned()),
        None if text == "stored" => Expect::Stored,
        None if text == "skipped" => Expect::Skipped,
        None if text == "holds" => Expect::Holds,
        _ => bail!("`expect: {text}` is unknown"),
    })
}

/// `deadline_ms=50 memory_mib=16`. Small by default, so that an attack ends soon; but only what is to
/// run into its deadline has a short one, so that a busy machine decides nothing.
fn limits(text: &str, expect: &Expect) -> Result<Limits> {
    let deadline_ms = if expect.is_deadline() { 50 } else { 5_000 };
    let mut limits = Limits { deadline_ms, memory_bytes_max: 16 << 20, output_bytes_max: 1 << 20, ..Limits::default() };
    for part in text.split_whitespace() {
        let (key, value) = part.split_once('=').with_context(|| format!("{part:?} is not `limit=number`"))?;
        let number: u64 = value.parse()?;
        match key {
            "deadline_ms" => limits.deadline_ms = number,
            "memory_mib" => limits.memory_bytes_max = number << 20,
            "output_kib" => limits.output_bytes_max = number << 10,
            "state_bytes" => limits.state_bytes_max = number,
            "log_lines" => limits.log_lines_max = usize::try_from(number)?,
            _ => bail!("`{key}` is not a limit"),
        }
    }
    Ok(limits)
}

/// `old => new`; `\n` stands for a line break.
fn replacement(text: &str) -> Result<(String, String)> {
    let (old, new) = text.split_once(" => ").context("`contract` is `old => new`")?;
    Ok((old.replace("\\n", "\n"), new.replace("\\n", "\n")))
}

/// How often a case is repeated that says nothing of it.
fn usual_repeats() -> u32 {
    if std::env::var_os("CI").is_some() { CI_REPEATS } else { REPEATS }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Case> {
        Case::parse("G30-x", text, ";;", Form::Connector)
    }

    #[test]
    fn a_header_is_read() {
        let case = parse(";; case: G30\n;; what: a loop\n;; expect: fails deadline\n;; limits: deadline_ms=7\n(module)").unwrap();
        assert_eq!((case.number, case.limits.deadline_ms, case.expect), (30, 7, Expect::Fails("deadline".into())));
    }

    #[test]
    fn a_header_with_a_mistake_is_refused() {
        for wrong in [
            ";; case: G30\n;; what: x",
            ";; case: G31\n;; what: x\n;; expect: stored",
            ";; case: G30\n;; what: x\n;; expect: fails no-such-code",
            ";; case: G30\n;; what: x\n;; expect: stored\n;; limit: deadline_ms=1",
            ";; case: G30\n;; what: x\n;; expect: stored\n;; limits: deadline=1",
            ";; case: G30\n;; what: x\n;; what: y\n;; expect: stored",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
