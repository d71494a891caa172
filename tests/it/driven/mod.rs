//! Connectors at work: a real Python program that speaks the protocol, run where it is.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::pythons;
use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;

mod asked;
mod configured;
mod contained;
mod kept;
mod much;
mod read;
mod said;
mod specs;
mod stopped;

/// A sandbox with the connector `source-tiny` in the repository.
struct Tiny {
    sandbox: Sandbox,
}

impl Tiny {
    fn new() -> Option<Self> {
        let python = pythons::newest()?;
        let text = format!("#!{}\n{}", python.executable.display(), include_str!("source_tiny.py"));
        let sandbox = Sandbox::new().script("source-tiny", text);
        let journal = sandbox.root().join("journal-of-tiny");
        let temp = sandbox.root().join("temp");
        std::fs::create_dir(&temp).unwrap();
        Some(Self { sandbox: sandbox.env("JOURNAL", journal).env("TMPDIR", temp) })
    }

    /// A command for it; the words are split at spaces, so that a configuration must have none.
    fn ask(&self, command: &str, rest: &str) -> Invocation<'_> {
        let words = ["connector", command, "tiny", "--local-executable", "./source-tiny"];
        self.sandbox.prime(words.into_iter().chain(rest.split(' ').filter(|word| !word.is_empty())))
    }

    /// What it was asked: the verb, the mode of its configuration's file, the key in it.
    fn journal(&self) -> String {
        std::fs::read_to_string(self.sandbox.root().join("journal-of-tiny")).unwrap_or_default()
    }

    /// What is left of the files it was given.
    fn left(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.sandbox.root().join("temp")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// The ids of the records in lines of JSON.
fn ids(text: &str) -> Vec<u64> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["record"]["data"]["id"].as_u64().unwrap();
    text.lines().map(id).collect()
}
