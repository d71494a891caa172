//! Where the records of a read go: to standard output, or into a file for each stream.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::memrchr;

use super::csv::Table;
use super::kept;
use super::lines::Block;
use super::sink::Sink;
use crate::error::Result;
use crate::host::fs;

/// As many files as stay open: a process may have no more than so many, and a connector has any number of streams.
const MOST_OPEN: usize = 32;

/// As much as is read at once of what is there.
const BLOCK: usize = 64 * 1024;

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
    /// The one output of all streams.
    stream: Option<Sink>,
    /// Where each stream has a file of its own.
    dir: Option<PathBuf>,
    /// The stream whose records come now. One record follows another of the same stream most often.
    current: Option<(String, Place)>,
    others: BTreeMap<String, Place>,
}

/// What the records of a stream are written with.
#[derive(Debug, Default)]
struct Place {
    table: Table,
    /// Its own file.
    file: Option<Sink>,
    /// Whether there was something in it already.
    has_header: bool,
}

impl Records {
    /// Records go to this file: standard output.
    pub fn to_stream(format: Format, stream: File, tables: BTreeMap<String, Table>) -> Self {
        let places = tables.into_iter().map(|(stream, table)| (stream, Place { table, ..Place::default() }));
        Self { format, stream: Some(Sink::new(stream)), dir: None, current: None, others: places.collect() }
    }

    /// Records go into a directory, a file for each stream. Those of the streams that go on are added to, all others are
    /// made anew.
    pub fn to_dir(
        format: Format,
        dir: &Path,
        going_on: &BTreeSet<String>,
        tables: BTreeMap<String, Table>,
    ) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let mut records =
            Self { format, stream: None, dir: Some(dir.to_owned()), current: None, others: BTreeMap::new() };
        for (stream, table) in tables {
            let place = open(dir, &stream, format, going_on.contains(&stream), table);
            let place = records.spared(place.map_err(|error| fs::cannot_create(dir, error))?);
            records.others.insert(stream, place);
        }
        Ok(records)
    }

    /// Whether lines are passed on as they are.
    pub fn passes(&self) -> bool {
        self.format == Format::Jsonl
    }

    /// Whether only the records of one stream can go where they go.
    pub fn is_one_table(&self) -> bool {
        self.format == Format::Csv && self.stream.is_some()
    }

    /// Makes a stream the one whose records come now.
    pub fn turn_to(&mut self, stream: &str) -> io::Result<()> {
        if self.current.as_ref().is_some_and(|(name, _)| name == stream) {
            return Ok(());
        }
        self.others.extend(self.current.take());
        let place = match (self.others.remove(stream), &self.dir) {
            (Some(place), _) => place,
            (None, Some(dir)) => self.spared(open(dir, stream, self.format, false, Table::default())?),
            (None, None) => Place::default(),
        };
        self.current = Some((stream.to_owned(), place));
        Ok(())
    }

    /// A new place, closed where there are enough that are open.
    fn spared(&self, mut place: Place) -> Place {
        if self.others.len() >= MOST_OPEN {
            place.file.iter_mut().for_each(Sink::close);
        }
        place
    }

    /// Whether they all go to one pipe.
    pub fn are_piped(&self) -> bool {
        self.stream.as_ref().is_some_and(Sink::is_pipe)
    }

    /// Makes the pipe that they go to hold more.
    pub fn widen(&self) {
        self.stream.iter().for_each(Sink::widen);
    }

    /// Whether each stream goes to a place of its own.
    pub fn are_apart(&self) -> bool {
        self.dir.is_some()
    }

    /// Passes lines on, with their ends: those of the current stream, where streams [are apart](Records::are_apart).
    ///
    /// Fails with [`io::ErrorKind::Unsupported`] where not [`Records::passes`].
    pub fn pass(&mut self, block: &mut Block<'_>, part: Range<usize>) -> io::Result<()> {
        if !self.passes() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let Some(sink) = self.sink() else { return Ok(()) };
        match &block.text[part.clone()] {
            [] => Ok(()),
            [.., b'\n'] => sink.lines(block, part),
            line => sink.line(line),
        }
    }

    /// Writes one record of the current stream, in a line without its end.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.format == Format::Jsonl {
            return self.sink().map_or(Ok(()), |sink| sink.line(line));
        }
        let Some((_, Place { table, file, has_header })) = &mut self.current else { return Ok(()) };
        file.as_mut().or(self.stream.as_mut()).map_or(Ok(()), |sink| table.write(line, *has_header, sink))
    }

    /// Where what comes now is written.
    fn sink(&mut self) -> Option<&mut Sink> {
        self.stream.as_mut().or_else(|| self.current.as_mut()?.1.file.as_mut())
    }

    /// Hands on what is still kept.
    pub fn flush(&mut self) -> io::Result<()> {
        // Only the file that was written last is likely to be written next: the others need no room.
        let mut open = 0;
        for sink in self.others.values_mut().filter_map(|place| place.file.as_mut()) {
            sink.rest()?;
            open += usize::from(sink.is_open());
            if open > MOST_OPEN {
                sink.close();
            }
        }
        self.sink().map_or(Ok(()), Sink::flush)
    }

    /// What the tables had no column for: the stream and the properties.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let current = self.current.iter().map(|(stream, place)| (stream, place));
        let places: BTreeMap<_, _> = self.others.iter().chain(current).collect();
        let of = places.into_iter().map(|(stream, place)| (stream.as_str(), place.table.left_out()));
        of.filter(|(_, properties)| !properties.is_empty())
    }
}

/// The file of a stream. What is there has its columns, whatever the table says by now.
fn open(dir: &Path, stream: &str, format: Format, goes_on: bool, table: Table) -> io::Result<Place> {
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
    Ok(Place { table: columns.map_or(table, Table::new), file: Some(Sink::at(path, file)), has_header })
}

/// The length of what is whole in a file that is gone on with: a killed read may have left part of a line, which is cut off
/// and comes again, since it came after the last state.
fn whole_lines(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut block = vec![0; BLOCK];
    let mut whole = length;
    while whole > 0 {
        let start = whole.saturating_sub(BLOCK as u64);
        let part = &mut block[..usize::try_from(whole - start).unwrap_or(BLOCK)];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        let end = memrchr(b'\n', part).map(|at| start + at as u64 + 1);
        whole = end.unwrap_or(start);
        if end.is_some() {
            break;
        }
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
        for (mut records, passes) in [(stream(Format::Jsonl), true), (stream(Format::Csv), false), (files, true)] {
            records.turn_to("s").unwrap();
            let refused = records.pass(&mut Block::of(b"{}\n"), 0..3).err().map(|error| error.kind());
            assert_eq!((records.passes(), refused), (passes, (!passes).then_some(io::ErrorKind::Unsupported)));
        }
    }

    #[test]
    fn only_the_file_that_was_written_last_keeps_its_room() {
        let dir = tempfile::tempdir().unwrap();
        let mut records = Records::to_dir(Format::Jsonl, dir.path(), &BTreeSet::new(), BTreeMap::new()).unwrap();
        let sizes = |records: &Records| {
            let current = records.current.iter().map(|(stream, place)| (stream, place));
            let places: BTreeMap<_, _> = records.others.iter().chain(current).collect();
            places.values().map(|place| place.file.as_ref().unwrap().size()).collect::<Vec<_>>()
        };
        for stream in ["a", "b", "c", "b"] {
            records.turn_to(stream).unwrap();
            records.pass(&mut Block::of(b"{}\n"), 0..3).unwrap();
        }
        assert!(sizes(&records).iter().all(|size| *size <= 4096), "a short line needs little: {:?}", sizes(&records));
        records.flush().unwrap();
        assert!(matches!(sizes(&records)[..], [0, kept, 0] if kept > 0), "{:?}", sizes(&records));
        records.turn_to("a").unwrap();
        records.write(b"{}").unwrap();
        records.flush().unwrap();
        let written =
            ["a", "b", "c"].map(|it| std::fs::read_to_string(dir.path().join(format!("{it}.jsonl"))).unwrap());
        assert_eq!(written, ["{}\n{}\n", "{}\n{}\n", "{}\n"]);
    }

    #[test]
    fn part_of_a_line_is_cut_off_however_long_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.jsonl");
        for (whole, part) in
            [(0, 0), (0, 1), (3, 0), (3, BLOCK - 4), (3, BLOCK - 3), (3, BLOCK), (BLOCK, 2 * BLOCK + 1)]
        {
            let before = [vec![b'x'; whole.saturating_sub(1)], vec![b'\n'; whole.min(1)]].concat();
            std::fs::write(&path, [&before[..], &vec![b'y'; part]].concat()).unwrap();
            let mut file = File::options().read(true).write(true).open(&path).unwrap();
            whole_lines(&mut file).unwrap();
            assert_eq!(file.stream_position().unwrap(), before.len() as u64, "{whole} {part}");
            assert!(std::fs::read(&path).unwrap() == before, "{whole} {part}");
        }
    }

    #[test]
    fn any_number_of_streams_has_files_of_which_few_are_open() {
        let dir = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..3 * MOST_OPEN).map(|number| format!("s{number}")).collect();
        let (known, unknown) = names.split_at(2 * MOST_OPEN);
        let tables = known.iter().map(|name| (name.clone(), Table::default())).collect();
        let mut records = Records::to_dir(Format::Jsonl, dir.path(), &BTreeSet::new(), tables).unwrap();
        let open = |records: &Records| {
            let current = records.current.iter().map(|(_, place)| place);
            records.others.values().chain(current).filter(|it| it.file.as_ref().is_some_and(Sink::is_open)).count()
        };
        for _ in 0..3 {
            for name in known.iter().chain(unknown) {
                records.turn_to(name).unwrap();
                records.write(b"{}").unwrap();
                assert!(open(&records) <= MOST_OPEN + 2, "{}", open(&records));
            }
            records.flush().unwrap();
            assert!(open(&records) <= MOST_OPEN + 1, "{}", open(&records));
        }
        for name in names {
            assert_eq!(std::fs::read_to_string(dir.path().join(format!("{name}.jsonl"))).unwrap(), "{}\n".repeat(3));
        }
    }

    #[test]
    fn files_are_made_anew_or_added_to() {
        let dir = tempfile::tempdir().unwrap();
        let line = br#"{"type":"RECORD","record":{"stream":"s","data":{"a":1}}}"#;
        let tables = || BTreeMap::from([("s".to_owned(), Table::default())]);
        let read = |goes_on: bool| {
            let going_on = goes_on.then(|| "s".to_owned()).into_iter().collect();
            let mut records = Records::to_dir(Format::Csv, dir.path(), &going_on, tables()).unwrap();
            records.turn_to("s").unwrap();
            records.write(line).unwrap();
            records.write(line).unwrap();
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
