//! `RECORD`: the files that a distribution consists of, with digests and sizes.
//!
//! Sources: PEP 376, PEP 627 and the "Recording installed projects" specification of packaging.python.org. It is CSV as
//! Python's `csv` writes it: a path with a comma, a quotation mark or a line break in it stands in quotation marks, which
//! are doubled inside. It is read as bytes, line by line and without a copy: an environment has thousands of lines.

use std::borrow::Cow;

use memchr::{memchr, memrchr};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The path, seen from the directory that has the `.dist-info`, or absolute.
    pub path: Cow<'a, [u8]>,
    /// The digest as `algorithm=text`; empty where none is recorded.
    pub digest: &'a [u8],
    /// The size in bytes, where one is recorded.
    pub size: Option<u64>,
}

/// A line that is none, with its number, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine(pub usize);

/// The lines of a `RECORD`, as an iterator that ends at the first bad one.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Record<'a> {
    /// Reads this content.
    pub fn new(content: &'a [u8]) -> Self {
        Self { rest: content, line: 0 }
    }

    fn bad(&mut self) -> BadLine {
        self.rest = &[];
        BadLine(self.line)
    }

    /// A line whose path stands in quotation marks. Such a path may go over several lines.
    fn quoted(&mut self) -> Option<Entry<'a>> {
        let mut path = Vec::new();
        let mut rest = self.rest.strip_prefix(b"\"")?;
        loop {
            let end = memchr(b'"', rest)?;
            path.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix(b"\"") {
                Some(more) => rest = more,
                None => break,
            }
            path.push(b'"');
        }
        let (line, rest) = first_line(rest.strip_prefix(b",")?);
        self.rest = rest;
        let comma = memchr(b',', line)?;
        entry(Cow::Owned(path), &line[..comma], &line[comma + 1..])
    }
}

impl<'a> Iterator for Record<'a> {
    type Item = Result<Entry<'a>, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            self.line += 1;
            if self.rest.starts_with(b"\"") {
                return Some(self.quoted().ok_or_else(|| self.bad()));
            }
            let (line, rest) = first_line(self.rest);
            self.rest = rest;
            if !line.is_empty() {
                return Some(plain(line).ok_or_else(|| self.bad()));
            }
        }
    }
}

/// The first line without its end, and what comes after it.
fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr(b'\n', text) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &text[text.len()..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// A line without quotation marks; the two short fields are at its end.
fn plain(line: &[u8]) -> Option<Entry<'_>> {
    let size_at = memrchr(b',', line)?;
    let digest_at = memrchr(b',', &line[..size_at])?;
    entry(Cow::Borrowed(&line[..digest_at]), &line[digest_at + 1..size_at], &line[size_at + 1..])
}

fn entry<'a>(path: Cow<'a, [u8]>, digest: &'a [u8], size: &'a [u8]) -> Option<Entry<'a>> {
    // A NUL can be in no path of an operating system.
    let is_path = !path.is_empty() && !path.contains(&0);
    let has_algorithm = digest.is_empty() || digest.iter().skip(1).any(|byte| *byte == b'=');
    let size = if size.is_empty() { None } else { Some(number(size)?) };
    (is_path && has_algorithm).then_some(Entry { path, digest, size })
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Line = (String, String, Option<u64>);

    fn read(content: &str) -> Vec<Result<Line, usize>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let entries = Record::new(content.as_bytes());
        entries.map(|it| it.map(|it| (text(&it.path), text(it.digest), it.size)).map_err(|bad| bad.0)).collect()
    }

    #[test]
    fn lines_are_read_as_python_writes_them() {
        let content = "a/b.py,sha256=x-_,12\r\n\n\"c,\"\"d\"\"\ne\",md5=y,0\nz.dist-info/RECORD,,\nlast,sha256=q,";
        let entry = |path: &str, digest: &str, size| Ok((path.to_owned(), digest.to_owned(), size));
        let expected = [
            entry("a/b.py", "sha256=x-_", Some(12)),
            entry("c,\"d\"\ne", "md5=y", Some(0)),
            entry("z.dist-info/RECORD", "", None),
            entry("last", "sha256=q", None),
        ];
        assert_eq!(read(content), expected);
        assert_eq!(read(""), []);
    }

    #[test]
    fn the_first_line_that_is_none_is_named_and_ends_it() {
        for line in [
            "a",
            "a,",
            "a,sha256=x",
            "a,sha256,1",
            "a,=x,1",
            ",,",
            "a,,x",
            "a,,-1",
            "a,,18446744073709551616",
            "a\0,,",
            "\"a",
            "\"a\"",
            "\"a\",",
            "\"a\"b,,",
            "\"\",,",
        ] {
            let expected = [Ok(("ok".to_owned(), String::new(), None)), Err(2)];
            assert_eq!(read(&format!("ok,,\n{line}\nb,,\n")), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(content: Vec<u8>, text in "(a|,|\"|\n|\r|=|1|\\PC)*") {
            for content in [content.as_slice(), text.as_bytes()] {
                prop_assert!(Record::new(content).count() <= content.len());
            }
        }

        #[test]
        fn what_is_written_is_read(paths in prop::collection::vec("[a\"/,\n\r ]{1,8}", 0..8)) {
            let line = |path: &String| {
                let quoted = format!("\"{}\"", path.replace('"', "\"\""));
                let plain = !path.contains(['"', ',', '\n', '\r']);
                format!("{},sha256=x,7\n", if plain { path } else { &quoted })
            };
            let content: String = paths.iter().map(line).collect();
            let entries: Result<Vec<_>, _> = Record::new(content.as_bytes()).collect();
            let read: Vec<_> = entries.unwrap().into_iter().map(|it| String::from_utf8(it.path.into_owned()).unwrap()).collect();
            prop_assert_eq!(read, paths);
        }
    }
}
