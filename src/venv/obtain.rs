//! Where uv comes from.
//!
//! In this order: `PRIME_UV`, the cache, `PATH`, the package index. From the index it is fetched natively: that needs no
//! python and takes a twentieth of the time. Where that way does not serve (no wheel for this platform, credentials that
//! only pip knows how to get), an intermediate environment is made into which pip installs uv; the binary is moved to the
//! cache and the environment removed.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::builder::EnvSpec;
use super::credentials::Credentials;
use super::driver::{Console, DriverName};
use super::pip::{create_natively, create_with_pip, unasking};
use crate::error::{Fault, Kind, Result};
use crate::fetch::IndexSettings;
use crate::fetch::default_index::{PipPlace, default_index};
use crate::fetch::http::Client;
use crate::fetch::index::{self, Lookup};
use crate::fetch::uv::{self, MINIMUM_UV, Obtained as Fetched, Uv};
use crate::fetch::wheel::{Platform, Progress};
use crate::host::exec::find_program;
use crate::host::{Cmd, Host, fs, names};
use crate::python::Interpreter;

/// What it takes to get uv.
pub struct Wanted<'a> {
    /// The process.
    pub host: &'a Host,
    /// The index settings.
    pub settings: &'a IndexSettings,
    /// Where it is kept.
    pub cache_dir: &'a Path,
    /// An interpreter that may help: its pip tells the usual index, and can install uv.
    pub python: Option<&'a Interpreter>,
    /// How that interpreter's environment is made natively; by `python -m venv` where this is not given.
    pub native: Option<EnvSpec>,
}

/// A uv that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obtained {
    /// The program.
    pub program: PathBuf,
    /// Its version.
    pub version: String,
    /// Where it comes from.
    pub source: Source,
}

/// Where a uv comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `PRIME_UV` names it.
    Variable,
    /// An earlier run left it in the cache.
    Cache,
    /// It is on `PATH`.
    Path,
    /// Fetched from the index just now.
    Index,
    /// Installed by pip into an intermediate environment just now.
    Pip,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Variable => "PRIME_UV",
            Self::Cache => "cache",
            Self::Path => "PATH",
            Self::Index => "index",
            Self::Pip => "index, by pip",
        })
    }
}

/// Finds uv on this machine: what `PRIME_UV` names, else the newest in the cache, else the first on `PATH` that is new
/// enough.
///
/// Fails where `PRIME_UV` names something that is no usable uv; it is never passed over.
pub fn find(host: &Host, cache_dir: &Path) -> Result<Option<Obtained>> {
    if let Some(program) = host.var(names::PRIME_UV) {
        let unusable = || {
            let fault = Fault::new(Kind::Config, format!("`{}` names no usable uv", names::PRIME_UV));
            fault.hint(format!("name a working uv in it, or unset `{}`", names::PRIME_UV))
        };
        let program = find_program(program, &host.path_dirs(), &host.current_dir).with_context(unusable)?;
        let version = uv::known_version(host, cache_dir, &program).with_context(unusable)?;
        if version < *MINIMUM_UV {
            return Err(too_old(&program, &version.to_string()).into());
        }
        return Ok(Some(Obtained { program, version: version.to_string(), source: Source::Variable }));
    }
    if let Some(cached) = uv::cached_uv(cache_dir) {
        return Ok(Some(obtained(cached, Source::Cache)));
    }
    Ok(on_path(host, cache_dir))
}

fn on_path(host: &Host, cache_dir: &Path) -> Option<Obtained> {
    let programs = host.path_dirs().into_iter().map(|dir| dir.join("uv")).filter(|path| fs::is_executable(path));
    programs.into_iter().find_map(|program| {
        let version = uv::known_version(host, cache_dir, &program)
            .inspect_err(|error| tracing::info!("`{}` is passed over: {error:#}", program.display()))
            .ok()?;
        if version < *MINIMUM_UV {
            tracing::info!("{}", too_old(&program, &version.to_string()));
            return None;
        }
        Some(Obtained { program, version: version.to_string(), source: Source::Path })
    })
}

fn too_old(program: &Path, version: &str) -> Fault {
    let message = format!("`{}` is uv {version}; {} or newer is needed", program.display(), *MINIMUM_UV);
    Fault::new(Kind::Config, message).hint("upgrade it, or unset `PRIME_UV` and let `prime` get its own")
}

fn obtained(found: Uv, source: Source) -> Obtained {
    Obtained { program: found.path, version: found.version.to_string(), source }
}

/// Gets uv from the package index.
pub fn get(wanted: &Wanted<'_>, console: &mut Console<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Obtained> {
    match fetch(wanted, progress)? {
        Fetched::Uv(found) => Ok(obtained(found, Source::Index)),
        Fetched::ViaPip(fault) => match wanted.python {
            None => Err(fault.into()),
            Some(python) => {
                tracing::info!("{fault}; trying an intermediate environment of `{}`", python.path.display());
                let installed = by_pip(wanted, python, console);
                installed.map(|found| obtained(found, Source::Pip)).map_err(|error| error.context(fault))
            }
        },
    }
}

/// Asks the index for the files of a project.
pub fn look_up(settings: &IndexSettings, project: &str) -> Result<Lookup> {
    look_up_as(settings, project, None)
}

/// Asks the index for the files of a project; where none is set, the one that this interpreter's pip would ask.
pub fn look_up_as(settings: &IndexSettings, project: &str, python: Option<&Interpreter>) -> Result<Lookup> {
    let places: Vec<PipPlace> = python.into_iter().map(pip_place).collect();
    let policy = settings.policy(|| default_index(&places))?;
    index::lookup(&Client::new(policy.http.clone()), &policy, project)
}

fn fetch(wanted: &Wanted<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Fetched> {
    let places: Vec<PipPlace> = wanted.python.into_iter().map(pip_place).collect();
    let policy = wanted.settings.policy(|| default_index(&places))?;
    let client = Client::new(policy.http.clone());
    let platform = Platform::observe(Path::new("/"));
    let source = uv::Source { client: &client, policy: &policy, platform: &platform };
    uv::obtain_uv(wanted.host, source, wanted.cache_dir, progress)
}

fn pip_place(python: &Interpreter) -> PipPlace {
    PipPlace {
        site_packages: python.purelib.clone(),
        stdlib: python.stdlib.clone(),
        wheel_dir: python.wheel_pkg_dir.clone(),
    }
}

/// Has pip install uv into an environment that lives no longer than that (protoprimer's way, seed 002).
fn by_pip(wanted: &Wanted<'_>, python: &Interpreter, console: &mut Console<'_>) -> Result<Uv> {
    let versions = wanted.cache_dir.join("uv");
    fs::create_dir_all(&versions)?;
    let dir = tempfile::Builder::new().prefix(uv::STAGING_PREFIX).tempdir_in(&versions);
    let dir = dir.map_err(|error| fs::cannot_create(&versions, error))?;
    let venv = super::Venv::new(dir.path().join("venv"));
    let env = unasking();
    match &wanted.native {
        Some(spec) => create_natively(spec.clone(), &venv)?,
        None => create_with_pip(&|it| Cmd::new(wanted.host, it).env(&env), &python.path, &venv, &[], console)?,
    }
    let requirement = format!("uv>={}", *MINIMUM_UV);
    let install = Cmd::new(wanted.host, venv.python()).env(&env).args(["-I", "-m", "pip", "install"]).arg(requirement);
    let lent = Credentials::new(wanted.settings, DriverName::Pip).lend(&[], Some(&venv))?;
    lent.run(install, console, "`pip install uv`")?;
    uv::adopt(wanted.host, wanted.cache_dir, &venv.bin().join("uv"))
}
