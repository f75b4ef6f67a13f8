//! What every connector must stand, whatever it translates. Each check says what went wrong, with which
//! case, and what an author does about it.

mod calls;
mod hostile;

use std::time::Instant;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::grants::Hosts;
use lockgate_core::ports::InstallError;
use lockgate_core::prepared::Prepared;

use super::case::Case;
use super::report::{Finding, Report, Status};
use super::rig::Rig;

/// Cases that a check is made with: the first ones.
const CASES_MAX: usize = 20;

/// How a check ended, and what is to be said.
type Verdict = (Status, String);
type Check = fn(&Rig, &[Case]) -> Verdict;

const CHECKS: &[(&str, Check)] = &[
    ("contract", contract),
    ("compiling", compiling),
    ("imports", imports),
    ("manifest", manifest),
    ("empty-payload", hostile::empty),
    ("truncated-payload", hostile::truncated),
    ("not-utf8-payload", hostile::not_utf8),
    ("huge-payload", hostile::huge),
    ("unknown-fields", hostile::unknown_fields),
    ("determinism", calls::determinism),
    ("unknown-ids", calls::unknown_ids),
    ("no-state", calls::no_state),
    ("time-and-memory", calls::time_and_memory),
];

/// Every check, with the cases, or with a payload of its own where there are none.
pub fn all(rig: &Rig, cases: &[Case]) -> Vec<Finding> {
    let bare = [Case::bare()];
    let cases = if cases.is_empty() { &bare } else { cases.get(..CASES_MAX).unwrap_or(cases) };
    let findings = CHECKS.iter().map(|(name, check)| {
        let started = Instant::now();
        let (status, message) = check(rig, cases);
        Finding { group: "check", name: (*name).to_owned(), status, message, took: started.elapsed() }
    });
    findings.collect()
}

/// Of a component that cannot be installed: the check that it fails.
pub fn refused(error: &InstallError) -> Report {
    let name = match error.code {
        "import-denied" => "imports",
        "invalid-manifest" => "manifest",
        "compile-limit" | "compile-failed" | "compiler-killed" | "compiler-not-started" | "no-executable-memory" => "compiling",
        _ => "contract",
    };
    let finding = Finding {
        group: "check",
        name: name.to_owned(),
        status: Status::Failed,
        message: error.to_string(),
        took: std::time::Duration::ZERO,
    };
    Report { findings: vec![finding] }
}

/// Whether the connector crashed or answered what cannot be read, instead of answering an error of its own.
fn crashed(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::Trap
            | Code::Panic
            | Code::Exit
            | Code::StackOverflow
            | Code::Deadline
            | Code::MemoryLimit
            | Code::BadOutput
            | Code::OutputLimit
    )
}

fn passed(message: impl Into<String>) -> Verdict {
    (Status::Passed, message.into())
}

fn failed(message: impl Into<String>) -> Verdict {
    (Status::Failed, message.into())
}

/// The sandbox has checked it before anything could run.
fn contract(_: &Rig, _: &[Case]) -> Verdict {
    passed("exports lockgate:connector/translator, with the types of this version")
}

/// The harness waits longer than a server does, whose operator can be asked to.
fn compiling(rig: &Rig, _: &[Case]) -> Verdict {
    let (took, max) = (rig.compiled_in.as_secs_f64(), rig.server_compile_seconds_max);
    if rig.compiled_in.as_secs() * 2 < max {
        return passed(format!("{took:.1} s"));
    }
    passed(format!(
        "{took:.1} s, and a server takes {max} s of processor time at most where nothing is set: tell operators in your README to raise \
         `compile_cpu_seconds_max` under `[sandbox]`"
    ))
}

fn imports(rig: &Rig, _: &[Case]) -> Verdict {
    let calls = rig.foreign_imports.iter().any(|import| import.starts_with("wasi:http/outgoing-handler"));
    if rig.foreign_imports.is_empty() {
        return passed("strict: nothing but the contract");
    }
    let list = rig.foreign_imports.join(", ");
    let asks = !matches!(&rig.manifest.hosts, Hosts::These(hosts) if hosts.is_empty());
    match (calls, asks) {
        (true, false) => passed(format!("{list}; it can make calls, and its manifest asks for no hosts: every call would be denied")),
        (true, true) => passed(format!("{list}; effect only for calls to granted hosts")),
        (false, _) => passed(format!("{list}; linked without effect")),
    }
}

/// Whether the manifest asks for what the cases write.
fn manifest(rig: &Rig, cases: &[Case]) -> Verdict {
    let mut objects = 0;
    for case in cases {
        let Some(Prepared::Object(object)) = rig.run(case).seen.prepared else { continue };
        let rows = std::iter::once(&object.row).chain(object.children.iter().map(|child| &child.row));
        for row in rows {
            objects += 1;
            if !rig.manifest.objects.iter().any(|asked| asked.matches(&row.object_type)) {
                let name = &row.object_type;
                return failed(format!(
                    "case {} prepares an object of type {name}, for which the manifest does not ask: the task would end with \
                     `write-denied`; add {name:?} to `objects` in the manifest",
                    case.name
                ));
            }
        }
    }
    passed(format!("asks for the types of what the cases prepare ({objects} objects)"))
}
