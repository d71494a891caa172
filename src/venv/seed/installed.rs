//! What of a project is in the environment already, and taking it out.
//!
//! `ensurepip --upgrade` leaves what is as new as its own. Here it must be whole as well: every file that `RECORD` lists is
//! there with its size. What is not whole, or not alone, is taken out by its `RECORD` and put there anew. `RECORD` is the
//! last to go, so whoever is killed meanwhile is understood the next time.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use pep440_rs::Version;

use super::entry_points::is_of_environment;
use crate::error::Result;
use crate::fetch::wheel::record::Record;
use crate::host::fs;
use crate::python::package_name::normalize;

/// What is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One version, whole, and the directory of its metadata.
    Whole(Version, PathBuf),
    /// The directories of metadata of what has to go; none where nothing is there.
    Remains(Vec<PathBuf>),
}

/// Looks for a project.
pub(super) fn find(site_packages: &Path, project: &str) -> Result<Found> {
    let unreadable = |error| fs::cannot_create(site_packages, error);
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(site_packages) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Remains(Vec::new())),
        entries => entries.map_err(unreadable)?,
    };
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".dist-info"));
        if let Some((name, version)) = stem.and_then(|stem| stem.rsplit_once('-'))
            && normalize(name) == project
        {
            found.push((Version::from_str(version).ok(), entry.path()));
        }
    }
    found.sort_by(|(_, one), (_, other)| one.cmp(other));
    Ok(match found.as_slice() {
        [(Some(version), dist_info)] if is_whole(site_packages, dist_info) => {
            Found::Whole(version.clone(), dist_info.clone())
        }
        _ => Found::Remains(found.into_iter().map(|(_, path)| path).collect()),
    })
}

/// Whether every file of a distribution is there. An empty `RECORD`, as a power failure may leave it, lists not even
/// itself.
fn is_whole(site_packages: &Path, dist_info: &Path) -> bool {
    let Ok(record) = fs::read_file(&dist_info.join("RECORD")) else { return false };
    let mut metadata = 0;
    for entry in Record::new(&record) {
        let Ok(entry) = entry else { return false };
        let Ok(path) = std::str::from_utf8(&entry.path) else { return false };
        if path.strip_suffix(".pyc").is_some() {
            continue;
        }
        let path = site_packages.join(path);
        // Through links: there are installers that make nothing else.
        let Ok(meta) = path.metadata() else { return false };
        if !meta.is_file() || entry.size.is_some_and(|size| size != meta.len()) {
            return false;
        }
        let is_metadata = path.parent() == Some(dist_info);
        metadata += usize::from(is_metadata && ["METADATA", "RECORD"].iter().any(|name| path.ends_with(name)));
    }
    metadata == 2
}

/// Takes out what a directory of metadata records, and it. Only what is inside `site_packages` and `bin` goes, and never a
/// program of the environment itself: a `RECORD` may say anything.
pub(super) fn remove(site_packages: &Path, bin: &Path, dist_info: &Path) -> Result<()> {
    if dist_info.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) {
        return remove_file(dist_info);
    }
    let record = dist_info.join("RECORD");
    let content = fs::read_file(&record).unwrap_or_default();
    let mut dirs = BTreeSet::new();
    for entry in Record::new(&content).map_while(Result::ok) {
        let Ok(path) = std::str::from_utf8(&entry.path) else { continue };
        let path = fs::normalize(&site_packages.join(path));
        if path != record && is_removable(&path, site_packages, bin) {
            remove_with_compiled(&path)?;
            let above = path.ancestors().skip(1);
            dirs.extend(
                above.take_while(|dir| dir.starts_with(site_packages) && *dir != site_packages).map(Path::to_owned),
            );
        }
    }
    // From the innermost out; one that has something else in it stays.
    for dir in dirs.iter().rev() {
        let _ = std::fs::remove_dir(dir.join("__pycache__"));
        let _ = std::fs::remove_dir(dir);
    }
    std::fs::remove_dir_all(dist_info).or_else(absent).map_err(|error| fs::cannot_create(dist_info, error))
}

/// The programs that these directories of metadata record.
pub(super) fn programs(site_packages: &Path, bin: &Path, remains: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dist_info in remains {
        let content = fs::read_file(&dist_info.join("RECORD")).unwrap_or_default();
        let paths = Record::new(&content).map_while(Result::ok);
        let paths =
            paths.filter_map(|it| Some(fs::normalize(&site_packages.join(std::str::from_utf8(&it.path).ok()?))));
        found.extend(paths.filter(|path| path.parent() == Some(bin)));
    }
    found
}

/// Whether a path is inside, links to directories followed.
fn is_removable(path: &Path, site_packages: &Path, bin: &Path) -> bool {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return false };
    let program = parent == bin && !is_of_environment(&name.to_string_lossy());
    let packaged = path.starts_with(site_packages) && path != site_packages;
    let real = |path: &Path| path.canonicalize().ok();
    let inside = |dir: &Path| real(parent).zip(real(dir)).is_some_and(|(parent, dir)| parent.starts_with(dir));
    (program && inside(bin)) || (packaged && inside(site_packages))
}

/// A source, and all that it was compiled to: by whatever interpreter, at whatever level.
fn remove_with_compiled(path: &Path) -> Result<()> {
    remove_file(path)?;
    let (Some(dir), Some(stem)) = (path.parent(), path.file_stem()) else { return Ok(()) };
    if path.extension().is_none_or(|extension| extension != "py") {
        return Ok(());
    }
    let start = [stem.as_encoded_bytes(), b"."].concat();
    for entry in std::fs::read_dir(dir.join("__pycache__")).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(&start) {
            remove_file(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file or a link. What is a directory is none of ours.
fn remove_file(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        return Ok(());
    }
    std::fs::remove_file(path).or_else(absent).map_err(|error| fs::cannot_create(path, error))
}

fn absent(error: io::Error) -> io::Result<()> {
    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) { Ok(()) } else { Err(error) }
}
