//! zsh: it always reads the user's `.zshenv`, where many set `PATH`, and at a terminal `.zshrc`; both are looked for in the
//! directory that `ZDOTDIR` names.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::quote::path_prefix;
use super::session::{Session, StartupFile, redirected};
use super::{ShellDriver, after};
use crate::host::{EnvDelta, Host};

/// zsh.
#[derive(Debug)]
pub struct Zsh;

/// In the directory of start-up files, the one that zsh is led to.
const DIR: &str = "zsh";

const FILES: [StartupFile; 2] = [
    ("zsh/.zshenv", concat!(include_str!("templates/zshenv"), include_str!("templates/enter.sh"))),
    ("zsh/.zshrc", concat!(include_str!("templates/zshrc"), include_str!("templates/enter.sh"))),
];

impl ShellDriver for Zsh {
    fn command_args(&self, _host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString> {
        after(path_prefix(bin), command)
    }

    fn startup_files(&self, _host: &Host, _terminal: bool) -> &'static [StartupFile] {
        &FILES
    }

    fn session(&self, host: &Host, session: &Session<'_>) -> (Vec<OsString>, EnvDelta) {
        let env = session.startup_dir.map(|dir| redirected(host, "ZDOTDIR", dir.join(DIR)));
        (vec![if session.terminal { "-i" } else { "-s" }.into()], env.unwrap_or_default())
    }
}
