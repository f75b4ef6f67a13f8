//! Replaces values in what comes back from a server, also where one lies across two pieces.
//!
//! Who sees what passes must not learn from it what was looked for: how much is held back depends on how much came, and
//! on nothing else. All that shows is a whole value, by what stands in its place.

use std::sync::Arc;

use lockgate_core::egress::SecretText;

use super::escapes::ESCAPE_BYTES_MAX;
use super::values::{Found, Search, Values};

/// What is held back is a multiple of this, so that it hardly tells how long a value is.
const HELD_BYTES_STEP: usize = 1 << 10;

/// Knows the values that are looked for and what stands for each.
#[derive(Clone)]
pub struct Masker(Arc<Values>);

impl Masker {
    /// From pairs of a value and what is shown instead. `None`: there is nothing to replace.
    pub fn new(pairs: Vec<(SecretText, String)>) -> Option<Self> {
        Values::new(pairs).map(|values| Self(Arc::new(values)))
    }

    /// A whole text; `None`: it holds no value.
    pub fn masked(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut stream = self.clone().stream();
        stream.held.extend_from_slice(text);
        stream.search(text.len());
        (!stream.found.is_empty()).then(|| stream.release(text.len()))
    }

    /// A text that comes in pieces.
    pub fn stream(self) -> MaskedStream {
        // Behind the last byte that is passed on lies enough to see the end of any value that begins at it or before it.
        let held_bytes = (self.0.written_bytes_max() + ESCAPE_BYTES_MAX).next_multiple_of(HELD_BYTES_STEP);
        MaskedStream { values: self.0, held_bytes, held: Vec::new(), held_at: 0, passed: 0, search: Search::default(), found: Vec::new() }
    }
}

/// A text that comes in pieces. Of what has come, the last [`Self::held_bytes`] are held back.
pub struct MaskedStream {
    values: Arc<Values>,
    held_bytes: usize,
    held: Vec<u8>,
    /// The position in the text where `held` begins.
    held_at: usize,
    /// The position up to which the text has been passed on; beyond the end of what may pass after a value.
    passed: usize,
    search: Search,
    found: Vec<Found>,
}

impl MaskedStream {
    /// How many bytes are held back until the end, whatever they are.
    #[cfg(test)]
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// What may be passed on after this piece.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let end = self.held_at + self.held.len();
        // An escape may go on in the next piece.
        self.search((end + 1).saturating_sub(ESCAPE_BYTES_MAX));
        self.release(end.saturating_sub(self.held_bytes))
    }

    /// The rest.
    pub fn finish(&mut self) -> Vec<u8> {
        let end = self.held_at + self.held.len();
        self.search(end);
        self.release(end)
    }

    /// Looks for values up to this position.
    fn search(&mut self, end: usize) {
        while self.search.at() < end {
            let text = self.held.get(self.search.at() - self.held_at..).unwrap_or_default();
            self.search.step(&self.values, text, &mut self.found);
        }
    }

    /// Passes on what lies before this position. Each byte of a value is replaced, also where values overlap.
    fn release(&mut self, end: usize) -> Vec<u8> {
        let mut out = Vec::new();
        self.found.sort_unstable();
        let mut seen = 0;
        while self.passed < end {
            let mut over: Option<Found> = None;
            while let Some(found) = self.found.get(seen).filter(|found| found.start <= self.passed) {
                if found.end > self.passed && over.is_none_or(|longest| longest.end < found.end) {
                    over = Some(*found);
                }
                seen += 1;
            }
            let next = if let Some(found) = over {
                out.extend_from_slice(self.values.shown(found.value).as_bytes());
                found.end
            } else {
                let next = self.found.get(seen).map_or(end, |found| found.start.min(end));
                let plain = self.held.get(self.passed - self.held_at..next - self.held_at);
                out.extend_from_slice(plain.unwrap_or_default());
                next
            };
            self.passed = next;
        }
        self.found.drain(..seen);
        let passed = self.passed.min(self.search.at()) - self.held_at;
        self.held.drain(..passed.min(self.held.len()));
        self.held_at += passed;
        out
    }
}
