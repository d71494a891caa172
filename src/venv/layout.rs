//! Where things are in a virtual environment (POSIX), and what its being active means.
//!
//! Source: PEP 405 and the `venv` and `posix_venv` schemes of CPython's `sysconfig`.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::cfg::VenvConfig;
use crate::host::{EnvDelta, Host};

/// A virtual environment by its directory, which need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// The environment in this directory (absolute).
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The environment's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory of programs.
    pub fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// The interpreter.
    pub fn python(&self) -> PathBuf {
        self.dir.join("bin/python")
    }

    /// The configuration file that makes the directory a virtual environment.
    pub fn cfg_path(&self) -> PathBuf {
        self.dir.join("pyvenv.cfg")
    }

    /// What the configuration file says; `None` where there is none that can be read.
    pub fn cfg(&self) -> Option<VenvConfig> {
        std::fs::read_to_string(self.cfg_path()).ok().map(|text| VenvConfig::parse(&text))
    }

    /// The directories of installed distributions: `lib/python3.12/site-packages`, and the like of other implementations.
    pub fn site_packages(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.dir.join("lib")).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> =
            entries.map(|entry| entry.path().join("site-packages")).filter(|path| path.is_dir()).collect();
        found.sort();
        found
    }

    /// The version of an installed distribution, as the name of its metadata's directory tells it.
    pub fn version_of(&self, project: &str) -> Option<String> {
        let entries = self.site_packages().into_iter().flat_map(std::fs::read_dir).flatten().flatten();
        let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.find_map(|name| {
            let (stem, version) = name.strip_suffix(".dist-info")?.split_once('-')?;
            (stem == project).then(|| version.to_owned())
        })
    }

    /// The scripts that make the environment the active one of a shell, as many as its maker wrote.
    pub fn activation_scripts(&self) -> Vec<PathBuf> {
        self.programs(is_activation_script)
    }

    /// The other names of the interpreter, where they are links.
    pub fn python_links(&self) -> Vec<PathBuf> {
        let python = self.python();
        self.programs(|path| {
            let is_named = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"python"));
            is_named && path.is_symlink() && *path != python
        })
    }

    fn programs(&self, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.bin()).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| wanted(path)).collect();
        found.sort();
        found
    }

    /// What makes the environment the active one: `VIRTUAL_ENV`, and its programs first on `PATH`.
    pub fn activation(&self, host: &Host) -> EnvDelta {
        let path = host.var("PATH").map(OsString::from).unwrap_or_default();
        let bin = self.bin();
        let rest = env::split_paths(&path).filter(|dir| *dir != bin);
        let joined = env::join_paths(std::iter::once(bin.clone()).chain(rest)).unwrap_or_else(|_| path.clone());
        EnvDelta::new().set("VIRTUAL_ENV", self.dir.as_os_str()).set("PATH", joined).unset("PYTHONHOME")
    }
}

/// Whether a file has the name of an activation script (`activate.fish`, `Activate.ps1`, `deactivate.bat`).
pub fn is_activation_script(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    ["activate", "activate_this", "deactivate"].contains(&stem.as_str())
}

/// What leaving a foreign environment takes: the variables of an active one, its programs on `PATH`, and the variables
/// that would make any interpreter look elsewhere for its modules.
pub fn deactivation(host: &Host) -> EnvDelta {
    const FOREIGN: [&str; 6] =
        ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONPATH", "PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"];
    let delta = FOREIGN.into_iter().fold(EnvDelta::new(), EnvDelta::unset);
    let (Some(active), Some(path)) = (host.var_path("VIRTUAL_ENV"), host.var("PATH")) else { return delta };
    let bin = active.join("bin");
    let kept: Vec<PathBuf> = env::split_paths(path).filter(|dir| host.absolute(dir) != bin).collect();
    match env::join_paths(kept) {
        Ok(joined) => delta.set("PATH", joined),
        Err(_) => delta,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(vars: &[(&str, &str)]) -> Host {
        let vars = vars.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Host { vars, current_dir: "/".into(), ..Host::default() }
    }

    #[test]
    fn leaving_one_environment_and_entering_another_leaves_no_trace_of_the_first() {
        let host = host(&[("VIRTUAL_ENV", "/old"), ("PATH", "/a:/old/bin:/b"), ("PYTHONPATH", "/x"), ("KEPT", "1")]);
        let host = host.with_env(&deactivation(&host));
        assert_eq!(host.vars, [("KEPT".into(), "1".into()), ("PATH".into(), "/a:/b".into())]);
        let venv = Venv::new("/new");
        let host = host.with_env(&venv.activation(&host));
        let again = host.with_env(&venv.activation(&host));
        assert_eq!(host.var("PATH"), again.var("PATH"));
        assert_eq!(host.var_text("PATH"), Some("/new/bin:/a:/b"));
        assert_eq!(host.var_text("VIRTUAL_ENV"), Some("/new"));
    }
}
