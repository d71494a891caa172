//! Keeps others out while something is changed.
//!
//! The lock is a file lock of the operating system, so it is gone the moment its holder is, however it ended. The file's
//! text (who holds it and since when) is for people only and decides nothing.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::fs;
use crate::error::{Fault, Kind, Result};

/// How long a waiter sleeps between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock at `path`, making the file and its directory as needed. While another process has it, `waiting`
    /// is told once, after a second, what the holder wrote. Gives up after `limit` with [`Kind::TryAgain`].
    pub fn acquire(path: &Path, limit: Duration, waiting: &mut dyn FnMut(&str)) -> Result<Self> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        let mut file = open(path)?;
        let start = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock `{}`", path.display()));
                }
            }
            if start.elapsed() >= limit {
                return Err(timed_out(path, &mut file).into());
            }
            if !told && start.elapsed() >= Duration::from_secs(1) {
                told = true;
                waiting(&holder(&mut file));
            }
            sleep(PAUSE);
        }
        let mut lock = Self { file };
        lock.sign();
        Ok(lock)
    }

    /// Writes who holds the lock. A failure is of no consequence: the text decides nothing.
    fn sign(&mut self) {
        let text = format!("process {}", std::process::id());
        let _ =
            self.file.set_len(0).and_then(|()| self.file.rewind()).and_then(|()| self.file.write_all(text.as_bytes()));
    }
}

fn open(path: &Path) -> Result<File> {
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    file.map_err(|error| fs::cannot_create(path, error))
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    if text.is_empty() { "another process".to_owned() } else { text }
}

fn timed_out(path: &Path, file: &mut File) -> Fault {
    let message = format!("`{}` is locked by {}", path.display(), holder(file));
    Fault::new(Kind::TryAgain, message).hint("wait for it to end, or end it, and try again")
}
