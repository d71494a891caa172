//! `prime start`: what runs in an environment that is ready, scripts by their first line included.

use std::ffi::OsString;

use super::entering;
use super::target::Target;
use crate::bootstrap::{self, Request};
use crate::error::Result;
use crate::host::{ExecPlan, Host, Outcome};
use crate::ui::Ui;

/// Starts something in an environment that is ready.
pub fn run(host: &Host, ui: Ui, request: &Request, words: Vec<OsString>) -> Result<Outcome> {
    let (target, args) = Target::parse(host, words)?;
    target.check(host)?;
    let venv = bootstrap::ready(host, ui, request, target.script())?.venv;
    let delta = entering(host, &venv);
    let plan = target.plan(&host.with_env(&delta), &venv, args)?;
    Ok(Outcome::Exec(ExecPlan { env: delta, ..plan }))
}
