//! The commands that have a connector answer: `spec`, `check`, `discover`, `read`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Call;
use crate::cli::args::{ConnectorCheckArgs, ConnectorDiscoverArgs, ConnectorReadArgs, ConnectorSpecArgs, RecordFormat};
use crate::cli::outcome::FOUND;
use crate::connector::Options;
use crate::connector::catalog::Selection;
use crate::connector::config::ConnectorConfig;
use crate::connector::drive::{Drive, Reading, Report, load_catalog};
use crate::connector::executor::Executor;
use crate::connector::pump::{Count, Counts};
use crate::connector::records::Format;
use crate::connector::state::States;
use crate::error::{Fault, Kind, Result};
use crate::host::Answer;

/// How often the progress is told anew.
const TICK: Duration = Duration::from_millis(100);

impl Call<'_> {
    /// `spec`.
    pub fn spec(&self, args: &ConnectorSpecArgs) -> Result<Answer> {
        let (executor, options) = self.executor(&args.options)?;
        let drive = self.ready(executor.as_ref(), &options)?;
        Ok(shown(drive.spec()?.value().clone()))
    }

    /// `check`: the exit code is 1 where the connector says that the configuration does not work.
    pub fn check(&self, args: &ConnectorCheckArgs) -> Result<Answer> {
        let start = Instant::now();
        let config = self.config(args.config.as_deref())?;
        let (executor, options) = self.executor(&args.options)?;
        let verdict = self.ready(executor.as_ref(), &options)?.check(&config)?;
        let name = &options.name;
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
        let config = self.config(args.config.as_deref())?;
        let (executor, options) = self.executor(&args.options)?;
        Ok(shown(self.ready(executor.as_ref(), &options)?.discover(&config)?))
    }

    /// `read`.
    pub fn read(&self, args: &ConnectorReadArgs) -> Result<Answer> {
        let start = Instant::now();
        if self.json && args.output.is_none() {
            let fault = Fault::new(Kind::Usage, "standard output is for the records, or for the document of `--json`");
            return Err(fault.hint("have a file for each stream with `--output DIR`").into());
        }
        let config = self.config(args.config.as_deref())?;
        let (executor, options) = self.executor(&args.options)?;
        let reading = self.reading(args)?;
        let drive = self.ready(executor.as_ref(), &options)?;
        let line = self.ui.counter("read");
        let of_pump = line.clone();
        let mut told = Instant::now();
        let progress = Box::new(move |counts: &Counts| {
            if told.elapsed() >= TICK {
                told = Instant::now();
                of_pump.set_message(progress(counts, start.elapsed()));
            }
        });
        let read = drive.read(&config, Reading { progress, ..reading });
        line.finish_and_clear();
        let Report { counts, warnings, .. } = read?;
        for warning in &warnings {
            self.ui.warn(warning);
        }
        self.ui.done("read", &format!("{}: {}", options.name, summary(&counts)), start);
        let of = |(stream, it): &(String, Count)| json!({ "stream": stream, "records": it.records, "bytes": it.bytes });
        Ok(Answer::data(json!({ "streams": counts.iter().map(of).collect::<Vec<_>>(), "warnings": warnings })))
    }

    /// A connector that can be run; one that is missing or broken is installed first, unless that is not wanted.
    fn ready<'d>(&'d self, executor: &'d dyn Executor, options: &'d Options) -> Result<Drive<'d>> {
        executor.ensure(options.install)?;
        Ok(Drive { host: self.host, name: options.name.as_str(), executor })
    }

    fn config(&self, given: Option<&str>) -> Result<ConnectorConfig> {
        let given = given.ok_or_else(|| {
            Fault::new(Kind::Usage, "the connector's configuration is missing")
                .hint("give it with `--config FILE`, `--config -` for standard input, or `--config '{…}'`")
        })?;
        ConnectorConfig::load(self.host, given)
    }

    fn reading(&self, args: &ConnectorReadArgs) -> Result<Reading> {
        Ok(Reading {
            catalog: args.catalog.as_ref().map(|path| load_catalog(self.host, path)).transpose()?,
            streams: args.streams.as_deref().map(Selection::parse),
            states: args.state.as_ref().map(|path| States::load(self.host, path)).transpose()?,
            state_out: args.state_out.as_ref().map(|path| self.host.absolute(path)),
            full_refresh: args.full_refresh,
            limit: args.limit,
            format: match args.format {
                RecordFormat::Jsonl => Format::Jsonl,
                RecordFormat::Csv => Format::Csv,
            },
            output: args.output.as_ref().map(|dir| self.host.absolute(dir)),
            progress: Box::new(|_| {}),
        })
    }
}

/// What the connector says, for people as for programs.
fn shown(value: Value) -> Answer {
    Answer::new(format!("{value:#}\n"), value)
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
