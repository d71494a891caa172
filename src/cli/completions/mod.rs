//! `prime completions`: what a shell completes the command line with.
//!
//! The scripts are made from the definition of the command line by `clap_complete`, which only the tests carry: it is ten
//! times as large as what it makes is when that is compressed. They are kept beside this file, and a test holds
//! them against the definition.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use serde_json::json;

use super::args::{CompletionsArgs, CompletionsShell};
use crate::error::Result;
use crate::host::{Answer, Outcome, Text};

/// Prints the script for one shell.
pub fn run(args: CompletionsArgs) -> Result<Outcome> {
    let deflated: &[u8] = match args.shell {
        CompletionsShell::Bash => include_bytes!(concat!(env!("OUT_DIR"), "/prime.bash")),
        CompletionsShell::Zsh => include_bytes!(concat!(env!("OUT_DIR"), "/_prime")),
        CompletionsShell::Fish => include_bytes!(concat!(env!("OUT_DIR"), "/prime.fish")),
    };
    let mut script = Vec::new();
    DeflateDecoder::new(deflated).read_to_end(&mut script)?;
    let data = json!({ "script": String::from_utf8_lossy(&script) });
    Ok(Answer { text: Text::Raw(script), ..Answer::data(data) }.into())
}
