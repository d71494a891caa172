//! Stands between a tool and the real `keyring`.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::{Keyring, NAME, WITH_USER, is_named};
use crate::host::exec::own_executable;
use crate::host::tap::standard_output;
use crate::host::{EnvDelta, Host, fs, names};

/// How the name of the directory begins.
const PREFIX: &str = "prime-keyring-";
/// In the directory, what says that the real one has taken too long, and is not to be asked again.
const LATE: &str = "late";

/// A directory that lasts as long as the tool runs. It has this binary under the name `keyring`.
#[derive(Debug)]
pub struct Guard {
    dir: TempDir,
    path: OsString,
}

impl Guard {
    /// Makes one. It gives no answer at all where `keyring` has been late already.
    pub fn new(host: &Host, keyring: &Keyring) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        // No tool runs for a day: what is older was left by a process that was killed.
        dir.path().parent().into_iter().for_each(|place| fs::sweep_old(place, PREFIX));
        symlink(own_executable().canonicalize()?, dir.path().join(NAME))?;
        if keyring.is_late.get() {
            std::fs::write(dir.path().join(LATE), "")?;
        }
        let mut path = OsString::from(dir.path());
        for rest in host.var("PATH").into_iter().flat_map(|path| [OsStr::new(":"), path]) {
            path.push(rest);
        }
        Ok(Self { dir, path })
    }

    /// What the tool is to be started with.
    pub fn env(&self) -> EnvDelta {
        EnvDelta::new().set("PATH", &self.path).set(names::KEYRING_GUARD, self.dir.path())
    }

    /// Whether `keyring` has taken too long.
    pub fn was_late(&self) -> bool {
        self.dir.path().join(LATE).exists()
    }
}

/// Does the work of a `keyring` that a tool has started, if that is what this process is: the exit code. What the real one
/// answers is passed on where it is what such a tool can want, and nothing else that it says.
pub fn stand_in(host: &Host) -> Option<u8> {
    let (program, words) = host.args.split_first().filter(|(program, _)| is_named(program))?;
    let dir = host.var_path(names::KEYRING_GUARD)?;
    tracing::debug!("{} stands in", program.display());
    let wanted = if words.iter().any(|word| word == WITH_USER[0]) { 2 } else { 1 };
    let keyring = Keyring::find(host).ok().flatten()?;
    keyring.give_up_if(dir.join(LATE).exists());
    let answer = keyring.ask(words).ok().filter(|lines| lines.len() == wanted);
    if keyring.is_late.get() {
        // It was late for nobody else to wait.
        let _ = std::fs::write(dir.join(LATE), "");
    }
    let told = answer.and_then(|lines| writeln!(standard_output().ok()?, "{}", lines.join("\n")).ok());
    Some(u8::from(told.is_none()))
}
