//! What pip installed from where: its installation report.
//!
//! Source: pip's "Installation Report" reference. Its form is stable from pip 23.0 on.

use std::fs::File;
use std::path::Path;
use std::str::FromStr as _;

use anyhow::Context as _;
use pep440_rs::Version;
use serde::Deserialize;

use super::Venv;
use crate::error::{Fault, Kind, Result};
use crate::python::package_name::normalize;

/// The first pip whose report has a stable form.
const FIRST: [u64; 2] = [23, 0];
/// The form that is understood.
const FORMAT: &str = "1";

/// A distribution that an index gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its name, normalised.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The address of the file, with its digest (`#sha256=…`) and without credentials.
    pub url: String,
}

/// A distribution that pip would install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its name, normalised.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The address of the file, of the repository or of the directory.
    pub url: String,
    /// The file's SHA-256; `None` for what is no file.
    pub sha256: Option<String>,
    /// Whether it was asked for by its address.
    pub is_direct: bool,
}

#[derive(Deserialize)]
struct Report {
    version: String,
    install: Vec<Installed>,
}

#[derive(Deserialize)]
struct Installed {
    metadata: Metadata,
    is_direct: bool,
    download_info: DownloadInfo,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct DownloadInfo {
    url: String,
    archive_info: Option<ArchiveInfo>,
}

#[derive(Deserialize)]
struct ArchiveInfo {
    hashes: Option<Hashes>,
}

#[derive(Deserialize)]
struct Hashes {
    sha256: Option<String>,
}

/// Whether the environment's pip can report.
pub(super) fn is_known_to(venv: &Venv) -> bool {
    let version = venv.version_of("pip").and_then(|text| Version::from_str(&text).ok());
    version.is_some_and(|version| version >= Version::new(FIRST))
}

/// What a report tells of distributions from an index; nothing where it is none, since nobody depends on it.
pub(super) fn read(path: &Path) -> Vec<Fetched> {
    let report: Option<Report> = File::open(path).ok().and_then(|file| serde_json::from_reader(file).ok());
    let installed = report.filter(|report| report.version == FORMAT).map(|report| report.install);
    installed.into_iter().flatten().filter_map(Installed::fetched).collect()
}

/// All that pip would install. Fails where the report is none that is understood.
pub(super) fn resolved(path: &Path) -> Result<Vec<Resolved>> {
    let report: Report = serde_json::from_reader(File::open(path)?).context("pip's report is not understood")?;
    let not_understood = || Fault::new(Kind::Unavailable, format!("pip's report has format {}", report.version));
    if report.version != FORMAT {
        return Err(not_understood().into());
    }
    Ok(report.install.into_iter().map(Installed::resolved).collect())
}

impl Installed {
    fn resolved(self) -> Resolved {
        let DownloadInfo { url, archive_info } = self.download_info;
        let sha256 = archive_info.and_then(|archive| archive.hashes?.sha256);
        let Metadata { name, version } = self.metadata;
        Resolved { name: normalize(&name), version, url, sha256, is_direct: self.is_direct }
    }

    fn fetched(self) -> Option<Fetched> {
        let sha256 = self.download_info.archive_info?.hashes?.sha256?;
        let url = format!("{}#sha256={sha256}", self.download_info.url);
        let Metadata { name, version } = self.metadata;
        (!self.is_direct).then(|| Fetched { name: normalize(&name), version, url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_index_gave_is_read_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        let item = |name: &str, is_direct: bool, info: &str| {
            format!(
                r#"{{"metadata":{{"name":"{name}","version":"1.0","summary":null}},"is_direct":{is_direct},
                    "is_yanked":false,"requested":true,"download_info":{{"url":"https://h/{name}",{info}}}}}"#
            )
        };
        let archive = r#""archive_info":{"hash":"sha256=ab","hashes":{"sha256":"ab"}}"#;
        let items = [
            item("One_Thing", false, archive),
            item("direct", true, archive),
            item("unhashed", false, r#""archive_info":{}"#),
            item("project", true, r#""dir_info":{"editable":true}"#),
        ];
        let report = |version: &str| {
            let text = format!(r#"{{"version":"{version}","pip_version":"24.2","install":[{}]}}"#, items.join(","));
            std::fs::write(&path, text).unwrap();
            read(&path)
        };
        let url = "https://h/One_Thing#sha256=ab".to_owned();
        assert_eq!(report("1"), [Fetched { name: "one-thing".into(), version: "1.0".into(), url }]);
        assert_eq!(report("2"), []);
        std::fs::write(&path, "no report").unwrap();
        assert_eq!(read(&path), []);
        assert_eq!(read(&dir.path().join("absent")), []);
    }
}
