//! Asks an interpreter what it is, once, within a time limit.
//!
//! The script `probe.py` answers with one line of JSON; whatever else the interpreter prints does not matter. A program
//! that gives no such answer is no error but a reason, for the list of what was considered. Which executable to ask
//! (behind links, shims and virtual environments) is decided in [`crate::python::find`].

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde::Deserialize;
use tracing::debug;

use super::cache;
use super::interpreter::{Build, Interpreter, Libc};
use super::version::{Implementation, PythonVersion, stage_of};
use crate::host::cmd::Captured;
use crate::host::redact::redact;
use crate::host::work::skipped;
use crate::host::{Cmd, EnvDelta, Host};

/// How long an interpreter may take to answer, unless the caller says otherwise.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(5);

/// Isolated as far as 2.7 knows: no environment (`-E`), no user directory (`-s`), no `site` (`-S`, which saves the time
/// that other people's `.pth` files take), nothing written (`-B`).
const FLAGS: [&str; 5] = ["-E", "-s", "-S", "-B", "-c"];
const SCRIPT: &str = include_str!("probe.py");
/// How the answer begins, and nothing else does.
const MARKER: &str = "{\"prime_probe\": 1,";

/// Asks the executable at `path`, which is what the answer's [`Interpreter::path`] will be. An answer in the cache under
/// `cache_dir` saves the start.
pub(super) fn ask(host: &Host, path: &Path, cache_dir: Option<&Path>, limit: Duration) -> Result<Interpreter, String> {
    if let Some(interpreter) = cache_dir.and_then(|dir| cache::load(dir, path)) {
        skipped("probe", format_args!("`{}` is known from before", path.display()));
        return Ok(interpreter);
    }
    // macOS hands the name that an interpreter was started by down in this variable, and `-E` does not cover it.
    let cmd = Cmd::new(host, path)
        .purpose("probe")
        .args(FLAGS)
        .arg(SCRIPT)
        .env(&EnvDelta::new().unset("__PYVENV_LAUNCHER__"));
    debug!("probe `{}`", path.display());
    let captured = capture(&cmd, limit).map_err(|error| did_not_run(&error, limit))?;
    let interpreter = read_answer(path, &captured)?;
    // The answer of a wrapper depends on more than its file.
    let by_itself = interpreter.executable == path || interpreter.executable.canonicalize().is_ok_and(|it| it == path);
    if let Some(dir) = cache_dir.filter(|_| by_itself) {
        cache::store(dir, &interpreter);
    }
    Ok(interpreter)
}

/// An executable that somebody is just writing cannot be started for that moment.
fn capture(cmd: &Cmd, limit: Duration) -> io::Result<Captured> {
    for _ in 0..20 {
        match cmd.capture(limit) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => sleep(Duration::from_millis(10)),
            captured => return captured,
        }
    }
    cmd.capture(limit)
}

fn did_not_run(error: &io::Error, limit: Duration) -> String {
    if error.kind() == io::ErrorKind::TimedOut {
        return format!("no answer within {} s", limit.as_secs_f32());
    }
    let text = error.to_string().to_lowercase();
    format!("did not start: {}", text.split(" (os error").next().unwrap_or_default())
}

fn read_answer(path: &Path, captured: &Captured) -> Result<Interpreter, String> {
    let stdout = String::from_utf8_lossy(&captured.stdout);
    if let Some(answer) = stdout.lines().rev().find(|line| line.starts_with(MARKER)) {
        let answer: Answer =
            serde_json::from_str(answer).map_err(|error| format!("its answer makes no sense: {error}"))?;
        return answer.into_interpreter(path).ok_or_else(|| "its version makes no sense".to_owned());
    }
    let stderr = redact(&String::from_utf8_lossy(&captured.stderr));
    let last_words = stderr.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let told = last_words.map(|line| format!(": {line}")).unwrap_or_default();
    Err(match (captured.status.signal(), captured.status.code()) {
        (Some(signal), _) => format!("was ended by signal {signal}{told}"),
        (None, Some(code)) if code != 0 => format!("exited with status {code}{told}"),
        _ => "did not answer as a python does".to_owned(),
    })
}

/// What `probe.py` prints. A fake needs to tell only the version.
#[derive(Debug, Deserialize)]
struct Answer {
    version_info: (u64, u64, u64, String, u64),
    #[serde(default = "cpython")]
    implementation: Implementation,
    executable: Option<PathBuf>,
    base_executable: Option<PathBuf>,
    prefix: Option<PathBuf>,
    base_prefix: Option<PathBuf>,
    #[serde(default)]
    free_threaded: bool,
    #[serde(default)]
    abi_flags: String,
    #[serde(default = "sixty_four")]
    pointer_bits: u8,
    #[serde(default)]
    machine: String,
    #[serde(default)]
    platform: String,
    #[serde(default)]
    platform_tag: String,
    stdlib: Option<PathBuf>,
    purelib: Option<PathBuf>,
    #[serde(default = "lib")]
    platlibdir: String,
    wheel_pkg_dir: Option<PathBuf>,
    libc: Option<String>,
}

fn cpython() -> Implementation {
    Implementation::CPython
}

fn lib() -> String {
    "lib".to_owned()
}

fn sixty_four() -> u8 {
    64
}

impl Answer {
    fn into_interpreter(self, path: &Path) -> Option<Interpreter> {
        let (major, minor, micro, level, serial) = self.version_info;
        let version = PythonVersion { major, minor, patch: micro, stage: stage_of(&level, serial)? };
        let executable = self.executable.unwrap_or_else(|| path.to_owned());
        let prefix = self.prefix.unwrap_or_else(|| path.parent().and_then(Path::parent).unwrap_or(path).to_owned());
        let base_prefix = self.base_prefix.unwrap_or_else(|| prefix.clone());
        let stdlib = self.stdlib.unwrap_or_else(|| base_prefix.join(format!("lib/python{major}.{minor}")));
        Some(Interpreter {
            path: path.to_owned(),
            build: Build { version, implementation: self.implementation, free_threaded: self.free_threaded },
            base_executable: self.base_executable.unwrap_or_else(|| executable.clone()),
            executable,
            purelib: self.purelib.unwrap_or_else(|| stdlib.join("site-packages")),
            prefix,
            base_prefix,
            stdlib,
            platlibdir: self.platlibdir,
            abi_flags: self.abi_flags,
            pointer_bits: self.pointer_bits,
            machine: self.machine,
            platform: self.platform,
            platform_tag: self.platform_tag,
            wheel_pkg_dir: self.wheel_pkg_dir,
            libc: self.libc.as_deref().and_then(libc),
        })
    }
}

/// `glibc 2.36`, `musl`.
fn libc(text: &str) -> Option<Libc> {
    match text.split_once(' ') {
        Some(("glibc", version)) => Some(Libc::Glibc(version.to_owned())),
        _ => (text == "musl").then_some(Libc::Musl),
    }
}
