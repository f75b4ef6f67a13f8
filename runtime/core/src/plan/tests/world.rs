//! A store of a few rows, and a connector that answers by rule: `#7` is the GUID 7, `name`, `parent|name`,
//! `@site|name`; `?…` is not known. A page is `p7` or `p7:cs-CZ`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::change::Change;
use crate::failure::{Code, Failure};
use crate::grants::WriteGrant;
use crate::key::{Answers, FormerKey, Key, Loaded, ObjectKey, ObjectsKey};
use crate::mark::Mark;
use crate::model::{ContentModel, parse};
use crate::names::{CodeName, ConnectorName, Culture, ExternalId, SiteName, TypeName};
use crate::park::{LooseAt, LooseEnd};
use crate::plan::{Apart, Member, PlanLimits, Planned, Sources, Stop, Unmet, View, mend, plan, plan_together};
use crate::ports::{Clock, Granted, Instance, NotStarted, Randomness, Run, TaskView, Translator, Usage};
use crate::prepared::{DocumentParams, ObjectParams, Prepared};
use crate::rows::{BindingRow, LooseId, ObjectRow, Owner, PageRow, Referrer, RowId, Target};
use crate::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, Task, TaskHead, TaskId, TaskState, TaskType, TaskVersion};
use crate::translate::{Guest, Translated, translate};
use crate::value::Stored;

pub(super) const MODEL: &str = r#"
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
]
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

struct Counter(std::sync::atomic::AtomicU8);

impl Randomness for Counter {
    fn ten_bytes(&self) -> [u8; 10] {
        [self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed); 10]
    }
    fn seed(&self) -> [u8; 32] {
        [0; 32]
    }
}

struct ByRule;

impl Translator for ByRule {
    fn instance(&self, _: &Arc<Granted>, _: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        Ok(Box::new(ByRule))
    }
}

impl Instance for ByRule {
    fn prepare_internal_object(&mut self, _: &TaskView<'_>) -> Result<Prepared, Failure> {
        Err(Failure::new(Code::Unsupported, "bodies are internal objects"))
    }

    fn get_internal_object_params(&mut self, id: &ExternalId, _: &TypeName) -> Result<ObjectParams, Failure> {
        let text = id.as_str();
        if text.starts_with('?') {
            return Err(Failure::new(Code::NotFound, "no such thing"));
        }
        let (rest, name) = text.rsplit_once('|').map_or((None, text), |(rest, name)| (Some(rest), name));
        let site = rest.and_then(|rest| rest.strip_prefix('@'));
        let parent = rest.filter(|rest| !rest.starts_with('@'));
        Ok(ObjectParams {
            guid: name.strip_prefix('#').map(|n| guid(n.parse().unwrap())),
            code_name: CodeName::new(name).unwrap(),
            site: site.map(|site| SiteName::new(site).unwrap()),
            parent: parent.and_then(|parent| ExternalId::new(parent).unwrap()),
            group: None,
        })
    }

    fn get_internal_document_params(&mut self, id: &ExternalId, _: &TypeName) -> Result<DocumentParams, Failure> {
        let Some(text) = id.as_str().strip_prefix('p') else { return Err(Failure::new(Code::NotFound, "no such page")) };
        let (n, culture) = text.split_once(':').unwrap_or((text, "en-US"));
        let site = SiteName::new("main").unwrap();
        Ok(DocumentParams { node_guid: guid(n.parse().unwrap()), culture: Culture::new(culture).unwrap(), site })
    }

    fn usage(&mut self) -> Usage {
        Usage::default()
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
    /// How often rows were loaded for the last plan.
    pub(super) loads: usize,
}

impl World {
    pub(super) fn new() -> Self {
        let model = parse(&BTreeMap::from([("m.toml".to_owned(), MODEL.to_owned())])).unwrap();
        let (grants, random) = (BTreeMap::new(), Counter(0.into()));
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
        let run = Run { deadline_ms: 1, state: Arc::default(), now_ms: 0, seed: [0; 32] };
        let translated = translate(&task, &self.model, 32, &mut Guest::new(&ByRule, &granted, run)).unwrap();
        Made { task, translated }
    }

    fn limits<'g>(&self, grant: &'g WriteGrant) -> PlanLimits<'g> {
        PlanLimits {
            rows_max: self.rows_max,
            depth_max: 32,
            loose_ends_left: self.loose_ends_left,
            loose_ends: !self.loose.is_empty(),
            deletes_max: 100,
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

    fn apply(&mut self, change: &Change) {
        fn put<R: PartialEq + std::fmt::Debug>(all: &mut BTreeMap<u64, Arc<R>>, id: u64, before: &Option<Arc<R>>, after: &Option<Arc<R>>) {
            let was = match after {
                Some(row) => all.insert(id, row.clone()),
                None => all.remove(&id),
            };
            assert_eq!(&was, before, "what is stored (left) is not what the plan changed (right)");
        }
        match change {
            Change::Object(before, after) => put(&mut self.objects, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Page(before, after) => put(&mut self.pages, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Binding(before, after) => put(&mut self.bindings, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Loose(before, after) => put(&mut self.loose, after.as_ref().or(before.as_ref()).unwrap().id.0, before, after),
            Change::Former(key, before, after) => {
                let name = format!("{key:?}");
                let was = match after {
                    Some(guid) => self.formers.insert(name, (key.clone(), *guid)),
                    None => self.formers.remove(&name),
                };
                assert_eq!(was.map(|(_, guid)| guid), *before);
            }
            Change::Tomb(..) => {}
        }
    }

    /// What every store asks of a plan: no two rows are one, nothing points to what is not there, each loose end
    /// is at a field that says so.
    fn check(&self) {
        let mut seen = BTreeSet::new();
        for row in self.objects.values() {
            let key = ObjectKey::Name(row.object_type.clone(), row.scope.clone(), row.code_name.key().into());
            assert!(seen.insert(format!("{key:?}")), "two rows are {key:?}");
            assert!(seen.insert(format!("{} {}", row.object_type, row.guid)), "two rows have GUID {}", row.guid);
            row.references().for_each(|(_, target)| assert!(self.has(target), "{row:?} points to nothing"));
            assert!(row.scope.parent.is_none_or(|parent| self.objects.contains_key(&parent.0)), "{row:?} has no parent");
            row.links.values().filter_map(|link| link.loose).for_each(|id| assert!(self.loose.contains_key(&id.0), "{row:?}"));
        }
        for row in self.pages.values() {
            assert!(seen.insert(format!("{} {:?} {}", row.site, row.parent, row.alias.key())), "two pages have one path: {row:?}");
            row.references().for_each(|(_, target)| assert!(self.has(target), "{row:?} points to nothing"));
            assert!(row.parent.is_none_or(|parent| self.pages.contains_key(&parent.0)), "{row:?} has no parent");
        }
        for row in self.bindings.values() {
            assert!(seen.insert(format!("{} {:?}", row.binding_type, row.binds)), "two bindings are one: {row:?}");
            row.references().for_each(|(_, target)| assert!(self.has(target), "{row:?} points to nothing"));
        }
        for end in self.loose.values() {
            let field = match &end.at {
                LooseAt::Object(id, field) => self.objects.get(&id.0).and_then(|row| row.links.get(field)),
                LooseAt::Page(id, culture, field) => {
                    self.pages.get(&id.0).and_then(|row| row.cultures.get(culture)).and_then(|version| version.links.get(field))
                }
                LooseAt::Binding(id, field) => self.bindings.get(&id.0).and_then(|row| row.links.get(field)),
                LooseAt::NotMade(_) => continue,
            };
            assert_eq!(field.and_then(|link| link.loose), Some(end.id), "{end:?} is at no field");
        }
    }

    fn has(&self, target: Target) -> bool {
        match target {
            Target::Object(id) => self.objects.contains_key(&id.0),
            Target::Page(id) => self.pages.contains_key(&id.0),
        }
    }

    fn load(&self, keys: &[Key]) -> Loaded {
        let mut answers = Answers::default();
        for key in keys {
            let object = |row: &&Arc<ObjectRow>| Change::Object(None, Some((*row).clone())).touched(&self.model).contains(key);
            let page = |row: &&Arc<PageRow>| Change::Page(None, Some((*row).clone())).touched(&self.model).contains(key);
            let binding = |row: &&Arc<BindingRow>| Change::Binding(None, Some((*row).clone())).touched(&self.model).contains(key);
            match key {
                Key::Object(question) => drop(answers.insert(question.clone(), self.objects.values().find(object).cloned())),
                Key::Objects(question) => {
                    let most = if matches!(question, ObjectsKey::AnyNamed(..)) { 2 } else { usize::MAX };
                    answers.insert(question.clone(), self.objects.values().filter(object).take(most).cloned().collect());
                }
                Key::Page(question) => drop(answers.insert(question.clone(), self.pages.values().find(page).cloned())),
                Key::PageIds(question) => drop(answers.insert(*question, self.pages.values().filter(page).map(|row| row.id).collect())),
                Key::Binding(question) => drop(answers.insert(question.clone(), self.bindings.values().find(binding).cloned())),
                Key::Bindings(question) => {
                    drop(answers.insert(question.clone(), self.bindings.values().filter(binding).cloned().collect()))
                }
                Key::Referrers(question) => drop(answers.insert(*question, self.referrers(question.0))),
                Key::Former(question) => {
                    answers.insert(question.clone(), self.formers.get(&format!("{question:?}")).map(|(_, guid)| *guid));
                }
                Key::Tomb(question) => drop(answers.insert(question.clone(), None)),
                Key::Loose(question) => drop(answers.insert(*question, self.loose.get(&question.0.0).cloned())),
                Key::LooseEnds(question) => {
                    let of = |end: &&Arc<LooseEnd>| matches!(&end.at, LooseAt::NotMade(at) if at.binding_type == question.0 && at.owner == question.1);
                    answers.insert(question.clone(), self.loose.values().filter(of).cloned().collect());
                }
                Key::Line(question) => drop(answers.insert(question.clone(), Vec::new())),
            }
        }
        Loaded { as_of: 1, answers }
    }

    fn referrers(&self, target: Target) -> Vec<Referrer> {
        let objects = self.objects.values().flat_map(|row| row.references().map(|of| (RowId::Object(row.id), of)));
        let pages = self.pages.values().flat_map(|row| row.references().map(|of| (RowId::Page(row.id), of)));
        let bindings = self.bindings.values().flat_map(|row| row.references().map(|of| (RowId::Binding(row.id), of)));
        let all = objects.chain(pages).chain(bindings).filter(|(_, (_, to))| *to == target);
        let all: BTreeSet<Referrer> = all.map(|(row, (field, _))| Referrer { row, field: field.clone() }).collect();
        all.into_iter().collect()
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

    /// What is stored, without ids and made up GUIDs: `t.x parent/name #guid field=value …`.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for row in self.objects.values() {
            let mut line = format!("{} {}", row.object_type, self.name(Target::Object(row.id)));
            if row.guid_given {
                line += &format!(" #{}", row.guid.as_u128());
            }
            row.sites.iter().for_each(|site| line += &format!(" @{site}"));
            line += &self.fields(&row.fields);
            row.scope.group.iter().for_each(|group| line += &format!(" group={}", self.name(Target::Object(*group))));
            lines.push(line);
        }
        for row in self.pages.values() {
            let cultures: Vec<String> =
                row.cultures.iter().map(|(culture, version)| format!(" {culture}{}", self.fields(&version.fields))).collect();
            lines.push(format!("{} {} #{}{}", row.class_name, self.name(Target::Page(row.id)), row.guid.as_u128(), cultures.concat()));
        }
        for row in self.bindings.values() {
            lines.push(format!("{}{}", row.binding_type, self.fields(&row.fields)));
        }
        lines.sort();
        lines
    }

    fn fields(&self, fields: &crate::rows::Fields) -> String {
        let value = |value: &Stored| match value {
            Stored::Reference(target) => self.name(*target),
            Stored::Plain(crate::value::Plain::Text(text)) => text.to_string(),
            Stored::Plain(plain) => format!("{plain:?}"),
        };
        fields.iter().map(|(name, stored)| format!(" {name}={}", value(stored))).collect()
    }

    fn name(&self, target: Target) -> String {
        match target {
            Target::Object(id) => match self.objects.get(&id.0) {
                Some(row) => {
                    let site = row.scope.site.as_ref().map_or(String::new(), |site| format!("{site}:"));
                    let above = row.scope.parent.map_or(String::new(), |parent| format!("{}/", self.name(Target::Object(parent))));
                    format!("{site}{above}{}", row.code_name)
                }
                None => "gone".to_owned(),
            },
            Target::Page(id) => match self.pages.get(&id.0) {
                Some(row) => format!("{}/{}", row.parent.map_or(String::new(), |parent| self.name(Target::Page(parent))), row.alias),
                None => "gone".to_owned(),
            },
        }
    }

    /// What waits in a loose end, for people.
    pub(super) fn loose_lines(&self) -> Vec<String> {
        let line = |end: &Arc<LooseEnd>| {
            let at = match &end.at {
                LooseAt::Object(id, field) => format!("{}.{field}", self.name(Target::Object(*id))),
                LooseAt::Page(id, culture, field) => format!("{}.{culture}.{field}", self.name(Target::Page(*id))),
                LooseAt::Binding(_, field) => format!("binding.{field}"),
                LooseAt::NotMade(at) => match &at.owner {
                    Owner::Row(target) => format!("{} of {}", at.binding_type, self.name(*target)),
                    Owner::Stated(_) => format!("{} of nobody", at.binding_type),
                },
            };
            let wants: Vec<&str> = end.wants.iter().map(|want| &*want.what).collect();
            format!("{at}: {}", wants.join(", "))
        };
        self.loose.values().map(line).collect()
    }
}

/// An object `t.x`; GUID 0 is none.
pub(super) fn x(n: u32, name: &str, fields: &Value) -> Value {
    object("t.x", n, name, fields)
}

pub(super) fn object(object_type: &str, n: u32, name: &str, fields: &Value) -> Value {
    let mut object = serde_json::json!({"type": object_type, "code_name": name, "fields": fields});
    if n > 0 {
        object["guid"] = guid(n).to_string().into();
    }
    serde_json::json!({ "object": object })
}

/// The same object with something else said of it.
pub(super) fn with(mut body: Value, key: &str, value: Value) -> Value {
    let what = if body.get("page").is_some() { "page" } else { "object" };
    body[what][key] = value;
    body
}

/// What a reference field is given.
pub(super) fn to(id: &str) -> Value {
    serde_json::json!({ "reference": id })
}

/// A page of site `main`; GUID 0 is none.
pub(super) fn page(n: u32, alias: &str, parent: &Value) -> Value {
    let mut page = serde_json::json!({"class_name": "t.page", "culture": "en-US", "name": alias, "alias": alias, "parent": parent});
    if n > 0 {
        page["node_guid"] = guid(n).to_string().into();
    }
    serde_json::json!({ "page": page })
}

/// A parent by GUID.
pub(super) fn under(n: u32) -> Value {
    serde_json::json!({ "guid": guid(n).to_string() })
}
