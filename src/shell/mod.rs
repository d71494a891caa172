//! The user's shell, as far as `prime` starts one.
//!
//! A [`ShellDriver`] knows one family of shells and returns what to execute; the caller does it. The environment that it
//! is given is set already (`VIRTUAL_ENV`, `PATH`); what is left to the driver is that the shell's own start-up files,
//! which run after that, do not put another `python` in front again.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::host::{EnvDelta, ExecPlan, Host};

mod bash;
mod fish;
mod posix;
pub mod quote;
pub mod session;
mod zsh;

use session::{Session, StartupFile, UserShell};

/// One family of shells.
pub trait ShellDriver {
    /// The arguments with which the shell runs `command` and exits with its status, the directory `bin` being first on
    /// `PATH` whatever the shell's start-up files did.
    fn command_args(&self, host: &Host, bin: &Path, command: &OsStr) -> Vec<OsString>;

    /// The files that the shell is led to when it stays, at a terminal or for what comes from a pipe.
    fn startup_files(&self, host: &Host, terminal: bool) -> &'static [StartupFile];

    /// The arguments and variables with which the shell stays.
    fn session(&self, host: &Host, session: &Session<'_>) -> (Vec<OsString>, EnvDelta);
}

/// How to run `command` in the user's shell.
pub fn run_command(host: &Host, bin: &Path, command: &OsStr) -> ExecPlan {
    UserShell::observe(host).command_plan(host, bin, command)
}

fn driver_of(name: &str) -> Option<&'static dyn ShellDriver> {
    match name {
        "bash" => Some(&bash::Bash),
        "zsh" => Some(&zsh::Zsh),
        "fish" => Some(&fish::Fish),
        "sh" | "dash" | "ash" | "ksh" | "mksh" | "ksh93" => Some(&posix::Posix),
        _ => None,
    }
}

/// `-c` and a command behind a prefix of shell code that ends with `; `.
fn after(prefix: OsString, command: &OsStr) -> Vec<OsString> {
    let mut script = prefix;
    script.push("; ");
    script.push(command);
    vec![OsString::from("-c"), script]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_of_no_known_family_is_sh() {
        let host = Host { vars: vec![("SHELL".into(), "/bin/cat".into())], ..Host::default() };
        assert_eq!(run_command(&host, Path::new("/v/bin"), OsStr::new("x")).program, Path::new("/bin/sh"));
    }

    #[test]
    fn a_posix_shell_gets_the_command_as_it_is() {
        let host = Host { vars: vec![("SHELL".into(), "/bin/sh".into())], ..Host::default() };
        let plan = run_command(&host, Path::new("/v/bin"), OsStr::new("echo 'a b'"));
        assert_eq!(plan.args, ["-c", "echo 'a b'"]);
    }
}
