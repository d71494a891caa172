//! Shims: small programs on `PATH` that start one of several installed interpreters.
//!
//! Running one is slow (tens of milliseconds), answers for the current directory only and fails where the chosen version
//! is not installed. So it is followed by its manager's files instead, to all installations that have the name: first
//! those that the shim itself would choose (pyenv: `PYENV_VERSION`, else `.python-version`, else the global `version`),
//! then the others, newest first. The requirement picks among them.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::managers::installations;
use crate::host::Host;
use crate::host::fs::is_executable;
use crate::python::pin;

/// How much of a script is read to tell whether it is a shim.
const HEAD_BYTES: u64 = 4096;

/// What a path turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No shim, or one that only its manager can follow.
    File,
    /// A shim, and where it can lead to.
    Installed(Vec<PathBuf>),
}

/// A version manager that a shim belongs to.
enum Manager {
    /// pyenv, with its root.
    Pyenv(PathBuf),
    /// asdf or mise, with the directory of installations.
    ToolVersions(PathBuf),
}

/// Follows a shim.
pub(super) fn follow(host: &Host, path: &Path) -> Found {
    let (Some(manager), Some(name)) = (manager_of(host, path), path.file_name()) else { return Found::File };
    match manager {
        Manager::Pyenv(root) => {
            let chosen = pyenv_choice(host, &root);
            Found::Installed(executables(&root.join("versions"), &chosen, name))
        }
        Manager::ToolVersions(installs) => match executables(&installs, &tool_versions(host), name) {
            paths if paths.is_empty() => Found::File,
            paths => Found::Installed(paths),
        },
    }
}

fn manager_of(host: &Host, path: &Path) -> Option<Manager> {
    let in_shims = path.parent().filter(|dir| dir.file_name() == Some(OsStr::new("shims")));
    let text = script_head(path);
    let is_pyenv = |text: &String| text.contains("pyenv exec") || text.contains("pyenv\" exec");
    if text.as_ref().is_some_and(|text| is_pyenv(text) || (in_shims.is_some() && text.contains("pyenv"))) {
        let beside = in_shims.and_then(Path::parent).filter(|root| root.join("versions").is_dir());
        return beside.map(Path::to_owned).or_else(|| pin::pyenv_root(host)).map(Manager::Pyenv);
    }
    let installs = in_shims?.parent()?.join("installs/python");
    let is_mise =
        path.canonicalize().is_ok_and(|real| real.file_name().is_some_and(|name| name == "mise" || name == "rtx"));
    let is_asdf = text.is_some_and(|text| text.contains("asdf") || text.contains("mise"));
    (is_mise || is_asdf).then_some(Manager::ToolVersions(installs))
}

/// The beginning of a script; `None` for everything else.
fn script_head(path: &Path) -> Option<String> {
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    head.starts_with(b"#!").then(|| String::from_utf8_lossy(&head).into_owned())
}

/// The versions that pyenv has in force, in its order.
fn pyenv_choice(host: &Host, root: &Path) -> Vec<String> {
    if let Some(versions) = host.var_text("PYENV_VERSION") {
        return versions.split(':').map(str::to_owned).collect();
    }
    let words = |text: &str| pin::entries(text).map(|(_, word)| word.to_owned()).collect::<Vec<_>>();
    match pin::read_upwards(&host.current_dir) {
        Ok(Some((_, text))) => words(&text),
        _ => std::fs::read_to_string(root.join("version")).map(|text| words(&text)).unwrap_or_default(),
    }
}

/// The versions that asdf and mise have in force: their variables, else the line `python …` of the nearest
/// `.tool-versions`, else of the one at home.
fn tool_versions(host: &Host) -> Vec<String> {
    let variable = ["ASDF_PYTHON_VERSION", "MISE_PYTHON_VERSION"].iter().find_map(|name| host.var_text(name));
    if let Some(versions) = variable {
        return versions.split_whitespace().map(str::to_owned).collect();
    }
    let home = host.home();
    let dirs = host.current_dir.ancestors().chain(home.as_deref());
    let mut files = dirs.filter_map(|dir| std::fs::read_to_string(dir.join(".tool-versions")).ok());
    files.find_map(|text| python_line(&text)).unwrap_or_default()
}

fn python_line(text: &str) -> Option<Vec<String>> {
    let mut words = text.lines().map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
    let line = words.find_map(|mut words| (words.next()? == "python").then_some(words))?;
    Some(line.map(str::to_owned).collect())
}

/// The executables of a name in the installations: the chosen versions', then all others'.
fn executables(installs: &Path, chosen: &[String], name: &OsStr) -> Vec<PathBuf> {
    let installed = installations(installs);
    let mut ordered: Vec<PathBuf> =
        chosen.iter().filter_map(|version| installation(installs, &installed, version)).collect();
    for dir in installed {
        if !ordered.contains(&dir) {
            ordered.push(dir);
        }
    }
    ordered.into_iter().map(|dir| dir.join("bin").join(name)).filter(|path| is_executable(path)).collect()
}

/// The installation that a version means: the one of this name, else the newest that begins so (`3.12` is `3.12.1`).
fn installation(installs: &Path, installed: &[PathBuf], version: &str) -> Option<PathBuf> {
    let version = version.strip_prefix("python-").unwrap_or(version);
    let exact = installs.join(version);
    // `system` is what else is on `PATH`, which is looked at anyway.
    if version == "system" || version.is_empty() {
        return None;
    }
    if exact.is_dir() {
        return Some(exact);
    }
    let prefix = format!("{version}.");
    installed
        .iter()
        .find(|dir| dir.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)))
        .cloned()
}
