//! fish: reads `config.fish` even for a command; `--init-command` runs after that and before the command.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::ShellDriver;
use super::quote::fish;
use crate::host::Host;

/// fish.
#[derive(Debug)]
pub struct Fish;

impl ShellDriver for Fish {
    fn command_args(&self, _host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString> {
        let mut init = OsString::from("set -gx PATH ");
        init.push(fish(bin.as_os_str()));
        init.push(" $PATH");
        vec![OsString::from("--init-command"), init, OsString::from("-c"), command.to_owned()]
    }
}
