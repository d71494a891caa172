//! The proof: whether what is on disk is what was installed.
//!
//! [`verify`] only observes. It starts no process and writes nothing, and it holds what is there against what each
//! distribution itself records (PEP 376, PEP 627): every file of `RECORD` exists, is a file and has its size, and with
//! [`Depth::Hash`] its content; the metadata tells the name and version that its directory has; the scripts of entry points
//! are executable and run by this environment's python; what an editable project is linked to is there. What has no
//! `RECORD` to speak for it, a distribution that is gone altogether, is known from the [`Manifest`] of what was installed.
//!
//! No damage: files that no distribution lists, compiled files (`.pyc`), and a file that several distributions list as long
//! as it fits them all, such as the empty `__init__.py` of a namespace. The environment's own files (`pyvenv.cfg`, links,
//! activation scripts) are the stamp's matter.
//!
//! The cost is one `stat` for each file, in two threads where there are many; nothing is allocated for a file.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::dir::Dir;
use self::dist_info::Check;
use crate::host::fs::is_executable;
use crate::venv::Venv;

mod dir;
mod dist_info;
pub mod finding;
mod legacy;
pub mod links;
pub mod manifest;
mod overlap;
mod scripts;

pub use finding::{Finding, Owner, Problem};
pub(super) use legacy::installed_files;
pub use manifest::{Installed, Manifest, Origin};

/// How closely the files are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// They exist and have the recorded size.
    #[default]
    Size,
    /// They have the recorded content.
    Hash,
}

/// From this many bytes of `RECORD`s on, that is a thousand files or so, a second thread is worth its start.
const WORTH_A_THREAD: u64 = 100_000;

/// Everything that is wrong with an environment in which that was installed.
pub fn verify(venv: &Venv, manifest: &Manifest, depth: Depth) -> Vec<Finding> {
    let mut findings = Vec::new();
    let python = venv.python();
    if !is_executable(&python) {
        findings.push(Finding { owner: None, path: python, problem: Problem::NoInterpreter });
    }
    let mut present = Vec::new();
    for path in venv.site_packages() {
        let Ok(site) = Site::open(venv, &path, depth) else { continue };
        let found = Metadata::list(&path);
        findings.extend(site.check(&found, manifest));
        findings.extend(found.iter().flat_map(|it| legacy::check(&site, it)));
        overlap::attribute(&site, &found, &mut findings);
        present.extend(found);
    }
    let site = venv.site_packages().into_iter().next().unwrap_or_else(|| venv.dir().to_owned());
    findings.extend(against_manifest(&present, manifest, &site));
    findings.sort_by(|one, other| (&one.owner, &one.path).cmp(&(&other.owner, &other.path)));
    // What is wrong first is why the rest is.
    findings.dedup_by(|later, first| later.owner == first.owner && later.path == first.path);
    findings
}

/// A directory of installed distributions.
struct Site {
    dir: Dir,
    path: PathBuf,
    /// The environment's directory of programs.
    bin: PathBuf,
    /// How the paths of programs begin in a `RECORD`: `../../../bin/`.
    to_bin: Vec<u8>,
    /// How many `..` lead to the environment's directory.
    levels: usize,
    depth: Depth,
}

impl Site {
    fn open(venv: &Venv, path: &Path, depth: Depth) -> nix::Result<Self> {
        let levels = path.strip_prefix(venv.dir()).map_or(0, |inside| inside.components().count());
        let to_bin = format!("{}bin/", "../".repeat(levels)).into_bytes();
        Ok(Self { dir: Dir::open(path)?, path: path.to_owned(), bin: venv.bin(), to_bin, levels, depth })
    }

    fn check(&self, found: &[Metadata], manifest: &Manifest) -> Vec<Finding> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut check = Check::new(self);
            while let Some(metadata) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
                if metadata.kind == Kind::DistInfo {
                    check.run(metadata);
                }
            }
            check.findings
        };
        let bytes: u64 = manifest.installed().map(|it| it.record_size).sum();
        if bytes < WORTH_A_THREAD {
            return work();
        }
        thread::scope(|scope| {
            let other = thread::Builder::new().spawn_scoped(scope, work);
            let mut findings = work();
            // A thread that could not be had is none that left anything undone; one that broke down has.
            match other.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(more)) => findings.extend(more),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => {}
            }
            findings
        })
    }
}

/// How a distribution's metadata is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DistInfo,
    EggInfo,
    EggLink,
}

/// The metadata of one distribution, by its name in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub file_name: String,
    pub kind: Kind,
    pub owner: Owner,
}

impl Metadata {
    /// What is in a directory. Names that begin with `~` are what pip leaves of what it could not remove.
    pub fn list(site: &Path) -> Vec<Self> {
        let names = site.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
        let names = names.filter(|name| !name.as_bytes().starts_with(b"~"));
        let mut found: Vec<Self> = names.filter_map(|name| Self::parse(name.to_str()?)).collect();
        found.sort_by(|one, other| one.owner.cmp(&other.owner));
        found
    }

    fn parse(file_name: &str) -> Option<Self> {
        let (stem, suffix) = file_name.rsplit_once('.')?;
        let kind = match suffix {
            "dist-info" => Kind::DistInfo,
            "egg-info" => Kind::EggInfo,
            "egg-link" => Kind::EggLink,
            _ => return None,
        };
        let (name, version) =
            if kind == Kind::EggLink { (stem, "") } else { stem.split_once('-').unwrap_or((stem, "")) };
        let version = if kind == Kind::EggInfo { version.split("-py").next().unwrap_or_default() } else { version };
        let owner = Owner { name: crate::python::package_name::normalize(name), version: version.to_owned() };
        Some(Self { file_name: file_name.to_owned(), kind, owner })
    }
}

/// What is not there at all, and what is there twice.
fn against_manifest(present: &[Metadata], manifest: &Manifest, site: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in manifest.installed() {
        let same: Vec<&Metadata> = present.iter().filter(|present| present.owner.name == it.name).collect();
        let owner = Owner { name: it.name.to_owned(), version: it.version.to_owned() };
        let Some(first) = same.first() else {
            findings.push(Finding { owner: Some(owner), path: site.to_owned(), problem: Problem::Gone });
            continue;
        };
        // An editable project of old has a link here and the metadata with its sources.
        let whole: Vec<_> = same.iter().filter(|it| it.kind == Kind::DistInfo).collect();
        if whole.len() > 1 {
            let other = whole.iter().find(|other| other.owner.version != it.version).unwrap_or(&whole[0]);
            let path = site.join(&other.file_name);
            findings.push(Finding { owner: Some(owner), path, problem: Problem::Twice });
            continue;
        }
        let record = site.join(&first.file_name).join("RECORD");
        let length = record.metadata().map_or(it.record_size, |meta| meta.len());
        if first.owner.version == it.version && length < it.record_size {
            findings.push(Finding { owner: Some(owner), path: record, problem: Problem::ShortRecord });
        }
    }
    findings
}

#[cfg(test)]
mod tests;
