//! Names as small numbers: every type, site, field, culture and connector name has an id for ever.
//!
//! Any thread may intern a name; the writer saves new ones with its next transaction, which is at
//! the latest the one that carries the row that needed it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lockgate_core::maps::HashMap;
use lockgate_core::names::{ConnectorName, Culture, FieldName, NameError, SiteName, TypeName};

use crate::Fault;

/// "No name" in keys and rows.
pub const NO_NAME: u32 = 0;

/// A name in every role it may have, so that reading a row allocates none.
#[derive(Debug, Clone)]
struct Name {
    connector: ConnectorName,
    site: SiteName,
    type_name: TypeName,
    field: FieldName,
    culture: Culture,
}

impl Name {
    fn new(text: &str) -> Result<Self, NameError> {
        Ok(Self {
            connector: ConnectorName::new(text)?,
            site: SiteName::new(text)?,
            type_name: TypeName::new(text)?,
            field: FieldName::new(text)?,
            culture: Culture::new(text)?,
        })
    }
}

/// Names at one moment. Take it after the read transaction began: then it has every id in there.
#[derive(Debug, Clone, Default)]
pub struct Known {
    ids: HashMap<Arc<str>, u32>,
    names: HashMap<u32, Name>,
}

impl Known {
    /// `None`: no row can have this name.
    pub fn id(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    /// `NO_NAME` for none.
    pub fn site_id(&self, site: Option<&SiteName>) -> Option<u32> {
        site.map_or(Some(NO_NAME), |site| self.id(site.as_str()))
    }

    fn name(&self, id: u32) -> Result<&Name, Fault> {
        self.names.get(&id).ok_or_else(|| Fault::row("name", format_args!("no name has the id {id}")))
    }

    /// The connector of this name.
    pub fn connector(&self, id: u32) -> Result<ConnectorName, Fault> {
        Ok(self.name(id)?.connector.clone())
    }

    /// The site of this name.
    pub fn site(&self, id: u32) -> Result<SiteName, Fault> {
        Ok(self.name(id)?.site.clone())
    }

    /// The site of this name, if it is one.
    pub fn maybe_site(&self, id: u32) -> Result<Option<SiteName>, Fault> {
        if id == NO_NAME { Ok(None) } else { self.site(id).map(Some) }
    }

    /// The type of this name.
    pub fn type_name(&self, id: u32) -> Result<TypeName, Fault> {
        Ok(self.name(id)?.type_name.clone())
    }

    /// The field of this name.
    pub fn field(&self, id: u32) -> Result<FieldName, Fault> {
        Ok(self.name(id)?.field.clone())
    }

    /// The culture of this name.
    pub fn culture(&self, id: u32) -> Result<Culture, Fault> {
        Ok(self.name(id)?.culture.clone())
    }

    /// One more name.
    pub fn insert(&mut self, id: u32, text: &str) -> Result<(), NameError> {
        self.names.insert(id, Name::new(text)?);
        self.ids.insert(text.into(), id);
        Ok(())
    }
}

/// Gives names their ids, while rows are made into bytes.
pub trait Intern {
    /// The id of a name, for ever.
    fn id(&mut self, text: &str) -> u32;

    /// `NO_NAME` for none.
    fn site(&mut self, site: Option<&SiteName>) -> u32 {
        site.map_or(NO_NAME, |site| self.id(site.as_str()))
    }
}

/// All names.
#[derive(Debug, Default)]
pub struct Names {
    known: RwLock<Arc<Known>>,
    unsaved: Mutex<Vec<(u32, Arc<str>)>>,
}

impl Names {
    /// As the file has them.
    pub fn load<E: From<Fault>>(saved: impl Iterator<Item = Result<(u32, String), E>>) -> Result<Self, E> {
        let mut known = Known::default();
        for entry in saved {
            let (id, text) = entry?;
            known.insert(id, &text).map_err(|error| Fault::row("name", error))?;
        }
        Ok(Self { known: RwLock::new(Arc::new(known)), unsaved: Mutex::default() })
    }

    /// The file was opened again: names that it lacks are unsaved once more. A name that it has
    /// otherwise than remembered here comes from somebody else.
    pub fn reconcile<E: From<Fault>>(&self, saved: impl Iterator<Item = Result<(u32, String), E>>) -> Result<(), E> {
        let known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut missing: BTreeMap<u32, Arc<str>> = known.ids.iter().map(|(text, id)| (*id, text.clone())).collect();
        for entry in saved {
            let (id, text) = entry?;
            if missing.remove(&id).is_none_or(|known| *known != *text) {
                return Err(Fault::row("name", format_args!("{id} was not written by this process")).into());
            }
        }
        *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner) = missing.into_iter().collect();
        Ok(())
    }

    /// Names as of now.
    pub fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For encoding many rows.
    pub fn interner(&self) -> Interner<'_> {
        Interner { names: self, known: self.known() }
    }

    /// New names that no transaction has saved yet.
    pub fn take_unsaved(&self) -> Vec<(u32, Arc<str>)> {
        std::mem::take(&mut *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn intern(&self, text: &str) -> (u32, Arc<Known>) {
        let mut current = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = current.id(text) {
            return (id, current.clone());
        }
        let id = u32::try_from(current.ids.len()).unwrap_or(u32::MAX).saturating_add(1);
        // There are as many names as the model declares, so a copy for each new one is cheap.
        let mut next = Known::clone(&current);
        // Every text comes out of a checked name, so this does not fail.
        if next.insert(id, text).is_ok() {
            self.unsaved.lock().unwrap_or_else(PoisonError::into_inner).push((id, text.into()));
            *current = Arc::new(next);
        }
        (id, current.clone())
    }
}

/// Gives ids to names, new ones included.
pub struct Interner<'a> {
    names: &'a Names,
    known: Arc<Known>,
}

impl Intern for Interner<'_> {
    fn id(&mut self, text: &str) -> u32 {
        Interner::id(self, text)
    }
}

impl Interner<'_> {
    /// The id of a name, a new one if it has none.
    pub fn id(&mut self, text: &str) -> u32 {
        if let Some(id) = self.known.id(text) {
            return id;
        }
        let (id, known) = self.names.intern(text);
        self.known = known;
        id
    }

    /// `NO_NAME` for none.
    pub fn site(&mut self, site: Option<&SiteName>) -> u32 {
        Intern::site(self, site)
    }
}
