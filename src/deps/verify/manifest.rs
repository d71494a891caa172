//! What was installed when the environment was called ready: without it nobody could tell that a whole distribution is
//! gone, or that a `RECORD` has lost its last lines.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::super::distribution::{DirectUrl, Distribution};

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
    /// Where it came from, if not from an index.
    pub origin: Option<Origin<'a>>,
}

/// Where a distribution came from that is not an index's, as an installer takes it (PEP 610).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A directory that is linked, by its URL.
    Editable(&'a str),
    /// Any other URL.
    Url(&'a str),
}

impl<'a> Origin<'a> {
    fn parse(text: &'a str) -> Self {
        text.strip_prefix(EDITABLE).map_or(Self::Url(text), Self::Editable)
    }

    /// The URL.
    pub fn url(self) -> &'a str {
        match self {
            Self::Editable(url) | Self::Url(url) => url,
        }
    }
}

/// What a linked directory is told by; no URL has a space.
const EDITABLE: &str = "editable ";

fn origin(source: &DirectUrl) -> String {
    let is_editable = source.dir_info.as_ref().is_some_and(|dir| dir.editable);
    // A password would be kept in the state directory, and does not belong there.
    let url = source.open_url();
    match &source.vcs_info {
        Some(info) => format!("{}+{url}@{}", info.vcs, info.commit_id),
        None if is_editable => format!("{EDITABLE}{url}"),
        None => url,
    }
}

impl Manifest {
    /// The manifest of what is installed.
    pub fn new(installed: &[Distribution]) -> Self {
        let mut text = String::new();
        for it in installed {
            let record = it.metadata_dir.join("RECORD").metadata().map_or(0, |meta| meta.len());
            let origin = it.source.as_ref().map(origin).unwrap_or_default();
            // Writing into a text cannot fail.
            let _ = writeln!(text, "{}\t{}\t{record}\t{origin}", it.name, it.version);
        }
        Self { text }
    }

    /// The distributions, sorted by name. What cannot be read is passed over.
    pub fn installed(&self) -> impl Iterator<Item = Installed<'_>> {
        self.text.lines().filter_map(|line| {
            let mut fields = line.splitn(4, '\t');
            let (name, version) = (fields.next()?, fields.next()?);
            let record_size = fields.next()?.parse().ok()?;
            let origin = fields.next().filter(|text| !text.is_empty()).map(Origin::parse);
            Some(Installed { name, version, record_size, origin })
        })
    }

    /// This manifest, and of another one what this lacks.
    pub fn and_missing_of(&self, other: &Self) -> Self {
        let missing = other.text.lines().filter(|line| {
            let name = line.split('\t').next().unwrap_or_default();
            self.find(name).is_none()
        });
        let text = missing.fold(self.text.clone(), |text, line| text + line + "\n");
        Self { text }
    }

    /// The distribution of this name.
    pub fn find(&self, name: &str) -> Option<Installed<'_>> {
        self.installed().find(|it| it.name == name)
    }
}
