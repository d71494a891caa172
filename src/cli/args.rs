//! The command line as types, and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::host;
use crate::python::ObjectReference;

mod cache;
mod ci;
pub mod connector;
mod entry;
mod init;
mod script;
mod venv;

use cache::CACHE_AFTER_HELP;
pub use cache::{CacheArgs, CacheCommand};
use ci::CI_AFTER_HELP;
pub use ci::{CiArgs, CiSystem};
use connector::CONNECTOR_AFTER_HELP;
pub use connector::{
    ConnectorArgs, ConnectorCheckArgs, ConnectorCommand, ConnectorDiscoverArgs, ConnectorOptions, ConnectorReadArgs,
    ConnectorSpecArgs, RecordFormat,
};
use entry::{COMPLETIONS_AFTER_HELP, ENV_AFTER_HELP, SHELL_AFTER_HELP, START_AFTER_HELP, WRAP_AFTER_HELP};
pub use entry::{CompletionsArgs, CompletionsShell, EnvArgs, EnvFormat, ShellArgs, StartArgs, WrapArgs, WrapKind};
use init::INIT_AFTER_HELP;
pub use init::{InitArgs, LayoutArg};
use script::SCRIPT_AFTER_HELP;
pub use script::ScriptArgs;
use venv::VENV_AFTER_HELP;
pub use venv::VenvArgs;

/// One command from a fresh clone of a Python repository to a working environment
#[derive(Clone, Debug, Parser)]
#[command(name = "prime", bin_name = "prime", version, max_term_width = 100, after_help = AFTER_HELP, after_long_help = AFTER_LONG_HELP, disable_help_subcommand = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// Without a command, `boot`.
    #[command(flatten)]
    pub boot: BootArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that are understood before and after the command.
#[derive(Clone, Debug, Default, Args)]
pub struct GlobalArgs {
    /// Say more: decisions and stages (-v), commands (-vv), everything (-vvv)
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Say less: errors only
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub quiet: u8,
    /// The repository, instead of the one that the current directory is in
    #[arg(short = 'C', long, value_name = "DIR", global = true)]
    pub repo: Option<PathBuf>,
    /// The environment of the repository, by its directory; the link that selects it is set to it
    #[arg(short, long, value_name = "DIR", global = true)]
    pub env: Option<PathBuf>,
    /// Leave the link that selects the environment as it is
    #[arg(long, global = true)]
    pub no_link: bool,
    /// Never use the network
    #[arg(long, global = true)]
    pub offline: bool,
    /// Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)
    #[arg(long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub lock_timeout: Option<Duration>,
    /// When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true, global = true)]
    pub color: ColorArg,
    /// Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, global = true)]
    pub timings: Option<Option<PathBuf>>,
    /// One JSON document on stdout that says how it ended; `prime schema outcome` describes it
    #[arg(long, global = true)]
    pub json: bool,
}

/// The values of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of `boot`.
#[derive(Clone, Debug, Default, Args)]
pub struct BootArgs {
    /// Then run CMD in your shell, with the environment active, and exit with its status
    #[arg(short, long = "command", value_name = "CMD")]
    pub command_line: Option<OsString>,
    /// Then call the function in the environment; what it returns is the exit status
    #[arg(long, value_name = "MODULE:FUNCTION", conflicts_with = "command_line")]
    pub main: Option<ObjectReference>,
    /// How closely the installed files are looked at: size, or hash for their content
    #[arg(long, value_name = "DEPTH", value_enum, hide_possible_values = true)]
    pub verify: Option<VerifyArg>,
}

/// The values of `--verify`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum VerifyArg {
    /// They are there and have the recorded size
    #[default]
    Size,
    /// They have the recorded content
    Hash,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Bootstrap whatever is missing, damaged or stale (the default)
    Boot(BootArgs),
    /// Make the environment from scratch, with the newest versions; the old one is kept
    #[command(visible_alias = "reset", after_help = REBOOT_AFTER_HELP)]
    Reboot(RebootArgs),
    /// Bootstrap if needed, then become CMD in the environment
    #[command(after_help = RUN_AFTER_HELP)]
    Run(RunArgs),
    /// Start a function, a module, a script or a program in the environment, which must be ready
    #[command(after_help = START_AFTER_HELP)]
    Start(StartArgs),
    /// Run a script that says itself what it requires (PEP 723), in an environment of its own
    #[command(after_help = SCRIPT_AFTER_HELP)]
    Script(ScriptArgs),
    /// Start your shell in the environment; bootstrap first, if needed
    #[command(after_help = SHELL_AFTER_HELP)]
    Shell(ShellArgs),
    /// Print the variables of the environment, for shells, direnv and continuous integration
    #[command(after_help = ENV_AFTER_HELP)]
    Env(EnvArgs),
    /// Bootstrap as a step of continuous integration, and hand the environment to the steps that follow
    #[command(after_help = CI_AFTER_HELP)]
    Ci(CiArgs),
    /// Write an entry script, which leads to the environment from wherever it is started
    #[command(after_help = WRAP_AFTER_HELP)]
    Wrap(WrapArgs),
    /// Show the effective configuration, every value with its origin, and change nothing
    #[command(after_help = EVAL_AFTER_HELP)]
    Eval,
    /// Say what is missing, stale or damaged and what a boot would do about it, and change nothing
    #[command(after_help = CHECK_AFTER_HELP)]
    Check(CheckArgs),
    /// Seed a repository: the launcher, a commented configuration, what git is to ignore, the python that is required
    #[command(after_help = INIT_AFTER_HELP)]
    Init(InitArgs),
    /// Make virtual environments as `python -m venv` does, natively
    #[command(after_help = VENV_AFTER_HELP)]
    Venv(VenvArgs),
    /// Install, check and read from connectors: named Python applications, each in its own environment
    #[command(after_help = CONNECTOR_AFTER_HELP)]
    Connector(Box<ConnectorArgs>),
    /// Show or clear what repositories and scripts share
    #[command(after_help = CACHE_AFTER_HELP)]
    Cache(CacheArgs),
    /// Print a JSON Schema
    #[command(after_help = SCHEMA_AFTER_HELP)]
    Schema(SchemaArgs),
    /// Print what completes the command line of `prime` in a shell
    #[command(after_help = COMPLETIONS_AFTER_HELP)]
    Completions(CompletionsArgs),
}

/// Options of `reboot`.
#[derive(Clone, Debug, Args)]
pub struct RebootArgs {
    /// Those of `boot`.
    #[command(flatten)]
    pub boot: BootArgs,
    /// Bring back what the last reboot replaced, or the reboot with this id; once more takes that back
    #[arg(long, value_name = "RUN_ID", require_equals = true, conflicts_with_all = ["command_line", "main"])]
    pub undo: Option<Option<String>>,
}

/// Options of `run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// The program, looked up in the environment first, and its arguments
    #[arg(value_name = "CMD", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

/// Options of `check`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CheckArgs {
    /// How closely the installed files are looked at: size, or hash for their content
    #[arg(long, value_name = "DEPTH", value_enum, hide_possible_values = true)]
    pub verify: Option<VerifyArg>,
}

/// Options of `schema`.
#[derive(Clone, Debug, Args)]
pub struct SchemaArgs {
    /// What is described: `config`, the configuration file; `outcome`, the document of `--json`;
    /// `timings`, the one of `--timings`
    #[arg(value_enum, hide_possible_values = true)]
    pub subject: SchemaSubject,
    /// With `outcome`: the command whose document it is; all of them unless given
    #[arg(long = "of", value_name = "COMMAND")]
    pub command: Option<String>,
}

/// What `schema` describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaSubject {
    /// The configuration file
    Config,
    /// The document of `--json`
    Outcome,
    /// The document of `--timings`
    Timings,
}

/// Seconds, whole or with a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    host::seconds(text).ok_or_else(|| "not a number of seconds".to_owned())
}

/// For `-h`: what one comes back for.
const AFTER_HELP: &str = "\
Examples:
  prime                         make the environment of this repository, or mend it
  prime -v                      the same, and say what is decided and why
  prime --verify=hash           the same, and look at the content of every installed file
  prime -c 'pytest -q'          then run a command in your shell
  prime reboot                  make it from scratch; `prime reboot --undo` goes back
  prime run -- python app.py    become a program in the environment
  prime start app:main          become a function, module, script or program, and never install
  prime shell                   your shell in the environment

`prime --help` has the exit codes and environment variables.";

/// For `--help`: everything. A test holds the variables against `host::names`.
const AFTER_LONG_HELP: &str = "\
Examples:
  prime                         make the environment of this repository, or mend it
  prime -v                      the same, and say what is decided and why
  prime --verify=hash           the same, and look at the content of every installed file
  prime -c 'pytest -q'          then run a command in your shell
  prime reboot                  make it from scratch; `prime reboot --undo` goes back
  prime run -- python app.py    become a program in the environment
  prime start app:main          become a function, module, script or program, and never install
  prime shell                   your shell in the environment

Configuration:
  None is needed. `prime.toml`, or `[tool.prime]` in `pyproject.toml`; the README has the fields.

Environment variables:
  PRIME_UV                       path of the `uv` to use
  PRIME_BIN                      path of the `prime` that launchers start
  PRIME_INDEX_URL                package index that `prime` itself fetches from
  PRIME_KEYRING_TIMEOUT          how many seconds the program `keyring` may take (30)
  PRIME_CACHE_DIR                what a user's repositories share (`~/.cache/prime`)
  PROTOPRIMER_VENV_DRIVER        `venv_uv` or `venv_pip`, over what any file says
  PROTOPRIMER_STDERR_LOG_LEVEL   how much to say: a name or number of Python's `logging`
  PROTOPRIMER_CONF_BASENAME      file name of the configuration, tried before all others
  PROTOPRIMER_PROTO_CODE         absolute path of the launcher; its directory is the repository
  PROTOPRIMER_PY_EXEC, PROTOPRIMER_START_ID
                                 the stage and the id of a run; set from one stage to the next
  PRIME_RECORD                   where the run is recorded; set from one stage to the next
  AIRBYTE_LOCAL_REGISTRY         registry of connectors, a path or a URL; `false` is none
  AIRBYTE_OFFLINE_MODE           never ask the network for that registry or a manifest
  AIRBYTE_NO_UV                  make the environments of connectors with pip
  AIRBYTE_INSTALL_DIR, AIRBYTE_PROJECT_DIR, AIRBYTE_TEMP_DIR
                                 where connectors are, what their containers keep, and files for them
  PRIME_LOCKED, PRIME_KEYRING_GUARD
                                 who works on which repository, and what stands in for `keyring`; set for
                                 what is started meanwhile
  The index, proxy and certificate settings of pip and uv hold as well.

Exit codes:
  0 done, 1 `check` found something, 2 usage, 65 bad data, 69 unavailable, 70 a bug,
  73 cannot create, 74 input/output, 75 try again, 77 not allowed, 78 configuration,
  126/127 command not executable/found,
  128+n ended by signal n (129 SIGHUP, 130 SIGINT, 143 SIGTERM); after a hand-over, the program's own";

const EVAL_AFTER_HELP: &str = "\
Examples:
  prime eval                      every value, by leap, and where it comes from
  prime eval --env dst/ci --json  what would hold in another environment, for programs

Nothing is started, fetched or written. What is wrong is shown beside what is right; the exit code is 78 then.";

const CHECK_AFTER_HELP: &str = "\
Examples:
  prime check                     what a boot would find, and what it would do
  prime check --json || prime     the same for programs; boot where anything is not as it should be
  prime check --verify=hash       the same, and look at the content of every installed file

Nothing is written, not even a log. The exit code is 0 where all is as it should be, else 1.";

const SCHEMA_AFTER_HELP: &str = "\
Examples:
  prime schema config > .prime/schema.json   for an editor, by a first line `#:schema .prime/schema.json`
  prime schema outcome                       what every command says with --json
  prime schema outcome --of check            what this one says";

const REBOOT_AFTER_HELP: &str = "\
Examples:
  prime reboot                  everything anew: python, environment, versions
  prime reboot -c 'pytest -q'   then run a command in your shell
  prime reboot --undo           back to the environment and the pins from before

The old environment moves into `.prime/tmp`; the newest 3 are kept (`reboot_keep_count`). The pins are written when the
new environment is complete. A reboot that fails leaves them as they are: `prime` makes an environment with them, `prime
reboot --undo` brings the old one back. Where there is none to bring back, the exit code is 2.";

const RUN_AFTER_HELP: &str = "\
Examples:
  prime run -- python -c 'import sys; print(sys.prefix)'
  prime run pytest -q";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::host::names::VARIABLES;

    fn parse(args: &[&str]) -> Cli {
        Cli::try_parse_from(std::iter::once("prime").chain(args.iter().copied())).unwrap()
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_long_help_names_every_variable() {
        let help = Cli::command().render_long_help().to_string();
        for (name, _) in VARIABLES {
            assert!(help.contains(name), "{name}");
        }
    }

    #[test]
    fn options_stand_before_or_after_the_command() {
        for args in [&["-v", "-C", "/r", "boot", "-c", "x"][..], &["boot", "-c", "x", "-vC/r"]] {
            let cli = parse(args);
            assert_eq!((cli.global.verbose, cli.global.repo), (1, Some(PathBuf::from("/r"))));
            assert!(matches!(cli.command, Some(Command::Boot(boot)) if boot.command_line == Some("x".into())));
        }
    }

    #[test]
    fn the_lock_timeout_is_a_number_of_seconds() {
        let parsed = |text: &str| {
            Cli::try_parse_from(["prime", "boot", "--lock-timeout", text]).map(|it| it.global.lock_timeout)
        };
        for (text, expected) in [("0", 0), ("90", 90_000), ("1.5", 1500), ("1e19", 3_153_600_000_000)] {
            assert_eq!(parsed(text).unwrap(), Some(Duration::from_millis(expected)));
        }
        for text in ["", "x", "inf", "1m", "1e99"] {
            let error = parsed(text).unwrap_err().to_string();
            assert!(error.contains("'--lock-timeout <SECONDS>'"), "{error}");
        }
        assert_eq!(parse(&[]).global.lock_timeout, None);
    }

    #[test]
    fn everything_after_the_program_is_the_programs() {
        for args in [&["run", "--", "p", "-v", "--", "--help"][..], &["run", "p", "-v", "--", "--help"]] {
            let cli = parse(args);
            assert_eq!(cli.global.verbose, 0);
            assert!(matches!(cli.command, Some(Command::Run(run)) if run.command == ["p", "-v", "--", "--help"]));
        }
    }
}
