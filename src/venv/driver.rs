//! What every driver can do, and the plain values it is asked with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Fetched, Venv, diagnose};
use crate::error::Result;
use crate::host::cmd::{TALK, Talk, fault_of_signal};
use crate::host::{Cmd, EnvDelta};

/// The drivers by their names in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriverName {
    /// `venv_uv`
    Uv,
    /// `venv_pip`
    Pip,
}

impl DriverName {
    /// The name in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uv => "venv_uv",
            Self::Pip => "venv_pip",
        }
    }

    /// The tool's name, for people.
    pub const fn tool(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Pip => "pip",
        }
    }
}

/// The interpreter that an environment is made from.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its executable, absolute.
    pub python: PathBuf,
    /// What the prompt says when the environment is active.
    pub prompt: String,
}

/// The option for the prompt, which both tools have. Of one word: a prompt may begin with a dash.
pub fn prompt_option(base: &Base) -> String {
    format!("--prompt={}", base.prompt)
}

/// What is to be installed with one command.
#[derive(Clone, Debug, Default)]
pub struct InstallRequest {
    /// The directory that relative paths are seen from.
    pub current_dir: PathBuf,
    /// Pins that hold for whatever is installed, where there are any.
    pub constraints: Option<PathBuf>,
    /// Arguments of the group's own.
    pub extra_args: Vec<OsString>,
    /// Project directories with extras (`./lib[dev]`), linked into the environment (PEP 660).
    pub editables: Vec<OsString>,
    /// Project directories with extras, copied into the environment.
    pub projects: Vec<OsString>,
    /// Requirements files.
    pub requirements_files: Vec<PathBuf>,
    /// Dependency groups (PEP 735).
    pub dependency_groups: Vec<DependencyGroup>,
    /// A lock (PEP 751) that has all there is to install. Beside it lies the same for tools that do not know such files:
    /// [`LOCKED_REQUIREMENTS`].
    pub lock: Option<PathBuf>,
}

/// The name of a requirements file that says the same as the lock beside it.
pub const LOCKED_REQUIREMENTS: &str = "requirements.txt";

/// What is to be locked.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// The requirements.
    pub group: DependencyGroup,
    /// The oldest python that the lock has to serve, where that is not the environment's.
    pub python_version: Option<String>,
    /// The directory that the lock will be in.
    pub dir: PathBuf,
}

/// A dependency group of one `pyproject.toml` (PEP 735).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyGroup {
    /// The file.
    pub pyproject: PathBuf,
    /// The group's name.
    pub name: String,
    /// Its requirements with included groups resolved, for tools that do not know groups.
    pub requirements: Vec<String>,
}

/// A tool that makes and fills virtual environments.
pub trait Driver {
    /// Which driver it is.
    fn name(&self) -> DriverName;

    /// Makes the environment; its directory does not exist or is empty.
    fn create(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()>;

    /// Writes the environment's own files again (configuration, links, activation scripts) and leaves all else in it.
    fn refresh(&self, venv: &Venv, base: &Base, console: &mut Console<'_>) -> Result<()>;

    /// Installs into the environment. Returns what an index gave, where the tool tells.
    fn install(&self, venv: &Venv, request: &InstallRequest, console: &mut Console<'_>) -> Result<Vec<Fetched>>;

    /// Finds the newest versions that meet the requirements; the text of a lock (PEP 751) of them.
    fn lock(&self, venv: &Venv, request: &LockRequest, console: &mut Console<'_>) -> Result<String>;

    /// Takes files that were fetched from these addresses before out of the tool's cache, without the network, into a
    /// directory; the arguments with which an installation finds them there. A tool that finds them by itself does nothing.
    fn take_from_cache(&self, venv: &Venv, urls: &[&str], dir: &Path) -> Result<Vec<OsString>>;

    /// Brings back what the tool itself needs in the environment, where that is among these distributions.
    fn reseed(&self, venv: &Venv, names: &[&str], console: &mut Console<'_>) -> Result<()>;

    /// Has the tool's cache forget these distributions, so that no other environment gets them either; only where they can
    /// be fetched again. A tool that cannot forget them by name does nothing.
    fn forget(&self, names: &[&str]);

    /// Arguments with which an installation takes nothing of these distributions from the tool's cache, after
    /// [`forget`](Self::forget), and nothing of any where none is named.
    fn fetch_anew(&self, names: &[&str]) -> Vec<OsString>;

    /// Arguments with which an installation builds these from their sources, whatever the tool's cache has of them.
    fn build_anew(&self, names: &[&str]) -> Vec<OsString>;
}

/// Where a tool's talk goes while it runs.
pub struct Console<'a> {
    /// Whether the tool may draw on a terminal.
    pub talk: Talk,
    /// Receives everything it says, as it says it, without secrets.
    pub sink: &'a mut dyn FnMut(&[u8]),
}

impl Console<'_> {
    /// Runs a tool to its end. A failure is sorted by what the tool said, and its last lines are the cause.
    pub fn run(&mut self, cmd: &Cmd, what: &str) -> Result<()> {
        let start = Instant::now();
        tracing::debug!("run {}", cmd.display());
        let streamed = cmd.stream(self.talk, self.sink)?;
        tracing::debug!("{what} ended after {} ms with {}", start.elapsed().as_millis(), streamed.status);
        streamed.tail.lines().for_each(|line| tracing::trace!(target: TALK, "{line}"));
        if streamed.status.success() {
            return Ok(());
        }
        let fault = fault_of_signal(streamed.status, what);
        Err(diagnose::failure(what, &streamed.tail, fault))
    }
}

/// Variables that would make a tool install somewhere else than it is told, or work on another repository.
pub fn undisturbed() -> EnvDelta {
    const REDIRECTING: [&str; 24] = [
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_PYTHON",
        "PIP_CONSTRAINT",
        "PIP_REQUIREMENT",
        "PIP_EDITABLE",
        "PIP_DRY_RUN",
        "UV_SYSTEM_PYTHON",
        "UV_PYTHON",
        "UV_WORKING_DIR",
        "UV_PROJECT",
        "UV_CONSTRAINT",
        "UV_OVERRIDE",
        "UV_EXCLUDE",
        "PYTHONWARNINGS",
        "PYTHONINSPECT",
        "PYTHONPLATLIBDIR",
        "CONDA_PREFIX",
        "CONDA_DEFAULT_ENV",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
    ];
    // Unset would leave what `pip.conf` says; in an environment `user = true` can only fail.
    let in_place = EnvDelta::new().set("PIP_USER", "0").set("PIP_REQUIRE_VIRTUALENV", "0");
    REDIRECTING.into_iter().fold(in_place, EnvDelta::unset)
}
