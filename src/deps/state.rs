//! Where `prime` keeps what it knows: the state directory of a repository, and in it a place for each environment.
//!
//! Where there are no environments, the place is the state directory itself. An environment's place has the name of its
//! directory as seen from the ref root, with `/` written `%2F`: no two have the same.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::Stamp;
use crate::error::{Fault, Kind, Result};
use crate::host::names;

/// In the state directory, the places of the environments.
const ENVIRONMENTS: &str = "env";
/// In the state directory, the file that is locked while something of the repository itself is built.
const BUILD_LOCK: &str = "build.lock";

/// What is kept of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The state directory of the repository.
    root: PathBuf,
    /// The environment's place in it.
    dir: PathBuf,
}

impl State {
    /// The place of an environment: `env_dir` is its directory, the ref root where there are no environments.
    pub fn of(ref_root: &Path, env_dir: &Path) -> Self {
        let root = ref_root.join(names::STATE_DIR);
        let dir = match env_dir.strip_prefix(ref_root) {
            Ok(inside) if inside.as_os_str().is_empty() => root.clone(),
            Ok(inside) => root.join(ENVIRONMENTS).join(encode(inside)),
            Err(_) => root.join(ENVIRONMENTS).join(encode(env_dir)),
        };
        Self { root, dir }
    }

    /// The stamps that the environments of a repository have now, wherever they came from; each is read when it is asked
    /// for.
    pub fn stamps(ref_root: &Path) -> impl Iterator<Item = Stamp> {
        let root = ref_root.join(names::STATE_DIR);
        let environments = root.join(ENVIRONMENTS);
        let mut dirs = Vec::new();
        if !root.is_symlink() && !environments.is_symlink() {
            let entries = std::fs::read_dir(environments).into_iter().flatten().flatten();
            let own = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
            dirs.extend(own.map(|entry| entry.path()));
            dirs.sort();
            dirs.insert(0, root);
        }
        dirs.into_iter().filter_map(|dir| Stamp::load(&dir.join(names::STAMP_FILE)))
    }

    /// Fails with [`Kind::CannotCreate`] where a link would lead what is written out of the repository: two repositories
    /// with one state would take each other's environments for their own.
    pub fn check_is_inside(&self) -> Result<()> {
        let dirs = [self.root.clone(), self.root.join(ENVIRONMENTS), self.dir.clone()];
        let Some(link) = dirs.into_iter().find(|dir| dir.is_symlink()) else { return Ok(()) };
        let message = format!("`{}` is a symbolic link", link.display());
        let hint = "remove the link; what `prime` keeps of a repository has to lie in it";
        Err(Fault::new(Kind::CannotCreate, message).hint(hint).into())
    }

    /// The state directory of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the environment was made from.
    pub fn stamp(&self) -> PathBuf {
        self.dir.join(names::STAMP_FILE)
    }

    /// Where what is in it came from.
    pub fn sources(&self) -> PathBuf {
        self.dir.join(names::SOURCES_FILE)
    }

    /// What the python has that uv provided for it.
    pub fn python(&self) -> PathBuf {
        self.dir.join(names::PYTHON_FILE)
    }

    /// Where what is published under a name lies: the environment's own, and then that of the one that was published last,
    /// where these are two.
    pub fn published(&self, name: &str) -> Vec<PathBuf> {
        let own = (self.dir != self.root).then(|| self.dir.join(name));
        own.into_iter().chain([self.root.join(name)]).collect()
    }

    /// The file that is locked while the environment is changed.
    pub fn lock(&self) -> PathBuf {
        self.dir.join(names::LOCK_FILE)
    }

    /// The file that is locked while the repository's own projects are built: builds write into the sources, which the
    /// environments share.
    pub fn build_lock(&self) -> PathBuf {
        self.root.join(BUILD_LOCK)
    }
}

fn encode(path: &Path) -> OsString {
    let mut name = Vec::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' => name.extend_from_slice(b"%2F"),
            b'%' => name.extend_from_slice(b"%25"),
            other => name.push(*other),
        }
    }
    OsString::from_vec(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_has_a_place_of_its_own() {
        let place = |env: &str| State::of(Path::new("/r"), Path::new(env)).stamp().display().to_string();
        assert_eq!(place("/r"), "/r/.prime/stamp.json");
        assert_eq!(place("/r/dst/a"), "/r/.prime/env/dst%2Fa/stamp.json");
        assert_eq!(place("/r/dst%2Fa"), "/r/.prime/env/dst%252Fa/stamp.json");
        let state = State::of(Path::new("/r"), Path::new("/r/dst/a"));
        assert_eq!(state.lock(), Path::new("/r/.prime/env/dst%2Fa/lock"));
        assert_eq!(state.build_lock(), Path::new("/r/.prime/build.lock"));
    }

    #[test]
    fn a_link_in_the_place_of_the_state_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (root, elsewhere) = (dir.path().join("r"), dir.path().join("elsewhere"));
        let state = State::of(&root, &root.join("a"));
        Stamp::creating(&root, &root.join("a"), &root.join(".venv")).save(&state.stamp()).unwrap();
        state.check_is_inside().unwrap();
        for place in [state.dir.clone(), state.root.join(ENVIRONMENTS), state.root.clone()] {
            std::fs::rename(&place, &elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, &place).unwrap();
            let error = state.check_is_inside().unwrap_err();
            assert_eq!(error.to_string(), format!("`{}` is a symbolic link", place.display()));
            assert_eq!(State::stamps(&root).count(), 0);
            std::fs::remove_file(&place).unwrap();
            std::fs::rename(&elsewhere, &place).unwrap();
        }
        assert_eq!(State::stamps(&root).count(), 1);
    }

    #[test]
    fn the_stamps_of_all_environments_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        assert_eq!(State::stamps(root).count(), 0);
        for env in [root.to_owned(), root.join("b"), root.join("a/x")] {
            Stamp::creating(root, &env, &root.join(".venv")).save(&State::of(root, &env).stamp()).unwrap();
        }
        std::fs::write(root.join(".prime/env/b/stamp.json"), "torn").unwrap();
        let dirs: Vec<PathBuf> = State::stamps(root).map(|stamp| stamp.environment.dir).collect();
        assert_eq!(dirs, [PathBuf::new(), PathBuf::from("a/x")]);
    }
}
