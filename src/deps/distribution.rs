//! Installed distributions, read from their metadata directories without starting a tool.
//!
//! Sources: the `.dist-info` layout of PEP 376 and PEP 427, `direct_url.json` of PEP 610, and the `.egg-info` that older
//! versions of pip leave where no wheel could be built.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Result;
use crate::host::fs::read_optional;
use crate::host::redact::redact_but_ssh_user;
use crate::python::package_name::normalize;

/// A distribution in a site-packages directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// The name, normalised (PEP 503).
    pub name: String,
    /// The version as the metadata has it.
    pub version: String,
    /// The normalised names of what it requires, those of its extras apart, whatever other markers say.
    pub requires: Vec<String>,
    /// Where it came from, if not from an index.
    pub source: Option<DirectUrl>,
    /// The metadata directory.
    pub metadata_dir: PathBuf,
}

/// The origin that `direct_url.json` records (PEP 610).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DirectUrl {
    /// The URL without anything that identifies a commit or digest.
    pub url: String,
    /// Set for a directory.
    pub dir_info: Option<DirInfo>,
    /// Set for a version control system.
    pub vcs_info: Option<VcsInfo>,
    /// Set for an archive.
    pub archive_info: Option<serde_json::Value>,
}

impl DirectUrl {
    /// The URL without credentials. A user name of ssh is none, and the URL would not work without it.
    pub fn open_url(&self) -> String {
        redact_but_ssh_user(&self.url).replace(":****@", "@").replace("****@", "")
    }
}

/// A directory that a distribution was installed from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DirInfo {
    /// Whether it is linked rather than copied.
    #[serde(default)]
    pub editable: bool,
}

/// A commit that a distribution was installed from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct VcsInfo {
    /// The system: `git`, `hg`, `bzr`, `svn`.
    pub vcs: String,
    /// The commit that was installed.
    pub commit_id: String,
}

/// The distributions in some site-packages directories, sorted by name. What has no name or version is passed over: it
/// is the rest of an interrupted installation, which verification names.
pub fn installed(site_packages: &[PathBuf]) -> Result<Vec<Distribution>> {
    let mut found = Vec::new();
    for dir in site_packages {
        for entry in fs_err::read_dir(dir)? {
            let path = entry?.path();
            let metadata = match path.extension().and_then(OsStr::to_str) {
                Some("dist-info") => path.join("METADATA"),
                Some("egg-info") if path.is_dir() => path.join("PKG-INFO"),
                Some("egg-info") => path.clone(),
                _ => continue,
            };
            found.extend(read(&path, &metadata)?);
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn read(dir: &Path, metadata: &Path) -> Result<Option<Distribution>> {
    let Some(text) = read_optional(metadata)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&text);
    let (Some(name), Some(version)) = (header(&text, "Name").next(), header(&text, "Version").next()) else {
        return Ok(None);
    };
    let source = read_optional(&dir.join("direct_url.json"))?;
    Ok(Some(Distribution {
        name: normalize(name),
        version: version.to_owned(),
        requires: header(&text, "Requires-Dist").filter(|it| !is_of_extra(it)).map(required_name).collect(),
        source: source.and_then(|content| serde_json::from_slice(&content).ok()),
        metadata_dir: dir.to_owned(),
    }))
}

/// The values of one header field; the body begins at the first empty line.
pub(super) fn header<'a>(text: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().take_while(|line| !line.is_empty());
    let fields = lines.filter_map(|line| line.split_once(':'));
    fields.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// Whether a requirement belongs to an extra: its marker asks for one.
fn is_of_extra(requirement: &str) -> bool {
    requirement.split_once(';').is_some_and(|(_, marker)| marker.contains("extra"))
}

/// The name that a requirement begins with.
fn required_name(requirement: &str) -> String {
    let end = requirement.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    normalize(&requirement[..end.unwrap_or(requirement.len())])
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, write};

    use super::*;

    #[test]
    fn a_url_is_told_without_all_but_a_user_of_ssh() {
        for (url, open) in [
            ("ssh://git@host/r", "ssh://git@host/r"),
            ("ssh://git:pw@host/r", "ssh://git@host/r"),
            ("SSH://git:p'w@host/r", "SSH://git@host/r"),
            ("git+ssh://me:p@w@host/r", "git+ssh://me@host/r"),
            ("ssh://:pw@host/r", "ssh://host/r"),
            ("ssh://host/r?of=https://me:pw@host/", "ssh://host/r?of=https://host/"),
            ("https://me:pw@host/r", "https://host/r"),
            ("https://token@host/ssh://r", "https://host/ssh://r"),
            ("https://me:pw@host/ssh://me:pw@other/", "https://host/ssh://other/"),
            ("file:///x@y", "file:///x@y"),
        ] {
            let url = DirectUrl { url: url.to_owned(), dir_info: None, vcs_info: None, archive_info: None };
            assert_eq!(url.open_url(), open, "{url:?}");
        }
    }

    #[test]
    fn metadata_is_read_and_rubbish_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path();
        let good = site.join("Foo_Bar-1.0.dist-info");
        create_dir_all(&good).unwrap();
        let metadata = "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\nRequires-Dist: Setup.Tools (>=3)\nRequires-Dist: pip; extra == 'x'\n\nName: body\n";
        write(good.join("METADATA"), metadata).unwrap();
        write(good.join("direct_url.json"), r#"{"url":"file:///x","dir_info":{"editable":true}}"#).unwrap();
        create_dir_all(site.join("~oo-1.0.dist-info")).unwrap();
        create_dir_all(site.join("old-2.egg-info")).unwrap();
        write(site.join("old-2.egg-info/PKG-INFO"), "Name: old\nVersion: 2\n").unwrap();
        let found = installed(&[site.to_owned()]).unwrap();
        let names: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.version.as_str())).collect();
        assert_eq!(names, [("foo-bar", "1.0"), ("old", "2")]);
        assert_eq!(found[0].requires, ["setup-tools"]);
        assert_eq!(found[0].source.as_ref().and_then(|it| it.dir_info.as_ref()).map(|it| it.editable), Some(true));
    }
}
