//! Compiled components are kept, protected, and not compiled again.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use lockgate_core::ports::{Limits, Sandbox};
use lockgate_sandbox::{OpenError, SandboxOptions, WasmSandbox};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use crate::support::{Fixture, connector, options, start};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn artefact(fixture: &Fixture) -> PathBuf {
    let files = fs::read_dir(fixture.dir.path().join("artefacts")).unwrap();
    let found: Vec<PathBuf> = files.map(|f| f.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "cwasm")).collect();
    assert_eq!(found.len(), 1);
    found[0].clone()
}

#[test]
fn a_restart_loads_without_compiling() {
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&connector("", "unreachable")).unwrap().digest;
    assert_eq!(fixture.sandbox.compilations(), 1);
    let fixture = fixture.restart();
    let translator = fixture.sandbox.load(&digest, &mut || panic!("not needed")).unwrap();
    assert!(start(&*translator, &Limits::default()).is_ok());
    assert_eq!(fixture.sandbox.compilations(), 0);
}

/// Adding the component that is installed already took as long as the first time.
#[test]
fn a_component_that_was_compiled_is_not_compiled_again() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let first = fixture.sandbox.compile(&component).unwrap();
    let fixture = fixture.restart();
    assert_eq!(fixture.sandbox.compile(&component).unwrap(), first);
    assert_eq!(fixture.sandbox.compilations(), 0);
    // Where its code is not as it was written, it is.
    fs::write(artefact(&fixture), "other").unwrap();
    assert_eq!(fixture.sandbox.compile(&component).unwrap(), first);
    assert_eq!(fixture.sandbox.compilations(), 1);
}

/// wasmtime runs a tampered artefact: a flipped byte was accepted and returned a wrong number.
#[test]
fn a_tampered_artefact_is_compiled_again() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&component).unwrap().digest;
    let path = artefact(&fixture);
    let genuine = fs::read(&path).unwrap();
    let mut flipped = genuine.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for (n, tampered) in [flipped, genuine[..100].to_vec(), Vec::new()].into_iter().enumerate() {
        fs::write(&path, tampered).unwrap();
        fixture.sandbox.load(&digest, &mut || Some(component.clone())).unwrap();
        assert_eq!(fixture.sandbox.compilations(), 2 + n as u64);
    }
    fixture.sandbox.load(&digest, &mut || panic!("kept again")).unwrap();
}

#[test]
fn an_artefact_of_another_component_is_not_taken() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&component).unwrap().digest;
    let path = artefact(&fixture);
    let other = fixture.sandbox.compile(&connector("", "(drop (i32.const 1)) unreachable")).unwrap().digest;
    let other_path = path.with_file_name(path.file_name().unwrap().to_str().unwrap().replace(&*digest, &other));
    fs::copy(&other_path, &path).unwrap();
    let mut asked = false;
    fixture
        .sandbox
        .load(&digest, &mut || {
            asked = true;
            Some(component.clone())
        })
        .unwrap();
    assert!(asked);
}

#[test]
fn a_component_that_is_not_the_one_asked_for_is_refused() {
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&connector("", "unreachable")).unwrap().digest;
    fs::remove_file(artefact(&fixture)).unwrap();
    let error = fixture.sandbox.load(&digest, &mut || Some(b"other".to_vec())).err().unwrap();
    assert_eq!(error.code, "invalid-component");
}

#[test]
fn the_directory_and_its_files_are_private() {
    let fixture = Fixture::new();
    fixture.sandbox.compile(&connector("", "unreachable")).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(fixture.dir.path().join("artefacts")), mode(artefact(&fixture))), (0o700, 0o600));
}

#[test]
fn what_was_refused_is_not_kept() {
    let fixture = Fixture::new();
    fixture.sandbox.compile(&wat::parse_str("(component)").unwrap()).unwrap_err();
    assert_eq!(names(&fixture.dir.path().join("artefacts")), [""; 0]);
}

/// The key is not beside what it protects: who can write in the directory still cannot sign.
#[test]
fn an_artefact_made_with_another_key_is_compiled_again() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&component).unwrap().digest;
    drop(fixture.sandbox);
    let other = SandboxOptions { artefact_key: [8; 32], ..options(fixture.dir.path()) };
    let sandbox = WasmSandbox::new(other).unwrap();
    sandbox.load(&digest, &mut || Some(component.clone())).unwrap();
    assert_eq!(sandbox.compilations(), 1);
}

#[test]
fn without_a_key_nothing_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let error = WasmSandbox::new(SandboxOptions { artefact_key: [0; 32], ..options(dir.path()) }).err().unwrap();
    assert!(matches!(error, OpenError::NoKey), "{error}");
}

#[test]
fn a_link_in_an_artefacts_place_is_not_followed() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&component).unwrap().digest;
    let path = artefact(&fixture);
    let elsewhere = fixture.dir.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    let genuine = fs::read(&elsewhere).unwrap();
    fixture.sandbox.load(&digest, &mut || Some(component.clone())).unwrap();
    assert_eq!(fixture.sandbox.compilations(), 2);
    assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(fs::read(&elsewhere).unwrap(), genuine);
}

/// What it is called, and how it comes there.
type Thing = (&'static str, Box<dyn Fn()>);

/// What may stand where an artefact should be, and what it is called. A device only where this user may make one.
fn put_in_place(path: &Path) -> Vec<Thing> {
    let path = || path.to_owned();
    let (fifo, socket, link, device) = (path(), path(), path(), path());
    let make = |path: &Path, kind, device| mknodat(CWD, path, kind, Mode::RUSR | Mode::WUSR, device);
    let mut things: Vec<Thing> = vec![
        ("a FIFO", Box::new(move || make(&fifo, FileType::Fifo, 0).unwrap())),
        (
            "a socket",
            Box::new(move || {
                // Where its name is short enough for an address.
                let elsewhere = tempfile::tempdir().unwrap();
                let short = elsewhere.path().join("s");
                drop(UnixListener::bind(&short).unwrap());
                fs::rename(short, &socket).unwrap();
            }),
        ),
        ("a symbolic link", Box::new(move || symlink("/dev/zero", &link).unwrap())),
    ];
    let probe = device.with_extension("probe");
    if make(&probe, FileType::CharacterDevice, makedev(1, 5)).is_ok() {
        fs::remove_file(&probe).unwrap();
        things.push(("a device", Box::new(move || make(&device, FileType::CharacterDevice, makedev(1, 5)).unwrap())));
    }
    things
}

/// The story: a FIFO among the artefacts was opened, which waits for somebody to write into it, for ever.
#[test]
fn what_is_no_file_among_the_artefacts_is_neither_waited_for_nor_read() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&component).unwrap().digest;
    let path = artefact(&fixture);
    for (n, (what, put)) in put_in_place(&path).into_iter().enumerate() {
        fs::remove_file(&path).unwrap();
        put();
        fixture.sandbox.load(&digest, &mut || Some(component.clone())).unwrap();
        assert_eq!(fixture.sandbox.compilations(), 2 + n as u64, "{what}");
        assert!(fs::symlink_metadata(&path).unwrap().is_file(), "{what} is still there");
    }
}

#[test]
fn what_cannot_be_replaced_among_the_artefacts_is_named_with_its_path() {
    let component = connector("", "unreachable");
    let fixture = Fixture::new();
    let digest = fixture.sandbox.compile(&component).unwrap().digest;
    let path = artefact(&fixture);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    // It works without being kept.
    fixture.sandbox.load(&digest, &mut || Some(component.clone())).unwrap();
    let error = fixture.sandbox.compile(&component).unwrap_err();
    assert_eq!(error.code, "artefact-unwritable");
    assert!(error.message.contains(path.to_str().unwrap()), "{error}");
    // Nor does one of another engine, or of a crashed process, keep it from starting.
    let artefacts = path.parent().unwrap();
    let old = artefacts.join(format!("{}-0123456789abcdef.cwasm", "0".repeat(64)));
    let left_over = artefacts.join(".2000000000-0.tmp");
    fs::create_dir(&old).unwrap();
    mknodat(CWD, &left_over, FileType::Fifo, Mode::RUSR, 0).unwrap();
    let _fixture = fixture.restart();
    assert!(old.is_dir() && fs::symlink_metadata(&left_over).is_err());
}

#[test]
fn what_stands_where_the_directory_should_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    mknodat(CWD, dir.path().join("artefacts"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let error = WasmSandbox::new(options(dir.path())).err().unwrap();
    let OpenError::Artefacts { cause, path } = error else { panic!("{error}") };
    assert!(cause.to_string().contains("it is a FIFO, not a directory") && path.ends_with("artefacts"), "{cause}");
}

#[test]
fn a_directory_that_is_a_link_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("real")).unwrap();
    symlink(dir.path().join("real"), dir.path().join("artefacts")).unwrap();
    let error = WasmSandbox::new(options(dir.path())).err().unwrap();
    let OpenError::Artefacts { cause, .. } = error else { panic!("{error}") };
    assert!(cause.to_string().contains("symbolic link"), "{cause}");
}

#[test]
fn a_directory_open_to_others_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let artefacts = dir.path().join("artefacts");
    fs::create_dir(&artefacts).unwrap();
    fs::set_permissions(&artefacts, fs::Permissions::from_mode(0o777)).unwrap();
    WasmSandbox::new(options(dir.path())).unwrap();
    assert_eq!(fs::metadata(&artefacts).unwrap().permissions().mode() & 0o777, 0o700);
}

/// Only the superuser can give a directory away, as in the containers of CI; elsewhere there is nothing to try.
#[test]
fn a_directory_of_somebody_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let artefacts = dir.path().join("artefacts");
    fs::create_dir(&artefacts).unwrap();
    if std::os::unix::fs::chown(&artefacts, Some(12_345), None).is_err() {
        eprintln!("not run: a directory cannot be given away here");
        return;
    }
    let error = WasmSandbox::new(options(dir.path())).err().unwrap();
    let OpenError::Artefacts { cause, .. } = error else { panic!("{error}") };
    assert!(cause.to_string().contains("user 12345"), "{cause}");
}

#[test]
fn what_other_versions_and_crashed_processes_left_is_removed_at_open() {
    let fixture = Fixture::new();
    fixture.sandbox.compile(&connector("", "unreachable")).unwrap();
    let artefacts = fixture.dir.path().join("artefacts");
    let kept = names(&artefacts);
    let digest = "0".repeat(64);
    // No process has such a number: Linux counts to 4,194,304.
    for name in [&format!("{digest}-0123456789abcdef.cwasm"), "key", ".2000000000-0.tmp"] {
        fs::write(artefacts.join(name), "left over").unwrap();
    }
    let writing = format!(".{}-77.tmp", std::process::id());
    fs::write(artefacts.join(&writing), "being written").unwrap();
    let _fixture = fixture.restart();
    let mut expected = kept;
    expected.insert(0, writing);
    assert_eq!(names(&artefacts), expected);
}

#[test]
fn artefacts_that_no_connector_needs_are_removed_when_asked() {
    let fixture = Fixture::new();
    let needed = fixture.sandbox.compile(&connector("", "unreachable")).unwrap().digest;
    fixture.sandbox.compile(&connector("", "(drop (i32.const 1)) unreachable")).unwrap();
    assert_eq!(fixture.sandbox.keep_only(|digest| digest == &*needed).unwrap(), 1);
    assert!(artefact(&fixture).file_name().unwrap().to_str().unwrap().starts_with(&*needed));
}
