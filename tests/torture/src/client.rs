//! A client: sends one request, waits for its answer, and writes both down.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::api::Api;
use crate::knots::Rings;
use crate::record::{Event, Outcome, Record};
use crate::rng::Rng;
use crate::shared::Shared;
use crate::workload::{Item, SYNTHETIC, Synthetic, round};

/// Most tasks in a batch.
const BATCH_MAX: u64 = 30;
/// Most of those that need each other in one request.
const KNOTS_MAX: u64 = 6;
/// After the last repair, everything must be taken within this time.
const CLOSING_MAX: Duration = Duration::from_secs(60);

/// One client, its own thread and connection.
pub struct Client {
    rng: Rng,
    api: Api,
    record: Record,
    shared: Arc<Shared>,
    requests: u64,
}

impl Client {
    /// `part` tells its decisions from those of the others.
    pub fn new(record: Record, shared: Arc<Shared>, seed: u64, part: u64) -> Self {
        let mut rng = Rng::new(seed, part);
        // Some are more patient than a frozen server, some less.
        let api = Api::new(Duration::from_millis(rng.between(700, 4_000)));
        Self { rng, api, record, shared, requests: 0 }
    }

    /// Submits synthetic tasks until the end. What is not answered is sent again, or left.
    pub fn synthetic(mut self, number: usize) -> Result<()> {
        let mut source = Synthetic::new(number);
        while !self.shared.is_closing() {
            let connector = if self.rng.percent(50) { SYNTHETIC[0] } else { SYNTHETIC[1] };
            let count = if self.rng.percent(50) { 1 } else { self.rng.between(2, BATCH_MAX) };
            let items: Vec<Item> = (0..count).map(|_| source.next(connector, &mut self.rng)).collect();
            self.deliver(&items, false)?;
            if self.rng.percent(5) {
                // An acknowledged key once more: the same task, or the checker says so.
                self.attempt(&items)?;
            }
            self.pause(40);
        }
        Ok(())
    }

    /// Submits objects that need each other, in no order, until the end, and then all that are left.
    pub fn knots(mut self, number: usize) -> Result<()> {
        let mut rings = Rings::new(number);
        while !self.shared.is_closing() {
            let count = self.rng.between(1, KNOTS_MAX);
            let items = rings.some(&mut self.rng, count);
            self.deliver(&items, true)?;
            self.pause(60);
        }
        let rest = rings.rest(&mut self.rng);
        for items in rest.chunks(usize::try_from(BATCH_MAX)?) {
            self.deliver(items, true)?;
        }
        Ok(())
    }

    /// Submits a sample's tasks in their order, again and again, each round to its end.
    pub fn sample(mut self, tasks: &[Value]) -> Result<u64> {
        let mut rounds = 0;
        while rounds == 0 || !self.shared.is_closing() {
            let items = round(tasks, rounds);
            let mut rest = items.as_slice();
            while !rest.is_empty() {
                let count = usize::try_from(self.rng.between(1, BATCH_MAX))?.min(rest.len());
                let (batch, later) = rest.split_at(count);
                self.deliver(batch, true)?;
                rest = later;
                self.pause(100);
            }
            rounds += 1;
        }
        Ok(rounds)
    }

    /// Sends until all is acknowledged, unless it may be left.
    fn deliver(&mut self, items: &[Item], must: bool) -> Result<()> {
        let mut closing: Option<Instant> = None;
        loop {
            if self.attempt(items)? || (!must && (self.rng.percent(30) || self.shared.is_closing())) {
                return Ok(());
            }
            if self.shared.is_closing() && closing.get_or_insert_with(Instant::now).elapsed() > CLOSING_MAX {
                let key = items.first().map_or("", |item| item.sent.key.as_str());
                bail!("{key} and {} after it were not taken within {} s", items.len().saturating_sub(1), CLOSING_MAX.as_secs());
            }
            self.pause(200);
        }
    }

    /// One request. Whether all of it was acknowledged.
    fn attempt(&mut self, items: &[Item]) -> Result<bool> {
        let Some(url) = self.shared.url() else { return Ok(false) };
        self.requests += 1;
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let request = self.requests;
        self.record.append(&Event::Send { request, tasks: items.iter().map(|item| item.sent.clone()).collect() })?;
        let outcomes = match items {
            [item] if self.rng.percent(50) => self.api.submit_one(&url, &item.line),
            _ => self.api.submit_batch(&url, items),
        };
        let mut all = true;
        for outcome in &outcomes {
            match outcome {
                Outcome::Accepted { .. } => self.shared.acknowledged.fetch_add(1, Ordering::Relaxed),
                Outcome::Unknown(_) => self.shared.unanswered.fetch_add(1, Ordering::Relaxed),
                Outcome::Refused(code) => {
                    self.shared.refused(code);
                    0
                }
            };
            all &= matches!(outcome, Outcome::Accepted { .. });
        }
        self.record.append(&Event::Answer { request, outcomes })?;
        Ok(all)
    }

    fn pause(&mut self, ms_max: u64) {
        std::thread::sleep(Duration::from_millis(self.rng.between(0, ms_max)));
    }
}
