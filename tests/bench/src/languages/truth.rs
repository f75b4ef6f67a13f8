//! What every language must come to: the same content, row for row.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Result, anyhow, ensure};
use indicatif::ProgressBar;
use jiff::Timestamp;
use lockgate_bus::export::{Form, export};
use serde_json::Value;

use crate::feed;
use crate::languages::side::Sides;
use crate::progress::bar;
use crate::rig::{Rig, Setup, Translation};

/// Tasks of all sizes, a tenth of them with variants.
const TASKS: u64 = 500;
/// Longest row that is shown, in characters.
const SHOWN_CHARS_MAX: usize = 1_000;

/// Every side stores what the process without a sandbox does; an error names the one that does not.
pub fn check(sides: &Sides, folder: Option<&Path>) -> Result<()> {
    let bar = bar(sides.0.len() as u64 + 1, "the same content");
    let expected = stored(Translation::Native, folder)?;
    ensure!(expected.iter().any(|row| row.contains(r#""object":"shop.variant""#)), "no variant was stored: nothing would be compared");
    bar.inc(1);
    for side in &sides.0 {
        if let Some(translation) = side.translation() {
            let found = stored(translation, folder).map_err(|error| error.context(side.name.clone()))?;
            if let Some((expected, found)) = difference(&expected, &found) {
                return Err(anyhow!(
                    "{} stores something else than Rust without a sandbox, which stores\n  {}\nand this\n  {}",
                    side.name,
                    shown(expected),
                    shown(found)
                ));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// All rows, with times as moments: the Python SDK keeps the moment and not its offset.
fn stored(translation: Translation, folder: Option<&Path>) -> Result<Vec<String>> {
    let rig = Rig::new(&Setup { folder: folder.map(Path::to_owned), ..Setup::new(translation) })?;
    let tasks = rig.connectors.first().into_iter().flat_map(|name| (0..TASKS).map(move |number| feed::mixed(name, number)));
    rig.submit(tasks.collect())?;
    rig.drain(&ProgressBar::hidden())?;
    rig.check_queue()?;
    let mut rows = Vec::new();
    export(&**rig.bus.store(), Form::Canonical, &mut |row| {
        rows.push(row.to_owned());
        ControlFlow::Continue(())
    })?;
    rows.iter().map(|row| Ok(moments(serde_json::from_str(row)?).to_string())).collect()
}

/// Every `{"timestamp": …}` in UTC.
fn moments(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let moment = (name == "timestamp").then(|| value.as_str()?.parse::<Timestamp>().ok()).flatten();
                    (name, moment.map_or_else(|| moments(value), |moment| moment.to_string().into()))
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(moments).collect(),
        other => other,
    }
}

/// The first two rows that differ; a text where one side has no more.
fn difference<'r>(expected: &'r [String], found: &'r [String]) -> Option<(&'r str, &'r str)> {
    let row = |rows: &'r [String], at: usize| rows.get(at).map_or("nothing more", String::as_str);
    (0..expected.len().max(found.len())).map(|at| (row(expected, at), row(found, at))).find(|(expected, found)| expected != found)
}

fn shown(row: &str) -> String {
    row.chars().take(SHOWN_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_first_difference_is_told_and_a_row_too_few_is_one() {
        let expected = rows(&["a", "b", "c"]);
        assert_eq!(difference(&expected, &rows(&["a", "b", "c"])), None);
        assert_eq!(difference(&expected, &rows(&["a", "x", "y"])), Some(("b", "x")));
        assert_eq!(difference(&expected, &rows(&["a", "b"])), Some(("c", "nothing more")));
        assert_eq!(difference(&expected, &rows(&["a", "b", "c", "d"])), Some(("nothing more", "d")));
    }

    #[test]
    fn the_same_moment_is_the_same_and_a_text_is_left_alone() {
        let row = |time: &str| serde_json::json!({ "fields": { "modified": { "timestamp": time }, "timestamp": "noon" } });
        assert_eq!(moments(row("2026-01-28T17:05:09+01:00")), moments(row("2026-01-28T16:05:09Z")));
        assert_ne!(moments(row("2026-01-28T17:05:09+01:00")), moments(row("2026-01-28T17:05:09Z")));
        assert_eq!(moments(row("2026-01-28T17:05:09Z"))["fields"]["timestamp"], "noon");
    }
}
