//! What is left when nothing more can be done, and why.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::out::{self, number, text};
use crate::request::Request;
use crate::verdict::{self, About, Sentence};

/// Missing things that are looked at.
const LOOKED_AT_MAX: usize = 100;
/// Missing things that are named.
const NAMED_MAX: usize = 3;

/// What is missing: how many things, and the first of them.
pub fn missing(client: &Client) -> Result<Value> {
    let request = Request::get(&["v1", "missing"]).query("limit", LOOKED_AT_MAX.to_string());
    let page = client.json(request)?;
    let mut first: Vec<&Value> = out::list(&page, "missing").iter().filter(|thing| number(thing, "tasks") > 0).collect();
    let things = first.len();
    // What most wait for says most.
    first.sort_by_key(|thing| std::cmp::Reverse(number(thing, "tasks")));
    first.truncate(NAMED_MAX);
    Ok(json!({ "things": things, "more": !page.get("next").is_none_or(Value::is_null), "first": first }))
}

/// How these connectors stand, with what is missing.
pub fn sentences(status: &Value, missing: &Value, names: &[String]) -> Vec<Sentence> {
    let mut left = verdict::of(status, Some(names));
    let parked: u64 = names.iter().map(|name| status.get("parked").map_or(0, |parked| number(parked, name))).sum();
    if let (Some(named), Some(sentence)) = (named(parked, missing), left.iter_mut().find(|one| one.about == About::Parked)) {
        sentence.text = named;
    }
    left
}

/// Where the verdict counts, the first things are named here.
fn named(parked: u64, missing: &Value) -> Option<String> {
    let first: Vec<String> = out::list(missing, "first").iter().map(|thing| text(thing, "what")).collect();
    let things = number(missing, "things");
    let more = missing.get("more") == Some(&Value::Bool(true));
    let wait = if parked == 1 { "1 task waits".to_owned() } else { format!("{parked} tasks wait") };
    let what = match things {
        0 => return None,
        1 if !more => "1 thing that is not there".to_owned(),
        _ => format!("{}{things} things that are not there", if more { "more than " } else { "" }),
    };
    let rest = if more || things > first.len() as u64 { ", …" } else { "" };
    Some(format!("{wait} for {what}: {}{rest}: `lockgate missing`", first.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let queues = json!({"shop": {"queued": 0, "parked": 3}});
        let status = json!({"queues": queues, "parked": {"shop": 3}, "busy": []});
        let said = |things: u64, more: bool, first: &[&str]| {
            let first: Vec<Value> = first.iter().map(|what| json!({ "what": what })).collect();
            let missing = json!({"things": things, "more": more, "first": first});
            sentences(&status, &missing, &["shop".to_owned()]).remove(0).text
        };
        assert_eq!(said(1, false, &["product 'Tea'"]), "3 tasks wait for 1 thing that is not there: product 'Tea': `lockgate missing`");
        assert_eq!(
            said(100, true, &["a", "b", "c"]),
            "3 tasks wait for more than 100 things that are not there: a, b, c, …: `lockgate missing`"
        );
        assert_eq!(said(0, false, &[]), "3 tasks wait for what is not there: `lockgate missing`");
    }
}
