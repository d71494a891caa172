//! How a command ends, told: to people as text and errors, to programs (`--json`) as one document on standard output.
//!
//! Commands return what they have to say ([`Answer`]); an error that comes up is what went wrong. The document is made here
//! and nowhere else. What becomes another program has none: from there on standard output is that program's.

use std::borrow::Cow;

use clap::{ArgMatches, CommandFactory as _};
use serde_json::{Value as Json, json};

use super::args::Cli;
use super::plain;
use crate::bootstrap::stage::Progress;
use crate::error::{Code, Fault, Result, code_of, kind_of};
use crate::host::redact::redact;
use crate::host::{Answer, Host, Outcome, Text};
use crate::ui::{self, log, report};

pub mod schema;

/// The form of the document; counted up when a key changes its meaning.
pub const SCHEMA: u32 = 1;
/// The exit code of `check` where something is not as it should be.
pub const FOUND: u8 = 1;
/// The option that asks for the document.
const OPTION: &str = "--json";
/// The commands that go through the stages.
pub const STAGED: [&str; 6] = ["boot", "ci", "reboot", "run", "script", "shell"];

/// Tells how it ended; the exit code that says the same.
pub fn tell(host: &Host, result: Result<Outcome>) -> u8 {
    let answer = match result {
        Ok(Outcome::Answer(answer)) => *answer,
        Ok(Outcome::Exit(code)) => Answer { code, ..Answer::default() },
        // What was to be executed has been, or there would be an error.
        Ok(Outcome::Exec(_)) => return 0,
        Err(error) => Answer { code: kind_of(&error).exit_code(), failures: vec![error], ..Answer::default() },
    };
    match asked(host) {
        Some(asked) => ui::data(&format!("{:#}\n", document(host, asked.command.as_deref(), &answer))),
        None => match &answer.text {
            Text::Styled(text) => ui::data(text),
            Text::Raw(bytes) if bytes.is_empty() => {}
            Text::Raw(bytes) => ui::data_bytes(bytes),
        },
    }
    answer.failures.iter().filter(|_| !answer.is_told).for_each(report::show);
    answer.code
}

/// The document.
fn document(host: &Host, command: Option<&str>, answer: &Answer) -> Json {
    let failure = answer.failures.first().filter(|_| answer.code != 0);
    let hint = failure.and_then(|error| error.downcast_ref::<Fault>()?.hint.as_deref());
    let is_staged = command.is_some_and(|command| STAGED.contains(&command));
    let stage = Progress::observe(host).ok().filter(|_| is_staged).map(|progress| progress.stage.name());
    json!({
        "schema": SCHEMA,
        "command": command,
        "status": status(answer),
        "exit_code": answer.code,
        "stage": stage,
        "cause": failure.map(cause),
        "hint": hint.map(redact),
        "log": log::file().map(|file| file.display().to_string()),
        "data": answer.data,
    })
}

fn status(answer: &Answer) -> &'static str {
    match answer.code {
        0 => "ok",
        FOUND if answer.failures.is_empty() => "found",
        _ => "error",
    }
}

fn cause(error: &anyhow::Error) -> Json {
    let place = error.downcast_ref::<Fault>().and_then(|fault| fault.place.as_ref());
    json!({
        "code": code_of(error).name(),
        "detail": report::detail(error),
        "file": place.map(|place| place.file.display().to_string()),
        "line": place.and_then(|place| place.line),
    })
}

/// Who asks for the document.
struct Asked {
    /// The command, where the command line tells.
    command: Option<String>,
}

/// Whether the document is asked for. A command line that cannot be parsed asks by the word alone.
fn asked(host: &Host) -> Option<Asked> {
    let words = host.args.get(1..)?;
    if !words.iter().any(|word| word == OPTION) || plain::parse(host).is_some() {
        return None;
    }
    if let Ok(matches) = Cli::command().try_get_matches_from(&host.args) {
        return matches.get_flag("json").then(|| Asked { command: Some(name(&matches)) });
    }
    let ours = words.iter().take_while(|word| *word != "--").map(|word| word.to_string_lossy());
    let is_asked = ours.clone().any(|word| word == OPTION);
    is_asked.then(|| Asked { command: named(ours) })
}

/// The command that words name, one within another included, whatever stands between them.
fn named<'w>(words: impl Iterator<Item = Cow<'w, str>>) -> Option<String> {
    let mut within = Cli::command();
    let mut names = Vec::new();
    for word in words {
        if let Some(inner) = within.find_subcommand(word.as_ref()).cloned() {
            names.push(inner.get_name().to_owned());
            within = inner;
        }
    }
    (!names.is_empty()).then(|| names.join(" "))
}

/// The command that the command line of this process names, where it can be parsed.
pub fn command_name(host: &Host) -> Option<String> {
    Cli::command().try_get_matches_from(&host.args).ok().map(|matches| name(&matches))
}

/// `boot` where none is named; `wrap start` where one is within another.
fn name(matches: &ArgMatches) -> String {
    let mut names = Vec::new();
    let mut inner = matches.subcommand();
    while let Some((name, matches)) = inner {
        names.push(name);
        inner = matches.subcommand();
    }
    if names.is_empty() { "boot".to_owned() } else { names.join(" ") }
}

/// The answer where clap has the last word: help that was asked for, or a command line that it does not understand.
pub fn of_parser(error: &clap::Error) -> Result<Outcome> {
    let text = error.render().ansi().to_string();
    if !error.use_stderr() {
        let plain = error.render().to_string();
        return Ok(Answer::new(text, json!({ "text": plain })).into());
    }
    ui::talk(&text);
    let said = error.render().to_string();
    let said = said.trim_start_matches("error: ").split("\n\nUsage:").next().unwrap_or_default().trim_end();
    let code = u8::try_from(error.exit_code()).unwrap_or(Code::Usage.kind().exit_code());
    let failures = vec![Fault::of(Code::Usage, said).hint("`prime --help` shows what is understood").into()];
    Ok(Answer { code, failures, is_told: true, ..Answer::default() }.into())
}
