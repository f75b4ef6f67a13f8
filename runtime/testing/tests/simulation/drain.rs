//! The end: all trouble is over, and everything must be done.

use std::sync::mpsc::TryRecvError;

use lockgate_bus::TaskAction;
use lockgate_core::ports::Switches;

use super::setup::component;
use super::world::World;

impl World {
    /// Retries that have their answer.
    pub(super) fn take_answers(&self) {
        let mut around = self.around();
        let mut known = Vec::new();
        around.answers.retain(|(_, task, answer)| match answer.try_recv() {
            Ok(answer) => {
                known.push((*task, answer));
                false
            }
            Err(TryRecvError::Empty) => true,
            Err(TryRecvError::Disconnected) => false,
        });
        drop(around);
        for (task, answer) in known {
            if let Ok(Some(processed)) = answer
                && (processed.outcome == "failed") != processed.failure.is_some()
                && !matches!(processed.outcome, "parked" | "behind")
            {
                self.violated(format!("a retry of {task} came to {processed:?}"));
            }
        }
    }

    /// All trouble ends: everything that was acknowledged must end too, through one of the owners, which is
    /// told nothing but to process. Operators use the other one, which does nothing by itself.
    pub fn drain(&self) {
        let drains = self.setup.drains;
        {
            let mut around = self.around();
            around.healed = true;
            around.frozen = [0; 2];
        }
        self.shared.disarm();
        let desk = self.bus(1 - drains);
        let _ = desk.change_switches(|_| Switches::default());
        // One failed task a round, and the back-off of all.
        for round in 0..12 + 2 * self.queued().len() {
            for (which, connector) in self.setup.connectors.iter().enumerate() {
                self.shared.begin_action();
                if desk.enable_connector(&connector.name, true).is_err() {
                    let _ = desk.add_connector(&connector.name, &component(connector, 0));
                }
                let _ = desk.approve_connector(&connector.name, None);
                let _ = self.bus(drains).request_processing(Some(&connector.name));
                for _ in 0..4 {
                    self.step(drains, which);
                }
            }
            self.clock.advance(2 * 3_600_000);
            let queued = self.queued();
            if queued.is_empty() {
                break;
            }
            for task in queued.iter().filter(|task| task.failure.is_some()) {
                let action = if round < 3 { TaskAction::Skip } else { TaskAction::Delete };
                let _ = desk.act(task.id, action);
            }
        }
        if !self.queued().is_empty() {
            self.violated(format!("tasks do not end: {:?}", self.queued()));
        }
        self.take_answers();
        let waiting: Vec<_> = self.around().answers.iter().filter(|(owner, ..)| *owner == drains).map(|(_, task, _)| *task).collect();
        if !waiting.is_empty() {
            self.violated(format!("retries of {waiting:?} are not answered"));
        }
    }
}
