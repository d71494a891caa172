//! A driver with its tool, ready to run; where the tool comes from, and what it is told.
//!
//! Which of the two is wanted is decided above, and so is what the person sees of it.

use std::path::{Path, PathBuf};

use super::builder::EnvSpec;
use super::obtain::{self, Obtained, Wanted};
use super::pip::Pip;
use super::uv::Uv;
use super::{Console, Driver};
use crate::error::{Kind, Result, kind_of};
use crate::fetch::wheel::Progress;
use crate::fetch::{IndexSettings, ToolSettings};
use crate::host::work::skipped;
use crate::host::{EnvDelta, Host, fs};
use crate::python::Interpreter;
use crate::python::requirement::OLDEST_USABLE;

/// A driver with its tool.
pub enum Tool {
    /// uv.
    Uv(Uv),
    /// pip.
    Pip(Pip),
}

impl Tool {
    /// The driver.
    pub fn driver(&self) -> &dyn Driver {
        match self {
            Self::Uv(uv) => uv,
            Self::Pip(pip) => pip,
        }
    }
}

/// Where tools are got, and what holds for them.
pub struct Supply<'a> {
    /// The process.
    pub host: &'a Host,
    /// Where uv is kept, and what interpreters said.
    pub cache_dir: &'a Path,
    /// The directory from which the tools look for their own settings.
    pub project_dir: &'a Path,
    /// What uv must be told besides its index.
    pub uv_env: EnvDelta,
    /// Whether environments for pip may be made natively.
    pub native_venv: bool,
    /// Whether the network may not be used.
    pub offline: bool,
}

impl Supply<'_> {
    /// How an environment of this interpreter is made natively, where it can be and nobody wants it otherwise.
    fn native(&self, python: Option<&Interpreter>) -> Option<EnvSpec> {
        let python = python.filter(|python| self.native_venv && python.has_own_files())?;
        Some(EnvSpec {
            cache_dir: Some(self.cache_dir.to_owned()),
            project_dir: Some(self.project_dir.to_owned()),
            offline: self.offline,
            ..EnvSpec::new(self.host, python.clone())
        })
    }

    /// pip, with the index settings that hold for this interpreter's.
    pub fn pip(&self, index: &IndexSettings, python: Option<&Interpreter>) -> Result<Tool> {
        Ok(Tool::Pip(Pip::new(self.host, index.env_for_pip(), self.native(python))?))
    }

    /// The uv that is on this machine.
    pub fn find_uv(&self, index: &IndexSettings) -> Result<Option<Tool>> {
        let found = obtain::find(self.host, self.cache_dir)?;
        Ok(found.map(|found| {
            skipped("obtain", format_args!("uv {} is there ({})", found.version, found.source));
            self.uv(index, found)
        }))
    }

    /// Gets uv from the package index; `python` is an interpreter that may help.
    pub fn get_uv(
        &self,
        index: &IndexSettings,
        python: Option<&Interpreter>,
        console: &mut Console<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Obtained> {
        let python = python.filter(|python| python.version() >= OLDEST_USABLE);
        let (host, cache_dir, native) = (self.host, self.cache_dir, self.native(python));
        obtain::get(&Wanted { host, settings: index, cache_dir, python, native }, console, progress)
    }

    /// This uv, told what it would not find by itself.
    pub fn uv(&self, index: &IndexSettings, obtained: Obtained) -> Tool {
        tracing::info!("uv {} at `{}` ({})", obtained.version, obtained.program.display(), obtained.source);
        let ToolSettings { env, args, .. } = index.env_for_uv();
        Tool::Uv(Uv::new(self.host, obtained.program, &self.uv_env.clone().and(&env), args, self.project_dir))
    }
}

/// Whether pip may do it where uv could not be had for this reason. A uv that is not what the index promised, an index
/// that refuses and a full disk are errors and never passed over.
pub fn may_do_without_uv(error: &anyhow::Error) -> bool {
    !matches!(kind_of(error), Kind::Data | Kind::NotAllowed | Kind::InputOutput)
}

/// The user's cache, where it can be used. One that is somebody else's is not this user's: programs are run from it.
pub fn users_cache_dir(host: &Host) -> Option<PathBuf> {
    let is_own = |dir: &PathBuf| fs::may_create(dir) && dir.metadata().map_or(true, |meta| fs::is_own(&meta));
    host.user_cache_dir().filter(is_own)
}

/// What uv must be told to keep out of a home that cannot be used, and to use `own` instead: it fails where its cache
/// cannot be written. What a variable says stays.
pub fn uv_places(host: &Host, own: &Path) -> EnvDelta {
    if host.home().is_some_and(|home| fs::may_create(&home)) {
        return EnvDelta::new();
    }
    let places =
        [("UV_CACHE_DIR", "XDG_CACHE_HOME", "uv-cache"), ("UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME", "uv-python")];
    let unset = places.into_iter().filter(|(name, base, _)| host.var(name).is_none() && host.var(base).is_none());
    unset.fold(EnvDelta::new(), |delta, (name, _, dir)| delta.set(name, own.join(dir)))
}
