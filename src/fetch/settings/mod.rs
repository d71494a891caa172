//! The index policy: which package indexes may be asked, through which proxy, trusting whom.
//!
//! People set it for pip or for uv, in variables and in files, and expect it to hold whatever runs. So it is read as
//! each tool reads its own ([`PipSettings`], [`UvSettings`]), kept with the origin of every value, and then used in three ways:
//! [`IndexSettings::policy`] is what holds for our own fetches, [`IndexSettings::env_for_uv`] and
//! [`IndexSettings::env_for_pip`] tell one tool what was set only for the other. A tool's own setting always wins for
//! that tool. Ours is one variable, `PRIME_INDEX_URL`.
//!
//! Nothing here opens a connection, and no credential leaves but in an environment variable or a text for [`SecretFile`].
//!
//! [`SecretFile`]: crate::host::secret::SecretFile

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::fetch::keyring::keyring_limit;
use crate::fetch::url::Url;
use crate::host::{Host, names};

pub mod caches;
mod effective;
mod environment;
mod ini;
mod keyring;
mod listing;
mod netrc;
mod origin;
mod pip;
mod translate;
mod uv;
mod uv_file;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod translate_tests;

pub use effective::{Authorities, FetchPolicy, HttpSettings};
pub use environment::Environment;
pub use keyring::KeyringProvider;
pub use listing::Listed;
pub use netrc::{Means, url_in};
pub use origin::Sourced;
pub use pip::{PipSettings, pip_options};
pub use translate::ToolSettings;
pub use uv::{FileProxies, UvSettings, uv_files};

/// Where files are looked for, as far as the environment does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The repository: uv looks for `uv.toml` and `[tool.uv]` from here upwards.
    pub project_dir: Option<PathBuf>,
    /// The prefix of the interpreter whose pip is to run: its `pip.conf` counts for pip.
    pub python_prefix: Option<PathBuf>,
    /// The directory of system-wide configuration, `/etc`.
    pub etc: PathBuf,
    /// Whether the network must not be used (`--offline`).
    pub offline: bool,
}

impl Places {
    /// The usual places, for a repository.
    pub fn new(project_dir: Option<&Path>) -> Self {
        let project_dir = project_dir.map(Path::to_owned);
        Self { project_dir, python_prefix: None, etc: PathBuf::from("/etc"), offline: false }
    }
}

/// All that is set, by whom it is set for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSettings {
    /// For `prime` itself: `PRIME_INDEX_URL`.
    pub own_index: Option<Sourced<Url>>,
    /// What the launcher has for where nobody has set one.
    pub recorded_index: Option<Sourced<Url>>,
    /// For pip.
    pub pip: PipSettings,
    /// For uv.
    pub uv: UvSettings,
    /// For whoever opens connections: proxies, certificate authorities.
    pub environment: Environment,
    /// Whether the network must not be used, by whichever tool (`--offline`).
    pub offline: bool,
    /// Where the files were looked for.
    pub places: Places,
    /// The process, on whose `PATH` a keyring may be.
    pub host: Host,
    /// URLs with the credentials that a keyring gave for them. Nothing sets them: they are learned.
    pub learned: Vec<Sourced<Url>>,
}

impl IndexSettings {
    /// Reads variables and files. Fails with [`crate::error::Kind::Config`] on a file or a value that pip or uv would
    /// refuse too.
    pub fn load(host: &Host, places: &Places) -> Result<Self> {
        keyring_limit(host)?;
        let own = host.var_text(names::PRIME_INDEX_URL).map(|url| Sourced::new(url.to_owned(), names::PRIME_INDEX_URL));
        Ok(Self {
            own_index: own.map(|url| uv::location(url, &host.current_dir)).transpose()?,
            recorded_index: None,
            pip: PipSettings::load(host, places)?,
            uv: UvSettings::load(host, places)?,
            environment: Environment::load(host)?,
            offline: places.offline,
            places: places.clone(),
            host: host.clone(),
            learned: Vec::new(),
        })
    }
}
