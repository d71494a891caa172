//! Where the records of a read go: to standard output, or into a file for each stream.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::csv::Table;
use super::kept;
use super::sink::Sink;
use crate::error::Result;
use crate::host::fs;

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The connector's own messages, a JSON object in a line.
    #[default]
    Jsonl,
    /// Comma-separated values, with a header.
    Csv,
}

impl Format {
    /// The extension of files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

/// The place of records.
#[derive(Debug)]
pub struct Records {
    format: Format,
    target: Target,
    tables: BTreeMap<String, Table>,
}

#[derive(Debug)]
enum Target {
    Stream(Sink),
    Dir { dir: PathBuf, files: BTreeMap<String, Place>, last: String },
}

/// A file of a stream.
#[derive(Debug)]
struct Place {
    sink: Sink,
    /// Whether there was something in it already.
    has_header: bool,
}

impl Records {
    /// Records go to this file: standard output.
    pub fn to_stream(format: Format, stream: File, tables: BTreeMap<String, Table>) -> Self {
        Self { format, target: Target::Stream(Sink::new(stream)), tables }
    }

    /// Records go into a directory, a file for each stream. Those of the streams that go on are added to, all others are
    /// made anew.
    pub fn to_dir(
        format: Format,
        dir: &Path,
        going_on: &BTreeSet<String>,
        mut tables: BTreeMap<String, Table>,
    ) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let mut files = BTreeMap::new();
        for (stream, table) in &mut tables {
            let opened = open(dir, stream, format, going_on.contains(stream));
            let (place, columns) = opened.map_err(|error| fs::cannot_create(dir, error))?;
            // What is there has its columns, whatever the schema says by now.
            *table = columns.map_or_else(|| std::mem::take(table), Table::new);
            files.insert(stream.clone(), place);
        }
        let target = Target::Dir { dir: dir.to_owned(), files, last: String::new() };
        Ok(Self { format, target, tables })
    }

    /// Whether lines are passed on as they are, wherever they belong.
    pub fn passes(&self) -> bool {
        self.format == Format::Jsonl && matches!(self.target, Target::Stream(_))
    }

    /// Passes lines on, with their ends.
    ///
    /// Fails with [`io::ErrorKind::Unsupported`] where not [`Records::passes`].
    pub fn pass(&mut self, lines: &[u8]) -> io::Result<()> {
        match &mut self.target {
            Target::Stream(sink) if self.format == Format::Jsonl => match lines {
                [] => Ok(()),
                [.., b'\n'] => sink.write(lines),
                _ => sink.write(lines).and_then(|()| sink.write(b"\n")),
            },
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Writes one record, in a line without its end.
    pub fn write(&mut self, stream: &str, line: &[u8]) -> io::Result<()> {
        match &mut self.target {
            Target::Stream(sink) => write_line(self.format, &mut self.tables, stream, line, (sink, false)),
            Target::Dir { dir, files, last } => {
                if !files.contains_key(stream) {
                    let (place, columns) = open(dir, stream, self.format, false)?;
                    self.tables.insert(stream.to_owned(), Table::new(columns.unwrap_or_default()));
                    files.insert(stream.to_owned(), place);
                }
                if last != stream {
                    stream.clone_into(last);
                }
                let Some(Place { sink, has_header }) = files.get_mut(stream) else { return Ok(()) };
                write_line(self.format, &mut self.tables, stream, line, (sink, *has_header))
            }
        }
    }

    /// Hands on what is still kept.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Stream(sink) => sink.flush(),
            // Only the file that was written last is likely to be written next: the others need no room.
            Target::Dir { files, last, .. } => files
                .iter_mut()
                .try_for_each(|(stream, place)| if stream == last { place.sink.flush() } else { place.sink.rest() }),
        }
    }

    /// What the tables had no column for: the stream and the properties.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let of = self.tables.iter().map(|(stream, table)| (stream.as_str(), table.left_out().collect::<Vec<_>>()));
        of.filter(|(_, properties)| !properties.is_empty())
    }
}

fn write_line(
    format: Format,
    tables: &mut BTreeMap<String, Table>,
    stream: &str,
    line: &[u8],
    (sink, has_header): (&mut Sink, bool),
) -> io::Result<()> {
    match format {
        Format::Jsonl => sink.line(line),
        Format::Csv => {
            if !tables.contains_key(stream) {
                tables.insert(stream.to_owned(), Table::default());
            }
            tables.get_mut(stream).map_or(Ok(()), |table| table.write(line, has_header, sink))
        }
    }
}

/// The file of a stream, and the columns that it has.
fn open(dir: &Path, stream: &str, format: Format, goes_on: bool) -> io::Result<(Place, Option<Vec<String>>)> {
    let path = dir.join(format!("{}.{}", file_name(stream), format.extension()));
    let mut file = File::options().create(true).read(true).write(true).truncate(!goes_on).open(&path)?;
    let columns = match format {
        Format::Csv if goes_on => kept::columns(&mut file)?,
        Format::Jsonl if goes_on => {
            whole_lines(&mut file)?;
            None
        }
        _ => None,
    };
    let has_header = columns.is_some();
    Ok((Place { sink: Sink::new(file), has_header }, columns))
}

/// The length of what is whole in a file that is gone on with: a killed read may have left part of a line, which is cut off
/// and comes again, since it came after the last state.
fn whole_lines(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut whole = length;
    let mut last = [0];
    while whole > 0 {
        file.seek(SeekFrom::Start(whole - 1))?;
        file.read_exact(&mut last)?;
        if last == *b"\n" {
            break;
        }
        whole -= 1;
    }
    if whole < length {
        file.set_len(whole)?;
    }
    file.seek(SeekFrom::Start(whole))?;
    Ok(())
}

/// A stream's name as a file's: other characters than letters, digits, `-`, `_` and `.` are written as in a URL.
fn file_name(stream: &str) -> String {
    let mut name = String::new();
    for byte in stream.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || (byte == b'.' && !name.is_empty());
        if is_plain {
            name.push(byte.into());
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_has_a_file_within_the_directory() {
        for (stream, name) in [("users", "users"), ("../x", "%2E.%2Fx"), ("a b.c", "a%20b.c"), (".", "%2E")] {
            assert_eq!(file_name(stream), name);
        }
    }

    #[test]
    fn lines_are_passed_on_as_they_are_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let stream = |format| Records::to_stream(format, tempfile::tempfile().unwrap(), BTreeMap::new());
        let files = Records::to_dir(Format::Jsonl, dir.path(), &BTreeSet::new(), BTreeMap::new()).unwrap();
        for (mut records, passes) in [(stream(Format::Jsonl), true), (stream(Format::Csv), false), (files, false)] {
            let refused = records.pass(b"{}\n").err().map(|error| error.kind());
            assert_eq!((records.passes(), refused), (passes, (!passes).then_some(io::ErrorKind::Unsupported)));
        }
    }

    #[test]
    fn only_the_file_that_was_written_last_keeps_its_room() {
        let dir = tempfile::tempdir().unwrap();
        let mut records = Records::to_dir(Format::Jsonl, dir.path(), &BTreeSet::new(), BTreeMap::new()).unwrap();
        let sizes = |records: &Records| match &records.target {
            Target::Dir { files, .. } => files.values().map(|place| place.sink.size()).collect::<Vec<_>>(),
            Target::Stream(_) => Vec::new(),
        };
        for stream in ["a", "b", "c", "b"] {
            records.write(stream, b"{}").unwrap();
        }
        assert!(sizes(&records).iter().all(|size| *size <= 4096), "a short line needs little: {:?}", sizes(&records));
        records.flush().unwrap();
        assert!(matches!(sizes(&records)[..], [0, kept, 0] if kept > 0), "{:?}", sizes(&records));
        records.write("a", b"{}").unwrap();
        records.flush().unwrap();
        let written =
            ["a", "b", "c"].map(|it| std::fs::read_to_string(dir.path().join(format!("{it}.jsonl"))).unwrap());
        assert_eq!(written, ["{}\n{}\n", "{}\n{}\n", "{}\n"]);
    }

    #[test]
    fn files_are_made_anew_or_added_to() {
        let dir = tempfile::tempdir().unwrap();
        let line = br#"{"type":"RECORD","record":{"stream":"s","data":{"a":1}}}"#;
        let tables = || BTreeMap::from([("s".to_owned(), Table::default())]);
        let read = |goes_on: bool| {
            let going_on = goes_on.then(|| "s".to_owned()).into_iter().collect();
            let mut records = Records::to_dir(Format::Csv, dir.path(), &going_on, tables()).unwrap();
            records.write("s", line).unwrap();
            records.write("s", line).unwrap();
            records.flush().unwrap();
            std::fs::read_to_string(dir.path().join("s.csv")).unwrap()
        };
        assert_eq!((read(false), read(false)), ("a\n1\n1\n".to_owned(), "a\n1\n1\n".to_owned()));
        let path = dir.path().join("s.csv");
        std::fs::write(&path, "a\n1\n1\n9").unwrap();
        assert_eq!(read(true), "a\n1\n1\n1\n1\n", "part of a line is cut off");
        drop(Records::to_dir(Format::Csv, dir.path(), &BTreeSet::new(), tables()).unwrap());
        assert_eq!(std::fs::read_to_string(path).unwrap(), "", "what nothing is read of is empty");
    }
}
