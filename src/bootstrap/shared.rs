//! The directories that all repositories of a user share, and what stands in for them where the user has none that can be
//! written: accounts of services have no home, and containers one that is read-only.

use std::path::PathBuf;

use crate::config::Settings;
use crate::host::{EnvDelta, Host};
use crate::venv::tool;

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
