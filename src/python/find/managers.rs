//! The version managers that keep many interpreters side by side: pyenv, asdf, mise, uv.
//!
//! Each has a directory with one installation per version, and each installation a `bin`. Conda's are left out: they are
//! environments with packages of their own.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use crate::host::Host;
use crate::python::pin;

/// The names of installations that are conda's.
const CONDA: [&str; 5] = ["anaconda", "mambaforge", "micromamba", "miniconda", "miniforge"];

/// Where uv installs pythons.
pub fn uv_install_dir(host: &Host) -> Option<PathBuf> {
    let data = data_dir(host).map(|data| data.join("uv/python"));
    host.var_path("UV_PYTHON_INSTALL_DIR").or(data)
}

/// Whether uv has pythons there, whole or not.
pub fn has_uv_installations(host: &Host) -> bool {
    uv_install_dir(host).is_some_and(|dir| !installations(&dir).is_empty())
}

fn data_dir(host: &Host) -> Option<PathBuf> {
    host.var_path("XDG_DATA_HOME").or_else(|| host.home().map(|home| home.join(".local/share")))
}

/// The directories of installations, in the order of their managers.
pub(super) fn install_dirs(host: &Host) -> Vec<PathBuf> {
    let home = host.home();
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let asdf = host.var_path("ASDF_DATA_DIR").or_else(|| in_home(".asdf"));
    let mise = host.var_path("MISE_DATA_DIR").or_else(|| data_dir(host).map(|data| data.join("mise")));
    [
        pin::pyenv_root(host).map(|root| root.join("versions")),
        uv_install_dir(host),
        asdf.map(|dir| dir.join("installs/python")),
        mise.map(|dir| dir.join("installs/python")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The installations in a directory, newest first. Links (mise's `latest`, pyenv's `3.12`) lead to what is there anyway.
pub(super) fn installations(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<(PathBuf, String)> = entries
        .filter(|path| path.is_dir() && !path.is_symlink())
        .filter_map(|path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned).map(|name| (path, name)))
        .filter(|(_, name)| !name.starts_with('.') && !CONDA.iter().any(|conda| name.starts_with(conda)))
        .collect();
    found.sort_by_cached_key(|(_, name)| Reverse(newness(name)));
    found.into_iter().map(|(path, _)| path).collect()
}

/// What makes one installation newer than another, from its name: the first version in it (`3.12.1`,
/// `cpython-3.12.1-linux-x86_64-gnu`, `pypy3.10-7.3.12`), then whether it is plain, then the rest.
pub(super) fn newness(name: &str) -> (Vec<u64>, bool, String) {
    let start = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let version = &name[start..];
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let numbers = version[..end].split('.').filter_map(|number| number.parse().ok()).collect();
    let rest = &version[end..];
    (numbers, rest.is_empty() || rest.starts_with('-'), rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installations_come_newest_first_without_links_and_conda() {
        let dir = tempfile::tempdir().unwrap();
        let expected = [
            "cpython-3.14.0-linux-x86_64-gnu",
            "3.14.0rc2",
            "3.14.0rc1",
            "3.13.10",
            "3.13.9",
            "pypy3.10-7.3.12",
            "3.9.1",
            "myenv",
        ];
        for name in expected.iter().rev().chain(&["miniconda3-4.7.12", ".tmp"]) {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink("3.13.10", dir.path().join("3.13")).unwrap();
        let found: Vec<PathBuf> = installations(dir.path());
        assert_eq!(found, expected.map(|name| dir.path().join(name)));
    }
}
