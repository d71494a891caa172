//! What is on a record: one line of JSON each, read back whatever became of the last one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The form of a record; counted up when a line changes its meaning.
pub const SCHEMA: u32 = 1;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first: which run it is.
    Run(Run),
    /// A piece of work that began, or that ended.
    Span(Span),
    /// The last: how the run ended. A run that was killed has none.
    End(End),
}

/// Which run it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The run's id.
    pub run_id: String,
    /// Of `prime`.
    pub version: String,
    /// The command.
    pub command: String,
    /// When it was started, in microseconds since 1970.
    pub started: u64,
    /// What makes such a time of the system's clock that only runs forward.
    pub offset: i64,
}

/// What a span is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The process, from one `execve` to the next.
    Stage,
    /// Something that `prime` did itself.
    Step,
    /// A program that it started.
    Child,
    /// Something that came over the network.
    Download,
    /// The time until another process was done.
    Wait,
    /// Something that need not be done.
    Skipped,
}

impl Kind {
    /// All kinds with their names.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Stage, "stage"),
        (Self::Step, "step"),
        (Self::Child, "child"),
        (Self::Download, "download"),
        (Self::Wait, "wait"),
        (Self::Skipped, "skipped"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its number within its stage.
    pub id: u32,
    /// What it is of.
    pub kind: Kind,
    /// What was done, in a word or two.
    pub name: String,
    /// To what, or why not.
    pub detail: String,
    /// The stage it is part of.
    pub stage: String,
    /// The process.
    pub pid: u32,
    /// In microseconds since 1970.
    pub start: u64,
    /// The same; `None` where it has not ended.
    pub end: Option<u64>,
    /// How much it was, where that is known.
    pub bytes: Option<u64>,
    /// How it ended, where that is known.
    pub outcome: Option<String>,
}

impl Span {
    /// How long it took, in microseconds.
    pub fn took(&self) -> u64 {
        self.end.unwrap_or(self.start).saturating_sub(self.start)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// In microseconds since 1970.
    pub at: u64,
    /// In a word.
    pub status: Status,
    /// The exit code; `None` for a process that became another program.
    pub exit_code: Option<u8>,
    /// The cause of a failure, by its name.
    pub cause: Option<String>,
    /// What is wrong, or the program that it became.
    pub detail: Option<String>,
}

/// How a run ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Well.
    Ok,
    /// As it should, with something found.
    Found,
    /// It became another program.
    HandedOver,
    /// It failed.
    Error,
}

/// The record of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which run it is.
    pub run: Run,
    /// What was done, by the time at which it began.
    pub spans: Vec<Span>,
    /// How it ended; `None` where it has not, or was killed.
    pub end: Option<End>,
}

impl Record {
    /// Reads what is at `path`; `None` where there is no record that this version understands.
    pub fn load(path: &Path) -> Option<Self> {
        Self::parse(&std::fs::read(path).ok()?)
    }

    /// Reads a record. A line that is not whole counts for nothing: a process may be killed while it writes.
    pub fn parse(content: &[u8]) -> Option<Self> {
        let mut lines = content.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        let Some(Line::Run(run)) = lines.next() else { return None };
        // What ended takes the place of what began.
        let mut spans: BTreeMap<(String, u32), Span> = BTreeMap::new();
        let mut end = None;
        for line in lines {
            match line {
                Line::Run(_) => {}
                Line::End(it) => end = Some(it),
                Line::Span(span) => {
                    spans.insert((span.stage.clone(), span.id), span);
                }
            }
        }
        let mut spans: Vec<Span> = spans.into_values().collect();
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end.unwrap_or(u64::MAX))));
        (run.schema == SCHEMA).then_some(Self { run, spans, end })
    }

    /// The last time on record.
    pub fn until(&self) -> u64 {
        let spans = self.spans.iter().map(|span| span.end.unwrap_or(span.start));
        spans.chain(self.end.as_ref().map(|end| end.at)).fold(self.run.started, u64::max)
    }

    /// From the first to the last, in microseconds.
    pub fn total(&self) -> u64 {
        self.until().saturating_sub(self.run.started)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = r#"{"run":{"schema":1,"run_id":"r","version":"1","command":"boot","started":100,"offset":-5}}"#;

    fn span(id: u32, start: u64, end: &str) -> String {
        format!(
            r#"{{"span":{{"id":{id},"kind":"child","name":"uv","detail":"venv","stage":"s","pid":1,"start":{start},"end":{end},"bytes":null,"outcome":null}}}}"#
        )
    }

    fn parse(lines: &[&str]) -> Option<Record> {
        Record::parse(lines.join("\n").as_bytes())
    }

    #[test]
    fn what_ended_takes_the_place_of_what_began() {
        let record = parse(&[RUN, &span(1, 110, "null"), &span(2, 105, "null"), &span(1, 110, "170")]).unwrap();
        let times: Vec<_> = record.spans.iter().map(|it| (it.id, it.end, it.took())).collect();
        assert_eq!(times, [(2, None, 0), (1, Some(170), 60)]);
        assert_eq!((record.until(), record.total(), record.end), (170, 70, None));
    }

    #[test]
    fn a_line_that_is_cut_counts_for_nothing_wherever_it_is_cut() {
        let (begun, ended) = (span(1, 110, "null"), span(1, 110, "170"));
        for length in 0..ended.len() {
            let record = parse(&[RUN, &begun, &ended[..length]]).unwrap();
            assert_eq!(record.spans.iter().map(|it| it.end).collect::<Vec<_>>(), [None], "{length}");
        }
    }

    #[test]
    fn what_is_no_record_of_this_form_is_none() {
        let other = RUN.replace("\"schema\":1", "\"schema\":2");
        for lines in [&[][..], &["x"], &[&span(1, 110, "170")], &[&other], &[&RUN[..20]]] {
            assert_eq!(parse(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn kinds_have_the_names_that_are_written() {
        for (kind, name) in Kind::ALL {
            assert_eq!((kind.name(), Kind::parse(name)), (name, Some(kind)));
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }
}
