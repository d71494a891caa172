//! What interpreters said, kept from one run to the next.
//!
//! One file per executable, `<cache>/interpreters/<hash of its path>.json`. It holds as long as the executable is the same
//! file with the same content, judged by inode, size and times, and what it says of a virtual environment as long as that
//! environment's `pyvenv.cfg` is. A file that cannot be read, or that another version wrote, is a miss; a file that cannot
//! be written is a pity.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::debug;

use super::interpreter::Interpreter;
use crate::host::fs::{Identity, read_trusted, write_atomic};

/// Counted up whenever an entry's meaning changes.
const FORMAT: u32 = 2;

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    format: u32,
    identity: Identity,
    pyvenv: Option<Identity>,
    interpreter: Interpreter,
}

/// What the executable at `path` said last time, if it is still the same file.
pub fn load(cache_dir: &Path, path: &Path) -> Option<Interpreter> {
    let content = read_trusted(&entry_path(cache_dir, path), None)?;
    let entry: Entry = serde_json::from_slice(&content).ok()?;
    let is_same = Some(entry.identity) == identity(path) && entry.pyvenv == pyvenv(path);
    let valid = entry.format == FORMAT && entry.interpreter.path == path && is_same;
    valid.then_some(entry.interpreter)
}

/// Keeps what an interpreter said.
pub fn store(cache_dir: &Path, interpreter: &Interpreter) {
    let path = entry_path(cache_dir, &interpreter.path);
    let Some(identity) = identity(&interpreter.path) else { return };
    let pyvenv = pyvenv(&interpreter.path);
    let entry = Entry { format: FORMAT, identity, pyvenv, interpreter: interpreter.clone() };
    let written = serde_json::to_vec(&entry).map_err(Into::into).and_then(|content| write_atomic(&path, &content));
    if let Err(error) = written {
        debug!("not cached: {error:#}");
    }
}

fn identity(path: &Path) -> Option<Identity> {
    path.metadata().ok().map(|meta| Identity::new(&meta))
}

/// The file that makes an executable one of an environment: beside it or one level up, as CPython looks for it.
fn pyvenv(path: &Path) -> Option<Identity> {
    let dirs = path.ancestors().skip(1).take(2);
    dirs.map(|dir| dir.join("pyvenv.cfg")).find_map(|cfg| identity(&cfg))
}

fn entry_path(cache_dir: &Path, executable: &Path) -> PathBuf {
    let digest = Sha256::digest(executable.as_os_str().as_bytes());
    let number = digest.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    cache_dir.join("interpreters").join(format!("{number:032x}.json"))
}
