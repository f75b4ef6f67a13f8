//! Reading the configuration again while the server runs: checked whole before anything changes.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use lockgate_bus::Bus;

use crate::config::{File, Settings, Values, read_secrets};
use crate::context::Context;
use crate::wire::{self, Reload, Reloaded};

/// Sections that are looked at when the server starts only.
const AT_START: [&str; 4] = ["server", "store", "sandbox", "log"];
/// Of these, what follows all the same.
const FOLLOWS: (&str, &str) = ("server", "tokens");

/// What reads the configuration again, for as long as the context lives.
pub fn of(context: &Arc<Context>, started: &Settings) -> Reload {
    let (context, now) = (context.clone(), Mutex::new(started.clone()));
    Arc::new(move |bus: &Bus| {
        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
        again(&context, &mut now, bus).map_err(|error| match error.downcast_ref::<crate::exit::Failure>() {
            Some(failure) => failure.hint.as_ref().map_or_else(|| failure.message.clone(), |hint| format!("{} ({hint})", failure.message)),
            None => format!("{error:#}"),
        })
    })
}

fn again(context: &Context, now: &mut Settings, bus: &Bus) -> Result<Reloaded> {
    let mut new = context.read_again()?;
    new.bus.dry_run_egress = now.bus.dry_run_egress;
    let mut granted = new.bus.clone();
    read_secrets(&new.secrets, Values::Needed, &mut granted, &|name| std::env::var(name).ok())?;
    // What holds on until a restart is not judged by what the file says of it now.
    let mut options = new.server.clone();
    options.listen = now.server.listen;
    wire::check_options(&options)?;
    let (changed, needs_restart) = differences(&now.complete, &new.complete)?;
    // Everything is checked: nothing below is refused.
    now.server.doors.replace(&options);
    let mut changed = changed;
    for name in bus.replace_settings(granted)? {
        let name = format!("connectors.{name}");
        if !changed.contains(&name) {
            changed.push(name);
        }
    }
    let (doors, listen) = (now.server.doors.clone(), now.server.listen);
    *now = new;
    now.server.doors = doors;
    now.server.listen = listen;
    tracing::info!(changed = changed.join(", "), needs_restart = needs_restart.join(", "), "the configuration was read again");
    Ok(Reloaded { changed, needs_restart })
}

/// What follows at once, and what needs a restart, by the names of the file.
fn differences(before: &File, after: &File) -> Result<(Vec<String>, Vec<String>)> {
    let tables = [before, after].map(toml::Table::try_from);
    let [before, after] = tables;
    let (before, after) = (before?, after?);
    let (mut changed, mut needs_restart) = (Vec::new(), Vec::new());
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for section in names {
        let empty = toml::Table::new();
        let of = |table: &'_ toml::Table| table.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_else(|| empty.clone());
        let (was, is) = (of(&before), of(&after));
        let mut keys: Vec<&String> = was.keys().chain(is.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys.into_iter().filter(|key| was.get(*key) != is.get(*key)) {
            let follows = !AT_START.contains(&section.as_str()) || (section.as_str(), key.as_str()) == FOLLOWS;
            if follows { changed.push(format!("{section}.{key}")) } else { needs_restart.push(format!("{section}.{key}")) }
        }
    }
    Ok((changed, needs_restart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_restart_is_told_apart() {
        let file = |text: &str| toml::from_str::<File>(text).unwrap();
        let before = file("[server]\nrequests_max = 1\ntokens = ['a']\n[bus]\nqueue_tasks_max = 1\n[connectors.shop]\nbackoff_ms = 1\n");
        let after = file("[server]\nrequests_max = 2\ntokens = ['b']\n[bus]\nqueue_tasks_max = 2\n[connectors.other]\nbackoff_ms = 1\n");
        let (changed, needs_restart) = differences(&before, &after).unwrap();
        assert_eq!(changed, ["bus.queue_tasks_max", "connectors.other", "connectors.shop", "server.tokens"]);
        assert_eq!(needs_restart, ["server.requests_max"]);
        assert_eq!(differences(&after, &after).unwrap(), (Vec::new(), Vec::new()));
    }
}
