//! A python that uv provided, where a CI has brought back a part of it.
//!
//! It is looked at where an environment is not the one that was made here, or where there is none: a ready one knows its
//! interpreter by its stamp. What is damaged uv installs again in its place, where environments lead still. It may be another
//! build of that version by now, which is taken as it is.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::select::{self, Required};
use super::tools::BasePython;
use super::{Run, state, tools};
use crate::config::Settings;
use crate::deps::{Installation, Stamp};
use crate::error::Result;
use crate::python::Build;
use crate::venv::DriverName;

/// Notes what a new environment is made from, where uv provided that, so that it can be proven when it was brought back.
pub fn note(settings: &Settings, base: &BasePython) -> Result<()> {
    let list = state(settings).python();
    if !base.provided {
        // One that was provided for an earlier environment is none of this one's.
        let _ = std::fs::remove_file(list);
        return Ok(());
    }
    Installation::observe(&resolved(&base.interpreter.base_prefix)).save(&list)
}

/// Has uv install anew what came back in part, where it is what is wanted still. One that did not come back at all is looked
/// for like any other.
pub fn heal(run: &Run<'_>, settings: &Settings, required: &Required) -> Result<()> {
    match damaged(settings) {
        Some((installation, _)) if is_wanted(run, settings, required, &installation.dir)? => {}
        _ => return Ok(()),
    }
    let _lock = run.lock(&state(settings).lock())?;
    // Another process may have done it meanwhile.
    let Some((installation, why)) = damaged(settings) else { return Ok(()) };
    let start = Instant::now();
    let done = tools::named(run, settings, DriverName::Uv, None)
        .and_then(|tool| run.with_console(|console| installation.install_anew(&tool, console)));
    let anew = done.map_err(|error| installation.not_repaired(&why, error))?;
    anew.save(&state(settings).python())?;
    run.ui.done("repair", &format!("{}: {why}, installed anew", installation.name()), start);
    Ok(())
}

/// Whether the environment is, or will be, made from the python in a directory.
fn is_wanted(run: &Run<'_>, settings: &Settings, required: &Required, dir: &Path) -> Result<bool> {
    let Some(stamp) = Stamp::load(&state(settings).stamp()) else {
        let selected = select::select(run.host, settings, required)?.selected;
        return Ok(selected.is_some_and(|python| resolved(&python.base_prefix) == dir));
    };
    let version = stamp.python_version.parse().map(Build::cpython);
    let is_required = version.map_or(true, |build| required.requirement.matches(&build));
    // What leads there may be missing too.
    let is_there = stamp.interpreter.canonicalize().map_or(true, |path| path.starts_with(dir));
    Ok(stamp.provided && is_required && is_there)
}

fn resolved(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| dir.to_owned())
}

/// The python of an environment that is not where it was made, and what is wrong with it.
fn damaged(settings: &Settings) -> Option<(Installation, String)> {
    let installation = Installation::load(&state(settings).python()).filter(|it| it.dir.is_dir())?;
    let stamp = Stamp::load(&state(settings).stamp());
    if stamp.is_some_and(|stamp| stamp.is_of_dir(&stamp.venv)) {
        return None;
    }
    let why = installation.damage()?;
    Some((installation, why))
}
