//! Replaces values in what comes back from a server, also where one lies across two pieces.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, Input, MatchKind};

/// Knows all values of a connector and what stands for each.
#[derive(Clone)]
pub struct Masker(Arc<Patterns>);

struct Patterns {
    find: AhoCorasick,
    values: Vec<Vec<u8>>,
    shown: Vec<String>,
    longest: usize,
}

impl Masker {
    /// From pairs of a value and what is shown instead. `None`: there is nothing to replace.
    pub fn new(pairs: impl Iterator<Item = (String, String)>) -> Option<Self> {
        let (values, shown): (Vec<_>, Vec<_>) = pairs.filter(|(value, _)| !value.is_empty()).unzip();
        if values.is_empty() {
            return None;
        }
        // Building fails only with more patterns than memory has room for.
        let find = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&values).ok()?;
        let values: Vec<Vec<u8>> = values.into_iter().map(String::into_bytes).collect();
        let longest = values.iter().map(Vec::len).max().unwrap_or(0);
        Some(Self(Arc::new(Patterns { find, values, shown, longest })))
    }

    /// A whole text.
    pub fn masked(&self, text: &[u8]) -> Vec<u8> {
        self.0.find.replace_all_bytes(text, &self.0.shown)
    }

    /// A text that comes in pieces.
    pub fn stream(self) -> MaskedStream {
        MaskedStream { patterns: self.0, held: Vec::new() }
    }
}

/// A text that comes in pieces. What may be the beginning of a value is held back.
pub struct MaskedStream {
    patterns: Arc<Patterns>,
    held: Vec<u8>,
}

impl MaskedStream {
    /// What may be passed on after this piece.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let mut out = Vec::with_capacity(self.held.len());
        let mut at = 0;
        loop {
            let open = self.patterns.open_at(&self.held, at);
            let found = self.patterns.find.find(Input::new(&self.held).range(at..)).filter(|found| found.start() < open);
            let until = found.map_or(open, |found| found.start());
            out.extend_from_slice(self.held.get(at..until).unwrap_or_default());
            let Some(found) = found else {
                self.held.drain(..open);
                return out;
            };
            out.extend_from_slice(self.patterns.shown.get(found.pattern().as_usize()).map_or(b"", |shown| shown.as_bytes()));
            at = found.end();
        }
    }

    /// The rest.
    pub fn finish(&mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        self.patterns.find.replace_all_bytes(&held, &self.patterns.shown)
    }
}

impl Patterns {
    /// Where, from `at`, the text ends with the beginning of a value; its length if it does not.
    fn open_at(&self, text: &[u8], at: usize) -> usize {
        let earliest = (text.len() + 1).saturating_sub(self.longest).max(at);
        let begins = |from: &usize| {
            let rest = text.get(*from..).unwrap_or_default();
            self.values.iter().any(|value| value.len() > rest.len() && value.starts_with(rest))
        };
        (earliest..text.len()).find(begins).unwrap_or(text.len())
    }
}
