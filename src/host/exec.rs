//! How the process ends: with an exit code, or by becoming another program.
//!
//! Only `main` carries an [`Outcome`] out. By then every temporary directory is gone and every lock is released, which an
//! `execve` from deeper down would skip: it runs no destructors.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Answer, EnvDelta, Host};
use crate::error::{Fault, Kind};

/// What is left to do when everything is done.
#[derive(Debug)]
pub enum Outcome {
    /// Exit with this code, without a word.
    Exit(u8),
    /// Tell this, and exit with its code.
    Answer(Box<Answer>),
    /// Become this program.
    Exec(ExecPlan),
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

/// A program to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecPlan {
    /// The file to execute; looked up by the caller, never on `PATH` here.
    pub program: PathBuf,
    /// What the program sees as its own name.
    pub arg0: OsString,
    /// The arguments after the name.
    pub args: Vec<OsString>,
    /// Changes to the captured environment.
    pub env: EnvDelta,
}

impl ExecPlan {
    /// A program under its own name, with arguments.
    pub fn new(program: impl Into<PathBuf>, args: impl IntoIterator<Item = OsString>) -> Self {
        let program = program.into();
        Self { arg0: program.clone().into_os_string(), program, args: args.into_iter().collect(), env: EnvDelta::new() }
    }

    /// This binary again, with the arguments it was started with, byte for byte.
    pub fn again(host: &Host, env: EnvDelta) -> Self {
        let arg0 = host.args.first().cloned().unwrap_or_else(|| OsString::from("prime"));
        Self { program: own_executable(), arg0, args: host.args.iter().skip(1).cloned().collect(), env }
    }

    /// Replaces the process. Returns only when that failed.
    ///
    /// `CommandExt::exec` rather than a bare `execve`: it restores SIGPIPE, which the runtime sets to ignored.
    pub fn exec(&self, host: &Host) -> Fault {
        let mut command = Command::new(&self.program);
        command.arg0(&self.arg0).args(&self.args).env_clear().envs(self.env.apply(&host.vars));
        cannot_execute(&self.program, &command.exec())
    }
}

/// The fault for a program that the system refused to start.
pub fn cannot_execute(program: &Path, error: &io::Error) -> Fault {
    let kind = if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::CannotExecute };
    let fault = Fault::new(kind, format!("cannot execute `{}`: {}", program.display(), plain(error)));
    match error.kind() {
        io::ErrorKind::NotFound if program.exists() => {
            fault.hint("the interpreter that its first line names does not exist")
        }
        io::ErrorKind::PermissionDenied => fault.hint(format!("make it executable: `chmod +x {}`", program.display())),
        _ => fault,
    }
}

/// An error of the system without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The link to the running binary where the system has one: it stays right when the file was replaced or removed.
pub fn own_executable() -> PathBuf {
    let link = Path::new("/proc/self/exe");
    if link.exists() {
        return link.to_owned();
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("prime"))
}

/// A program by name as a shell would find it: a name with a slash is a path, others are looked up in `dirs`.
///
/// Fails with [`Kind::NotFound`], or with [`Kind::CannotExecute`] where files of that name exist and none may be executed.
pub fn find_program(name: &OsStr, dirs: &[PathBuf], current_dir: &Path) -> Result<PathBuf, Fault> {
    let path = Path::new(name);
    let named = name.as_encoded_bytes().contains(&b'/');
    let seen_from_here = || current_dir.join(path.strip_prefix(".").unwrap_or(path));
    let candidates = if named { vec![seen_from_here()] } else { dirs.iter().map(|dir| dir.join(path)).collect() };
    let files: Vec<PathBuf> = candidates.into_iter().filter(|file| file.is_file()).collect();
    if let Some(found) = files.iter().find(|file| super::fs::is_executable(file)) {
        return Ok(found.clone());
    }
    match files.first() {
        Some(file) => Err(Fault::new(Kind::CannotExecute, format!("`{}` is not executable", file.display()))
            .hint(format!("make it executable: `chmod +x {}`", file.display()))),
        None if named => Err(Fault::new(Kind::NotFound, format!("`{}` does not exist", path.display()))),
        None => Err(Fault::new(Kind::NotFound, format!("command not found: `{}`", path.display())).hint(
            "it is in no directory on `PATH`, the environment's own included; is the package that has it a dependency?",
        )),
    }
}
