//! A wheel from the package index, for an interpreter that brings none.
//!
//! The newest that is stable, not withdrawn, pure Python, and meant for this version of Python. It is kept in
//! `<cache>/seed/index/<project>-<X.Y>/`, beside the file `asked`, whose time is that of the last look at the index. It is
//! good for a day without asking again, and longer where the index cannot be had.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::debug;

use super::wheel::Wheel;
use crate::error::{Fault, Kind, Result, kind_of};
use crate::fetch::http::{Answer, Client};
use crate::fetch::index::{self, IndexFile, Lookup};
use crate::fetch::wheel::{WheelName, download};
use crate::fetch::{FetchPolicy, IndexSettings, PipPlace, default_index};
use crate::host::{fs, names};
use crate::python::{Interpreter, check_version_against_requires_python};

/// How long a wheel is taken for the newest.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
const ASKED: &str = "asked";

/// A wheel that was got: the file it is in, or where it can be kept nowhere, itself.
#[derive(Debug)]
pub(super) enum Got {
    File(PathBuf),
    Memory(WheelName, Vec<u8>),
}

/// Where a wheel goes.
#[derive(Clone, Copy)]
pub(super) struct Dirs<'a> {
    /// The cache, where there is one.
    pub cache: Option<&'a Path>,
    /// A directory that may be written.
    pub scratch: &'a Path,
}

/// Gets a project's wheel.
pub(super) fn get(
    interpreter: &Interpreter,
    project: &str,
    dirs: Dirs<'_>,
    settings: &dyn Fn() -> Result<IndexSettings>,
) -> Result<Got> {
    let version = interpreter.version();
    let name = format!("seed/index/{project}-{}.{}", version.major, version.minor);
    let dir = dirs.cache.map(|cache| cache.join(name));
    let dirs = Dirs { cache: dir.as_deref(), ..dirs };
    let kept = dirs.cache.and_then(|dir| newest_kept(dir, project));
    if let Some(path) = kept.as_ref().filter(|_| dirs.cache.is_some_and(|dir| is_fresh(&dir.join(ASKED)))) {
        return Ok(Got::File(path.clone()));
    }
    match (settings().and_then(|settings| fetch(interpreter, project, &settings, dirs)), kept) {
        (Ok(got), _) => Ok(got),
        (Err(error), Some(path)) if kind_of(&error) != Kind::Data => {
            debug!("`{}` is taken as it is: {error:#}", path.display());
            Ok(Got::File(path))
        }
        (Err(error), _) => Err(unavailable(error, project, interpreter)),
    }
}

/// The newest wheel in a directory of the cache.
fn newest_kept(dir: &Path, project: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?.flatten();
    let wheels = entries.filter_map(|entry| {
        let name = WheelName::parse(entry.file_name().to_str()?).filter(|name| name.project == project)?;
        is_own_file(&entry.path()).then(|| (name.version, entry.path()))
    });
    wheels.max_by(|one, other| one.0.cmp(&other.0)).map(|(_, path)| path)
}

fn is_own_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_file() && fs::is_own(&meta))
}

fn is_fresh(asked: &Path) -> bool {
    let age = asked.metadata().ok().and_then(|meta| meta.modified().ok()?.elapsed().ok());
    age.is_some_and(|age| age < FRESH)
}

/// Puts a wheel into a directory of the cache, alone. The same one stays: what the cache has of it unpacked is by its
/// file.
fn keep(dir: &Path, file: &str, content: &[u8]) -> Result<PathBuf> {
    let path = dir.join(file);
    if !(is_own_file(&path) && fs::read_file(&path).is_ok_and(|kept| kept == content)) {
        fs::write_atomic(&path, content)?;
    }
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path() != path && WheelName::parse(&entry.file_name().to_string_lossy()).is_some() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    fs::write_atomic(&dir.join(ASKED), b"")?;
    Ok(path)
}

fn fetch(interpreter: &Interpreter, project: &str, settings: &IndexSettings, dirs: Dirs<'_>) -> Result<Got> {
    let place = PipPlace {
        site_packages: interpreter.purelib.clone(),
        stdlib: interpreter.stdlib.clone(),
        wheel_dir: interpreter.wheel_pkg_dir.clone(),
    };
    let policy = settings.policy(|| default_index(&[place]))?;
    let client = Client::new(policy.http.clone());
    let files = match index::lookup(&client, &policy, project)? {
        Lookup::Files(files) => files,
        Lookup::Refused(fault) | Lookup::NotUnderstood(fault) => return Err(fault.into()),
    };
    for (name, file) in candidates(&files, project) {
        if !file.requires_python.as_deref().is_none_or(|text| admits(text, interpreter)) {
            continue;
        }
        let content = receive(&client, file, dirs.scratch)?;
        // What a directory lists tells nothing before it is opened.
        let described = Wheel::read(&file.name, &name, &content)?.description.requires_python;
        if described.as_deref().is_none_or(|text| admits(text, interpreter)) {
            let kept = dirs.cache.and_then(|dir| keep(dir, &file.name, &content).ok());
            return Ok(kept.map_or_else(|| Got::Memory(name, content), Got::File));
        }
    }
    Err(nothing(project, interpreter, &policy).into())
}

/// The wheels that may do, newest first.
fn candidates<'a>(files: &'a [IndexFile], project: &str) -> Vec<(WheelName, &'a IndexFile)> {
    let is_pure = |name: &WheelName| {
        let has = |tags: &[String], wanted: &str| tags.iter().any(|tag| tag == wanted);
        has(&name.pythons, "py3") && has(&name.abis, "none") && has(&name.platforms, "any")
    };
    let named = files.iter().filter(|file| !file.yanked).filter_map(|file| Some((WheelName::parse(&file.name)?, file)));
    let mut found: Vec<_> =
        named.filter(|(name, _)| name.project == project && is_pure(name) && !name.version.any_prerelease()).collect();
    found.sort_by(|(one, _), (other, _)| other.version.cmp(&one.version));
    found
}

/// Whether `Requires-Python` admits the interpreter.
fn admits(requires_python: &str, interpreter: &Interpreter) -> bool {
    check_version_against_requires_python(&interpreter.version(), "", requires_python, "").is_ok()
}

fn receive(client: &Client, file: &IndexFile, scratch: &Path) -> Result<Vec<u8>> {
    let content: Result<File> = match download(client, file, scratch, &mut |_| {})? {
        Answer::Found(content) => Ok(content),
        Answer::Missing(fault) | Answer::Refused(fault) => Err(fault.into()),
    };
    let mut bytes = Vec::new();
    content?.take(super::WHEEL_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn nothing(project: &str, interpreter: &Interpreter, policy: &FetchPolicy) -> Fault {
    let places = policy.indexes.iter().chain(&policy.find_links).map(|place| format!("`{}`", place.value));
    let places: Vec<String> = places.collect();
    let places = if places.is_empty() { "no place at all".to_owned() } else { places.join(", ") };
    Fault::new(Kind::Unavailable, format!("no {project} for python {} in {places}", interpreter.version()))
}

fn unavailable(error: anyhow::Error, project: &str, interpreter: &Interpreter) -> anyhow::Error {
    let fault = error.downcast_ref::<Fault>();
    let own = format!(
        "install what the interpreter lacks (on Debian and Ubuntu `python3-venv`), or name a package index in `{}`",
        names::PRIME_INDEX_URL
    );
    let hint = match fault.map(|fault| (fault.kind, fault.hint.clone())) {
        Some((Kind::Data | Kind::NotAllowed | Kind::CannotCreate, Some(hint))) => hint,
        _ => own,
    };
    let message = format!("`{}` brings no {project}, and the package index gives none", interpreter.path.display());
    let kind = kind_of(&error);
    error.context(Fault::new(kind, message).hint(hint))
}
