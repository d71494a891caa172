//! What environments are made from, and how: CPython's options and three of ours.

use std::ffi::OsString;
use std::path::PathBuf;

use super::scripts::CopyRule;
use crate::error::{Fault, Kind, Result};
use crate::fetch::Places;
use crate::host::Host;
use crate::python::Interpreter;

/// The options of `venv.EnvBuilder`, with the defaults of `python -m venv`, and ours.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are CPython's, each of them a yes or no")]
pub struct EnvOptions {
    /// Whether the packages of the base python can be imported in the environment.
    pub system_site_packages: bool,
    /// Whether what is in the directory is removed first.
    pub clear: bool,
    /// Whether the interpreter is linked to rather than copied.
    pub symlinks: bool,
    /// Whether the environment is there and is brought to this version of its python.
    pub upgrade: bool,
    /// Whether pip is installed.
    pub with_pip: bool,
    /// What the shell's prompt shows instead of the directory's name; `.` is the name of the current directory (from
    /// Python 3.9 on).
    pub prompt: Option<OsString>,
    /// Whether pip (and setuptools, where it belongs to it) is upgraded from the package index.
    pub upgrade_deps: bool,
    /// Whether git is told to ignore the environment (from Python 3.13 on).
    pub scm_ignore_files: bool,
    /// Whether scripts and activation find the environment by their own place, so that it can be moved. Ours.
    pub relocatable: bool,
    /// Whether a directory is cleared that is no environment. Ours.
    pub force: bool,
}

impl Default for EnvOptions {
    fn default() -> Self {
        Self {
            system_site_packages: false,
            clear: false,
            symlinks: true,
            upgrade: false,
            with_pip: true,
            prompt: None,
            upgrade_deps: false,
            scm_ignore_files: true,
            relocatable: false,
            force: false,
        }
    }
}

/// What a builder works from. Plain data.
#[derive(Clone, Debug)]
pub struct EnvSpec {
    /// The process: its environment for children, its current directory.
    pub host: Host,
    /// The interpreter, with the names that it was called by ([`Interpreter::executable`],
    /// [`Interpreter::base_executable`]): they are the ones that are written down.
    pub interpreter: Interpreter,
    /// The options.
    pub options: EnvOptions,
    /// Where wheels are kept extracted; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// Whether the interpreter may be started, and left to itself, to compile what the cache was filled with.
    pub compile: bool,
    /// The repository whose settings of the package index hold, where there is one.
    pub project_dir: Option<PathBuf>,
    /// Whether the network may not be used.
    pub offline: bool,
}

impl EnvSpec {
    /// Environments of this interpreter with the usual options, without a cache or settings of a repository.
    pub fn new(host: &Host, interpreter: Interpreter) -> Self {
        Self {
            host: host.clone(),
            interpreter,
            options: EnvOptions::default(),
            cache_dir: None,
            compile: true,
            project_dir: None,
            offline: false,
        }
    }

    /// The second number of the interpreter's version, the first being 3.
    pub(super) fn minor(&self) -> u64 {
        self.interpreter.version().minor
    }

    /// The prompt that is asked for, where one is.
    pub(super) fn prompt(&self) -> Option<OsString> {
        let prompt = self.options.prompt.clone()?;
        if prompt == "." && self.minor() >= 9 {
            return Some(self.host.current_dir.file_name().unwrap_or_default().to_owned());
        }
        Some(prompt)
    }

    pub(super) fn knows_scm_ignore_files(&self) -> bool {
        self.minor() >= 13
    }

    /// From 3.13 on a script without placeholders keeps its times.
    pub(super) fn copy_rule(&self) -> CopyRule {
        if self.minor() >= 13 { CopyRule::TimesToo } else { CopyRule::ContentAndMode }
    }

    /// Where settings of the package index are looked for.
    pub(super) fn places(&self) -> Places {
        let mut places = Places::new(self.project_dir.as_deref());
        places.python_prefix = Some(self.interpreter.prefix.clone());
        places.offline = self.offline;
        places
    }
}

/// Fails with [`Kind::Usage`] where options exclude each other, or where the interpreter's own `venv` does not know one,
/// and with [`Kind::Config`] where there is no `venv` like it at all.
pub fn check_options(spec: &EnvSpec) -> Result<()> {
    let EnvOptions { clear, upgrade, upgrade_deps, scm_ignore_files, .. } = spec.options;
    let version = spec.interpreter.version();
    let usage = |message: String, hint: &str| Err(Fault::new(Kind::Usage, message).hint(hint).into());
    if version.major != 3 || version.minor < 7 {
        let message = format!("`{}` is python {version}", spec.interpreter.path.display());
        return Err(Fault::new(Kind::Config, message).hint("name a python from 3.7 on with `--python`").into());
    }
    if clear && upgrade {
        return usage("`--upgrade` and `--clear` exclude each other".to_owned(), "leave one of them out");
    }
    if upgrade_deps && version.minor < 9 {
        let message = format!("python {version} does not know `--upgrade-deps`, which came with 3.9");
        return usage(message, "leave it out, then run `pip install --upgrade pip` in the environment");
    }
    if upgrade_deps && spec.offline {
        let fault =
            Fault::new(Kind::Unavailable, "`--upgrade-deps` asks the package index, and `--offline` forbids that");
        return Err(fault.hint("leave one of them out").into());
    }
    if !scm_ignore_files && !spec.knows_scm_ignore_files() {
        let message = format!("python {version} does not know `--without-scm-ignore-files`, which came with 3.13");
        return usage(message, "leave it out: it writes no such file");
    }
    Ok(())
}
