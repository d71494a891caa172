//! The machine and the process as the rest of the program sees them.
//!
//! [`Host`] is the process captured once, as plain data: arguments, environment, current directory, terminals. Nothing
//! outside this module asks the real process for any of it. The submodules do what only an operating system can:
//! [`cmd`] runs children, [`tap`] takes the output of one, [`exec`] describes how the process ends, [`signal`] how it is asked to, [`fs`] writes files
//! atomically, [`lock`] keeps others out, [`secret`] hands children a text that nobody else sees. [`quote`] writes words for
//! the shells that will read them. What they do not do is decide anything.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use nix::unistd::{User, getuid};

use crate::error::{Fault, Kind, Result};

pub mod answer;
pub mod cmd;
pub mod env_delta;
pub mod exec;
pub mod fs;
mod listen;
pub mod lock;
pub mod names;
pub mod processes;
pub mod quote;
pub mod redact;
pub mod secret;
pub mod signal;
pub mod source;
pub mod tap;
#[cfg(test)]
mod testing;
pub mod threads;
pub mod work;

pub use answer::{Answer, Text};
pub use cmd::Cmd;
pub use env_delta::EnvDelta;
pub use exec::{ExecPlan, Outcome};
pub use work::Work;

/// The process, captured once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// `argv`, with the program's name first, as bytes.
    pub args: Vec<OsString>,
    /// The environment in the order it came.
    pub vars: Vec<(OsString, OsString)>,
    /// The current directory, absolute.
    pub current_dir: PathBuf,
    /// The process id.
    pub pid: u32,
    /// Whether standard input, output and error are terminals.
    pub terminals: Terminals,
}

/// What makes a variable of PyAirbyte's a yes.
const YES: [&str; 4] = ["1", "t", "true", "yes"];

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminals {
    /// Standard input.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}

impl Host {
    /// Captures this process. Fails only where there is no current directory (it was removed).
    pub fn capture() -> Result<Self> {
        let (host, located) = Self::observe();
        located.map(|()| host)
    }

    /// This process, and whether it has a current directory: without one it can do nothing but say so.
    pub fn observe() -> (Self, Result<()>) {
        let current_dir = env::current_dir().with_context(no_current_dir);
        let (current_dir, located) = current_dir.map_or_else(|error| (PathBuf::new(), Err(error)), |dir| (dir, Ok(())));
        let host = Self {
            args: env::args_os().collect(),
            vars: env::vars_os().collect(),
            current_dir,
            pid: std::process::id(),
            terminals: Terminals {
                stdin: io::stdin().is_terminal(),
                stdout: io::stdout().is_terminal(),
                stderr: io::stderr().is_terminal(),
            },
        };
        (host, located)
    }

    /// The value of a variable; one that is set and empty counts as not set, as it does for pip and uv.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        let found = self.vars.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_os_str()).filter(|value| !value.is_empty())
    }

    /// The value of a variable that is text; one that is not UTF-8 counts as not set.
    pub fn var_text(&self, name: &str) -> Option<&str> {
        self.var(name).and_then(OsStr::to_str)
    }

    /// Whether a variable is one of the words for a yes that PyAirbyte takes.
    pub fn says_yes(&self, name: &str) -> bool {
        self.var_text(name).is_some_and(|text| YES.contains(&text.to_ascii_lowercase().as_str()))
    }

    /// The value of a variable that names a path, made absolute.
    pub fn var_path(&self, name: &str) -> Option<PathBuf> {
        self.var(name).map(|value| self.absolute(Path::new(value)))
    }

    /// The paths of a variable that lists several, made absolute; empty entries count for nothing.
    pub fn var_paths(&self, name: &str) -> Vec<PathBuf> {
        let paths = env::split_paths(self.var(name).unwrap_or_default());
        paths.filter(|path| !path.as_os_str().is_empty()).map(|path| self.absolute(&path)).collect()
    }

    /// A path seen from the current directory.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        fs::normalize(&self.current_dir.join(path))
    }

    /// The directories of `PATH`, in order.
    pub fn path_dirs(&self) -> Vec<PathBuf> {
        self.var_paths("PATH")
    }

    /// The user's home directory: what `HOME` says where that is a directory. Accounts of services have homes that are
    /// not there (`/nonexistent`, `/dev/null`).
    pub fn home(&self) -> Option<PathBuf> {
        let home = self.var("HOME").map(|home| fs::normalize(Path::new(home)));
        home.filter(|home| home.is_absolute() && home.is_dir())
    }

    /// The shell that this user logs in with, as the system's list of users has it.
    pub fn login_shell(&self) -> Option<PathBuf> {
        let user = User::from_uid(getuid()).ok().flatten()?;
        Some(user.shell).filter(|shell| !shell.as_os_str().is_empty())
    }

    /// The directory that keeps what every repository of this user can share: `PRIME_CACHE_DIR`, else `prime` under
    /// `XDG_CACHE_HOME`, else under `~/.cache`. `None` where there is no home.
    pub fn user_cache_dir(&self) -> Option<PathBuf> {
        self.var_path(names::PRIME_CACHE_DIR)
            .or_else(|| self.var_path("XDG_CACHE_HOME").map(|dir| dir.join("prime")))
            .or_else(|| self.home().map(|home| home.join(".cache/prime")))
    }

    /// This process with another environment.
    pub fn with_env(&self, delta: &EnvDelta) -> Self {
        Self { vars: delta.apply(&self.vars), ..self.clone() }
    }
}

/// A number of seconds as a limit of time: a century at the longest, so that it can be added to any time.
pub fn seconds(text: &str) -> Option<Duration> {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let seconds = Duration::try_from_secs_f64(text.parse().ok()?).ok()?;
    Some(seconds.min(CENTURY))
}

fn no_current_dir() -> Fault {
    Fault::new(Kind::InputOutput, "cannot tell the current directory").hint("change into a directory that exists")
}
