//! Where rows lie when all have acted: not below themselves, not too deep, and where it is granted. Whoever walks
//! up to a root, or down from one, ends.

use std::sync::Arc;

use crate::failure::{Code, Failure};
use crate::key::{ANSWER_IDS_MAX, Key, ObjectKey, ObjectsKey, PageKey, PagesUnder};
use crate::model::ObjectType;
use crate::names::TypeName;
use crate::plan::judge::Placed;
use crate::plan::open::Open;
use crate::plan::words::object_words;
use crate::plan::{Step, Stop, all_loaded, gathered};
use crate::rows::{NodeId, ObjectId, ObjectRow, PageRow};

/// Deepest tree of pages, and of objects.
const DEPTH_MAX: usize = 100;

impl Step<'_, '_> {
    /// Judges every row that lies elsewhere than before.
    pub(super) fn judge_places(&mut self) -> Result<(), Stop> {
        let placed = std::mem::take(&mut self.notes.placed);
        let mut to_load = Vec::new();
        for (placed, at) in &placed {
            self.turn(*at);
            let judged = match placed {
                Placed::Object(id, before) => self.judge_object_place(*id, before.as_ref(), *at),
                Placed::Page(id, before) => self.judge_page_place(*id, before.as_ref(), *at),
            };
            match judged {
                // It may not be written where it lies for the moment.
                Err(Stop::Unmet(unmet)) => self.is_open(*at, Open::from(*unmet)),
                judged => drop(gathered(&mut to_load, judged)?),
            }
        }
        all_loaded(to_load)
    }

    fn judge_page_place(&mut self, id: NodeId, before: Option<&Arc<PageRow>>, at: usize) -> Result<(), Stop> {
        let Some(row) = self.ask(&PageKey::Id(id))? else { return Ok(()) };
        let mut up = vec![row.clone()];
        let mut above = row.parent;
        while let Some(parent) = above {
            if parent == id {
                return self.page_cycle(&up, "the page cannot go under itself or its own descendant", at);
            }
            if up.len() >= DEPTH_MAX {
                return self.page_cycle(&up, &format!("the page would lie deeper than {DEPTH_MAX} steps"), at);
            }
            // Where nobody knows yet where it lies, it waits for that.
            let Some(parent) = self.ask(&PageKey::Id(parent))? else { return Ok(()) };
            above = parent.parent;
            up.push(parent);
        }
        if let Some(before) = before.filter(|before| before.parent != row.parent)
            && !self.pages_below_fit(before, up.len())?
        {
            return self.page_cycle(&up, &format!("pages below the page would lie deeper than {DEPTH_MAX} steps"), at);
        }
        self.may_lie(&row)
    }

    fn page_cycle(&mut self, up: &[Arc<PageRow>], message: &str, at: usize) -> Result<(), Stop> {
        let mut open = Open::new(Failure::new(Code::Cycle, message).at("parent"));
        for row in up {
            let words = self.page_words(row)?;
            open.want(PageKey::Id(row.id), &format!("{words} to lie elsewhere"), None);
            open.changed_page(row);
        }
        self.is_open(at, open);
        Ok(())
    }

    /// Whether everything below a stored page still fits when the page itself lies so deep.
    fn pages_below_fit(&mut self, page: &PageRow, depth: usize) -> Result<bool, Stop> {
        // What does not go deeper need not be looked at: it fits now. In a group all may have moved.
        let mut was = 1;
        let mut at = page.parent;
        while let Some(id) = at
            && was < depth
            && !self.is_group()
        {
            was += 1;
            at = self.ask(&PageKey::Id(id))?.and_then(|row| row.parent);
        }
        if was >= depth {
            return Ok(true);
        }
        let mut level = vec![page.id];
        let mut looked_at = 0;
        for _ in depth..=DEPTH_MAX {
            let keys: Vec<Key> = level.iter().map(|id| PagesUnder(*id).into()).collect();
            self.want(&keys)?;
            for above in std::mem::take(&mut level) {
                level.extend(self.ask(&PagesUnder(above))?);
            }
            if level.is_empty() {
                return Ok(true);
            }
            looked_at += level.len();
            if looked_at > ANSWER_IDS_MAX {
                let message = format!("more than {ANSWER_IDS_MAX} pages lie below the page, and all would go deeper: move it in parts");
                return Err(Failure::new(Code::TooManyRows, message).into());
            }
        }
        Ok(false)
    }

    fn judge_object_place(&mut self, id: ObjectId, before: Option<&Arc<ObjectRow>>, at: usize) -> Result<(), Stop> {
        let Some(row) = self.ask(&ObjectKey::Id(id))? else { return Ok(()) };
        let Some(declared) = self.model.object_type(&row.object_type) else { return Ok(()) };
        // Types that do not nest end by themselves.
        if row.scope.parent.is_some() && self.nests(declared) {
            let mut up = vec![row.clone()];
            let mut above = row.scope.parent;
            while let Some(parent) = above {
                if parent == id {
                    return self.object_cycle(&up, "the object cannot go under itself or its own descendant", at);
                }
                if up.len() >= DEPTH_MAX {
                    return self.object_cycle(&up, &format!("the object would lie deeper than {DEPTH_MAX} parents"), at);
                }
                // Where nobody knows yet where it lies, it waits for that.
                let Some(parent) = self.ask(&ObjectKey::Id(parent))? else { return Ok(()) };
                above = parent.scope.parent;
                up.push(parent);
            }
            let moved = before.is_some_and(|before| before.scope.parent != row.scope.parent);
            if moved && !self.objects_below_fit(&row, up.len())? {
                return self.object_cycle(&up, &format!("objects below the object would lie deeper than {DEPTH_MAX} parents"), at);
            }
        }
        self.may_write_object(&row.object_type, &row.scope)
    }

    fn object_cycle(&mut self, up: &[Arc<ObjectRow>], message: &str, at: usize) -> Result<(), Stop> {
        let mut open = Open::new(Failure::new(Code::Cycle, message).at("parent"));
        for row in up {
            open.want(ObjectKey::Id(row.id), &format!("{} to lie elsewhere", object_words(row)), None);
            open.changed_object(row);
        }
        self.is_open(at, open);
        Ok(())
    }

    fn objects_below_fit(&mut self, row: &ObjectRow, depth: usize) -> Result<bool, Stop> {
        let mut level = vec![(row.id, row.object_type.clone())];
        let mut looked_at = 0;
        for _ in depth..=DEPTH_MAX {
            let mut below = Vec::new();
            for (id, object_type) in std::mem::take(&mut level) {
                let types: Vec<TypeName> = self.model.child_types(&object_type).map(|t| t.name.clone()).collect();
                for child_type in types {
                    below.extend(self.ask(&ObjectsKey::Children(id, child_type))?.iter().map(|row| (row.id, row.object_type.clone())));
                }
            }
            if below.is_empty() {
                return Ok(true);
            }
            looked_at += below.len();
            self.bounded(looked_at)?;
            level = below;
        }
        Ok(false)
    }

    /// Whether the parent types above a type come round to one of them again.
    pub(super) fn nests(&self, declared: &ObjectType) -> bool {
        let mut above = Some(declared);
        for _ in 0..=self.model.object_types.len() {
            let Some(declared) = above else { return false };
            above = declared.parent.as_ref().and_then(|name| self.model.object_type(name));
        }
        true
    }
}
