//! A python that uv provided, where a CI has brought back a part of it.
//!
//! It is looked at where an environment is not the one that was made here, or where there is none: a ready one knows its
//! interpreter by its stamp. What is damaged uv installs again in its place, the same build; environments lead there still.

use std::time::Instant;

use super::tools::BasePython;
use super::{Run, state, tools};
use crate::config::Settings;
use crate::deps::{Installation, Stamp};
use crate::error::{Fault, Result};
use crate::venv::{DriverName, Tool};

/// Notes what a new environment is made from, where uv provided that, so that it can be proven when it was brought back.
pub fn note(settings: &Settings, base: &BasePython) -> Result<()> {
    let list = state(settings).python();
    if !base.provided {
        // One that was provided for an earlier environment is none of this one's.
        let _ = std::fs::remove_file(list);
        return Ok(());
    }
    let prefix = &base.interpreter.base_prefix;
    Installation::observe(&prefix.canonicalize().unwrap_or_else(|_| prefix.clone())).save(&list)
}

/// Has uv install anew what came back in part. One that did not come back at all is looked for like any other.
pub fn heal(run: &Run<'_>, settings: &Settings) -> Result<()> {
    if damaged(settings).is_none() {
        return Ok(());
    }
    let _lock = run.lock(&state(settings).lock())?;
    // Another process may have done it meanwhile.
    let Some((installation, why)) = damaged(settings) else { return Ok(()) };
    let start = Instant::now();
    let dir = &installation.dir;
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let done = tools::named(run, settings, DriverName::Uv, None).and_then(|tool| {
        if let Tool::Uv(uv) = tool {
            run.with_console(|console| uv.provide_python(&name, true, console))?;
        }
        // Where uv installs elsewhere by now, nothing has changed.
        match installation.damage().filter(|now| *now == why) {
            Some(why) => Err(anyhow::anyhow!(why)),
            None => Installation::observe(dir).save(&state(settings).python()),
        }
    });
    done.map_err(|error| {
        let message = format!("`{}` came back in part, and uv cannot install it anew: {why}", dir.display());
        let hint = format!("remove `{}`, so that another python is found or provided", dir.display());
        let fault = Fault::like(&error, message).hint(hint);
        error.context(fault)
    })?;
    run.ui.done("repair", &format!("{name}: {why}, installed anew"), start);
    Ok(())
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
