//! A repository's own say in which executable is selected.
//!
//! A selector is a file of the repository. A Python script that defines `select_python_file_abs_path(required_version)` is
//! protoprimer's kind: it is loaded by some interpreter and called with a tuple of three ints. Any other executable gets
//! the version as its argument and prints a path. `None` or nothing means that it has no opinion.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::requirement::Requirement;
use crate::error::{Code, Fault, Kind, Result};
use crate::host::fs::is_executable;
use crate::host::{Cmd, Host};

const RUNNER: &str = include_str!("selector.py");
const FUNCTION: &str = "select_python_file_abs_path";
const MARKER: &str = "prime-selected:";
/// A selector may ask a network share or an environment manager.
const LIMIT: Duration = Duration::from_secs(60);

/// The executable that a selector names; `None` where it has no opinion. `python` is asked for an interpreter when one is
/// needed to run the script.
///
/// Fails with [`Kind::Config`] where the selector cannot be run, fails, or names no file.
pub fn select(
    host: &Host,
    file: &Path,
    requirement: &Requirement,
    python: impl FnOnce() -> Option<PathBuf>,
) -> Result<Option<PathBuf>> {
    let cmd = command(host, file, requirement, python)?;
    tracing::debug!("run {}", cmd.display());
    let captured = cmd.capture(LIMIT).map_err(|error| anyhow::Error::new(error).context(failed(file)))?;
    let (stdout, stderr) = (String::from_utf8_lossy(&captured.stdout), String::from_utf8_lossy(&captured.stderr));
    if !captured.status.success() {
        let said = format!("{}\n{}{}", captured.status, stdout, stderr);
        return Err(anyhow::anyhow!(said.trim().to_owned()).context(failed(file)));
    }
    stderr.lines().for_each(|line| tracing::debug!("{line}"));
    let line = stdout.lines().next_back().unwrap_or_default();
    let answer = line.strip_prefix(MARKER).unwrap_or(line).trim();
    if answer.is_empty() {
        return Ok(None);
    }
    let path = file.parent().unwrap_or(Path::new("/")).join(answer);
    if path.is_file() {
        return Ok(Some(path));
    }
    let message = format!("the selector `{}` names `{}`, which is no file", file.display(), path.display());
    Err(Fault::new(Kind::Config, message).hint("let it print nothing where it has no opinion").into())
}

fn command(
    host: &Host,
    file: &Path,
    requirement: &Requirement,
    python: impl FnOnce() -> Option<PathBuf>,
) -> Result<Cmd> {
    let content = fs_err::read(file)?;
    if !String::from_utf8_lossy(&content).contains(&format!("def {FUNCTION}")) {
        if !is_executable(file) {
            let message = format!("the selector `{}` is neither executable nor defines `{FUNCTION}`", file.display());
            return Err(Fault::new(Kind::Config, message).hint(format!("`chmod +x {}`", file.display())).into());
        }
        return Ok(Cmd::new(host, file).purpose("selector").arg(requirement.source()));
    }
    let python = python().ok_or_else(|| {
        let message = format!("there is no python to run the selector `{}`", file.display());
        Fault::new(Kind::Config, message).hint("install any python 3, or make the selector a program of its own")
    })?;
    let (major, minor, patch) = requirement.version_ints();
    let ints = [major, minor, patch].map(|number| OsString::from(number.to_string()));
    Ok(Cmd::new(host, python).purpose("selector").args(["-B", "-c", RUNNER, MARKER]).arg(file).args(ints))
}

fn failed(file: &Path) -> Fault {
    Fault::of(Code::SelectorFailed, format!("the selector `{}` failed", file.display()))
        .hint("mend it, or remove it from the configuration")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn run(name: &str, content: &str, mode: u32) -> Result<Option<PathBuf>> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, content).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let vars = std::env::vars_os().collect();
        let host = Host { vars, current_dir: "/".into(), ..Host::default() };
        let python = host.path_dirs().into_iter().map(|dir| dir.join("python3")).find(|path| path.exists());
        select(&host, &file, &Requirement::parse("3.12").unwrap(), || python)
    }

    #[test]
    fn a_program_gets_the_version_and_prints_a_path() {
        assert_eq!(run("s", "#!/bin/sh\n[ \"$1\" = 3.12 ] && echo /bin/sh\n", 0o755).unwrap(), Some("/bin/sh".into()));
        assert_eq!(run("s", "#!/bin/sh\n", 0o755).unwrap(), None);
        let failed = run("s", "#!/bin/sh\necho no luck >&2; exit 3\n", 0o755).unwrap_err();
        assert!(format!("{failed:#}").contains("failed: exit status: 3\nno luck"), "{failed:#}");
        assert!(run("s", "#!/bin/sh\necho /nowhere\n", 0o755).unwrap_err().to_string().ends_with("which is no file"));
        assert!(run("s", "text", 0o644).unwrap_err().to_string().contains("neither executable"));
    }

    #[test]
    fn a_script_of_protoprimers_kind_is_called_with_ints() {
        let script = "print('noise')\ndef select_python_file_abs_path(version):\n    print('more')\n    \
                      return '/bin/sh' if version == (3, 12, 0) else None\n";
        assert_eq!(run("s.py", script, 0o644).unwrap(), Some("/bin/sh".into()));
        let none = "def select_python_file_abs_path(version):\n    return None\n";
        assert_eq!(run("s.py", none, 0o644).unwrap(), None);
        let raises = "def select_python_file_abs_path(version):\n    raise SystemExit(4)\n";
        assert!(run("s.py", raises, 0o644).is_err());
    }
}
