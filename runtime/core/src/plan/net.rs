//! Of rows that a plan wrote more than once, the first state before and the last after.

use std::sync::Arc;

use crate::change::Change;
use crate::key::{FormerKey, TombKey};
use crate::maps::HashMap;
use crate::model::ContentModel;
use crate::plan::Planned;
use crate::rows::{LooseId, RowId};

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Row(RowId),
    Loose(LooseId),
    Former(FormerKey),
    Tomb(TombKey),
}

/// One change for each row, with the task that wrote it last: `writers`, or by default the one that caused the last
/// change. `order` says whose each change was.
pub(super) fn net(mut plans: Vec<Planned>, order: &[usize], writers: &HashMap<RowId, usize>, model: &ContentModel) -> Vec<Planned> {
    let mut changes: Vec<_> = plans.iter_mut().map(|planned| std::mem::take(&mut planned.changes).into_iter()).collect();
    let mut sums: Vec<Option<(usize, Change)>> = Vec::with_capacity(order.len());
    let mut places: HashMap<Whose, usize> = HashMap::default();
    for at in order {
        let Some(change) = changes.get_mut(*at).and_then(Iterator::next) else { continue };
        let Some(whose) = whose(&change) else { continue };
        let sum = match places.get(&whose).and_then(|place| sums.get_mut(*place)).and_then(Option::take) {
            Some((_, before)) => joined(before, change),
            None => change,
        };
        let at = match &whose {
            Whose::Row(row) => writers.get(row).unwrap_or(at),
            _ => at,
        };
        // Where the last change was, so that what it relies on comes before.
        places.insert(whose, sums.len());
        sums.push(Some((*at, sum)));
    }
    for (at, sum) in sums.into_iter().flatten() {
        if let (Some(planned), false) = (plans.get_mut(at), is_nothing(&sum)) {
            planned.changes.push(sum);
        }
    }
    for planned in &mut plans {
        planned.touched = planned.changes.iter().flat_map(|change| change.touched(model)).collect();
    }
    plans
}

fn whose(change: &Change) -> Option<Whose> {
    Some(match change {
        Change::Object(before, after) => Whose::Row(RowId::Object(after.as_ref().or(before.as_ref())?.id)),
        Change::Page(before, after) => Whose::Row(RowId::Page(after.as_ref().or(before.as_ref())?.id)),
        Change::Binding(before, after) => Whose::Row(RowId::Binding(after.as_ref().or(before.as_ref())?.id)),
        Change::Loose(before, after) => Whose::Loose(after.as_ref().or(before.as_ref())?.id),
        Change::Former(key, ..) => Whose::Former(key.clone()),
        Change::Tomb(key, ..) => Whose::Tomb(key.clone()),
    })
}

fn joined(first: Change, last: Change) -> Change {
    match (first, last) {
        (Change::Object(before, _), Change::Object(_, after)) => Change::Object(before, after),
        (Change::Page(before, _), Change::Page(_, after)) => Change::Page(before, after),
        (Change::Binding(before, _), Change::Binding(_, after)) => Change::Binding(before, after),
        (Change::Loose(before, _), Change::Loose(_, after)) => Change::Loose(before, after),
        (Change::Former(key, before, _), Change::Former(_, _, after)) => Change::Former(key, before, after),
        (Change::Tomb(key, before, _), Change::Tomb(_, _, after)) => Change::Tomb(key, before, after),
        // Of one thing all changes are of one kind.
        (_, last) => last,
    }
}

/// Whether in the end everything is as it was.
fn is_nothing(change: &Change) -> bool {
    fn same<R: PartialEq>(before: &Option<Arc<R>>, after: &Option<Arc<R>>, alike: impl Fn(&R, &R) -> bool) -> bool {
        match (before, after) {
            (None, None) => true,
            (Some(before), Some(after)) => alike(before, after),
            _ => false,
        }
    }
    match change {
        Change::Object(before, after) => same(before, after, |before, after| {
            let mut last = after.clone();
            last.modified_ms = before.modified_ms;
            *before == last && before.code_name.as_str() == after.code_name.as_str()
        }),
        Change::Page(before, after) => same(before, after, |before, after| {
            let mut last = after.clone();
            last.modified_ms = before.modified_ms;
            *before == last && before.alias.as_str() == after.alias.as_str()
        }),
        Change::Binding(before, after) => same(before, after, |before, after| before == after),
        // To put one that is the same says that it was looked at.
        Change::Loose(before, after) => before.is_none() && after.is_none(),
        Change::Former(_, before, after) => before == after,
        Change::Tomb(_, before, after) => before == after,
    }
}
