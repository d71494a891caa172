//! `sh` and its kin: without a terminal they read no start-up file, so the environment holds; at one, that of `ENV`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::ShellDriver;
use super::session::{Session, StartupFile, redirected};
use crate::host::{EnvDelta, Host};

/// `sh`, `dash`, `ash`, `ksh`.
#[derive(Debug)]
pub struct Posix;

const ENV: &str = concat!(include_str!("templates/env.sh"), include_str!("templates/enter.sh"));

impl ShellDriver for Posix {
    fn command_args(&self, _host: &Host, _bin: &Path, command: &OsStr) -> Vec<OsString> {
        vec![OsString::from("-c"), command.to_owned()]
    }

    fn startup_files(&self, _host: &Host, terminal: bool) -> &'static [StartupFile] {
        if terminal { &[("env.sh", ENV)] } else { &[] }
    }

    fn session(&self, host: &Host, session: &Session<'_>) -> (Vec<OsString>, EnvDelta) {
        match session.startup_dir {
            Some(dir) if session.terminal => (vec!["-i".into()], redirected(host, "ENV", dir.join("env.sh"))),
            _ => (vec![if session.terminal { "-i" } else { "-s" }.into()], EnvDelta::new()),
        }
    }
}
