//! The rows of the chart: spans in the order in which they began, each under the one that it is part of.

use crate::ui::record::{Kind, Record, Span};

/// How deep rows are set in at most.
const DEEPEST: usize = 3;
/// With more rows than so many, the shortest are left to the table.
const MANY: usize = 60;

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// What it shows.
    pub span: &'a Span,
    /// How many others it is part of.
    pub depth: usize,
}

/// The rows, and how many spans have none because they are too short to be seen. What took no time has no row.
pub fn rows(record: &Record) -> (Vec<Row<'_>>, usize) {
    let lasting: Vec<&Span> =
        record.spans.iter().filter(|span| span.kind != Kind::Skipped && span.took() > 0).collect();
    let least = if lasting.len() > MANY { record.total() / 500 } else { 0 };
    let is_seen = |span: &&Span| span.kind == Kind::Stage || span.took() >= least;
    let (seen, hidden): (Vec<&Span>, Vec<&Span>) = lasting.into_iter().partition(is_seen);
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut open: Vec<&Span> = Vec::new();
    for span in seen {
        open.retain(|outer| outer.stage == span.stage && outer.end >= span.end && outer.kind != Kind::Child);
        let depth = if span.kind == Kind::Stage { 0 } else { open.len().clamp(1, DEEPEST) };
        rows.push(Row { span, depth });
        open.push(span);
    }
    (rows, hidden.len())
}
