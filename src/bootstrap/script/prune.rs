//! Removes the environments of scripts that were not used for long.
//!
//! Nobody may lose the environment under his feet. Who makes one has its lock; who starts in one has noted the use first
//! (for one that is old enough the note is always due); who runs in one names it in its variables or its arguments. So the
//! lock is taken, the note is looked at again, the directory renamed, which takes all of it away at once, and the note
//! looked at once more: a start that fell in between gets the directory back.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::super::prune::days_since;
use super::{KEY_LENGTH, SCRIPTS, USED};
use crate::deps::State;
use crate::error::{Kind, Result, kind_of};
use crate::host::lock::Lock;
use crate::host::{Host, fs, processes};
use crate::ui::{self, Ui};

/// In the directory of all scripts, the file that is locked by whoever prunes.
const LOCK: &str = ".prune.lock";

/// Removes those in the cache that were last used longer ago than this, or says which.
pub fn environments(host: &Host, ui: Ui, cache_dir: &Path, older_than: Duration, is_dry: bool) -> Result<()> {
    let scripts = cache_dir.join(SCRIPTS);
    let limit = SystemTime::now().checked_sub(older_than).unwrap_or(SystemTime::UNIX_EPOCH);
    let candidates = candidates(&scripts, limit);
    if is_dry {
        for dir in candidates.iter().filter(|dir| !is_in_use(ui, dir)) {
            ui.note("would", &format!("remove {}", described(dir)));
        }
        return Ok(());
    }
    if !scripts.is_dir() {
        return Ok(());
    }
    // Two at once would remove the same.
    let _lock = Lock::acquire(host, &scripts.join(LOCK), super::super::LOCK_LIMIT, &mut |_| {})?;
    fs::sweep(&scripts);
    let mut failed = None;
    for dir in candidates {
        if let Err(error) = remove(host, ui, &dir, limit) {
            ui.warn(&format!("`{}` cannot be removed: {}", dir.display(), error.root_cause()));
            failed = failed.or(Some(error));
        }
    }
    failed.map_or(Ok(()), Err)
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

fn remove(host: &Host, ui: Ui, dir: &Path, limit: SystemTime) -> Result<()> {
    let start = Instant::now();
    let what = described(dir);
    let lock = State::of(dir, dir).lock();
    let _lock = match Lock::acquire(host, &lock, Duration::ZERO, &mut |_| {}) {
        Ok(lock) => lock,
        Err(error) if kind_of(&error) == Kind::TryAgain => {
            ui.note("keep", &format!("{what}: another `prime` works on it"));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if is_in_use(ui, dir) {
        return Ok(());
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let doomed = dir.with_file_name(format!("{}{name}", fs::TEMPORARY_PREFIX));
    let failed = |error| fs::cannot_create(dir, error);
    if !is_old(dir, limit) {
        return Ok(());
    }
    std::fs::rename(dir, &doomed).map_err(failed)?;
    if !is_old(&doomed, limit) {
        tracing::info!("`{}` was used just now", dir.display());
        return std::fs::rename(&doomed, dir).map_err(failed);
    }
    std::fs::remove_dir_all(&doomed).map_err(failed)?;
    ui.done("remove", &what, start);
    Ok(())
}

/// Whether a process runs in it, which is told.
fn is_in_use(ui: Ui, dir: &Path) -> bool {
    let pid = processes::naming(dir);
    if let Some(pid) = pid {
        ui.note("keep", &format!("{}: process {pid} is in it", described(dir)));
    }
    pid.is_some()
}

/// Its name, the age of its last use, and the room that it takes.
fn described(dir: &Path) -> String {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let days = days_since(last_use(dir).unwrap_or_else(SystemTime::now));
    format!("{SCRIPTS}/{name} (used {days} ago, {})", ui::size(fs::room_taken(dir)))
}
