//! `sh` and its kin: without a terminal they read no start-up file, so the environment holds.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::ShellDriver;
use crate::host::Host;

/// `sh`, `dash`, `ash`, `ksh`.
#[derive(Debug)]
pub struct Posix;

impl ShellDriver for Posix {
    fn command_args(&self, _host: &Host, _bin: &Path, command: &OsStr) -> Vec<OsString> {
        vec![OsString::from("-c"), command.to_owned()]
    }
}
