//! One process to be measured.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use prime::error::Result;

/// A program, its arguments, where it runs and in which environment.
#[derive(Clone, Debug)]
pub struct Job {
    program: PathBuf,
    arg0: OsString,
    args: Vec<OsString>,
    dir: PathBuf,
    vars: Vec<(OsString, OsString)>,
    /// The file that takes what it says, if anything does.
    stdout: Option<PathBuf>,
    /// How many of them run at once.
    crowd: usize,
}

impl Job {
    /// A program that runs in `dir` with just these variables.
    pub fn new(program: impl Into<PathBuf>, dir: &Path, vars: &[(OsString, OsString)]) -> Self {
        let program: PathBuf = program.into();
        Self {
            arg0: program.clone().into_os_string(),
            program,
            args: Vec::new(),
            dir: dir.to_owned(),
            vars: vars.to_vec(),
            stdout: None,
            crowd: 1,
        }
    }

    /// Names the program as a shell does that found it on `PATH`: by the word that was typed.
    pub fn by_name(self) -> Self {
        let arg0 = self.program.file_name().unwrap_or_default().to_owned();
        Self { arg0, ..self }
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.into(), value.into()));
        self
    }

    /// The same job, which says what it says to a file.
    pub fn to(self, file: PathBuf) -> Self {
        Self { stdout: Some(file), ..self }
    }

    /// The same job as the child of a tracer.
    pub fn under(self, tracer: &[&OsStr]) -> Self {
        let mut words = tracer.iter().map(|word| (*word).to_owned());
        let name = words.next().unwrap_or_default();
        let args = words.chain([self.program.into_os_string()]).chain(self.args).collect();
        Self { program: PathBuf::from(&name), arg0: name, args, ..self }
    }

    /// The same job, as many times at once.
    pub fn times(self, crowd: usize) -> Self {
        Self { crowd, ..self }
    }

    /// Runs it to its end, which must be a success, and says how long that took. What it says on stderr goes to `log`.
    ///
    /// The directory is changed here rather than by the child: with a directory of its own a child is forked instead of
    /// spawned, and that alone takes longer than some of what is measured.
    pub fn run(&self, log: &Path) -> Result<Duration> {
        env::set_current_dir(&self.dir).with_context(|| format!("cannot enter `{}`", self.dir.display()))?;
        let mut command = Command::new(&self.program);
        command.arg0(&self.arg0).args(&self.args);
        command.env_clear().envs(self.vars.iter().map(|(name, value)| (name, value)));
        let stdout =
            self.stdout.as_ref().map_or_else(|| Ok(Stdio::null()), |file| File::create(file).map(Stdio::from))?;
        command.stdin(Stdio::null()).stdout(stdout).stderr(File::create(log)?);
        let start = Instant::now();
        let mut children = Vec::with_capacity(self.crowd);
        for _ in 0..self.crowd {
            children.push(command.spawn().with_context(|| format!("cannot run `{}`", self.program.display()))?);
        }
        for mut child in children {
            let status = child.wait()?;
            if !status.success() {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                bail!("{command:?} in `{}` ended with {status}:\n{said}", self.dir.display());
            }
        }
        Ok(start.elapsed())
    }
}
