//! `prime start`, and scripts whose first line names `prime`.

use std::ffi::OsString;
use std::path::Path;

use clap::Subcommand as _;

use super::args::{BootArgs, Cli, Command, GlobalArgs, StartArgs};
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

/// The command line of a script that begins with `#!/usr/bin/env prime`: its path stands where a command would. All that
/// follows is the script's, options of ours included, so it is not parsed.
pub fn of_script(host: &Host) -> Option<Cli> {
    let name = host.args.get(1)?;
    let is_command = name.to_str().is_some_and(|name| name.starts_with('-') || Command::has_subcommand(name));
    if is_command || !host.absolute(Path::new(name)).is_file() {
        return None;
    }
    let mut words: Vec<OsString> = host.args[1..].to_vec();
    if !name.as_encoded_bytes().contains(&b'/') {
        words[0] = Path::new(".").join(name).into_os_string();
    }
    let command = Some(Command::Start(StartArgs { words }));
    Some(Cli { global: GlobalArgs::default(), boot: BootArgs::default(), command })
}
