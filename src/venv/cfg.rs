//! `pyvenv.cfg`: what a virtual environment says of itself (PEP 405).

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::error::Result;
use crate::host::fs::write_atomic;

/// The key with which `prime` marks what it made.
const MARK: &str = "prime";
/// The key with which it marks the environment of a connector, which belongs to no repository.
const MARK_OF_CONNECTOR: &str = "prime-connector";

/// The keys and values of a `pyvenv.cfg`, keys in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VenvConfig {
    entries: Vec<(String, String)>,
}

impl VenvConfig {
    /// Reads the text as CPython's `site` does: `key = value` lines; all else is ignored.
    pub fn parse(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        let entries = pairs.map(|(key, value)| (key.trim().to_lowercase(), value.trim().to_owned()));
        Self { entries: entries.collect() }
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The interpreter's version: `version` as `venv` writes it, `version_info` as uv and virtualenv do.
    pub fn version(&self) -> Option<&str> {
        self.value("version").or_else(|| self.value("version_info"))
    }

    /// Whether `prime` made the environment, for a repository.
    pub fn is_ours(&self) -> bool {
        self.value(MARK).is_some()
    }

    /// Whether `prime` made the environment, for a connector.
    pub fn is_of_connector(&self) -> bool {
        self.value(MARK_OF_CONNECTOR).is_some()
    }
}

/// Marks an environment as one that `prime` made. Interpreters and tools ignore a key that they do not know.
pub fn mark(path: &Path) -> Result<()> {
    mark_as(MARK, path)
}

/// Marks an environment as one that `prime` made for a connector.
pub fn mark_of_connector(path: &Path) -> Result<()> {
    mark_as(MARK_OF_CONNECTOR, path)
}

fn mark_as(key: &str, path: &Path) -> Result<()> {
    let mut text = fs_err::read_to_string(path).context("the environment that was made has no configuration")?;
    if VenvConfig::parse(&text).value(key).is_none() {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        writeln!(text, "{key} = {}", env!("CARGO_PKG_VERSION"))?;
        write_atomic(path, text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_the_version_are_read() {
        assert_eq!(VenvConfig::parse("home = /x\nVersion = 3.12.1\n").version(), Some("3.12.1"));
        assert_eq!(VenvConfig::parse("version_info=3.11.7.final.0").version(), Some("3.11.7.final.0"));
        assert_eq!(VenvConfig::parse("nothing").version(), None);
    }

    #[test]
    fn marking_twice_marks_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pyvenv.cfg");
        std::fs::write(&path, "home = /x").unwrap();
        mark(&path).unwrap();
        let once = std::fs::read_to_string(&path).unwrap();
        mark(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), once);
        assert!(VenvConfig::parse(&once).is_ours());
        assert_eq!(VenvConfig::parse(&once).value("home"), Some("/x"));
    }
}
