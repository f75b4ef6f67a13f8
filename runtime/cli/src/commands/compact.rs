//! `lockgate compact`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::check::refuse_if_in_use;
use crate::client::no_store;
use crate::context::Context;
use crate::{out, wire};

/// Give back the space that the store's file has free
///
/// After a burst the file stays as large as it was, and the free space in it is used again. No
/// server may be running on it. It cannot be done in steps: it takes 7 to 30 seconds for each GiB
/// that stays, and breaking it off loses nothing but time.
///
/// Example: lockgate compact
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Compact {}

impl Compact {
    pub fn run(self, context: &Context) -> Result<()> {
        let store = context.store_file()?;
        refuse_if_in_use(store, "stop the server first")?;
        if !store.exists() {
            return Err(no_store(&context.settings.store).into());
        }
        let (before, after) = wire::compact_store(store)?;
        context.show(&json!({"store": store, "bytes_before": before, "bytes_after": after}), |_| {
            out::line(format!("{}: {} before, {} now", store.display(), out::bytes(before), out::bytes(after)))
        })
    }
}
