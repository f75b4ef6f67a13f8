//! What is open: what a task needs of rows other than its own, and what would help (§11).

use std::sync::Arc;

use crate::failure::{Failure, sanitised};
use crate::key::Key;
use crate::mark::{Mark, brings_name};
use crate::names::ExternalId;
use crate::park::Want;
use crate::plan::identity::{any_page, brings_row};
use crate::plan::{Stop, Unmet};
use crate::rows::{ObjectRow, PageRow};

/// One thing that stands in the way.
#[derive(Debug, Clone)]
pub(super) struct Open {
    failure: Failure,
    pub(super) wants: Vec<Want>,
    helpers: Vec<Mark>,
}

impl Open {
    /// Nothing is wanted yet.
    pub(super) fn new(failure: Failure) -> Self {
        Self { failure, wants: Vec::new(), helpers: Vec::new() }
    }

    /// For people.
    pub(super) fn message(&self) -> Arc<str> {
        self.failure.message.clone()
    }

    /// Why.
    pub(super) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Says in its message what was looked for.
    pub(super) fn with_looked_for(&mut self) {
        if let Some(want) = self.wants.last() {
            let message = format!("{} (looked for {})", self.failure.message, want.what);
            self.failure.message = sanitised(&message).into();
        }
    }

    /// Something is waited for.
    pub(super) fn want(&mut self, key: impl Into<Key>, what: &str, external: Option<&str>) {
        let mark = key.into().mark();
        if self.wants.iter().all(|want| want.mark != mark) {
            let external = external.map(|external| sanitised(external).into());
            self.wants.push(Want { mark, what: sanitised(what).into(), external });
        }
    }

    /// Whoever brings this would help.
    pub(super) fn helper(&mut self, mark: Mark) {
        if !self.helpers.contains(&mark) {
            self.helpers.push(mark);
        }
    }

    /// Whoever changes this object would help.
    pub(super) fn changed_object(&mut self, row: &ObjectRow) {
        for mark in brings_row(&row.object_type, row.guid_given.then_some(row.guid), Some(row.code_name.key())) {
            self.helper(mark);
        }
    }

    /// Whoever changes this page would help.
    pub(super) fn changed_page(&mut self, row: &PageRow) {
        let Some(page) = any_page() else { return };
        for mark in brings_row(page, row.guid_given.then_some(row.guid), Some(row.alias.key())) {
            self.helper(mark);
        }
    }

    /// Whoever brings a page of this alias would help.
    pub(super) fn brings_alias(&mut self, alias: &str) {
        if let Some(page) = any_page() {
            self.helper(brings_name(page, alias));
        }
    }
}

impl From<Open> for Stop {
    fn from(open: Open) -> Self {
        unmet(std::iter::once(open))
    }
}

impl From<Unmet> for Open {
    fn from(unmet: Unmet) -> Self {
        Self { failure: unmet.failure, wants: unmet.wants, helpers: unmet.helpers }
    }
}

/// Everything that stands in the way of one task; the first of it is what people are told.
pub(super) fn unmet(all: impl Iterator<Item = Open>) -> Stop {
    let mut sum: Option<Unmet> = None;
    for Open { failure, wants, helpers } in all {
        match &mut sum {
            None => sum = Some(Unmet { failure, wants, helpers, would: Vec::new(), lines: Vec::new() }),
            Some(sum) => {
                sum.wants.extend(wants);
                sum.helpers.extend(helpers);
            }
        }
    }
    match sum {
        Some(mut unmet) => {
            let mut seen = crate::maps::HashSet::default();
            unmet.wants.retain(|want| seen.insert(want.mark));
            unmet.helpers.sort_unstable();
            unmet.helpers.dedup();
            Stop::Unmet(Box::new(unmet))
        }
        // Nothing is open: nobody asks then.
        None => Stop::Commit,
    }
}

/// An external id as a shared text.
pub(super) fn external(id: &ExternalId) -> Arc<str> {
    id.as_str().into()
}
