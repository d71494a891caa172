//! A file that is written in large pieces, each made of many small ones.

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Range;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr3};

use super::lines::Block;
use crate::host::source::widen;

/// As many bytes as are kept before they are written.
const KEPT: usize = 64 * 1024;
/// How much room is kept for what comes next; only a long line needs more.
const ROOM: usize = 4 * KEPT;
/// The least room that is made.
const LEAST: usize = 4 * 1024;
/// As many bytes as are copied at once.
const STEP: usize = 16;

/// Where lines are put together.
#[derive(Debug)]
pub struct Sink {
    /// None while it is closed.
    file: Option<File>,
    /// Where it is opened again.
    path: PathBuf,
    bytes: Vec<u8>,
    filled: usize,
}

impl Sink {
    /// Writes to this file.
    pub fn new(file: File) -> Self {
        Self::at(PathBuf::new(), file)
    }

    /// Writes to the file of this path, which may be [closed](Sink::close).
    pub fn at(path: PathBuf, file: File) -> Self {
        Self { file: Some(file), path, bytes: Vec::new(), filled: 0 }
    }

    /// Adds a line and its end.
    pub fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.add(line);
        self.end()
    }

    /// Whether the file is a pipe.
    pub fn is_pipe(&self) -> bool {
        self.file.as_ref().and_then(|file| file.metadata().ok()).is_some_and(|it| it.file_type().is_fifo())
    }

    /// Makes the file hold more, where it is a pipe.
    pub fn widen(&self) {
        self.file.iter().for_each(widen);
    }

    /// Adds lines with their ends, a part of `block`. Many go on at once, without being kept.
    pub fn lines(&mut self, block: &mut Block<'_>, part: Range<usize>) -> io::Result<()> {
        let lines = &block.text[part.clone()];
        if lines.len() < KEPT {
            self.add(lines);
            return self.write_full();
        }
        self.flush()?;
        block.pass(part, open(&mut self.file, &self.path)?)
    }

    fn add(&mut self, bytes: &[u8]) {
        self.room(bytes.len() + 1);
        self.bytes[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    /// Adds a byte.
    #[expect(clippy::inline_always, reason = "a call takes longer than a byte")]
    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        self.room(1);
        self.bytes[self.filled] = byte;
        self.filled += 1;
    }

    /// Adds a part of `text`, which is short most often.
    ///
    /// What a short text costs to be copied is the call: musl's `memcpy` took half of the time that a record takes. Here it
    /// is copied in steps, the last of which takes along what is behind the part, to be overwritten by what is next.
    pub fn part(&mut self, text: &[u8], start: usize, end: usize) {
        self.room(end - start + STEP);
        let (mut from, mut to) = (start, self.filled);
        while from < end {
            let source = text.get(from..).and_then(<[u8]>::first_chunk::<STEP>);
            let target = self.bytes.get_mut(to..).and_then(<[u8]>::first_chunk_mut::<STEP>);
            if let (Some(source), Some(target)) = (source, target) {
                *target = *source;
                (from, to) = (from + STEP, to + STEP);
            } else {
                self.bytes[to] = text[from];
                (from, to) = (from + 1, to + 1);
            }
        }
        self.filled += end - start;
    }

    /// Adds a part of `text` as a value of CSV (RFC 4180), in quotes where it needs them.
    pub fn cell(&mut self, text: &[u8], start: usize, end: usize) {
        let cell = &text[start..end];
        if memchr3(b',', b'"', b'\n', cell).is_none() && memchr(b'\r', cell).is_none() {
            return self.part(text, start, end);
        }
        let mut start = start;
        self.byte(b'"');
        while let Some(at) = memchr(b'"', &text[start..end]) {
            self.part(text, start, start + at + 1);
            self.byte(b'"');
            start += at + 1;
        }
        self.part(text, start, end);
        self.byte(b'"');
    }

    /// Ends a line.
    pub fn end(&mut self) -> io::Result<()> {
        self.byte(b'\n');
        self.write_full()
    }

    fn write_full(&mut self) -> io::Result<()> {
        if self.filled < KEPT { Ok(()) } else { self.flush() }
    }

    /// Writes what is kept.
    pub fn flush(&mut self) -> io::Result<()> {
        let filled = std::mem::take(&mut self.filled);
        if filled == 0 {
            return Ok(());
        }
        let written = open(&mut self.file, &self.path).and_then(|file| file.write_all(&self.bytes[..filled]));
        if self.bytes.len() > ROOM {
            self.bytes = Vec::new();
        }
        written
    }

    /// Writes what is kept, and gives the room for more back, which is made anew when it is needed.
    pub fn rest(&mut self) -> io::Result<()> {
        let written = self.flush();
        self.bytes = Vec::new();
        written
    }

    /// Whether the file is open.
    pub fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Closes the file, which is opened again when something is to be written.
    pub fn close(&mut self) {
        self.file = None;
    }

    #[expect(clippy::inline_always, reason = "there is room most often, and a call takes longer than a look")]
    #[inline(always)]
    fn room(&mut self, more: usize) {
        let needed = self.filled + more;
        if self.bytes.len() < needed {
            self.grow(needed);
        }
    }

    fn grow(&mut self, needed: usize) {
        self.bytes.resize(needed.max(LEAST).next_power_of_two(), 0);
    }
}

/// The file, opened where it is closed. It is there: a new one would lack what was written before.
fn open<'a>(file: &'a mut Option<File>, path: &Path) -> io::Result<&'a mut File> {
    match file {
        Some(file) => Ok(file),
        closed => Ok(closed.insert(fs_err::OpenOptions::new().append(true).open(path)?.into_parts().0)),
    }
}

#[cfg(test)]
impl Sink {
    /// How much room it takes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_opened_again_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("of a stream");
        let mut sink = Sink::at(path.clone(), File::create(&path).unwrap());
        sink.line(b"{}").unwrap();
        sink.close();
        std::fs::remove_file(&path).unwrap();
        let error = sink.flush().unwrap_err();
        assert!(error.kind() == io::ErrorKind::NotFound && error.to_string().contains("of a stream"), "{error}");
        assert!(!path.exists());
    }
}
