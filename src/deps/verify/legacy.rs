//! Distributions without a `RECORD`, as old versions of pip and setuptools leave them where there is no wheel: an
//! `.egg-info` directory that lists its files in `installed-files.txt`, seen from itself and without sizes (pip), an
//! `.egg-info` file that lists none (distutils), and the `.egg-link` of `setup.py develop`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{Finding, Kind, Metadata, Problem, Site};
use crate::host::fs::{normalize, read_file};

/// What is wrong with a distribution that is not a `.dist-info`.
pub fn check(site: &Site, metadata: &Metadata) -> Vec<Finding> {
    let path = site.path.join(&metadata.file_name);
    let found = match metadata.kind {
        Kind::DistInfo => Vec::new(),
        Kind::EggInfo if path.is_dir() => egg_info(site, metadata),
        Kind::EggInfo => site.dir.file(metadata.file_name.as_bytes()).err().map(|it| (path, it)).into_iter().collect(),
        Kind::EggLink => egg_link(site, metadata).map(|it| (path, it)).into_iter().collect(),
    };
    found.into_iter().map(|(path, problem)| Finding { owner: Some(metadata.owner.clone()), path, problem }).collect()
}

fn egg_info(site: &Site, metadata: &Metadata) -> Vec<(PathBuf, Problem)> {
    let dir = site.path.join(&metadata.file_name);
    let mut found = Vec::new();
    if let Err(problem) = site.dir.file(format!("{}/PKG-INFO", metadata.file_name).as_bytes()) {
        found.push((dir.join("PKG-INFO"), problem));
    }
    for path in installed_files(&dir) {
        // It lists directories as well, its own as `.` or with a slash.
        if !path.exists() {
            found.push((path, Problem::Missing));
        }
    }
    found
}

/// The files that pip installed with this `.egg-info`, compiled ones apart.
pub fn installed_files(egg_info: &Path) -> Vec<PathBuf> {
    let content = read_file(&egg_info.join("installed-files.txt")).unwrap_or_default();
    let lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let lines = lines.filter(|line| !line.is_empty() && !line.ends_with(b".pyc") && !line.ends_with(b"__pycache__"));
    lines.map(|line| normalize(&egg_info.join(OsStr::from_bytes(line)))).collect()
}

fn egg_link(site: &Site, metadata: &Metadata) -> Option<Problem> {
    let mut content = Vec::new();
    if let Err(problem) = site.dir.read(metadata.file_name.as_bytes(), 1 << 16, &mut content) {
        return Some(problem);
    }
    let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let target = site.path.join(OsStr::from_bytes(line));
    if line.is_empty() {
        return Some(Problem::BadMetadata);
    }
    (!target.is_dir()).then_some(Problem::DeadLink { target })
}
