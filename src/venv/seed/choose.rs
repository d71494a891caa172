//! Which wheels: what the interpreter's own `ensurepip` would take.
//!
//! It is read, never run. `ensurepip/__init__.py` says which versions are in `_bundled` (which may hold others besides:
//! 3.8.18 has two of pip), and whether it brings setuptools (up to 3.11). Where it knows of `WHEEL_PKG_DIR` (from 3.10 on,
//! in distributions earlier), a distribution's directory of wheels comes first, if every project is in it; of several
//! versions the last by name, as `ensurepip` sorts them.

use std::path::{Path, PathBuf};

use crate::python::{Interpreter, PythonVersion};

/// A project that is to be put into the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its name.
    pub project: &'static str,
    /// Its wheel on this machine; where there is none, the index is asked.
    pub wheel: Option<PathBuf>,
}

/// The last version whose `ensurepip` brings setuptools.
const LAST_WITH_SETUPTOOLS: PythonVersion = PythonVersion::new(3, 11, u64::MAX);

/// What `ensurepip` brings, and from where, in the order in which it installs. All of it is on this machine, or none.
pub(super) fn wanted(interpreter: &Interpreter) -> Vec<Wanted> {
    let text = std::fs::read_to_string(interpreter.stdlib.join("ensurepip/__init__.py")).ok();
    let projects = match &text {
        Some(text) => projects_in(text),
        None if interpreter.version() <= LAST_WITH_SETUPTOOLS => vec!["setuptools", "pip"],
        None => vec!["pip"],
    };
    let knows_dir = text.as_ref().is_none_or(|text| text.contains("WHEEL_PKG_DIR"));
    let dir = interpreter.wheel_pkg_dir.as_deref().filter(|_| knows_dir);
    let kept = dir.and_then(|dir| projects.iter().map(|project| last_in(dir, project)).collect::<Option<Vec<_>>>());
    let bundled = || {
        let text = text.as_ref().filter(|_| interpreter.has_ensurepip())?;
        let dir = interpreter.stdlib.join("ensurepip/_bundled");
        projects.iter().map(|project| bundled_in(&dir, project, version_in(text, project)?)).collect()
    };
    let wheels: Vec<Option<PathBuf>> = match kept.or_else(bundled) {
        Some(wheels) => wheels.into_iter().map(Some).collect(),
        None => vec![None; projects.len()],
    };
    projects.into_iter().zip(wheels).map(|(project, wheel)| Wanted { project, wheel }).collect()
}

fn projects_in(text: &str) -> Vec<&'static str> {
    ["setuptools", "pip"]
        .into_iter()
        .filter(|project| *project == "pip" || version_in(text, project).is_some())
        .collect()
}

/// `_PIP_VERSION = "24.2"`
fn version_in<'a>(text: &'a str, project: &str) -> Option<&'a str> {
    let name = format!("_{}_VERSION", project.to_ascii_uppercase());
    let value = |line: &'a str| line.strip_prefix(&name)?.trim_start().strip_prefix('=');
    let quoted = text.lines().find_map(value)?.trim().trim_matches(['"', '\'']);
    let is_version = |c: char| c.is_ascii_alphanumeric() || "._+!".contains(c);
    (!quoted.is_empty() && quoted.chars().all(is_version)).then_some(quoted)
}

fn bundled_in(dir: &Path, project: &str, version: &str) -> Option<PathBuf> {
    let wheel = dir.join(format!("{project}-{version}-py3-none-any.whl"));
    wheel.is_file().then_some(wheel)
}

fn last_in(dir: &Path, project: &str) -> Option<PathBuf> {
    let names = std::fs::read_dir(dir).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let start = format!("{project}-");
    let wheels = names.filter(|name| name.starts_with(&start) && name.strip_suffix(".whl").is_some());
    wheels.max().map(|name| dir.join(name))
}
