//! What becomes of the tasks of one connector: from the queue to those that stand apart, back, or out of
//! both, with everything that they are found by.

use std::collections::BTreeMap;

use lockgate_core::ports::{Due, Standing};
use redb::ReadableTable;

use crate::counters::{Counted, counted};
use crate::disk::task::{Body, Row, Seen};
use crate::fault::Fault;
use crate::queue;
use crate::tables::append;
use crate::waits::due::{self, Dues};
use crate::waits::entries::{Entries, Turns, of_task};
use crate::work::Work;

/// Moves that are carried out together. Each task moves once.
pub(crate) struct Moves {
    connector: u32,
    /// Tasks that leave their table, ascending when they are given so.
    from_queue: Vec<u64>,
    from_apart: Vec<u64>,
    /// Rows that are written, changed or new in their table.
    into_queue: BTreeMap<u64, Vec<u8>>,
    into_apart: BTreeMap<u64, Vec<u8>>,
    bodies: BTreeMap<u64, Vec<u8>>,
    /// Tasks that stood apart and may have been due.
    stirred: Vec<u64>,
    /// Tasks that stand apart behind another, and whom.
    behind: Vec<(u64, u64)>,
    turns: Turns,
}

impl Moves {
    pub(crate) fn new(connector: u32) -> Self {
        Self {
            connector,
            from_queue: Vec::new(),
            from_apart: Vec::new(),
            into_queue: BTreeMap::new(),
            into_apart: BTreeMap::new(),
            bodies: BTreeMap::new(),
            stirred: Vec::new(),
            behind: Vec::new(),
            turns: Turns::default(),
        }
    }

    /// A task that is there goes.
    pub(crate) fn goes(&mut self, work: &mut Work<'_>, id: u64, seen: Seen) -> Result<(), Fault> {
        let before = self.before(work, id, seen)?;
        self.turns.change(&before, &Entries::new());
        self.leaves(id, seen);
        self.count(work, seen, -1);
        Ok(())
    }

    /// A task that is there gets another standing: its next version.
    pub(crate) fn stays(&mut self, work: &mut Work<'_>, id: u64, seen: Seen, standing: &Standing) -> Result<(), Fault> {
        let after = seen.after(standing);
        let before = self.before(work, id, seen)?;
        let found_by = standing.waiting.as_deref().map(Into::into);
        self.turns.change(&before, &of_task(self.connector, id, after, found_by.as_ref()));
        self.count(work, seen, -1);
        self.count(work, after, 1);
        if seen.stands_apart() {
            self.stirred.push(id);
        }
        if let Some(head) = standing.waiting.as_ref().and_then(|waiting| waiting.behind).filter(|_| after.stands_apart()) {
            self.behind.push((id, head.0));
        }
        let key = (self.connector, id);
        let table = if seen.stands_apart() { work.tables.apart()? } else { work.tables.queue()? };
        let Some(bytes) = table.get(key)? else { return Ok(()) };
        let row = Row::read(bytes.value())?;
        match (row.body(), after.stands_apart()) {
            (Body::Beside, true) => drop(self.into_apart.insert(id, row.restand(standing, Body::Beside))),
            (Body::Within(body), true) => {
                self.bodies.insert(id, body.to_vec());
                self.into_apart.insert(id, row.restand(standing, Body::Beside));
                self.from_queue.push(id);
            }
            (body @ Body::Within(_), false) => drop(self.into_queue.insert(id, row.restand(standing, body))),
            (Body::Beside, false) => {
                let row = bytes.value().to_vec();
                drop(bytes);
                let body = work.tables.bodies()?.get(id)?;
                let body = body.ok_or_else(|| Fault::row("task", format_args!("the body of task {id} is missing")))?;
                self.into_queue.insert(id, Row::read(&row)?.restand(standing, Body::Within(body.value())));
                self.from_apart.push(id);
            }
        }
        Ok(())
    }

    /// Groups were tried with a task that stays, and nothing else: to be tried alone it is due still.
    pub(crate) fn stays_due(&mut self, work: &mut Work<'_>, id: u64) -> Result<(), Fault> {
        if due::of(work, self.connector, id)? == Some(Due::Alone) {
            self.stirred.retain(|other| *other != id);
        }
        Ok(())
    }

    /// What a task is found by now.
    fn before(&self, work: &mut Work<'_>, id: u64, seen: Seen) -> Result<Entries, Fault> {
        let found_by = if seen.waits {
            let table = if seen.stands_apart() { work.tables.apart()? } else { work.tables.queue()? };
            let bytes = table.get((self.connector, id))?;
            bytes.map(|bytes| Row::read(bytes.value())?.found_by()).transpose()?.flatten()
        } else {
            None
        };
        Ok(of_task(self.connector, id, seen, found_by.as_ref()))
    }

    fn leaves(&mut self, id: u64, seen: Seen) {
        if seen.stands_apart() {
            self.from_apart.push(id);
            self.stirred.push(id);
        } else {
            self.from_queue.push(id);
        }
    }

    fn count(&self, work: &mut Work<'_>, seen: Seen, step: i64) {
        for counted in seen_in(seen) {
            work.memory.counters.add(counted, self.connector, step);
        }
    }

    /// Carries them out. What stood apart is not due any more.
    pub(crate) fn apply(self, work: &mut Work<'_>) -> Result<(), Fault> {
        let connector = self.connector;
        if !self.from_queue.is_empty() {
            queue::take(work.tables.queue()?, connector, &self.from_queue)?;
        }
        if !self.from_apart.is_empty() {
            queue::take(work.tables.apart()?, connector, &self.from_apart)?;
            queue::take_bodies(work, &self.from_apart)?;
        }
        // Tasks that change in their place or come back are few.
        for (id, bytes) in &self.into_queue {
            work.tables.queue()?.insert((connector, *id), bytes.as_slice())?;
        }
        if !self.into_apart.is_empty() {
            append!(work.tables.apart()?, self.into_apart.iter().map(|(id, bytes)| ((connector, *id), bytes.as_slice())));
        }
        if !self.bodies.is_empty() {
            append!(work.tables.bodies()?, self.bodies.iter().map(|(id, bytes)| (*id, bytes.as_slice())));
        }
        due::clear(work, connector, &self.stirred)?;
        self.turns.apply(work)?;
        // Whom it is behind may have ended since that was decided: nothing would wake it any more.
        let mut dues = Dues::default();
        for (id, head) in self.behind {
            if queue::seen(work, connector, &[head])?.is_none() {
                dues.task(connector, id, Due::Alone);
            }
        }
        due::put(work, &dues)
    }
}

/// Which counters count such a task.
pub(crate) fn seen_in(seen: Seen) -> impl Iterator<Item = Counted> {
    let more = match counted(seen.state) {
        Counted::Queued if seen.fails => Some(Counted::Failing),
        Counted::Failed if seen.aside => Some(Counted::Aside),
        _ => None,
    };
    std::iter::once(counted(seen.state)).chain(more)
}
