//! `--timings`: the record of a run, and at its end the page and the document that are made of it.
//!
//! Who asks for them and cannot have them is told before anything is done. Where they cannot be written in the end, what was
//! done stays done: that is a warning, and the record stays where it is.

use std::path::{Path, PathBuf};

use clap::Parser as _;
use serde_json::json;

use super::args::{Cli, Command};
use super::{level, outcome};
use crate::bootstrap::stage::Progress;
use crate::bootstrap::{self, Request};
use crate::error::{Code, Fault, Result};
use crate::host::{Host, Outcome, fs, names};
use crate::ui::record::{self, Plan, Record};
use crate::ui::{Ui, timings};

/// The page, where no file is named.
const PAGE: &str = "timings.html";
/// How the name of the document ends that lies beside the page.
const DOCUMENT: &str = "json";
/// The commands whose answer names the files.
pub const NAMED_BY: [&str; 5] = ["boot", "ci", "reboot", "connector install", "connector ensure"];

/// Begins to record, where that is asked for.
pub fn begin(host: &Host, ui: Ui, cli: &Cli, request: &Request) -> Result<()> {
    let Some(file) = &cli.global.timings else { return Ok(()) };
    let command = outcome::command_name(host).unwrap_or_default();
    let is_staged = outcome::STAGED.contains(&command.as_str()) || host.var(names::PY_EXEC).is_some();
    let stage = Progress::observe(host).ok().filter(|_| is_staged).map(|progress| progress.stage.name());
    let goes_on = host.var(names::PY_EXEC).is_some() && host.var(names::RECORD).is_some();
    let product = match file {
        // The stage before has found the place, and the record lies there.
        _ if goes_on => PathBuf::new(),
        Some(file) => named(host.absolute(file))?,
        None => beside_the_log(host, cli, request)?,
    };
    let plan = Plan { command: &command, stage: stage.unwrap_or(&command), product: &product };
    match record::begin(host, &plan) {
        // What was begun is worth more than its record.
        Err(error) if goes_on => {
            ui.warn(&format!("the record of this run cannot be gone on with: {error:#}"));
            Ok(())
        }
        begun => begun.map_err(|error| fs::with_remedy(error, "make it writable, or name a file: `--timings=FILE`")),
    }
}

fn named(file: PathBuf) -> Result<PathBuf> {
    let refused = |message: String| Fault::of(Code::Usage, message).hint("name a file for the page: `--timings=FILE`");
    if file.is_dir() {
        return Err(refused(format!("`{}` is a directory", file.display())).into());
    }
    if file.extension().is_some_and(|extension| extension == DOCUMENT) {
        let message = format!("`{}` is where the document would be, which lies beside the page", file.display());
        return Err(refused(message).into());
    }
    Ok(file)
}

fn beside_the_log(host: &Host, cli: &Cli, request: &Request) -> Result<PathBuf> {
    let is_of_repository = !matches!(cli.command, Some(Command::Script(_)));
    match is_of_repository.then(|| bootstrap::log_dir(host, request)).transpose() {
        Ok(Some(dir)) => Ok(dir.join(PAGE)),
        Err(error) if !matches!(cli.command, Some(Command::Connector(_) | Command::Venv(_))) => Err(error),
        Ok(None) | Err(_) => {
            let message = "`--timings` puts its page beside the log of a repository, and there is none";
            Err(Fault::of(Code::Usage, message).hint("name a file for the page: `--timings=FILE`").into())
        }
    }
}

/// Ends what is recorded of this process. At the end of the run the page is made.
pub fn end(host: &Host, mut outcome: Result<Outcome>) -> Result<Outcome> {
    record::end(&outcome);
    let Some(record) = record::so_far().filter(|record| record.end.is_some()) else { return outcome };
    let Some((ui, page)) = asked(host).zip(record::product()) else {
        record::remove();
        return outcome;
    };
    let document = page.with_extension(DOCUMENT);
    match write(&record, &page, &document) {
        Ok(()) => {
            record::remove();
            ui.note("timings", &page.display().to_string());
            name_in_answer(&mut outcome, &record, &page, &document);
        }
        Err(error) => ui.warn(&format!("the timings are not written: {error:#}")),
    }
    outcome
}

/// Whether the page is asked for: where to say that it is there.
fn asked(host: &Host) -> Option<Ui> {
    let cli = Cli::try_parse_from(&host.args).ok()?;
    let level = level(&cli.global, host.var_text(names::STDERR_LOG_LEVEL)).unwrap_or_default();
    cli.global.timings.is_some().then(|| Ui::new(host, level))
}

fn write(record: &Record, page: &Path, document: &Path) -> Result<()> {
    fs::write_atomic(document, format!("{:#}\n", timings::document(record)).as_bytes())?;
    fs::write_atomic(page, timings::page(record).as_bytes())
}

fn name_in_answer(outcome: &mut Result<Outcome>, record: &Record, page: &Path, document: &Path) {
    let Ok(Outcome::Answer(answer)) = outcome else { return };
    if let Some(data) = answer.data.as_object_mut().filter(|_| NAMED_BY.contains(&record.run.command.as_str())) {
        let text = |path: &Path| path.display().to_string();
        data.insert("timings".to_owned(), json!({ "page": text(page), "document": text(document) }));
    }
}
