//! What clients and nemesis tell each other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use crate::check::Violation;

/// Shared by all threads of a run.
#[derive(Debug, Default)]
pub struct Shared {
    urls: RwLock<Vec<String>>,
    /// Counts who asked where to go.
    asked: AtomicUsize,
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
    /// Where a server listens, if there is one: each in turn.
    pub fn url(&self) -> Option<String> {
        let urls = self.urls.read().unwrap_or_else(PoisonError::into_inner);
        let turn = self.asked.fetch_add(1, Ordering::Relaxed).checked_rem(urls.len())?;
        urls.get(turn).cloned()
    }

    /// Tells the clients where to go.
    pub fn set_url(&self, url: Option<String>) {
        self.set_urls(url.into_iter().collect());
    }

    /// The same of several servers.
    pub fn set_urls(&self, urls: Vec<String>) {
        *self.urls.write().unwrap_or_else(PoisonError::into_inner) = urls;
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
