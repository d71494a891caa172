//! Bytes that can be passed on from one pipe to another without being copied.
//!
//! What is read from a pipe is gone from it. So a second pipe is given the same pages (`tee(2)`) and is read in its place;
//! then the pages are moved from the first to where they go (`splice(2)`), or taken out of it.

use std::fs::File;
use std::io::{self, Read};

/// What is read, piece by piece.
pub trait Source: Read {
    /// From now on a piece is kept until the next one is read, to be passed on, where that is possible.
    fn keep(&mut self) {}

    /// Moves a part of the last piece that was read to a pipe; parts come in their order. Says whether it did: where it did
    /// not, nothing was moved.
    fn pass(&mut self, _start: usize, _end: usize, _pipe: &File) -> io::Result<bool> {
        Ok(false)
    }
}

impl Source for &[u8] {}

#[cfg(target_os = "linux")]
pub use self::linux::{Twin, widen};
#[cfg(not(target_os = "linux"))]
pub use self::other::{Twin, widen};

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::AsFd;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, SpliceFFlags, fcntl, splice, tee};

    use super::{File, Read as _, io};

    /// As many bytes as a pipe is asked to hold: the fewer the switches between the two sides, the less a line costs.
    const PIPE_BYTES: i32 = 1 << 20;

    /// Makes a pipe hold more, unless it does already.
    pub fn widen(pipe: impl AsFd) {
        if fcntl(&pipe, FcntlArg::F_GETPIPE_SZ).is_ok_and(|bytes| bytes < PIPE_BYTES) {
            // A user's pipes may hold no more than so much together; then this one holds less.
            let _ = fcntl(&pipe, FcntlArg::F_SETPIPE_SZ(PIPE_BYTES));
        }
    }

    /// The pipe that is read in another's place.
    #[derive(Debug)]
    pub struct Twin {
        reader: io::PipeReader,
        writer: io::PipeWriter,
        /// How much the last piece has.
        length: usize,
        /// How much of that is out of the first pipe.
        taken: usize,
    }

    impl Twin {
        /// Makes the pipe.
        pub fn new() -> io::Result<Self> {
            let (reader, writer) = io::pipe()?;
            widen(&reader);
            Ok(Self { reader, writer, length: 0, taken: 0 })
        }

        /// Takes what is left of the last piece out of `first`, which has only what comes next then.
        pub fn clear(&mut self, first: &File) -> io::Result<()> {
            self.take_out(first, self.length)
        }

        /// Reads the next piece of `first`, which stays there; nothing of the one before may be left.
        pub fn read(&mut self, first: &File, buffer: &mut [u8]) -> io::Result<usize> {
            let length = tee(first, &self.writer, buffer.len(), SpliceFFlags::empty())?;
            (self.length, self.taken) = (length, 0);
            self.reader.read_exact(&mut buffer[..length])?;
            Ok(length)
        }

        /// Moves a part of the piece from `first` to `pipe`, if that is one.
        pub fn pass(&mut self, first: &File, (start, end): (usize, usize), pipe: &File) -> io::Result<bool> {
            self.take_out(first, start)?;
            while self.taken < end {
                match splice(first, None, pipe, None, end - self.taken, SpliceFFlags::empty()) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(count) => self.taken += count,
                    Err(Errno::EINTR) => {}
                    Err(Errno::EINVAL) if self.taken == start => return Ok(false),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(true)
        }

        fn take_out(&mut self, first: &File, end: usize) -> io::Result<()> {
            let count = end.saturating_sub(self.taken);
            self.taken += count;
            io::copy(&mut first.take(count as u64), &mut io::sink())?;
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use super::{File, io};

    /// A pipe holds what it holds.
    pub fn widen<T>(_pipe: T) {}

    /// There is none: all is read and written.
    #[derive(Debug)]
    pub enum Twin {}

    impl Twin {
        /// Fails with [`io::ErrorKind::Unsupported`].
        pub fn new() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Never comes to be.
        pub fn clear(&mut self, _first: &File) -> io::Result<()> {
            match *self {}
        }

        /// Never comes to be.
        pub fn read(&mut self, _first: &File, _buffer: &mut [u8]) -> io::Result<usize> {
            match *self {}
        }

        /// Never comes to be.
        pub fn pass(&mut self, _first: &File, _part: (usize, usize), _pipe: &File) -> io::Result<bool> {
            match *self {}
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::os::fd::OwnedFd;

    use super::*;

    fn file(end: impl Into<OwnedFd>) -> File {
        File::from(end.into())
    }

    fn read(twin: &mut Twin, first: &File) -> String {
        let mut buffer = [0; 8];
        twin.clear(first).unwrap();
        let length = twin.read(first, &mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    #[test]
    fn a_piece_is_read_and_its_parts_are_moved_or_left_out() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (mut behind, pipe) = io::pipe().unwrap();
        let (first, pipe) = (file(reader), file(pipe));
        let mut twin = Twin::new().unwrap();
        writer.write_all(b"0123456789").unwrap();
        drop(writer);
        assert_eq!(read(&mut twin, &first), "01234567");
        assert!(twin.pass(&first, (1, 3), &pipe).unwrap());
        assert!(twin.pass(&first, (3, 3), &pipe).unwrap());
        assert!(twin.pass(&first, (5, 7), &pipe).unwrap());
        assert_eq!(read(&mut twin, &first), "89");
        assert!(twin.pass(&first, (0, 2), &pipe).unwrap());
        assert_eq!(read(&mut twin, &first), "");
        drop(pipe);
        let mut moved = String::new();
        behind.read_to_string(&mut moved).unwrap();
        assert_eq!(moved, "125689");
    }

    #[test]
    fn what_takes_no_pages_is_told_and_who_has_gone_is_an_error() {
        let (reader, mut writer) = io::pipe().unwrap();
        let first = file(reader);
        let mut twin = Twin::new().unwrap();
        writer.write_all(b"0123").unwrap();
        assert_eq!(read(&mut twin, &first), "0123");
        let path = tempfile::NamedTempFile::new().unwrap();
        let appended = OpenOptions::new().append(true).open(path.path()).unwrap();
        assert!(!twin.pass(&first, (1, 3), &appended).unwrap());
        let (behind, pipe) = io::pipe().unwrap();
        drop(behind);
        let gone = twin.pass(&first, (1, 3), &file(pipe)).map_err(|error| error.kind());
        assert_eq!(gone, Err(io::ErrorKind::BrokenPipe));
        writer.write_all(b"45").unwrap();
        assert_eq!(read(&mut twin, &first), "45", "what was not moved is out of the way");
    }
}
