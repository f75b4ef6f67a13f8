//! What goes on by itself after the store or the machine failed.

use std::sync::atomic::{AtomicBool, Ordering};

use lockgate_bus::TaskError;
use lockgate_core::ports::{Compiled, InstallError, Sandbox, StoreError, Translator};

use super::*;

const STORED: &str = r#"{"object": {"type": "shop.brand", "code_name": "acme"}}"#;

/// A task waits until the worker's time comes, and is stored then, without anybody's request.
fn is_stored_later(place: &Place, bus: &Bus, what: &str) {
    place.sandbox.set(Script::default());
    bus.submit(vec![TestBus::submission("a", TaskType::CreateObject, STORED)]).unwrap().remove(0).unwrap();
    bus.request_processing(None).unwrap();
    let until_ms = settle(bus).unwrap_or_else(|| panic!("{what}: nothing is due"));
    assert_eq!(bus.counts().unwrap().history, 0, "{what}");
    assert!(bus.connectors().unwrap().remove(0).trouble.is_some(), "{what}");
    place.clock.advance(u32::try_from(until_ms - bus.now_ms()).unwrap());
    settle(bus);
    assert_eq!((bus.counts().unwrap().history, bus.connectors().unwrap().remove(0).trouble), (1, None), "{what}");
}

/// The sandbox said that the component is not valid, because the store did not give it; the queue stood until
/// somebody asked.
#[test]
fn a_component_that_the_store_did_not_give_is_loaded_later() {
    for processing in every_way() {
        let place = Place::new(processing.clone(), None);
        let bus = place.open();
        let first = AtomicBool::new(true);
        place.store.before(move |method| match method == "component" && first.swap(false, Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("the disk is broken".to_owned())),
            false => Ok(()),
        });
        is_stored_later(&place, &bus, &format!("{processing:?}"));
    }
}

/// Fails to load for a while, by a cause that does not lie in the component.
struct Short {
    of: Arc<ScriptedSandbox>,
    code: &'static str,
    fails: AtomicBool,
}

impl Sandbox for Short {
    fn compile(&self, component: &[u8]) -> Result<Compiled, InstallError> {
        self.of.compile(component)
    }

    fn load(&self, digest: &str, component: &mut dyn FnMut() -> Option<Vec<u8>>) -> Result<Arc<dyn Translator>, InstallError> {
        match self.fails.swap(false, Ordering::SeqCst) {
            true => Err(InstallError { code: self.code, message: "try again".to_owned() }),
            false => self.of.load(digest, component),
        }
    }
}

/// The machine was short of memory for a moment while a component was compiled; the queue stood until
/// somebody asked.
#[test]
fn a_component_that_the_machine_could_not_compile_is_loaded_later() {
    for code in ["compiler-killed", "compiler-not-started", "artefact-unwritable"] {
        let place = Place::new(Processing::Auto, None);
        let sandbox = Arc::new(Short { of: place.sandbox.clone(), code, fails: AtomicBool::new(true) });
        let bus = Bus::open_stepped(Parts { sandbox, ..place.parts(place.clock.clone()) }).unwrap();
        is_stored_later(&place, &bus, code);
    }
}

/// Lets `writes` be done by another process instead of this one, which does not hear whether it was done.
fn unknown_once(place: &Place, method: &'static str, writes: impl Fn(&Bus) + Send + Sync + 'static) {
    let (other, first) = (place.open(), AtomicBool::new(true));
    place.store.before(move |called| {
        if called == method && first.swap(false, Ordering::SeqCst) {
            writes(&other);
            return Err(StoreError::Unknown("the disk does not say".to_owned()));
        }
        Ok(())
    });
}

/// A task was queued, the store could not say so, and nobody looked at the queue until the next submission.
#[test]
fn what_may_have_been_submitted_is_processed() {
    let place = Place::new(Processing::Auto, None);
    place.sandbox.set(Script::default());
    let bus = place.open();
    let submission = || vec![TestBus::submission("a", TaskType::CreateObject, STORED)];
    unknown_once(&place, "submit", move |other| drop(other.submit(submission()).unwrap()));
    assert!(matches!(bus.submit(submission()), Err(StoreError::Unknown(_))));
    assert_eq!(bus.step(&TestBus::connector("a")), Stepped::Worked);
    assert_eq!(bus.counts().unwrap().history, 1);
}

/// The same of what an operator may have done with a failed task: others wait behind it.
#[test]
fn what_waits_behind_a_task_that_may_have_been_deleted_is_processed() {
    for bulk in [false, true] {
        let place = Place::new(Processing::Auto, None);
        place.sandbox.set(Script::default());
        let bus = place.open();
        let task = Place::submit(&bus, ProcessType::Default);
        bus.submit(vec![TestBus::submission("a", TaskType::CreateObject, STORED)]).unwrap().remove(0).unwrap();
        settle(&bus);
        assert_eq!(bus.counts().unwrap().history, 0);
        unknown_once(&place, if bulk { "carry_out" } else { "remove" }, move |other| drop(other.act(task, TaskAction::Delete).unwrap()));
        let failed = match bulk {
            true => bus.act_on_all(&TaskFilter { ids: Some(vec![task]), ..TaskFilter::default() }, TaskAction::Delete).map(drop),
            false => bus.act(task, TaskAction::Delete).map(drop),
        };
        assert!(matches!(failed, Err(TaskError::Store(StoreError::Unknown(_)))));
        assert_eq!(bus.step(&TestBus::connector("a")), Stepped::Worked);
        assert_eq!(bus.counts().unwrap().history, 2);
    }
}

/// The same of a switch, and of a store that cannot be read for a while after it.
#[test]
fn what_may_have_been_switched_on_goes_on() {
    for readable in [true, false] {
        let place = Place::new(Processing::Auto, None);
        place.sandbox.set(Script::default());
        let bus = place.open();
        bus.change_switches(|switches| Switches { processing: false, ..switches }).unwrap();
        bus.submit(vec![TestBus::submission("a", TaskType::CreateObject, STORED)]).unwrap().remove(0).unwrap();
        settle(&bus);
        let (other, unknown) = (place.open(), Arc::new(AtomicBool::new(false)));
        let (first, down) = (AtomicBool::new(true), unknown.clone());
        place.store.before(move |called| {
            if called == "put_switches" && first.swap(false, Ordering::SeqCst) {
                other.change_switches(|_| Switches::default()).unwrap();
                down.store(true, Ordering::SeqCst);
                return Err(StoreError::Unknown("the disk does not say".to_owned()));
            }
            match !readable && down.load(Ordering::SeqCst) {
                true => Err(StoreError::Unavailable("it opens again".to_owned())),
                false => Ok(()),
            }
        });
        assert!(matches!(bus.change_switches(|_| Switches::default()), Err(StoreError::Unknown(_))));
        let until_ms = settle(&bus);
        unknown.store(false, Ordering::SeqCst);
        if !readable {
            place.clock.advance(u32::try_from(until_ms.unwrap() - bus.now_ms()).unwrap());
            settle(&bus);
        }
        assert_eq!(bus.counts().unwrap().history, 1, "readable: {readable}");
    }
}

/// The switch was stored, the configuration could not be read after it, and the operator was told that nothing
/// was written.
#[test]
fn what_was_switched_on_goes_on_when_the_configuration_cannot_be_read() {
    let place = Place::new(Processing::Auto, None);
    place.sandbox.set(Script::default());
    let bus = place.open();
    bus.change_switches(|switches| Switches { processing: false, ..switches }).unwrap();
    bus.submit(vec![TestBus::submission("a", TaskType::CreateObject, STORED)]).unwrap().remove(0).unwrap();
    settle(&bus);
    let (written, down) = (AtomicBool::new(false), Arc::new(AtomicBool::new(true)));
    let is_down = down.clone();
    place.store.before(move |called| {
        written.fetch_or(called == "put_switches", Ordering::SeqCst);
        match called == "configuration" && written.load(Ordering::SeqCst) && is_down.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("it opens again".to_owned())),
            false => Ok(()),
        }
    });
    assert!(bus.change_switches(|_| Switches::default()).unwrap().processing);
    let until_ms = settle(&bus).unwrap();
    down.store(false, Ordering::SeqCst);
    place.clock.advance(u32::try_from(until_ms - bus.now_ms()).unwrap());
    settle(&bus);
    assert_eq!(bus.counts().unwrap().history, 1);
}

/// The same of a connector that is installed.
#[test]
fn what_was_installed_processes_when_the_configuration_cannot_be_read() {
    let place = Place::new(Processing::Auto, None);
    let bus = place.open();
    let (written, down) = (AtomicBool::new(false), Arc::new(AtomicBool::new(true)));
    let is_down = down.clone();
    place.store.before(move |called| {
        written.fetch_or(called == "put_connector", Ordering::SeqCst);
        match called == "configuration" && written.load(Ordering::SeqCst) && is_down.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("it opens again".to_owned())),
            false => Ok(()),
        }
    });
    let name = TestBus::connector("new");
    bus.add_connector(&name, &TestBus::component("new")).unwrap();
    assert_eq!(bus.step(&name), Stepped::Worked, "its worker asks for the configuration");
    down.store(false, Ordering::SeqCst);
    assert!(bus.connectors().unwrap().iter().any(|connector| connector.record.name == name));
}

/// The store could not say when tasks were due, and a queue that works on request was processed without one.
#[test]
fn a_look_that_failed_is_made_again_and_is_no_request() {
    for processing in [Processing::OnRequest, Processing::Schedule(ONCE_A_YEAR.to_owned())] {
        let place = Place::new(processing.clone(), Some(BACKOFF_MS.into()));
        let before = place.open();
        let failed = Place::submit(&before, ProcessType::SkipOnError);
        before.request_processing(None).unwrap();
        let due_ms = settle(&before).unwrap();
        let unasked = Place::submit(&before, ProcessType::SkipOnError);
        before.stop();
        let first = AtomicBool::new(true);
        place.store.before(move |method| match method == "tasks" && first.swap(false, Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("the disk is broken".to_owned())),
            false => Ok(()),
        });
        let bus = place.open();
        let until_ms = settle(&bus).unwrap();
        assert!(until_ms < due_ms, "{processing:?}");
        place.clock.advance(u32::try_from(until_ms - bus.now_ms()).unwrap());
        assert_eq!(settle(&bus), Some(due_ms), "{processing:?}");
        assert_eq!((place.attempts(failed), place.attempts(unasked)), (1, 0), "{processing:?}");
    }
}
