//! RequestTasksProcessing (§3).

use std::collections::BTreeSet;

use crate::{Bus, Inner};
use lockgate_core::admit::Rests;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::StoreError;

/// What a request for processing did for one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Which connector.
    pub connector: ConnectorName,
    /// False when a pass was running: a further one follows it.
    pub at_once: bool,
}

/// Why nothing was started.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProcessError {
    /// No connector has this name.
    #[error("no connector is named {0}; `lockgate connector list` shows those that are installed")]
    UnknownConnector(ConnectorName),
    /// The operator disabled it.
    #[error("connector {0} is disabled; `lockgate connector enable {0}` lets it work")]
    ConnectorDisabled(ConnectorName),
    /// The operator paused it.
    #[error("connector {0} is paused; `lockgate connector resume {0}` lets it go on")]
    ConnectorPaused(ConnectorName),
    /// The operator switched off processing, or the bus.
    #[error("the operator has switched off processing")]
    ProcessingOff,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ProcessError {
    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownConnector(_) => "unknown-connector",
            Self::ConnectorDisabled(_) => "connector-disabled",
            Self::ConnectorPaused(_) => "connector-paused",
            Self::ProcessingOff => "processing-off",
            Self::Store(error) => error.code(),
        }
    }
}

impl Bus {
    /// Starts a pass of one connector, or of every enabled one. A request during a pass is
    /// remembered and a further pass follows.
    pub fn request_processing(&self, connector: Option<&ConnectorName>) -> Result<Vec<Started>, ProcessError> {
        let known = self.inner.current()?;
        let names = match connector {
            Some(name) => match known.may_process(name) {
                Ok(_) => vec![name.clone()],
                Err(Rests::ProcessingOff) => return Err(ProcessError::ProcessingOff),
                Err(Rests::NotInstalled) => return Err(ProcessError::UnknownConnector(name.clone())),
                Err(Rests::Disabled) => return Err(ProcessError::ConnectorDisabled(name.clone())),
                Err(Rests::Paused) => return Err(ProcessError::ConnectorPaused(name.clone())),
            },
            None if !known.switches.processes() => return Err(ProcessError::ProcessingOff),
            None => known.connectors.keys().filter(|name| known.may_process(name).is_ok()).cloned().collect(),
        };
        let elsewhere: BTreeSet<ConnectorName> = names.iter().filter(|name| self.inner.elsewhere(name).is_some()).cloned().collect();
        if !elsewhere.is_empty() {
            self.inner.want_passes(&elsewhere)?;
        }
        let started = names
            .into_iter()
            .map(|connector| Started { at_once: !elsewhere.contains(&connector) && self.inner.request(&connector), connector });
        Ok(started.collect())
    }

    /// Connectors whose pass is running, or about to. A connector is idle when it is not among
    /// them: everything submitted or requested before has been looked at. Counts that belong to it are read
    /// after it: those read before may lack what a pass did that has ended meanwhile.
    pub fn busy(&self) -> Vec<ConnectorName> {
        // Elsewhere first: what it ends may set something going here.
        let mut busy: BTreeSet<ConnectorName> = self.inner.busy_elsewhere().into_iter().collect();
        busy.extend(self.inner.busy_here());
        busy.into_iter().collect()
    }
}

impl Inner {
    /// Those whose pass is running in this process.
    pub(crate) fn busy_here(&self) -> Vec<ConnectorName> {
        let workers = self.lock_workers();
        // All as of one moment: who ends its work has told the others before what it means for them.
        let all: Vec<_> = workers.iter().map(|(name, worker)| (name, worker, worker.letters())).collect();
        all.iter().filter(|(_, worker, letters)| worker.is_busy(letters)).map(|(name, ..)| (*name).clone()).collect()
    }
}
