//! The record of a run: what was done in all of its stages, when, and for how long.
//!
//! There is one only where somebody asks for it. Each stage appends lines of JSON to the same file, one `write` each, so
//! that what a process did is there however it ends; the file's path travels from stage to stage in
//! [`names::RECORD`]. What takes time begins with one line and ends with another of the same number.
//!
//! What lower layers do is heard from them (`listener`), what the person is told as done is noted by
//! [`Ui::done`](super::Ui::done). No secret is on a record: user information of URLs is taken out here, arguments of
//! programs and queries of URLs are not told in the first place.
//!
//! Times are those of the clock that only runs forward, moved once for the run to what the calendar says: whatever happens
//! to that clock, nothing ends before it began.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use nix::time::{ClockId, clock_gettime};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::log::new_run_id;
use super::report;
use crate::error::{Result, code_of, kind_of};
use crate::host::redact::redact;
use crate::host::{Answer, EnvDelta, Host, Outcome, fs, names};

mod listener;
mod span;

use listener::Listener;
pub use span::{End, Kind, Line, Record, Run, SCHEMA, Span, Status};

/// No run takes that long: what has a record older than that was killed.
const LONGEST_RUN: Duration = Duration::from_secs(24 * 60 * 60);

/// The record of this process; as global as the subscriber that hears of the work.
static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// What is to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The command.
    pub command: &'a str,
    /// The stage of this process.
    pub stage: &'a str,
    /// What will be made of the record. The file of the record lies beside it.
    pub product: &'a Path,
}

/// Records this process from here on: on the record that the stage before hands on, else on a new one.
///
/// Fails where the file cannot be made or, when it is handed on, found. What is recorded already goes on.
pub fn begin(host: &Host, plan: &Plan<'_>) -> Result<()> {
    if is_on() {
        return Ok(());
    }
    // What is set for a run that only begins was not set by one of its stages.
    let handed_on = host.var_path(names::RECORD).filter(|_| host.var(names::PY_EXEC).is_some());
    let recorder = match handed_on {
        Some(path) => Recorder::resume(host, plan, path)?,
        None => Recorder::create(host, plan)?,
    };
    RECORDER.get_or_init(|| recorder).begin_stage();
    Ok(())
}

/// Whether this process is recorded.
pub fn is_on() -> bool {
    RECORDER.get().is_some()
}

/// The id of the recorded run.
pub fn run_id() -> Option<&'static str> {
    RECORDER.get().map(|recorder| recorder.run.run_id.as_str())
}

/// What is to be made of the record, as [`Plan::product`] said at the beginning of the run.
pub fn product() -> Option<PathBuf> {
    let recorder = RECORDER.get()?;
    let product = recorder.path.as_os_str().as_bytes().strip_suffix(suffix(&recorder.run.run_id).as_bytes())?;
    Some(PathBuf::from(OsStr::from_bytes(product)))
}

/// Removes the record, of which everything was made. One that cannot be removed stays.
pub fn remove() {
    let _ = RECORDER.get().map(|recorder| std::fs::remove_file(&recorder.path));
}

/// What the next stage has to be told to go on with the record.
pub fn handed_on() -> EnvDelta {
    RECORDER.get().map_or_else(EnvDelta::new, |it| EnvDelta::new().set(names::RECORD, it.path.clone()))
}

/// What listens to the work of lower layers, for the subscriber of this process.
pub(super) fn listener<S>() -> Option<impl Layer<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    RECORDER.get().map(|recorder| Listener(recorder).with_filter(Listener::filter()))
}

/// Notes something that was done.
pub(super) fn step(name: &str, detail: &str, took: Duration) {
    if let Some(recorder) = RECORDER.get() {
        recorder.step(name, detail, took);
    }
}

/// Notes the end of this process. What goes on in the next stage has not come to its end yet.
pub fn end(outcome: &Result<Outcome>) {
    if let Some(recorder) = RECORDER.get() {
        recorder.end(outcome);
    }
}

/// The record as it is now, with the stages and this process's part so far. `None` where nothing is recorded.
pub fn so_far() -> Option<Record> {
    let recorder = RECORDER.get()?;
    let mut record = Record::load(&recorder.path)?;
    let now = recorder.now();
    record.spans.iter_mut().filter(|span| span.end.is_none()).for_each(|span| span.end = Some(now));
    Some(record)
}

/// What writes the record.
#[derive(Debug)]
struct Recorder {
    file: File,
    path: PathBuf,
    run: Run,
    stage: String,
    pid: u32,
    start: u64,
    next: AtomicU32,
}

impl Recorder {
    fn create(host: &Host, plan: &Plan<'_>) -> Result<Self> {
        forget_killed(plan.product, SystemTime::now());
        let handed_on = host.var_text(names::START_ID).map(str::to_owned);
        let run_id = handed_on.unwrap_or_else(|| new_run_id(host.pid));
        let path = beside(plan.product, &run_id);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        let file = File::options().create_new(true).append(true).mode(0o600).open(&path);
        let file = file.map_err(|error| fs::cannot_create(&path, error))?;
        let offset = i64::try_from(since_1970()).unwrap_or_default() - forward();
        let started = calendar(offset);
        let (version, command) = (env!("CARGO_PKG_VERSION").to_owned(), plan.command.to_owned());
        let run = Run { schema: SCHEMA, run_id, version, command, started, offset };
        let recorder = Self::new(host, plan, run, (file, path));
        recorder.write(&Line::Run(recorder.run.clone()));
        Ok(recorder)
    }

    fn resume(host: &Host, plan: &Plan<'_>, path: PathBuf) -> Result<Self> {
        let cannot_read = |error: io::Error| fs::cannot_create(&path, error);
        let file = File::options().read(true).append(true).open(&path).map_err(cannot_read)?;
        let mut first = String::new();
        BufReader::new(&file).read_line(&mut first).map_err(cannot_read)?;
        match serde_json::from_str(&first) {
            Ok(Line::Run(run)) if run.schema == SCHEMA => Ok(Self::new(host, plan, run, (file, path))),
            _ => Err(fs::cannot_create(&path, io::Error::new(io::ErrorKind::InvalidData, "it is no record of a run"))),
        }
    }

    fn new(host: &Host, plan: &Plan<'_>, run: Run, (file, path): (File, PathBuf)) -> Self {
        let start = calendar(run.offset);
        Self { file, path, run, stage: plan.stage.to_owned(), pid: host.pid, start, next: AtomicU32::new(1) }
    }

    /// The time, in microseconds since 1970.
    fn now(&self) -> u64 {
        calendar(self.run.offset)
    }

    /// A piece of work that begins now.
    fn span(&self, kind: Kind) -> Span {
        let (id, start) = (self.next.fetch_add(1, Ordering::Relaxed), self.now());
        let (name, detail, stage) = (String::new(), String::new(), self.stage.clone());
        Span { id, kind, name, detail, stage, pid: self.pid, start, end: None, bytes: None, outcome: None }
    }

    fn step(&self, name: &str, detail: &str, took: Duration) {
        let mut span = self.span(Kind::Step);
        span.end = Some(span.start);
        span.start = span.start.saturating_sub(micros(took)).max(self.start);
        (span.name, span.detail) = (name.to_owned(), detail.to_owned());
        self.write_span(&span);
    }

    /// The stage itself has the number 0.
    fn stage(&self) -> Span {
        let (kind, name) = (Kind::Stage, self.stage.clone());
        Span { id: 0, name, start: self.start, ..self.span(kind) }
    }

    fn begin_stage(&self) {
        self.write_span(&self.stage());
    }

    fn end(&self, outcome: &Result<Outcome>) {
        let end = end_of(outcome, self.now());
        let status = end.as_ref().map_or(Status::Ok, |end| end.status);
        let told = if status == Status::Error { "failed" } else { "ok" };
        self.write_span(&Span { end: Some(self.now()), outcome: Some(told.to_owned()), ..self.stage() });
        if let Some(end) = end {
            self.write(&Line::End(end));
        }
    }

    /// Writes a piece of work, without secrets.
    fn write_span(&self, span: &Span) {
        let mut span = span.clone();
        span.name = redact(&span.name);
        span.detail = redact(&span.detail);
        span.outcome = span.outcome.as_deref().map(redact);
        self.write(&Line::Span(span));
    }

    /// Appends a line, whole. A line that cannot be written is missed, and nothing else.
    fn write(&self, line: &Line) {
        if let Ok(mut text) = serde_json::to_vec(line) {
            text.push(b'\n');
            let _ = (&self.file).write_all(&text);
        }
    }
}

/// How the run ended; `None` where it goes on in the next stage.
fn end_of(outcome: &Result<Outcome>, at: u64) -> Option<End> {
    let ended = |status, exit_code, detail| End { at, status, exit_code, cause: None, detail };
    Some(match outcome {
        Ok(Outcome::Exec(plan)) if plan.env.iter().any(|(name, value)| name == names::RECORD && value.is_some()) => {
            return None;
        }
        Ok(Outcome::Exec(plan)) => {
            let program = plan.program.file_name().unwrap_or_default();
            ended(Status::HandedOver, None, Some(Path::new(program).display().to_string()))
        }
        Ok(Outcome::Exit(0)) => ended(Status::Ok, Some(0), None),
        Ok(Outcome::Exit(code)) => ended(Status::Error, Some(*code), None),
        Ok(Outcome::Answer(answer)) => of_answer(answer, at),
        Err(error) => of_failure(error, kind_of(error).exit_code(), at),
    })
}

fn of_answer(answer: &Answer, at: u64) -> End {
    match (answer.code, answer.failures.first()) {
        (0, _) => End { at, status: Status::Ok, exit_code: Some(0), cause: None, detail: None },
        (code, None) => End { at, status: Status::Found, exit_code: Some(code), cause: None, detail: None },
        (code, Some(error)) => of_failure(error, code, at),
    }
}

fn of_failure(error: &anyhow::Error, exit_code: u8, at: u64) -> End {
    let (cause, detail) = (Some(code_of(error).name().to_owned()), Some(report::detail(error)));
    End { at, status: Status::Error, exit_code: Some(exit_code), cause, detail }
}

/// The file of a record: named as what will be made of it, and after the run.
fn beside(product: &Path, run_id: &str) -> PathBuf {
    let mut path = OsString::from(product);
    path.push(suffix(run_id));
    path.into()
}

/// Removes the records beside a product of runs that were killed before they could. Anybody may have files of such names:
/// only what is the record of the run that it is named after counts.
fn forget_killed(product: &Path, now: SystemTime) {
    let entries = product.parent().and_then(|dir| dir.read_dir().ok()).into_iter().flatten().flatten();
    let beginning = product.file_name().unwrap_or_default().as_encoded_bytes();
    let is_named = |path: &Path| {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        name.starts_with(beginning) && name.ends_with(b".jsonl")
    };
    let written = |path: &Path| path.symlink_metadata().ok().filter(Metadata::is_file)?.modified().ok();
    for path in entries.map(|entry| entry.path()).filter(|path| is_named(path)) {
        let age = written(&path).and_then(|written| now.duration_since(written).ok());
        let is_old = age.is_some_and(|age| age > LONGEST_RUN);
        if is_old && Record::load(&path).is_some_and(|record| beside(product, &record.run.run_id) == path) {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn suffix(run_id: &str) -> String {
    format!(".{run_id}.jsonl")
}

/// The clock that only runs forward, in microseconds.
fn forward() -> i64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map(Duration::from).unwrap_or_default();
    i64::try_from(micros(now)).unwrap_or_default()
}

fn calendar(offset: i64) -> u64 {
    u64::try_from(forward() + offset).unwrap_or_default()
}

fn since_1970() -> u64 {
    micros(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
