//! Which records of a read are wanted: of which streams, and how many of each.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Count;

/// What is wanted, and how much of it is there.
#[derive(Debug, Default)]
pub struct Quota {
    streams: BTreeSet<String>,
    limit: Option<u64>,
    /// How many of the streams have as many records as are wanted.
    full: usize,
    /// Whether records beyond the limit were left out.
    is_cut: bool,
    /// Whether the stream whose records come now is one of them.
    is_listed: bool,
    /// How many records were left out of each stream that is none of them.
    strange: BTreeMap<String, u64>,
}

impl Quota {
    /// All records of these streams, or as many of each.
    pub fn new(streams: BTreeSet<String>, limit: Option<u64>) -> Self {
        Self { streams, limit, ..Self::default() }
    }

    /// Whether there may be any number of records.
    pub fn is_endless(&self) -> bool {
        self.limit.is_none()
    }

    /// Makes a stream the one whose records come now; whether it is one of those that are wanted.
    pub fn turn_to(&mut self, stream: &str) -> bool {
        self.is_listed = self.streams.contains(stream);
        self.is_listed
    }

    /// Whether the stream whose records come now is one of those that are wanted.
    pub fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// Whether another record of the stream is wanted whose records come now, of which there are so many; if not, it is left
    /// out. There is no limit for a stream that is none of those that are wanted.
    pub fn takes(&mut self, count: &Count) -> bool {
        let takes = !self.is_listed || self.limit.is_none_or(|limit| count.records < limit);
        self.is_cut |= !takes;
        takes
    }

    /// Notes that the stream whose records come now has one more. A connector may write of others than it was asked for,
    /// which are waited for as little as they count.
    pub fn note(&mut self, count: &Count) {
        self.full += usize::from(self.is_listed && self.limit == Some(count.records));
    }

    /// Whether there is all that is wanted.
    pub fn is_full(&self) -> bool {
        self.limit.is_some() && self.full >= self.streams.len()
    }

    /// Whether records beyond the limit were left out.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Leaves out a record of a stream that is not wanted.
    pub fn leave_out(&mut self, stream: &str) {
        match self.strange.get_mut(stream) {
            Some(count) => *count += 1,
            None => drop(self.strange.insert(stream.to_owned(), 1)),
        }
    }

    /// The streams that were not wanted, with how many of their records were left out.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, u64)> {
        self.strange.iter().map(|(stream, count)| (stream.as_str(), *count))
    }
}
