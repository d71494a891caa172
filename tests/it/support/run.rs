//! One run of a program in a sandbox: what is expected of it, and what varies in what it says.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use snapbox::{Assert, Data, IntoData};

use super::sandbox::Sandbox;
use super::spawning;

/// After this long a run is taken for hung and killed. No test asserts anything about time.
const LIMIT: Duration = Duration::from_secs(600);

/// A run being described. Unless told otherwise it must succeed and say nothing at all.
pub struct Invocation<'a> {
    sandbox: &'a Sandbox,
    program: OsString,
    args: Vec<OsString>,
    vars: Vec<(OsString, OsString)>,
    current_dir: PathBuf,
    stdin: Vec<u8>,
    code: i32,
    stdout: Data,
    stderr: Data,
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Run {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Run {
    /// The exit code as a shell tells it: 128+n for a signal.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or_default())
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl<'a> Invocation<'a> {
    pub fn new(sandbox: &'a Sandbox, program: impl Into<OsString>) -> Self {
        Self {
            sandbox,
            program: program.into(),
            args: Vec::new(),
            vars: sandbox.vars().to_vec(),
            current_dir: sandbox.repo(),
            stdin: Vec::new(),
            code: 0,
            stdout: "".into_data(),
            stderr: "".into_data(),
        }
    }

    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable for this run.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self = self.env_remove(name);
        self.vars.push((name.into(), value.as_ref().to_owned()));
        self
    }

    pub fn env_remove(mut self, name: &str) -> Self {
        self.vars.retain(|(key, _)| key != name);
        self
    }

    /// The current directory, as seen from the repo.
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.current_dir = self.sandbox.repo().join(dir);
        self
    }

    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Expects this exit code.
    pub fn code(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// Expects this on standard output, after redaction.
    pub fn stdout(mut self, expected: impl IntoData) -> Self {
        self.stdout = expected.into_data();
        self
    }

    /// Expects this on standard error, after redaction.
    pub fn stderr(mut self, expected: impl IntoData) -> Self {
        self.stderr = expected.into_data();
        self
    }

    /// Runs it and compares everything with what is expected.
    #[track_caller]
    pub fn run(self) -> Run {
        let run = self.output();
        let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
        assert.eq(self.sandbox.redact(&run.stderr()), self.stderr);
        assert.eq(self.sandbox.redact(&run.stdout()), self.stdout);
        assert_eq!(run.code(), self.code, "the exit code of `{}` {:?}", self.program.display(), self.args);
        run
    }

    /// Runs it and expects nothing.
    pub fn output(&self) -> Run {
        self.spawn().wait()
    }

    /// Starts it, in a process group of its own.
    pub fn spawn(&self) -> Running {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.vars.iter().map(|(name, value)| (name, value)));
        command.current_dir(&self.current_dir).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            spawning(|| command.spawn()).unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let mut stdin = child.stdin.take().unwrap();
        let input = self.stdin.clone();
        // A child that does not read its input is no failure.
        thread::spawn(move || stdin.write_all(&input));
        let stdout = Stream::read(child.stdout.take().unwrap());
        let stderr = Stream::read(child.stderr.take().unwrap());
        Running { child, stdout, stderr }
    }
}

/// A run that has not been waited for.
pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// What it said on standard output so far.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.content.lock().unwrap()).into_owned()
    }

    /// What it said on standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.content.lock().unwrap()).into_owned()
    }

    /// Waits until a condition holds or the run has ended; says which.
    pub fn wait_until(&mut self, holds: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while start.elapsed() < LIMIT && !self.has_ended() {
            if holds(self) {
                return true;
            }
            thread::sleep(Duration::from_micros(200));
        }
        false
    }

    /// Kills its whole process group, as if the machine's power had gone.
    pub fn kill(self) -> Run {
        self.signal(Signal::SIGKILL)
    }

    /// Sends a signal to its whole process group, and waits for its end.
    pub fn signal(self, signal: Signal) -> Run {
        let group = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        // It may just have ended.
        let _ = killpg(group, signal);
        self.wait()
    }

    pub fn wait(mut self) -> Run {
        let status = wait(&mut self.child);
        Run { status, stdout: self.stdout.end(), stderr: self.stderr.end() }
    }
}

/// An output stream, read as it comes.
struct Stream {
    content: Arc<Mutex<Vec<u8>>>,
    reader: thread::JoinHandle<()>,
}

impl Stream {
    fn read(mut stream: impl Read + Send + 'static) -> Self {
        let content = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&content);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                shared.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { content, reader }
    }

    fn end(self) -> Vec<u8> {
        self.reader.join().unwrap();
        self.content.lock().unwrap().clone()
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > LIMIT {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    }
}
