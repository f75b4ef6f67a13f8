//! What a draft of the contract's version 1.1 adds (`wit/draft/`): what a connector says beside its answers.
//! It reaches nothing, so everybody may. Not published: it may still change.

use lockgate_core::names::NAME_BYTES_MAX;
use wasmtime::component::Linker;

use crate::state::State;

/// Its interfaces.
pub const INTERFACES: &[&str] = &["children", "identity"];

/// Most types of which a connector may say that an object has none.
pub const NONE_OF_MAX: usize = 1_000;

/// What a connector has said in the call that runs. Checked with its answer.
#[derive(Default)]
pub struct Said {
    /// `children.none`: types, as they were said.
    pub none_of: Vec<String>,
    /// `identity.by-guid`: what was said last.
    pub guid: Option<String>,
}

/// Links its imports beside those of 1.0.
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance("lockgate:connector/children@1.1.0")?.func_wrap("none", |mut store, (object_type,): (String,)| {
        let none_of = &mut store.data_mut().said.none_of;
        // One more than allowed is kept, so that the answer is refused.
        if none_of.len() <= NONE_OF_MAX {
            none_of.push(beginning(object_type));
        }
        Ok(())
    })?;
    linker.instance("lockgate:connector/identity@1.1.0")?.func_wrap("by-guid", |mut store, (guid,): (String,)| {
        store.data_mut().said.guid = Some(beginning(guid));
        Ok(())
    })
}

/// Enough of a text to see what is wrong with it: nothing longer is valid (promise 5).
fn beginning(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(NAME_BYTES_MAX + 1));
    text.shrink_to_fit();
    text
}
