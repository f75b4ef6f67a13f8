//! Compares the clients' record with what the server has in the end. Knows neither: both are data.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::knots;
use crate::record::{Event, Expect, Outcome, Sent};

/// Most violations of one kind that are told.
const TOLD_MAX: usize = 20;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What kind: `lost`, `twice`, `order`, …
    pub kind: &'static str,
    /// Which task, and what was seen.
    pub detail: String,
}

impl Violation {
    /// One.
    pub fn new(kind: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// A history entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its number: the order in which tasks ended.
    pub number: u64,
    /// Which task.
    pub task: u64,
    /// Of which connector.
    pub connector: String,
    /// Its title.
    pub title: String,
    /// `stored`, `skipped`, …
    pub outcome: String,
    /// What was done with each row written: `inserted`, …
    pub actions: Vec<String>,
}

/// A queued task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its id.
    pub task: u64,
    /// Its title.
    pub title: String,
    /// Whether it has failed, which is why it is still there.
    pub failed: bool,
}

/// Synthetic objects by name, each with the one that it saw before it.
pub type Reports = BTreeMap<String, Option<String>>;

/// Objects that refer to others, by name: whom they need, and whom they like.
pub type Knots = BTreeMap<String, (Option<String>, Option<String>)>;

/// What the server has in the end.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// In order of their numbers.
    pub history: Vec<Ended>,
    /// Everything queued.
    pub queue: Vec<Queued>,
    /// The links of the chains.
    pub reports: Reports,
    /// What waited for each other.
    pub knots: Knots,
    /// The canonical export of everything else.
    pub content: BTreeSet<String>,
}

/// What one client's record says about a key.
struct Fact {
    sent: Sent,
    tasks: BTreeSet<u64>,
    unknown: bool,
    refused_only: bool,
}

impl Fact {
    /// The key of what was given up may be used again: each time it is a new task.
    fn is_given_up(&self) -> bool {
        self.sent.expect == Expect::GivenUp
    }
}

/// Everything that is wrong. `undisturbed` is the content that the samples' tasks leave.
pub fn check(records: &[Vec<Event>], observed: &Observed, undisturbed: &BTreeSet<String>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut facts: BTreeMap<String, Fact> = BTreeMap::new();
    for record in records {
        let own = facts_of(record, &mut found);
        submission_order(&own, &mut found);
        facts.extend(own.into_iter().map(|fact| (fact.sent.key.clone(), fact)));
    }
    let seen = Seen::new(observed);
    let mut owner: HashMap<u64, &str> = HashMap::new();
    for (key, fact) in &facts {
        acknowledged(key, fact, &seen, &mut owner, &mut found);
        if fact.sent.expect != Expect::Sample {
            at_most_once(key, fact, &seen, observed, &mut found);
        }
    }
    strangers(&facts, observed, &mut found);
    processing_order(&facts, observed, &mut found);
    chains(observed, &facts, &mut found);
    let knots = facts.values().filter(|fact| fact.sent.expect == Expect::Knot);
    knots::check(knots.map(|fact| (fact.sent.key.as_str(), !fact.tasks.is_empty())), &observed.knots, &mut found);
    for line in undisturbed.difference(&observed.content) {
        found.push(Violation::new("content", format!("an undisturbed run stores, and this one did not: {line}")));
    }
    for line in observed.content.difference(undisturbed) {
        found.push(Violation::new("content", format!("no undisturbed run stores: {line}")));
    }
    shortened(found)
}

/// In the order of the first request for each key.
fn facts_of(record: &[Event], found: &mut Vec<Violation>) -> Vec<Fact> {
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut facts: Vec<Fact> = Vec::new();
    let mut requests: HashMap<u64, &[Sent]> = HashMap::new();
    for event in record {
        match event {
            Event::Send { request, tasks } => {
                requests.insert(*request, tasks);
                for sent in tasks {
                    place.entry(sent.key.clone()).or_insert_with(|| {
                        facts.push(Fact { sent: sent.clone(), tasks: BTreeSet::new(), unknown: false, refused_only: true });
                        facts.len() - 1
                    });
                }
            }
            Event::Answer { request, outcomes } => {
                for (sent, outcome) in requests.remove(request).unwrap_or_default().iter().zip(outcomes) {
                    if let Some(fact) = place.get(&sent.key).and_then(|at| facts.get_mut(*at)) {
                        answered(fact, outcome, found);
                    }
                }
            }
        }
    }
    // The client ended before it could write down an answer.
    for sent in requests.into_values().flatten() {
        if let Some(fact) = place.get(&sent.key).and_then(|at| facts.get_mut(*at)) {
            (fact.unknown, fact.refused_only) = (true, false);
        }
    }
    facts
}

fn answered(fact: &mut Fact, outcome: &Outcome, found: &mut Vec<Violation>) {
    let key = &fact.sent.key;
    match outcome {
        Outcome::Refused(_) => return,
        Outcome::Unknown(_) => fact.unknown = true,
        Outcome::Accepted { task, repeated } => {
            let may_be_known = fact.unknown || !fact.tasks.is_empty();
            if *repeated && !may_be_known {
                found.push(Violation::new("refused-but-stored", format!("{key}: task {task} is a repetition of nothing")));
            }
            if !*repeated && !fact.tasks.is_empty() && !fact.is_given_up() {
                found.push(Violation::new("key-forgotten", format!("{key}: acknowledged as {:?}, then as new task {task}", fact.tasks)));
            }
            fact.tasks.insert(*task);
        }
    }
    fact.refused_only = false;
}

/// A client sends the next request when it has the answer to the one before.
fn submission_order(facts: &[Fact], found: &mut Vec<Violation>) {
    let mut last: HashMap<&str, (u64, &str)> = HashMap::new();
    for fact in facts.iter().filter(|fact| !fact.is_given_up()) {
        let Some(task) = fact.tasks.first() else { continue };
        let before = last.insert(&fact.sent.connector, (*task, &fact.sent.key));
        if let Some((before, key)) = before.filter(|(before, _)| before >= task) {
            let detail = format!("{}: {} is task {task}, and {key}, sent before it, is task {before}", fact.sent.connector, fact.sent.key);
            found.push(Violation::new("order", detail));
        }
    }
}

/// The observation by task and by title.
struct Seen<'o> {
    ended: HashMap<u64, Vec<&'o Ended>>,
    queued: HashMap<u64, Vec<&'o Queued>>,
    titles: HashMap<&'o str, usize>,
}

impl<'o> Seen<'o> {
    fn new(observed: &'o Observed) -> Self {
        let mut seen = Self { ended: HashMap::new(), queued: HashMap::new(), titles: HashMap::new() };
        // What was filled later is told of a task that has ended.
        for entry in observed.history.iter().filter(|entry| entry.outcome != "mended") {
            seen.ended.entry(entry.task).or_default().push(entry);
            *seen.titles.entry(&entry.title).or_default() += 1;
        }
        for task in &observed.queue {
            seen.queued.entry(task.task).or_default().push(task);
            *seen.titles.entry(&task.title).or_default() += 1;
        }
        seen
    }
}

/// Promise 1: stored once, or still queued with the reason.
fn acknowledged<'f>(key: &'f str, fact: &Fact, seen: &Seen<'_>, owner: &mut HashMap<u64, &'f str>, found: &mut Vec<Violation>) {
    if fact.tasks.len() > 1 && !fact.is_given_up() {
        found.push(Violation::new("twice", format!("{key} is acknowledged as tasks {:?}", fact.tasks)));
    }
    for task in &fact.tasks {
        if let Some(other) = owner.insert(*task, key) {
            found.push(Violation::new("lost", format!("task {task} is acknowledged for {other} and for {key}")));
        }
        let ended = seen.ended.get(task).map_or(&[][..], Vec::as_slice);
        let queued = seen.queued.get(task).map_or(&[][..], Vec::as_slice);
        let synthetic = fact.sent.expect != Expect::Sample;
        let titles = ended.iter().map(|entry| entry.title.as_str()).chain(queued.iter().map(|task| task.title.as_str()));
        let other = titles.into_iter().find(|title| synthetic && title != &key);
        match (ended.len(), queued.len()) {
            (0, 0) => found.push(Violation::new("lost", format!("{key}: task {task} was acknowledged and is nowhere"))),
            (1, 0) | (0, 1) => {}
            (e, q) => found.push(Violation::new("twice", format!("{key}: task {task} has {e} history entries and is queued {q} times"))),
        }
        if let Some(other) = other {
            found.push(Violation::new("lost", format!("{key} was acknowledged as task {task}, which is {other}")));
        }
        if queued.iter().any(|task| !task.failed) {
            found.push(Violation::new("stuck", format!("{key}: task {task} is queued and nothing stands in its way")));
        }
        let right = match fact.sent.expect {
            Expect::Sample => true,
            Expect::Stored | Expect::Knot => ended.iter().all(|entry| entry.outcome == "stored") && queued.is_empty(),
            Expect::GivenUp => ended.iter().all(|entry| entry.outcome != "stored") && queued.is_empty(),
            Expect::Kept => ended.is_empty(),
        };
        if !right {
            let outcomes: Vec<_> = ended.iter().map(|entry| entry.outcome.as_str()).collect();
            found.push(Violation::new("outcome", format!("{key}: {:?} was to be expected of task {task}: {outcomes:?}", fact.sent.expect)));
        }
    }
}

fn at_most_once(key: &str, fact: &Fact, seen: &Seen<'_>, observed: &Observed, found: &mut Vec<Violation>) {
    let times = seen.titles.get(key).copied().unwrap_or(0);
    let times_max = match fact.is_given_up() {
        // One that nobody answered may have been given up before it was sent again.
        true if fact.unknown => usize::MAX,
        true => fact.tasks.len().max(1),
        false => 1,
    };
    if times > times_max {
        found.push(Violation::new("twice", format!("{key} is there {times} times")));
    }
    if fact.refused_only && times > 0 {
        found.push(Violation::new("refused-but-stored", format!("{key} was refused, and is there")));
    }
    let stored = fact.tasks.iter().filter_map(|task| seen.ended.get(task)).flatten().any(|entry| entry.outcome == "stored");
    if stored && fact.sent.expect == Expect::Stored && !observed.reports.contains_key(key) {
        found.push(Violation::new("lost", format!("{key} is stored, says the history, and its object is not there")));
    }
}

/// Synthetic tasks and objects that no client sent.
fn strangers(facts: &BTreeMap<String, Fact>, observed: &Observed, found: &mut Vec<Violation>) {
    let entries = observed.history.iter().filter(|entry| crate::workload::SYNTHETIC.contains(&entry.connector.as_str()));
    for key in entries.map(|entry| &entry.title).chain(observed.reports.keys()) {
        if !facts.contains_key(key) {
            found.push(Violation::new("stranger", format!("{key} is there, and nobody sent it")));
        }
    }
}

/// Promise 2: `default` tasks end in the order of their submission.
fn processing_order(facts: &BTreeMap<String, Fact>, observed: &Observed, found: &mut Vec<Violation>) {
    let mut last: HashMap<&str, u64> = HashMap::new();
    for entry in observed.history.iter().filter(|entry| is_stored(entry, facts)) {
        let before = last.insert(&entry.connector, entry.task);
        if let Some(before) = before.filter(|before| *before >= entry.task) {
            let detail = format!("{}: task {} ({}) ended after task {before}", entry.connector, entry.task, entry.title);
            found.push(Violation::new("order", detail));
        }
        if entry.actions != ["inserted"] {
            let detail = format!("{}: task {} did {:?} to an object of its own", entry.title, entry.task, entry.actions);
            found.push(Violation::new("twice", detail));
        }
    }
}

fn is_stored(entry: &Ended, facts: &BTreeMap<String, Fact>) -> bool {
    entry.outcome == "stored" && facts.get(&entry.title).is_some_and(|fact| fact.sent.expect == Expect::Stored)
}

/// Each object saw the one whose task ended before its own, in the same connector: whoever was
/// applied twice, or in part, breaks the chain.
fn chains(observed: &Observed, facts: &BTreeMap<String, Fact>, found: &mut Vec<Violation>) {
    let mut last: HashMap<&str, &str> = HashMap::new();
    let mut linked = BTreeSet::new();
    for entry in observed.history.iter().filter(|entry| is_stored(entry, facts)) {
        let before = last.insert(&entry.connector, &entry.title);
        linked.insert(entry.title.as_str());
        if let Some(saw) = observed.reports.get(&entry.title).filter(|saw| saw.as_deref() != before) {
            let detail = format!("{} was applied after {before:?}, and saw the state of {saw:?}", entry.title);
            found.push(Violation::new("chain", detail));
        }
    }
    for key in observed.reports.keys().filter(|key| !linked.contains(key.as_str())) {
        found.push(Violation::new("chain", format!("the object of {key} is there, and the history does not know it")));
    }
}

/// A broken run breaks everything: some of each kind say enough.
fn shortened(found: Vec<Violation>) -> Vec<Violation> {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for violation in found {
        let count = told.entry(violation.kind).or_default();
        *count += 1;
        if *count <= TOLD_MAX {
            kept.push(violation);
        }
    }
    let more = told.into_iter().filter(|(_, count)| *count > TOLD_MAX);
    kept.extend(more.map(|(kind, count)| Violation::new(kind, format!("and {} more", count - TOLD_MAX))));
    kept
}

#[cfg(test)]
mod tests;
