//! Has the interpreter compile what the cache holds, behind everybody's back.
//!
//! `ensurepip` compiles pip, and that is most of the second that it takes. Without compiled files pip's first start is slow,
//! so they belong into the cache; but only the interpreter can make them. It is started when all else is done, and let go:
//! see `compile.py`, and [`Cmd::detach`]. It writes into the cache alone: an environment is its owner's from the moment that it
//! is made, and pip in the first one compiles itself as it starts.
//!
//! They name the time and size of their source (PEP 552 has another form, which Python would have to read the source
//! for), so they are right wherever the time is kept.

use std::ffi::OsString;
use std::path::PathBuf;

use tracing::debug;

use super::Target;
use crate::host::{Cmd, Host};

const SCRIPT: &str = include_str!("compile.py");

/// Starts the compiling of these entries of the cache.
pub(super) fn start(host: &Host, target: &Target<'_>, entries: &[PathBuf]) {
    let Some(first) = entries.first() else { return };
    // Isolated and without `site`, so that nothing of the user's is run or read; warnings are for the author of pip.
    let options = ["-I", "-S", "-B", "-W", "ignore", "-c", SCRIPT].map(OsString::from);
    let dirs = entries.iter().map(OsString::from);
    let cmd = Cmd::new(host, &target.interpreter.path).purpose("compile").args(options).args(dirs);
    if let Err(error) = cmd.current_dir(first).detach() {
        debug!("what the cache holds of pip is not compiled: {error}");
    }
}
