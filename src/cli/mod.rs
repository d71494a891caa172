//! The command line: which command it is, and what is handed over to when the work is done.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::Parser as _;
use serde_json::{Value as Json, json};

use crate::bootstrap::{self, Pass, ReadyEnvironment, Request};
use crate::config::Selection;
use crate::deps::verify::Depth;
use crate::error::{Fault, Kind, Result};
use crate::fetch::keyring;
use crate::host::exec::find_program;
use crate::host::{Answer, EnvDelta, ExecPlan, Host, Outcome, names};
use crate::python::ObjectReference;
use crate::ui::{self, Level, Ui};
use crate::venv::Venv;
use crate::venv::layout::deactivation;

pub mod args;
mod cache;
mod check;
mod ci;
mod completions;
mod connector;
mod env;
mod eval;
mod init;
pub mod outcome;
mod plain;
mod schema;
mod script;
mod session;
mod start;
mod target;
pub mod timings;
mod venv;
mod wrap;

use crate::shell;
use args::{BootArgs, Cli, ColorArg, Command, EnvFormat, GlobalArgs, VerifyArg};
use target::Target;

/// What a ready environment is handed over to.
#[derive(Debug)]
enum HandOver {
    /// Nothing: the work is done.
    Nothing,
    /// A command line for the user's shell.
    Shell(OsString),
    /// A program and its arguments.
    Program(Vec<OsString>),
    /// A function.
    Call(ObjectReference),
    /// The user's shell, at the terminal or for commands that come from a pipe.
    Session,
    /// The variables, printed in this format.
    Variables(Option<EnvFormat>),
}

/// Does one process's part of what the command line says.
pub fn run(host: &Host) -> Result<Outcome> {
    if let Some(code) = keyring::stand_in(host) {
        return Ok(Outcome::Exit(code));
    }
    let cli = match plain::parse(host).map_or_else(|| Cli::try_parse_from(&host.args), Ok) {
        Ok(cli) => cli,
        Err(error) => {
            let answer = outcome::of_parser(&error);
            answer.failures.iter().for_each(|error| ci::tell_misuse(host, error));
            return Ok(answer.into());
        }
    };
    let ui = start_ui(host, &cli.global);
    let request = checked(host, &cli).inspect_err(|error| ci::tell_misuse(host, error))?;
    let record = || timings::begin(host, ui, &cli, &request);
    if let Some(Command::Ci(args)) = &cli.command {
        return ci::run(host, ui, &request, *args, &record);
    }
    record()?;
    match &cli.command {
        Some(Command::Eval) => return eval::run(host, ui, &request),
        Some(Command::Check(_)) => return check::run(host, ui, &request),
        Some(Command::Init(args)) => return init::run(host, ui, &request, args),
        Some(Command::Schema(args)) => return schema::run(args),
        Some(Command::Venv(args)) => return venv::run(host, ui, &request, args),
        Some(Command::Connector(args)) => return connector::run(host, ui, &request, (args, cli.global.json)),
        Some(Command::Start(args)) => return start::run(host, ui, &request, args.words.clone()),
        Some(Command::Cache(args)) => return cache::run(host, ui, &request, args).map(Outcome::from),
        Some(Command::Script(args)) => return script::run(host, ui, &request, args),
        Some(Command::Env(args)) if !args.boot => return env::run(host, ui, &request, args.format),
        Some(Command::Wrap(args)) => return wrap::run(host, ui, request.repo.as_deref(), &args.kind),
        Some(Command::Completions(args)) => return completions::run(*args),
        _ => {}
    }
    let undo = cli.command.as_ref().and_then(undo);
    let json = cli.global.json;
    let target = hand_over(cli);
    if matches!(target, HandOver::Session) {
        session::notice_nesting(host, ui);
    }
    if let Some(of_run) = undo {
        check_nothing_follows(&target)?;
        let environment = bootstrap::undo(host, ui, &request, of_run.as_deref())?;
        return Ok(Answer::data(ready(&environment)).into());
    }
    match bootstrap::pass(host, ui, &request)? {
        Pass::Again(delta) => Ok(Outcome::Exec(ExecPlan::again(host, delta))),
        Pass::Through(program, delta) => Ok(Outcome::Exec(ExecPlan { program, ..ExecPlan::again(host, delta) })),
        // Only who asks for it is told which: a ready run has nothing else to say.
        Pass::Ready(_) if matches!(target, HandOver::Nothing) && !json => Ok(Outcome::Exit(0)),
        Pass::Ready(environment) => handed_over(host, ui, &environment, target),
    }
}

/// What is asked for, where the options agree with each other.
fn checked(host: &Host, cli: &Cli) -> Result<Request> {
    check_top(cli)?;
    Ok(Request { verify: depth(cli)?, ..request(host, cli) })
}

fn request(host: &Host, cli: &Cli) -> Request {
    let global = &cli.global;
    Request {
        repo: global.repo.as_ref().map(|dir| host.absolute(dir)),
        selection: Selection { env: global.env.clone(), link: !global.no_link },
        offline: global.offline,
        verify: None,
        lock_timeout: global.lock_timeout,
        reboot: matches!(cli.command, Some(Command::Reboot(_))),
        connectors: connector::ensure,
    }
}

/// Whether a reboot is to be taken back, and which, where one is named.
#[expect(clippy::option_option, reason = "the two are different questions")]
fn undo(command: &Command) -> Option<Option<String>> {
    match command {
        Command::Reboot(reboot) => reboot.undo.clone(),
        _ => None,
    }
}

fn check_nothing_follows(target: &HandOver) -> Result<()> {
    match target {
        HandOver::Nothing => Ok(()),
        _ => Err(Fault::new(Kind::Usage, "`-c` and `--undo` exclude each other")
            .hint("use `prime reboot --undo`, then `prime -c 'CMD'`")
            .into()),
    }
}

/// How closely the files are looked at. What only hands over trusts the last proof: it costs the program nothing.
fn depth(cli: &Cli) -> Result<Option<Depth>> {
    let top = cli.boot.verify;
    let asked = match &cli.command {
        None => top,
        Some(Command::Boot(boot)) => boot.verify.or(top),
        Some(Command::Reboot(reboot)) => reboot.boot.verify.or(top),
        Some(Command::Check(check)) => check.verify.or(top),
        Some(Command::Ci(ci)) => ci.verify.or(top),
        // Without it the last proof is trusted, but once a day.
        Some(Command::Script(script)) if script.verify.or(top).is_none() => return Ok(None),
        Some(Command::Script(script)) => script.verify.or(top),
        Some(_) if top.is_none() => return Ok(None),
        Some(_) => {
            let fault =
                Fault::new(Kind::Usage, "`--verify` is an option of `boot`, `reboot`, `check`, `ci` and `script`");
            return Err(fault.hint("use `prime --verify=hash` first").into());
        }
    };
    Ok(Some(match asked.unwrap_or_default() {
        VerifyArg::Size => Depth::Size,
        VerifyArg::Hash => Depth::Hash,
    }))
}

fn start_ui(host: &Host, global: &GlobalArgs) -> Ui {
    ui::choose_color(match global.color {
        ColorArg::Auto => None,
        ColorArg::Always => Some(true),
        ColorArg::Never => Some(false),
    });
    let named = host.var(names::STDERR_LOG_LEVEL).map(OsStr::to_string_lossy);
    let level = level(global, named.as_deref());
    let ui = Ui::new(host, level.unwrap_or_default());
    // Once for the run, not for each of its stages.
    if let (None, Some(name), None) = (level, named, host.var(names::PY_EXEC)) {
        let variable = names::STDERR_LOG_LEVEL;
        ui.warn(&format!("`{variable}` is `{name}`, which is none of {}", Level::allowed()));
    }
    ui
}

/// How much is said: what the options ask for, else what the variable names.
fn level(global: &GlobalArgs, named: Option<&str>) -> Option<Level> {
    Level::from_counts(global.verbose, global.quiet).or_else(|| named.and_then(Level::parse))
}

/// What only `boot` and `reboot` do is not asked of another command.
fn check_top(cli: &Cli) -> Result<()> {
    let option = match &cli.boot {
        boot if boot.command_line.is_some() => "-c",
        boot if boot.main.is_some() => "--main",
        _ => return Ok(()),
    };
    let fault = |message: String, hint: &str| Err(Fault::new(Kind::Usage, message).hint(hint).into());
    match &cli.command {
        None | Some(Command::Boot(_) | Command::Reboot(_)) => Ok(()),
        Some(Command::Run(_)) => {
            fault(format!("`{option}` and `run` exclude each other"), "use `prime -c 'CMD'` or `prime run -- CMD`")
        }
        Some(_) => {
            let message = format!("before a command `{option}` is an option of `boot` and `reboot`");
            fault(message, "give the options of a command behind it")
        }
    }
}

fn hand_over(cli: Cli) -> HandOver {
    let top = cli.boot;
    let boot = match cli.command {
        None => BootArgs::default(),
        Some(Command::Boot(boot)) => boot,
        Some(Command::Reboot(reboot)) => reboot.boot,
        Some(Command::Run(run)) => return HandOver::Program(run.command),
        Some(Command::Shell(shell)) => return shell.command_line.map_or(HandOver::Session, HandOver::Shell),
        Some(Command::Env(env)) => return HandOver::Variables(env.format),
        Some(_) => return HandOver::Nothing,
    };
    // What is said behind the command is nearer.
    match (boot.command_line, boot.main, top.command_line, top.main) {
        (Some(command_line), ..) | (None, None, Some(command_line), _) => HandOver::Shell(command_line),
        (None, Some(main), ..) | (None, None, None, Some(main)) => HandOver::Call(main),
        (None, None, None, None) => HandOver::Nothing,
    }
}

/// What a program sees that takes over: the environment as active, and none of our variables.
fn entering(host: &Host, venv: &Venv) -> EnvDelta {
    let clean = names::INTERNAL.into_iter().fold(deactivation(host), EnvDelta::unset);
    clean.clone().and(&venv.activation(&host.with_env(&clean)))
}

/// A ready environment for programs.
fn ready(environment: &ReadyEnvironment) -> Json {
    let venv = &environment.venv;
    json!({
        "venv": venv.dir().display().to_string(),
        "bin": venv.bin().display().to_string(),
        "python_version": environment.python_version,
    })
}

/// The outcome for a ready environment.
fn handed_over(host: &Host, ui: Ui, environment: &ReadyEnvironment, target: HandOver) -> Result<Outcome> {
    let venv = &environment.venv;
    let delta = entering(host, venv);
    let host = host.with_env(&delta);
    let plan = match target {
        HandOver::Nothing => return Ok(Answer::data(ready(environment)).into()),
        HandOver::Variables(format) => return env::show(&host, venv, format),
        HandOver::Shell(command_line) => shell::run_command(&host, &venv.bin(), &command_line),
        HandOver::Program(words) => program(&host, words)?,
        HandOver::Call(reference) => Target::Call(reference).plan(&host, venv, Vec::new())?,
        HandOver::Session => session::plan(&host, ui, environment),
    };
    Ok(Outcome::Exec(ExecPlan { env: delta.and(&plan.env), ..plan }))
}

fn program(host: &Host, words: Vec<OsString>) -> Result<ExecPlan> {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_default();
    let dirs: Vec<PathBuf> = host.path_dirs();
    let program = find_program(&name, &dirs, &host.current_dir)?;
    Ok(ExecPlan { arg0: name, ..ExecPlan::new(program, words) })
}
