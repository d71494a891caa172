//! The log: events on stderr as far as the level says, and all of them in a file per run.
//!
//! The file is named after the run and every stage appends to it, so that one file tells the story over all restarts.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Level, record};
use crate::error::Result;
use crate::host::cmd::TALK;
use crate::host::fs;

/// The target of events that were said as status lines already: they go to the file only.
pub const STATUS: &str = "prime::status";

/// How many log files a directory keeps; the oldest go.
const KEPT: usize = 20;

/// The file that this process logs to; as global as the subscriber that writes it.
static FILE: OnceLock<PathBuf> = OnceLock::new();

/// The file that this process logs to, where it has one.
pub fn file() -> Option<&'static Path> {
    FILE.get().map(PathBuf::as_path)
}

/// Where events go.
#[derive(Debug)]
pub struct LogPlan<'a> {
    /// How much goes to stderr.
    pub level: Level,
    /// The stage, which stands before each event.
    pub stage: &'static str,
    /// The process's id, for the file.
    pub pid: u32,
    /// The file, which may not exist yet; `None` for none.
    pub file: Option<&'a Path>,
}

/// Sets the log up for this process.
///
/// Fails when the file cannot be made: a run that changes something leaves a log or does not start.
pub fn start(plan: &LogPlan<'_>) -> Result<()> {
    let said_already = [STATUS, TALK].map(|target| (target, LevelFilter::OFF));
    let ours = |level| Targets::new().with_target("prime", level).with_targets(said_already);
    let stderr = layer()
        .event_format(Line { stage: plan.stage, pid: None })
        .with_writer(anstream::stderr)
        .with_ansi(false)
        .with_filter(ours(plan.level.filter()));
    let file = plan.file.map(open).transpose()?.map(|file| {
        plan.file.map(|path| FILE.get_or_init(|| path.to_owned()));
        let everything = Targets::new().with_target("prime", LevelFilter::TRACE);
        let line = Line { stage: plan.stage, pid: Some(plan.pid) };
        layer().event_format(line).with_writer(Mutex::new(file)).with_ansi(false).with_filter(everything)
    });
    let _ = tracing_subscriber::registry().with(stderr).with(file).with(record::listener()).try_init();
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    if !path.exists() {
        prune(dir);
    }
    let file = File::options().create(true).append(true).mode(0o600).open(path);
    file.map_err(|error| fs::cannot_create(path, error))
}

/// Removes the oldest log files; names sort by time. What cannot be removed stays.
fn prune(dir: &Path) {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut logs: Vec<_> = entries.filter(|path| is_log_of_a_run(path)).collect();
    logs.sort();
    for old in logs.iter().rev().skip(KEPT.saturating_sub(1)) {
        let _ = std::fs::remove_file(old);
    }
}

/// The directory may be one that other programs log to as well: only what is named after a run is ours.
fn is_log_of_a_run(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let run_id = name.strip_prefix("prime.").and_then(|rest| rest.strip_suffix(".log"));
    run_id.is_some_and(|id| id.starts_with(|c: char| c.is_ascii_digit()))
        && path.symlink_metadata().is_ok_and(|meta| meta.is_file())
}

/// The id of a new run: the time in UTC and the process, `20261121T061305Z.4711`.
pub fn new_run_id(pid: u32) -> String {
    let mut time = String::new();
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    let seconds = time.split('.').next().unwrap_or_default();
    format!("{}Z.{pid}", seconds.replace(['-', ':'], ""))
}

/// The line of one event.
struct Line {
    stage: &'static str,
    /// Set for the file, whose lines begin with the time, the process and the level.
    pid: Option<u32>,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if let Some(pid) = self.pid {
            SystemTime.format_time(&mut out)?;
            write!(out, " {pid} {} ", event.metadata().level())?;
        }
        write!(out, "[{}] ", self.stage)?;
        context.field_format().format_fields(out.by_ref(), event)?;
        writeln!(out)
    }
}

/// Nothing that was written may be lost when the process becomes another one.
pub fn flush() -> io::Result<()> {
    io::Write::flush(&mut io::stderr())?;
    io::Write::flush(&mut io::stdout())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_sorts_by_time_and_fits_a_file_name() {
        let id = new_run_id(42);
        assert_eq!(id.len(), "20261121T061305Z.42".len());
        assert!(id.starts_with("20") && id.contains('T') && id.ends_with("Z.42"));
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'));
    }

    #[test]
    fn old_logs_go_and_other_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        for number in 10..40 {
            std::fs::write(dir.path().join(format!("prime.{number}.log")), "").unwrap();
        }
        std::fs::write(dir.path().join("notes"), "").unwrap();
        std::fs::write(dir.path().join("app.log"), "").unwrap();
        std::fs::write(dir.path().join("prime.mine.log"), "").unwrap();
        open(&dir.path().join("prime.50.log")).unwrap();
        let left = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, KEPT + 3);
        assert!(dir.path().join("prime.39.log").exists() && dir.path().join("notes").exists());
    }
}
