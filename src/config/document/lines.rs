//! From an offset in a text to line and column.

use super::Position;

/// Where the lines of a text start.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    indent: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self::indented(text, 0)
    }

    /// The lines of a text that was taken from behind so many characters of each line.
    pub(super) fn indented(text: &'a str, indent: usize) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect(), indent }
    }

    /// The place of a byte; one behind the end is at the end.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let before = &self.text.as_bytes()[self.starts[line - 1]..offset];
        // Every byte but the continuation bytes of UTF-8 starts a character.
        let column = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1 + self.indent;
        Position { line, column }
    }
}
