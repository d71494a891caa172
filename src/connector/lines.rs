//! Cuts a stream of bytes into lines, wherever the pieces it arrives in end.

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::host::source::Source;

/// As much as is asked for at a time.
const CHUNK: usize = 256 * 1024;
/// The longest line that is kept; what is longer is the talk of something that writes no lines.
const LONGEST: usize = 256 << 20;

/// Whole lines, one behind the other.
pub struct Block<'a> {
    /// They with their ends.
    pub text: &'a [u8],
    /// How much of it is from pieces before the last one that was read.
    earlier: usize,
    /// What the last piece was read from.
    source: Option<&'a mut dyn Source>,
}

impl<'a> Block<'a> {
    /// Lines from nowhere.
    pub fn of(text: &'a [u8]) -> Self {
        Self { text, earlier: 0, source: None }
    }

    /// Writes a part of the text to a pipe, parts in their order, without copying it where that is possible.
    pub fn pass(&mut self, part: Range<usize>, pipe: &mut File) -> io::Result<()> {
        let start = part.start.max(self.earlier).min(part.end);
        pipe.write_all(&self.text[part.start..start])?;
        let (from, to) = (start.saturating_sub(self.earlier), part.end.saturating_sub(self.earlier));
        let is_passed = self.source.as_mut().map_or(Ok(false), |it| it.pass(from, to, pipe))?;
        if is_passed { Ok(()) } else { pipe.write_all(&self.text[start..part.end]) }
    }
}

/// Reads `input` to its end and gives `take` what is complete, several lines at a time. The last line may have no end.
/// `take` says whether to go on.
///
/// Fails where the input does, or with [`io::ErrorKind::InvalidData`] where a line is longer than 256 MiB.
pub fn blocks(input: &mut dyn Source, take: &mut dyn FnMut(&mut Block<'_>) -> io::Result<bool>) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut filled = 0;
    loop {
        let count = match input.read(&mut buffer[filled..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let end = if count == 0 {
            Some(filled)
        } else {
            memrchr(b'\n', &buffer[filled..filled + count]).map(|at| filled + at + 1)
        };
        let earlier = filled;
        filled += count;
        if let Some(end) = end {
            let goes_on = end == 0 || take(&mut Block { text: &buffer[..end], earlier, source: Some(input) })?;
            if count == 0 || !goes_on {
                return Ok(());
            }
            buffer.copy_within(end..filled, 0);
            filled -= end;
        }
        if filled == buffer.len() {
            if filled >= LONGEST {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 256 MiB"));
            }
            buffer.resize(filled * 2, 0);
        }
    }
}

/// The lines of a block, with their ends.
pub fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(end);
        rest = behind;
        (end > 0).then_some(line)
    })
}

/// A line without its end.
pub fn content(line: &[u8]) -> &[u8] {
    match line {
        [content @ .., b'\r', b'\n'] | [content @ .., b'\n' | b'\r'] | content => content,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    /// Gives out its bytes in pieces of these sizes.
    struct Pieces<'a>(&'a [u8], std::iter::Cycle<std::vec::IntoIter<usize>>);

    impl Source for Pieces<'_> {}

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.next().unwrap_or(1).min(buffer.len()).min(self.0.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn read(text: &[u8], sizes: Vec<usize>) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        blocks(&mut Pieces(text, sizes.into_iter().cycle()), &mut |block| {
            found.extend(lines(block.text).map(|line| content(line).to_vec()));
            Ok(true)
        })
        .unwrap();
        found
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_the_bytes_were_cut(
            text in proptest::collection::vec(proptest::sample::select(b"ab\n".to_vec()), 0..200),
            sizes in proptest::collection::vec(1_usize..9, 1..5),
        ) {
            let mut expected: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            if expected.last().is_some_and(Vec::is_empty) {
                expected.pop();
            }
            prop_assert_eq!(read(&text, sizes), expected);
        }
    }

    #[test]
    fn a_line_may_be_longer_than_a_chunk_and_end_as_on_windows() {
        let long = vec![b'x'; 3 * CHUNK + 5];
        let text = [&long[..], b"\r\nlast"].concat();
        assert_eq!(read(&text, vec![CHUNK]), [long, b"last".to_vec()]);
    }

    #[test]
    fn who_has_enough_reads_no_further() {
        let mut taken = 0;
        blocks(&mut Pieces(b"a\nb\nc\n", vec![2].into_iter().cycle()), &mut |_| {
            taken += 1;
            Ok(taken < 2)
        })
        .unwrap();
        assert_eq!(taken, 2);
    }
}
