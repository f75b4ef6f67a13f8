//! What must be stored and kept, folded from the tasks that were stored, in their order. Every row
//! carries the serial of the task that wrote it last.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_core::history::{Entry, Outcome};
use lockgate_core::names::ConnectorName;
use lockgate_core::task::{DataType, TaskType};

use super::docs::{CULTURES, Doc, Parent, SITES, Sub, bits};
use super::setup::{Setup, asks};

/// `(site, page number)`.
pub type PageKey = (&'static str, u8);

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Fold {
    /// Objects by code name (each has a letter of its type).
    pub objects: BTreeMap<String, Object>,
    pub pages: BTreeMap<PageKey, Page>,
    /// What each connector keeps: the serials of its tasks.
    pub state: BTreeMap<ConnectorName, String>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Object {
    pub last: String,
    pub sites: BTreeSet<&'static str>,
    pub parts: BTreeSet<String>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Page {
    pub parent: Option<u8>,
    /// Serial, published, archived.
    pub cultures: BTreeMap<&'static str, (String, bool, bool)>,
}

impl Fold {
    /// A task has left the queue; `before` what is here by now, if it changed nothing.
    pub fn ended(&mut self, setup: &Setup, sub: &Sub, entry: &Entry, before: bool) {
        match entry.outcome {
            Outcome::Stored | Outcome::Unchanged | Outcome::Absent if before => {}
            Outcome::Stored | Outcome::Unchanged | Outcome::Absent => self.stored(sub),
            Outcome::Skipped(_) | Outcome::Superseded | Outcome::Mended => {}
            Outcome::Failed(_) | Outcome::Deleted(_) => return,
        }
        let connector = &setup.connectors[sub.connector];
        if sub.keeps && !sub.internal && connector.state && asks(kind_of(&entry.digest)).2 {
            let log = self.state.entry(connector.name.clone()).or_default();
            log.push_str(&format!("{},", sub.serial));
        }
    }

    fn stored(&mut self, sub: &Sub) {
        let last = sub.serial.to_string();
        let site = SITES[sub.site];
        let name = match &sub.doc {
            Doc::Mark => format!("m{last}"),
            Doc::Secret => format!("s{last}"),
            Doc::Owner(n) => format!("o{n}"),
            Doc::Item { n, .. } => format!("i{n}"),
            Doc::Page { n, culture, parent, .. } => return self.page(sub, (site, *n), CULTURES[sub.site][*culture], *parent),
        };
        match sub.task_type {
            TaskType::DeleteObject => drop(self.objects.remove(&name)),
            TaskType::RemoveFromSite => {
                if let Some(object) = self.objects.get_mut(&name) {
                    object.sites.remove(site);
                }
            }
            _ => {
                let object = self.objects.entry(name).or_default();
                object.last = last;
                if sub.task_type == TaskType::AddToSite {
                    object.sites.insert(site);
                }
                if let (Doc::Item { parts, .. }, DataType::Snapshot) = (&sub.doc, sub.data_type) {
                    let said: BTreeSet<String> = bits(*parts).map(|bit| format!("p{bit}")).collect();
                    // §7.5: an empty list says nothing.
                    if !said.is_empty() {
                        object.parts = said;
                    }
                }
            }
        }
    }

    fn page(&mut self, sub: &Sub, key: PageKey, culture: &'static str, parent: Parent) {
        match sub.task_type {
            TaskType::DeleteAllCultures => drop(self.pages.remove(&key)),
            TaskType::DeleteDocument => {
                let Some(page) = self.pages.get_mut(&key) else { return };
                if page.cultures.remove(culture).is_some() && page.cultures.is_empty() {
                    self.pages.remove(&key);
                }
            }
            TaskType::MoveDocument => {
                let page = self.pages.entry(key).or_default();
                page.parent = said(parent).unwrap_or(page.parent);
            }
            TaskType::ArchiveDocument => {
                let version = self.pages.entry(key).or_default().cultures.entry(culture).or_default();
                (version.1, version.2) = (false, true);
            }
            _ => {
                let page = self.pages.entry(key).or_default();
                page.parent = said(parent).unwrap_or(page.parent);
                let version = page.cultures.entry(culture).or_default();
                version.0 = sub.serial.to_string();
                if sub.task_type == TaskType::PublishDocument {
                    (version.1, version.2) = (true, false);
                }
            }
        }
    }
}

#[expect(clippy::option_option, reason = "said or not, and root or not, are different things")]
fn said(parent: Parent) -> Option<Option<u8>> {
    match parent {
        Parent::Unsaid => None,
        Parent::Root => Some(None),
        Parent::Page(n) => Some(Some(n)),
    }
}

/// The kind of component with this digest: the last character of its first line.
pub fn kind_of(digest: &str) -> u8 {
    let end = digest.as_bytes().chunks(2).position(|hex| hex == b"0a").unwrap_or(0);
    digest
        .get(2 * end.saturating_sub(1)..2 * end)
        .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        .map_or(0, |byte| byte.wrapping_sub(b'0'))
}
