//! A wheel, read whole and proven before anything of it is written.
//!
//! It may have been made to do harm, so it is refused whole ([`Kind::Data`](crate::error::Kind::Data)) for anything that
//! pip's and setuptools' wheels have no use for. Beyond what [`Archive`] looks at: names that differ only by case (on a
//! file system that does not tell, one would take the place of the other after its digest was proven), names that are
//! also directories, directories other than the packages' own (`.data`), compiled files (one could stand for a source
//! that is harmless), and every difference between the members and `RECORD`.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::entry_points::{self, EntryPoint};
use super::script;
use crate::error::Result;
use crate::fetch::wheel::record::Record;
use crate::fetch::wheel::{Archive, Member, WheelName, refused};
use crate::host::threads;
use crate::python::package_name::normalize;

/// More than any version of pip or setuptools has: bytes in a member, in all of them, and members.
const MEMBER_LIMIT: u64 = 16 << 20;
const TOTAL_LIMIT: usize = 96 << 20;
const COUNT_LIMIT: usize = 8192;

/// What is known of a wheel without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Description {
    /// The version, as the wheel writes it.
    pub version: String,
    /// The name of the directory with the metadata: `pip-24.2.dist-info`.
    pub dist_info: String,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
    /// The programs.
    pub entry_points: Vec<EntryPoint>,
    /// How this pip writes scripts; other projects do not say.
    pub template: Option<String>,
    /// The files, `RECORD` left out.
    pub files: Vec<File>,
}

/// A file of a wheel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    /// Where it is, seen from `site-packages`.
    pub path: String,
    /// What `RECORD` says: nothing for a signature.
    pub digest: String,
    /// What `RECORD` says.
    pub recorded_size: Option<u64>,
    /// How large it is.
    pub size: u64,
    /// Whether somebody may execute it.
    pub executable: bool,
}

/// A wheel that was proven.
#[derive(Debug)]
pub(super) struct Wheel {
    /// What is known of it.
    pub description: Description,
    /// The content of the files, in the same order.
    pub contents: Vec<Vec<u8>>,
}

impl Description {
    /// The path of a file of the metadata.
    pub fn metadata(&self, file: &str) -> String {
        format!("{}/{file}", self.dist_info)
    }
}

impl Wheel {
    /// Reads and proves the wheel of this file name. `shown` is what messages call it.
    pub fn read(shown: &str, name: &WheelName, content: &[u8]) -> Result<Self> {
        let refused = |fact: &str| refused(shown, fact);
        let mut archive = Archive::open(shown, Cursor::new(content))?;
        let names = check_names(archive.names()).map_err(|fact| refused(&fact))?;
        let dist_info = dist_info(&names, name).map_err(|fact| refused(&fact))?;
        let record = archive.text(&format!("{dist_info}/RECORD"), MEMBER_LIMIT)?;
        let recorded = recorded(&record).map_err(|fact| refused(&fact))?;
        let total = AtomicUsize::new(0);
        let expected = Expected { shown, dist_info: &dist_info, recorded: &recorded, total };
        let (files, contents) = take(&archive, &names, &expected)?;
        let missing = recorded.keys().find(|path| !names.iter().any(|name| name == *path));
        if let Some(path) = missing {
            return Err(refused(&format!("its `RECORD` lists `{}`, which it has not", path.escape_debug())).into());
        }
        let text = |path: &str| {
            let at = files.iter().position(|file| file.path == path)?;
            std::str::from_utf8(&contents[at]).ok()
        };
        let metadata = |file: &str| text(&format!("{dist_info}/{file}"));
        check_form(metadata("WHEEL")).map_err(|fact| refused(&fact))?;
        let described = metadata("METADATA").unwrap_or_default();
        check_identity(described, name).map_err(|fact| refused(&fact))?;
        let entry_points = metadata("entry_points.txt").map(entry_points::parse).transpose();
        let description = Description {
            version: name.version.to_string(),
            requires_python: header(described, "Requires-Python").map(str::to_owned),
            entry_points: entry_points.map_err(|fact| refused(&fact))?.unwrap_or_default(),
            template: (name.project == "pip").then(|| script::template(text(script::IN_PIP), text(script::IN_DISTLIB))),
            dist_info,
            files,
        };
        Ok(Self { description, contents })
    }
}

/// The names of the files.
fn check_names(names: Vec<String>) -> Result<Vec<String>, String> {
    if names.len() > COUNT_LIMIT {
        return Err(format!("it has more than {COUNT_LIMIT} members"));
    }
    let (dirs, files): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| name.ends_with('/'));
    let mut taken = HashSet::new();
    let mut parents = HashSet::new();
    for name in files.iter().chain(&dirs) {
        let shown = name.escape_debug();
        let path = name.strip_suffix('/').unwrap_or(name);
        let odd =
            |part: &str| part.is_empty() || part == "." || part.chars().any(|c| c.is_control() || c == '\u{fffd}');
        if path.split('/').any(odd) {
            return Err(format!("its member `{shown}` has no plain name"));
        }
        let compiled = path.split('/').any(|part| part.eq_ignore_ascii_case("__pycache__"));
        let lower = path.to_lowercase();
        if compiled || lower.rsplit_once('.').is_some_and(|(_, end)| ["pyc", "pyo"].contains(&end)) {
            return Err(format!("its member `{shown}` is a compiled file"));
        }
        if lower.split('/').next().is_some_and(|first| first.rsplit_once('.').is_some_and(|(_, end)| end == "data")) {
            return Err(format!("its member `{shown}` belongs elsewhere than beside the packages"));
        }
        let parent_ends = lower.match_indices('/').map(|(at, _)| lower[..at].to_owned());
        parents.extend(parent_ends);
        if !name.ends_with('/') && !taken.insert(lower) {
            return Err(format!("its member `{shown}` differs from another one only by case"));
        }
    }
    parents.extend(dirs.iter().map(|dir| dir.trim_end_matches('/').to_lowercase()));
    match taken.iter().find(|name| parents.contains(*name)) {
        Some(name) => Err(format!("its member `{}` is a file and a directory", name.escape_debug())),
        None => Ok(files),
    }
}

/// The one directory of metadata, which must be the one that the wheel's name says.
fn dist_info(names: &[String], expected: &WheelName) -> Result<String, String> {
    let first = |name: &String| name.split_once('/').map(|(first, _)| first.to_owned());
    let is_metadata = |first: &String| first.to_lowercase().strip_suffix(".dist-info").is_some();
    let found: HashSet<String> = names.iter().filter_map(first).filter(is_metadata).collect();
    let mut found = found.into_iter();
    let (Some(dir), None) = (found.next(), found.next()) else {
        return Err("it has not one directory of metadata".to_owned());
    };
    let wanted = WheelName::parse(&format!("{}-py3-none-any.whl", dir.strip_suffix(".dist-info").unwrap_or_default()));
    let same = wanted.is_some_and(|it| it.project == expected.project && it.version == expected.version);
    if same { Ok(dir) } else { Err(format!("its metadata is in `{}`", dir.escape_debug())) }
}

/// What `RECORD` lists.
fn recorded(record: &str) -> Result<HashMap<String, (String, Option<u64>)>, String> {
    let mut found = HashMap::new();
    for entry in Record::new(record.as_bytes()) {
        let entry = entry.map_err(|line| format!("line {} of its `RECORD` is none", line.0))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let path = text(&entry.path);
        if let Some((path, _)) = found.insert(path.clone(), (text(entry.digest), entry.size)).map(|it| (path, it)) {
            return Err(format!("its `RECORD` lists `{}` twice", path.escape_debug()));
        }
    }
    Ok(found)
}

/// `RECORD` and its signatures, which it need not list.
fn is_unlisted(path: &str, dist_info: &str) -> bool {
    let name = path.strip_prefix(dist_info).and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| ["RECORD", "RECORD.jws", "RECORD.p7s"].contains(&name))
}

type Taken = (Vec<File>, Vec<Vec<u8>>);

/// What the files are held against.
struct Expected<'a> {
    shown: &'a str,
    dist_info: &'a str,
    recorded: &'a HashMap<String, (String, Option<u64>)>,
    /// The bytes that were taken out, by all that take some.
    total: AtomicUsize,
}

/// Takes all files out, each held against `RECORD`, several at a time.
fn take(archive: &Archive<Cursor<&[u8]>>, names: &[String], expected: &Expected<'_>) -> Result<Taken> {
    let shares = threads::share(names, &|names| expected.take(archive.clone(), names))?;
    Ok(shares.into_iter().flatten().unzip())
}

impl Expected<'_> {
    fn take(&self, mut archive: Archive<Cursor<&[u8]>>, names: &[String]) -> Result<Vec<(File, Vec<u8>)>> {
        let record = format!("{}/RECORD", self.dist_info);
        let mut taken = Vec::with_capacity(names.len());
        for path in names.iter().filter(|path| **path != record) {
            let member = archive.take(path, MEMBER_LIMIT)?;
            let before = self.total.fetch_add(member.content.len(), Ordering::Relaxed);
            if before + member.content.len() > TOTAL_LIMIT {
                return Err(refused(self.shown, &format!("it unpacks to more than {TOTAL_LIMIT} bytes")).into());
            }
            let file = self.compare(path, &member).map_err(|fact| refused(self.shown, &fact))?;
            taken.push((file, member.content));
        }
        Ok(taken)
    }

    fn compare(&self, path: &str, member: &Member) -> Result<File, String> {
        let size = member.content.len() as u64;
        let shown = path.escape_debug();
        let (digest, recorded_size) = match self.recorded.get(path) {
            _ if is_unlisted(path, self.dist_info) => (String::new(), None),
            Some((digest, _)) if *digest != member.digest => {
                return Err(format!("its member `{shown}` is not what its `RECORD` says"));
            }
            Some((_, Some(recorded))) if *recorded != size => {
                return Err(format!("its member `{shown}` has not the size that its `RECORD` says"));
            }
            Some(row) => row.clone(),
            None => return Err(format!("its `RECORD` does not list its member `{shown}`")),
        };
        Ok(File { path: path.to_owned(), digest, recorded_size, size, executable: member.executable })
    }
}

/// `WHEEL`: a form that is known, of pure Python.
fn check_form(text: Option<&str>) -> Result<(), String> {
    let text = text.ok_or("it has no `WHEEL`")?;
    let version = header(text, "Wheel-Version").ok_or("its `WHEEL` has no `Wheel-Version`")?;
    if version.split('.').next() != Some("1") {
        return Err(format!("its `Wheel-Version` is {}, and 1 is known", version.escape_debug()));
    }
    let pure = header(text, "Root-Is-Purelib").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    if pure { Ok(()) } else { Err("it is not pure Python".to_owned()) }
}

/// `METADATA`: the project and the version of the wheel's name.
fn check_identity(text: &str, expected: &WheelName) -> Result<(), String> {
    let name = header(text, "Name").map(normalize);
    let version = header(text, "Version").and_then(|it| it.parse().ok());
    let same = name.as_ref() == Some(&expected.project) && version.as_ref() == Some(&expected.version);
    if same { Ok(()) } else { Err("its `METADATA` is not that of its name".to_owned()) }
}

/// A line before the first empty one.
fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let lines = text.lines().take_while(|line| !line.is_empty());
    lines.filter_map(|line| line.split_once(':')).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|it| it.1.trim())
}
