//! The files that a connector is given: configuration, catalog, state. They hold secrets.
//!
//! They lie in a directory that only this user can enter (0700) and go with the value that made them, however the work
//! ends: as long as they are there, being asked to stop is noted and no end at once. What a process has left that was
//! killed goes with the next call. The directory is locked as long as it is in use, which tells the two apart for processes
//! that do not see each other as well: jobs in containers may share a directory of temporary files. Within it, what a
//! container is to read is open to all (0644 in 0755): whoever the container's user is can read it through the mount, and
//! nobody on this machine gets past the outer directory. Of such a directory the next call that has a container itself
//! takes the last: the name is that of a container which may be running still.

use std::ffi::OsString;
use std::fs::{DirEntry, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

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
    /// Removed with all that is in it, and no longer in use then.
    _outer: TempDir,
    _lock: Option<File>,
    _watch: Watch,
}

impl Files {
    /// An empty set of files, in a new directory under `parent`.
    pub fn new(parent: &Path, readers: Readers) -> Result<Self> {
        let abandoned = sweep(parent, readers);
        let watch = Watch::start()?;
        let (outer, lock) = outer(parent).map_err(|error| fs::cannot_create(parent, error))?;
        let dir = outer.path().join("files");
        fs::create_dir_all(&dir)?;
        let (dir_mode, mode) = match readers {
            Readers::User => (0o700, 0o600),
            Readers::Container => (0o755, 0o644),
        };
        std::fs::set_permissions(&dir, Permissions::from_mode(dir_mode))
            .map_err(|error| fs::cannot_create(&dir, error))?;
        let (config, catalog, state) = (None, None, None);
        Ok(Self { dir, mode, config, catalog, state, abandoned, _outer: outer, _lock: lock, _watch: watch })
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
        let written = OpenOptions::new().write(true).create_new(true).mode(self.mode).open(&path);
        let mut file = written.map_err(|error| fs::cannot_create(&path, error))?;
        // Whatever the mask says.
        file.set_permissions(Permissions::from_mode(self.mode))
            .and_then(|()| file.write_all(content))
            .map_err(|error| fs::cannot_create(&path, error))?;
        Ok(path)
    }
}

/// A new directory, in use from now on.
fn outer(parent: &Path) -> io::Result<(TempDir, Option<File>)> {
    let prefix = format!("{PREFIX}{}-", own_number());
    loop {
        let mut made = tempfile::Builder::new();
        let made = made.prefix(&prefix).permissions(Permissions::from_mode(0o700)).tempdir_in(parent)?;
        match take(made.path()) {
            Ok(lock) => return Ok((made, lock)),
            // Another call was at it before it was locked, and takes it for one that was left.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Has a directory for this process, as long as the file is open; without one where the file system knows no locks.
///
/// Fails where another process has it, and where it is gone.
fn take(dir: &Path) -> io::Result<Option<File>> {
    let file = File::open(dir)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
        Err(TryLockError::Error(error)) => {
            tracing::info!("`{}` cannot be locked: {error}", dir.display());
            return Ok(None);
        }
    }
    if dir.metadata()?.ino() == file.metadata()?.ino() { Ok(Some(file)) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Removes what processes have left here that are no more, and names it. Another user's is not ours to remove, and stays.
fn sweep(parent: &Path, readers: Readers) -> Vec<OsString> {
    let entries = parent.read_dir().into_iter().flatten().flatten();
    let own = entries.filter(|entry| entry.metadata().is_ok_and(|meta| meta.is_dir() && fs::is_own(&meta)));
    own.filter(|entry| remove_left(entry, readers)).map(|entry| entry.file_name()).collect()
}

/// Removes a directory, if it is one of ours that is not in use: whether it is gone.
fn remove_left(entry: &DirEntry, readers: Readers) -> bool {
    let name = entry.file_name();
    let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()) else {
        return false;
    };
    let lock = match take(&entry.path()) {
        Ok(None) if is_running(pid) => return false,
        Ok(lock) => lock,
        Err(_) => return false,
    };
    let files = entry.path().join("files");
    let is_another_calls = readers == Readers::User && is_open(&files);
    if is_another_calls {
        let secrets = files.read_dir().into_iter().flatten().flatten();
        secrets.for_each(|file| drop(std::fs::remove_file(file.path())));
    }
    let is_gone = !is_another_calls && std::fs::remove_dir_all(entry.path()).is_ok();
    drop(lock);
    is_gone
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
        let of_dead = [left(u32::MAX >> 1), left(own_number())];
        for dir in &of_dead {
            std::fs::create_dir(dir).unwrap();
        }
        let foreign = parent.path().join(format!("{PREFIX}notes"));
        std::fs::create_dir(&foreign).unwrap();
        let in_use = Files::new(parent.path(), Readers::User).unwrap();
        assert!(!of_dead.iter().any(|dir| dir.exists()), "whose number another process has by now goes as well");
        // A process that this one does not see would have a number that none has.
        let hidden = left(u32::MAX >> 2);
        std::fs::rename(in_use.dir().parent().unwrap(), &hidden).unwrap();
        drop(Files::new(parent.path(), Readers::User).unwrap());
        assert!(hidden.exists() && foreign.exists());
    }

    #[test]
    fn calls_at_once_take_nothing_from_each_other() {
        let parent = &tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for worker in 0..4 {
                scope.spawn(move || {
                    for turn in 0..50 {
                        let files = Files::new(parent.path(), Readers::User).unwrap();
                        let own = files.dir().parent().unwrap();
                        // A process that this one does not see would have a number that none has.
                        let hidden = parent.path().join(format!("{PREFIX}{}-{worker}-{turn}", u32::MAX >> 1));
                        std::fs::rename(own, &hidden).unwrap();
                        std::thread::yield_now();
                        std::fs::rename(&hidden, own).unwrap();
                        let path = files.write("config.json", b"{}").unwrap();
                        assert_eq!(std::fs::read(path).unwrap(), b"{}");
                    }
                });
            }
        });
        assert_eq!(parent.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn what_was_for_a_container_is_named_to_a_call_that_has_one() {
        let parent = tempfile::tempdir().unwrap();
        let name = format!("{PREFIX}{}-x", u32::MAX >> 1);
        let dir = parent.path().join(&name).join("files");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        std::fs::write(dir.join("config.json"), "{}").unwrap();
        assert!(Files::new(parent.path(), Readers::User).unwrap().abandoned().is_empty());
        assert_eq!((dir.exists(), dir.join("config.json").exists()), (true, false), "no secret waits for that");
        assert_eq!(Files::new(parent.path(), Readers::Container).unwrap().abandoned(), [OsString::from(name)]);
        assert!(!dir.exists());
    }
}
