//! Reads the command line.
//!
//! To describe all commands with all their options takes the parser longer than everything else that `prime run` does before it
//! hands over. So only what is run every day is described first, and only the one command of it that is named. Where that
//! does not do (another command, `--help`, a mistake), all is described, and what comes of that counts.

use std::ffi::OsString;

use clap::{Args as _, FromArgMatches as _, Parser as _};

use super::args::{BootArgs, CheckArgs, Cli, GlobalArgs, RunArgs, ShowArgs};

/// The command line, or what the parser has to say of it.
pub fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    parse_usual(args).map_or_else(|| Cli::try_parse_from(args), Ok)
}

/// The command line where it is a usual one.
fn parse_usual(args: &[OsString]) -> Option<Cli> {
    let root = clap::Command::new("prime").disable_help_subcommand(true);
    let root = BootArgs::augment_args(GlobalArgs::augment_args(root));
    // This may be the value of an option; then the one command is not what follows, and the parser fails.
    let word = args.iter().skip(1).find(|word| !word.as_encoded_bytes().starts_with(b"-"));
    let new = clap::Command::new;
    let root = match word.and_then(|word| word.to_str()) {
        Some("boot") => root.subcommand(BootArgs::augment_args(new("boot"))),
        Some("run") => root.subcommand(RunArgs::augment_args(new("run"))),
        Some("eval") => root.subcommand(ShowArgs::augment_args(new("eval"))),
        Some("check") => root.subcommand(CheckArgs::augment_args(new("check"))),
        _ => root,
    };
    let mut matches = root.try_get_matches_from(args).ok()?;
    Cli::from_arg_matches_mut(&mut matches).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_usual_command_line_means_the_same_as_when_all_commands_are_described() {
        for line in [
            "prime",
            "prime -v",
            "prime -qq --offline --verify hash -c x",
            "prime -C run",
            "prime -e boot -vv",
            "prime -c check",
            "prime boot -c x",
            "prime -v run -- x -v --help",
            "prime run -v x -v boot",
            "prime run --color never x",
            "prime -C dir run x",
            "prime eval --json",
            "prime check --verify size -q",
        ] {
            let args = words(line);
            let whole = Cli::try_parse_from(&args).unwrap();
            assert_eq!(format!("{:?}", parse(&args).unwrap()), format!("{whole:?}"), "{line}");
        }
    }

    #[test]
    fn the_usual_needs_no_description_of_the_rest() {
        for line in ["prime", "prime -v", "prime -c x", "prime boot", "prime run -- x", "prime run x -h", "prime eval"]
        {
            assert!(parse_usual(&words(line)).is_some(), "{line}");
        }
    }

    #[test]
    fn of_everything_else_all_that_is_described_decides() {
        for line in [
            "prime -h",
            "prime --version",
            "prime run",
            "prime run --help",
            "prime rn -- x",
            "prime help",
            "prime --verify x",
            "prime boot eval",
            "prime -C",
            "prime -c x eval run",
        ] {
            let args = words(line);
            let expected = Cli::try_parse_from(&args).unwrap_err().to_string();
            assert_eq!(parse(&args).unwrap_err().to_string(), expected, "{line}");
        }
        for line in ["prime reset --undo", "prime -c x venv env", "prime -C check init"] {
            let args = words(line);
            let whole = Cli::try_parse_from(&args).unwrap();
            assert_eq!(format!("{:?}", parse(&args).unwrap()), format!("{whole:?}"), "{line}");
        }
    }
}
