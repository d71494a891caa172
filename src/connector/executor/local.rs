//! A program that is there already, and that is nobody's to install or to remove.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Executor, Kind as ExecutorKind, Verb};
use crate::connector::files::Files;
use crate::connector::options::Options;
use crate::deps::Input;
use crate::error::{Fault, Kind, Result};
use crate::host::exec::find_program;
use crate::host::{Cmd, Host, fs};

/// A program on this machine.
#[derive(Clone, Debug)]
pub struct Local {
    host: Host,
    program: PathBuf,
}

impl Local {
    /// The program of this name on `PATH`, or at this path; of the connector's name where none is given.
    ///
    /// Fails with [`Kind::NotFound`] or [`Kind::CannotExecute`] where there is none.
    pub fn named(host: &Host, options: &Options, program: Option<&str>) -> Result<Self> {
        let name = program.unwrap_or(options.name.as_str());
        if program.is_none() && options.name.is_third_party() {
            let reason = format!("no program on `PATH` has a name like `{name}`");
            return Err(not_found(name, Fault::new(Kind::NotFound, reason)));
        }
        let found = find_program(OsStr::new(name), &host.path_dirs(), &host.current_dir);
        let program = found.map_err(|fault| not_found(name, fault))?;
        Ok(Self { host: host.clone(), program })
    }

    /// The program of the connector's name, if one is on `PATH`.
    pub fn on_path(host: &Host, options: &Options) -> Option<Self> {
        Self::named(host, options, None).ok()
    }
}

fn not_found(name: &str, fault: Fault) -> anyhow::Error {
    if fault.kind != Kind::NotFound {
        return fault.into();
    }
    let message = format!("the connector's executable `{name}` was not found");
    let hint = "name a program on `PATH` or a path with `--local-executable`, or say how to install the connector";
    anyhow::anyhow!(fault.message).context(Fault::new(Kind::NotFound, message).hint(hint))
}

fn not_ours(program: &Path, what: &str) -> anyhow::Error {
    let message = format!("`{}` cannot be {what}: it is not managed by `prime`", program.display());
    Fault::new(Kind::Usage, message).hint("leave out `--local-executable` for a connector of its own").into()
}

impl Executor for Local {
    fn kind(&self) -> ExecutorKind {
        ExecutorKind::Local
    }

    fn ensure(&self, _fix: bool) -> Result<()> {
        if fs::is_executable(&self.program) {
            return Ok(());
        }
        let message = format!("`{}` is not there any more", self.program.display());
        Err(Fault::new(Kind::NotFound, message).hint("install it again, or name another one").into())
    }

    fn install(&self) -> Result<()> {
        Err(not_ours(&self.program, "installed"))
    }

    fn uninstall(&self) -> Result<()> {
        Err(not_ours(&self.program, "uninstalled"))
    }

    fn version(&self, _recheck: bool) -> Result<Option<String>> {
        Ok(None)
    }

    fn location(&self) -> Result<String> {
        Ok(self.program.display().to_string())
    }

    fn command(&self, verb: Verb, files: &Files) -> Result<Cmd> {
        Ok(Cmd::new(&self.host, &self.program).args(verb.args(files)))
    }

    fn known_spec(&self) -> Result<Option<serde_json::Value>> {
        Ok(None)
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::program(&self.program)]
    }
}
