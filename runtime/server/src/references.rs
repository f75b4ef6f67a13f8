//! What the references of an answer's rows point to, loaded together and once per request.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use lockgate_bus::Bus;
use lockgate_core::key::{Key, ObjectKey, PageKey};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingRow, NodeId, ObjectId, ObjectRow, PageRow, Target};

/// Most steps of a path that are looked up: ten times what a page may have. A page that is deeper is shown
/// without its path, rather than with a part of it.
const PATH_STEPS_MAX: usize = 1_000;
/// Questions to the store at a time.
const KEYS_AT_ONCE: usize = 1_000;

/// Rows that are pointed to, and the pages above them.
#[derive(Default)]
pub(crate) struct References {
    objects: HashMap<ObjectId, Arc<ObjectRow>>,
    pages: HashMap<NodeId, Arc<PageRow>>,
}

impl References {
    /// Loads all of these, and the pages above each page.
    pub(crate) fn load(bus: &Bus, targets: impl IntoIterator<Item = Target>) -> Result<Self, StoreError> {
        let mut references = Self::default();
        let mut wanted: BTreeSet<Target> = targets.into_iter().collect();
        for _ in 0..PATH_STEPS_MAX {
            let above = references.take(bus, &wanted)?;
            wanted = above.into_iter().filter(|id| !references.pages.contains_key(id)).map(Target::Page).collect();
            if wanted.is_empty() {
                break;
            }
        }
        Ok(references)
    }

    /// Loads these, and says which pages are above.
    fn take(&mut self, bus: &Bus, wanted: &BTreeSet<Target>) -> Result<Vec<NodeId>, StoreError> {
        let keys: Vec<Key> = wanted
            .iter()
            .map(|target| match target {
                Target::Object(id) => ObjectKey::Id(*id).into(),
                Target::Page(id) => PageKey::Id(*id).into(),
            })
            .collect();
        let mut above = Vec::new();
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let answers = bus.store().load(keys)?.answers;
            let (objects, pages) = (answers.of::<ObjectKey>(), answers.of::<PageKey>());
            self.objects.extend(objects.values().flatten().map(|row| (row.id, row.clone())));
            above.extend(pages.values().flatten().filter_map(|row| row.parent));
            self.pages.extend(pages.values().flatten().map(|row| (row.id, row.clone())));
        }
        Ok(above)
    }

    /// An object that would be, beside those that are.
    pub(crate) fn would_be_object(&mut self, row: Arc<ObjectRow>) {
        self.objects.insert(row.id, row);
    }

    /// The same of a page.
    pub(crate) fn would_be_page(&mut self, row: Arc<PageRow>) {
        self.pages.insert(row.id, row);
    }

    /// The path of a page that need not be among them, if those above it are.
    pub(crate) fn path_of(&self, row: &PageRow) -> Option<String> {
        let above = row.parent.map_or(Some(String::new()), |parent| self.path(parent))?;
        Some(format!("{above}/{}", row.alias.as_str()))
    }

    /// A row that is pointed to.
    pub(crate) fn object(&self, id: ObjectId) -> Option<&ObjectRow> {
        self.objects.get(&id).map(|row| &**row)
    }

    /// A page that is pointed to.
    pub(crate) fn page(&self, id: NodeId) -> Option<&PageRow> {
        self.pages.get(&id).map(|row| &**row)
    }

    /// The page's path from its site's root. `None`: a page of it has just gone, or it is too deep.
    pub(crate) fn path(&self, id: NodeId) -> Option<String> {
        let mut steps = Vec::new();
        let mut above = Some(id);
        while let Some(page) = above {
            if steps.len() == PATH_STEPS_MAX {
                return None;
            }
            let page = self.page(page)?;
            steps.push(page.alias.as_str());
            above = page.parent;
        }
        Some(steps.into_iter().rev().flat_map(|step| ["/", step]).collect())
    }
}

/// Everything that an object points to, its parent and group included.
pub(crate) fn of_object(row: &ObjectRow) -> impl Iterator<Item = Target> + '_ {
    let scope = row.scope.parent.into_iter().chain(row.scope.group).map(Target::Object);
    row.references().map(|(_, target)| target).chain(scope)
}

/// Everything that a page's cultures point to.
pub(crate) fn of_page(row: &PageRow) -> impl Iterator<Item = Target> + '_ {
    row.references().map(|(_, target)| target)
}

/// Everything that a binding points to.
pub(crate) fn of_binding(row: &BindingRow) -> impl Iterator<Item = Target> + '_ {
    row.references().map(|(_, target)| target)
}
