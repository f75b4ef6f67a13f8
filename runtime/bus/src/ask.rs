//! One question to the store, outside of a plan.

use lockgate_core::key::Question;
use lockgate_core::ports::{Store, StoreError};

/// The answer as of now.
pub(crate) fn ask<Q: Question>(store: &dyn Store, question: Q) -> Result<Q::Answer, StoreError>
where
    Q::Answer: Default,
{
    let mut loaded = store.load(&[question.clone().into()])?;
    Ok(loaded.answers.remove(&question).unwrap_or_default())
}
