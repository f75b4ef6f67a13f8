//! How queues stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_bus::{Blocked, Followers, QueueStanding};
use lockgate_core::names::ConnectorName;
use serde::Serialize;

use super::task::FailureWire;
use super::time;

/// How many tasks of one connector wait for what.
#[derive(Serialize)]
pub(crate) struct QueueWire {
    queued: u64,
    failing: u64,
    parked: u64,
    behind: u64,
    failed: u64,
    loose_ends: u64,
    oldest_submitted_at: Option<String>,
    blocked: Option<BlockedWire>,
    rests: Option<&'static str>,
}

/// What a queue stands behind.
#[derive(Serialize)]
struct BlockedWire {
    task: u64,
    title: Arc<str>,
    failure: Option<FailureWire>,
    since: Option<String>,
    until: Option<String>,
    waiting: u64,
}

impl From<QueueStanding> for QueueWire {
    fn from(standing: QueueStanding) -> Self {
        let QueueStanding { queued, failing, parked, behind, failed, loose_ends, oldest_ms, blocked, rests } = standing;
        let oldest_submitted_at = oldest_ms.and_then(time);
        Self { queued, failing, parked, behind, failed, loose_ends, oldest_submitted_at, blocked: blocked.map(Into::into), rests }
    }
}

impl From<Blocked> for BlockedWire {
    fn from(blocked: Blocked) -> Self {
        Self {
            task: blocked.by.0,
            title: blocked.title,
            failure: blocked.failure.map(Into::into),
            since: blocked.since_ms.and_then(time),
            until: blocked.until_ms.and_then(time),
            waiting: blocked.waiting,
        }
    }
}

/// All connectors by name.
pub(crate) fn queues(standings: BTreeMap<ConnectorName, QueueStanding>) -> BTreeMap<String, QueueWire> {
    standings.into_iter().map(|(name, standing)| (name.to_string(), standing.into())).collect()
}

/// Who waits for the end of one task.
#[derive(Serialize)]
pub(crate) struct FollowersWire {
    total: u64,
    more: bool,
    first: Vec<u64>,
}

impl From<Followers> for FollowersWire {
    fn from(followers: Followers) -> Self {
        Self { total: followers.total, more: followers.more, first: followers.first.iter().map(|id| id.0).collect() }
    }
}
