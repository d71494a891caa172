//! What was installed when the environment was called ready: without it nobody could tell that a whole distribution is
//! gone, or that a `RECORD` has lost its last lines.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::super::distribution::Distribution;

/// The distributions, as one text: each run reads it and only the proof takes it apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest {
    text: String,
}

/// One distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Installed<'a> {
    /// The name, normalised.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// How long its `RECORD` was; 0 where it had none.
    pub record_size: u64,
    /// The URL that it came from, if not from an index.
    pub url: Option<&'a str>,
}

impl Manifest {
    /// The manifest of what is installed.
    pub fn new(installed: &[Distribution]) -> Self {
        let mut text = String::new();
        for it in installed {
            let record = it.metadata_dir.join("RECORD").metadata().map_or(0, |meta| meta.len());
            let url = it.source.as_ref().map(|source| source.url.as_str()).unwrap_or_default();
            // Writing into a text cannot fail.
            let _ = writeln!(text, "{}\t{}\t{record}\t{url}", it.name, it.version);
        }
        Self { text }
    }

    /// The distributions, sorted by name. What cannot be read is passed over.
    pub fn installed(&self) -> impl Iterator<Item = Installed<'_>> {
        self.text.lines().filter_map(|line| {
            let mut fields = line.splitn(4, '\t');
            let (name, version) = (fields.next()?, fields.next()?);
            let record_size = fields.next()?.parse().ok()?;
            let url = fields.next().filter(|url| !url.is_empty());
            Some(Installed { name, version, record_size, url })
        })
    }

    /// The distribution of this name.
    pub fn find(&self, name: &str) -> Option<Installed<'_>> {
        self.installed().find(|it| it.name == name)
    }
}
