//! The commands that have a connector answer: `spec`, `check`, `discover`, `read`.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Call, options};
use crate::cli::args::{
    ConnectorCheckArgs, ConnectorDiscoverArgs, ConnectorOptions, ConnectorReadArgs, ConnectorSpecArgs, RecordFormat,
};
use crate::connector::catalog::Selection;
use crate::connector::config::ConnectorConfig;
use crate::connector::drive::{Drive, Reading, Report, load_catalog};
use crate::connector::executor::Executor;
use crate::connector::pump::{Count, Counts};
use crate::connector::records::Format;
use crate::connector::state::States;
use crate::connector::{Options, choose};
use crate::error::{Fault, Kind, Result};
use crate::host::Outcome;
use crate::ui;

/// How often the progress is told anew.
const TICK: Duration = Duration::from_millis(100);

impl Call<'_> {
    /// `spec`.
    pub fn spec(&self, args: &ConnectorSpecArgs) -> Result<Outcome> {
        let (executor, options) = self.executor(&args.options)?;
        let drive = self.ready(executor.as_ref(), &options)?;
        show(drive.spec()?.value());
        Ok(Outcome::Exit(0))
    }

    /// `check`: the exit code is 1 where the connector says that the configuration does not work.
    pub fn check(&self, args: &ConnectorCheckArgs) -> Result<Outcome> {
        let start = Instant::now();
        let config = self.config(args.config.as_deref())?;
        let (executor, options) = self.executor(&args.options)?;
        let verdict = self.ready(executor.as_ref(), &options)?.check(&config)?;
        let name = &options.name;
        let message = verdict.message.map(|it| format!(": {it}")).unwrap_or_default();
        if verdict.succeeded {
            self.ui.done("check", &format!("{name} works with this configuration{message}"), start);
            return Ok(Outcome::Exit(0));
        }
        self.ui.warn(&format!("{name} does not work with this configuration{message}"));
        Ok(Outcome::Exit(1))
    }

    /// `discover`.
    pub fn discover(&self, args: &ConnectorDiscoverArgs) -> Result<Outcome> {
        let config = self.config(args.config.as_deref())?;
        let (executor, options) = self.executor(&args.options)?;
        show(&self.ready(executor.as_ref(), &options)?.discover(&config)?);
        Ok(Outcome::Exit(0))
    }

    /// `read`.
    pub fn read(&self, args: &ConnectorReadArgs) -> Result<Outcome> {
        let start = Instant::now();
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
        Ok(Outcome::Exit(0))
    }

    fn executor(&self, args: &ConnectorOptions) -> Result<(Box<dyn Executor>, Options)> {
        let options = options(self.request, args)?;
        Ok((choose::executor(self.host, self.ui, &options)?, options))
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

fn show(value: &Value) {
    ui::data(&format!("{value:#}\n"));
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
