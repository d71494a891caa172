//! bash: run for a command or for a pipe it reads the file that `BASH_ENV` names, at a terminal `~/.bashrc`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::quote::path_prefix;
use super::session::{Session, StartupFile, redirected};
use super::{ShellDriver, after};
use crate::host::{EnvDelta, Host};

/// bash.
#[derive(Debug)]
pub struct Bash;

const RC: &str = concat!(include_str!("templates/bashrc"), include_str!("templates/enter.sh"));
const ENV: &str = concat!(include_str!("templates/bash_env"), include_str!("templates/enter.sh"));

impl ShellDriver for Bash {
    fn command_args(&self, host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString> {
        match host.var("BASH_ENV") {
            Some(_) => after(path_prefix(bin), command),
            None => vec![OsString::from("-c"), command.to_owned()],
        }
    }

    fn startup_files(&self, host: &Host, terminal: bool) -> &'static [StartupFile] {
        match host.var("BASH_ENV") {
            _ if terminal => &[("bashrc", RC)],
            Some(_) => &[("bash_env", ENV)],
            None => &[],
        }
    }

    fn session(&self, host: &Host, session: &Session<'_>) -> (Vec<OsString>, EnvDelta) {
        match session.startup_dir {
            Some(dir) if session.terminal => {
                (vec!["--rcfile".into(), dir.join("bashrc").into(), "-i".into()], EnvDelta::new())
            }
            Some(dir) if host.var("BASH_ENV").is_some() => {
                (vec!["-s".into()], redirected(host, "BASH_ENV", dir.join("bash_env")))
            }
            _ => (vec![if session.terminal { "-i" } else { "-s" }.into()], EnvDelta::new()),
        }
    }
}
