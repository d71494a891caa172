//! Where an environment of a connector is, and how one stands aside for another.
//!
//! In the install root there is `.venv-NAME` itself, and in `.prime-connectors/NAME` the lock, the old environment while a
//! new one is made, and a mark that says so. Both are renamed within the root, so neither is ever there by half; whatever
//! moment a process was killed at, [`Place::heal`] knows what to do: finish where the new one has its stamp, else go back.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use super::stamp::FILE;
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs, names};
use crate::ui::Ui;
use crate::venv::Venv;

/// How the directory of an environment begins.
pub const PREFIX: &str = names::CONNECTOR_VENV_PREFIX;
/// In the install root, what is not part of any environment.
const STATE: &str = ".prime-connectors";
/// What environments have beside their `pyvenv.cfg`.
const PARTS: [&str; 9] =
    ["bin", "include", "lib", "lib64", "share", ".gitignore", ".lock", "CACHEDIR.TAG", names::CONNECTOR_PYTHON];

/// The directory that holds the environments: the one that is named, else `AIRBYTE_INSTALL_DIR`, else the current one.
pub fn install_root(host: &Host, named: Option<&Path>) -> PathBuf {
    let variable = || host.var_path(names::AIRBYTE_INSTALL_DIR);
    named.map(|dir| host.absolute(dir)).or_else(variable).unwrap_or_else(|| host.current_dir.clone())
}

/// Where one environment is.
#[derive(Clone, Debug)]
pub struct Place {
    venv: Venv,
    state: PathBuf,
}

impl Place {
    /// The place of a connector under an install root.
    pub fn new(root: &Path, name: &str) -> Self {
        Self { venv: Venv::new(root.join(format!("{PREFIX}{name}"))), state: root.join(STATE).join(name) }
    }

    /// The environment.
    pub fn venv(&self) -> Venv {
        self.venv.clone()
    }

    /// The file that is locked while it is changed.
    pub fn lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    /// Says that the environment is being made, by this process or one that died.
    fn mark(&self) -> PathBuf {
        self.state.join("unfinished")
    }

    fn old(&self) -> PathBuf {
        self.state.join("old")
    }

    fn gone(&self) -> PathBuf {
        self.state.join("gone")
    }

    /// Whether the environment was left half made.
    pub fn is_unfinished(&self) -> bool {
        self.mark().exists() && !self.is_stamped()
    }

    /// Whether there is what [`Self::finish`] removes.
    pub fn has_left_over(&self) -> bool {
        [self.mark(), self.gone(), self.old()].iter().any(|path| exists(path))
    }

    /// Whether anything is in the environment's place.
    pub fn is_there(&self) -> bool {
        exists(self.venv.dir()) || exists(&self.old())
    }

    fn is_stamped(&self) -> bool {
        self.venv.dir().join(FILE).is_file()
    }

    /// Fails with [`Kind::CannotCreate`] where something is in the place that is no environment: it is somebody's.
    pub fn check(&self) -> Result<()> {
        let dir = self.venv.dir();
        let what = match dir.symlink_metadata() {
            Err(_) => return Ok(()),
            Ok(meta) if meta.is_symlink() => "a symbolic link",
            Ok(meta) if !meta.is_dir() => "no directory",
            Ok(_) if self.is_stamped() || self.is_unfinished() || is_part_of_one(dir) => return Ok(()),
            Ok(_) => match self.venv.cfg() {
                Some(cfg) if cfg.is_ours() => "the environment of a repository",
                Some(_) => return Ok(()),
                None => "a directory that is no environment",
            },
        };
        let fault = Fault::new(Kind::CannotCreate, format!("`{}` is {what}", dir.display()));
        Err(fault.hint("move it away, or choose another `--install-root`").into())
    }

    /// Finishes or takes back what a process began that was killed. To be called with the lock.
    pub fn heal(&self, ui: Ui) -> Result<()> {
        if exists(&self.mark()) && !self.is_stamped() {
            tracing::info!("`{}` was left half made", self.venv.dir().display());
            self.go_back()?;
            ui.note("heal", &self.venv.dir().display().to_string());
        }
        self.finish()
    }

    /// Makes room for a new environment. To be called with the lock, healed.
    pub fn begin(&self) -> Result<()> {
        self.check()?;
        fs::write_atomic(&self.state.parent().unwrap_or(&self.state).join(".gitignore"), b"*\n")?;
        fs::write_atomic(&self.mark(), b"")?;
        if exists(self.venv.dir()) {
            rename(self.venv.dir(), &self.old())?;
        }
        Ok(())
    }

    /// Takes back what [`Self::begin`] began: the half of the new one goes, the old one comes back.
    pub fn go_back(&self) -> Result<()> {
        if exists(&self.old()) {
            remove(self.venv.dir())?;
            rename(&self.old(), self.venv.dir())?;
        } else if !self.venv.dir().join(FILE).is_file() {
            // Without an old one: either there was none, or it has not been moved yet and is a whole one.
            self.remove_half()?;
        }
        remove_file(&self.mark())
    }

    /// A mark without an old environment is older than either the moving of one or the making of the first. What was to
    /// be moved has a `pyvenv.cfg` that is older than the mark.
    fn remove_half(&self) -> Result<()> {
        let time = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
        let (cfg, mark) = (time(&self.venv.cfg_path()), time(&self.mark()));
        match (cfg, mark) {
            (Some(cfg), Some(mark)) if cfg < mark => Ok(()),
            _ => remove(self.venv.dir()),
        }
    }

    /// The new environment has its stamp: the old one goes.
    pub fn finish(&self) -> Result<()> {
        remove_file(&self.mark())?;
        remove(&self.gone())?;
        remove(&self.old())
    }

    /// Removes the environment. To be called with the lock. It is renamed first, so that a part of one is never taken for a
    /// whole one.
    pub fn remove(&self) -> Result<()> {
        self.check()?;
        self.finish()?;
        fs::create_dir_all(&self.state)?;
        if exists(self.venv.dir()) {
            rename(self.venv.dir(), &self.gone())?;
        }
        remove(&self.gone())
    }
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether a directory has nothing but what may be left of an environment without its `pyvenv.cfg`.
fn is_part_of_one(dir: &Path) -> bool {
    let is_part = |entry: DirEntry| PARTS.iter().any(|part| entry.file_name() == *part);
    dir.read_dir().is_ok_and(|entries| entries.flatten().all(is_part))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|error| fs::cannot_create(to, error))
}

fn remove(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(fs::cannot_create(dir, error)),
        _ => Ok(()),
    }
}

fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if !matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Err(fs::cannot_create(path, error))
        }
        _ => Ok(()),
    }
}
