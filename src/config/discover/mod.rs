//! Finds the repository and its configuration file.
//!
//! This runs at every start, also where everything is ready: it is a few looks at each directory and parses nothing. Of
//! `pyproject.toml` only the lines are scanned for the header of `[tool.prime]`.
//!
//! How the repository was searched for is no input of the configuration: that is done again every time. What is noted in
//! [`Repo::inputs`] lies in the seed directory alone, so it is the same from wherever in the repository one starts.

use std::path::{Path, PathBuf};

use super::inputs::Inputs;
use super::leap::{Origin, Setting};
use crate::error::{Fault, Result};
use crate::host::{Host, names};

mod file;
mod seed;

pub(super) use self::file::has_tool_table;
pub use self::file::{ConfigFile, ConfigPlace};

/// A repository that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repo {
    /// The directory of the seed file, absolute: what the paths of the primer leap are relative to.
    pub seed_dir: Setting<PathBuf>,
    /// The launcher, where one was named or started.
    pub seed_file: Option<PathBuf>,
    /// The configuration file, where there is one.
    pub config: Option<ConfigFile>,
    /// The names under which a configuration file is looked for as long as none was found.
    candidates: Vec<String>,
    /// What was looked at in the seed directory.
    pub inputs: Inputs,
}

impl Repo {
    /// A directory that has no configuration and is not searched for one.
    pub fn bare(dir: &Path) -> Self {
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        Self {
            seed_dir: Setting::new(dir, Origin::Default),
            seed_file: None,
            config: None,
            candidates: Vec::new(),
            inputs: Inputs::default(),
        }
    }

    /// The configuration file of a later leap, in the directory `dir`: it has the name (without extension) of the file
    /// `before` it, where there is one. What is looked at is noted in `inputs`.
    pub(super) fn later_file(
        &self,
        dir: &Path,
        before: Option<&ConfigFile>,
        inputs: &mut Inputs,
    ) -> Option<ConfigFile> {
        match before {
            Some(before) => file::look(dir, &file::carried(before.basename()), inputs),
            None => file::look(dir, &self.candidates, inputs),
        }
    }
}

/// Finds the repository: the directory `repo_dir` (of `--repo`), else the launcher's (`PROTOPRIMER_PROTO_CODE`, then
/// `argv[0]`), else the current directory or one above it.
///
/// Fails with [`Usage`](crate::error::Kind::Usage) where the argument or a variable is wrong, with
/// [`Config`](crate::error::Kind::Config) where there is no repository.
pub fn discover(host: &Host, repo_dir: Option<&Path>) -> Result<Repo> {
    Ok(find(host, repo_dir)?)
}

/// Finds the repository that a script lies in: at or above its real directory, wherever it is started and through whatever
/// link. `None` where there is none.
pub fn discover_of_script(host: &Host, script: &Path) -> Result<Option<Repo>> {
    let basename = file::given_basename(host.var(names::CONF_BASENAME))?;
    let Ok(script) = host.current_dir.join(script).canonicalize() else { return Ok(None) };
    let seed = script.parent().and_then(|dir| seed::from_dir(host, dir, basename.as_deref()));
    Ok(seed.map(|seed| at(seed, basename.as_deref())))
}

fn find(host: &Host, repo_dir: Option<&Path>) -> Result<Repo, Fault> {
    let basename = file::given_basename(host.var(names::CONF_BASENAME))?;
    let seed = seed::find(host, repo_dir, basename.as_deref())?;
    Ok(at(seed, basename.as_deref()))
}

/// The repository that begins there.
fn at(seed: seed::Seed, basename: Option<&str>) -> Repo {
    let candidates = file::candidates(basename, seed.file.as_deref());
    let mut inputs = Inputs::default();
    let config = file::look(&seed.dir.value, &candidates, &mut inputs);
    Repo { seed_dir: seed.dir, seed_file: seed.file, config, candidates, inputs }
}

#[cfg(test)]
mod tests;
