//! One plan under way: whose turn it is, what was planned so far, and what is to be judged in the end.

use crate::change::Change;
use crate::failure::{Code, Failure, sanitised};
use crate::history::{Action, Warning, Written};
use crate::key::{Key, Question};
use crate::maps::HashMap;
use crate::model::ContentModel;
use crate::names::{ConnectorName, SiteName};
use crate::plan::grant::Because;
use crate::plan::judge::Notes;
use crate::plan::net::net;
use crate::plan::open::{Open, unmet};
use crate::plan::stated::Seen;
use crate::plan::{Member, PlanLimits, Planned, Sources, Stop, View};
use crate::prepared::{InfoObject, Prepared};
use crate::rows::RowId;
use crate::task::{DataType, TaskId, TaskType};
use crate::translate::{Asked, Params};
use crate::validate::invalid;

/// What a plan needs to know of a task, beside what was prepared for it.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) task: TaskId,
    pub(super) connector: &'a ConnectorName,
    pub(super) task_type: TaskType,
    pub(super) data_type: DataType,
    pub(super) site: Option<&'a SiteName>,
    /// Whether an operator lets it delete more rows than a task may.
    pub(super) deletes_allowed: bool,
    pub(super) params: &'a HashMap<Asked, Params>,
    pub(super) limits: PlanLimits<'a>,
}

impl<'a> About<'a> {
    pub(super) fn of(member: &Member<'a>) -> Self {
        let Member { task, translated, limits } = *member;
        Self {
            task: task.id,
            connector: &task.connector,
            task_type: task.task_type,
            data_type: task.data_type,
            site: task.site.as_ref(),
            deletes_allowed: task.deletes_allowed,
            params: &translated.params,
            limits,
        }
    }
}

/// A plan under way.
pub(super) struct Step<'a, 's> {
    /// The task that acts, or for which something is judged.
    pub(super) about: About<'a>,
    /// Its place among `tasks`.
    pub(super) at: usize,
    /// Of a group: its tasks.
    tasks: Vec<About<'a>>,
    pub(super) model: &'a ContentModel,
    pub(super) view: &'a mut View,
    sources: &'a mut Sources<'s>,
    pub(super) now_ms: i64,
    /// What was planned for the task whose turn it is; that of the others of a group is in `plans`.
    pub(super) planned: Planned,
    plans: Vec<Planned>,
    /// Whose each change is, in the order in which they were made.
    order: Vec<usize>,
    /// Rows that change, some more than once.
    pub(super) rows: usize,
    /// A row changes a second time.
    pub(super) again: bool,
    /// What references of this task mean, so that each is looked up once.
    pub(super) seen: HashMap<Asked, Seen>,
    /// Loose ends that were left so far.
    pub(super) loose_left: u64,
    /// What is to be judged when all have acted.
    pub(super) notes: Notes<'a>,
    /// What is open, and for which task.
    pub(super) open: Vec<(usize, Open)>,
}

impl<'a, 's> Step<'a, 's> {
    /// Nothing is planned yet; the first of the tasks has its turn.
    pub(super) fn new(
        first: About<'a>,
        others: &[About<'a>],
        model: &'a ContentModel,
        view: &'a mut View,
        sources: &'a mut Sources<'s>,
    ) -> Self {
        let tasks: Vec<About<'a>> = if others.is_empty() { Vec::new() } else { [&[first], others].concat() };
        let now_ms = sources.clock.now_ms();
        Self {
            about: first,
            at: 0,
            plans: tasks.iter().map(|_| Planned::default()).collect(),
            tasks,
            model,
            view,
            sources,
            now_ms,
            planned: Planned::default(),
            order: Vec::new(),
            rows: 0,
            again: false,
            seen: HashMap::default(),
            loose_left: 0,
            notes: Notes::default(),
            open: Vec::new(),
        }
    }

    /// Whether several tasks are planned together.
    pub(super) fn is_group(&self) -> bool {
        self.tasks.len() > 1
    }

    /// Gives a task its turn.
    pub(super) fn turn(&mut self, at: usize) {
        if at == self.at {
            return;
        }
        let Some(about) = self.tasks.get(at).copied() else { return };
        self.about = about;
        if let Some(before) = self.plans.get_mut(self.at) {
            *before = std::mem::take(&mut self.planned);
        }
        self.at = at;
        self.planned = self.plans.get_mut(at).map(std::mem::take).unwrap_or_default();
        self.seen.clear();
    }

    /// How many rows each task deletes that nobody writes again.
    pub(super) fn deleted(&self) -> Vec<usize> {
        // What is planned for the task whose turn it is stands beside the others.
        let alone = if self.is_group() { None } else { Some(&self.planned) };
        let plans = self.plans.iter().enumerate().map(|(at, plan)| if at == self.at { &self.planned } else { plan });
        let mut changes: Vec<_> = alone.into_iter().chain(plans).map(|plan| plan.changes.iter()).collect();
        let mut last: HashMap<RowId, Option<usize>> = HashMap::default();
        for at in &self.order {
            let Some(change) = changes.get_mut(*at).and_then(Iterator::next) else { continue };
            if let Some(row) = change.row() {
                last.insert(row, change.is_delete().then_some(*at));
            }
        }
        let mut deleted = vec![0; changes.len()];
        for at in last.into_values().flatten() {
            if let Some(count) = deleted.get_mut(at) {
                *count += 1;
            }
        }
        deleted
    }

    /// The id of one of the tasks.
    pub(super) fn task_at(&self, at: usize) -> Option<TaskId> {
        if at == self.at { Some(self.about.task) } else { self.tasks.get(at).map(|about| about.task) }
    }

    /// Writes what the task says, without looking at what others have to say.
    pub(super) fn act(&mut self, prepared: &'a Prepared) -> Result<(), Stop> {
        match prepared {
            Prepared::Skip(_) => Ok(()),
            Prepared::Object(object) => self.object_task(object),
            Prepared::Page(page) => self.page_task(page),
        }
    }

    fn object_task(&mut self, object: &'a InfoObject) -> Result<(), Stop> {
        let Some(declared) = self.model.object_type(&object.row.object_type) else {
            return Err(invalid(format!("the content model declares no object type {}", object.row.object_type)).into());
        };
        self.may_write_type(&declared.name)?;
        let binds_to_site = matches!(self.about.task_type, TaskType::AddToSite | TaskType::RemoveFromSite);
        if binds_to_site && (declared.is_binding() || declared.site_bound) {
            return Err(invalid(format!("objects of type {} cannot be bound to a site: only global ones can", declared.name)).into());
        }
        match self.about.task_type {
            _ if declared.is_binding() => self.binding_task(declared, object),
            TaskType::DeleteObject => self.delete_object_task(declared, object),
            TaskType::RemoveFromSite => self.remove_from_site_task(declared, object),
            _ => self.upsert_object_task(declared, object),
        }
    }

    /// Records a change and applies it to the view, if it is granted: nothing is written past this.
    pub(super) fn change(&mut self, change: Change, because: Because) -> Result<(), Stop> {
        if because == Because::Asked {
            self.may_change(&change)?;
        }
        if change.is_row() {
            let max = self.about.limits.rows_max;
            if self.planned.changes.len() >= max && self.rows_of_task() >= max {
                let message = format!("one task may write {max} rows, and this one would write more");
                return Err(Failure::new(Code::TooManyRows, message).into());
            }
            self.rows += 1;
            if self.is_group() {
                self.notes.remember(&change, (because == Because::Asked).then_some(self.at));
            }
        }
        let touched = change.touched(self.model);
        self.view.apply(&change, &touched, self.model);
        self.planned.touched.extend(touched);
        self.planned.changes.push(change);
        self.order.push(self.at);
        Ok(())
    }

    fn rows_of_task(&self) -> usize {
        self.planned.changes.iter().filter(|change| change.is_row()).count()
    }

    pub(super) fn written(&mut self, type_name: &str, name: impl AsRef<str>, action: Action) {
        self.planned.written.push(Written { type_name: type_name.into(), name: sanitised(name.as_ref()).into(), action });
    }

    pub(super) fn warn(&mut self, code: &str, message: impl AsRef<str>) {
        self.planned.warnings.push(Warning { code: code.into(), message: sanitised(message.as_ref()).into() });
    }

    /// Something is open for a task: it cannot be carried out for the moment.
    pub(super) fn is_open(&mut self, at: usize, open: Open) {
        self.open.push((at, open));
    }

    pub(super) fn new_id(&mut self) -> Result<u64, Stop> {
        let id = self.sources.next_id;
        if id >= self.sources.end_id {
            return Err(Stop::Ids);
        }
        self.sources.next_id += 1;
        Ok(id)
    }

    /// The answer to a question; it is to be loaded, or to be asked after a commit.
    pub(super) fn ask<Q: Question>(&mut self, question: &Q) -> Result<Q::Answer, Stop> {
        self.view.ask(question, self.model)
    }

    /// Has all of these loaded at once, so that they can be asked.
    pub(super) fn want(&mut self, keys: &[Key]) -> Result<(), Stop> {
        self.view.want(keys)
    }

    pub(super) fn new_guid(&mut self) -> uuid::Uuid {
        crate::ports::new_guid(self.sources.clock, self.sources.randomness)
    }

    pub(super) fn is_simple(&self) -> bool {
        self.about.data_type == DataType::Simple
    }

    /// Whether loose ends are looked for: none is where nothing is loose.
    pub(super) fn has_loose_ends(&self) -> bool {
        self.about.limits.loose_ends || self.view.has_loose_ends()
    }

    /// What the one task came to; on an error everything is taken back.
    pub(super) fn finish_one(mut self, result: Result<(), Stop>) -> Result<Planned, Stop> {
        let stop = match result {
            Ok(()) if self.open.is_empty() => {
                if self.again {
                    return Ok(net(vec![self.planned], &self.order, &self.notes.writers, self.model).pop().unwrap_or_default());
                }
                return Ok(self.planned);
            }
            Ok(()) => unmet(std::mem::take(&mut self.open).into_iter().map(|(_, open)| open)),
            // With what was found open before.
            Err(Stop::Unmet(last)) => {
                let before = std::mem::take(&mut self.open).into_iter().map(|(_, open)| open);
                unmet(before.chain(std::iter::once(Open::from(*last))))
            }
            Err(stop) => stop,
        };
        let stop = self.with_would(0, stop);
        self.take_back();
        Err(stop)
    }

    /// What the tasks came to together; on an error everything is taken back.
    pub(super) fn finish_all(mut self) -> Vec<Planned> {
        if let Some(last) = self.plans.get_mut(self.at) {
            *last = std::mem::take(&mut self.planned);
        }
        net(self.plans, &self.order, &self.notes.writers, self.model)
    }

    /// How many rows the tasks write together, each counted once.
    pub(super) fn net_rows(&self) -> usize {
        self.notes.objects_before.len() + self.notes.pages_before.len() + self.notes.bindings_written.len()
    }

    /// The stop, with what the task would touch.
    pub(super) fn with_would(&mut self, at: usize, stop: Stop) -> Stop {
        let Stop::Unmet(mut unmet) = stop else { return stop };
        self.turn(at);
        let mut would: Vec<_> = self.planned.changes.iter().flat_map(|change| change.wakes(self.model)).collect();
        would.extend(self.notes.leaves.iter().filter(|(of, _)| *of == at).map(|(_, mark)| *mark));
        would.sort_unstable();
        would.dedup();
        unmet.would = would;
        unmet.lines.extend(self.notes.stays_under.iter().filter(|(of, _)| *of == at).map(|(_, line)| *line));
        Stop::Unmet(unmet)
    }

    /// Takes everything back, the last first.
    pub(super) fn take_back(mut self) {
        while let Some(at) = self.order.pop() {
            let plan = if at == self.at { Some(&mut self.planned) } else { self.plans.get_mut(at) };
            if let Some(change) = plan.and_then(|plan| plan.changes.pop()) {
                self.view.take_back(&change, self.model);
            }
        }
    }
}
