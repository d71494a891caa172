//! Talk with the person: status lines, warnings, progress, errors, and the log.
//!
//! stdout carries data, stderr carries talk. A line is printed for each thing that was done, none on a run that had
//! nothing to do. Only the entry points (`cli`, `bootstrap`, `connector`, `main`) talk; what lies below returns values and records
//! events with `tracing`.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::host::Host;
use crate::host::redact::redact;

pub mod level;
pub mod log;
pub mod record;
pub mod report;
pub mod runner;
pub mod style;
pub mod timings;

pub use level::Level;

/// The person's side of the process.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    level: Level,
    terminal: bool,
}

impl Ui {
    /// Talk at this level. Bars and other things that move are for terminals outside of continuous integration.
    pub fn new(host: &Host, level: Level) -> Self {
        let moving = host.terminals.stderr && host.var("CI").is_none() && host.var_text("TERM") != Some("dumb");
        Self { level, terminal: moving }
    }

    /// How much is said.
    pub fn level(self) -> Level {
        self.level
    }

    /// Whether the progress of tools may be shown as they draw it.
    pub fn shows_progress(self) -> bool {
        self.terminal && self.level.shows_status()
    }

    /// One line for one thing done, with the time it took: `create  .venv (python 3.12.4, uv)  38 ms`.
    pub fn done(self, verb: &str, what: &str, since: Instant) {
        let took = since.elapsed();
        record::step(verb, what, took);
        self.line(verb, what, Some(&duration(took)));
    }

    /// One line for something said without having taken time.
    pub fn note(self, verb: &str, what: &str) {
        record::step(verb, what, Duration::ZERO);
        self.line(verb, what, None);
    }

    fn line(self, verb: &str, what: &str, time: Option<&str>) {
        let what = redact(what);
        tracing::info!(target: log::STATUS, "{verb} {what} {}", time.unwrap_or_default());
        if self.level.shows_status() {
            let (bold, dim) = (style::VERB, style::DIM);
            let time = time.map(|time| format!("  {dim}{time}{dim:#}")).unwrap_or_default();
            let _ = writeln!(anstream::stderr(), "{bold}{verb:<8}{bold:#} {what}{time}");
        }
    }

    /// A warning: something to know that stops nothing.
    pub fn warn(self, message: &str) {
        let message = redact(message);
        tracing::warn!(target: log::STATUS, "{message}");
        if self.level.shows_status() {
            let style = style::WARNING;
            let _ = writeln!(anstream::stderr(), "{style}warning{style:#}: {message}");
        }
    }

    /// What a tool said, passed on where the person wants to see it.
    pub fn tool_output(self, bytes: &[u8]) {
        if self.shows_progress() || self.level.shows_decisions() {
            let mut stderr = anstream::stderr().lock();
            let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
        }
    }

    /// A bar for a download of ours; it shows only on a terminal.
    pub fn download_bar(self, name: &str) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        }
        let bar = ProgressBar::new(0);
        let template = "{msg:<8} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.with_message(name.to_owned())
    }

    /// A line that says how far something has come whose end is not known; it shows only on a terminal.
    pub fn counter(self, name: &str) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        }
        let line = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{prefix:<8} {msg}") {
            line.set_style(style);
        }
        line.with_prefix(name.to_owned())
    }
}

/// Writes data to stdout, all of it. A reader that has gone is no error.
///
/// Fails as [`Write::write_all`] does.
pub fn data(text: &str) -> io::Result<()> {
    write(anstream::stdout(), text.as_bytes())
}

/// The same of data as it is, whatever it holds.
pub fn data_bytes(data: &[u8]) -> io::Result<()> {
    write(io::stdout(), data)
}

fn write(mut stdout: impl Write, data: &[u8]) -> io::Result<()> {
    match stdout.write_all(data).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes talk to stderr as it is.
pub fn talk(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Says once for the process whether to use colour; `None` leaves it to the terminal and `NO_COLOR`.
pub fn choose_color(color: Option<bool>) {
    match color {
        None => anstream::ColorChoice::Auto.write_global(),
        Some(true) => anstream::ColorChoice::Always.write_global(),
        Some(false) => anstream::ColorChoice::Never.write_global(),
    }
}

/// A duration for people: `38 ms`, `1.2 s`, `2 m 5 s`.
pub fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match elapsed.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => format!("{} m {} s", seconds / 60, seconds % 60),
    }
}

/// A number of bytes for people: `12.30 MiB`.
pub fn size(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let text = |millis| duration(Duration::from_millis(millis));
        assert_eq!([text(0), text(999), text(1234), text(125_000)], ["0 ms", "999 ms", "1.2 s", "2 m 5 s"]);
    }
}
