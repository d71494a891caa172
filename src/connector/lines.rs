//! Cuts a stream of bytes into lines, wherever the pieces it arrives in end.

use std::io::{self, Read};

use memchr::{memchr, memrchr};

/// As much as is asked for at a time.
const CHUNK: usize = 256 * 1024;
/// The longest line that is kept; what is longer is the talk of something that writes no lines.
const LONGEST: usize = 256 << 20;

/// Reads `input` to its end and gives `take` what is complete, as whole lines with their ends, several at a time. The last
/// line may have no end. `take` says whether to go on.
///
/// Fails where the input does, or with [`io::ErrorKind::InvalidData`] where a line is longer than 256 MiB.
pub fn blocks(input: &mut impl Read, take: &mut dyn FnMut(&[u8]) -> io::Result<bool>) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut filled = 0;
    loop {
        let count = match input.read(&mut buffer[filled..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if count == 0 {
            if filled > 0 {
                take(&buffer[..filled])?;
            }
            return Ok(());
        }
        let end = memrchr(b'\n', &buffer[filled..filled + count]).map(|at| filled + at + 1);
        filled += count;
        if let Some(end) = end {
            if !take(&buffer[..end])? {
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
    use proptest::prelude::*;

    use super::*;

    /// Gives out its bytes in pieces of these sizes.
    struct Pieces<'a>(&'a [u8], std::iter::Cycle<std::vec::IntoIter<usize>>);

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
            found.extend(lines(block).map(|line| content(line).to_vec()));
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
