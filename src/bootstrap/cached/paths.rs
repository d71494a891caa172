//! The paths: the environment with what is known of it, and what mends or makes it again without the network.
//!
//! The list goes by what is configured, not by what is there: a CI takes another list for another cache. What interpreters
//! said, unpacked seeds, logs and locks are left out: they hold for one machine, or for one run.

use std::path::{Path, PathBuf};

use super::super::{Request, launcher, shared, state};
use super::connectors::Connectors;
use super::{Start, is_used};
use crate::error::Result;
use crate::fetch::Places;
use crate::fetch::settings::caches::{pip_cache_dir, uv_cache_dir};
use crate::fetch::uv;
use crate::host::{Host, names};
use crate::launcher::store;
use crate::python::find::uv_install_dir;
use crate::ui::Ui;
use crate::venv::DriverName;

/// One path that a CI keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachePath {
    /// What is there: `venv`, `stamp`, `sources`, `python-files`, `connector`, `python`, `launcher`, `uv`, `connectors`,
    /// `uv-cache`, `pip-cache`.
    pub what: &'static str,
    /// The path, absolute; nothing need be there.
    pub path: PathBuf,
    /// The same as seen from the ref root, where it lies in it.
    pub inside: Option<PathBuf>,
    /// The setting or the variable that moves it.
    pub moved_by: &'static str,
}

/// What a CI keeps of the environment that is selected.
///
/// Fails as [`cache_key`](super::cache_key) does.
pub fn cache_paths(host: &Host, ui: Ui, request: &Request) -> Result<Vec<CachePath>> {
    let start = Start::observe(host, ui, request)?;
    let settings = &start.settings;
    let state = state(settings);
    let cache_dir = shared::cache_dir(host, settings);
    let told = host.with_env(&shared::for_uv(host, settings));
    let places = Places::new(Some(&settings.ref_root_dir.value));
    let connectors = Connectors::new(host, settings);
    let of_connectors = connectors.driver();
    let [by_uv, by_pip] = [DriverName::Uv, DriverName::Pip].map(|tool| is_used(tool, settings, &connectors));
    // Which python a connector has is up to its package.
    let is_provided = start.python.is_none();
    let may_provide = is_provided || of_connectors == Some(DriverName::Uv);
    let python = may_provide.then(|| uv_install_dir(&told)).flatten();
    let launches = host.var(names::PRIME_BIN).is_none() && launcher::of_repo(&start.run.repo).is_some();
    let own_uv = by_uv && host.var(names::PRIME_UV).is_none();
    let uv_cache = if by_uv { uv_cache_dir(&told, &places)? } else { None };
    let pip_cache = if by_pip { pip_cache_dir(host, &places)? } else { None };
    let found = [
        ("venv", Some(settings.venv_dir.value.clone()), "local_venv_dir_rel_path"),
        ("stamp", Some(state.stamp()), ""),
        ("sources", Some(state.sources()), ""),
        ("python-files", is_provided.then(|| state.python()), ""),
    ];
    let in_caches = [
        ("python", python, "UV_PYTHON_INSTALL_DIR"),
        ("launcher", launches.then(|| store::dir(&cache_dir)), names::PRIME_CACHE_DIR),
        ("uv", own_uv.then(|| uv::dir(&cache_dir)), names::PRIME_CACHE_DIR),
        ("connectors", of_connectors.map(|_| cache_dir.join(names::CONNECTOR_CACHE)), names::PRIME_CACHE_DIR),
        ("uv-cache", uv_cache, "UV_CACHE_DIR"),
        ("pip-cache", pip_cache, "PIP_CACHE_DIR"),
    ];
    let ref_root = &settings.ref_root_dir.value;
    let of_connectors = connectors.dirs().into_iter().map(|(dir, moved_by)| ("connector", Some(dir), moved_by));
    let found = found.into_iter().chain(of_connectors).chain(in_caches);
    let found = found.filter_map(|(what, path, moved_by)| Some((what, path?, moved_by)));
    Ok(found.fold(Vec::new(), |mut paths: Vec<CachePath>, (what, path, moved_by)| {
        // What lies in another one is kept with it.
        if !paths.iter().any(|it| path.starts_with(&it.path)) {
            paths.push(CachePath { what, inside: inside(ref_root, &path), path, moved_by });
        }
        paths
    }))
}

fn inside(ref_root: &Path, path: &Path) -> Option<PathBuf> {
    path.strip_prefix(ref_root).ok().filter(|inside| !inside.as_os_str().is_empty()).map(Path::to_owned)
}
