//! What is so, in sentences: the most urgent first, each with where to look.

use serde_json::{Map, Value};

use crate::out::{self, number, text};

/// How urgent a sentence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody has to do anything.
    Fine,
    /// It goes on by itself when something arrives.
    Waits,
    /// Somebody should look.
    Look,
}

/// What a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Tasks that wait for what is not there.
    Parked,
    /// Anything else.
    Other,
}

/// One thing that is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub urgency: Urgency,
    pub about: About,
    pub text: String,
}

impl Sentence {
    fn new(urgency: Urgency, text: String) -> Self {
        Self { urgency, about: About::Other, text }
    }
}

/// How everything stands, by the answer of `/v1/status`. `only`: these connectors, if it is given.
pub fn of(status: &Value, only: Option<&[String]>) -> Vec<Sentence> {
    let empty = Map::new();
    let all = status.get("queues").and_then(Value::as_object).unwrap_or(&empty);
    let queues: Vec<(&String, &Value)> =
        all.iter().filter(|(name, _)| only.is_none_or(|only| only.iter().any(|one| one == *name))).collect();
    let sum = |key: &str| queues.iter().map(|(_, queue)| number(queue, key)).sum::<u64>();
    let now = text(status, "now");
    let mut said: Vec<Sentence> = Vec::new();
    let (queued, parked, behind) = (sum("queued"), sum("parked"), sum("behind"));
    for switch in ["bus", "processing"] {
        if status.pointer(&format!("/switches/{switch}")) == Some(&Value::Bool(false)) {
            said.push(Sentence::new(Urgency::Look, format!("{switch} is switched off: `lockgate switch {switch} on`")));
        }
    }
    let mut held = 0;
    for (name, queue) in &queues {
        let (rests, waiting) = (text(queue, "rests"), number(queue, "queued"));
        if !rests.is_empty() && waiting > 0 {
            let verb = if rests == "paused" { "resume" } else { "enable" };
            held += waiting;
            said.push(Sentence::new(Urgency::Look, format!("{name} is {rests}, {}: `lockgate connector {verb} {name}`", waits(waiting))));
        }
    }
    for (name, queue) in &queues {
        if let Some(blocked) = queue.get("blocked").filter(|blocked| blocked.is_object()) {
            held += if text(queue, "rests").is_empty() { number(blocked, "waiting") } else { 0 };
            said.push(Sentence::new(Urgency::Look, blocked_by(name, blocked, &now)));
        }
    }
    for (name, queue) in &queues {
        let stands = queue.get("blocked").is_some_and(|blocked| blocked.is_object() && text(blocked, "until").is_empty());
        let aside = number(queue, "failed").saturating_sub(u64::from(stands));
        if aside > 0 {
            let (tasks, are) = tasks(aside);
            said.push(Sentence::new(
                Urgency::Look,
                format!("{tasks} of {name} failed and {are} set aside: `lockgate task list --connector {name} --state failed`"),
            ));
        }
        let waits = queue.get("blocked").is_some_and(|blocked| !text(blocked, "until").is_empty());
        let failing = number(queue, "failing").saturating_sub(u64::from(waits));
        if failing > 0 {
            said.push(Sentence::new(
                Urgency::Look,
                format!("{} of {name} failed and stay in the queue: `lockgate task list --connector {name} --failing`", tasks(failing).0),
            ));
        }
    }
    if parked > 0 {
        let wait = if parked == 1 { "waits" } else { "wait" };
        let text = format!("{} {wait} for what is not there: `lockgate missing`", tasks(parked).0);
        said.push(Sentence { urgency: Urgency::Waits, about: About::Parked, text });
    }
    if behind > 0 {
        let wait = if behind == 1 { "waits" } else { "wait" };
        said.push(Sentence::new(
            Urgency::Waits,
            format!("{} {wait} behind others about the same object: `lockgate task list --state behind`", tasks(behind).0),
        ));
    }
    let to_do = queued.saturating_sub(held + sum("failing"));
    if to_do > 0 {
        let busy = !out::list(status, "busy").is_empty();
        let (tasks, are) = tasks(to_do);
        let text = format!("{tasks} {are} {}", if busy { "being processed" } else { "queued" });
        let at = said.iter().take_while(|one| one.urgency == Urgency::Look).count();
        said.insert(at, Sentence::new(Urgency::Fine, text));
    }
    if said.is_empty() {
        said.push(Sentence::new(Urgency::Fine, "everything is processed".to_owned()));
    }
    let loose = sum("loose_ends");
    if loose > 0 {
        let (references, are) = if loose == 1 { ("1 reference".to_owned(), "is") } else { (format!("{loose} references"), "are") };
        let text = format!("{references} {are} left open until what is meant arrives: `lockgate missing`");
        said.push(Sentence::new(Urgency::Fine, text));
    }
    said
}

fn blocked_by(name: &str, blocked: &Value, now: &str) -> String {
    let task = number(blocked, "task");
    let since = match text(blocked, "since") {
        since if since.is_empty() => since,
        since => format!(" since {}", moment(&since, now)),
    };
    let waiting = waits(number(blocked, "waiting"));
    match text(blocked, "until") {
        until if until.is_empty() => format!("{name} is blocked by task {task}{since}, {waiting}: `lockgate task show {task}`"),
        until => format!(
            "{name} waits{since} for task {task} to be tried again at {}, {waiting}: `lockgate task show {task}`",
            moment(&until, now)
        ),
    }
}

fn waits(count: u64) -> String {
    match count {
        0 => "nothing waits".to_owned(),
        1 => "1 waits".to_owned(),
        count => format!("{count} wait"),
    }
}

fn tasks(count: u64) -> (String, &'static str) {
    if count == 1 { ("1 task".to_owned(), "is") } else { (format!("{count} tasks"), "are") }
}

/// A moment without what nobody needs: `08:59 UTC` of the day of `now`, else with the date.
pub fn moment(at: &str, now: &str) -> String {
    let (Some(date), Some(time)) = (at.get(..10), at.get(11..16)) else { return at.to_owned() };
    if now.get(..10) == Some(date) { format!("{time} UTC") } else { format!("{date} {time} UTC") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(queues: &Value) -> Vec<String> {
        let status =
            json!({"now": "2026-01-31T10:00:00.000Z", "switches": {"bus": true, "processing": true}, "queues": queues, "busy": []});
        of(&status, None).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn a_blocked_connector_comes_first() {
        let blocked = json!({"task": 23, "since": "2026-01-31T08:59:12.000Z", "until": null, "waiting": 20});
        let teams = json!({"queued": 20, "failing": 0, "parked": 3, "behind": 0, "failed": 1, "loose_ends": 0, "blocked": blocked});
        assert_eq!(
            said(&json!({"shop": {"queued": 0, "parked": 0}, "teams": teams})),
            [
                "teams is blocked by task 23 since 08:59 UTC, 20 wait: `lockgate task show 23`",
                "3 tasks wait for what is not there: `lockgate missing`"
            ]
        );
    }

    #[test]
    fn a_paused_connector_says_so_while_tasks_wait() {
        let rests = |queued: u64| said(&json!({"shop": {"queued": queued, "rests": "paused"}}));
        assert_eq!(rests(1), ["shop is paused, 1 waits: `lockgate connector resume shop`"]);
        assert_eq!(rests(0), ["everything is processed"]);
    }

    #[test]
    fn an_outage_says_when_it_is_tried_again() {
        let blocked = json!({"task": 7, "since": "2026-01-30T08:59:12.000Z", "until": "2026-01-31T10:01:00.000Z", "waiting": 1});
        assert_eq!(
            said(&json!({"shop": {"queued": 2, "failing": 1, "blocked": blocked}})),
            ["shop waits since 2026-01-30 08:59 UTC for task 7 to be tried again at 10:01 UTC, 1 waits: `lockgate task show 7`"]
        );
    }

    #[test]
    fn nothing_left_is_said_in_three_words() {
        assert_eq!(said(&json!({"shop": {"queued": 0}})), ["everything is processed"]);
        assert_eq!(said(&json!({})), ["everything is processed"]);
        assert_eq!(
            said(&json!({"shop": {"queued": 0, "loose_ends": 1}})),
            ["everything is processed", "1 reference is left open until what is meant arrives: `lockgate missing`"]
        );
    }

    #[test]
    fn failures_that_stop_nobody_are_told_too() {
        assert_eq!(
            said(&json!({"shop": {"queued": 5, "failing": 2, "failed": 1, "behind": 1}})),
            [
                "1 task of shop failed and is set aside: `lockgate task list --connector shop --state failed`",
                "2 tasks of shop failed and stay in the queue: `lockgate task list --connector shop --failing`",
                "3 tasks are queued",
                "1 task waits behind others about the same object: `lockgate task list --state behind`",
            ]
        );
    }
}
