//! What a store carries out, in words: for whoever looks at one run.

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, Fate};
use lockgate_core::mark::Mark;
use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Lease, Store};

use super::feed::connector;

/// Digits of a mark that tell it apart in one run.
const DIGITS: usize = 5;

fn short<'m>(marks: impl IntoIterator<Item = &'m Mark>) -> String {
    let short = |mark: &Mark| mark.to_string().chars().take(DIGITS).collect::<String>();
    marks.into_iter().map(short).collect::<Vec<_>>().join(" ")
}

/// Tells a commit, and who is due after it.
pub fn tell(lease: &Lease, effects: &Effects, store: &dyn Store) {
    eprintln!("commit of {}", lease.connector);
    for task in effects.tasks() {
        match &task.fate {
            Fate::Removed(entry) => eprintln!("  task {} ends: {:?}", task.id, entry.outcome),
            Fate::Stays(standing) => {
                eprintln!(
                    "  task {} stays {}: {}",
                    task.id,
                    standing.state,
                    standing.failure.as_ref().map_or("", |failure| &failure.message)
                );
                let Some(waiting) = &standing.waiting else { continue };
                if let Some(behind) = waiting.behind {
                    eprintln!("    behind {behind}");
                }
                for want in &waiting.wants {
                    eprintln!("    wants {}: {}", short([&want.mark]), want.what);
                }
                eprintln!("    group wants {}", short(&waiting.group_wants));
                eprintln!("    lines {:?}, brings {}", waiting.lines, short(&waiting.brings));
            }
        }
    }
    effects.changes().iter().for_each(tell_change);
    eprintln!("  wakes {}", short(&effects.wakes()));
    eprintln!("  stirs {}", short(effects.stirs()));
    for name in [0, 1].map(connector) {
        tell_due(&name, store);
    }
}

fn tell_change(change: &Change) {
    match change {
        Change::Object(before, after) => {
            let name = |row: &Option<_>| {
                row.as_ref().map_or("nothing".to_owned(), |row: &std::sync::Arc<lockgate_core::rows::ObjectRow>| row.code_name.to_string())
            };
            let id = after.as_ref().or(before.as_ref()).map(|row| row.id.0);
            eprintln!("  object {id:?}: {} becomes {}", name(before), name(after));
        }
        Change::Loose(before, after) => {
            let end = after.as_ref().or(before.as_ref());
            let what = if after.is_none() { "ends" } else { "waits" };
            eprintln!("  loose end {:?} {what}: {:?}", end.map(|end| end.id.0), end.map(|end| &end.at));
        }
        other => eprintln!("  {other:?}"),
    }
}

fn tell_due(name: &ConnectorName, store: &dyn Store) {
    let due = store.due(name, None, usize::MAX, usize::MAX).unwrap_or_default();
    if !due.is_empty() {
        eprintln!("  due of {name}: {:?}", due.iter().map(|due| (due.task.id.0, due.how)).collect::<Vec<_>>());
    }
}
