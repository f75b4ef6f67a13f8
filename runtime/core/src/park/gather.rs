//! Putting a group together (§11.6): whole chains first, then whoever would bring what is still open, until
//! nothing is added; only then it is cut back from the tail of each chain. Pure: it asks, and is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::mark::Mark;
use crate::names::ConnectorName;
use crate::park::{Line, LineKind};
use crate::task::{TaskHead, TaskId, TaskState};

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Tell who stands in these lines of a connector ([`Gathering::stand`]); with a task: only those before it.
    Line(ConnectorName, Vec<Line>, Option<TaskId>),
    /// Tell who would bring one of these ([`Gathering::stand`]).
    Bringing(Vec<Mark>),
    /// Plan these together, in this order; then tell what is open ([`Gathering::open`]), or who could not even be
    /// translated ([`Gathering::cannot`]). When nothing is, the group holds.
    Plan(Vec<TaskId>),
    /// Nothing holds that the task is in.
    Nothing,
}

/// A group being put together around one task.
#[derive(Debug)]
pub struct Gathering {
    seed: TaskId,
    known: BTreeMap<TaskId, Known>,
    to_ask: Vec<Ask>,
    asked: BTreeSet<(ConnectorName, Line, Option<TaskId>)>,
    asked_marks: BTreeSet<Mark>,
    /// Members with something open, if nobody is added that helps.
    open: BTreeSet<TaskId>,
    /// How many members there were when that was found.
    open_among: usize,
    wants: BTreeSet<Mark>,
    planned: bool,
}

#[derive(Debug)]
struct Known {
    connector: ConnectorName,
    lines: Vec<Line>,
    brings: Vec<Mark>,
    helpers: Vec<Mark>,
    /// It cannot be in the group, nor can those behind it.
    out: bool,
}

impl Gathering {
    /// Around a task that waits.
    pub fn new(seed: &TaskHead) -> Self {
        let mut gathering = Self {
            seed: seed.id,
            known: BTreeMap::new(),
            to_ask: Vec::new(),
            asked: BTreeSet::new(),
            asked_marks: BTreeSet::new(),
            open: BTreeSet::new(),
            open_among: 0,
            wants: BTreeSet::new(),
            planned: false,
        };
        gathering.stand(std::slice::from_ref(seed));
        gathering
    }

    /// What is to be done next.
    pub fn ask(&mut self) -> Ask {
        if let Some(ask) = self.to_ask.pop() {
            return ask;
        }
        if !self.open.is_empty() && self.known.len() == self.open_among {
            // Nobody was added that helps: without them, and without those behind them.
            for id in std::mem::take(&mut self.open) {
                self.cannot(id);
            }
        }
        self.open.clear();
        self.leave_hopeless();
        let members = self.members();
        if members.contains(&self.seed) { Ask::Plan(members) } else { Ask::Nothing }
    }

    /// These stand in a line that was asked for, or would bring what was.
    pub fn stand(&mut self, heads: &[TaskHead]) {
        for head in heads {
            if self.known.contains_key(&head.id) {
                continue;
            }
            let lines: Vec<Line> = head.waiting.iter().flat_map(|waiting| waiting.lines.iter().copied()).collect();
            let (subjects, others): (Vec<Line>, Vec<Line>) = lines.iter().partition(|line| line.kind == LineKind::Subject);
            self.ask_line(&head.connector, subjects, None);
            self.ask_line(&head.connector, others.into_iter().map(Line::opposite).collect(), Some(head.id));
            let out = match head.state {
                TaskState::Parked | TaskState::Behind => false,
                // It has waited too long, and is wanted still.
                TaskState::Failed => head.waiting.as_ref().is_none_or(|waiting| waiting.wants.is_empty()),
                TaskState::Queued => true,
            };
            let (brings, helpers) = match head.waiting.as_deref() {
                Some(waiting) if !out => (waiting.brings.clone(), waiting.helpers.clone()),
                _ => Default::default(),
            };
            self.bring(helpers.clone());
            self.known.insert(head.id, Known { connector: head.connector.clone(), lines, brings, helpers, out });
        }
    }

    /// This one cannot be in the group.
    pub fn cannot(&mut self, task: TaskId) {
        if let Some(known) = self.known.get_mut(&task) {
            known.out = true;
        }
    }

    /// These were planned, and have something open: what they want, and what would help them.
    pub fn open(&mut self, open: impl IntoIterator<Item = (TaskId, Vec<Mark>, Vec<Mark>)>) {
        self.open_among = self.known.len();
        self.planned = true;
        for (task, wants, helpers) in open {
            self.open.insert(task);
            self.wants.extend(wants);
            self.bring(helpers);
        }
    }

    /// What the groups so far failed by, and the ends of those that are not of the task's own lines: touched, it is to be
    /// tried again. Nothing, where no group could be: what it wants itself wakes it.
    pub fn wants(&self) -> Vec<Mark> {
        if !self.planned {
            return Vec::new();
        }
        let ends = self.others().into_iter().map(crate::mark::ended);
        self.wants.iter().copied().chain(ends).collect::<BTreeSet<Mark>>().into_iter().collect()
    }

    /// Those that are not of the task's own lines: their ends are waited for where a group was planned.
    pub fn others(&self) -> Vec<TaskId> {
        if !self.planned {
            return Vec::new();
        }
        let own: &[Line] = self.known.get(&self.seed).map(|known| known.lines.as_slice()).unwrap_or_default();
        let others = self.known.iter().filter(|(id, known)| **id != self.seed && !known.lines.iter().any(|line| own.contains(line)));
        others.map(|(id, _)| *id).collect()
    }

    /// Everybody who was looked at.
    pub fn looked_at(&self) -> usize {
        self.known.len()
    }

    /// Without planning it: those that nobody can help, who could be in a group, are out. A task behind may state
    /// anew what one before it wants: one that has such a task is not judged.
    fn leave_hopeless(&mut self) {
        let mut subjects: HashMap<(&ConnectorName, Line), TaskId> = HashMap::new();
        for (id, known) in &self.known {
            for line in known.lines.iter().filter(|line| line.kind == LineKind::Subject) {
                // Ascending: the last of its line.
                subjects.insert((&known.connector, *line), *id);
            }
        }
        let last = |id: &TaskId, known: &Known| {
            known
                .lines
                .iter()
                .filter(|line| line.kind == LineKind::Subject)
                .all(|line| subjects.get(&(&known.connector, *line)) == Some(id))
        };
        let mut judged: BTreeMap<TaskId, &Known> = BTreeMap::new();
        let mut bringers: HashMap<Mark, usize> = HashMap::new();
        for (id, known) in self.known.iter().filter(|(_, known)| !known.out) {
            known.brings.iter().for_each(|mark| *bringers.entry(*mark).or_default() += 1);
            if !known.helpers.is_empty() && last(id, known) {
                judged.insert(*id, known);
            }
        }
        let mut hopeless: BTreeSet<TaskId> = BTreeSet::new();
        loop {
            let before = hopeless.len();
            judged.retain(|id, known| {
                // Itself is no help.
                let others = |mark: &Mark| bringers.get(mark).copied().unwrap_or(0) > usize::from(known.brings.contains(mark));
                if known.helpers.iter().any(others) {
                    return true;
                }
                hopeless.insert(*id);
                for mark in &known.brings {
                    if let Some(count) = bringers.get_mut(mark) {
                        *count = count.saturating_sub(1);
                    }
                }
                false
            });
            if hopeless.len() == before {
                break;
            }
        }
        hopeless.into_iter().for_each(|id| self.cannot(id));
    }

    /// Those that may be in the group, in order: nobody of them stands behind one that may not.
    fn members(&self) -> Vec<TaskId> {
        let mut members = Vec::new();
        let mut blocked: BTreeSet<(&ConnectorName, Line)> = BTreeSet::new();
        for (id, known) in &self.known {
            let behind = known.lines.iter().any(|line| blocked.contains(&(&known.connector, line.opposite())));
            if known.out || behind {
                blocked.extend(known.lines.iter().map(|line| (&known.connector, *line)));
            } else {
                members.push(*id);
            }
        }
        members
    }

    fn ask_line(&mut self, connector: &ConnectorName, lines: Vec<Line>, before: Option<TaskId>) {
        let new: Vec<Line> = lines.into_iter().filter(|line| self.asked.insert((connector.clone(), *line, before))).collect();
        if !new.is_empty() {
            self.to_ask.push(Ask::Line(connector.clone(), new, before));
        }
    }

    fn bring(&mut self, helpers: Vec<Mark>) {
        let new: Vec<Mark> = helpers.into_iter().filter(|mark| self.asked_marks.insert(*mark)).collect();
        if !new.is_empty() {
            self.to_ask.push(Ask::Bringing(new));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::mark::{Marker, ended};
    use crate::park::Waiting;
    use crate::task::{DataType, ExternalObject, NewTask, ProcessType, TaskType};

    fn mark(name: &str) -> Mark {
        Marker::new(name).mark()
    }

    fn subject(name: &str) -> Line {
        Line { kind: LineKind::Subject, mark: mark(name) }
    }

    fn head(id: u64, lines: &[Line]) -> TaskHead {
        let task = NewTask {
            connector: ConnectorName::new("a").unwrap(),
            external: ExternalObject { media_type: "text/plain".into(), body: (*b"").into() },
            process_type: ProcessType::Default,
            task_type: TaskType::UpdateObject,
            data_type: DataType::Snapshot,
            site: None,
            title: "".into(),
            subject: None,
            file_name: None,
            idempotency: None,
            traceparent: None,
            submitted_ms: 0,
        };
        let waiting = Waiting { lines: lines.to_vec(), ..Waiting::default() };
        TaskHead { state: TaskState::Parked, waiting: Some(Arc::new(waiting)), ..task.queued(TaskId(id)).head }
    }

    fn ids(ids: &[u64]) -> Ask {
        Ask::Plan(ids.iter().copied().map(TaskId).collect())
    }

    #[test]
    fn whole_chains_are_planned_first_then_those_who_help_and_then_it_is_cut_from_the_tail() {
        let connector = ConnectorName::new("a").unwrap();
        let (one, other) = (subject("one"), subject("other"));
        let chain = [head(3, &[one]), head(5, &[one])];
        let mut gathering = Gathering::new(&chain[0]);
        assert_eq!(gathering.ask(), Ask::Line(connector.clone(), vec![one], None));
        gathering.stand(&chain);
        assert_eq!(gathering.ask(), ids(&[3, 5]));
        gathering.open([(TaskId(5), vec![mark("wanted")], vec![mark("helper")])]);
        assert_eq!(gathering.ask(), Ask::Bringing(vec![mark("helper")]));
        gathering.stand(&[head(4, &[other])]);
        assert_eq!(gathering.ask(), Ask::Line(connector, vec![other], None));
        assert_eq!(gathering.ask(), ids(&[3, 4, 5]));
        // Nobody else helps: the tail goes, and what is left is planned again.
        gathering.open([(TaskId(5), vec![mark("wanted")], vec![mark("helper")])]);
        assert_eq!(gathering.ask(), ids(&[3, 4]));
        gathering.open([(TaskId(3), vec![mark("else")], Vec::new())]);
        assert_eq!(gathering.ask(), Ask::Nothing);
        let mut wants = vec![mark("wanted"), mark("else"), ended(TaskId(4))];
        wants.sort();
        assert_eq!(gathering.wants(), wants);
    }

    #[test]
    fn those_whom_nobody_can_help_are_not_planned() {
        let with = |head: TaskHead, brings: &str, helper: &str| {
            let waiting = Waiting { brings: vec![mark(brings)], helpers: vec![mark(helper)], ..head.waiting.as_deref().unwrap().clone() };
            TaskHead { waiting: Some(Arc::new(waiting)), ..head }
        };
        let mut chain: Vec<TaskHead> = Vec::new();
        for id in 1..10 {
            chain.push(with(head(id, &[subject(&id.to_string())]), &id.to_string(), &(id - 1).to_string()));
        }
        // Each needs the one before; the first needs one that is not there.
        let answers = |gathering: &mut Gathering, chain: &[TaskHead]| loop {
            match gathering.ask() {
                Ask::Line(..) => {}
                Ask::Bringing(marks) => {
                    let brings = |head: &&TaskHead| head.waiting.iter().any(|waiting| marks.contains(&waiting.brings[0]));
                    let found: Vec<TaskHead> = chain.iter().filter(brings).cloned().collect();
                    gathering.stand(&found);
                }
                other => break other,
            }
        };
        assert_eq!(answers(&mut Gathering::new(&chain[8]), &chain), Ask::Nothing);
        // The first needs the last: a ring.
        chain[0] = with(head(1, &[subject("1")]), "1", "9");
        assert_eq!(answers(&mut Gathering::new(&chain[8]), &chain), ids(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
    }

    #[test]
    fn nobody_is_in_a_group_behind_one_that_cannot_be() {
        let (parent, list) = (subject("parent"), Line { kind: LineKind::List, mark: mark("children") });
        let child = Line { kind: LineKind::Child, ..list };
        let mut gathering = Gathering::new(&head(9, &[subject("child"), child]));
        let failed = TaskHead { state: TaskState::Failed, ..head(2, &[parent, list]) };
        while let Ask::Line(_, lines, before) = gathering.ask() {
            if lines == [list] {
                assert_eq!(before, Some(TaskId(9)));
                gathering.stand(std::slice::from_ref(&failed));
            }
        }
        assert_eq!(gathering.ask(), Ask::Nothing);
    }
}
