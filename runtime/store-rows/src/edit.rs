//! What is remembered of a task that was edited.

use lockgate_core::edit::Edits;
use lockgate_core::task::ExternalObject;
use serde::{Deserialize, Serialize};

use crate::Fault;

#[derive(Serialize, Deserialize)]
struct DiskEdits<'a> {
    media_type: &'a str,
    #[serde(borrow, with = "serde_bytes")]
    body: &'a [u8],
    #[serde(borrow)]
    edits: Vec<(i64, &'a str)>,
}

/// Its bytes.
pub fn encode(edits: &Edits) -> Vec<u8> {
    let Edits { original, edits } = edits;
    let edits = edits.iter().map(|(at_ms, who)| (*at_ms, &**who)).collect();
    super::encode(&DiskEdits { media_type: &original.media_type, body: &original.body, edits })
}

/// The reverse of [`encode`].
pub fn decode(bytes: &[u8]) -> Result<Edits, Fault> {
    let DiskEdits { media_type, body, edits } = super::decode("edits of a task", bytes)?;
    let edits = edits.into_iter().map(|(at_ms, who)| (at_ms, who.into())).collect();
    Ok(Edits { original: ExternalObject { media_type: media_type.into(), body: body.into() }, edits })
}
