//! What clients and nemesis tell each other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use crate::check::Violation;

/// Shared by all threads of a run.
#[derive(Debug, Default)]
pub struct Shared {
    url: RwLock<Option<String>>,
    closing: AtomicBool,
    /// Requests sent.
    pub requests: AtomicU64,
    /// Tasks acknowledged, repetitions included.
    pub acknowledged: AtomicU64,
    /// Tasks of requests without an answer, or with one that says that nobody knows.
    pub unanswered: AtomicU64,
    /// Tasks refused, by code.
    refused: Mutex<BTreeMap<String, u64>>,
    violations: Mutex<Vec<Violation>>,
}

impl Shared {
    /// Where the server listens, if there is one.
    pub fn url(&self) -> Option<String> {
        self.url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells the clients where to go.
    pub fn set_url(&self, url: Option<String>) {
        *self.url.write().unwrap_or_else(PoisonError::into_inner) = url;
    }

    /// Whether clients are to come to an end.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Asks them to.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// Counts a refusal.
    pub fn refused(&self, code: &str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(code.to_owned()).or_default() += 1;
    }

    /// Refusals by code.
    pub fn refusals(&self) -> BTreeMap<String, u64> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something that the checker cannot see in the end.
    pub fn violated(&self, kind: &'static str, detail: impl Into<String>) {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).push(Violation::new(kind, detail));
    }

    /// All of those, once.
    pub fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut *self.violations.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
