//! A connector at work: its answers, and its records.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ask::{self, Question, ask};
use super::catalog::{Catalog, Selection, Stream, ambiguous, called, check_distinct, streams};
use super::config::{ConnectorConfig, Secrets};
use super::counts::Count;
use super::csv::Table;
use super::pump::{Progress, Pump, Stop, Taken};
use super::quota::Quota;
use super::records::{Format, Records};
use super::spec::Spec;
use super::specs::KeptSpec;
use super::state::{Keeper, States};
use super::talk::{Stderr, Talk};
use super::{Executor, Files, Verb};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs, names, tap};

/// A connector that can be run.
pub struct Drive<'a> {
    /// This process.
    pub host: &'a Host,
    /// The connector's name, for people.
    pub name: &'a str,
    /// What runs it.
    pub executor: &'a dyn Executor,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the configuration works.
    pub succeeded: bool,
    /// What the connector says of it, without secrets.
    pub message: Option<String>,
}

/// What is to be read, and where it goes.
pub struct Reading {
    /// The configured catalog; else it is made of what the connector discovers.
    pub catalog: Option<Value>,
    /// The streams, of those that are discovered.
    pub streams: Option<Selection>,
    /// The states to go on from.
    pub states: Option<States>,
    /// Where states are written.
    pub state_out: Option<PathBuf>,
    /// Whether all is read anew.
    pub full_refresh: bool,
    /// As many records as are wanted of each stream.
    pub limit: Option<u64>,
    /// How records are written.
    pub format: Format,
    /// The directory of the files; else standard output.
    pub output: Option<PathBuf>,
    /// Told what was read so far.
    pub progress: Progress,
}

/// What was read.
#[derive(Debug)]
pub struct Report {
    /// Of each stream.
    pub counts: Vec<(String, Count)>,
    /// Why it was over.
    pub stop: Stop,
    /// Things to know that stopped nothing.
    pub warnings: Vec<String>,
}

impl Drive<'_> {
    /// What the configuration looks like.
    pub fn spec(&self) -> Result<Spec> {
        if let Some(known) = self.executor.known_spec()? {
            return Ok(Spec::from_value(known)?);
        }
        let answer = self.ask(Verb::Spec, &self.files(None)?, &ask::SPEC, &Secrets::default())?;
        if let Some(kept) = self.kept_spec()? {
            kept.keep(&answer);
        }
        Ok(Spec::from_value(answer)?)
    }

    fn kept_spec(&self) -> Result<Option<KeptSpec>> {
        Ok(self.executor.identity()?.and_then(|identity| KeptSpec::of(self.host, &identity)))
    }

    /// The spec that this configuration is as it asks for.
    fn fitting_spec(&self, config: &ConnectorConfig) -> Result<Spec> {
        let kept = self.kept_spec()?.and_then(|kept| kept.load()).and_then(|kept| Spec::from_value(kept).ok());
        if let Some(kept) = kept.filter(|kept| config.validate(kept).is_ok()) {
            return Ok(kept);
        }
        let spec = self.spec()?;
        config.validate(&spec)?;
        Ok(spec)
    }

    /// Whether a configuration works.
    pub fn check(&self, config: &ConnectorConfig) -> Result<Verdict> {
        let (files, secrets) = self.given(config)?;
        let status = self.ask(Verb::Check, &files, &ask::CHECK, &secrets)?;
        let text = |key: &str| status.get(key).and_then(Value::as_str);
        Ok(Verdict {
            succeeded: text("status") == Some("SUCCEEDED"),
            message: text("message").filter(|it| !it.is_empty()).map(|it| secrets.scrub(it)),
        })
    }

    /// The streams, as the connector tells them: the `catalog` of its message.
    pub fn discover(&self, config: &ConnectorConfig) -> Result<Value> {
        let (files, secrets) = self.given(config)?;
        self.discover_with(&files, &secrets)
    }

    fn discover_with(&self, files: &Files, secrets: &Secrets) -> Result<Value> {
        let catalog = self.ask(Verb::Discover, files, &ask::DISCOVER, secrets)?;
        Catalog::from_value(&catalog)?;
        Ok(catalog)
    }

    /// Reads records. What was read until a failure is where it belongs, and so is the state.
    pub fn read(&self, config: &ConnectorConfig, reading: Reading) -> Result<Report> {
        let (mut files, secrets) = self.given(config)?;
        let catalog = self.catalog(&reading, &files, &secrets)?;
        files.catalog = Some(files.write("catalog.json", catalog.to_string().as_bytes())?);
        let streams = streams(&catalog);
        let mut states = reading.states.clone().unwrap_or_default();
        let read_whole = streams.iter().filter(|it| it.is_full || reading.full_refresh);
        let has_forgotten = states.forget(read_whole, reading.full_refresh);
        files.state = Some(files.write("state.json", states.to_json().as_bytes())?);
        let pump = pump(reading, &streams, (states, has_forgotten), Talk::new(secrets.clone()))?;
        let mut stderr = Stderr::default();
        let command = self.executor.command(Verb::Read, &files)?;
        let tapped = command.tap(move |output| pump.run(output), &mut |bytes| stderr.take(bytes));
        self.end(Verb::Read, &files);
        let tapped = tapped?;
        let (end, is_success) = (tapped.end(), tapped.is_success());
        let Taken { pump, counts, stop } = tapped.value;
        let stop = stop?;
        if stop == Stop::End && !is_success {
            return Err(pump.talk.failure(&format!("`read` of `{}`", self.name), &end, &stderr));
        }
        let read = counts.iter().filter(|(_, count)| count.records > 0);
        let counts = read.map(|(name, count)| (name.to_owned(), count.clone())).collect();
        Ok(Report { counts, stop, warnings: warnings(&pump) })
    }

    fn ask(&self, verb: Verb, files: &Files, question: &'static Question, secrets: &Secrets) -> Result<Value> {
        let answer = ask(&self.executor.command(verb, files)?, self.name, question, secrets);
        self.end(verb, files);
        answer
    }

    /// Ends what may be left of a command that was ended before it came to its own end.
    fn end(&self, verb: Verb, files: &Files) {
        if let Err(error) = self.executor.end(verb, files) {
            tracing::info!("what the connector left running is not ended: {error:#}");
        }
    }

    /// The configured catalog: the one that is given, else what is selected of what the connector discovers.
    fn catalog(&self, reading: &Reading, files: &Files, secrets: &Secrets) -> Result<Value> {
        if let Some(configured) = &reading.catalog {
            return Ok(configured.clone());
        }
        let catalog = Catalog::from_value(&self.discover_with(files, secrets)?)?;
        let streams = reading.streams.as_ref().ok_or_else(|| catalog.none_selected())?;
        Ok(catalog.configured(streams, reading.full_refresh)?)
    }

    /// The files with a configuration that is what the connector asks for, and what nobody is to see of it.
    fn given(&self, config: &ConnectorConfig) -> Result<(Files, Secrets)> {
        let spec = self.fitting_spec(config)?;
        Ok((self.files(Some(config))?, config.secrets(Some(&spec))))
    }

    fn files(&self, config: Option<&ConnectorConfig>) -> Result<Files> {
        let dir = self.host.var_path(names::AIRBYTE_TEMP_DIR).or_else(|| self.host.var_path("TMPDIR"));
        let mut files = Files::new(&dir.unwrap_or_else(|| "/tmp".into()), self.executor.readers())?;
        if let Some(config) = config {
            files.config = Some(files.write("config.json", config.to_json().as_bytes())?);
        }
        Ok(files)
    }
}

fn pump(reading: Reading, streams: &[Stream], (states, has_forgotten): (States, bool), talk: Talk) -> Result<Pump> {
    if reading.format == Format::Csv && reading.output.is_none() && streams.len() > 1 {
        let fault = Fault::new(Kind::Usage, "CSV of several streams does not go into one output");
        return Err(fault.hint("select one stream, or have a file for each with `--output DIR`").into());
    }
    let ambiguous = ambiguous(streams);
    let called = called(streams, &ambiguous);
    if reading.output.is_some() || reading.limit.is_some() {
        check_distinct(&called)?;
    }
    let goes_on = |stream: &Stream| !stream.is_full && states.hold(stream);
    let going_on = called.iter().filter(|(_, it)| goes_on(it)).map(|(key, _)| key.clone()).collect();
    let tables = called.iter().map(|(key, it)| (key.clone(), Table::new(it.columns.clone()))).collect();
    let quota = Quota::new(called.into_iter().map(|(key, _)| key).collect(), reading.limit);
    let mut keeper = Keeper::new(states, reading.state_out);
    if has_forgotten || (reading.states.is_none() && reading.output.is_some()) {
        keeper.take_back()?;
    }
    let records = match &reading.output {
        Some(dir) => Records::to_dir(reading.format, dir, &going_on, tables)?,
        None => Records::to_stream(reading.format, tap::standard_output()?, tables),
    };
    Ok(Pump { records, keeper, talk, quota, ambiguous, progress: reading.progress })
}

fn warnings(pump: &Pump) -> Vec<String> {
    let mut warnings: Vec<String> =
        pump.talk.errors().iter().map(|it| format!("the connector reported: {}", it.message)).collect();
    match pump.talk.strays() {
        0 => {}
        1 => warnings.push("1 line of the connector was no message; `-v` shows it".to_owned()),
        count => {
            warnings.push(format!("{count} lines of the connector were no messages; `-v` shows the first of them"));
        }
    }
    if pump.talk.has_changed_config() {
        warnings.push(
            "the connector asks for another configuration (a renewed token, perhaps), which is not kept".to_owned(),
        );
    }
    for (stream, count) in pump.quota.left_out() {
        let (noun, verb) = if count == 1 { ("record", "is") } else { ("records", "are") };
        warnings.push(format!(
            "{count} {noun} of `{stream}` {verb} left out: it is not selected, and CSV of several streams does not go into one \
             output"
        ));
    }
    for (stream, properties) in pump.records.left_out() {
        warnings
            .push(format!("records of `{stream}` have properties that no column is for: {}", properties.join(", ")));
    }
    warnings
}

/// A configured catalog from a file.
///
/// Fails with [`Kind::Config`] where it cannot be read or has no streams.
pub fn load_catalog(host: &Host, path: &Path) -> Result<Value> {
    let shown = path.display();
    let hint = "give a configured catalog: `{\"streams\": [{\"stream\": {…}, \"sync_mode\": …}]}`";
    let content = fs::read_file(&host.absolute(path)).map_err(|error| {
        anyhow::Error::new(error)
            .context(Fault::new(Kind::Config, format!("cannot read the catalog `{shown}`")).hint(hint))
    })?;
    let catalog: Value = serde_json::from_slice(&content)
        .map_err(|error| Fault::new(Kind::Config, format!("`{shown}` is no catalog: {error}")).hint(hint))?;
    if streams(&catalog).is_empty() {
        return Err(Fault::new(Kind::Config, format!("`{shown}` has no configured stream")).hint(hint).into());
    }
    Ok(catalog)
}
