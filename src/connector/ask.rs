//! Questions with one answer: `spec`, `check`, `discover`. The first message of the kind that is asked for is the answer,
//! and the connector is ended as soon as it is there.

use serde_json::Value;

use super::config::Secrets;
use super::json::document::{find, parse};
use super::lines::{blocks, content, lines};
use super::protocol::Message;
use super::talk::{Stderr, Talk};
use crate::error::{Fault, Kind, Result};
use crate::host::Cmd;
use crate::host::source::Source;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The command, for people: `spec`.
    pub verb: &'static str,
    /// The message that answers.
    pub message: Message<'static>,
    /// Where the answer is in it.
    pub key: &'static str,
    /// What the answer is called, for people.
    pub what: &'static str,
}

impl Question {
    /// The answer in a message of the kind that is asked for.
    pub fn answer(&self, line: &[u8]) -> Option<Value> {
        find(line, &[self.key]).and_then(|it| parse(std::str::from_utf8(it).ok()?).ok())
    }
}

/// `spec`.
pub static SPEC: Question = Question { verb: "spec", message: Message::Spec, key: "spec", what: "a spec" };
/// `check`.
pub static CHECK: Question =
    Question { verb: "check", message: Message::ConnectionStatus, key: "connectionStatus", what: "a status" };
/// `discover`.
pub static DISCOVER: Question =
    Question { verb: "discover", message: Message::Catalog, key: "catalog", what: "a catalog" };

/// Asks a connector.
///
/// Fails with [`Kind::Data`] where it ends well and without an answer; where it does not end well, by what it said of it.
pub fn ask(cmd: &Cmd, name: &str, question: &'static Question, secrets: &Secrets) -> Result<Value> {
    let of_reader = secrets.clone();
    let mut stderr = Stderr::default();
    let tapped =
        cmd.tap(move |output| first(output, question, Talk::new(of_reader)), &mut |bytes| stderr.take(bytes))?;
    let (answer, talk) = &tapped.value;
    if let Some(answer) = answer {
        return Ok(answer.clone());
    }
    let what = format!("`{}` of `{name}`", question.verb);
    if !tapped.is_success() || !talk.errors().is_empty() {
        return Err(talk.failure(&what, &tapped.end(), &stderr));
    }
    let message = format!("{what} ended without {}", question.what);
    let fault = Fault::new(Kind::Data, message).hint("is it a connector at all? `-v` shows what it says");
    Err(fault.into())
}

/// The first answer, and what was said beside.
fn first(output: &mut dyn Source, question: &Question, mut talk: Talk) -> (Option<Value>, Talk) {
    let mut answer = None;
    let read = blocks(output, &mut |block| {
        let text = String::from_utf8_lossy(block.text);
        for line in lines(text.as_bytes()).map(content).filter(|line| !line.is_empty()) {
            match Message::of(line) {
                Some(message) if message == question.message => {
                    answer = question.answer(line);
                    if answer.is_some() {
                        return Ok(false);
                    }
                    talk.stray(line);
                }
                Some(Message::Log) => talk.log(line),
                Some(Message::Trace) => talk.trace(line),
                Some(_) => {}
                None => talk.stray(line),
            }
        }
        Ok(true)
    });
    if let Err(error) = read {
        tracing::info!("the output of the connector cannot be read: {error}");
    }
    (answer, talk)
}
