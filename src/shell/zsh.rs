//! zsh: run for a command it reads the user's `.zshenv`, where many set `PATH`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::quote::path_prefix;
use super::{ShellDriver, after};
use crate::host::Host;

/// zsh.
#[derive(Debug)]
pub struct Zsh;

impl ShellDriver for Zsh {
    fn command_args(&self, _host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString> {
        after(path_prefix(bin), command)
    }
}
