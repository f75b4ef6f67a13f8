//! What people and programs order, with the row that says who did (§14).

use std::collections::BTreeMap;

use crate::audit::{AuditAction, AuditRow};
use crate::edit::Edit;
use crate::effects::Effects;
use crate::model::{ContentModel, Unused};
use crate::names::ConnectorName;
use crate::operation::{NewOperation, OperationId, OperationState};
use crate::ports::{ConnectorRecord, Force, Generation, ModelPut, Removal, Removed, Stand, Stood, Store, StoreError, Switches};

/// Audit rows. Every method blocks and is atomic. Each may answer `Unavailable`, `Unreadable` and `Full`; those that
/// write also `Unknown`.
pub trait Audit: Send + Sync {
    /// Carries out an order as the method of its name does, and writes down who gave it, in the same transaction. No row
    /// is written when the order changes nothing ([`Ordered::changed`]) or is refused.
    fn signed(&self, order: &Order, row: &AuditRow) -> Result<Ordered, StoreError>;

    /// Rows with a number below `before`, newest first, each with its number. Walks through what the filter leaves out.
    fn audit(&self, filter: &AuditFilter, before: Option<u64>, limit: usize) -> Result<Vec<(u64, AuditRow)>, StoreError>;

    /// Removes the oldest rows beyond so many. Returns how many went.
    fn trim_audit(&self, rows_max: u64) -> Result<u64, StoreError>;
}

/// What can be ordered.
#[derive(Debug, Clone)]
pub enum Order {
    /// Nothing besides the row.
    Nothing,
    /// `Queue::stand`.
    Stand(Vec<Stand>),
    /// `Queue::remove`.
    Remove(Vec<Removal>),
    /// `Operations::begin_operation`, with how many are kept.
    Begin(Box<NewOperation>, u64),
    /// `Operations::end_operation`, at a time in ms since 1970.
    End(OperationId, OperationState, i64),
    /// `Content::amend`.
    Amend(ConnectorName, Box<Effects>),
    /// `Registry::put_connector`.
    PutConnector(Generation, Box<ConnectorRecord>, Option<Vec<u8>>),
    /// `Registry::remove_connector`.
    RemoveConnector(ConnectorName, Force),
    /// `Registry::put_model`.
    PutModel(Generation, BTreeMap<String, String>, Box<ContentModel>, Unused),
    /// `Registry::put_switches`.
    PutSwitches(Generation, Switches),
    /// `Registry::clear_state`.
    ClearState(ConnectorName),
    /// `Queue::edit`.
    Edit(Edit),
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Ordered {
    /// It is done.
    Done,
    /// One answer for each task.
    Stood(Vec<Stood>),
    /// The operation has this id.
    Begun(OperationId),
    /// Whether it ran.
    Ended(bool),
    /// What became of the connector.
    Removed(Removed),
    /// What became of the model.
    Put(ModelPut),
    /// So many keys are forgotten.
    Cleared(u64),
}

impl Ordered {
    /// Whether something was changed, so that a row says so.
    pub fn changed(&self) -> bool {
        match self {
            Self::Done | Self::Begun(_) => true,
            Self::Stood(all) => all.contains(&Stood::Done),
            Self::Ended(ran) => *ran,
            Self::Removed(removed) => matches!(removed, Removed::Gone(_)),
            Self::Put(put) => *put == ModelPut::Done,
            Self::Cleared(keys) => *keys > 0,
        }
    }

    /// The answers for tasks.
    pub fn stood(self) -> Vec<Stood> {
        if let Self::Stood(all) = self { all } else { Vec::new() }
    }
}

/// Carries out an order of which nothing is written down.
pub fn unsigned<S: Store + ?Sized>(store: &S, order: &Order) -> Result<Ordered, StoreError> {
    Ok(match order {
        Order::Nothing => Ordered::Done,
        Order::Stand(stands) => Ordered::Stood(store.stand(stands)?),
        Order::Remove(removals) => Ordered::Stood(store.remove(removals.clone())?),
        Order::Begin(new, kept_max) => Ordered::Begun(store.begin_operation((**new).clone(), *kept_max)?),
        Order::End(id, state, at_ms) => Ordered::Ended(store.end_operation(*id, *state, None, *at_ms)?),
        Order::Amend(connector, effects) => {
            store.amend(connector, effects)?;
            Ordered::Done
        }
        Order::PutConnector(as_of, record, component) => {
            store.put_connector(*as_of, record, component.as_deref())?;
            Ordered::Done
        }
        Order::RemoveConnector(name, force) => Ordered::Removed(store.remove_connector(name, *force)?),
        Order::PutModel(as_of, files, model, unused) => Ordered::Put(store.put_model(*as_of, files, model, unused)?),
        Order::PutSwitches(as_of, switches) => {
            store.put_switches(*as_of, *switches)?;
            Ordered::Done
        }
        Order::ClearState(name) => Ordered::Cleared(store.clear_state(name)?),
        Order::Edit(edit) => Ordered::Stood(vec![store.edit(edit)?]),
    })
}

/// Which rows are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Ordered by this one only.
    pub who: Option<String>,
    /// Of this action only.
    pub action: Option<AuditAction>,
    /// About this connector, or a task of it, only.
    pub connector: Option<ConnectorName>,
    /// At or after, in ms since 1970.
    pub since_ms: Option<i64>,
    /// Before, in ms since 1970.
    pub until_ms: Option<i64>,
}

impl AuditFilter {
    /// Whether the row is meant.
    pub fn matches(&self, row: &AuditRow) -> bool {
        self.who.as_ref().is_none_or(|who| **who == *row.actor.who)
            && self.action.is_none_or(|action| action == row.action)
            && self.connector.as_ref().is_none_or(|name| row.connector.as_ref() == Some(name))
            && self.since_ms.is_none_or(|at| row.at_ms >= at)
            && self.until_ms.is_none_or(|at| row.at_ms < at)
    }
}
