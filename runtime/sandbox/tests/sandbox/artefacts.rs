//! Compiled components are kept, protected, and not compiled again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use lockgate_core::ports::{Limits, Sandbox};

use crate::support::{Fixture, connector};

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
    assert!(translator.instance(&Limits::default()).is_ok());
    assert_eq!(fixture.sandbox.compilations(), 0);
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
fn the_directory_and_the_key_are_private() {
    let fixture = Fixture::new();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = fixture.dir.path().join("artefacts");
    assert_eq!((mode(dir.clone()), mode(dir.join("key"))), (0o700, 0o600));
}

#[test]
fn what_was_refused_is_not_kept() {
    let fixture = Fixture::new();
    fixture.sandbox.compile(&wat::parse_str("(component)").unwrap()).unwrap_err();
    let names = fs::read_dir(fixture.dir.path().join("artefacts")).unwrap().map(|f| f.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names, ["key"]);
}
