//! What comes first: where the time of a run went, in a few numbers.

use super::time::short;
use crate::ui::record::{Kind, Record, Span};
use crate::ui::size;

/// A share of the whole time, none of which is in another share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The class that the page colours it by.
    pub class: &'static str,
    /// What it is, for people.
    pub name: &'static str,
    /// In microseconds.
    pub took: u64,
}

/// The shares of the whole time. What is downloaded while a program runs counts as a download, and what is left after all
/// others is the process's own.
pub fn shares(record: &Record) -> [Share; 4] {
    let upto = |kinds: &[Kind]| covered(record, |span| kinds.contains(&span.kind));
    let waiting = upto(&[Kind::Wait]);
    let downloads = upto(&[Kind::Wait, Kind::Download]);
    let programs = upto(&[Kind::Wait, Kind::Download, Kind::Child]);
    let share = |class, name, took| Share { class, name, took };
    [
        share("child", "programs", programs - downloads),
        share("download", "downloads", downloads - waiting),
        share("wait", "waiting", waiting),
        share("step", "prime itself", record.total().saturating_sub(programs)),
    ]
}

/// How long at least one of these spans lasts.
fn covered(record: &Record, counts: impl Fn(&&Span) -> bool) -> u64 {
    let (mut covered, mut until) = (0, record.run.started);
    // They are sorted by their start.
    for span in record.spans.iter().filter(counts) {
        let (start, end) = (span.start.max(until), span.start + span.took());
        covered += end.saturating_sub(start);
        until = until.max(end);
    }
    covered
}

/// A number above the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is of.
    pub name: &'static str,
    /// The number, with its unit.
    pub value: String,
    /// What more there is to say.
    pub detail: String,
}

/// The numbers above the chart.
pub fn facts(record: &Record) -> Vec<Fact> {
    let of = |kind: Kind| record.spans.iter().filter(move |span| span.kind == kind);
    let fact = |name, value, detail: &str| Fact { name, value, detail: detail.to_owned() };
    let longest = |name, kinds: &[Kind]| {
        let spans = record.spans.iter().filter(|span| kinds.contains(&span.kind) && span.took() > 0);
        let span = spans.max_by_key(|span| span.took())?;
        let detail = if span.kind == Kind::Step { span.detail.as_str() } else { "" };
        Some(fact(name, short(span.took()), format!("{} {detail}", title(span)).trim_end()))
    };
    let bytes = of(Kind::Download).filter_map(|span| span.bytes).sum();
    let counted = |name, kind, detail| fact(name, of(kind).count().to_string(), detail);
    let waited_for = [Kind::Child, Kind::Download, Kind::Wait];
    let longest = [longest("longest step", &[Kind::Step]), longest("most waited for", &waited_for)];
    let downloads = match of(Kind::Download).count() {
        1 => "in one download".to_owned(),
        more => format!("in {more} downloads"),
    };
    let counts = [
        counted("stages", Kind::Stage, "processes in turn"),
        counted("programs", Kind::Child, "started"),
        fact("fetched by prime", size(bytes), &downloads),
        counted("not needed", Kind::Skipped, "and skipped"),
    ];
    longest.into_iter().flatten().chain(counts).collect()
}

/// What a span is called: a program by what it does.
pub fn title(span: &Span) -> String {
    match span.kind {
        Kind::Child if !span.detail.is_empty() => format!("{} {}", span.name, span.detail),
        _ => span.name.clone(),
    }
}
