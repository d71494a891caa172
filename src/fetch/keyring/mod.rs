//! The program `keyring`, asked for credentials as pip and uv ask it, but never for longer than it may take.
//!
//! Both start it as `keyring get SERVICE USER`, uv also as `keyring get SERVICE --mode creds` where there is no user; the
//! service is the URL of the index, then its host. Both wait for as long as it takes, and pass on what it says on standard
//! error. Here it has no standard input, ends with all it started when its time is over, is not asked again after that, and
//! counts only where it answers as it should: a line for each thing that was asked for. What else it says is shown to nobody,
//! since nobody knows what that is.
//!
//! [`Guard`] keeps it so for the tools: a directory for their `PATH` in which `keyring` is this binary, which then asks the
//! real one ([`stand_in`]).

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::error::{Fault, Kind, Result};
use crate::fetch::secrets;
use crate::fetch::url::{Login, Url};
use crate::host::cmd::Captured;
use crate::host::{self, Cmd, Host, fs, names};

mod guard;
#[cfg(test)]
mod tests;

pub use guard::{Guard, Instructions, stand_in};

/// The name of the program.
const NAME: &str = "keyring";
/// How it is asked for a user as well, which `keyring` 25.2.1 and newer understand.
const WITH_USER: [&str; 2] = ["--mode", "creds"];
/// How long it may take: it may have to get a token from far away.
const LIMIT: Duration = Duration::from_secs(30);

/// The program `keyring`.
#[derive(Debug)]
pub struct Keyring {
    host: Host,
    program: PathBuf,
    limit: Duration,
    /// Whether it has taken too long once.
    is_late: Cell<bool>,
}

impl Keyring {
    /// The one on `PATH`, where there is one. Fails where `PRIME_KEYRING_TIMEOUT` is not usable.
    pub fn find(host: &Host) -> Result<Option<Rc<Self>>> {
        let limit = keyring_limit(host)?;
        let guard = host.var_path(names::KEYRING_GUARD);
        let dirs = host.path_dirs().into_iter().filter(|dir| Some(dir) != guard.as_ref());
        let program = dirs.map(|dir| dir.join(NAME)).find(|path| fs::is_executable(path));
        let host = host.clone();
        Ok(program.map(|program| Rc::new(Self { host, program, limit, is_late: Cell::new(false) })))
    }

    /// Gives it up where it has taken too long before.
    pub fn give_up_if(&self, was_late: bool) {
        self.is_late.set(self.is_late.get() || was_late);
    }

    /// The credentials for a URL, else for its host. The error is why there are none.
    pub fn login(&self, url: &Url, user: Option<&str>) -> Result<Login, String> {
        let services = [url.to_string(), url.authority()];
        let mut why = String::new();
        for service in services {
            let asked = user.map_or(WITH_USER.map(OsString::from).to_vec(), |user| vec![user.into()]);
            let words = [&["get".into(), service.into()], asked.as_slice()].concat();
            match self.ask(&words) {
                Ok(lines) => match (user, lines.as_slice()) {
                    (Some(user), [password]) => return Ok(login_of(user, password)),
                    (None, [user, password]) => return Ok(login_of(user, password)),
                    _ => why = format!("`{NAME}` answers with what is no credentials"),
                },
                Err(reason) => why = reason,
            }
        }
        Err(why)
    }

    /// Asks it with these words; the lines that it answers. The error is why it does not.
    fn ask(&self, words: &[OsString]) -> Result<Vec<String>, String> {
        if self.is_late.get() {
            return Err(late(self.limit));
        }
        let cmd = Cmd::new(&self.host, &self.program).args(words.iter().cloned());
        tracing::debug!("run {}", cmd.display());
        match cmd.capture(self.limit) {
            Ok(Captured { status, stdout, .. }) if status.success() => {
                lines(&stdout).ok_or_else(|| format!("`{NAME}` answers with what is no credentials"))
            }
            Ok(Captured { .. }) => Err(format!("`{NAME}` has none")),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                self.is_late.set(true);
                Err(late(self.limit))
            }
            Err(error) => Err(format!("`{}` cannot be run: {error}", self.program.display())),
        }
    }
}

/// The credentials, of which those know who listen.
fn login_of(user: &str, password: &str) -> Login {
    secrets::learned(password);
    Login { user: user.to_owned(), password: password.to_owned() }
}

fn late(limit: Duration) -> String {
    format!("`{NAME}` did not answer within {} s (`{}`)", limit.as_secs_f32(), names::PRIME_KEYRING_TIMEOUT)
}

/// How long it may take. Fails where `PRIME_KEYRING_TIMEOUT` is not usable.
pub fn keyring_limit(host: &Host) -> Result<Duration> {
    let Some(text) = host.var(names::PRIME_KEYRING_TIMEOUT) else { return Ok(LIMIT) };
    let limit = text.to_str().and_then(|text| host::seconds(text.trim())).filter(|limit| !limit.is_zero());
    limit.ok_or_else(|| {
        let message =
            format!("`{}` is `{}`, which is no number of seconds", names::PRIME_KEYRING_TIMEOUT, text.display());
        let hint = format!("set it to how long `{NAME}` may take, such as `10`, or unset it");
        Fault::new(Kind::Config, message).hint(hint).into()
    })
}

/// What it answered, line by line. `None` where that is not plain text, or nothing.
fn lines(stdout: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(stdout).ok()?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_plain = |line: &String| !line.trim().is_empty() && !line.contains(char::is_control);
    (!lines.is_empty() && lines.iter().all(is_plain)).then_some(lines)
}

fn is_named(program: &OsStr) -> bool {
    Path::new(program).file_name().is_some_and(|name| name == NAME)
}
