//! What was read of each stream, and which of them a line is of.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::qualified;
use super::protocol::{Message, beginning, is_alike, namespace};

/// What was read of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Records that were passed on.
    pub records: u64,
    /// Their bytes, as the connector wrote them.
    pub bytes: u64,
}

impl Count {
    /// Adds a record.
    pub fn add(&mut self, line: &[u8]) {
        (self.records, self.bytes) = (self.records + 1, self.bytes + line.len() as u64);
    }
}

/// What was read, stream by stream. One record follows another of the same stream most often.
#[derive(Debug, Default)]
pub struct Counts {
    streams: BTreeMap<String, Count>,
    current: Option<(String, Count)>,
    /// How lines begin that are records of the current stream, if that is told by their beginning.
    beginning: Vec<u8>,
    ambiguous: BTreeSet<String>,
}

impl Counts {
    /// None so far. The names that several streams have are told apart by their namespaces.
    pub fn new(ambiguous: BTreeSet<String>) -> Self {
        Self { ambiguous, ..Self::default() }
    }

    /// Makes the stream of a line the current one, where the line is a record; else it is what it is.
    pub fn turn<'a>(&mut self, line: &'a [u8]) -> Line<'a> {
        if self.current.is_some() && !self.beginning.is_empty() && is_alike(line, &self.beginning) {
            return Line::Next;
        }
        match Message::of(line) {
            Some(Message::Record(stream)) if self.ambiguous.contains(&*stream) => {
                self.turn_to(&qualified(namespace(line).as_deref(), &stream));
                // A record of another namespace may begin alike.
                self.beginning.clear();
                Line::Record
            }
            Some(Message::Record(stream)) => {
                self.turn_to(&stream);
                self.beginning.clear();
                self.beginning.extend_from_slice(beginning(line).unwrap_or_default());
                Line::Record
            }
            other => Line::Other(other),
        }
    }

    fn turn_to(&mut self, stream: &str) {
        if self.current.as_ref().is_none_or(|(name, _)| name != stream) {
            self.settle();
            let count = self.streams.remove(stream).unwrap_or_default();
            self.current = Some((stream.to_owned(), count));
        }
    }

    /// The stream that is the current one.
    pub fn current(&mut self) -> (&str, &mut Count) {
        let (name, count) = self.current.get_or_insert_default();
        (name, count)
    }

    /// Puts the current stream to the others, in the order of their names.
    pub fn settle(&mut self) {
        self.streams.extend(self.current.take());
    }

    /// Each stream with what was read of it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Count)> {
        let settled = self.streams.iter().map(|(name, count)| (name.as_str(), count));
        settled.chain(self.current.as_ref().map(|(name, count)| (name.as_str(), count)))
    }
}

/// What a line is.
pub enum Line<'a> {
    /// A record of the same stream as the one before.
    Next,
    /// A record, of the stream that is the current one now.
    Record,
    /// Something else, or no message.
    Other(Option<Message<'a>>),
}
