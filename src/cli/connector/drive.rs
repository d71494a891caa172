//! The commands that have a connector answer: `spec`, `check`, `discover`, `read`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Call;
use super::configured::{Typed, Wanted};
use crate::cli::args::{ConnectorCheckArgs, ConnectorDiscoverArgs, ConnectorReadArgs, ConnectorSpecArgs};
use crate::cli::outcome::FOUND;
use crate::connector::counts::{Count, Counts};
use crate::connector::drive::{Drive, Reading, Report, load_catalog};
use crate::connector::executor::{Executor, Kind as ExecutorKind};
use crate::connector::pump::Progress;
use crate::connector::records::Format;
use crate::connector::state::States;
use crate::error::{Fault, Kind, Result};
use crate::host::Answer;

/// How often the progress is told anew.
const TICK: Duration = Duration::from_millis(100);

impl Call<'_> {
    /// `spec`.
    pub fn spec(&self, args: &ConnectorSpecArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options))?;
        let executor = self.executor(&wanted)?;
        let drive = match executor.kind() {
            // It tells that itself: what runs it need not be there.
            ExecutorKind::Manifest => self.drive(executor.as_ref(), &wanted),
            _ => self.ready(executor.as_ref(), &wanted)?,
        };
        Ok(shown(drive.spec()?.value().clone()))
    }

    /// `check`: the exit code is 1 where the connector says that the configuration does not work.
    pub fn check(&self, args: &ConnectorCheckArgs) -> Result<Answer> {
        let start = Instant::now();
        let wanted = self.wanted(Typed::new(&args.options).config(args.config.as_deref()))?;
        let config = wanted.config()?;
        let executor = self.executor(&wanted)?;
        let verdict = self.ready(executor.as_ref(), &wanted)?.check(&config)?;
        let name = &wanted.options.name;
        let data = json!({ "succeeded": verdict.succeeded, "message": verdict.message });
        let message = verdict.message.map(|it| format!(": {it}")).unwrap_or_default();
        if verdict.succeeded {
            self.ui.done("check", &format!("{name} works with this configuration{message}"), start);
            return Ok(Answer::data(data));
        }
        self.ui.warn(&format!("{name} does not work with this configuration{message}"));
        Ok(Answer { code: FOUND, ..Answer::data(data) })
    }

    /// `discover`.
    pub fn discover(&self, args: &ConnectorDiscoverArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options).config(args.config.as_deref()))?;
        let config = wanted.config()?;
        let executor = self.executor(&wanted)?;
        Ok(shown(self.ready(executor.as_ref(), &wanted)?.discover(&config)?))
    }

    /// `read`.
    pub fn read(&self, args: &ConnectorReadArgs) -> Result<Answer> {
        let start = Instant::now();
        let wanted = self.wanted(Typed::new(&args.options).reading(args))?;
        if self.json && wanted.path("output").is_none() {
            let fault = Fault::new(Kind::Usage, "standard output is for the records, or for the document of `--json`");
            return Err(fault.hint("have a file for each stream with `--output DIR`").into());
        }
        let config = wanted.config()?;
        let executor = self.executor(&wanted)?;
        let line = self.ui.counter("read");
        let of_pump = line.clone();
        let reading = self.reading(&wanted, told_by(move |text| of_pump.set_message(text), start))?;
        let read = self.ready(executor.as_ref(), &wanted)?.read(&config, reading);
        line.finish_and_clear();
        let Report { counts, warnings, .. } = read?;
        for warning in &warnings {
            self.ui.warn(warning);
        }
        self.ui.done("read", &format!("{}: {}", wanted.options.name, summary(&counts)), start);
        let of = |(stream, it): &(String, Count)| json!({ "stream": stream, "records": it.records, "bytes": it.bytes });
        Ok(Answer::data(json!({ "streams": counts.iter().map(of).collect::<Vec<_>>(), "warnings": warnings })))
    }

    /// A connector that can be run; one that is missing or broken is installed first, unless that is not wanted.
    fn ready<'d>(&'d self, executor: &'d dyn Executor, wanted: &'d Wanted) -> Result<Drive<'d>> {
        executor.ensure(wanted.options.install)?;
        Ok(self.drive(executor, wanted))
    }

    fn drive<'d>(&'d self, executor: &'d dyn Executor, wanted: &'d Wanted) -> Drive<'d> {
        Drive { host: self.host, name: wanted.options.name.as_str(), executor }
    }

    fn reading(&self, wanted: &Wanted, progress: Progress) -> Result<Reading> {
        let absolute = |name| wanted.path(name).map(|path| self.host.absolute(path));
        let state_out = absolute("state_out");
        // Who goes on from what is written has nothing to go on from the first time.
        let is_first =
            state_out.is_some() && absolute("state") == state_out && !state_out.as_ref().is_some_and(|it| it.exists());
        let state = wanted.path("state").filter(|_| !is_first);
        Ok(Reading {
            catalog: wanted.path("catalog").map(|path| load_catalog(self.host, path)).transpose()?,
            streams: wanted.streams(),
            states: state.map(|path| States::load(self.host, path)).transpose()?,
            state_out,
            full_refresh: wanted.flag("full_refresh"),
            limit: wanted.limit(),
            format: if wanted.format() == Some("csv") { Format::Csv } else { Format::Jsonl },
            output: absolute("output"),
            progress,
        })
    }
}

/// What the connector says, for people as for programs.
fn shown(value: Value) -> Answer {
    Answer::new(format!("{value:#}\n"), value)
}

/// Has `tell` tell what was read since `start`.
fn told_by(tell: impl Fn(String) + Send + 'static, start: Instant) -> Progress {
    let mut told = Instant::now();
    Box::new(move |counts| {
        if told.elapsed() >= TICK {
            told = Instant::now();
            tell(progress(counts, start.elapsed()));
        }
    })
}

/// `users 1200 records, 0.4 MB, 800 records/s`.
fn progress(counts: &Counts, elapsed: Duration) -> String {
    let of = |(name, count): (&str, &Count)| {
        #[expect(clippy::cast_precision_loss, reason = "it is for people")]
        let rate = count.records as f64 / elapsed.as_secs_f64().max(0.001);
        format!("{name} {}, {rate:.0} records/s", amount(count))
    };
    counts.iter().map(of).collect::<Vec<_>>().join("; ")
}

fn summary(counts: &[(String, Count)]) -> String {
    match counts {
        [] => "no records".to_owned(),
        counts => counts.iter().map(|(name, it)| format!("{name} {}", amount(it))).collect::<Vec<_>>().join("; "),
    }
}

fn amount(count: &Count) -> String {
    let noun = if count.records == 1 { "record" } else { "records" };
    let (whole, tenths) = (count.bytes / 1_000_000, count.bytes / 100_000 % 10);
    format!("{} {noun} ({whole}.{tenths} MB)", count.records)
}
