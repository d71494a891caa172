//! `.python-version`, the file that pyenv, uv, asdf and mise agree on.
//!
//! It is searched upwards from a directory to the root. pyenv reads the first word of each line, so one file may name
//! several versions: the first that can serve is the pin, and what comes before it is told in one warning. A file in
//! which nothing can serve is still the file that was found: the caller goes on to `requires-python` and has a message.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;

use super::pyvenv::PyvenvCfg;
use super::requirement::Requirement;
use super::version::Implementation;
use crate::error::{Code, Fault, Kind, Result};
use crate::host::{Host, names};

/// The start of the names that pyenv gives to implementations that cannot serve.
const OTHER_IMPLEMENTATIONS: [&str; 16] = [
    "activepython",
    "anaconda",
    "cinder",
    "graalpy",
    "graalpython",
    "ironpython",
    "jython",
    "mambaforge",
    "micropython",
    "miniconda",
    "miniforge",
    "nogil",
    "pyodide",
    "pyston",
    "rustpython",
    "stackless",
];

/// A `.python-version` that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinFile {
    /// The file.
    pub path: PathBuf,
    /// What it requires; `None` where it is empty or nothing in it can serve.
    pub requirement: Option<Requirement>,
    /// The line of the requirement, counted from 1; 0 where there is none.
    pub line: usize,
    /// What stands before the requirement and cannot serve.
    pub skipped: Vec<SkippedPin>,
}

/// An entry that cannot serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedPin {
    /// Its line, counted from 1.
    pub line: usize,
    /// The entry.
    pub text: String,
    /// Why it cannot serve.
    pub reason: String,
}

impl PinFile {
    /// Looks for the file in `start` and the directories above it.
    ///
    /// A directory of that name is passed by. Fails with [`Kind::Config`] where the file is not UTF-8, and with the
    /// system's reason where it cannot be read.
    pub fn find(host: &Host, start: &Path) -> Result<Option<Self>> {
        Ok(read_upwards(start)?.map(|(path, text)| Self::parse(host, &path, &text)))
    }

    fn parse(host: &Host, path: &Path, text: &str) -> Self {
        let mut pin = Self { path: path.to_owned(), requirement: None, line: 0, skipped: Vec::new() };
        for (line, entry) in entries(text) {
            match classify(host, entry) {
                Ok(requirement) => {
                    return Self { requirement: Some(requirement), line, ..pin };
                }
                Err(reason) => pin.skipped.push(SkippedPin { line, text: entry.to_owned(), reason }),
            }
        }
        pin
    }

    /// What a person should know: which entries were skipped and why, or that the file says nothing. `None` where the
    /// first entry is the pin.
    pub fn warning(&self) -> Option<String> {
        let path = self.path.display();
        let skipped: Vec<String> = self.skipped.iter().map(|pin| format!("`{}` ({})", pin.text, pin.reason)).collect();
        match (&self.requirement, skipped.is_empty()) {
            (Some(_), true) => None,
            (Some(requirement), false) => {
                Some(format!("`{path}`: skipped {}; line {} says `{requirement}`", skipped.join(", "), self.line))
            }
            (None, true) => Some(format!("`{path}` names no version")),
            (None, false) => Some(format!("`{path}` names no version that can serve: {}", skipped.join(", "))),
        }
    }
}

/// The nearest `.python-version` with its text.
pub(super) fn read_upwards(start: &Path) -> Result<Option<(PathBuf, String)>> {
    for dir in start.ancestors() {
        let path = dir.join(names::PYTHON_VERSION_FILE);
        if path.is_file() {
            return read(&path).map(|text| Some((path, text)));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<String> {
    let cannot_read = || Fault::new(Kind::InputOutput, format!("cannot read `{}`", path.display()));
    let content = std::fs::read(path).with_context(cannot_read)?;
    let text = String::from_utf8(content).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + String::from_utf8_lossy(&error.as_bytes()[..at]).matches('\n').count();
        Fault::of(Code::BadToml, format!("`{}` is not UTF-8: byte {at} begins no character", path.display()))
            .hint("write it as plain text, one version per line")
            .at(path, Some(line))
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The entries with their lines, counted from 1: of each line the first word, as pyenv reads it, or all of a specifier,
/// which may have spaces in it. `#` begins a comment.
pub(super) fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.split('#').next()?.trim();
        let word = line.split_whitespace().next()?;
        Some((index + 1, if line.starts_with(['<', '>', '=', '!', '~']) { line } else { word }))
    })
}

/// What an entry requires, or why it cannot serve.
fn classify(host: &Host, entry: &str) -> Result<Requirement, String> {
    if let Ok(requirement) = Requirement::parse(entry) {
        return if requirement.version_ints().0 == 2 { Err(too_old()) } else { Ok(requirement) };
    }
    if let Some(requirement) = pyenv_virtualenv(host, entry) {
        return requirement;
    }
    let other = OTHER_IMPLEMENTATIONS.iter().find(|name| entry.starts_with(*name));
    Err(match other {
        Some(name) => format!("{name} cannot serve"),
        None => "neither a version nor a virtualenv of pyenv".to_owned(),
    })
}

fn too_old() -> String {
    "python 2 has no venv".to_owned()
}

/// What the base of a pyenv virtualenv requires, where there is one of that name (`myenv`, `3.11.7/envs/myenv`).
fn pyenv_virtualenv(host: &Host, name: &str) -> Option<Result<Requirement, String>> {
    let relative = Path::new(name);
    if !relative.components().all(|component| matches!(component, Component::Normal(_))) {
        return None;
    }
    let cfg = PyvenvCfg::read(&pyenv_root(host)?.join("versions").join(relative))?;
    Some(base_requirement(&cfg).ok_or_else(|| "its `pyvenv.cfg` does not tell a version that can serve".to_owned()))
}

/// The base by the name of its own directory below `versions` (`3.13.0t`, `pypy3.10-7.3.12`), else by its version.
fn base_requirement(cfg: &PyvenvCfg) -> Option<Requirement> {
    let by_name = cfg.home().and_then(|home| home.parent()?.file_name()?.to_str()).map(Requirement::parse);
    if let Some(Ok(requirement)) = by_name {
        return Some(requirement);
    }
    let version = cfg.version().filter(|version| version.major >= 3)?;
    match cfg.implementation().unwrap_or(Implementation::CPython) {
        Implementation::CPython => Requirement::parse(&version.to_string()).ok(),
        Implementation::PyPy => Requirement::parse(&format!("pypy{}.{}", version.major, version.minor)).ok(),
        _ => None,
    }
}

/// The directory of pyenv: `PYENV_ROOT`, else `~/.pyenv`.
pub(super) fn pyenv_root(host: &Host) -> Option<PathBuf> {
    host.var_path("PYENV_ROOT").or_else(|| host.home().map(|home| home.join(".pyenv")))
}

#[cfg(test)]
#[path = "pin_tests.rs"]
mod tests;
