//! How a command ends, told: to people as text and errors, to programs (`--json`) as one document on standard output.
//!
//! Commands return what they have to say ([`Answer`]); an error that comes up is what went wrong. The document is made here
//! and nowhere else. What becomes another program has none: from there on standard output is that program's.

use std::borrow::Cow;

use anyhow::Error;
use clap::{Arg, ArgMatches, Command as ClapCommand, CommandFactory as _};
use serde_json::{Value as Json, json};

use super::args::Cli;
use super::plain;
use crate::bootstrap::stage::Progress;
use crate::error::{Code, Fault, Kind, Result, code_of, kind_of};
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

/// Tells how it ended; the exit code that says the same. What cannot be written to standard output is a failure too.
pub fn tell(host: &Host, result: Result<Outcome>) -> u8 {
    let answer = match result {
        Ok(Outcome::Answer(answer)) => *answer,
        Ok(Outcome::Exit(code)) => Answer { code, ..Answer::default() },
        // What was to be executed has been, or there would be an error.
        Ok(Outcome::Exec(_)) => return 0,
        Err(error) => Answer::failed(error),
    };
    let written = match asked(host) {
        Some(asked) => ui::data(&format!("{:#}\n", document(host, asked.command.as_deref(), &answer))),
        None => match &answer.text {
            Text::Styled(text) => ui::data(text),
            Text::Raw(bytes) => ui::data_bytes(bytes),
        },
    };
    answer.failures.iter().filter(|_| !answer.is_told).for_each(report::show);
    let Err(error) = written else { return answer.code };
    let error = Error::new(error).context(Fault::new(Kind::InputOutput, "cannot write to standard output"));
    report::show(&error);
    if answer.code == 0 { kind_of(&error).exit_code() } else { answer.code }
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

fn cause(error: &Error) -> Json {
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
    let is_asked = ours(host).any(|word| word == OPTION);
    is_asked.then(|| Asked { command: said(host) })
}

/// The words that are not certainly another program's.
fn ours(host: &Host) -> impl Iterator<Item = Cow<'_, str>> {
    let words = host.args.iter().skip(1).take_while(|word| *word != "--");
    words.map(|word| word.to_string_lossy())
}

/// The command that a command line names which may not be understood.
pub fn said(host: &Host) -> Option<String> {
    named(ours(host))
}

/// The command that words name, one within another included, whatever stands between them.
fn named<'w>(words: impl Iterator<Item = Cow<'w, str>>) -> Option<String> {
    let top = Cli::command();
    let mut within = &top;
    let mut names = Vec::new();
    let mut is_value = false;
    for word in words {
        if !is_value && let Some(inner) = within.find_subcommand(word.as_ref()) {
            names.push(inner.get_name());
            within = inner;
        }
        is_value = [&top, within].into_iter().flat_map(ClapCommand::get_arguments).any(|it| is_before_value(it, &word));
    }
    (!names.is_empty()).then(|| names.join(" "))
}

/// Whether a word is this option, with its value in the next word.
fn is_before_value(option: &Arg, word: &str) -> bool {
    let is_long = || option.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
    let is_short = || option.get_short().is_some_and(|short| word.strip_prefix('-') == Some(&short.to_string()));
    option.get_action().takes_values() && !option.is_require_equals_set() && (is_long() || is_short())
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
pub fn of_parser(error: &clap::Error) -> Answer {
    let text = error.render().ansi().to_string();
    if !error.use_stderr() {
        let plain = error.render().to_string();
        return Answer::new(text, json!({ "text": plain }));
    }
    ui::talk(&text);
    let said = error.render().to_string();
    let said = said.trim_start_matches("error: ").split("\n\nUsage:").next().unwrap_or_default().trim_end();
    let code = u8::try_from(error.exit_code()).unwrap_or(Code::Usage.kind().exit_code());
    let failures = vec![Fault::of(Code::Usage, said).hint("`prime --help` shows what is understood").into()];
    Answer { code, failures, is_told: true, ..Answer::default() }
}
