//! One distribution in a `.dist-info` directory, held against its `RECORD`.

use std::path::PathBuf;
use std::str::FromStr as _;

use memchr::memmem;
use pep440_rs::Version;

use super::super::distribution::header;
use super::{Depth, Finding, Metadata, Owner, Problem, Site, links, scripts};
use crate::fetch::wheel::record::{Entry, Record};
use crate::python::package_name::normalize;

/// The header fields that count stand at the top of a file that may be long.
const HEAD_OF_METADATA: u64 = 4096;
/// The lines that name the interpreter, however long its path.
const HEAD_OF_SCRIPT: u64 = 8192;
/// More than any file that is read whole has.
const WHOLE: u64 = 64 << 20;

/// The checks, with what they have found.
pub struct Check<'a> {
    site: &'a Site,
    pub findings: Vec<Finding>,
    record: Vec<u8>,
    buffer: Vec<u8>,
}

/// What a `RECORD` says there is to be looked at more closely.
#[derive(Default)]
struct Listed {
    metadata: bool,
    direct_url: bool,
    entry_points: bool,
    /// Names in the directory of programs.
    programs: Vec<Vec<u8>>,
    /// Files beside the metadata that Python reads at its start.
    links: Vec<Vec<u8>>,
}

impl<'a> Check<'a> {
    pub fn new(site: &'a Site) -> Self {
        Self { site, findings: Vec::new(), record: Vec::new(), buffer: Vec::new() }
    }

    /// Checks one distribution.
    pub fn run(&mut self, metadata: &Metadata) {
        let inside = |name: &str| format!("{}/{name}", metadata.file_name).into_bytes();
        let path = inside("RECORD");
        let mut record = std::mem::take(&mut self.record);
        let read = self.site.dir.file(&path).and_then(|_| self.site.dir.read(&path, WHOLE, &mut record));
        match read {
            Ok(()) => {
                let listed = self.files(metadata, &record);
                if !listed.metadata {
                    self.add(metadata, self.site.dir.join(&path), Problem::ShortRecord);
                }
                self.entry_points(metadata, &listed, &inside("entry_points.txt"));
                self.links(metadata, &listed, &inside("direct_url.json"));
            }
            Err(problem) => self.add(metadata, self.site.dir.join(&path), problem),
        }
        self.record = record;
        self.metadata(metadata, &inside("METADATA"));
    }

    fn add(&mut self, metadata: &Metadata, path: PathBuf, problem: Problem) {
        self.findings.push(Finding { owner: Some(metadata.owner.clone()), path, problem });
    }

    fn files(&mut self, metadata: &Metadata, record: &[u8]) -> Listed {
        let mut listed = Listed::default();
        let own = metadata.file_name.as_bytes();
        for entry in Record::new(record) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(bad) => {
                    let path = self.site.dir.join(&[own, b"/RECORD"].concat());
                    self.add(metadata, path, Problem::BadRecord { line: bad.0 });
                    break;
                }
            };
            if is_compiled(&entry.path) {
                continue;
            }
            if let Err(problem) = self.file(&entry) {
                let path =
                    self.site.dir.join(if matches!(problem, Problem::Outside { .. }) { own } else { &entry.path });
                self.add(metadata, path, problem);
            }
            self.note(&entry.path, own, &mut listed);
        }
        listed
    }

    fn file(&mut self, entry: &Entry<'_>) -> Result<(), Problem> {
        let site = self.site;
        let path: &[u8] = &entry.path;
        if leads_out(path, site.levels) {
            return Err(Problem::Outside { path: String::from_utf8_lossy(path).into_owned() });
        }
        let stat = site.dir.file(path)?;
        let found = u64::try_from(stat.st_size).unwrap_or_default();
        if let Some(recorded) = entry.size.filter(|recorded| *recorded != found) {
            return Err(Problem::Size { recorded, found });
        }
        if site.depth == Depth::Hash && !entry.digest.is_empty() && !site.dir.has_digest(path, entry.digest)? {
            return Err(Problem::Content);
        }
        if stat.st_mode & 0o111 == 0 && path.starts_with(&site.to_bin) && self.is_program(path)? {
            return Err(Problem::NotExecutable);
        }
        Ok(())
    }

    /// Whether a file can be executed but for its mode.
    fn is_program(&mut self, path: &[u8]) -> Result<bool, Problem> {
        self.site.dir.read(path, 4, &mut self.buffer)?;
        Ok(self.buffer.starts_with(b"#!") || self.buffer == b"\x7fELF")
    }

    fn note(&self, path: &[u8], own: &[u8], listed: &mut Listed) {
        if let Some(program) = path.strip_prefix(self.site.to_bin.as_slice()) {
            listed.programs.push(program.to_owned());
        } else if let Some(name) = path.strip_prefix(own).and_then(|rest| rest.strip_prefix(b"/")) {
            match name {
                b"METADATA" => listed.metadata = true,
                b"direct_url.json" => listed.direct_url = true,
                b"entry_points.txt" => listed.entry_points = true,
                _ => {}
            }
        } else if path.ends_with(b".pth") || path.starts_with(b"__editable__") {
            listed.links.push(path.to_owned());
        }
    }

    /// The scripts that an installer wrote. Not all that are named are written (pip renames its own), so the `RECORD` tells
    /// which are.
    fn entry_points(&mut self, metadata: &Metadata, listed: &Listed, path: &[u8]) {
        let site = self.site;
        if !listed.entry_points || listed.programs.is_empty() || site.dir.read(path, WHOLE, &mut self.buffer).is_err() {
            return;
        }
        let entry_points = String::from_utf8_lossy(&self.buffer).into_owned();
        for name in scripts::names(&entry_points).filter(|name| listed.programs.iter().any(|it| it == name.as_bytes()))
        {
            let path = [site.to_bin.as_slice(), name.as_bytes()].concat();
            if site.dir.file(&path).is_err() {
                continue;
            }
            match site.dir.read(&path, HEAD_OF_SCRIPT, &mut self.buffer) {
                Ok(()) if scripts::is_run_from(&site.bin, &self.buffer) => {}
                Ok(()) => self.add(metadata, site.dir.join(&path), Problem::Shebang),
                Err(problem) => self.add(metadata, site.dir.join(&path), problem),
            }
        }
    }

    fn links(&mut self, metadata: &Metadata, listed: &Listed, direct_url: &[u8]) {
        let site = self.site;
        if listed.direct_url && site.dir.read(direct_url, WHOLE, &mut self.buffer).is_ok() {
            let problem = match links::editable_dir(&self.buffer) {
                Err(_) => Some(Problem::BadMetadata),
                Ok(dir) => dir.filter(|dir| !dir.is_dir()).map(|target| Problem::DeadLink { target }),
            };
            if let Some(problem) = problem {
                self.add(metadata, site.dir.join(direct_url), problem);
            }
        }
        for path in &listed.links {
            if site.dir.file(path).is_err() || site.dir.read(path, WHOLE, &mut self.buffer).is_err() {
                continue;
            }
            let file = site.dir.join(path);
            let dead = if path.ends_with(b".pth") {
                links::dead_paths(file.parent().unwrap_or(&site.path), &self.buffer)
            } else {
                links::dead_mappings(&String::from_utf8_lossy(&self.buffer))
            };
            if let Some(target) = dead.into_iter().next() {
                self.add(metadata, file, Problem::DeadLink { target });
            }
        }
    }

    fn metadata(&mut self, metadata: &Metadata, path: &[u8]) {
        let dir = &self.site.dir;
        let head = dir.file(path).and_then(|_| dir.read(path, HEAD_OF_METADATA, &mut self.buffer));
        let told = head.and_then(|()| {
            let told = tells(&self.buffer, &metadata.owner);
            if !told {
                dir.read(path, WHOLE, &mut self.buffer)?;
            }
            Ok(told || tells(&self.buffer, &metadata.owner))
        });
        match told {
            Ok(true) => {}
            Ok(false) => self.add(metadata, dir.join(path), Problem::BadMetadata),
            Err(problem) => self.add(metadata, dir.join(path), problem),
        }
    }
}

/// What Python writes by itself, and may write anew.
fn is_compiled(path: &[u8]) -> bool {
    path.ends_with(b".pyc") || path.ends_with(b".pyo")
}

/// Whether a path, seen from so many levels below the environment's directory, leads out of that.
fn leads_out(path: &[u8], levels: usize) -> bool {
    if path.starts_with(b"/") {
        return true;
    }
    if !path.starts_with(b"..") && memmem::find(path, b"/../").is_none() {
        return false;
    }
    let mut level = levels;
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if level == 0 => return true,
            b".." => level -= 1,
            _ => level += 1,
        }
    }
    false
}

/// Whether metadata has the name and version of its directory.
fn tells(content: &[u8], owner: &Owner) -> bool {
    let text = String::from_utf8_lossy(content);
    let (name, version) = (header(&text, "Name").next(), header(&text, "Version").next());
    name.is_some_and(|name| normalize(name) == owner.name)
        && version.is_some_and(|it| is_same_version(it, &owner.version))
}

/// The name of a directory may have a version in another spelling, and `_` for what a file's name cannot have.
pub fn is_same_version(one: &str, other: &str) -> bool {
    let parse = |text: &str| Version::from_str(&text.replace('_', "-")).ok();
    one == other || one.replace('-', "_") == other || parse(one).is_some_and(|it| Some(it) == parse(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_out_where_it_goes_above_the_environment() {
        for (path, expected) in [
            ("a/b", false),
            ("../../../bin/x", false),
            ("../../../../x", true),
            ("a/../../../../b", false),
            ("a/../../../../../b", true),
            ("../../../bin/../../x", true),
            ("..a/b", false),
            ("/etc/x", true),
        ] {
            assert_eq!(leads_out(path.as_bytes(), 3), expected, "{path}");
        }
    }

    #[test]
    fn a_version_has_several_spellings() {
        for (one, other, expected) in [
            ("1.0", "1.0", true),
            ("1.0", "1.0.0", true),
            ("1.0-alpha.1", "1.0_alpha.1", true),
            ("1.0+local-1", "1.0+local_1", true),
            ("odd version", "odd version", true),
            ("1.0", "1.1", false),
            ("", "1.0", false),
        ] {
            assert_eq!(is_same_version(one, other), expected, "{one} {other}");
        }
    }
}
