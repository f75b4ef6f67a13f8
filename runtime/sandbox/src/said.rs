//! What a connector says beside its answers (contract 1.1). It reaches nothing, so everybody may.

use lockgate_core::failure::sanitised;
use lockgate_core::history::{WARNINGS_MAX, Warning};
use lockgate_core::names::NAME_BYTES_MAX;

use crate::bindings::lockgate::connector::{children, identity, task, warnings};
use crate::state::State;

/// Most types of which a connector may say that an object has none.
pub const NONE_OF_MAX: usize = 1_000;

/// Longest warning, in bytes; a longer one is cut. A place in the external object likewise.
const WARNING_BYTES_MAX: usize = 1_000;
/// Longest place in the external object, in bytes; a longer one is cut.
const PATH_BYTES_MAX: usize = 300;

/// What a connector has said in the call that runs. Checked with its answer.
#[derive(Default)]
pub struct Said {
    /// `children.none`: types, as they were said.
    pub none_of: Vec<String>,
    /// `identity.by-guid`: what was said last.
    pub guid: Option<String>,
}

/// Warnings of one task, in all its calls: bounded, with a count of all of them (promise 5).
#[derive(Default)]
pub struct Warned {
    kept: Vec<Warning>,
    total: u32,
}

impl Warned {
    fn add(&mut self, message: impl FnOnce() -> String) {
        self.total = self.total.saturating_add(1);
        if self.kept.len() < WARNINGS_MAX {
            self.kept.push(Warning { code: Warning::BY_CONNECTOR.into(), message: message().into() });
        }
    }

    /// Those that are kept, and how many there were.
    pub fn take(&mut self) -> (Vec<Warning>, u32) {
        (std::mem::take(&mut self.kept), std::mem::take(&mut self.total))
    }
}

impl children::Host for State {
    fn none(&mut self, object_type: String) -> wasmtime::Result<()> {
        // One more than allowed is kept, so that the answer is refused.
        if self.said.none_of.len() <= NONE_OF_MAX {
            self.said.none_of.push(beginning(object_type, NAME_BYTES_MAX + 1));
        }
        Ok(())
    }
}

impl identity::Host for State {
    fn by_guid(&mut self, guid: String) -> wasmtime::Result<()> {
        self.said.guid = Some(beginning(guid, NAME_BYTES_MAX + 1));
        Ok(())
    }
}

impl warnings::Host for State {
    fn warn(&mut self, message: String, path: Option<String>) -> wasmtime::Result<()> {
        let secrets = &self.secrets;
        self.warned.add(|| {
            // Masked before it is cut: half a secret is not recognised.
            let shown = |text: &str, bytes_max| beginning(sanitised(&secrets.masked(text)), bytes_max);
            let message = shown(&message, WARNING_BYTES_MAX);
            match path.filter(|path| !path.is_empty()) {
                Some(path) => format!("{}: {message}", shown(&path, PATH_BYTES_MAX)),
                None => message,
            }
        });
        Ok(())
    }
}

impl task::Host for State {
    fn title(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(self.task.title.as_deref().map(str::to_owned))
    }

    fn file_name(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(self.task.file_name.as_deref().map(str::to_owned))
    }

    fn site(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(self.task.site.as_ref().map(|site| site.as_str().to_owned()))
    }
}

/// The beginning of a text (promise 5).
fn beginning(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text.shrink_to_fit();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_beyond_the_bound_are_counted_and_cost_nothing() {
        let mut warned = Warned::default();
        for _ in 0..WARNINGS_MAX {
            warned.add(|| "x".to_owned());
        }
        warned.add(|| panic!("what is not kept is not written"));
        let (kept, total) = warned.take();
        assert_eq!((kept.len(), total), (WARNINGS_MAX, 101));
        assert!(kept.iter().all(|warning| &*warning.code == "connector-warning"));
    }
}
