//! `lockgate upgrade`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::check::refuse_if_in_use;
use crate::client::no_store;
use crate::context::Context;
use crate::out;
use crate::wire::{self, Upgrade as How, Upgraded};

/// Bring the store's file up to date
///
/// `lockgate serve` does it by itself; other commands that write refuse an older file, and those that
/// read show it as it is. The file as it was before is kept beside it as FILE.format-N.bak, with the
/// same owner and rights: older versions of lockgate open that one. No server may be running on it.
///
/// Example: lockgate upgrade
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Upgrade {
    /// Keep no copy: there is another one, and no room for this
    #[arg(long)]
    no_copy: bool,
}

impl Upgrade {
    pub fn run(self, context: &Context) -> Result<()> {
        let store = context.store_file()?;
        refuse_if_in_use(store, "stop the server first")?;
        if !store.exists() {
            return Err(no_store(&context.settings.store).into());
        }
        let upgraded = wire::upgrade_store(store, if self.no_copy { How::WithoutCopy } else { How::KeepCopy })?;
        let Some(Upgraded { from, to, kept }) = upgraded else {
            return context.show(&json!({"store": store, "upgraded": false}), |_| out::line(format!("{} is up to date", store.display())));
        };
        context.show(&json!({"store": store, "upgraded": true, "from": from, "to": to, "kept": kept}), |_| {
            out::line(format!("{}: brought up to date from format {from} to {to}; older versions can no longer open it", store.display()))?;
            match &kept {
                Some(kept) => out::line(format!("what was there before is {}", kept.display())),
                None => out::line("no copy was kept of what was there before"),
            }
        })
    }
}
