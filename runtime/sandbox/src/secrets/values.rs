//! Finds values in a text, however each of their characters is written.

use std::collections::BTreeMap;

use lockgate_core::egress::SecretText;

use super::escapes::{BYTES_PER_BYTE_MAX, ESCAPE_BYTES_MAX, Reading, escape};

/// Positions of a text that a reading which begins at one of them can end at.
const AHEAD: usize = ESCAPE_BYTES_MAX + 1;

/// Values, and what is shown instead of each.
pub struct Values {
    pairs: Vec<(SecretText, String)>,
    /// By byte: whether a value begins with it.
    begins: [bool; 256],
}

/// Where a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// Which value.
    pub value: usize,
}

impl Values {
    /// `None`: there are none. Empty ones are nowhere to be found.
    pub fn new(mut pairs: Vec<(SecretText, String)>) -> Option<Self> {
        pairs.retain(|(value, _)| !value.expose().is_empty());
        let mut begins = [false; 256];
        for first in pairs.iter().filter_map(|(value, _)| value.expose().bytes().next()) {
            if let Some(begins) = begins.get_mut(usize::from(first)) {
                *begins = true;
            }
        }
        (!pairs.is_empty()).then_some(Self { pairs, begins })
    }

    /// Longest form of any of them.
    pub fn written_bytes_max(&self) -> usize {
        self.pairs.iter().map(|(value, _)| value.expose().len()).max().unwrap_or(0).saturating_mul(BYTES_PER_BYTE_MAX)
    }

    /// What is shown instead of a value.
    pub fn shown(&self, value: usize) -> &str {
        self.pairs.get(value).map_or("", |(_, shown)| shown)
    }

    /// The bytes of a value from some byte on.
    fn rest(&self, value: usize, read: usize) -> &[u8] {
        self.pairs.get(value).and_then(|(value, _)| value.expose().as_bytes().get(read..)).unwrap_or_default()
    }

    fn begin_with(&self, byte: u8) -> bool {
        self.begins.get(usize::from(byte)).copied().unwrap_or_default()
    }
}

/// A search through a text that is read once, byte by byte. What it keeps is bounded by the length of the values: for each
/// of the next positions, the beginnings of values that may end there.
#[derive(Default)]
pub struct Search {
    /// By position, modulo their number: which value, how many of its bytes; and where that began, at the earliest.
    begun: [BTreeMap<(usize, usize), usize>; AHEAD],
    /// The position that comes next.
    at: usize,
}

impl Search {
    /// The position that comes next.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Reads the byte that a text begins with, which is the one at [`Self::at`], and all that it can begin. Needs
    /// [`ESCAPE_BYTES_MAX`] bytes of the text, or its end.
    pub fn step(&mut self, values: &Values, text: &[u8], found: &mut Vec<Found>) {
        let Some(byte) = text.first() else { return };
        let at = self.at;
        self.at += 1;
        let begun = self.begun.get_mut(at % AHEAD).map(std::mem::take).unwrap_or_default();
        for reading in [Some(Reading::plain(*byte)), escape(text)].into_iter().flatten() {
            let read = reading.text();
            let end = at + reading.length;
            let mut goes_on = |value: usize, before: usize, start: usize| {
                let Some(left) = values.rest(value, before).strip_prefix(read) else { return };
                if left.is_empty() {
                    found.push(Found { start, end, value });
                } else if let Some(begun) = self.begun.get_mut(end % AHEAD) {
                    begun.entry((value, before + read.len())).and_modify(|known| *known = start.min(*known)).or_insert(start);
                }
            };
            for ((value, before), start) in &begun {
                goes_on(*value, *before, *start);
            }
            if read.first().is_some_and(|first| values.begin_with(*first)) {
                for value in 0..values.pairs.len() {
                    goes_on(value, 0, at);
                }
            }
        }
    }
}
