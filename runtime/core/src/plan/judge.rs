//! What is judged when all tasks of a plan have acted (§7.2, §11.6), and in which order: where rows lie,
//! bindings, references, what deletes leave behind, and what is taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::Change;
use crate::failure::{Code, Failure};
use crate::key::Key;
use crate::maps::{HashMap, HashSet};
use crate::mark::Mark;
use crate::park::Line;
use crate::plan::binding::BindingWork;
use crate::plan::gone::Gone;
use crate::plan::open::Open;
use crate::plan::page_place::NotedPage;
use crate::plan::references::Noted;
use crate::plan::scope::NotedParent;
use crate::plan::{Step, Stop};
use crate::rows::{BindingId, LooseId, NodeId, ObjectId, ObjectRow, PageRow, RowId};

/// What is to be judged in the end.
#[derive(Default)]
pub(super) struct Notes<'a> {
    /// References that had no answer, or may get another.
    pub(super) references: Vec<Noted>,
    /// Parents of objects that had no answer, or may get another.
    pub(super) parents: Vec<NotedParent>,
    /// The same of pages.
    pub(super) page_parents: Vec<NotedPage<'a>>,
    /// Rows that lie elsewhere than before, where they lay, and by which task.
    pub(super) placed: Vec<(Placed, usize)>,
    /// Rows of which a name, path or value may be taken.
    pub(super) named: Vec<(RowId, usize)>,
    /// What a row would leave whose new place is not known, and by which task.
    pub(super) leaves: Vec<(usize, Mark)>,
    /// In which lines a task stands as long as its object lies where it is stored.
    pub(super) stays_under: Vec<(usize, Line)>,
    /// What is to be done with bindings.
    pub(super) bindings: Vec<BindingWork<'a>>,
    /// Bindings that a task has stated.
    pub(super) kept: HashSet<(usize, BindingId)>,
    /// The same of those that were not made.
    pub(super) kept_ends: HashSet<(usize, LooseId)>,
    /// Rows that were deleted.
    pub(super) gone: BTreeMap<RowId, Gone>,
    /// By what identity; see [`Gone`].
    pub(super) gone_by: HashMap<Key, RowId>,
    /// What is known, in the operator's words, of what questions by GUID ask for.
    pub(super) words: HashMap<Mark, Arc<str>>,
    /// Rows that were written because of others, and told.
    pub(super) told: HashSet<RowId>,
    /// Of a group: who wrote each row last.
    pub(super) writers: HashMap<RowId, usize>,
    /// Of a group: rows as they are stored.
    pub(super) objects_before: HashMap<ObjectId, Option<Arc<ObjectRow>>>,
    /// The same.
    pub(super) pages_before: HashMap<NodeId, Option<Arc<PageRow>>>,
    /// The same: which bindings it writes.
    pub(super) bindings_written: HashSet<BindingId>,
}

/// A row that lies elsewhere than before.
#[derive(Debug, Clone)]
pub(super) enum Placed {
    /// An object.
    Object(ObjectId, Option<Arc<ObjectRow>>),
    /// A page.
    Page(NodeId, Option<Arc<PageRow>>),
}

impl Notes<'_> {
    /// Remembers of a group's row how it was and who writes it.
    pub(super) fn remember(&mut self, change: &Change, writer: Option<usize>) {
        match change {
            Change::Object(before, after) => {
                let Some(id) = after.as_ref().or(before.as_ref()).map(|row| row.id) else { return };
                self.objects_before.entry(id).or_insert_with(|| before.clone());
                self.writers.extend(writer.map(|at| (RowId::Object(id), at)));
            }
            Change::Page(before, after) => {
                let Some(id) = after.as_ref().or(before.as_ref()).map(|row| row.id) else { return };
                self.pages_before.entry(id).or_insert_with(|| before.clone());
                self.writers.extend(writer.map(|at| (RowId::Page(id), at)));
            }
            Change::Binding(before, after) => {
                let Some(id) = after.as_ref().or(before.as_ref()).map(|row| row.id) else { return };
                self.bindings_written.insert(id);
                self.writers.extend(writer.map(|at| (RowId::Binding(id), at)));
            }
            Change::Loose(..) | Change::Former(..) | Change::Tomb(..) => {}
        }
    }

    /// Nothing is judged of a row that is gone: what comes in its place is another.
    pub(super) fn forget(&mut self, row: RowId) {
        self.references.retain(|noted| noted.spot.row != row);
        self.parents.retain(|noted| RowId::Object(noted.row) != row);
        self.page_parents.retain(|noted| RowId::Page(noted.row) != row);
        self.bindings.retain(|work| !work.is_of(row));
    }
}

impl Step<'_, '_> {
    /// Judges. What is found to be open is in `open` then.
    pub(super) fn judge(&mut self) -> Result<(), Stop> {
        self.judge_parents()?;
        self.judge_page_parents()?;
        self.judge_places()?;
        self.do_bindings()?;
        self.judge_references()?;
        self.judge_gone()?;
        self.judge_taken()?;
        self.judge_deletes();
        Ok(())
    }

    /// A task that would delete more rows than a task may is not carried out, unless an operator allows it
    /// (§7.5).
    fn judge_deletes(&mut self) {
        // The limit is the same for every task.
        if self.rows <= self.about.limits.deletes_max {
            return;
        }
        for (at, rows) in self.deleted().into_iter().enumerate() {
            self.turn(at);
            let max = self.about.limits.deletes_max;
            if rows > max && !self.about.deletes_allowed {
                let message = format!("the task would delete {rows} rows, and {max} are allowed");
                self.is_open(at, Open::new(Failure::new(Code::TooManyDeletes, message)));
            }
        }
    }
}
