//! The attributes that go from one step to the next, under CPython's names.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::options::EnvSpec;
use super::scripts::Values;
use crate::host::fs;
use crate::venv::seed::{Plan, Seeded};

/// An environment that is being made.
#[derive(Clone, Debug)]
pub struct Context {
    /// The environment's directory, absolute.
    pub env_dir: PathBuf,
    /// Its last part.
    pub env_name: OsString,
    /// What the prompt shows; up to Python 3.12 in brackets and with a space behind.
    pub prompt: OsString,
    /// The interpreter that it is made from: `sys._base_executable`.
    pub executable: PathBuf,
    /// Its directory, the `home` of `pyvenv.cfg`.
    pub python_dir: PathBuf,
    /// Its name.
    pub python_exe: OsString,
    /// The directory of C headers.
    pub inc_path: PathBuf,
    /// The directory of pure packages.
    pub lib_path: PathBuf,
    /// The directory of packages with binaries, where it is another one (from Python 3.15 on).
    pub platlib_path: PathBuf,
    /// The directory of programs.
    pub bin_path: PathBuf,
    /// Its name.
    pub bin_name: OsString,
    /// The interpreter in the environment.
    pub env_exe: PathBuf,
    /// How that is started; the same on POSIX.
    pub env_exec_cmd: PathBuf,
    /// `pyvenv.cfg`.
    pub cfg_path: PathBuf,
    /// Whether the configuration lets the base python's packages in.
    pub system_site_packages: bool,
    /// What is to be installed, where that is known already.
    pub(super) pip_plan: Option<Arc<Plan>>,
    /// What was installed, by name and version.
    pub seeded: Vec<Seeded>,
    /// Something to know that stopped nothing.
    pub warnings: Vec<String>,
}

impl Context {
    /// The attributes of an environment in this directory (absolute); nothing is looked at or made.
    pub fn new(spec: &EnvSpec, env_dir: &Path) -> Self {
        let env_name = env_dir.file_name().unwrap_or_default().to_owned();
        let executable = spec.host.absolute(&spec.interpreter.base_executable);
        let python_exe = executable.file_name().unwrap_or_default().to_owned();
        let bin_path = env_dir.join("bin");
        let env_exe = bin_path.join(&python_exe);
        let (inc_path, lib_path, platlib_path) = libraries(spec, env_dir);
        Self {
            prompt: prompt(spec, &env_name),
            env_name,
            python_dir: executable.parent().unwrap_or(Path::new("/")).to_owned(),
            python_exe,
            executable,
            inc_path,
            lib_path,
            platlib_path,
            bin_path,
            bin_name: "bin".into(),
            env_exec_cmd: env_exe.clone(),
            env_exe,
            cfg_path: env_dir.join("pyvenv.cfg"),
            env_dir: env_dir.to_owned(),
            system_site_packages: spec.options.system_site_packages,
            pip_plan: None,
            seeded: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// What the placeholders in scripts stand for.
    pub fn values(&self) -> Values<'_> {
        Values {
            dir: self.env_dir.as_os_str(),
            name: &self.env_name,
            prompt: &self.prompt,
            bin_name: &self.bin_name,
            python: self.env_exe.as_os_str(),
        }
    }

    /// The names beside `env_exe` under which the interpreter is found.
    pub(super) fn other_names(spec: &EnvSpec) -> Vec<OsString> {
        let versioned = (spec.minor() >= 9).then(|| OsString::from(format!("python3.{}", spec.minor())));
        ["python".into(), "python3".into()].into_iter().chain(versioned).collect()
    }
}

/// Up to 3.12 the brackets belong to the value, from then on to the templates.
fn prompt(spec: &EnvSpec, env_name: &OsStr) -> OsString {
    let prompt = spec.prompt().unwrap_or_else(|| env_name.to_owned());
    if spec.minor() >= 13 {
        return prompt;
    }
    let mut bracketed = OsString::from("(");
    bracketed.push(prompt);
    bracketed.push(") ");
    bracketed
}

/// Headers, pure packages, binary packages: fixed paths up to 3.10, the `venv` scheme of `sysconfig` from then on.
fn libraries(spec: &EnvSpec, env_dir: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let (minor, flags) = (spec.minor(), spec.interpreter.abi_flags.as_str());
    let thread = if minor >= 13 && spec.interpreter.build.free_threaded { "t" } else { "" };
    let library = format!("python3.{minor}{thread}/site-packages");
    let include = match minor {
        11..15 => format!("include/python3.{minor}{flags}"),
        _ => "include".to_owned(),
    };
    let platlib = if minor >= 15 { spec.interpreter.platlibdir.as_str() } else { "lib" };
    let join = |dir: &str| fs::normalize(&env_dir.join(dir));
    (join(&include), join("lib").join(&library), join(platlib).join(&library))
}
