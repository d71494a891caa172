//! `prime script`: a script with metadata of its own (PEP 723), in an environment of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::args::ScriptArgs;
use super::entering;
use super::target::Target;
use crate::bootstrap::script::{self, Locking};
use crate::bootstrap::{Pass, Request};
use crate::config::Script;
use crate::config::document::Source;
use crate::config::script::lock::LockFile;
use crate::error::{Fault, Kind, Result};
use crate::host::{Answer, ExecPlan, Host, Outcome, fs};
use crate::ui::Ui;

/// Does this process's part: makes the environment, or becomes the script in it.
pub fn run(host: &Host, ui: Ui, request: &Request, args: &ScriptArgs) -> Result<Outcome> {
    check_request(request)?;
    let mut words = args.words.iter().cloned();
    let path = PathBuf::from(words.next().unwrap_or_default());
    let script = load(host, &path)?;
    let pass = if args.lock {
        check_alone(words.next())?;
        match script::lock(host, ui, request, &script)? {
            Locking::Done(path) => return Ok(Answer::data(json!({ "lock": path.display().to_string() })).into()),
            Locking::GoesOn(pass) => pass,
        }
    } else {
        script::pass(host, ui, request, &script)?
    };
    match pass {
        Pass::Again(delta) => Ok(Outcome::Exec(ExecPlan::again(host, delta))),
        Pass::Through(program, delta) => Ok(Outcome::Exec(ExecPlan { program, ..ExecPlan::again(host, delta) })),
        Pass::Ready(environment) => {
            let delta = entering(host, &environment.venv);
            let plan = Target::Script(path).plan(&host.with_env(&delta), &environment.venv, words.collect())?;
            Ok(Outcome::Exec(ExecPlan { env: delta, ..plan }))
        }
    }
}

/// Reads the script's metadata. What its paths are relative to is where it really lies.
fn load(host: &Host, path: &Path) -> Result<Script> {
    if path.as_os_str() == "-" {
        let fault =
            Fault::new(Kind::Usage, "a script from standard input has no place that its environment is known by");
        return Err(fault.hint("write it to a file; `prime script ./-` is a file of that name").into());
    }
    Target::Script(path.to_owned()).check(host)?;
    let file = host.current_dir.join(path);
    let shown = path.display().to_string();
    let content = fs::read_file(&file).map_err(|error| {
        let why = error.to_string().to_lowercase();
        Fault::new(Kind::CannotExecute, format!("`{shown}` is no script: {why}")).hint("name a file with Python code")
    })?;
    let real = file.canonicalize().unwrap_or(file);
    let mut script = Script::parse(&real, &shown, &content)?;
    let mut path = real.into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    // Others lock with a directory or an empty file of this name, to keep each other out.
    let is_lock = path.metadata().is_ok_and(|meta| !meta.is_dir() && meta.len() > 0);
    let content = if is_lock { fs::read_optional(&path)? } else { None };
    if let Some(content) = content {
        script.lock_file = Some(LockFile { source: Arc::new(Source { path, name: format!("{shown}.lock") }), content });
    }
    Ok(script)
}

/// To lock a script is not to run it.
fn check_alone(argument: Option<OsString>) -> Result<()> {
    let Some(argument) = argument else { return Ok(()) };
    let message = format!("`{}` is an argument for the script, and `--lock` does not run it", argument.display());
    Err(Fault::new(Kind::Usage, message).hint("lock it first, then run it without `--lock`").into())
}

/// What is of repositories means nothing here.
fn check_request(request: &Request) -> Result<()> {
    let selection = &request.selection;
    if request.repo.is_none() && selection.env.is_none() && selection.link {
        return Ok(());
    }
    let message = "`-C`, `-e` and `--no-link` are of repositories, and a script has an environment of its own";
    let hint = "leave them out; `prime start FILE` runs a script in a repository's environment";
    Err(Fault::new(Kind::Usage, message).hint(hint).into())
}
