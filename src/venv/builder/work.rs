//! What surrounds the making of an environment: that it is known to be unfinished until it is finished, that two do not
//! make the same one at once, and that one which fails goes away again.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::context::Context;
use crate::error::Result;
use crate::host::fs;
use crate::host::signal::Watch;

/// The file that an environment holds as long as it is not finished.
pub const UNFINISHED: &str = ".prime-unfinished";

const MAKING: &str = "this environment is being made, or its making was interrupted: make it again\n";
const AMONG: &str =
    "an environment is being made among files that are none of it, or that was interrupted: make it again\n";
const CLEARING: &str = "this environment is being cleared, or its clearing was interrupted: make it again\n";

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
        let missing = env_dir.ancestors().take_while(|dir| dir.symlink_metadata().is_err());
        let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        made.reverse();
        let marker = marker(env_dir).map_err(failed)?;
        let watch = Watch::start().map_err(failed)?;
        let entries = env_dir.read_dir().map_err(failed)?.flatten();
        let is_new = entries.filter(|entry| entry.file_name() != UNFINISHED).count() == 0;
        let is_among = !is_new && licence(env_dir) != Some(true) && !env_dir.join("pyvenv.cfg").is_file();
        let mut work = Self { env_dir: env_dir.to_owned(), marker, made, is_new, is_among, _watch: watch };
        let text = if is_among { AMONG } else { MAKING };
        if work.marker.metadata().map_err(failed)?.len() == 0
            && let Err(error) = work.marker.write_all(text.as_bytes())
        {
            work.remove();
            return Err(failed(error));
        }
        Ok(work)
    }

    /// Ends it: what is finished is marked no longer, what failed in an empty place is removed.
    pub fn end(self, made: Result<Context>) -> Result<Context> {
        let finished = made.and_then(|context| {
            let marker = self.env_dir.join(UNFINISHED);
            let removed = std::fs::remove_file(&marker).map_err(|error| fs::cannot_create(&marker, error));
            removed.map(|()| context)
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
        self.made.iter().rev().take_while(|dir| std::fs::remove_dir(dir).is_ok()).for_each(drop);
    }
}

/// The marker, made and locked. Whoever had it before may have removed it, or all of the directory.
fn marker(env_dir: &Path) -> io::Result<File> {
    let path = env_dir.join(UNFINISHED);
    for _ in 0..TRIES {
        std::fs::create_dir_all(env_dir)?;
        let file = match File::options().create(true).append(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        // Where the file system knows no locks, two at once are on their own.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            file.lock()?;
        }
        let is_there = path.symlink_metadata().is_ok_and(|there| {
            file.metadata().is_ok_and(|open| (open.dev(), open.ino()) == (there.dev(), there.ino()))
        });
        if is_there {
            return Ok(file);
        }
    }
    Err(io::Error::other("others make and remove it all the time"))
}

/// Whether what is in the directory is an environment's alone, as far as an unfinished one tells; `None` where none is
/// unfinished.
pub fn licence(env_dir: &Path) -> Option<bool> {
    let text = text(env_dir)?;
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
    std::fs::write(&path, text).map_err(|error| fs::cannot_create(&path, error))?;
    Ok(Some(path))
}
