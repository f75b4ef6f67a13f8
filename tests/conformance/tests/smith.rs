//! Random components against the sandbox with its production limits: whatever they are and do, the
//! host lives, and every result has a stable code (promises 3 and 4).
//!
//! The series is fixed: `LOCKGATE_SMITH_SEED`, `LOCKGATE_SMITH_COUNT` and `LOCKGATE_SMITH_SECONDS`
//! make another, a longer or a shorter one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lockgate_conformance_tests::smith::{Made, Random, Smith};
use lockgate_core::failure::{Code, Failure};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Run, Sandbox, TaskInfo, TaskView, Translator};
use lockgate_core::task::{DataType, ExternalObject, TaskType};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};

const SEED: u64 = 0x10c6_9a7e;
const COUNT: u64 = 10_000;
/// In CI the series ends after this time, however far it came.
const CI_SECONDS: u64 = 25;
/// Fewer in that time would be no test.
const COUNT_MIN: u64 = 500;
/// Of one call. Production grants seconds; a random loop is as endless after 20 ms.
const DEADLINE_MS: u64 = 20;
/// One component takes milliseconds. After this time it hangs.
const HANGS: Duration = Duration::from_secs(60);
/// Each compiles in a child process and runs in a sandbox of its own.
const WORKERS: u64 = 2;

/// What an install may be refused with. `compile-failed` and `artefact-unwritable` are not among them:
/// those are faults of the host, which no component may cause.
const INSTALL_CODES: [&str; 6] =
    ["invalid-component", "invalid-manifest", "missing-export", "import-denied", "incompatible-contract", "compile-limit"];

/// How often each result was seen, by what was called.
type Results = BTreeMap<(&'static str, String), u64>;

#[test]
fn random_components_end_with_a_stable_code() {
    let seed = number("LOCKGATE_SMITH_SEED").unwrap_or(SEED);
    let count = number("LOCKGATE_SMITH_COUNT").unwrap_or(COUNT);
    let bound = std::env::var_os("CI").map(|_| CI_SECONDS);
    let bound = number("LOCKGATE_SMITH_SECONDS").or(bound).map(Duration::from_secs);
    println!("seed {seed}: {count} components, {}", bound.map_or("all of them".to_owned(), |bound| format!("{bound:?} at most")));
    let contract = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/connector.wit")).unwrap();
    let smith = Smith::new(&contract, seed);
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let working = Mutex::new(BTreeMap::<u64, Instant>::new());
    let ended = AtomicBool::new(false);
    let results: Vec<(u64, Results)> = std::thread::scope(|scope| {
        let work = || {
            let bench = Bench::new();
            let (mut ran, mut results) = (0, Results::new());
            while bound.is_none_or(|bound| begun.elapsed() < bound) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    break;
                }
                working.lock().unwrap().insert(index, Instant::now());
                bench.run(&smith, seed, index, &mut results);
                working.lock().unwrap().remove(&index);
                ran += 1;
            }
            (ran, results)
        };
        scope.spawn(|| watch(&working, &ended));
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        let results: Vec<_> = workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        ended.store(true, Ordering::Relaxed);
        results.into_iter().map(|result| result.expect("no component brings the host to panic")).collect()
    });
    let ran: u64 = results.iter().map(|(ran, _)| ran).sum();
    let mut all = Results::new();
    for ((what, result), times) in results.into_iter().flat_map(|(_, results)| results) {
        *all.entry((what, result)).or_default() += times;
    }
    for ((what, result), times) in &all {
        println!("{times:>6} {what}: {result}");
    }
    println!("{ran} of {count} components in {:.1} s", begun.elapsed().as_secs_f64());
    assert!(ran == count || (bound.is_some() && ran >= COUNT_MIN.min(count)), "only {ran} of {count} components ran");
    // The series is worth something only if random code really runs, and some of it answers.
    let times = |what: &str, is: &dyn Fn(&str) -> bool| all.iter().filter(|((w, r), _)| *w == what && is(r)).map(|(_, n)| n).sum::<u64>();
    if ran >= COUNT_MIN {
        assert!(times("install", &|result| result == "ok") > ran / 4, "too few can be installed");
        assert!(times("prepare", &|result| result == "ok") > 0, "none answers");
    }
}

/// Ends the program when a component hangs: a thread that hangs cannot be ended.
fn watch(working: &Mutex<BTreeMap<u64, Instant>>, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        for (index, since) in &*working.lock().unwrap() {
            if since.elapsed() > HANGS {
                eprintln!("component {index} hangs");
                std::process::abort();
            }
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

/// A sandbox as in production, and what is handed to guests.
struct Bench {
    sandbox: WasmSandbox,
    granted: Arc<Granted>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SandboxOptions::for_tests(folder.path().join("artefacts")).unwrap();
        Self { sandbox: WasmSandbox::new(options).unwrap(), granted: Arc::default(), _folder: folder }
    }

    fn run(&self, smith: &Smith, seed: u64, index: u64, results: &mut Results) {
        let mut note = |what: &'static str, result: String| *results.entry((what, result)).or_default() += 1;
        let component = match smith.make(index) {
            Made::Component(component) | Made::Connector(component) => component,
            Made::Nothing => return note("made", "nothing".into()),
        };
        match self.sandbox.compile(&component) {
            Ok(compiled) => {
                note("install", "ok".into());
                let translator = self.sandbox.load(&compiled.digest, &mut || None).expect("what was installed can be loaded");
                self.translate(&*translator, &mut Random::new(!seed, index), &mut note);
                // They are many.
                self.sandbox.keep_only(|_| false).unwrap();
            }
            Err(error) => {
                assert!(INSTALL_CODES.contains(&error.code), "component {index}: {error}");
                note("install", error.code.into());
            }
        }
    }

    fn translate(&self, translator: &dyn Translator, random: &mut Random, note: &mut dyn FnMut(&'static str, String)) {
        let run = Run { deadline_ms: DEADLINE_MS, state: Arc::default(), now_ms: 0, seed: [1; 32], task: TaskInfo::default() };
        let mut instance = match translator.instance(&self.granted, &run) {
            Ok(instance) => instance,
            Err(not_started) => return note("start", code(&not_started.failure)),
        };
        let external = ExternalObject { media_type: "application/octet-stream".into(), body: body(random) };
        let view = TaskView { external: &external, task_type: TaskType::UpdateObject, data_type: DataType::Snapshot, site: None };
        note("prepare", instance.prepare_internal_object(&view).map_or_else(|failure| code(&failure), |_| "ok".into()));
        let (id, name) = (ExternalId::new("7").unwrap().unwrap(), TypeName::new("cms.user").unwrap());
        note("object params", instance.get_internal_object_params(&id, &name).map_or_else(|failure| code(&failure), |_| "ok".into()));
        note("page params", instance.get_internal_document_params(&id, &name).map_or_else(|failure| code(&failure), |_| "ok".into()));
        let usage = instance.usage();
        assert!(usage.memory_bytes <= self.granted.limits.memory_bytes_max, "{} bytes of memory", usage.memory_bytes);
        assert!(usage.log.len() <= self.granted.limits.log_lines_max + 1, "{} lines of log", usage.log.len());
    }
}

/// 64 KiB that read like lists, texts and cases: small numbers, and addresses near themselves.
fn body(random: &mut Random) -> Arc<[u8]> {
    let word = |random: &mut Random| -> u32 {
        let value = u32::try_from(random.next() >> 32).unwrap();
        match value % 8 {
            0..=2 => 0,
            3 | 4 => (value >> 3) % 4,
            5 => (value >> 3) % 12,
            6 => 65_536 + (value >> 3) % 65_536 / 8 * 8,
            _ => value,
        }
    };
    std::iter::repeat_with(|| word(random)).flat_map(u32::to_le_bytes).take(64 << 10).collect()
}

fn code(failure: &Failure) -> String {
    let code = failure.code.as_str();
    assert!(Code::ALL.contains(&Code::from_str(code).unwrap()), "{code}");
    code.to_owned()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value}")))
}
