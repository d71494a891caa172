//! fish: reads `config.fish` even for a command; `--init-command` runs after that and before the command.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::ShellDriver;
use super::quote::fish;
use super::session::{Session, StartupFile};
use crate::host::{EnvDelta, Host};

/// fish.
#[derive(Debug)]
pub struct Fish;

const ENTER: &str = include_str!("templates/enter.fish");

impl ShellDriver for Fish {
    fn command_args(&self, _host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString> {
        let mut init = OsString::from("set -gx PATH ");
        init.push(fish(bin.as_os_str()));
        init.push(" $PATH");
        vec![OsString::from("--init-command"), init, OsString::from("-c"), command.to_owned()]
    }

    fn startup_files(&self, _host: &Host, _terminal: bool) -> &'static [StartupFile] {
        &[]
    }

    fn session(&self, _host: &Host, session: &Session<'_>) -> (Vec<OsString>, EnvDelta) {
        let mut init = OsString::new();
        for (name, value) in [("VIRTUAL_ENV", session.venv.as_os_str()), ("VIRTUAL_ENV_PROMPT", session.prompt)] {
            init.push(format!("set -gx {name} "));
            init.push(fish(value));
            init.push("\n");
        }
        init.push(ENTER);
        let mut args = vec![OsString::from("--init-command"), init];
        args.extend(session.terminal.then(|| OsString::from("-i")));
        (args, EnvDelta::new())
    }
}
