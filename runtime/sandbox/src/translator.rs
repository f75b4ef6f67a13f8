//! A loaded component.

use std::sync::Arc;
use std::time::Duration;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::{Granted, Instance, NotStarted, Run, Translator, Usage};

use crate::exports::Exports;
use crate::http::Clients;
use crate::instance::{WasmInstance, deadline};
use crate::slots::Slots;
use crate::ticker::Ticker;

/// What all components of a sandbox share.
pub struct Shared {
    /// Advances the epoch.
    pub ticker: Ticker,
    /// Free slots of the pool.
    pub slots: Arc<Slots>,
    /// How often the epoch advances.
    pub tick: Duration,
    /// For outbound calls.
    pub clients: Clients,
}

/// A component, ready to be instantiated for each task.
pub struct WasmTranslator {
    exports: Arc<Exports>,
    shared: Arc<Shared>,
}

impl WasmTranslator {
    /// From a checked component.
    pub fn new(exports: Exports, shared: Arc<Shared>) -> Self {
        Self { exports: Arc::new(exports), shared }
    }
}

impl Translator for WasmTranslator {
    fn instance(&self, granted: &Arc<Granted>, run: &Run) -> Result<Box<dyn Instance>, Box<NotStarted>> {
        let wait_max = deadline(run);
        let slot = self.shared.slots.take(wait_max).ok_or_else(|| {
            let message = format!("no instance could be started within {} ms: all slots (`instances_max`) are taken", wait_max.as_millis());
            NotStarted { failure: Failure::new(Code::Deadline, message), usage: Usage::default() }
        })?;
        let running = self.shared.ticker.running();
        let client = self.shared.clients.of(&granted.egress.owner);
        let instance = WasmInstance::start(&self.exports, granted, run, client, self.shared.tick, running, slot)?;
        Ok(Box::new(instance))
    }
}
