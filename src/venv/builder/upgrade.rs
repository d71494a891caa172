//! `--upgrade-deps`: the one step that needs a Python, because it asks the package index.

use super::context::Context;
use super::options::EnvSpec;
use crate::error::Result;
use crate::host::cmd::{Talk, fault_of_signal};
use crate::host::{Cmd, EnvDelta};
use crate::venv::diagnose;

/// Has the environment's pip upgrade itself, and setuptools where ensurepip brings it. The variables and files of pip's
/// settings hold, as they do for `python -m venv`.
pub fn dependencies(spec: &EnvSpec, context: &Context) -> Result<()> {
    let mut words = vec!["-m", "pip", "install", "--upgrade", "pip"];
    if spec.minor() < 12 {
        words.push("setuptools");
    }
    let cmd = Cmd::new(&spec.host, &context.env_exec_cmd).args(words);
    let cmd = if spec.minor() < 10 { cmd } else { in_environment(cmd, context) };
    let what = "`pip install --upgrade pip`";
    let streamed = cmd.stream(Talk::Pipe, &mut |_| {})?;
    if streamed.status.success() {
        return Ok(());
    }
    Err(diagnose::failure(what, &streamed.tail, fault_of_signal(streamed.status, what)))
}

/// From 3.10 on: in the environment's directory, and no other modules than the environment's (gh-98251).
fn in_environment(cmd: Cmd, context: &Context) -> Cmd {
    let delta = EnvDelta::new().set("VIRTUAL_ENV", context.env_dir.as_os_str()).unset("PYTHONHOME").unset("PYTHONPATH");
    cmd.env(&delta).current_dir(&context.env_dir)
}
