//! What a `uv` program says it is.

use std::io;
use std::path::Path;
use std::str::FromStr as _;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use pep440_rs::Version;

use crate::error::{Fault, Kind, Result};
use crate::host::cmd::Captured;
use crate::host::{Cmd, Host};

/// How long an answer may take; a healthy one takes milliseconds.
const LIMIT: Duration = Duration::from_secs(10);

/// The version of a `uv`, by asking it.
///
/// Fails with [`Kind::CannotExecute`] where it does not run or does not answer like uv.
pub fn version_of(host: &Host, program: &Path) -> Result<Version> {
    let failed = |fact: &str| {
        Fault::new(Kind::CannotExecute, format!("`{} --version` {fact}", program.display()))
            .hint("name a working uv in `PRIME_UV`, or use the driver `venv_pip`")
    };
    let captured = match run(host, program) {
        Ok(captured) => captured,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(failed("does not answer").into()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let hint = "programs in this directory may not be run; name another one in `PRIME_CACHE_DIR`";
            return Err(error).context(failed("is not allowed").hint(hint));
        }
        Err(error) => return Err(error).context(failed("does not run")),
    };
    let stdout = String::from_utf8_lossy(&captured.stdout);
    let version = stdout.strip_prefix("uv ").and_then(|rest| Version::from_str(rest.split_whitespace().next()?).ok());
    match version {
        Some(version) if captured.status.success() => Ok(version),
        _ => {
            let said = [stdout.trim(), String::from_utf8_lossy(&captured.stderr).trim()].join(" ").trim().to_owned();
            let said: String = said.chars().take(400).collect();
            Err(anyhow::anyhow!("{}, it says: {said}", captured.status)).context(failed("does not answer as uv does"))
        }
    }
}

/// Fails unless a `uv` that was just unpacked runs and is of the version that its wheel's name says.
pub(super) fn check(host: &Host, program: &Path, expected: &Version) -> Result<()> {
    let found = version_of(host, program)?;
    if found == *expected {
        return Ok(());
    }
    let message = format!("the wheel of uv {expected} has uv {found} in it");
    Err(Fault::new(Kind::Data, message).hint("the wheel is broken; use another package index").into())
}

fn run(host: &Host, program: &Path) -> io::Result<Captured> {
    let command = Cmd::new(host, program).arg("--version");
    let mut tries = 0;
    loop {
        match command.capture(LIMIT) {
            // A child that another thread is starting may still have the file open for writing.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < 50 => {
                tries += 1;
                thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}
