//! The options of the commands that lead into an environment: `start`, `shell`, `env`, `wrap`; and `completions`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::python::ObjectReference;

/// Options of `start`.
#[derive(Clone, Debug, Args)]
#[command(override_usage = "prime start [OPTIONS] <TARGET> [ARGS]...")]
pub struct StartArgs {
    /// What is started, and its arguments: `module:function`, `-m module`, a script, a program of the environment
    #[arg(value_name = "TARGET", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// Options of `shell`.
#[derive(Clone, Debug, Args)]
pub struct ShellArgs {
    /// Run CMD instead, and exit with its status
    #[arg(short, long = "command", value_name = "CMD")]
    pub command_line: Option<OsString>,
}

/// Options of `env`.
#[derive(Clone, Copy, Debug, Args)]
pub struct EnvArgs {
    /// For whom: sh, bash, zsh, fish (to be evaluated), json, dotenv, github (`$GITHUB_ENV`); else for your shell
    #[arg(long = "shell", value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub format: Option<EnvFormat>,
    /// Bootstrap first, if needed
    #[arg(long)]
    pub boot: bool,
}

/// The values of `env --shell`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvFormat {
    /// For sh
    Sh,
    /// For bash
    Bash,
    /// For zsh
    Zsh,
    /// For fish
    Fish,
    /// One JSON object
    Json,
    /// Lines of a `.env` file
    Dotenv,
    /// What is appended to the file `$GITHUB_ENV`
    Github,
}

/// Options of `wrap`.
#[derive(Clone, Debug, Args)]
pub struct WrapArgs {
    /// How the script enters.
    #[command(subcommand)]
    pub kind: WrapKind,
}

/// What an entry script does.
#[derive(Clone, Debug, Subcommand)]
pub enum WrapKind {
    /// A script that calls a function in the environment, which must be ready
    #[command(visible_alias = "start_app")]
    Start {
        /// The script to write
        #[arg(short = 's', long = "script", visible_alias = "entry_script_path", value_name = "PATH")]
        script: PathBuf,
        /// What it calls
        #[arg(short = 'm', long = "main", visible_alias = "main_func", value_name = "MODULE:FUNCTION")]
        main: ObjectReference,
    },
    /// A script that bootstraps first
    #[command(visible_alias = "boot_env")]
    Boot {
        /// The script to write
        #[arg(short = 's', long = "script", visible_alias = "entry_script_path", value_name = "PATH")]
        script: PathBuf,
        /// What it calls then; nothing unless given
        #[arg(short = 'm', long = "main", visible_alias = "main_func", value_name = "MODULE:FUNCTION")]
        main: Option<ObjectReference>,
    },
}

/// Options of `completions`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell: bash, zsh, fish
    #[arg(value_enum, hide_possible_values = true)]
    pub shell: CompletionsShell,
}

/// The values of `completions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompletionsShell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Behind the options of `prime start --help`.
pub const START_AFTER_HELP: &str = "\
Targets:
  module:function   is called as a console script calls it: what it returns is the exit status
  -m module         as `python -m module`
  ./script, x.py    as `python script`, in the environment of the repository that the script lies in
  name              a program in the environment's `bin`, and nowhere else

Examples:
  prime start app.cli:main --help
  prime start -m http.server 8000
  prime start tools/report.py out.csv
  prime start pytest -q

In a script: the first line `#!/usr/bin/env -S prime start`, or `#!/usr/bin/env prime` where env has no -S.

All that follows TARGET is the program's. Nothing is ever installed: the exit code is 78 where the environment is not
ready, 126 or 127 where the target cannot be executed or is not there; after the hand-over, the program's own.";

/// Behind the options of `prime shell --help`.
pub const SHELL_AFTER_HELP: &str = "\
Examples:
  prime shell                   your shell, with your own start-up files, in the environment; `exit` leaves it
  prime shell -c 'pytest -q'    a command, and its status
  echo 'pytest -q' | prime shell

The shell is the one that `SHELL` names: bash, zsh, fish, sh and its kin; else the login shell, else sh. The environment is
made first, if needed. `VIRTUAL_ENV_DISABLE_PROMPT` leaves the prompt as it is.";

/// Behind the options of `prime env --help`.
pub const ENV_AFTER_HELP: &str = "\
Examples:
  eval \"$(prime env --shell sh)\"               in sh, bash and zsh
  prime env --shell fish | source              in fish
  prime env --shell github >> \"$GITHUB_ENV\"    in a workflow, for the steps that follow
  prime env --shell json

The exit code is 78, and nothing is printed, where the environment is not ready; `--boot` makes it first.";

/// Behind the options of `prime wrap --help`.
pub const WRAP_AFTER_HELP: &str = "\
Examples:
  prime wrap start -s cmd/report -m app.report:main
  prime wrap boot -s cmd/setup -m app.setup:main     then `cmd/setup -v` takes the options of `prime`
  prime wrap boot -s cmd/prime

The script has one line, between markers, that leads to the launcher (or to `prime` on `PATH`, where there is none) by a
relative path. A script that is there keeps its text outside of the markers; one in Python gets a line of Python.";

/// Behind the options of `prime completions --help`.
pub const COMPLETIONS_AFTER_HELP: &str = "\
Examples:
  prime completions bash > ~/.local/share/bash-completion/completions/prime
  prime completions zsh > ~/.zfunc/_prime              with `fpath+=(~/.zfunc)` before `compinit`
  prime completions fish > ~/.config/fish/completions/prime.fish";

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Cli, Command};

    fn words(args: &[&str]) -> Option<Vec<String>> {
        let cli = Cli::try_parse_from(std::iter::once("prime").chain(args.iter().copied())).ok()?;
        let Some(Command::Start(start)) = cli.command else { return None };
        Some(start.words.into_iter().map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn everything_after_the_target_is_the_programs() {
        for args in [&["x.py", "-v", "--", "--help"][..], &["-m", "x", "-m", "--version"], &["m:f", "-C", "d"]] {
            let with_start = [&["start"], args].concat();
            assert_eq!(words(&with_start).unwrap(), args);
            assert_eq!(words(&[&["-v", "start", "--"], args].concat()).unwrap(), args);
        }
        assert_eq!(words(&["start"]), None);
    }
}
