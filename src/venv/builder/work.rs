//! What surrounds the making of an environment: that it is known to be unfinished until it is finished, that two do not
//! make the same one at once, and that one which fails goes away again.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use crate::error::Result;
use crate::host::fs;
use crate::host::signal::Watch;

/// The file that an environment holds as long as it is not finished.
pub const UNFINISHED: &str = ".prime-unfinished";

const MAKING: &str = "this environment is being made, or its making was interrupted: make it again\n";
const AMONG: &str =
    "an environment is being made among files that are none of it, or that was interrupted: make it again\n";
const CLEARING: &str = "this environment is being cleared, or that was interrupted: clear once again\n";

// One is written over the other while somebody may read it.
const _: () = assert!(MAKING.len() == CLEARING.len());

/// How often a directory that vanishes under us is made again.
const TRIES: usize = 8;

/// The making of one environment.
pub struct Work {
    env_dir: PathBuf,
    /// Locked as long as the environment is being made.
    marker: File,
    /// The directories that were made for it, the outermost first.
    made: Vec<PathBuf>,
    /// Whether nothing was in the directory before.
    is_new: bool,
    /// Whether something was there that is no environment.
    is_among: bool,
    /// Being asked to stop waits until what was begun is removed.
    _watch: Watch,
}

impl Work {
    /// Makes the directory, waits for whoever is making an environment in it, and marks it as unfinished.
    pub fn begin(env_dir: &Path) -> Result<Self> {
        let failed = |error| fs::cannot_create(env_dir, error);
        let watch = Watch::start().map_err(failed)?;
        let missing = env_dir.ancestors().take_while(|dir| dir.symlink_metadata().is_err());
        let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        made.reverse();
        let marker = marker(env_dir).inspect_err(|_| remove_empty(&made))?;
        let mut work = Self { env_dir: env_dir.to_owned(), marker, made, is_new: true, is_among: false, _watch: watch };
        if let Err(error) = work.mark() {
            work.remove();
            return Err(failed(error));
        }
        Ok(work)
    }

    /// Says in the marker what is being done, unless an earlier process that was interrupted has said it already.
    fn mark(&mut self) -> io::Result<()> {
        let mut entries = self.env_dir.read_dir()?.flatten();
        self.is_new = entries.all(|entry| entry.file_name() == UNFINISHED);
        let is_ours = licence(&self.env_dir) == Some(true) || self.env_dir.join("pyvenv.cfg").is_file();
        self.is_among = !self.is_new && !is_ours;
        if self.marker.metadata()?.len() == 0 {
            return self.marker.write_all(if self.is_among { AMONG } else { MAKING }.as_bytes());
        }
        self.sweep();
        Ok(())
    }

    /// Removes what whoever was interrupted here was about to put in a place.
    fn sweep(&self) {
        let libraries = self.env_dir.join("lib").read_dir().into_iter().flatten().flatten();
        let packages = libraries.map(|entry| entry.path().join("site-packages"));
        packages.chain([self.env_dir.clone(), self.env_dir.join("bin")]).for_each(|dir| fs::sweep(&dir));
    }

    /// Ends it: what is finished is marked no longer, what failed in an empty place is removed.
    pub fn end<T>(self, made: Result<T>) -> Result<T> {
        let finished = made.and_then(|made| {
            let marker = self.env_dir.join(UNFINISHED);
            let removed = std::fs::remove_file(&marker).map_err(|error| fs::cannot_create(&marker, error));
            removed.map(|()| made)
        });
        finished.inspect_err(|_| {
            if self.is_new {
                self.remove();
            } else if self.is_among {
                // It would make an environment of what is none.
                let _ = std::fs::remove_file(self.env_dir.join("pyvenv.cfg"));
            }
        })
    }

    /// Removes what is in the directory, and the directories that were made for it as far as nobody else uses them. What
    /// stays is marked.
    fn remove(&self) {
        for entry in self.env_dir.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_marker = entry.file_name() == UNFINISHED;
            let _ = match is_dir {
                true => std::fs::remove_dir_all(path),
                false if is_marker => Ok(()),
                false => std::fs::remove_file(path),
            };
        }
        if self.env_dir.read_dir().is_ok_and(|entries| entries.count() <= 1) {
            let _ = std::fs::remove_file(self.env_dir.join(UNFINISHED));
        }
        remove_empty(&self.made);
    }
}

/// Removes directories that were made, the innermost first, as far as nobody else uses them.
fn remove_empty(made: &[PathBuf]) {
    made.iter().rev().take_while(|dir| std::fs::remove_dir(dir).is_ok()).for_each(drop);
}

/// The marker, made and locked. Whoever had it before may have removed it, or all of the directory.
fn marker(env_dir: &Path) -> Result<File> {
    let path = env_dir.join(UNFINISHED);
    let failed = |error| fs::cannot_create(&path, error);
    for _ in 0..TRIES {
        std::fs::create_dir_all(env_dir).map_err(|error| fs::cannot_create(env_dir, error))?;
        if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        // Neither through a link, nor waiting for whoever would read from a pipe.
        let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
        let file = match File::options().create(true).append(true).custom_flags(flags).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened.map_err(|error| fs::cannot_create(env_dir, error))?,
        };
        // Where the file system knows no locks, two at once are on their own.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            file.lock().map_err(failed)?;
        }
        let is_there = path.symlink_metadata().is_ok_and(|there| {
            file.metadata().is_ok_and(|open| (open.dev(), open.ino()) == (there.dev(), there.ino()))
        });
        if is_there {
            return Ok(file);
        }
    }
    Err(failed(io::Error::other("others make and remove it all the time")))
}

/// Whether what is in the directory is an environment's alone, as far as an unfinished one tells; `None` where none is
/// unfinished, or has just been begun.
pub fn licence(env_dir: &Path) -> Option<bool> {
    let text = text(env_dir).filter(|text| !text.is_empty())?;
    Some([MAKING, CLEARING].contains(&text.as_str()))
}

/// Whether what is in the directory was to be removed.
pub fn was_clearing(env_dir: &Path) -> bool {
    text(env_dir).is_some_and(|text| text == CLEARING)
}

fn text(env_dir: &Path) -> Option<String> {
    let path = env_dir.join(UNFINISHED);
    let is_own = path.symlink_metadata().is_ok_and(|meta| meta.is_file() && fs::is_own(&meta));
    if is_own { std::fs::read_to_string(path).ok() } else { None }
}

/// Notes that from now on everything in the directory is to be removed; the file that says so, where there is one.
pub fn note_clearing(env_dir: &Path) -> Result<Option<PathBuf>> {
    note(env_dir, CLEARING)
}

/// Notes that what is in the directory from now on is the new environment's.
pub fn note_making(env_dir: &Path) -> Result<()> {
    note(env_dir, MAKING).map(drop)
}

/// In place, since the file is locked.
fn note(env_dir: &Path, text: &str) -> Result<Option<PathBuf>> {
    let path = env_dir.join(UNFINISHED);
    if !path.exists() {
        return Ok(None);
    }
    let noted = File::options().write(true).open(&path).and_then(|file| {
        file.write_all_at(text.as_bytes(), 0)?;
        file.set_len(text.len() as u64)
    });
    noted.map_err(|error| fs::cannot_create(&path, error))?;
    Ok(Some(path))
}
