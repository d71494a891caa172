//! bash: run for a command it reads the file that `BASH_ENV` names, and nothing else.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::quote::path_prefix;
use super::{ShellDriver, after};
use crate::host::Host;

/// bash.
#[derive(Debug)]
pub struct Bash;

impl ShellDriver for Bash {
    fn command_args(&self, host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString> {
        match host.var("BASH_ENV") {
            Some(_) => after(path_prefix(bin), command),
            None => vec![OsString::from("-c"), command.to_owned()],
        }
    }
}
