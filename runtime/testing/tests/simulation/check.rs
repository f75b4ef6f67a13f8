//! What holds after every action.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::names::SiteName;
use lockgate_core::ports::{Content, Counts, HistoryFilter, Journal, Queue, Registry, Upkeep};
use lockgate_core::rows::{Fields, NodeId, ObjectId, PageRow, Target};
use lockgate_core::task::{TaskId, TaskState};
use lockgate_core::value::{Plain, Stored};

use super::docs::SITES;
use super::fold::{Fold, Object, Page};
use super::world::World;

type Check = Result<(), String>;

macro_rules! holds {
    ($rule:expr, $($broken:tt)+) => {
        if !$rule {
            return Err(format!($($broken)+));
        }
    };
}

impl World {
    pub fn check(&self) -> Check {
        if let Some(violation) = self.shared.journal().violations.first() {
            return Err(violation.clone());
        }
        self.check_tasks()?;
        let (fold, counted) = self.stored()?;
        let journal = self.shared.journal();
        holds!(
            fold.objects == journal.fold.objects,
            "objects are {:#?}, and their tasks make them {:#?}",
            fold.objects,
            journal.fold.objects
        );
        holds!(fold.pages == journal.fold.pages, "pages are {:#?}, and their tasks make them {:#?}", fold.pages, journal.fold.pages);
        holds!(
            fold.state == journal.fold.state,
            "what connectors keep is {:?}, and their tasks make it {:?}",
            fold.state,
            journal.fold.state
        );
        drop(journal);
        let counts = self.shared.faulty.inner.counts().unwrap();
        holds!(counts == counted, "the counts are {counts:?}, and what is listed is {counted:?}");
        Ok(())
    }

    /// Every task is queued, or has one history entry, or went with its connector.
    fn check_tasks(&self) -> Check {
        let queued: BTreeSet<TaskId> = self.queued().iter().map(|task| task.id).collect();
        let mut history = self.shared.faulty.inner.history(&HistoryFilter::default(), None, usize::MAX).unwrap();
        history.reverse();
        let journal = self.shared.journal();
        for id in journal.queued.keys() {
            let places = [queued.contains(id), journal.entered(*id), journal.removed.contains(id)];
            holds!(places.iter().filter(|is| **is).count() == 1, "task {id}: [queued, ended, removed] is {places:?}");
        }
        holds!(queued.iter().all(|id| journal.queued.contains_key(id)), "a task is queued that nobody has submitted");
        for id in self.acknowledged().keys() {
            holds!(journal.queued.contains_key(id), "task {id} was acknowledged and is not there");
        }
        let listed = history.iter().map(|(_, entry)| entry);
        holds!(listed.eq(&journal.entries[journal.trimmed..]), "the history is not what was written to it");
        Ok(())
    }

    /// What is stored, in the form of the fold; and what there is of everything.
    fn stored(&self) -> Result<(Fold, Counts), String> {
        let inner = &self.shared.faulty.inner;
        let (objects, pages) = (inner.objects(None, None, usize::MAX).unwrap(), inner.pages(None, usize::MAX).unwrap());
        let bindings = inner.bindings(None, usize::MAX).unwrap();
        let object_ids: BTreeMap<ObjectId, &str> = objects.iter().map(|row| (row.id, row.object_type.as_str())).collect();
        let by_node: BTreeMap<NodeId, &PageRow> = pages.iter().map(|row| (row.id, &**row)).collect();
        let points = |fields: &Fields| {
            fields.values().filter_map(Stored::target).all(|target| match target {
                Target::Object(id) => object_ids.contains_key(&id),
                Target::Page(id) => by_node.contains_key(&id),
            })
        };
        let mut counts = Counts::default();
        let mut fold = Fold::default();
        for row in &objects {
            *counts.objects.entry(row.object_type.clone()).or_default() += 1;
            holds!(points(&row.fields), "{} {} points to what is not stored", row.object_type, row.code_name);
            if let Some(parent) = row.scope.parent {
                holds!(object_ids.get(&parent) == Some(&"sim.item"), "{} {} has no parent", row.object_type, row.code_name);
                continue;
            }
            let owned = row.object_type.as_str() != "sim.item" || row.fields.keys().any(|name| name.as_str() == "owner");
            holds!(owned, "{} has lost a required reference", row.code_name);
            let sites = row.sites.iter().map(known_site).collect();
            let parts = objects.iter().filter(|part| part.scope.parent == Some(row.id)).map(|part| part.code_name.to_string()).collect();
            let object = Object { last: text(&row.fields), sites, parts };
            holds!(fold.objects.insert(row.code_name.to_string(), object).is_none(), "{} is stored twice", row.code_name);
        }
        let mut bound = BTreeSet::new();
        for row in &bindings {
            *counts.bindings.entry(row.binding_type.clone()).or_default() += 1;
            holds!(points(&row.fields) && row.binds.len() == 2, "a binding's end is not stored: {row:?}");
            holds!(bound.insert(row.binds.clone()), "a binding is stored twice: {row:?}");
        }
        let mut paths = BTreeSet::new();
        for row in &pages {
            *counts.pages.entry(row.class_name.clone()).or_default() += 1;
            counts.culture_versions += row.cultures.len() as u64;
            holds!(!row.cultures.is_empty(), "page {} has no culture", row.alias);
            holds!(paths.insert((&row.site, row.parent, row.alias.key())), "two pages have the path of page {}", row.guid);
            holds!(row.cultures.values().all(|version| points(&version.fields)), "page {} points to what is not stored", row.guid);
            let mut above = row.parent;
            for depth in 0..=pages.len() {
                let Some(id) = above else { break };
                let parent = by_node.get(&id).ok_or_else(|| format!("page {} has no parent", row.guid))?;
                holds!(parent.site == row.site, "page {} is under a page of another site", row.guid);
                holds!(depth < pages.len(), "page {} is above itself", row.guid);
                above = parent.parent;
            }
            let number = |row: &PageRow| row.guid.as_bytes()[15];
            let cultures =
                row.cultures.iter().map(|(name, v)| (known_culture(name.as_str()), (v.name.to_string(), v.published, v.archived)));
            let page = Page { parent: row.parent.map(|id| number(by_node[&id])), cultures: cultures.collect() };
            holds!(fold.pages.insert((known_site(&row.site), number(row)), page).is_none(), "page {} is stored twice", row.guid);
        }
        for task in self.queued() {
            if task.state == TaskState::Queued && task.failure.is_some() {
                *counts.failing.entry(task.connector.clone()).or_default() += 1;
            }
            let states = match task.state {
                TaskState::Queued => &mut counts.queued,
                TaskState::Parked => &mut counts.parked,
                TaskState::Behind => &mut counts.behind,
                TaskState::Failed => &mut counts.failed,
            };
            *states.entry(task.connector).or_default() += 1;
        }
        counts.waits_for = inner.missing(None, usize::MAX).unwrap().len() as u64;
        // Nothing lists them.
        counts.loose_ends = inner.counts().unwrap().loose_ends;
        for connector in &self.setup.connectors {
            if let Some(log) = inner.state(&connector.name).unwrap().get("log") {
                fold.state.insert(connector.name.clone(), String::from_utf8_lossy(log).into_owned());
            }
        }
        let journal = self.shared.journal();
        counts.history = (journal.entries.len() - journal.trimmed) as u64;
        Ok((fold, counts))
    }
}

fn text(fields: &Fields) -> String {
    let last = fields.iter().find(|(name, _)| name.as_str() == "last");
    match last {
        Some((_, Stored::Plain(Plain::Text(text)))) => text.to_string(),
        _ => String::new(),
    }
}

fn known_site(site: &SiteName) -> &'static str {
    SITES.into_iter().find(|known| *known == site.as_str()).unwrap_or("?")
}

fn known_culture(name: &str) -> &'static str {
    ["en-US", "cs-CZ", "de-DE"].into_iter().find(|known| *known == name).unwrap_or("?")
}
