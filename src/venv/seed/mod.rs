//! Puts pip, and setuptools where that python's `ensurepip` brings it, into a virtual environment: without starting any
//! Python, and with the result that `python -m ensurepip --upgrade --default-pip` has.
//!
//! The steps: `choose` reads which wheels that python's `ensurepip` takes (or `index` gets them), `installed` says
//! what of it is there already, `wheel` reads and proves a wheel whole, `cache` keeps it unpacked, `place` puts files
//! in their places, `script` and `entry_points` make the programs, `record` the `RECORD`, and `compile` has the
//! cache compiled after the first use.
//!
//! `RECORD` is written first and says all that is to come. Killed in between, the next run sees what is not whole, takes
//! it out by that `RECORD`, and begins anew.
//!
//! Left out on purpose: wheels with anything that pip's and setuptools' do not have (`.data`, compiled code), which are
//! refused; `PYTHONPYCACHEPREFIX`; other implementations than CPython. With `SOURCE_DATE_EPOCH` no compiled files
//! are put into the environment, because they tell the time at which the cache was filled; `PYTHONDONTWRITEBYTECODE` is not
//! heeded, as `ensurepip` does not heed it.

use std::path::Path;

use tracing::debug;

use crate::error::{Fault, Kind, Result};
use crate::host::{Host, signal};
use crate::python::{Implementation, Interpreter};
use install::Job;
use plan::Place;

mod cache;
mod choose;
mod compile;
pub mod entry_points;
mod index;
mod install;
mod installed;
mod place;
mod plan;
mod record;
mod script;
#[cfg(test)]
mod tests;
mod wheel;

pub use cache::useless;
pub use plan::Plan;

/// The largest wheel that is read.
const WHEEL_LIMIT: u64 = 64 << 20;

/// The environment that pip is put into.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The base python.
    pub interpreter: &'a Interpreter,
    /// The environment's directory of packages.
    pub site_packages: &'a Path,
    /// Its directory of programs.
    pub bin: &'a Path,
    /// What programs start: the environment's own python, as CPython's `env_exec_cmd`.
    pub python: &'a Path,
    /// Whether programs find their python beside themselves, so that the environment can be moved.
    pub relocatable: bool,
}

/// Where unpacked wheels are kept from one run to the next.
#[derive(Clone, Copy, Debug)]
pub struct Cache<'a> {
    /// The user's cache directory.
    pub dir: &'a Path,
    /// Whether to start the interpreter, detached, to compile what the cache holds, where that is yet to be done. It ends
    /// with the file `<dir>/seed/<key>/compiled`; from then on environments get the compiled files.
    pub compile: bool,
}

/// What was put there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// The project.
    pub name: &'static str,
    /// Its version.
    pub version: String,
}

/// Puts into the environment what was planned for it. Returns what was put there; what is whole and as new stays as it is.
///
/// Fails with [`Kind::CannotCreate`] or [`Kind::InputOutput`] where the environment cannot be written.
pub fn seed(host: &Host, target: &Target<'_>, cache: Option<&Cache<'_>>, plan: &Plan) -> Result<Vec<Seeded>> {
    let tag = tag(target.interpreter)?;
    let job = Job { target, plan, tag: &tag, dated: host.var("SOURCE_DATE_EPOCH").is_some() };
    let mut seeded = Vec::new();
    for ready in &plan.ready {
        if let Some(signal) = signal::received() {
            return Err(signal::fault(signal).into());
        }
        // Another process may have been here since it was planned.
        let found = installed::find(target.site_packages, ready.chosen.project)?;
        let Some(remains) = ready.chosen.remains(&found) else { continue };
        remains.iter().try_for_each(|it| installed::remove(target.site_packages, target.bin, it))?;
        job.install(ready)?;
        let (name, version) = (ready.chosen.project, ready.description.version.clone());
        debug!("{name} {version} is in `{}`", target.site_packages.display());
        seeded.push(Seeded { name, version });
    }
    if cache.is_some_and(|cache| cache.compile) && !job.dated {
        let uncompiled = plan.ready.iter().filter_map(|ready| match &ready.from {
            Place::Cache(entry) if entry.compiled.is_none() => Some(entry.dir.clone()),
            _ => None,
        });
        compile::start(host, target, &uncompiled.collect::<Vec<_>>());
    }
    Ok(seeded)
}

/// `sys.implementation.cache_tag`
fn tag(interpreter: &Interpreter) -> Result<String> {
    let version = interpreter.version();
    match &interpreter.build.implementation {
        Implementation::CPython => Ok(format!("cpython-{}{}", version.major, version.minor)),
        other => {
            let message = format!("pip cannot be put into an environment of {other} without starting it");
            Err(Fault::new(Kind::Config, message).hint("use `python -m ensurepip`").into())
        }
    }
}
