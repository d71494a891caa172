//! Where the distributions of an environment came from, as far as the tool tells.
//!
//! pip finds in its cache what it knows the address of, and it learns addresses from the index alone. So that a repair
//! without the network can name them, they are kept, in a file of their own: a ready run has no use for it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::host::fs;
use crate::venv::Fetched;

/// Changed whenever an older `prime` could misread the file.
const FORMAT: u32 = 1;

/// The addresses of files, by the normalised names of distributions.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    format: u32,
    files: BTreeMap<String, Source>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Source {
    version: String,
    url: String,
}

impl Sources {
    /// Reads the file; one that is missing, damaged, of another format or somebody else's tells of nothing.
    pub fn load(path: &Path) -> Self {
        let content = fs::read_trusted(path, None);
        let sources = content.and_then(|content| serde_json::from_slice(&content).ok());
        sources.filter(|sources: &Self| sources.format == FORMAT).unwrap_or_default()
    }

    /// Keeps what was installed just now.
    pub fn keep(path: &Path, fetched: Vec<Fetched>) -> Result<()> {
        if fetched.is_empty() {
            return Ok(());
        }
        let mut sources = Self { format: FORMAT, ..Self::load(path) };
        sources.files.extend(fetched.into_iter().map(|it| (it.name, Source { version: it.version, url: it.url })));
        fs::write_if_changed(path, &serde_json::to_vec(&sources)?).map(drop)
    }

    /// The address of a distribution's file, with its digest.
    pub fn url(&self, name: &str, version: &str) -> Option<&str> {
        self.files.get(name).filter(|source| source.version == version).map(|source| source.url.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_last_counts_and_only_for_its_version() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sources.json");
        let keep = |name: &str, version: &str| {
            let url = format!("https://h/{name}-{version}");
            Sources::keep(&path, vec![Fetched { name: name.into(), version: version.into(), url }]).unwrap();
        };
        keep("a", "1");
        keep("b", "1");
        keep("a", "2");
        Sources::keep(&path, Vec::new()).unwrap();
        let sources = Sources::load(&path);
        assert_eq!(sources.url("a", "2"), Some("https://h/a-2"));
        assert_eq!((sources.url("a", "1"), sources.url("c", "1")), (None, None));
        assert_eq!(sources.url("b", "1"), Some("https://h/b-1"));
        for text in ["", "{}", r#"{"format":2,"files":{"b":{"version":"1","url":"u"}}}"#] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Sources::load(&path), Sources::default(), "{text}");
        }
    }
}
