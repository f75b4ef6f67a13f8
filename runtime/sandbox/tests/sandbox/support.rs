//! A sandbox in a temporary directory, the scripted guest, and components made by hand.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use lockgate_core::failure::Failure;
use lockgate_core::ports::{Granted, InstallError, Instance, Limits, Run, Sandbox, TaskInfo, TaskView, Translator};
use lockgate_core::prepared::Prepared;
use lockgate_core::task::{DataType, ExternalObject, TaskType};
use lockgate_sandbox::{SandboxOptions, WasmSandbox};
use tempfile::TempDir;

/// When a run begins: 2026-01-01T00:00:00Z, in ms since 1970.
pub const NOW_MS: i64 = 1_767_225_600_000;

/// The program that compiles.
pub const COMPILER: &str = env!("CARGO_BIN_EXE_lockgate-compile");

/// A sandbox that lives as long as its directory.
pub struct Fixture {
    pub sandbox: WasmSandbox,
    pub dir: TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        Self::with(|_options| {})
    }

    /// With other options.
    pub fn with(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = options(dir.path());
        change(&mut options);
        Self { sandbox: WasmSandbox::new(options).unwrap(), dir }
    }

    pub fn restart(self) -> Self {
        drop(self.sandbox);
        let sandbox = WasmSandbox::new(options(self.dir.path())).unwrap();
        Self { sandbox, dir: self.dir }
    }
}

/// Small, with this crate's own compiler.
pub fn options(dir: &Path) -> SandboxOptions {
    SandboxOptions {
        instances_max: 8,
        artefact_key: [7; 32],
        compiler: vec![COMPILER.into()],
        ..SandboxOptions::new(dir.join("artefacts"))
    }
}

/// Compiles and loads a component.
pub fn translator(sandbox: &WasmSandbox, component: &[u8]) -> Result<Arc<dyn Translator>, InstallError> {
    let compiled = sandbox.compile(component)?;
    sandbox.load(&compiled.digest, &mut || panic!("it is there"))
}

/// The scripted guest in one sandbox that all tests share.
pub fn scripted() -> Arc<dyn Translator> {
    static SHARED: OnceLock<(Fixture, Arc<dyn Translator>)> = OnceLock::new();
    let (_fixture, translator) = SHARED.get_or_init(|| {
        let fixture = Fixture::new();
        let translator = translator(&fixture.sandbox, guest()).unwrap();
        (fixture, translator)
    });
    Arc::clone(translator)
}

/// A fresh instance of the scripted guest with default limits.
pub fn instance() -> Box<dyn Instance> {
    start(&*scripted(), &Limits::default()).unwrap()
}

/// An instance with these limits, and nothing else granted.
pub fn start(translator: &dyn Translator, limits: &Limits) -> Result<Box<dyn Instance>, Failure> {
    grant(translator, Granted { limits: limits.clone(), ..Granted::default() })
}

/// An instance that is granted this.
pub fn grant(translator: &dyn Translator, granted: Granted) -> Result<Box<dyn Instance>, Failure> {
    let run = run(granted.limits.deadline_ms);
    translator.instance(&Arc::new(granted), &run).map_err(|not_started| not_started.failure)
}

/// A run like any other.
pub fn run(deadline_ms: u64) -> Run {
    Run { deadline_ms, state: Arc::default(), now_ms: NOW_MS, seed: [7; 32], task: TaskInfo::default() }
}

/// Calls `prepare-internal-object` with this script.
pub fn prepare(instance: &mut dyn Instance, script: &str) -> Result<Prepared, Failure> {
    let external = ExternalObject { media_type: "application/json".into(), body: script.as_bytes().into() };
    let (task_type, data_type) = (TaskType::UpdateObject, DataType::Snapshot);
    instance.prepare_internal_object(&TaskView { external: &external, task_type, data_type, site: None })
}

/// The scripted guest, built if it is not there.
pub fn guest() -> &'static [u8] {
    static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
    GUEST.get_or_init(|| {
        if let Some(path) = std::env::var_os("LOCKGATE_TEST_GUEST") {
            return std::fs::read(path).unwrap();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap().join("../..");
        let path: PathBuf = root.join("target/guests/wasm32-wasip2/guest/lockgate_test_guest.wasm");
        if !path.exists() {
            let args = ["build", "--profile", "guest", "--target", "wasm32-wasip2", "-p", "lockgate-test-guest"];
            let built = Command::new(env!("CARGO")).args(args).args(["--target-dir", "target/guests"]).current_dir(&root).status();
            assert!(built.unwrap().success(), "the scripted guest does not build");
        }
        std::fs::read(path).unwrap()
    })
}

/// What every hand-written module exports besides the methods.
pub const BASICS: &str = r#"
    (memory (export "memory") 1)
    (global $heap (mut i32) (i32.const 1024))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
        (global.set $heap (i32.add (local.get $at) (local.get 3)))
        (local.get $at))
"#;

const T: &str = "lockgate:connector/translator@1.1.0";

/// A connector of which only `prepare-internal-object` does anything, written as the body of a
/// function that returns the address of its answer.
pub fn connector(imports: &str, prepare: &str) -> Vec<u8> {
    connector_in("tested", imports, prepare)
}

/// Likewise one that may import `wasi:http`.
pub fn calling_connector(imports: &str, prepare: &str) -> Vec<u8> {
    connector_in("calling", imports, prepare)
}

fn connector_in(world: &str, imports: &str, prepare: &str) -> Vec<u8> {
    let module = format!(
        r#"(module {imports} {BASICS}
            (func (export "{T}#prepare-internal-object")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {prepare})
            (func (export "{T}#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{T}#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#
    );
    component_of(&module, WORLD, world, &[])
}

/// The contract's world, and what tests want of WASI.
pub const WORLD: &str = "
    package test:worlds;
    world tested {
        include lockgate:connector/connector@1.1.0;
        import wasi:io/poll@0.2.0;
        import wasi:clocks/monotonic-clock@0.2.0;
        import wasi:clocks/wall-clock@0.2.0;
        import wasi:random/random@0.2.0;
        import wasi:random/insecure@0.2.0;
        import wasi:random/insecure-seed@0.2.0;
        import wasi:cli/exit@0.2.0;
        import wasi:cli/stderr@0.2.0;
    }
    world calling {
        include lockgate:connector/connector@1.1.0;
        import wasi:http/types@0.2.0;
        import wasi:io/streams@0.2.0;
    }
    world with-http { include lockgate:connector/connector@1.1.0; import wasi:http/outgoing@0.2.0; }
";

const WASI: &[&str] = &[
    "package wasi:io@0.2.0;
        interface error { resource error; }
        interface poll { resource pollable { block: func(); } }
        interface streams {
            use error.{error};
            variant stream-error { last-operation-failed(error), closed }
            resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
        }",
    "package wasi:clocks@0.2.0; interface monotonic-clock { use wasi:io/poll@0.2.0.{pollable};
        now: func() -> u64; subscribe-duration: func(when: u64) -> pollable; }
        interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }",
    "package wasi:random@0.2.0;
        interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }
        interface insecure { get-insecure-random-u64: func() -> u64; }
        interface insecure-seed { insecure-seed: func() -> tuple<u64, u64>; }",
    "package wasi:cli@0.2.0; interface exit { exit: func(status: result); }
        interface stderr { use wasi:io/streams@0.2.0.{output-stream}; get-stderr: func() -> output-stream; }",
    "package wasi:http@0.2.0;
        interface outgoing { send: func(); }
        interface types {
            use wasi:io/streams@0.2.0.{output-stream};
            resource fields { constructor(); }
            resource outgoing-request { constructor(headers: fields); body: func() -> result<outgoing-body>; }
            resource outgoing-body { write: func() -> result<output-stream>; }
        }",
];

/// A component from a core module. `replace` changes the contract's text first.
pub fn component(module: &str, world: &str, replace: &[(&str, &str)]) -> Vec<u8> {
    component_of(module, world, "tested", replace)
}

pub fn component_of(module: &str, world: &str, name: &str, replace: &[(&str, &str)]) -> Vec<u8> {
    component_by("connector.wit", module, world, name, replace)
}

/// Of a published version of the contract, by its file in `wit/`.
pub fn component_by(contract: &str, module: &str, world: &str, name: &str, replace: &[(&str, &str)]) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap().join("../../wit");
    let mut contract = std::fs::read_to_string(folder.join(contract)).unwrap();
    for (from, to) in replace {
        assert!(contract.contains(from), "{from}");
        contract = contract.replace(from, to);
    }
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_str("contract.wit", &contract).unwrap();
    for wasi in WASI {
        resolve.push_str("wasi.wit", wasi).unwrap();
    }
    let package = resolve.push_str("world.wit", world).unwrap();
    let world = resolve.select_world(&[package], Some(name)).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8).unwrap();
    wit_component::ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}
