//! The directories that all repositories of a user share, and what stands in for them where the user has none that can be
//! written: accounts of services have no home, and containers one that is read-only.

use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::error::Result;
use crate::host::{EnvDelta, Host, fs};
use crate::venv::tool;

/// The mark of a directory that backups may leave out, see <https://bford.info/cachedir/>.
const CACHE_MARK: (&str, &str) = ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# Made by `prime`.\n");

/// Marks a cache that is there.
pub fn mark(cache_dir: &Path) -> Result<()> {
    let mark = cache_dir.join(CACHE_MARK.0);
    if mark.exists() || !cache_dir.is_dir() {
        return Ok(());
    }
    fs::write_atomic(&mark, CACHE_MARK.1.as_bytes())
}

/// The cache: the user's, else the repository's own. One that is somebody else's is not this user's: programs are run from
/// it.
pub fn cache_dir(host: &Host, settings: &Settings) -> PathBuf {
    users_cache_dir(host).unwrap_or_else(|| settings.cache_dir.value.clone())
}

/// The user's cache, where it can be used.
pub fn users_cache_dir(host: &Host) -> Option<PathBuf> {
    tool::users_cache_dir(host)
}

/// What uv must be told to keep out of a home that cannot be used.
pub fn for_uv(host: &Host, settings: &Settings) -> EnvDelta {
    tool::uv_places(host, &settings.cache_dir.value)
}
