//! Which python a command means that works without the bootstrap: one that is named, else the repository's, else the
//! first one on `PATH`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use super::shared::users_cache_dir as cache_dir;
use super::{Request, select};
use crate::config::{self, discover};
use crate::error::{Fault, Kind, Result, kind_of};
use crate::host::Host;
use crate::host::exec::find_program;
use crate::python::{Interpreter, PythonVersion, SearchOptions, named, probe_as_named};
use crate::venv::Venv;

/// What a program from 3.7 on is, the oldest that an environment is made for.
const ANY: &str = ">=3.7";
const OLDEST: PythonVersion = PythonVersion::new(3, 7, 0);

/// The interpreter that the words of a person mean.
///
/// Fails with [`Kind::Config`] where there is none.
pub fn named(host: &Host, words: &OsStr) -> Result<Interpreter> {
    named::by_words(host, words, &options(host))
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
    named::found(select::select(host, &settings, &required)?, required.requirement.source())
}

/// The `python3` that a shell would start, where it is new enough; else the first python that is.
fn first_on_path(host: &Host) -> Result<Interpreter> {
    let python3 = find_program(OsStr::new("python3"), &host.path_dirs(), &host.current_dir);
    let python3 = python3.ok().and_then(|path| named::at(host, &path, &options(host)).ok());
    let is_usable = |python: &Interpreter| python.version() >= OLDEST;
    python3.filter(is_usable).map_or_else(|| named::of_version(host, ANY, &options(host)), Ok)
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
        None => named::of_version(host, &series, &options(host)),
    }
}

fn options(host: &Host) -> SearchOptions {
    SearchOptions { cache_dir: cache_dir(host), ..SearchOptions::default() }
}
