//! Children: run one and wait for it, with a time limit, or with its talk passed on as it comes.
//!
//! A child gets the captured environment with changes, never this process's own, none of our variables but the one that
//! names the lock it works under, and no standard input. When this process is asked to stop, the child is ended first,
//! with all it started.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::exec::cannot_execute;
use super::listen::{End, listen, stop};
use super::redact::{Redactor, redact};
use super::signal::{self, Watch};
use super::{EnvDelta, Host, Work, lock, names};
use crate::error::{Fault, Kind, Result};

/// How much of what a child says is kept for the error message.
const TAIL_BYTES: usize = 16 * 1024;
/// How much is kept of each output that is captured.
const CAPTURED_BYTES: usize = 1 << 20;
/// What makes a terminal's cursor visible again, and what hid it.
const CURSOR: (&[u8], &[u8]) = (b"\x1b[?25h", b"\x1b[?25l");

/// The target of events that repeat what a child said, which the person may have seen as it came.
pub const TALK: &str = "prime::talk";

/// A child to be run.
#[derive(Clone, Debug)]
pub struct Cmd {
    program: PathBuf,
    args: Vec<OsString>,
    vars: Vec<(OsString, OsString)>,
    current_dir: Option<PathBuf>,
    purpose: Option<&'static str>,
}

/// What a child that ended said, at most a mebibyte of each.
#[derive(Clone, Debug)]
pub struct Captured {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

/// How a child ended whose talk was passed on.
#[derive(Clone, Debug)]
pub struct Streamed {
    /// How it ended.
    pub status: ExitStatus,
    /// The last of what it said, standard output and error as they came, without terminal controls and secrets.
    pub tail: String,
}

/// Whether a child writes to a terminal (so that its progress bars show) or to a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// To a pseudo-terminal.
    Terminal,
    /// To a pipe.
    Pipe,
}

impl Cmd {
    /// A program with the captured environment, our own variables apart: no child is a stage of this run, and one that
    /// starts `prime` starts it afresh.
    pub fn new(host: &Host, program: impl Into<PathBuf>) -> Self {
        let delta = names::INTERNAL.into_iter().fold(EnvDelta::new(), EnvDelta::unset);
        Self {
            program: program.into(),
            args: Vec::new(),
            vars: delta.apply(&host.vars),
            current_dir: None,
            purpose: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Changes the environment.
    pub fn env(mut self, delta: &EnvDelta) -> Self {
        self.vars = delta.apply(&self.vars);
        self
    }

    /// Sets the current directory.
    pub fn current_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.current_dir = Some(dir.into());
        self
    }

    /// What it is for, in a word, where its arguments do not say so.
    pub fn purpose(mut self, purpose: &'static str) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// The program that is run.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The command for people: program and arguments, without secrets.
    pub fn display(&self) -> String {
        let words = [self.program.as_os_str()].into_iter().chain(self.args.iter().map(OsString::as_os_str));
        words.map(|it| redact(&word(it))).collect::<Vec<_>>().join(" ")
    }

    /// Runs it and waits at most `limit`; a child that takes longer is killed with all it started, and that is an
    /// [`io::ErrorKind::TimedOut`]. So is one that ends in time and leaves a process behind which keeps its output open.
    /// Being asked to stop meanwhile is an [`io::ErrorKind::Interrupted`].
    pub fn capture(&self, limit: Duration) -> io::Result<Captured> {
        let work = self.work();
        let captured = self.captured(limit);
        work.ended_with(captured.as_ref().map(|captured| captured.status));
        captured
    }

    fn captured(&self, limit: Duration) -> io::Result<Captured> {
        let until = Instant::now() + limit;
        let watch = Watch::start()?;
        let mut command = self.command();
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command)?;
        let stdout = child.stdout.take().map(|it| File::from(OwnedFd::from(it)));
        let stderr = child.stderr.take().map(|it| File::from(OwnedFd::from(it)));
        let mut content = [Vec::new(), Vec::new()];
        let outputs = stdout.into_iter().chain(stderr).collect();
        let end = listen(&mut child, &watch, outputs, Some(until), &mut |number, bytes| {
            let kept = bytes.len().min(CAPTURED_BYTES.saturating_sub(content[number].len()));
            content[number].extend_from_slice(&bytes[..kept]);
            ControlFlow::Continue(())
        })?;
        match end {
            End::Ended(status) => {
                let [stdout, stderr] = content;
                Ok(Captured { status, stdout, stderr })
            }
            End::Late => {
                kill_group(&child);
                child.wait()?;
                Err(timed_out(limit))
            }
            End::Stopped | End::Enough => {
                stop(&mut child);
                Err(interrupted())
            }
        }
    }

    /// Runs it and gives `sink` everything it says, as it says it, without secrets. What it leaves running may keep its
    /// output open; that holds nobody up. Being asked to stop meanwhile ends the child, and is [`signal::fault`].
    pub fn stream(&self, talk: Talk, sink: &mut dyn FnMut(&[u8])) -> Result<Streamed> {
        let work = self.work();
        let streamed = self.streamed(talk, sink);
        work.ended_with(streamed.as_ref().map(|streamed| streamed.status));
        streamed
    }

    fn streamed(&self, talk: Talk, sink: &mut dyn FnMut(&[u8])) -> Result<Streamed> {
        let watch = Watch::start()?;
        let (reader, write_end) = channel(talk)?;
        let mut command = self.command();
        command.stdout(Stdio::from(write_end.try_clone()?)).stderr(Stdio::from(write_end));
        let spawned = spawn(&mut command);
        // The command holds the writing end; while it lives the reader would never see the end.
        drop(command);
        let mut child = spawned.map_err(|error| cannot_execute(&self.program, &error))?;
        let (mut tail, mut redactor) = (VecDeque::new(), Redactor::default());
        let mut say = |open: &[u8]| {
            sink(open);
            tail.extend(open);
            let surplus = tail.len().saturating_sub(TAIL_BYTES);
            tail.drain(..surplus);
        };
        let end = listen(&mut child, &watch, vec![reader], None, &mut |_, bytes| {
            say(&redactor.pass(bytes));
            ControlFlow::Continue(())
        });
        say(&redactor.rest());
        let end = end?;
        let tail: Vec<u8> = tail.into();
        let End::Ended(status) = end else {
            stop(&mut child);
            restore_cursor(&tail, sink);
            return Err(signal::received().map_or_else(|| interrupted().into(), |it| signal::fault(it).into()));
        };
        if !status.success() {
            restore_cursor(&tail, sink);
        }
        Ok(Streamed { status, tail: plain_text(&tail) })
    }

    /// Starts it and lets it go: nobody waits for it, hears it or is its parent, and what ends this process (or its
    /// terminal) does not end it. A shell stands between, so that not even its end is left for whatever program this
    /// process may become. Fails where there is no shell; whether the program starts is not told.
    pub fn detach(&self) -> io::Result<()> {
        let shell = ["-c", r#""$@" >/dev/null 2>&1 &"#, "sh"].map(OsString::from);
        let args = shell.into_iter().chain([self.program.clone().into()]).chain(self.args.iter().cloned()).collect();
        let shell = Self { program: "/bin/sh".into(), args, ..self.clone() };
        let mut command = shell.command();
        command.env_remove(names::LOCKED).process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        // Also by a process that was asked to stop: it may be how something is ended.
        command.spawn()?.wait().map(|_| ())
    }

    pub(super) fn work(&self) -> Work {
        Work::child(&self.program, &self.args, self.purpose)
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.vars.iter().map(|(name, value)| (name, value)));
        let outer = self.vars.iter().find(|(name, _)| name == names::LOCKED).map(|(_, value)| value.as_os_str());
        if let Some(locked) = lock::told_to_children(outer) {
            command.env(names::LOCKED, locked);
        }
        if let Some(dir) = &self.current_dir {
            command.current_dir(dir);
        }
        command.stdin(Stdio::null());
        command
    }
}

/// The signal that ended a child, as the fault it stands for.
pub fn fault_of_signal(status: ExitStatus, what: &str) -> Option<Fault> {
    let signal = u8::try_from(status.signal()?).ok()?;
    Some(Fault::new(Kind::Signal(signal), format!("{what} was ended by signal {signal}")))
}

fn channel(talk: Talk) -> Result<(File, OwnedFd)> {
    if talk == Talk::Terminal {
        let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        if let Ok(pty) = openpty(Some(&size), None) {
            return Ok((File::from(pty.master), pty.slave));
        }
    }
    let (reader, writer) = io::pipe()?;
    Ok((File::from(OwnedFd::from(reader)), writer.into()))
}

/// Starts a child, unless this process was asked to stop.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    if signal::received().is_some() { Err(interrupted()) } else { command.spawn() }
}

pub(super) fn interrupted() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "asked to stop")
}

/// A tool that was ended in the middle of its progress bar has not shown the cursor again.
fn restore_cursor(tail: &[u8], sink: &mut dyn FnMut(&[u8])) {
    let (show, hide) = CURSOR;
    let last = tail.windows(show.len()).rev().find(|window| [show, hide].contains(window));
    if last == Some(hide) {
        sink(show);
    }
}

/// Text without terminal controls; of a line that was written over with carriage returns, what was last seen.
fn plain_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let text = anstream::adapter::strip_str(&text).to_string();
    text.lines()
        .map(|line| line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n")
}

fn kill_group(child: &Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

fn timed_out(limit: Duration) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", limit.as_secs_f32()))
}

fn word(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-[]~<>".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Minute, shell};
    use super::*;

    #[test]
    fn a_child_that_takes_too_long_is_killed_with_all_it_started() {
        let minute = Minute::new();
        let error = minute.shell("minute & minute").capture(Duration::from_millis(100)).unwrap_err();
        assert_eq!((error.kind(), minute.is_over()), (io::ErrorKind::TimedOut, false));
    }

    #[test]
    fn a_child_that_leaves_its_output_to_another_one_holds_nobody_up() {
        let minute = Minute::new();
        let error = minute.shell("minute & echo done").capture(Duration::from_millis(100)).unwrap_err();
        assert_eq!((error.kind(), minute.is_over()), (io::ErrorKind::TimedOut, false));
        let captured = shell("(sleep 0.05; echo late) & echo soon").capture(Duration::from_secs(30)).unwrap();
        assert_eq!(captured.stdout, b"soon\nlate\n");
    }

    #[test]
    fn what_a_streamed_child_leaves_running_holds_nobody_up() {
        for talk in [Talk::Pipe, Talk::Terminal] {
            let minute = Minute::new();
            // The terminal's end is a hang-up for those who have it.
            let streamed = minute.shell("trap '' HUP; minute & echo done").stream(talk, &mut |_| {}).unwrap();
            assert_eq!((streamed.status.code(), streamed.tail.as_str()), (Some(0), "done"));
            assert!(!minute.is_over());
        }
        let late = shell("echo soon; echo late &").stream(Talk::Pipe, &mut |_| {}).unwrap();
        assert_eq!(late.tail, "soon\nlate");
        let closed = shell("exec >&- 2>&-; sleep 0.1; exit 3").stream(Talk::Pipe, &mut |_| {}).unwrap();
        assert_eq!(closed.status.code(), Some(3));
    }

    #[test]
    fn the_cursor_is_shown_again_when_the_child_did_not() {
        let shown = |script: &str| {
            let mut seen = Vec::new();
            shell(script).stream(Talk::Pipe, &mut |bytes| seen.extend_from_slice(bytes)).unwrap();
            seen.ends_with(CURSOR.0)
        };
        assert!(shown("printf 'a\\033[?25lb'; exit 1"));
        assert!(!shown("printf 'a\\033[?25l'; exit 0"));
        assert!(!shown("printf 'a\\033[?25l\\033[?25hb'; exit 1"));
    }

    #[test]
    fn what_a_child_says_is_passed_on_and_its_end_kept() {
        for (talk, expected) in [(Talk::Pipe, "no"), (Talk::Terminal, "yes")] {
            let mut seen = Vec::new();
            let script = "test -t 2 && echo yes || echo no; printf 'a\\rb\\n' >&2; exit 3";
            let streamed = shell(script).stream(talk, &mut |bytes| seen.extend_from_slice(bytes)).unwrap();
            assert_eq!(streamed.status.code(), Some(3));
            assert_eq!(streamed.tail, format!("{expected}\nb"));
            assert!(String::from_utf8_lossy(&seen).starts_with(expected));
        }
    }

    #[test]
    fn what_is_let_go_works_on_and_is_no_child() {
        let dir = tempfile::tempdir().unwrap();
        // Nobody tells it to go on who waits for its end.
        let script = "for turn in $(seq 600); do [ -e go ] && break; sleep 0.1; done; [ -e go ]; \
                      echo $? $PPID >told; mv told done";
        shell(script).current_dir(dir.path()).detach().unwrap();
        std::fs::write(dir.path().join("go"), "").unwrap();
        let done = dir.path().join("done");
        while !done.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let told = std::fs::read_to_string(done).unwrap();
        let (in_time, parent) = told.trim().split_once(' ').unwrap();
        assert_eq!(in_time, "0");
        assert_ne!(parent, std::process::id().to_string());
    }

    #[test]
    fn a_shown_command_has_no_secret() {
        let cmd = Cmd::new(&Host::default(), "pip").args(["a b", "--index-url", "https://me:pw@host/simple"]);
        assert_eq!(cmd.display(), "pip 'a b' --index-url https://****@host/simple");
    }
}
