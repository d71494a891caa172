//! The environment of a script: a directory in the user's cache that is treated as a repository.
//!
//! `<cache>/script/<key>/` has a `pyproject.toml` made of the script's metadata ([`crate::config::script`]), and is booted
//! like any other: the same stages, lock, stamp, proof and pins. The key is a digest of that text and of the driver that is
//! asked for, so scripts that ask for the same share one environment, and one whose metadata changes gets another.
//!
//! A file beside it, [`USED`], has the time of the last use, to the day: one look at each start, one write a day. On that
//! occasion the environment is proven, too; the other starts trust its stamp.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::stage::{Progress, Stage};
use super::{Pass, Request, Run, shared};
use crate::config::script::{lock_path, pyproject_path};
use crate::config::{Repo, Script};
use crate::deps::input::sha256;
use crate::deps::verify::Depth;
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs, names};
use crate::ui::Ui;
use crate::venv::LOCKED_REQUIREMENTS;

mod lock;
pub mod prune;

pub use lock::{Locking, lock};

/// In the cache, the directories of scripts.
pub const SCRIPTS: &str = "script";
/// In such a directory, the file whose time is that of the last use.
pub const USED: &str = "used";
/// How exactly the last use is known.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Counted up when the same metadata would give another environment.
const FORMAT: &str = "1";
/// How much of the digest names the directory: enough to tell all scripts there are, short enough for a first line.
const KEY_LENGTH: usize = 32;

/// Does the work of this process's stage for a script.
pub fn pass(host: &Host, ui: Ui, request: &Request, script: &Script) -> Result<Pass> {
    let progress = Progress::observe(host)?;
    let is_first = progress.stage == Stage::PyUnknown;
    let cache_dir = if is_first { host.user_cache_dir() } else { shared::users_cache_dir(host) };
    let dir = cache_dir.ok_or_else(nowhere)?.join(SCRIPTS).join(key(host, script));
    check_is_own(&dir)?;
    let is_due = is_first && is_due(&dir);
    let verify = request.verify.or(is_due.then_some(Depth::Size));
    let request = Request { repo: Some(dir.clone()), verify, ..request.clone() };
    // A lock that was read when the environment was made is the same now: its content is in the key.
    let mut script = script.clone();
    if is_due || !is_first {
        script = script.clone().with_lock_read(&digest(&script))?;
        prepare(host, &dir, &script)?;
    }
    let repo = Repo::bare(&dir);
    Run { host, ui, request: &request, progress, repo, script: Some(&script) }.stage()
}

/// What is there is run: so it must be this user's.
fn check_is_own(dir: &Path) -> Result<()> {
    match dir.metadata() {
        Ok(meta) if !fs::is_own(&meta) => {
            let message = format!("`{}` belongs to somebody else, and so may what is in it", dir.display());
            Err(Fault::new(Kind::CannotCreate, message).hint("set `PRIME_CACHE_DIR` to a directory of your own").into())
        }
        _ => Ok(()),
    }
}

/// What stands for the metadata in a lock.
pub(super) fn digest(script: &Script) -> String {
    sha256(script.metadata().as_bytes())
}

/// The name of the directory for a script with such a `pyproject.toml` and such a lock.
fn key(host: &Host, script: &Script) -> String {
    let driver = host.var(names::VENV_DRIVER).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default();
    let mut text = [FORMAT, &driver, &script.pyproject()].join("\n").into_bytes();
    if let Some(lock) = &script.lock_file {
        text.extend_from_slice(&lock.content);
        if lock.may_have_paths() {
            text.extend_from_slice(lock.dir().as_os_str().as_encoded_bytes());
        }
    }
    let mut digest = sha256(&text);
    digest.truncate(KEY_LENGTH);
    digest
}

/// Whether the last use was noted more than a day ago.
fn is_due(dir: &Path) -> bool {
    let noted = dir.join(USED).metadata().and_then(|meta| meta.modified());
    let age = noted.map(|noted| SystemTime::now().duration_since(noted).unwrap_or_default());
    age.map_or(true, |age| age >= DAY)
}

/// Writes what the directory is made of, whatever was there, and notes the use. Where nothing can be written, what is ready
/// there is used all the same.
fn prepare(host: &Host, dir: &Path, script: &Script) -> Result<()> {
    let is_there = dir.is_dir();
    let written = shared::users_cache_dir(host).ok_or_else(nowhere).and_then(|cache_dir| {
        if !is_there {
            // An index may be named with its credentials.
            fs::create_dir_all(dir)?;
            std::fs::set_permissions(dir, Permissions::from_mode(0o700))
                .map_err(|error| fs::cannot_create(dir, error))?;
        }
        fs::write_if_changed(&pyproject_path(dir), script.pyproject().as_bytes())?;
        if let Some(lock) = &script.lock {
            let path = lock_path(dir);
            fs::write_if_changed(&path, lock.pylock.as_bytes())?;
            let requirements = lock.requirements.as_deref().unwrap_or_default();
            fs::write_if_changed(&path.with_file_name(LOCKED_REQUIREMENTS), requirements.as_bytes())?;
        }
        shared::mark(&cache_dir)?;
        if is_due(dir) { note_use(&dir.join(USED)) } else { Ok(()) }
    });
    match written {
        Err(error) if is_there => {
            tracing::info!("the use is not noted: {error:#}");
            Ok(())
        }
        written => written.map_err(|error| fs::with_remedy(error, "make it writable, or set `PRIME_CACHE_DIR`")),
    }
}

fn note_use(path: &Path) -> Result<()> {
    if !path.exists() {
        return fs::write_atomic(path, b"");
    }
    let touch = || File::options().write(true).open(path)?.set_modified(SystemTime::now());
    touch().map_err(|error| fs::cannot_create(path, error))
}

/// The fault for a user without a cache.
pub fn nowhere() -> anyhow::Error {
    let message = "there is no cache directory that could be written, and environments of scripts are kept there";
    Fault::new(Kind::CannotCreate, message).hint("set `PRIME_CACHE_DIR` to a directory of your own").into()
}
