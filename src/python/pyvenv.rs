//! What `pyvenv.cfg` tells of the interpreter behind a virtual environment, without starting it.
//!
//! Read as CPython's `site` reads it: `key = value` lines, keys in any case. CPython writes `home`, `version` and (from
//! 3.11 on) `executable`; virtualenv `base-executable`, `implementation` and `version_info`; uv `version_info` and
//! `implementation`.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::version::{Implementation, PythonVersion};
use crate::host::fs::is_executable;

/// The file's content.
#[derive(Debug)]
pub(super) struct PyvenvCfg {
    values: HashMap<String, String>,
}

impl PyvenvCfg {
    /// Reads the file of a virtual environment; `None` where the directory is none.
    pub(super) fn read(dir: &Path) -> Option<Self> {
        let content = std::fs::read(dir.join("pyvenv.cfg")).ok()?;
        let text = String::from_utf8_lossy(&content);
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Some(Self { values: pairs.map(|(key, value)| (key.trim().to_lowercase(), value.trim().to_owned())).collect() })
    }

    /// The file that is meant for an executable: beside it or one level up, as CPython looks for it.
    pub(super) fn of_executable(path: &Path) -> Option<Self> {
        let dir = path.parent()?;
        Self::read(dir).or_else(|| Self::read(dir.parent()?))
    }

    /// The version of the interpreter that the environment was made from.
    pub(super) fn version(&self) -> Option<PythonVersion> {
        let mut texts = ["version_info", "version"].iter().filter_map(|key| self.values.get(*key));
        texts.find_map(|text| text.parse().ok())
    }

    /// The implementation, where it is told.
    pub(super) fn implementation(&self) -> Option<Implementation> {
        self.values.get("implementation").map(|name| Implementation::from(name.clone()))
    }

    /// The directory of the interpreter that the environment was made from.
    pub(super) fn home(&self) -> Option<&Path> {
        self.values.get("home").map(Path::new).filter(|home| home.is_absolute())
    }

    /// The interpreter that the environment was made from: what the file names, else an executable in `home` under the
    /// name that it has in the environment or a usual one. `None` where none of them is there any more.
    pub(super) fn base_executable(&self, name: &OsStr) -> Option<PathBuf> {
        let told = ["base-executable", "executable"].iter().filter_map(|key| self.values.get(*key)).map(PathBuf::from);
        let versioned = self.version().map(|version| format!("python{}.{}", version.major, version.minor));
        let usual = [name, OsStr::new("python3"), OsStr::new("python")];
        let names: Vec<&OsStr> = versioned.iter().map(OsStr::new).chain(usual).collect();
        let in_home = self.home().into_iter().flat_map(|home| names.iter().map(|name| home.join(name)));
        told.chain(in_home).find(|path| path.is_absolute() && is_executable(path))
    }
}
