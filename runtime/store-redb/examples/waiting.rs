//! What waiting costs in the store of one file: tasks are queued, parked on ten targets, and worked off when
//! the targets come.
//!
//! ```sh
//! cargo run --release -p lockgate-store-redb --example waiting -- 1000000
//! ```
//!
//! The figures of each step are time and memory. The file lies in a temporary folder (`TMPDIR`).
#![expect(clippy::print_stdout, reason = "a program that shows figures")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use lockgate_core::change::Change;
use lockgate_core::effects::{EffectsParts, Fate, TaskEnd};
use lockgate_core::history::{Entry, Outcome, Used};
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::mark::{Mark, brings_name};
use lockgate_core::model::ContentModel;
use lockgate_core::names::{CodeName, ConnectorName, TypeName};
use lockgate_core::park::{Line, Waiting, Want};
use lockgate_core::ports::{Claim, Claimed, ConnectorRecord, Content, Lease, NodeName, Queue, Registry, Standing, Upkeep, Version};
use lockgate_core::rows::{Newer, ObjectId, ObjectRow, Scope};
use lockgate_core::task::{ProcessType, TaskHead, TaskId, TaskState};
use lockgate_store_redb::{Options, RedbStore};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Targets that the tasks wait for.
const TARGETS: u64 = 10;
/// Tasks of one commit, as in a pass.
const BATCH: usize = 4_000;
/// Bytes that one reading of tasks holds at most.
const BATCH_BYTES: usize = 16 << 20;
/// Bytes of each task's body.
const BODY_BYTES: usize = 300;

fn main() -> Done {
    let count: usize = std::env::args().nth(1).map_or(Ok(100_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store");
    let bench = Bench::new(&path)?;
    step("queue", count, || bench.submit(count))?;
    step("drain half of it, where nobody waits", count / 2, || bench.drain(count / 2))?;
    println!("looked up who waits: {} times", bench.store.looked_for_waiters());
    let left = count - count / 2;
    step("park the other half", left, || bench.park())?;
    println!("file: {} MB", std::fs::metadata(&path)?.len() >> 20);
    let Bench { store, connector, .. } = bench;
    drop(store);
    let bench = step("open again", 1, || Bench::again(&path, connector))?;
    println!("waits for {} things; one line of what is missing: {:?}", bench.store.counts()?.waits_for, {
        let missing = bench.store.missing(None, 1)?;
        missing.first().map(|line| (line.want.what.clone(), line.tasks))
    });
    step("queue as many again", left, || bench.submit(left))?;
    step("drain them, while the others wait", left, || bench.drain(left))?;
    step("the ten targets come", 1, || bench.targets_come())?;
    step("make those due that waited, and end them", left, || bench.work_off())?;
    println!("left: {:?}, due: {:?}", bench.store.counts()?.parked, bench.store.stirred()?);
    Ok(())
}

/// Says how long something took, for each of so many, and how much memory the process has had at most.
fn step<T>(what: &str, count: usize, run: impl FnOnce() -> Done<T>) -> Done<T> {
    let (begun, cpu) = (Instant::now(), cpu_s());
    let done = run()?;
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu_s() - cpu);
    let each = |seconds: f64| seconds * 1e6 / count.max(1) as f64;
    println!(
        "{what}: {took:.2} s ({:.1} µs each), of the processor {cpu:.2} s ({:.1} µs each); peak {} MB",
        each(took),
        each(cpu),
        peak_mb()
    );
    Ok(done)
}

/// What this process has used of the processor, in seconds; 0 where the system does not say.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks = behind_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Most memory that this process has had, in MB; 0 where the system does not say.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) >> 10
}

struct Bench {
    store: RedbStore,
    connector: ConnectorName,
    lease: Lease,
    model: Arc<ContentModel>,
}

impl Bench {
    fn new(path: &std::path::Path) -> Done<Self> {
        let store = RedbStore::open(path, Options::default())?;
        let connector = ConnectorName::new("shop")?;
        let version = Version { digest: "d".into(), manifest: None, installed_ms: 0, approved: true };
        let record =
            ConnectorRecord { name: connector.clone(), digest: "d".into(), enabled: true, paused: false, installed_ms: 0, versions: vec![version] };
        store.put_connector(store.generation()?, &record, Some(b"component"))?;
        Self::with(store, connector)
    }

    fn again(path: &std::path::Path, connector: ConnectorName) -> Done<Self> {
        Self::with(RedbStore::open(path, Options::default())?, connector)
    }

    fn with(store: RedbStore, connector: ConnectorName) -> Done<Self> {
        let node = NodeName::new("bench");
        let claim = Claim { connector: &connector, node: &node, held: &BTreeSet::new(), lease_ms: 1 << 40, now_ms: 0 };
        let Claimed::Yes(lease) = store.claim(&claim)? else { return Err("another holds the lease".into()) };
        Ok(Self { store, connector, lease, model: Arc::default() })
    }

    fn submit(&self, count: usize) -> Done {
        let generation = self.store.generation()?;
        for first in (0..count).step_by(BATCH) {
            let tasks = (first..count.min(first + BATCH)).map(|_| lockgate_testing::new_task(&self.connector, &[b'x'; BODY_BYTES]));
            self.store.submit(generation, tasks.collect(), u64::MAX)?;
        }
        Ok(())
    }

    fn commit(&self, tasks: Vec<TaskEnd>, changes: Vec<Change>) -> Done {
        let generation = self.store.generation()?;
        let parts = EffectsParts { model: self.model.clone(), generation, tasks, changes, ..EffectsParts::default() };
        Ok(self.store.commit(&self.lease, &parts.into())?)
    }

    /// Ends the first so many tasks of the queue, each with a new object.
    fn drain(&self, count: usize) -> Done {
        let mut left = count;
        while left > 0 {
            let tasks = self.store.fetch(&self.connector, None, BATCH.min(left), BATCH_BYTES)?;
            let first = self.store.reserve_ids(tasks.len() as u64)?;
            let rows = (first..).take(tasks.len()).map(|id| object(id, &format!("o{id}")));
            let changes = rows.map(|row| Ok(Change::Object(None, Some(Arc::new(row?))))).collect::<Done<_>>()?;
            self.commit(tasks.iter().map(|task| ends(&task.head)).collect(), changes)?;
            left -= tasks.len().min(left);
            if tasks.is_empty() {
                return Err("the queue is empty".into());
            }
        }
        Ok(())
    }

    /// Parks all that is in the queue, each on one of the targets.
    fn park(&self) -> Done {
        loop {
            let tasks = self.store.fetch(&self.connector, None, BATCH, BATCH_BYTES)?;
            if tasks.is_empty() {
                return Ok(());
            }
            let parked = tasks.iter().map(|task| {
                let Mark(mark) = target(task.id.0 % TARGETS)?;
                let own = format!("task {}", task.id);
                let waiting = Waiting {
                    since_ms: 1,
                    lines: vec![Line::submitted(&own)],
                    brings: vec![brings_name(&TypeName::new("cms.user")?, &own)],
                    wants: vec![Want { mark: Mark(mark), what: "one of the ten".into(), external: Some("ext".into()) }],
                    ..Waiting::default()
                };
                Ok(TaskEnd { fate: Fate::Stays(standing(TaskState::Parked, waiting)), ..ends(&task.head) })
            });
            self.commit(parked.collect::<Done<_>>()?, Vec::new())?;
        }
    }

    fn targets_come(&self) -> Done {
        let first = self.store.reserve_ids(TARGETS)?;
        let rows = (0..TARGETS).map(|n| Ok(Change::Object(None, Some(Arc::new(object(first + n, &format!("target {n}"))?)))));
        self.commit(Vec::new(), rows.collect::<Done<_>>()?)
    }

    fn work_off(&self) -> Done {
        loop {
            let more = self.store.work_off(&self.lease, BATCH)?;
            loop {
                let due = self.store.due(&self.connector, None, BATCH, BATCH_BYTES)?;
                if due.is_empty() {
                    break;
                }
                self.commit(due.iter().map(|due| ends(&due.task.head)).collect(), Vec::new())?;
            }
            if !more {
                return Ok(());
            }
        }
    }
}

fn target(n: u64) -> Done<Mark> {
    let name = CodeName::new(format!("target {n}"))?;
    Ok(Key::from(ObjectKey::Name(TypeName::new("cms.user")?, Scope::default(), name.key().into())).mark())
}

fn object(id: u64, name: &str) -> Done<ObjectRow> {
    Ok(ObjectRow {
        id: ObjectId(id),
        object_type: TypeName::new("cms.user")?,
        scope: Scope::default(),
        code_name: CodeName::new(name)?,
        guid: uuid::Uuid::from_u128(u128::from(id)),
        guid_given: false,
        display_name: name.into(),
        sites: BTreeSet::new(),
        fields: BTreeMap::new(),
        links: BTreeMap::new(),
        newer: Newer::default(),
        created_ms: 1,
        modified_ms: 1,
    })
}

fn standing(state: TaskState, waiting: Waiting) -> Standing {
    Standing {
        process_type: ProcessType::Default,
        state,
        attempts: 1,
        not_before_ms: None,
        failure: None,
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: Some(Arc::new(waiting)),
    }
}

/// The end of a task, with its history entry.
fn ends(task: &TaskHead) -> TaskEnd {
    let entry = Entry {
        together: Vec::new(),
        task: task.id,
        connector: task.connector.clone(),
        task_type: task.task_type,
        data_type: task.data_type,
        process_type: task.process_type,
        site: task.site.clone(),
        title: task.title.clone(),
        outcome: Outcome::Stored,
        attempts: 1,
        digest: "d".into(),
        submitted_ms: task.submitted_ms,
        ended_ms: 1,
        used: Used::default(),
        written: Vec::new(),
        written_total: 0,
        counted: Default::default(),
        references_resolved: 0,
        warnings: Vec::new(),
        warnings_total: 0,
    };
    TaskEnd {
        id: TaskId(task.id.0),
        connector: task.connector.clone(),
        version: task.version,
        fate: Fate::Removed(Box::new(entry)),
        log: Vec::new(),
    }
}
