//! The process that compiles: what it may do to its parent, and what is left of it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lockgate_core::ports::{InstallError, Sandbox};

use crate::support::{COMPILER, Fixture, connector};

/// What comes of a compiler that is this shell script. `$0` is the fixture's directory.
fn script(text: &str) -> (InstallError, Fixture) {
    let fixture = scripted(text, |_options| {});
    let error = fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err();
    (error, fixture)
}

fn scripted(text: &str, change: impl FnOnce(&mut lockgate_sandbox::SandboxOptions)) -> Fixture {
    Fixture::with(|options| {
        let dir = options.artefact_dir.parent().unwrap().to_owned();
        options.compiler = vec!["/bin/sh".into(), "-c".into(), text.into(), dir.into()];
        change(options);
    })
}

#[test]
fn a_compiler_that_is_missing_is_named() {
    let fixture = Fixture::with(|options| options.compiler = vec!["/nowhere/lockgate".into()]);
    let error = fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err();
    assert_eq!(error.code, "compiler-not-started");
    assert!(error.message.contains("/nowhere/lockgate") && error.message.contains("its file is still there"), "{error}");
}

#[test]
fn a_compiler_that_may_not_be_executed_is_told_from_one_that_is_missing() {
    let fixture = Fixture::with(|options| options.compiler = vec!["/dev/null".into()]);
    let error = fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err();
    assert_eq!(error.code, "compiler-not-started");
    assert!(error.message.contains("may not execute it"), "{error}");
}

#[test]
fn no_compiler_at_all_is_a_clear_error() {
    let fixture = Fixture::with(|options| options.compiler.clear());
    assert_eq!(fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err().code, "compiler-not-started");
}

#[test]
fn another_program_is_not_taken_for_a_compiler() {
    let (error, _fixture) = script("echo running 0 tests");
    assert_eq!(error.code, "compile-failed");
    let (error, _fixture) = script("echo I am lost >&2; exit 3");
    assert_eq!(error.code, "compile-failed");
    assert!(error.message.contains("exit status: 3") && error.message.contains("I am lost"), "{error}");
}

#[test]
fn how_it_was_ended_tells_the_limit() {
    let cases = [
        ("XCPU", "compile-limit", "compile_cpu_seconds_max"),
        ("ABRT", "compile-limit", "compile_memory_bytes_max"),
        ("SEGV", "compile-limit", "compile_memory_bytes_max"),
        ("KILL", "compiler-killed", "killed from outside"),
        ("TERM", "compiler-killed", "signal: 15"),
        ("HUP", "compiler-killed", "signal: 1"),
        ("SYS", "compiler-killed", "SystemCallFilter"),
        ("FPE", "compile-failed", "signal: 8"),
    ];
    for (signal, code, message) in cases {
        let (error, _fixture) = script(&format!("kill -{signal} $$"));
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn too_little_memory_is_told_by_its_name() {
    let fixture = Fixture::with(|options| options.compile_memory_bytes_max = 96 << 20);
    let error = fixture.sandbox.compile(&connector(&"(func)".repeat(20_000), "unreachable")).unwrap_err();
    assert_eq!(error.code, "compile-limit", "{error}");
    assert!(error.message.contains("compile_memory_bytes_max"), "{error}");
}

#[test]
fn too_large_an_artefact_is_told_by_its_name() {
    let fixture = Fixture::with(|options| options.artefact_bytes_max = 1_000);
    let error = fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err();
    assert_eq!(error.code, "compile-limit", "{error}");
    assert!(error.message.contains("artefact_bytes_max"), "{error}");
}

/// The story: under systemd's `MemoryDenyWriteExecute` every component was said to be too large.
#[test]
fn a_compiler_that_may_not_run_compiled_code_says_so() {
    // `prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN)`: what systemd's setting comes to, of Linux 6.3 or later.
    let deny = "syscall(157, 65, 1, 0, 0, 0) == 0 or exit 77; exec @ARGV";
    if !cfg!(target_arch = "x86_64") || !Path::new("/usr/bin/perl").exists() {
        eprintln!("not run: no program here confines another one");
        return;
    }
    let fixture = Fixture::with(|options| options.compiler = ["/usr/bin/perl", "-e", deny, COMPILER].map(Into::into).into());
    let error = fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err();
    if error.message.contains("exit status: 77") {
        eprintln!("not run: this kernel cannot forbid it");
        return;
    }
    assert_eq!(error.code, "no-executable-memory", "{error}");
    assert!(error.message.contains("MemoryDenyWriteExecute=no"), "{error}");
}

/// A lower one that the service has from outside stays.
#[test]
fn a_limit_from_outside_is_a_limit_too() {
    let text = format!("ulimit -v 98304; exec {COMPILER} \"$@\"");
    let fixture = scripted(&text, |_options| {});
    let error = fixture.sandbox.compile(&connector(&"(func)".repeat(20_000), "unreachable")).unwrap_err();
    assert_eq!(error.code, "compile-limit", "{error}");
}

/// Neither itself nor what it started.
#[test]
fn nothing_is_left_of_a_compiler_that_is_too_slow() {
    let text = "/bin/sleep 1000 & echo $! > $0/inner; echo $$ > $0/outer; wait";
    let fixture = scripted(text, |options| options.compile_wall_ms_max = 500);
    let error = fixture.sandbox.compile(&connector("", "unreachable")).unwrap_err();
    assert_eq!(error.code, "compile-limit");
    assert!(error.message.contains("compile_wall_ms_max"), "{error}");
    let state = |name: &str| {
        let process = fs::read_to_string(fixture.dir.path().join(name)).unwrap();
        let status = fs::read_to_string(Path::new("/proc").join(process.trim()).join("stat")).ok()?;
        status.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
    };
    assert_eq!(state("outer"), None, "not even a zombie");
    // A grandchild is killed likewise. It dies, and is collected by the machine's first process, when these come to it.
    let begun = Instant::now();
    while !matches!(state("inner"), None | Some('Z' | 'X')) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it lives");
        std::thread::yield_now();
    }
}

#[test]
fn a_compiler_that_floods_stderr_is_not_held_up_by_it() {
    let (error, _fixture) = script("/bin/dd if=/dev/zero bs=65536 count=64 1>&2 2>/dev/null; exit 4");
    assert!(error.message.contains("exit status: 4"), "{error}");
    assert!(error.message.len() < 5_000, "{} bytes", error.message.len());
}

#[test]
fn a_compiler_that_reads_nothing_is_not_waited_for() {
    let (error, _fixture) = script("exit 5");
    assert!(error.message.contains("exit status: 5"), "{error}");
}

#[test]
fn a_compiler_sees_nothing_of_the_hosts_environment() {
    let (error, _fixture) = script("exit ${#CARGO_MANIFEST_DIR}");
    assert!(error.message.contains("exit status: 0"), "{error}");
}

#[test]
fn two_components_are_compiled_one_after_the_other() {
    // Each leaves its number, and none may find the one before alive.
    let text = format!("read before < $0/before && kill -0 $before && exit 9; echo $$ > $0/before; exec {COMPILER} \"$@\"");
    let fixture = scripted(&text, |_options| {});
    std::thread::scope(|scope| {
        let compiling: Vec<_> = (0..3)
            .map(|n| {
                let component = connector("", &format!("(drop (i32.const {n})) unreachable"));
                let sandbox = &fixture.sandbox;
                scope.spawn(move || sandbox.compile(&component).map(|compiled| compiled.digest))
            })
            .collect();
        for one in compiling {
            one.join().unwrap().unwrap();
        }
    });
    assert_eq!(fixture.sandbox.compilations(), 3);
}

#[test]
fn what_is_no_component_starts_no_compiler() {
    let fixture = Fixture::new();
    let begun = Instant::now();
    for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"random", &vec![0; 10_000_000]] {
        assert_eq!(fixture.sandbox.compile(bytes).unwrap_err().code, "invalid-component");
    }
    assert_eq!(fixture.sandbox.compilations(), 0);
    assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
}
