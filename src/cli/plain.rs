//! Command lines that need no parser.
//!
//! The definition of the command line, with all that `--help` shows, takes half a millisecond to put together: more than
//! all the rest of a ready run. So those that a program is started with each time are told by their first words. Whatever
//! has an option in front of the program is left to the parser; a test holds both against each other.

use std::ffi::OsString;
use std::path::Path;

use clap::Subcommand as _;

use super::args::{BootArgs, Cli, Command, GlobalArgs, RunArgs, ScriptArgs, StartArgs};
use crate::host::Host;

/// Words that are commands by another name, or were meant to be one.
const ALIASES: [&str; 2] = ["reset", "help"];

/// What a command line without any option of ours means; `None` leaves it to the parser.
pub fn parse(host: &Host) -> Option<Cli> {
    let words = host.args.get(1..)?;
    let command = match words.split_first() {
        None => None,
        Some((name, rest)) if name == "run" => Some(Command::Run(RunArgs { command: program(rest, None)? })),
        Some((name, rest)) if name == "start" => Some(Command::Start(StartArgs { words: program(rest, Some("-m"))? })),
        Some((name, rest)) if name == "script" => {
            Some(Command::Script(ScriptArgs { words: program(rest, None)?, ..ScriptArgs::default() }))
        }
        Some((name, rest)) => Some(Command::Start(StartArgs { words: script(host, name, rest)? })),
    };
    Some(Cli { global: GlobalArgs::default(), boot: BootArgs::default(), command })
}

/// A program and its arguments, perhaps behind `--`, unless it looks like an option other than this one.
fn program(words: &[OsString], option: Option<&str>) -> Option<Vec<OsString>> {
    let (first, rest) = words.split_first()?;
    if first == "--" {
        return (!rest.is_empty()).then(|| rest.to_vec());
    }
    let is_option = first.as_encoded_bytes().starts_with(b"-") && option.is_none_or(|option| first != option);
    (!is_option).then(|| words.to_vec())
}

/// A script that begins with `#!/usr/bin/env prime`: its path stands where a command would. All that follows is the
/// script's, options of ours included.
fn script(host: &Host, name: &OsString, args: &[OsString]) -> Option<Vec<OsString>> {
    let is_command = |name: &str| name.starts_with('-') || ALIASES.contains(&name) || Command::has_subcommand(name);
    let is_command = name.to_str().is_some_and(is_command);
    if is_command || !host.current_dir.join(Path::new(name)).is_file() {
        return None;
    }
    let has_slash = name.as_encoded_bytes().contains(&b'/');
    let path = if has_slash { name.clone() } else { Path::new(".").join(name).into_os_string() };
    Some(std::iter::once(path).chain(args.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn parsed(words: &[&str]) -> (Option<String>, Option<String>) {
        let args = std::iter::once("prime").chain(words.iter().copied()).map(OsString::from).collect();
        let host = Host { args, current_dir: "/nowhere".into(), ..Host::default() };
        let parser = Cli::try_parse_from(&host.args).ok();
        (parse(&host).map(|cli| format!("{cli:?}")), parser.map(|cli| format!("{cli:?}")))
    }

    #[test]
    fn the_parser_says_the_same() {
        for words in [
            &[][..],
            &["run", "p"],
            &["run", "p", "-v", "--", "--help", "-C"],
            &["run", "--", "p", "-v", "--", "x"],
            &["run", "--", "-v"],
            &["run", "--", "--", "x"],
            &["run", "", "x"],
            &["start", "m:f", "--help", "-q"],
            &["start", "-m", "m", "-v"],
            &["start", "--", "-m", "m", "--", "-v"],
            &["start", "./x", "start", "run"],
            &["script", "x", "--help", "-v", "--verify"],
            &["script", "--", "-x", "--"],
        ] {
            let (plain, parser) = parsed(words);
            assert!(plain.is_some(), "{words:?}");
            assert_eq!(plain, parser, "{words:?}");
        }
    }

    #[test]
    fn what_has_an_option_or_is_another_command_is_left_to_the_parser() {
        for words in [
            &["-v"][..],
            &["boot"],
            &["run"],
            &["run", "--"],
            &["run", "-v", "p"],
            &["start"],
            &["start", "-mm"],
            &["start", "-q", "m:f"],
            &["start", "--help"],
            &["script", "--verify=hash", "x"],
            &["script"],
            &["no-such-file"],
            &["-C", "d", "run", "p"],
        ] {
            assert_eq!(parsed(words).0, None, "{words:?}");
        }
    }
}
