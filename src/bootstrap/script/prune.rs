//! Removes the environments of scripts that were not used for long.
//!
//! Nobody may lose the environment under his feet. Who makes one has its lock; who starts in one has noted the use first
//! (for one that is old enough the note is always due); who runs in one names it in its variables or its arguments. So the
//! lock is taken, the note is looked at again, the directory renamed, which takes all of it away at once, and the note
//! looked at once more: a start that fell in between gets the directory back.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::super::prune::{Fate, Prune, Pruned, Useless, days_since};
use super::{KEY_LENGTH, SCRIPTS, USED};
use crate::deps::State;
use crate::error::{Kind, Result, kind_of};
use crate::host::lock::Lock;
use crate::host::{Host, fs, processes};

/// In the directory of all scripts, the file that is locked by whoever prunes.
const LOCK: &str = ".prune.lock";

/// Removes those in the cache that were last used longer ago than asked for, or says which.
///
/// Fails where another process is at it for too long.
pub fn environments(prune: &Prune<'_>, pruned: &mut Pruned) -> Result<()> {
    let (scripts, limit) = (prune.cache_dir.join(SCRIPTS), prune.limit());
    let candidates = candidates(&scripts, limit).into_iter().map(|dir| {
        let why = format!("used {} ago", days_since(last_use(&dir).unwrap_or_else(SystemTime::now)));
        Useless::new(dir, why)
    });
    if prune.is_dry {
        candidates.for_each(|it| pruned.add(prune, it, |dir| Ok(in_use(dir).or(Some(Fate::WouldBeRemoved)))));
        return Ok(());
    }
    if !scripts.is_dir() {
        return Ok(());
    }
    // Two at once would remove the same.
    let _lock = Lock::acquire(prune.host, &scripts.join(LOCK), super::super::LOCK_LIMIT, &mut |_| {})?;
    fs::sweep(&scripts);
    candidates.for_each(|it| pruned.add(prune, it, |dir| remove(prune.host, dir, limit)));
    Ok(())
}

/// The directories that were last used before this time, by their names.
fn candidates(scripts: &Path, limit: SystemTime) -> Vec<PathBuf> {
    let entries = scripts.read_dir().into_iter().flatten().flatten();
    let is_key = |name: &[u8]| name.len() == KEY_LENGTH && name.iter().all(u8::is_ascii_hexdigit);
    let own = entries.filter(|it| it.file_type().is_ok_and(|kind| kind.is_dir()));
    let own = own.filter(|it| is_key(it.file_name().as_encoded_bytes())).map(|it| it.path());
    let mut dirs: Vec<PathBuf> = own.filter(|dir| is_old(dir, limit)).collect();
    dirs.sort();
    dirs
}

/// When it was last used; one that was never noted, when it was made.
fn last_use(dir: &Path) -> Option<SystemTime> {
    let noted = dir.join(USED).metadata().or_else(|_| dir.metadata());
    noted.and_then(|meta| meta.modified()).ok()
}

fn is_old(dir: &Path, limit: SystemTime) -> bool {
    last_use(dir).is_some_and(|used| used < limit)
}

fn remove(host: &Host, dir: &Path, limit: SystemTime) -> Result<Option<Fate>> {
    let lock = State::of(dir, dir).lock();
    let _lock = match Lock::acquire(host, &lock, Duration::ZERO, &mut |_| {}) {
        Ok(lock) => lock,
        Err(error) if kind_of(&error) == Kind::TryAgain => {
            return Ok(Some(Fate::Kept("another `prime` works on it".to_owned())));
        }
        Err(error) => return Err(error),
    };
    if let Some(kept) = in_use(dir) {
        return Ok(Some(kept));
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let doomed = dir.with_file_name(format!("{}{name}", fs::TEMPORARY_PREFIX));
    let failed = |error| fs::cannot_create(dir, error);
    if !is_old(dir, limit) {
        return Ok(None);
    }
    std::fs::rename(dir, &doomed).map_err(failed)?;
    if !is_old(&doomed, limit) {
        tracing::info!("`{}` was used just now", dir.display());
        return std::fs::rename(&doomed, dir).map(|()| None).map_err(failed);
    }
    std::fs::remove_dir_all(&doomed).map_err(failed)?;
    Ok(Some(Fate::Removed))
}

/// Whether a process runs in it.
fn in_use(dir: &Path) -> Option<Fate> {
    processes::naming(dir).map(|pid| Fate::Kept(format!("process {pid} is in it")))
}
