//! The directories that all repositories of a user share, and what stands in for them where the user has none that can be
//! written: accounts of services have no home, and containers one that is read-only.

use std::path::PathBuf;

use crate::config::Settings;
use crate::host::{EnvDelta, Host, fs};

/// The cache: the user's, else the repository's own. One that is somebody else's is not this user's: programs are run from
/// it.
pub fn cache_dir(host: &Host, settings: &Settings) -> PathBuf {
    users_cache_dir(host).unwrap_or_else(|| settings.cache_dir.value.clone())
}

/// The user's cache, where it can be used.
pub fn users_cache_dir(host: &Host) -> Option<PathBuf> {
    let is_own = |dir: &PathBuf| fs::may_create(dir) && dir.metadata().map_or(true, |meta| fs::is_own(&meta));
    host.user_cache_dir().filter(is_own)
}

/// What uv must be told to keep out of a home that cannot be used: it fails where its cache cannot be written. What a
/// variable says stays.
pub fn for_uv(host: &Host, settings: &Settings) -> EnvDelta {
    if host.home().is_some_and(|home| fs::may_create(&home)) {
        return EnvDelta::new();
    }
    let own = &settings.cache_dir.value;
    let places =
        [("UV_CACHE_DIR", "XDG_CACHE_HOME", "uv-cache"), ("UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME", "uv-python")];
    let unset = places.into_iter().filter(|(name, base, _)| host.var(name).is_none() && host.var(base).is_none());
    unset.fold(EnvDelta::new(), |delta, (name, _, dir)| delta.set(name, own.join(dir)))
}
