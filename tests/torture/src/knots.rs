//! Tasks that wait for each other: rings of objects, each of which needs the next one, sent in any order and mixed with
//! those of other rings. What is to be in the end follows from the names alone.

use std::collections::BTreeMap;

use serde_json::json;

use crate::check::{Knots, Violation};
use crate::record::{Expect, Sent};
use crate::rng::Rng;
use crate::workload::Item;

/// The built-in connector for internal objects, under this name.
pub const CONNECTOR: &str = "torture-knots";
/// The type of the objects.
pub const TYPE: &str = "test.knot";
/// Its model: one reference that a task waits for, and one that is filled later.
pub const MODEL: &str = "[[object_type]]
name = \"test.knot\"
fields = [
    { name = \"next\", kind = \"reference\", to = \"test.knot\", need = \"required\" },
    { name = \"likes\", kind = \"reference\", to = \"test.knot\", need = \"optional\" },
]
";
/// What it is granted.
pub const GRANT: &str = "objects = [\"test.knot\"]\n";
/// Objects of one ring.
const RING_MIN: u64 = 2;
const RING_MAX: u64 = 5;
/// So many are ready to be sent, in no order.
const POOL_MIN: usize = 30;

/// Makes the knots of one client.
pub struct Rings {
    client: usize,
    made: u64,
    pool: Vec<Item>,
}

impl Rings {
    /// Nothing made yet.
    pub fn new(client: usize) -> Self {
        Self { client, made: 0, pool: Vec::new() }
    }

    /// Some of those that are ready, whichever; more are made first.
    pub fn some(&mut self, rng: &mut Rng, count: u64) -> Vec<Item> {
        while self.pool.len() < POOL_MIN {
            self.ring(rng.between(RING_MIN, RING_MAX));
        }
        (0..count).map_while(|_| self.any(rng)).collect()
    }

    /// All that are left, whichever first.
    pub fn rest(&mut self, rng: &mut Rng) -> Vec<Item> {
        std::iter::from_fn(|| self.any(rng)).collect()
    }

    fn any(&mut self, rng: &mut Rng) -> Option<Item> {
        let last = self.pool.len().checked_sub(1)?;
        let at = rng.between(0, last as u64);
        Some(self.pool.swap_remove(usize::try_from(at).unwrap_or(0)))
    }

    fn ring(&mut self, size: u64) {
        self.made += 1;
        let name = |ring: u64, at: u64| format!("k{}-{ring}-{at}", self.client);
        let knots: Vec<Item> = (0..size)
            .map(|at| {
                let key = name(self.made, at);
                let object = json!({ "object": { "type": TYPE, "code_name": key, "fields": {
                    "next": { "reference": name(self.made, (at + 1) % size) },
                    "likes": { "reference": name(self.made + 1, 0) },
                } } });
                let line = json!({
                    "connector": CONNECTOR, "process_type": "default", "task_type": "create-object", "data_type": "snapshot",
                    "title": key, "subject": key, "media_type": "application/vnd.lockgate.object+json", "body": object.to_string(),
                    "idempotency_key": key,
                });
                Item { sent: Sent { key, connector: CONNECTOR.to_owned(), expect: Expect::Knot }, line }
            })
            .collect();
        self.pool.extend(knots);
    }
}

/// What is wrong with those that were acknowledged, by name; `sent`: all that anybody sent.
pub fn check<'k>(sent: impl Iterator<Item = (&'k str, bool)>, knots: &Knots, found: &mut Vec<Violation>) {
    let sent: BTreeMap<&str, bool> = sent.collect();
    for name in knots.keys().filter(|name| !sent.contains_key(name.as_str())) {
        found.push(Violation::new("stranger", format!("{name} is there, and nobody sent it")));
    }
    for name in sent.iter().filter(|(_, acknowledged)| **acknowledged).map(|(name, _)| *name) {
        let Some((next, likes)) = knots.get(name) else {
            found.push(Violation::new("lost", format!("{name} was acknowledged, and its object is not there")));
            continue;
        };
        let Some((ring, at)) = place(name) else { continue };
        let following = format!("{ring}-{}", at + 1);
        let wanted = if sent.contains_key(following.as_str()) { following } else { format!("{ring}-0") };
        if next.as_deref() != Some(&wanted) {
            found.push(Violation::new("reference", format!("{name} needs {wanted}, and has {next:?}")));
        }
        let liked = ring.rsplit_once('-').and_then(|(client, number)| Some(format!("{client}-{}-0", number.parse::<u64>().ok()? + 1)));
        let liked = liked.filter(|liked| knots.contains_key(liked));
        if *likes != liked {
            found.push(Violation::new("reference", format!("{name} likes {liked:?}, and has {likes:?}")));
        }
    }
}

/// The ring of a knot, and which of it.
fn place(name: &str) -> Option<(&str, u64)> {
    let (ring, at) = name.rsplit_once('-')?;
    Some((ring, at.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knot(next: &str, likes: Option<&str>) -> (Option<String>, Option<String>) {
        (Some(next.to_owned()), likes.map(str::to_owned))
    }

    fn kinds(knots: &Knots) -> Vec<&'static str> {
        let sent = ["k1-1-0", "k1-1-1", "k1-2-0", "k1-2-1"].map(|name| (name, true));
        let mut found = Vec::new();
        check(sent.into_iter(), knots, &mut found);
        found.into_iter().map(|violation| violation.kind).collect()
    }

    fn right() -> Knots {
        Knots::from([
            ("k1-1-0".into(), knot("k1-1-1", Some("k1-2-0"))),
            ("k1-1-1".into(), knot("k1-1-0", Some("k1-2-0"))),
            ("k1-2-0".into(), knot("k1-2-1", None)),
            ("k1-2-1".into(), knot("k1-2-0", None)),
        ])
    }

    #[test]
    fn what_is_missing_or_bound_elsewhere_is_found() {
        assert_eq!(kinds(&right()), Vec::<&str>::new());
        let mut lost = right();
        lost.remove("k1-1-1");
        assert_eq!(kinds(&lost), ["lost"]);
        let mut elsewhere = right();
        elsewhere.insert("k1-1-0".into(), knot("k1-2-0", Some("k1-2-0")));
        assert_eq!(kinds(&elsewhere), ["reference"]);
        let mut never_filled = right();
        never_filled.insert("k1-1-0".into(), knot("k1-1-1", None));
        assert_eq!(kinds(&never_filled), ["reference"]);
        let mut strange = right();
        strange.insert("k9-9-9".into(), knot("k9-9-9", None));
        assert_eq!(kinds(&strange), ["stranger"]);
    }
}
