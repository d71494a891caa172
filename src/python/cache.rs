//! What interpreters said, kept from one run to the next.
//!
//! One file per executable, `<cache>/interpreters/<hash of its path>.json`. It holds as long as the executable is the same
//! file with the same content, judged by inode, size and times, and so is what loads it: an upgrade of the C library
//! leaves the executable as it is. What it says of a virtual environment holds as long as that environment's `pyvenv.cfg`
//! does. A file that cannot be read, or that another version wrote, is a miss; a file that cannot
//! be written is a pity.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::debug;

use super::interpreter::Interpreter;
use super::loader::loader;
use crate::host::fs::{Identity, read_trusted, write_atomic};

/// Counted up whenever an entry's meaning changes.
const FORMAT: u32 = 3;

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    format: u32,
    identity: Identity,
    loader: Option<Identity>,
    pyvenv: Option<Identity>,
    interpreter: Interpreter,
}

impl Entry {
    /// Whether nothing has changed since that it depends on.
    fn holds(&self) -> bool {
        let path = &self.interpreter.path;
        let is_same = Some(self.identity) == identity(path) && self.pyvenv == pyvenv(path);
        self.format == FORMAT && is_same && self.loader == loader_of(path)
    }
}

/// What the executable at `path` said last time, if it is still the same file.
pub fn load(cache_dir: &Path, path: &Path) -> Option<Interpreter> {
    let entry = read(&entry_path(cache_dir, path))?;
    (entry.interpreter.path == path && entry.holds()).then_some(entry.interpreter)
}

fn read(file: &Path) -> Option<Entry> {
    serde_json::from_slice(&read_trusted(file, None)?).ok()
}

/// Keeps what an interpreter said.
pub fn store(cache_dir: &Path, interpreter: &Interpreter) {
    let path = entry_path(cache_dir, &interpreter.path);
    let Some(identity) = identity(&interpreter.path) else { return };
    let (loader, pyvenv) = (loader_of(&interpreter.path), pyvenv(&interpreter.path));
    let entry = Entry { format: FORMAT, identity, loader, pyvenv, interpreter: interpreter.clone() };
    let written = serde_json::to_vec(&entry).map_err(Into::into).and_then(|content| write_atomic(&path, &content));
    if let Err(error) = written {
        debug!("not cached: {error:#}");
    }
}

/// Where the answers are.
fn dir(cache_dir: &Path) -> PathBuf {
    cache_dir.join("interpreters")
}

/// The answers of interpreters that are gone or are others by now.
pub fn useless(cache_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir(cache_dir)).into_iter().flatten().flatten().map(|entry| entry.path());
    let answers = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    answers.filter(|path| !read(path).is_some_and(|entry| entry.holds())).collect()
}

fn identity(path: &Path) -> Option<Identity> {
    path.metadata().ok().map(|meta| Identity::new(&meta))
}

fn loader_of(path: &Path) -> Option<Identity> {
    identity(&loader(path)?)
}

/// The file that makes an executable one of an environment: beside it or one level up, as CPython looks for it.
fn pyvenv(path: &Path) -> Option<Identity> {
    let dirs = path.ancestors().skip(1).take(2);
    dirs.map(|dir| dir.join("pyvenv.cfg")).find_map(|cfg| identity(&cfg))
}

fn entry_path(cache_dir: &Path, executable: &Path) -> PathBuf {
    let digest = Sha256::digest(executable.as_os_str().as_bytes());
    let number = digest.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    dir(cache_dir).join(format!("{number:032x}.json"))
}
