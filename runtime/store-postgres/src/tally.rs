//! Numbers that cost no scan: kinds of the table `tally`, and what adds to it.

use std::collections::BTreeMap;

/// Tasks by state are counted under the state's own number: 0 queued, 1 failed, 2 parked, 3 behind. Of queued
/// ones, those that came are counted in `queue`.
pub(crate) const QUEUED: i16 = 0;
pub(crate) const FAILED: i16 = 1;
pub(crate) const PARKED: i16 = 2;
pub(crate) const BEHIND: i16 = 3;
/// Queued tasks whose last try failed.
pub(crate) const FAILING: i16 = 4;
/// Tasks that do not stand apart, besides those that came.
pub(crate) const ON_THE_WAY: i16 = 5;
/// Tasks with lines.
pub(crate) const LINED: i16 = 6;
/// Kinds that belong to a connector's tasks.
pub(crate) const OF_TASKS: std::ops::RangeInclusive<i16> = QUEUED..=LINED;
pub(crate) const LOOSE_ENDS: i16 = 7;
pub(crate) const OBJECTS: i16 = 8;
pub(crate) const PAGES: i16 = 9;
pub(crate) const CULTURES: i16 = 10;
pub(crate) const BINDINGS: i16 = 11;
pub(crate) const HISTORY: i16 = 12;
/// Different things that are wanted.
pub(crate) const WANTED: i16 = 13;

/// What is to be added.
#[derive(Debug, Default)]
pub(crate) struct Deltas(BTreeMap<(i16, String), i64>);

impl Deltas {
    pub(crate) fn add(&mut self, kind: i16, name: &str, n: i64) {
        *self.0.entry((kind, name.to_owned())).or_default() += n;
    }

    /// Kinds, names and numbers, without those that stay.
    pub(crate) fn columns(&self) -> (Vec<i16>, Vec<String>, Vec<i64>) {
        let (mut kinds, mut names, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for ((kind, name), n) in self.0.iter().filter(|(_, n)| **n != 0) {
            kinds.push(*kind);
            names.push(name.clone());
            numbers.push(*n);
        }
        (kinds, names, numbers)
    }
}

pub(crate) const ADD: &str = "INSERT INTO tally (kind, name, n) SELECT * FROM unnest($1::int2[], $2::text[], $3::int8[]) \
     ON CONFLICT (kind, name) DO UPDATE SET n = tally.n + EXCLUDED.n";

/// Takes off (`-1`) or adds (`1`) tasks as they stand now: by state, failing, on the way, in lines.
pub(crate) const COUNT_TASKS: &str = "INSERT INTO tally (kind, name, n) \
     SELECT k.kind, t.connector, $2::int8 * count(*) FROM task t CROSS JOIN LATERAL (VALUES \
       (t.state), (CASE WHEN t.fails AND t.state = 0 THEN 4::int2 END), (CASE WHEN NOT t.apart THEN 5::int2 END), \
       (CASE WHEN t.lined THEN 6::int2 END)) k(kind) \
     WHERE t.id = ANY($1::int8[]) AND k.kind IS NOT NULL GROUP BY 1, 2 \
     ON CONFLICT (kind, name) DO UPDATE SET n = tally.n + EXCLUDED.n";
