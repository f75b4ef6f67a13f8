//! A loaded component.

use std::sync::Arc;
use std::time::Duration;

use lockgate_core::failure::{Code, Failure};
use lockgate_core::ports::{Instance, Limits, Translator};

use crate::bindings::ConnectorPre;
use crate::instance::{WasmInstance, deadline};
use crate::slots::Slots;
use crate::state::State;
use crate::ticker::Ticker;

/// What all components of a sandbox share.
pub struct Shared {
    /// Advances the epoch.
    pub ticker: Ticker,
    /// Free slots of the pool.
    pub slots: Arc<Slots>,
    /// How often the epoch advances.
    pub tick: Duration,
}

/// A component, ready to be instantiated for each task.
pub struct WasmTranslator {
    pre: ConnectorPre<State>,
    shared: Arc<Shared>,
}

impl WasmTranslator {
    /// From a checked component.
    pub fn new(pre: ConnectorPre<State>, shared: Arc<Shared>) -> Self {
        Self { pre, shared }
    }
}

impl Translator for WasmTranslator {
    fn instance(&self, limits: &Limits) -> Result<Box<dyn Instance>, Failure> {
        let wait_max = deadline(limits);
        let slot = self.shared.slots.take(wait_max).ok_or_else(|| {
            let message = format!("no instance could be started within {} ms: all slots (`instances_max`) are taken", wait_max.as_millis());
            Failure::new(Code::Deadline, message)
        })?;
        let running = self.shared.ticker.running();
        let instance = WasmInstance::start(&self.pre, limits, self.shared.tick, running, slot)?;
        Ok(Box::new(instance))
    }
}
