//! Many small products at once, through the store's own commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;
use indicatif::ProgressBar;
use lockgate_bench_translation::{Field, PRODUCT};
use lockgate_bus::Bus;
use lockgate_core::change::Change;
use lockgate_core::names::{CodeName, ConnectorName, FieldName, TypeName};
use lockgate_core::ports::new_guid;
use lockgate_core::rows::{Newer, ObjectId, ObjectRow, Scope};
use lockgate_core::value::{Plain, Stored};
use lockgate_testing::{Commit, Short};

use crate::clock::{SystemClock, SystemRandomness};
use crate::feed;

/// Objects in one commit.
const COMMIT_OBJECTS: u64 = 20_000;
/// Numbers of products that are made by tasks; below are those that are filled in.
pub const NEW_FROM: u64 = 50_000_000;

/// Stores the products with numbers from `from` on, below `until`.
pub fn fill(bus: &Bus, from: u64, until: u64, bar: &ProgressBar) -> Result<()> {
    let (store, model) = (bus.store(), bus.model()?);
    let lease = store.claim_now(&ConnectorName::new("filler")?)?;
    let (clock, randomness) = (SystemClock::new(), SystemRandomness::default());
    let (object_type, number_field) = (TypeName::new(PRODUCT)?, FieldName::new(Field::Number.name())?);
    let mut next = from;
    while next < until {
        let count = COMMIT_OBJECTS.min(until - next);
        let first_id = store.reserve_ids(count)?;
        let mut changes = Vec::with_capacity(count as usize);
        for at in 0..count {
            let number = next + at;
            let value = Stored::Plain(Plain::Integer(i64::try_from(number)?));
            let row = ObjectRow {
                id: ObjectId(first_id + at),
                object_type: object_type.clone(),
                scope: Scope::default(),
                code_name: CodeName::new(feed::sku(number))?,
                guid: new_guid(&clock, &randomness),
                guid_given: false,
                display_name: "Table".into(),
                sites: BTreeSet::new(),
                fields: BTreeMap::from([(number_field.clone(), value)]),
                links: BTreeMap::new(),
                newer: Newer::default(),
                created_ms: crate::clock::now_ms(),
                modified_ms: crate::clock::now_ms(),
            };
            changes.push(Change::Object(None, Some(Arc::new(row))));
        }
        store.commit_now(&lease, &Commit { changes, ..Commit::default() }, &model)?;
        bar.inc(count);
        next += count;
    }
    Ok(())
}
