//! Which python a command means that works without the bootstrap: one that is named, else the repository's, else the
//! first one on `PATH`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use super::shared::users_cache_dir as cache_dir;
use super::{Request, select};
use crate::config::{self, discover};
use crate::error::{Code, Fault, Kind, Result, kind_of};
use crate::host::Host;
use crate::host::exec::find_program;
use crate::python::{
    Interpreter, PythonVersion, Requirement, Search, SearchOptions, probe_as_named, search, stable_path,
};
use crate::venv::Venv;

/// What a program from 3.7 on is, the oldest that an environment is made for.
const ANY: &str = ">=3.7";
const OLDEST: PythonVersion = PythonVersion::new(3, 7, 0);

/// The interpreter that the words of a person mean: a path (which is kept as it is, links and all), a version such as
/// `3.12` or `>=3.9`, or the name of a program on `PATH`.
///
/// Fails with [`Kind::Config`] where there is none.
pub fn named(host: &Host, words: &OsStr) -> Result<Interpreter> {
    let text = words.to_string_lossy();
    if text.contains('/') {
        return at(host, &host.absolute(Path::new(words)));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || "<>=!~".contains(c)) {
        return of_version(host, &text);
    }
    match find_program(words, &host.path_dirs(), &host.current_dir) {
        Ok(path) => at(host, &path),
        Err(_) if text.chars().any(|c| c.is_ascii_digit()) => of_version(host, &text),
        Err(fault) => Err(no_python(&text, fault.message)),
    }
}

/// The interpreter at a path.
fn at(host: &Host, path: &Path) -> Result<Interpreter> {
    let named = probe_as_named(host, path, &options(host));
    named.map_err(|reason| no_python(&path.display().to_string(), reason))
}

fn no_python(what: &str, reason: String) -> anyhow::Error {
    let fault = Fault::of(Code::NoPython, format!("`{what}` is no python that can be used"));
    let hint = "name a python from 3.7 on by its path, by a name on `PATH`, or by its version";
    anyhow::anyhow!(reason).context(fault.hint(hint))
}

/// The first interpreter that meets a requirement, by the path that outlives a patch upgrade.
fn of_version(host: &Host, text: &str) -> Result<Interpreter> {
    let requirement = Requirement::parse(text)?;
    found(search(host, &requirement, &options(host)), text)
}

fn found(search: Search, required: &str) -> Result<Interpreter> {
    let lines = search.lines();
    if let Some(interpreter) = search.selected {
        let path = stable_path(&interpreter.path);
        return Ok(interpreter.named(&path));
    }
    let lines = if lines.is_empty() { "there is no python at all".to_owned() } else { lines.join("\n") };
    let fault = Fault::of(Code::NoPython, format!("no python matching `{required}` found"));
    Err(anyhow::anyhow!(lines).context(fault.hint("install it, or name one with `--python`")))
}

/// The interpreter that is meant where nobody names one: the repository's, where one is here that says which, else the
/// first one on `PATH`.
pub fn of_place(host: &Host, request: &Request) -> Result<Interpreter> {
    let repo = match discover(host, request.repo.as_deref()) {
        Ok(repo) => repo,
        Err(error) if kind_of(&error) == Kind::Config && request.repo.is_none() => return first_on_path(host),
        Err(error) => return Err(error),
    };
    let settings = config::load(host, &repo, &request.selection)?;
    let Some(required) = select::required_if_said(host, &settings)? else { return first_on_path(host) };
    tracing::info!("required: python {} ({})", required.requirement.source(), required.origin);
    found(select::select(host, &settings, &required)?, required.requirement.source())
}

/// The `python3` that a shell would start, where it is new enough; else the first python that is.
fn first_on_path(host: &Host) -> Result<Interpreter> {
    let python3 = find_program(OsStr::new("python3"), &host.path_dirs(), &host.current_dir);
    let python3 = python3.ok().and_then(|path| at(host, &path).ok());
    let is_usable = |python: &Interpreter| python.version() >= OLDEST;
    python3.filter(is_usable).map_or_else(|| of_version(host, ANY), Ok)
}

/// The interpreter of an environment that may have lost it: what it was made from, where that is still a python of the
/// same minor version, else the first one of that version.
///
/// Fails with [`Kind::Config`] where the directory is no environment, or no such python is there.
pub fn of_environment(host: &Host, env_dir: &Path) -> Result<Interpreter> {
    let cfg = Venv::new(host.absolute(env_dir)).cfg();
    let Some(version) = cfg.as_ref().and_then(|cfg| cfg.version()) else {
        let message = format!("`{}` is no virtual environment: no `pyvenv.cfg` tells its version", env_dir.display());
        return Err(Fault::new(Kind::Config, message).hint("make one there with `prime venv`").into());
    };
    let series: String = version.split('.').take(2).collect::<Vec<_>>().join(".");
    let home = cfg.as_ref().and_then(|cfg| cfg.value("home")).map(PathBuf::from);
    let names = [format!("python{series}"), "python3".to_owned(), "python".to_owned()];
    let is_of_series = |python: &Interpreter| {
        let version = python.version();
        format!("{}.{}", version.major, version.minor) == series
    };
    let in_home = home.iter().flat_map(|home| names.iter().map(|name| home.join(name)));
    let mut kept = in_home.filter_map(|path| probe_as_named(host, &path, &options(host)).ok()).filter(is_of_series);
    match kept.next() {
        Some(interpreter) => Ok(interpreter),
        None => of_version(host, &series),
    }
}

fn options(host: &Host) -> SearchOptions {
    SearchOptions { cache_dir: cache_dir(host), ..SearchOptions::default() }
}
