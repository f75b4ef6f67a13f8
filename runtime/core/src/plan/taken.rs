//! Names, paths and unique values: whether two rows have one when all tasks have acted (§7.3).

use std::collections::HashSet;
use std::sync::Arc;

use crate::change::{Change, unique_values};
use crate::failure::{Code, Failure};
use crate::key::{ObjectKey, PageKey};
use crate::plan::open::Open;
use crate::plan::words::object_words;
use crate::plan::{Step, Stop, all_loaded, gathered, shared};
use crate::rows::{ObjectRow, PageRow, RowId};

impl Step<'_, '_> {
    /// Judges every row that was noted.
    pub(super) fn judge_taken(&mut self) -> Result<(), Stop> {
        let mut noted = std::mem::take(&mut self.notes.named);
        noted.sort_unstable();
        noted.dedup_by_key(|(row, _)| *row);
        let newly: HashSet<RowId> = noted.iter().map(|(row, _)| *row).collect();
        let mut to_load = Vec::new();
        for (row, at) in noted {
            let at = self.writer(row).unwrap_or(at);
            self.turn(at);
            let judged = match row {
                RowId::Object(id) => match self.ask(&ObjectKey::Id(id)) {
                    Ok(Some(row)) => self.judge_object(&row, at, &newly),
                    Ok(None) => Ok(()),
                    Err(stop) => Err(stop),
                },
                RowId::Page(id) => match self.ask(&PageKey::Id(id)) {
                    Ok(Some(row)) => self.judge_path(&row, at, &newly),
                    Ok(None) => Ok(()),
                    Err(stop) => Err(stop),
                },
                RowId::Binding(_) => Ok(()),
            };
            gathered(&mut to_load, judged)?;
        }
        all_loaded(to_load)
    }

    /// Who of a group wrote a row last.
    fn writer(&self, row: RowId) -> Option<usize> {
        self.notes.writers.get(&row).copied()
    }

    /// Of two rows with one name, the task to blame is the one that came later, and never one that gave it to neither.
    /// `newly`: rows that may have got their names here.
    fn is_to_blame(&self, at: usize, row: RowId, other: RowId, newly: &HashSet<RowId>) -> bool {
        match self.writer(other).filter(|_| newly.contains(&other)) {
            None => true,
            Some(writer) if writer == at => row > other,
            Some(writer) => self.task_at(writer) < self.task_at(at),
        }
    }

    /// Whether the task itself states the other object: nobody else can help then.
    fn is_own(&self, at: usize, other: &ObjectRow) -> bool {
        if self.is_group() {
            return self.writer(RowId::Object(other.id)) == Some(at);
        }
        self.planned.changes.iter().any(|change| matches!(change, Change::Object(_, Some(row)) if row.id == other.id))
    }

    fn judge_object(&mut self, row: &ObjectRow, at: usize, newly: &HashSet<RowId>) -> Result<(), Stop> {
        let mut to_load = Vec::new();
        let named = self.all_named(&row.object_type, &row.scope, &row.code_name);
        for other in gathered(&mut to_load, named)?.unwrap_or_default() {
            if other.id == row.id || !self.is_to_blame(at, RowId::Object(row.id), RowId::Object(other.id), newly) {
                continue;
            }
            let name = &row.code_name;
            let message = format!("the code name '{name}' is taken by another object, {}", object_words(&other));
            let mut open = Open::new(Failure::new(Code::NameTaken, message).at("code_name"));
            if self.is_own(at, &other) {
                return Err(open.failure().clone().into());
            }
            for key in self.name_keys(&row.object_type, &row.scope, name) {
                open.want(key, &format!("the code name '{name}' of {} to become free", row.object_type), None);
            }
            open.changed_object(&other);
            self.is_open(at, open);
        }
        for (field, value) in unique_values(row, self.model) {
            let key = ObjectKey::Unique(row.object_type.clone(), field.clone(), value);
            let asked = self.ask(&key);
            gathered(&mut to_load, asked)?;
            for other in self.view.every_object(&key) {
                if other.id == row.id || !self.is_to_blame(at, RowId::Object(row.id), RowId::Object(other.id), newly) {
                    continue;
                }
                let message = format!("field {field} is unique, and another object, {}, has this {field}", object_words(&other));
                let mut open = Open::new(Failure::new(Code::ValueTaken, message).at(field.as_str()));
                if self.is_own(at, &other) {
                    return Err(open.failure().clone().into());
                }
                open.want(key.clone(), &format!("the {field} of {} to become free", object_words(&other)), None);
                open.changed_object(&other);
                self.is_open(at, open);
            }
        }
        all_loaded(to_load)
    }

    fn judge_path(&mut self, row: &PageRow, at: usize, newly: &HashSet<RowId>) -> Result<(), Stop> {
        let key = PageKey::Alias(row.site.clone(), row.parent, shared(row.alias.key()));
        self.ask(&key)?;
        let others: Vec<Arc<PageRow>> = self.view.every_page(&key);
        for other in others {
            if other.id == row.id || !self.is_to_blame(at, RowId::Page(row.id), RowId::Page(other.id), newly) {
                continue;
            }
            let path = self.page_words(&other)?;
            let title = other.cultures.values().next().map_or("", |version| &*version.name).to_owned();
            let message = format!("the path is that of another page, '{title}' ({path})");
            let mut open = Open::new(Failure::new(Code::PathTaken, message).at("alias"));
            open.want(key.clone(), &format!("the path of {path} to become free"), None);
            open.changed_page(&other);
            self.is_open(at, open);
        }
        Ok(())
    }
}
