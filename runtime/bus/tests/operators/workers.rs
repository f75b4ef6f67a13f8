//! Workers that begin, look and end while the configuration changes.

use lockgate_bus::{ConnectorError, Force};
use lockgate_core::ports::Switches;

use super::*;

/// Lets another thread act once, when the store is asked for the configuration.
fn when_configuration_is_read(store: &WatchedStore, after: Option<&'static str>, act: impl Fn() + Send + Sync + 'static) {
    let (ready, first) = (AtomicBool::new(after.is_none()), AtomicBool::new(true));
    store.before(move |method| {
        if Some(method) == after {
            ready.store(true, Ordering::SeqCst);
        }
        if method == "configuration" && ready.load(Ordering::SeqCst) && first.swap(false, Ordering::SeqCst) {
            act();
        }
        Ok(())
    });
}

/// The connector was added again while it was removed, and whoever removed it stopped the worker that the new
/// one's tasks had just woken: they waited for the next submission.
#[test]
fn a_connector_that_is_added_while_it_is_removed_processes() {
    let (store, bus) = watched(BusSettings::default());
    let name = TestBus::connector("a");
    bus.start().unwrap();
    submit(&bus);
    assert_eq!(bus.step(&name), Stepped::Worked);
    let other = bus.clone();
    when_configuration_is_read(&store, Some("remove_connector"), move || {
        other.add_connector(&TestBus::connector("a"), &TestBus::component("a")).unwrap();
        submit(&other);
    });
    bus.remove_connector(&name, Force::Yes).unwrap();
    assert_eq!(bus.step(&name), Stepped::Worked);
    while bus.step(&name) == Stepped::Worked {}
    assert_eq!(bus.counts().unwrap().history, 2);
}

/// The worker of a connector that was removed went on, for whoever removed it was not told that it had: the
/// second try found no connector, and one that works by a schedule woke for ever.
#[test]
fn a_worker_ends_with_its_connector_when_the_removal_is_not_known_of() {
    let defaults = ConnectorSettings { processing: Processing::Schedule("0 0 1 7 *".to_owned()), ..ConnectorSettings::default() };
    let (store, bus) = watched(BusSettings { defaults, ..BusSettings::default() });
    let name = TestBus::connector("a");
    bus.start().unwrap();
    assert!(matches!(bus.step(&name), Stepped::Waits(Some(_))));
    let (another, first) = (another_process(&store), AtomicBool::new(true));
    store.before(move |method| {
        if method == "remove_connector" && first.swap(false, Ordering::SeqCst) {
            another.remove_connector(&TestBus::connector("a"), Force::Yes).unwrap();
            return Err(StoreError::Unknown("the disk does not say".to_owned()));
        }
        Ok(())
    });
    assert!(matches!(bus.remove_connector(&name, Force::Yes), Err(ConnectorError::Store(StoreError::Unknown(_)))));
    assert_eq!(bus.step(&name), Stepped::NoWorker);
    assert!(matches!(bus.remove_connector(&name, Force::Yes), Err(ConnectorError::Unknown(_))));
}

/// The same of a connector that another process removed.
#[test]
fn a_worker_ends_when_another_process_removes_its_connector() {
    let defaults = ConnectorSettings { processing: Processing::Schedule("0 0 1 7 *".to_owned()), ..ConnectorSettings::default() };
    let (store, bus) = watched(BusSettings { defaults, ..BusSettings::default() });
    let name = TestBus::connector("a");
    bus.start().unwrap();
    assert!(matches!(bus.step(&name), Stepped::Waits(Some(_))));
    another_process(&store).remove_connector(&name, Force::Yes).unwrap();
    assert!(bus.connectors().unwrap().is_empty());
    assert_eq!(bus.step(&name), Stepped::NoWorker);
    bus.add_connector(&name, &TestBus::component("a")).unwrap();
    assert!(matches!(bus.step(&name), Stepped::Waits(Some(_)) | Stepped::Worked), "added again, it has a worker again");
}

/// The connector was removed, the configuration could not be read after it, and the operator was told that
/// nothing was written.
#[test]
fn a_removal_is_told_when_the_configuration_cannot_be_read_after_it() {
    let (store, bus) = watched(BusSettings::default());
    let name = TestBus::connector("a");
    bus.start().unwrap();
    submit(&bus);
    store.before(|method| match method {
        "configuration" => Err(StoreError::Unavailable("it opens again".to_owned())),
        _ => Ok(()),
    });
    assert_eq!(bus.remove_connector(&name, Force::Yes).unwrap(), 1);
    store.before(|_| Ok(()));
    assert!(bus.connectors().unwrap().is_empty());
    assert_eq!(bus.step(&name), Stepped::NoWorker);
}

/// A connector is removed by its own worker, in the midst of a task: it does not wait for itself.
#[test]
fn a_worker_that_removes_its_own_connector_ends() {
    let test = TestBus::new();
    let (bus, removed) = (test.bus.clone(), Arc::new(AtomicBool::new(false)));
    let done = removed.clone();
    test.sandbox.set(Script {
        prepare: Box::new(move |_| {
            done.store(bus.remove_connector(&TestBus::connector("a"), Force::Yes).is_ok(), Ordering::SeqCst);
            Err(Failure::new(Code::Invalid, "no"))
        }),
        ..Script::default()
    });
    test.submit(TestBus::submission("a", TaskType::CreateObject, BRAND));
    test.bus.request_processing(Some(&TestBus::connector("a"))).unwrap();
    let begun = std::time::Instant::now();
    while !removed.load(Ordering::SeqCst) {
        assert!(begun.elapsed() < SOON, "it waits for itself");
        std::thread::yield_now();
    }
}

/// Processing was switched off and on again by another process. One thread saw that it was off, and ended a
/// pass; one that had begun to read before saw that it was on, as before, and looked at no queue.
#[test]
fn who_reads_a_configuration_late_looks_at_the_queues_all_the_same() {
    let (store, bus) = watched(BusSettings::default());
    bus.start().unwrap();
    submit(&bus);
    let another = another_process(&store);
    another.change_switches(|switches| Switches { processing: false, ..switches }).unwrap();
    let reads = bus.clone();
    when_configuration_is_read(&store, None, move || {
        assert!(!reads.switches().unwrap().processing);
        assert_eq!(reads.step(&TestBus::connector("a")), Stepped::Worked);
        another.change_switches(|_| Switches::default()).unwrap();
    });
    assert!(bus.switches().unwrap().processing);
    assert_eq!(bus.counts().unwrap().history, 0);
    assert_eq!(bus.step(&TestBus::connector("a")), Stepped::Worked);
    assert_eq!(bus.counts().unwrap().history, 1);
}

/// A worker that looked at a long queue did not hear that it was to stop.
#[test]
fn who_looks_when_tasks_are_due_stops_between_two_pages() {
    let defaults = ConnectorSettings { processing: Processing::OnRequest, backoff_ms: Some(60_000), ..ConnectorSettings::default() };
    let (store, bus) = watched(BusSettings { defaults, ..BusSettings::default() });
    bus.submit((0..MANY).map(|_| TestBus::submission("a", TaskType::CreateObject, BRAND)).collect()).unwrap();
    bus.start().unwrap();
    let (stops, first) = (bus.clone(), AtomicBool::new(true));
    store.before(move |method| {
        if method == "tasks" && first.swap(false, Ordering::SeqCst) {
            stops.stop();
        }
        Ok(())
    });
    store.calls("tasks");
    assert_eq!(bus.step(&TestBus::connector("a")), Stepped::Worked);
    assert_eq!(store.calls("tasks"), 1);
}

/// The operator was told that the bus was stopping, when the worker had panicked.
#[test]
fn a_retry_that_ends_its_worker_says_so() {
    let test = TestBus::new();
    test.script("a", Script { prepare: Box::new(|_| panic!("a fault of the host")), ..Script::default() });
    let task = test.submit(TestBus::submission("a", TaskType::CreateObject, BRAND));
    let error = test.bus.act(task, TaskAction::Retry).unwrap_err().to_string();
    assert!(error.contains("fault") && !error.contains("stopping"), "{error}");
}
