//! What a task used of what it might.

use lockgate_core::history::Used;
use serde::Serialize;

/// Each with its limit.
#[derive(Serialize)]
pub(crate) struct UsedWire {
    /// All calls into the guest together, in µs; the limit is that of a single call, below.
    guest_us: u64,
    call_us: OfLimit,
    memory_bytes: OfLimit,
    output_bytes: OfLimit,
    http_calls: OfLimit,
    http_bytes: OfLimit,
}

/// The limit is null in entries that were written before limits were kept.
#[derive(Serialize)]
struct OfLimit {
    used: u64,
    limit: Option<u64>,
}

impl UsedWire {
    /// `None`: the task needed no instance, so that nothing was used.
    pub(crate) fn new(used: &Used) -> Option<Self> {
        if *used == Used::default() {
            return None;
        }
        // A deadline is never 0.
        let kept = used.deadline_ms > 0;
        let of = |used: u64, limit: u64| OfLimit { used, limit: kept.then_some(limit) };
        Some(Self {
            guest_us: used.guest_us,
            call_us: of(used.longest_call_us, used.deadline_ms.saturating_mul(1_000)),
            memory_bytes: of(used.memory_bytes, used.memory_bytes_max),
            output_bytes: of(used.output_bytes, used.output_bytes_max),
            http_calls: of(used.http_calls.into(), used.http_calls_max.into()),
            http_bytes: of(used.http_bytes, used.http_bytes_max),
        })
    }
}
