//! One connector, for people.

use std::io;

use serde_json::Value;

use super::{asks, yes};
use crate::out::{self, Table, bytes, number, text};

/// Of a digest, where it is to be typed.
const DIGITS_SHOWN: usize = 12;

/// Everything that an operator may want to know of it.
pub fn print(connector: &Value) -> io::Result<()> {
    for key in ["name", "digest", "enabled", "paused", "installed_at", "processing"].into_iter().chain([
        "queued",
        "failing",
        "parked",
        "behind",
        "failed",
        "loose_ends",
        "oldest_submitted_at",
        "busy",
        "loaded",
        "trouble",
    ]) {
        let value = out::member(connector, key);
        if !value.is_empty() {
            out::line(format!("{}: {value}", key.replace('_', " ")))?;
        }
    }
    let state = connector.get("state").unwrap_or(&Value::Null);
    let limits = connector.get("limits").unwrap_or(&Value::Null);
    let of = bytes(number(limits, "state_bytes_max"));
    out::line(format!("state: {} keys, {} of {of}", number(state, "keys"), bytes(number(state, "bytes"))))?;

    out::line("")?;
    asks::print(Some(&text(connector, "name")), connector)?;
    out::line("")?;
    print_grant(connector.get("grant").unwrap_or(&Value::Null))?;
    out::line("")?;
    print_versions(connector)?;
    out::line("")?;
    for (limit, value) in limits.as_object().into_iter().flatten() {
        out::line(format!("limit {limit}: {value}"))?;
    }
    Ok(())
}

fn print_grant(grant: &Value) -> io::Result<()> {
    for what in ["objects", "pages", "sites", "hosts", "settings"] {
        let items: Vec<&str> = out::list(grant, what).iter().filter_map(Value::as_str).collect();
        out::line(format!("the configuration grants {what}: {}", if items.is_empty() { "none".to_owned() } else { items.join(", ") }))?;
    }
    for (host, networks) in grant.get("networks").and_then(Value::as_object).into_iter().flatten() {
        let networks: Vec<&str> = networks.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        out::line(format!("the configuration grants networks: {host} may be in {}", networks.join(", ")))?;
    }
    for secret in out::list(grant, "secrets") {
        let hosts: Vec<&str> = out::list(secret, "hosts").iter().filter_map(Value::as_str).collect();
        out::line(format!("the configuration grants secret {}: to {}", text(secret, "name"), hosts.join(", ")))?;
    }
    out::line(format!("the configuration grants state: {}", yes(grant, "state")))
}

fn print_versions(connector: &Value) -> io::Result<()> {
    let mut table = Table::new(&["VERSION", "STANDING", "INSTALLED", "MANIFEST"]);
    for version in out::list(connector, "versions") {
        table.row([text(version, "digest"), text(version, "standing"), out::time(version, "installed_at"), yes(version, "has_manifest")]);
    }
    table.print("no version is kept")?;
    if text(connector, "waiting").is_empty() {
        return Ok(());
    }
    print_beyond(&text(connector, "name"), &text(connector, "waiting"), connector)
}

/// What the waiting version asks for beyond the active one, and how to let that one run.
pub fn print_beyond(name: &str, waiting: &str, answer: &Value) -> io::Result<()> {
    out::line("the waiting version asks beyond the active one for:")?;
    for more in out::list(answer, "beyond").iter().filter_map(Value::as_str) {
        out::line(format!("  {more}"))?;
    }
    let digits = waiting.get(..DIGITS_SHOWN).unwrap_or(waiting);
    out::line(format!("to let it run: lockgate connector approve {name} --digest {digits}"))
}
