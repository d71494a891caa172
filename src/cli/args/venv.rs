//! The options of `prime venv`: CPython's, by their names, and ours.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// Options of `venv`.
#[derive(Clone, Debug, Args)]
#[command(args_override_self = true)]
#[expect(clippy::struct_excessive_bools, reason = "they are CPython's, each of them a yes or no")]
pub struct VenvArgs {
    /// The directories to make environments in, one after the other
    #[arg(value_name = "ENV_DIR", required = true)]
    pub dirs: Vec<PathBuf>,
    /// The python: a path, a name on `PATH` or a version; else what the repository here requires, else python3
    #[arg(short, long, value_name = "PYTHON")]
    pub python: Option<OsString>,
    /// Let the environment see the packages of its base python
    #[arg(long)]
    pub system_site_packages: bool,
    /// Link to the interpreter (the default)
    #[arg(long)]
    pub symlinks: bool,
    /// Copy the interpreter
    #[arg(long, conflicts_with = "symlinks")]
    pub copies: bool,
    /// Delete what is in the directory first, if it is an environment
    #[arg(long)]
    pub clear: bool,
    /// With --clear: delete it whatever it is
    #[arg(long, requires = "clear")]
    pub force: bool,
    /// Bring an environment to the version that its python has now
    #[arg(long, conflicts_with = "clear")]
    pub upgrade: bool,
    /// Do not install pip
    #[arg(long, overrides_with = "with_pip")]
    pub without_pip: bool,
    /// Install pip (the default)
    #[arg(long, overrides_with = "without_pip")]
    pub with_pip: bool,
    /// What the prompt shows; `.` is the name of the current directory
    #[arg(long, value_name = "PROMPT", allow_hyphen_values = true)]
    pub prompt: Option<OsString>,
    /// Upgrade pip to the newest version afterwards
    #[arg(long)]
    pub upgrade_deps: bool,
    /// Write no `.gitignore` into it (python 3.13 on)
    #[arg(long)]
    pub without_scm_ignore_files: bool,
    /// Let scripts and activation find it by their own place, so that it can be moved
    #[arg(long)]
    pub relocatable: bool,
    /// Lead an environment to its base python again, which was upgraded or moved
    #[arg(long, conflicts_with_all = ["clear", "upgrade", "upgrade_deps", "copies", "symlinks", "prompt", "without_pip", "with_pip", "without_scm_ignore_files", "system_site_packages", "relocatable"])]
    pub repair: bool,
}

/// Behind the options of `prime venv --help`.
pub const VENV_AFTER_HELP: &str = "\
Examples:
  prime venv .venv                        what `python3 -m venv .venv` makes, without waiting for it
  prime venv --python 3.12 --clear .venv  anew, for another version
  prime venv --without-pip a b c          several at once
  prime venv --repair .venv               after its python was upgraded or has moved

The result is, file by file, that of the interpreter's own `python -m venv`. Exit codes: 2 for options that cannot be met,
65 for a wheel that is not what it should be, 69 where pip has to come from an index that is not there, 73 where something
is in the way, 74 where the disk is full, 78 where the python will not do.";
