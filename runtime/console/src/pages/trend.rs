//! How many tasks ended, and how old the oldest was, over the last hours: found in the history, whose entries have
//! ascending numbers and times. What was found is kept with the session: the past stays as it was.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::html::chart::{Chart, chart};
use crate::html::part::number;
use crate::html::time::{ms, span};
use crate::look::Look as _;
use crate::page::{Ended, Page};

/// Choices of how many hours are shown.
pub(crate) const HOURS: [i64; 3] = [1, 24, 72];
/// Bars of a chart.
const BARS: i64 = 36;
/// Moments that are kept.
const KEPT_MAX: usize = 500;

/// What stood in the history at moments of the past, by ms since 1970.
pub(crate) type Kept = BTreeMap<i64, At>;

/// The history at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// The newest entry that had been written.
    number: u64,
    /// When the task was submitted whose entry came next; it was waiting then.
    next_submitted_ms: Option<i64>,
}

/// One entry, as far as it matters here.
#[derive(Debug, Clone, Copy)]
struct Entry {
    number: u64,
    ended_ms: i64,
    submitted_ms: i64,
}

/// Two charts of so many hours.
pub(crate) async fn charts(page: &Page, hours: i64) -> Result<Markup, Ended> {
    let bar_ms = hours * 3_600_000 / BARS;
    let newest = entry_before(page, None).await?;
    let end = page.now.0 / bar_ms * bar_ms;
    let mut moments: Vec<(i64, Option<At>)> = Vec::new();
    let mut from = newest;
    for back in 0..BARS {
        let moment = end - back * bar_ms;
        let at = at(page, moment, from).await?;
        from = match at {
            Some(at) => entry_before(page, Some(at.number + 1)).await?,
            None => None,
        };
        moments.push((moment, at));
    }
    moments.reverse();
    let times: Vec<String> = moments.iter().map(|(moment, _)| clock(*moment, hours)).collect();
    let ends = moments.iter().skip(1).map(|(_, at)| at.map(|at| at.number)).chain([newest.map(|entry| entry.number)]);
    let minutes = bar_ms as f64 / 60_000.0;
    let ended: Vec<Option<f64>> = moments
        .iter()
        .zip(ends)
        .map(|((_, at), end)| Some(end?.saturating_sub(at.map_or(0, |at| at.number)) as f64 / minutes))
        .map(|rate| Some(rate.unwrap_or(0.0)))
        .collect();
    let oldest_ms = page.status.members("queues").iter().filter_map(|(_, queue)| ms(queue.text("oldest_submitted_at"))).min();
    let age = |moment: i64, submitted: Option<i64>| {
        let waited =
            [submitted, oldest_ms].into_iter().flatten().filter(|submitted| *submitted <= moment).map(|submitted| moment - submitted);
        Some(waited.max().unwrap_or(0) as f64)
    };
    let mut ages: Vec<Option<f64>> = moments.iter().map(|(moment, at)| age(*moment, at.and_then(|at| at.next_submitted_ms))).collect();
    if let Some(last) = ages.last_mut() {
        *last = age(page.now.0, None);
    }
    Ok(html! {
        (chart(&Chart { title: "Tasks ended a minute", values: &ended, times: &times, write: rate }))
        (chart(&Chart { title: "Age of the oldest task", values: &ages, times: &times, write: |ms| span(ms as i64) }))
    })
}

fn rate(rate: f64) -> String {
    if rate >= 10.0 || rate == 0.0 { number(rate as u64) } else { format!("{rate:.1}") }
}

fn clock(moment: i64, hours: i64) -> String {
    let text = Timestamp::from_millisecond(moment).map(|time| time.to_string()).unwrap_or_default();
    let (from, to) = if hours > 24 { (5, 16) } else { (11, 16) };
    text.get(from..to).unwrap_or_default().replace('T', " ")
}

/// The history as it was at a moment, looked for below an entry that is newer.
async fn at(page: &Page, moment: i64, newer: Option<Entry>) -> Result<Option<At>, Ended> {
    if let Some(kept) = page.session.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&moment) {
        return Ok(Some(*kept));
    }
    let Some(newer) = newer else { return Ok(None) };
    if newer.ended_ms <= moment {
        return Ok(Some(At { number: newer.number, next_submitted_ms: None }));
    }
    // Of entries up to `low` it is known that they ended by then, or are not kept any more.
    let (mut low, mut high, mut found) = (0, newer, None);
    while low + 1 < high.number {
        let middle = low + (high.number - low) / 2;
        match entry_before(page, Some(middle + 1)).await? {
            Some(entry) if entry.ended_ms > moment => high = entry,
            Some(entry) => {
                low = middle;
                found = Some(entry.number);
            }
            None => low = middle,
        }
    }
    let at = found.map(|number| At { number, next_submitted_ms: Some(high.submitted_ms) });
    if let Some(at) = at {
        let mut kept = page.session.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= KEPT_MAX {
            kept.pop_first();
        }
        kept.insert(moment, at);
    }
    Ok(at)
}

/// The newest entry with a number below this.
async fn entry_before(page: &Page, before: Option<u64>) -> Result<Option<Entry>, Ended> {
    let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
    let answer = page.get(&format!("/v1/history?limit=1{before}")).await?;
    Ok(answer.list("history").first().map(|entry| Entry {
        number: entry.number("number"),
        ended_ms: ms(entry.text("ended_at")).unwrap_or_default(),
        submitted_ms: ms(entry.text("submitted_at")).unwrap_or_default(),
    }))
}
