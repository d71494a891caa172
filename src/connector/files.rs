//! The files that a connector is given: configuration, catalog, state. They hold secrets.
//!
//! They lie in a directory that only this user can enter (0700) and go with the value that made them, however the work
//! ends: as long as they are there, being asked to stop is noted and no end at once. What a process has left that was
//! killed goes with the next call. Within it, what a container is to read is open to all (0644 in 0755): whoever the
//! container's user is can read it through the mount, and nobody on this machine gets past the outer directory. Of such
//! a directory the next call that has a container itself takes the last: the name is that of a container which may be
//! running still.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::host::fs;
use crate::host::processes::{is_running, own_number};
use crate::host::signal::Watch;

/// How the directories are called; the process comes next.
const PREFIX: &str = "prime-connector-";

/// Who is to read the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// A program of this user's.
    User,
    /// A container, into which [`Files::dir`] is mounted.
    Container,
}

/// The files of one call.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    mode: u32,
    /// The configuration, where there is one.
    pub config: Option<PathBuf>,
    /// The configured catalog, where there is one.
    pub catalog: Option<PathBuf>,
    /// The state to go on from, where there is one.
    pub state: Option<PathBuf>,
    abandoned: Vec<OsString>,
    /// Removed with all that is in it.
    _outer: tempfile::TempDir,
    _watch: Watch,
}

impl Files {
    /// An empty set of files, in a new directory under `parent`.
    pub fn new(parent: &Path, readers: Readers) -> Result<Self> {
        let abandoned = sweep(parent, readers);
        let watch = Watch::start()?;
        let prefix = format!("{PREFIX}{}-", own_number());
        let mut outer = tempfile::Builder::new();
        let outer = outer.prefix(&prefix).permissions(std::fs::Permissions::from_mode(0o700));
        let outer = outer.tempdir_in(parent).map_err(|error| fs::cannot_create(parent, error))?;
        let dir = outer.path().join("files");
        fs::create_dir_all(&dir)?;
        let (dir_mode, mode) = match readers {
            Readers::User => (0o700, 0o600),
            Readers::Container => (0o755, 0o644),
        };
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(dir_mode))
            .map_err(|error| fs::cannot_create(&dir, error))?;
        Ok(Self { dir, mode, config: None, catalog: None, state: None, abandoned, _outer: outer, _watch: watch })
    }

    /// The directory that they lie in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The names of those directories, without their path, that killed processes had left.
    pub fn abandoned(&self) -> &[OsString] {
        &self.abandoned
    }

    /// Writes one of them; the path.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.dir.join(name);
        let written = std::fs::OpenOptions::new().write(true).create_new(true).mode(self.mode).open(&path);
        let mut file = written.map_err(|error| fs::cannot_create(&path, error))?;
        // Whatever the mask says.
        file.set_permissions(std::fs::Permissions::from_mode(self.mode))
            .and_then(|()| file.write_all(content))
            .map_err(|error| fs::cannot_create(&path, error))?;
        Ok(path)
    }
}

/// Removes what processes have left here that are no more, and names it. Another user's is not ours to remove, and stays.
fn sweep(parent: &Path, readers: Readers) -> Vec<OsString> {
    let is_left = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        pid.is_some_and(|pid| !is_running(pid)) && entry.metadata().is_ok_and(|meta| meta.is_dir() && fs::is_own(&meta))
    };
    let entries = parent.read_dir().into_iter().flatten().flatten().filter(is_left);
    let gone = entries.filter(|entry| {
        let files = entry.path().join("files");
        if readers == Readers::User && is_open(&files) {
            let secrets = files.read_dir().into_iter().flatten().flatten();
            secrets.for_each(|file| drop(std::fs::remove_file(file.path())));
            return false;
        }
        std::fs::remove_dir_all(entry.path()).is_ok()
    });
    gone.map(|entry| entry.file_name()).collect()
}

/// Whether a container was to read what is in it.
fn is_open(dir: &Path) -> bool {
    dir.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o005 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_user_gets_to_them_and_they_go_with_the_value() {
        let parent = tempfile::tempdir().unwrap();
        for (readers, dir, file) in [(Readers::User, 0o700, 0o600), (Readers::Container, 0o755, 0o644)] {
            let files = Files::new(parent.path(), readers).unwrap();
            let path = files.write("config.json", b"{}").unwrap();
            let outer = files.dir().parent().unwrap().to_owned();
            assert_eq!((mode(&outer), mode(files.dir()), mode(&path)), (0o700, dir, file));
            drop(files);
            assert!(!outer.exists());
        }
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_in_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let left = |pid: u32| parent.path().join(format!("{PREFIX}{pid}-x"));
        let (dead, living) = (left(u32::MAX >> 1), left(own_number()));
        std::fs::create_dir(&dead).unwrap();
        std::fs::create_dir(&living).unwrap();
        drop(Files::new(parent.path(), Readers::User).unwrap());
        assert_eq!((dead.exists(), living.exists()), (false, true));
    }

    #[test]
    fn what_was_for_a_container_is_named_to_a_call_that_has_one() {
        let parent = tempfile::tempdir().unwrap();
        let name = format!("{PREFIX}{}-x", u32::MAX >> 1);
        let dir = parent.path().join(&name).join("files");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(dir.join("config.json"), "{}").unwrap();
        assert!(Files::new(parent.path(), Readers::User).unwrap().abandoned().is_empty());
        assert_eq!((dir.exists(), dir.join("config.json").exists()), (true, false), "no secret waits for that");
        assert_eq!(Files::new(parent.path(), Readers::Container).unwrap().abandoned(), [OsString::from(name)]);
        assert!(!dir.exists());
    }
}
