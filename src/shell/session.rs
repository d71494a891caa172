//! The user's shell, and one that stays: at a terminal until the user leaves it, or for the commands that come from a pipe.
//!
//! The user's own start-up files are read first, the way the shell reads them, and the environment is put on top of what
//! they did. That takes files which the shell reads in place of the user's and which read those in turn; what is in them
//! is the same for every environment, and the caller keeps them wherever it can write.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{ShellDriver, driver_of, posix};
use crate::host::exec::find_program;
use crate::host::{EnvDelta, ExecPlan, Host};

/// What the user's own value of the variable is handed over in that leads to our start-up files; our files unset it before
/// they read the user's.
pub(super) const ORIGINAL: &str = "_PRIME_ORIGINAL";

/// A file that a shell reads, by its name in the directory that is made for it.
pub type StartupFile = (&'static str, &'static str);

/// What a shell is started into. The variables of the environment are set already.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// The environment's directory.
    pub venv: &'a Path,
    /// What the prompt shows; nothing in it means anything to a shell.
    pub prompt: &'a OsStr,
    /// Whether somebody types.
    pub terminal: bool,
    /// Where the files of [`UserShell::startup_files`] are; `None` where they could not be written.
    pub startup_dir: Option<&'a Path>,
}

/// The user's shell, and why it is not the one that was asked for.
pub struct UserShell {
    program: PathBuf,
    driver: &'static dyn ShellDriver,
    /// The shell that `SHELL` names, which is there and of no known family.
    pub unknown: Option<PathBuf>,
}

impl UserShell {
    /// The shell that `SHELL` names, else the one that the user logs in with, else `sh`.
    pub fn observe(host: &Host) -> Self {
        let find = |name: OsString| {
            let program = find_program(&name, &host.path_dirs(), &host.current_dir).ok()?;
            Some((name, program))
        };
        let login = || host.login_shell().map(PathBuf::into_os_string).and_then(find);
        let Some((name, program)) = host.var("SHELL").map(OsStr::to_owned).and_then(find).or_else(login) else {
            return Self::sh(None);
        };
        let base = Path::new(&name).file_name().and_then(OsStr::to_str);
        match base.and_then(driver_of) {
            Some(driver) => Self { program, driver, unknown: None },
            None => Self::sh(Some(program)),
        }
    }

    fn sh(unknown: Option<PathBuf>) -> Self {
        Self { program: PathBuf::from("/bin/sh"), driver: &posix::Posix, unknown }
    }

    /// The files that it reads at its start, to be written by the caller.
    pub fn startup_files(&self, host: &Host, terminal: bool) -> &'static [StartupFile] {
        self.driver.startup_files(host, terminal)
    }

    /// How it runs one command, with the directory `bin` first on `PATH`.
    pub fn command_plan(&self, host: &Host, bin: &Path, command: &OsStr) -> ExecPlan {
        ExecPlan::new(&self.program, self.driver.command_args(host, bin, command))
    }

    /// How it is started to stay.
    pub fn plan(&self, host: &Host, session: &Session<'_>) -> ExecPlan {
        let (args, env) = self.driver.session(host, session);
        ExecPlan { env, ..ExecPlan::new(&self.program, args) }
    }
}

/// Sets a variable that leads to our files, and hands the user's own value over beside it.
pub(super) fn redirected(host: &Host, name: &str, value: PathBuf) -> EnvDelta {
    let delta = EnvDelta::new().set(name, value);
    match host.var(name) {
        Some(own) => delta.set(ORIGINAL, own),
        None => delta.unset(ORIGINAL),
    }
}
