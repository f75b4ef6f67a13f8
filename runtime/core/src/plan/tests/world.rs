//! A store of a few rows, and a connector that answers by rule: `#7` is the GUID 7, `name`, `parent|name`,
//! `@site|name`; `?…` is not known. A page is `p7` or `p7:cs-CZ`.

mod bodies;
mod rule;
mod stored;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::change::Change;
use crate::failure::Failure;
use crate::grants::WriteGrant;
use crate::key::FormerKey;
use crate::mark::Mark;
use crate::model::{ContentModel, parse};
use crate::names::{ConnectorName, SiteName};
use crate::park::LooseEnd;
use crate::plan::{Apart, Member, PlanLimits, Planned, Sources, Stop, Unmet, View, mend, plan, plan_together};
use crate::ports::{Clock, Granted, Randomness, Run, TaskInfo};
use crate::rows::{BindingRow, LooseId, ObjectRow, PageRow};
use crate::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, Task, TaskHead, TaskId, TaskState, TaskType, TaskVersion};
use crate::translate::{Guest, Translated, translate};

pub(super) use bodies::{many, object, page, to, under, with, x};

const MODEL: &str = r#"
site = [{ name = "main", cultures = ["en-US", "cs-CZ"] }, { name = "other", cultures = ["en-US"] }]

[[object_type]]
name = "t.x"
fields = [
    { name = "u", kind = "text", unique = true },
    { name = "x", kind = "text" },
    { name = "r", kind = "reference", to = "t.x", need = "required" },
    { name = "o", kind = "reference", to = "t.x", need = "optional" },
    { name = "d", kind = "reference", to = "t.x", need = "required-with-default", default = "dflt" },
    { name = "p", kind = "reference", to = "cms.node", need = "optional" },
    { name = "l", kind = "references", to = "t.x", need = "optional" },
    { name = "lr", kind = "references", to = "t.x" },
    { name = "ld", kind = "references", to = "t.x", need = "required-with-default", default = "dflt" },
]
children = [{ type = "t.c", mode = "complete" }, { type = "t.b", mode = "complete" }]

[[object_type]]
name = "t.c"
parent = "t.x"
parent_required = true
fields = [{ name = "x", kind = "text" }, { name = "o", kind = "reference", to = "t.c", need = "optional" }]

[[object_type]]
name = "t.tree"
parent = "t.tree"
unique_within = "site"
fields = [{ name = "c", kind = "reference", to = "t.c", need = "optional" }]

[[object_type]]
name = "t.s"
scope = "site"
unique_within = "all"
children = [{ type = "t.sc", mode = "complete" }]

[[object_type]]
name = "t.sc"
scope = "site"
parent = "t.s"

[[object_type]]
name = "t.m"
group = "t.x"

[[binding_type]]
name = "t.b"
binds = ["a", "b"]
fields = [
    { name = "a", kind = "reference", to = "t.x", need = "binding" },
    { name = "b", kind = "reference", to = "t.x", need = "binding" },
    { name = "note", kind = "text" },
    { name = "o", kind = "reference", to = "t.x", need = "optional" },
]

[[page_type]]
name = "t.page"
fields = [
    { name = "text", kind = "text" },
    { name = "o", kind = "reference", to = "cms.node", need = "optional" },
    { name = "r", kind = "reference", to = "t.page", need = "required" },
    { name = "l", kind = "references", to = "cms.node", need = "optional" },
]

[[object_type]]
name = "t.full"
fields = [{ name = "l", kind = "references", to = "t.x", need = "optional", required = true }]
"#;

/// A GUID as `#n` means it.
pub(super) fn guid(n: u32) -> Uuid {
    Uuid::from_u128(n.into())
}

struct Still;

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        1_000
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Counter;

thread_local! {
    static COUNTED: std::cell::Cell<u8> = const { std::cell::Cell::new(0) };
}

impl Randomness for Counter {
    fn ten_bytes(&self) -> [u8; 10] {
        COUNTED.set(COUNTED.get().wrapping_add(1));
        [COUNTED.get(); 10]
    }
    fn seed(&self) -> [u8; 32] {
        [0; 32]
    }
}

/// A task with what its connector made of it.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) task: Task,
    pub(super) translated: Translated,
}

pub(super) struct World {
    pub(super) model: ContentModel,
    objects: BTreeMap<u64, Arc<ObjectRow>>,
    pages: BTreeMap<u64, Arc<PageRow>>,
    bindings: BTreeMap<u64, Arc<BindingRow>>,
    loose: BTreeMap<u64, Arc<LooseEnd>>,
    formers: BTreeMap<String, (FormerKey, Uuid)>,
    next_id: u64,
    next_task: u64,
    random: Counter,
    pub(super) grants: BTreeMap<String, WriteGrant>,
    pub(super) loose_ends_left: u64,
    pub(super) rows_max: usize,
    pub(super) deletes_max: usize,
    /// How often rows were loaded for the last plan.
    pub(super) loads: usize,
}

impl World {
    pub(super) fn new() -> Self {
        let model = parse(&BTreeMap::from([("m.toml".to_owned(), MODEL.to_owned())])).unwrap();
        let (grants, random) = (BTreeMap::new(), Counter);
        Self {
            model,
            objects: BTreeMap::new(),
            pages: BTreeMap::new(),
            bindings: BTreeMap::new(),
            loose: BTreeMap::new(),
            formers: BTreeMap::new(),
            next_id: 1,
            next_task: 1,
            random,
            grants,
            loose_ends_left: 100,
            rows_max: 100,
            deletes_max: 100,
            loads: 0,
        }
    }

    /// A task of connector `a` in site `main`.
    pub(super) fn make(&mut self, task_type: TaskType, body: &Value) -> Made {
        self.make_for("a", task_type, DataType::Snapshot, body)
    }

    pub(super) fn make_for(&mut self, connector: &str, task_type: TaskType, data_type: DataType, body: &Value) -> Made {
        let body = body.to_string().into_bytes();
        let external = ExternalObject { media_type: INTERNAL_MEDIA_TYPE.into(), body: body.into() };
        let head = TaskHead {
            id: TaskId(self.next_task),
            version: TaskVersion::default(),
            connector: ConnectorName::new(connector).unwrap(),
            external_bytes: external.body.len() as u64,
            media_type: external.media_type.clone(),
            process_type: ProcessType::Default,
            task_type,
            data_type,
            site: Some(SiteName::new("main").unwrap()),
            title: "".into(),
            subject: None,
            file_name: None,
            traceparent: None,
            submitted_ms: 0,
            state: TaskState::Queued,
            attempts: 0,
            not_before_ms: None,
            failure: None,
            aside: false,
            failed_by: None,
            deletes_allowed: false,
            waiting: None,
        };
        self.next_task += 1;
        let task = Task { head, external };
        let granted = Arc::new(Granted::default());
        let run = Run { deadline_ms: 1, state: Arc::default(), now_ms: 0, seed: [0; 32], task: TaskInfo::of(&task) };
        let translated = translate(&task, &self.model, 32, &mut Guest::new(&rule::ByRule, &granted, run)).unwrap();
        Made { task, translated }
    }

    fn limits<'g>(&self, grant: &'g WriteGrant) -> PlanLimits<'g> {
        PlanLimits {
            rows_max: self.rows_max,
            depth_max: 32,
            loose_ends_left: self.loose_ends_left,
            loose_ends: !self.loose.is_empty(),
            deletes_max: self.deletes_max,
            tombstone_ms: 30 * 86_400_000,
            write: grant,
        }
    }

    fn grant(&self, connector: &ConnectorName) -> WriteGrant {
        self.grants.get(connector.as_str()).cloned().unwrap_or_else(WriteGrant::everything)
    }

    fn rounds<T>(&mut self, mut go: impl FnMut(&mut View, &mut Sources<'_>) -> Result<T, Stop>) -> Result<(T, u64), Stop> {
        let mut view = View::default();
        view.reserve(self.next_id..self.next_id + 1_000);
        self.loads = 0;
        loop {
            let (first, clock) = (self.next_id, Still);
            let mut sources = Sources { next_id: first, end_id: first + 1_000, clock: &clock, randomness: &self.random };
            match go(&mut view, &mut sources) {
                Err(Stop::Load(keys)) => {
                    self.loads += 1;
                    assert!(self.loads < 50, "it always wants more: {keys:?}");
                    let loaded = self.load(&keys);
                    view.add(loaded, &self.model);
                }
                Err(stop) => return Err(stop),
                Ok(done) => return Ok((done, sources.next_id)),
            }
        }
    }

    /// Plans a task, and carries nothing out.
    pub(super) fn plan(&mut self, made: &Made) -> Result<Planned, Stop> {
        let (model, grant) = (self.model.clone(), self.grant(&made.task.connector));
        let limits = self.limits(&grant);
        self.rounds(|view, sources| plan(&made.task, &made.translated, &model, limits, view, sources)).map(|(planned, _)| planned)
    }

    /// Plans a task and carries it out; everything that is due is mended.
    pub(super) fn run(&mut self, made: &Made) -> Result<Planned, Stop> {
        let (model, grant) = (self.model.clone(), self.grant(&made.task.connector));
        let limits = self.limits(&grant);
        let (planned, next_id) = self.rounds(|view, sources| plan(&made.task, &made.translated, &model, limits, view, sources))?;
        self.next_id = next_id;
        self.carry_out(&planned.changes);
        Ok(planned)
    }

    /// The same, for a task that holds.
    pub(super) fn put(&mut self, task_type: TaskType, body: &Value) -> Planned {
        let made = self.make(task_type, body);
        self.run(&made).unwrap_or_else(|stop| panic!("{body}: {stop:?}"))
    }

    /// The same, for a task that waits.
    pub(super) fn waits(&mut self, task_type: TaskType, body: &Value) -> Unmet {
        let made = self.make(task_type, body);
        match self.run(&made) {
            Err(Stop::Unmet(unmet)) => *unmet,
            other => panic!("{body}: {other:?}"),
        }
    }

    /// The same, for a task that fails.
    pub(super) fn fails(&mut self, task_type: TaskType, body: &Value) -> Failure {
        let made = self.make(task_type, body);
        match self.run(&made) {
            Err(Stop::Fail(failure)) => failure,
            other => panic!("{body}: {other:?}"),
        }
    }

    /// Plans tasks together and carries them out.
    pub(super) fn together(&mut self, all: &[&Made]) -> Result<Vec<Planned>, Vec<(usize, Stop)>> {
        let model = self.model.clone();
        let grants: Vec<WriteGrant> = all.iter().map(|made| self.grant(&made.task.connector)).collect();
        let limits: Vec<PlanLimits<'_>> = grants.iter().map(|grant| self.limits(grant)).collect();
        let members: Vec<Member<'_>> =
            all.iter().zip(limits).map(|(made, limits)| Member { task: &made.task, translated: &made.translated, limits }).collect();
        let mut apart = Vec::new();
        let result = self.rounds(|view, sources| {
            plan_together(&members, &model, view, sources).map_err(|why| match why {
                Apart::Stop(stop) => stop,
                Apart::Members(members) => {
                    apart = members;
                    Stop::Commit
                }
            })
        });
        match result {
            Ok((planned, next_id)) => {
                self.next_id = next_id;
                let changes: Vec<Change> = planned.iter().flat_map(|planned| planned.changes.clone()).collect();
                self.carry_out(&changes);
                Ok(planned)
            }
            Err(stop) => {
                assert_eq!(stop, Stop::Commit);
                Err(apart)
            }
        }
    }

    fn carry_out(&mut self, changes: &[Change]) {
        let woken: BTreeSet<Mark> = changes.iter().flat_map(|change| change.wakes(&self.model)).collect();
        for change in changes {
            self.apply(change);
        }
        self.check();
        let due: Vec<Arc<LooseEnd>> =
            self.loose.values().filter(|end| end.wants.iter().any(|want| woken.contains(&want.mark))).cloned().collect();
        for end in due {
            self.mend(&end);
        }
    }

    /// Mends a loose end, if its question has an answer.
    pub(super) fn mend(&mut self, end: &Arc<LooseEnd>) -> (bool, Planned) {
        let (model, grant) = (self.model.clone(), self.grant(&end.connector));
        let limits = self.limits(&grant);
        let ((mended, planned), next_id) = self.rounds(|view, sources| mend(end, &model, limits, view, sources)).unwrap();
        self.next_id = next_id;
        self.carry_out(&planned.changes);
        (mended, planned)
    }

    pub(super) fn object(&self, name: &str) -> Arc<ObjectRow> {
        let mut named = self.objects.values().filter(|row| row.code_name.as_str() == name);
        let row = named.next().unwrap_or_else(|| panic!("no object {name} in {:#?}", self.lines())).clone();
        assert!(named.next().is_none(), "several are named {name}");
        row
    }

    pub(super) fn page(&self, alias: &str) -> Arc<PageRow> {
        self.pages.values().find(|row| row.alias.as_str() == alias).unwrap_or_else(|| panic!("no page {alias}")).clone()
    }

    pub(super) fn ends(&self) -> Vec<Arc<LooseEnd>> {
        self.loose.values().cloned().collect()
    }

    pub(super) fn end(&self, id: LooseId) -> Arc<LooseEnd> {
        self.loose[&id.0].clone()
    }

    pub(super) fn bindings(&self) -> Vec<Arc<BindingRow>> {
        self.bindings.values().cloned().collect()
    }
}
