//! The tables of `connectors`: the options of `prime connector`, by their names, for one connector each.
//!
//! [`CONNECTOR_FIELDS`] says which there are; what is said of one is kept by its name, because all that is done with most of
//! them is to hand them on. What the values mean is not known here, but for two things: which texts are paths, and which
//! fields exclude each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Field, FieldKind, ItemSpec, item};
use crate::config::leap::{Leap, Origin, Setting};
use crate::host::fs::normalize;

mod places;

/// The fields of a table in `connectors`.
pub const CONNECTOR_FIELDS: [ItemSpec; 25] = [
    item("ensure", FieldKind::Boolean, "whether a boot makes sure that it can be run"),
    item("version", FieldKind::Text, "the version; `latest` is the newest that the registry has"),
    item("pip_url", FieldKind::Text, "what is installed in place of its package: requirements as pip takes them"),
    item("with", FieldKind::List(&FieldKind::Text), "further requirements for its environment"),
    item("constraints", FieldKind::AnyPath, "a constraints file for its environment"),
    item("use_python", FieldKind::Switch, "the python: `true`, a path, a command or a version; `false` is Docker"),
    item("install_root", FieldKind::AnyPath, "the directory of its environment; the ref root unless told"),
    item("no_install", FieldKind::Boolean, "whether to fail rather than install what is missing"),
    item("no_fix", FieldKind::Boolean, "whether to fail rather than change what is not as it should be"),
    item("recheck", FieldKind::Boolean, "whether its version is looked up in the environment each time"),
    item("local_executable", FieldKind::Switch, "a program: `true` (of its name), a name on `PATH` or a path"),
    item("docker_image", FieldKind::Switch, "an image: `true` (of its name), or its name"),
    item("use_host_network", FieldKind::Boolean, "whether its container uses this machine's network"),
    item("source_manifest", FieldKind::Switch, "a declarative manifest: `true` (the registry's), a path or a URL"),
    item("no_executor", FieldKind::Boolean, "whether nothing is run: only `spec` works"),
    item("registry", FieldKind::Switch, "the registry of connectors: a path, a URL, or `false`"),
    item("config", FieldKind::PathOrTable, "its configuration: a file, or a table"),
    item("streams", FieldKind::TextOrList, "the streams to read; `*` is all"),
    item("catalog", FieldKind::AnyPath, "the configured catalog, instead of one of what it discovers"),
    item("state", FieldKind::AnyPath, "the state to go on from"),
    item("state_out", FieldKind::AnyPath, "where the state is written"),
    item("full_refresh", FieldKind::Boolean, "whether everything is read anew"),
    item("limit", FieldKind::Positive, "at most so many records of each stream"),
    item("format", FieldKind::OneOf(&["jsonl", "csv"]), "how records are written"),
    item("output", FieldKind::AnyPath, "the directory with a file for each stream"),
];

/// What a field is said to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Count(u64),
    /// A text.
    Text(String),
    /// A path.
    Path(PathBuf),
    /// Texts.
    List(Vec<String>),
    /// A table with whatever the user gives.
    Table(serde_json::Value),
}

// A table has no number that is not equal to itself: JSON has none.
impl Eq for Said {}

/// What is said of one connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorFields {
    /// Its name.
    pub name: String,
    /// Where it was named first.
    pub origin: Origin,
    fields: BTreeMap<&'static str, Field<Said>>,
}

/// Two fields of which only one can hold, the later one first.
pub type Contradiction<'a> = [(&'static str, &'a Origin); 2];

impl ConnectorFields {
    /// A connector of which nothing is said.
    pub fn new(name: impl Into<String>, origin: Origin) -> Self {
        Self { name: name.into(), origin, fields: BTreeMap::new() }
    }

    /// Says a field.
    pub fn say(&mut self, name: &'static str, field: Field<Said>) {
        self.fields.insert(name, field);
    }

    /// What is said of a field.
    pub fn said(&self, name: &str) -> Option<&Setting<Said>> {
        match self.fields.get(name)? {
            Field::Value(setting) => Some(setting),
            _ => None,
        }
    }

    /// All that is said, by name.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Setting<Said>)> {
        self.fields.keys().filter_map(|name| Some((*name, self.said(name)?)))
    }

    /// A yes or no; no unless it is said.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Said::Flag(true)))
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&Said> {
        self.said(name).map(|setting| &setting.value)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Said::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A path.
    pub fn path(&self, name: &str) -> Option<&Path> {
        match self.value(name)? {
            Said::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The same, with all that is a path seen from this directory.
    pub fn seen_from(mut self, base: &Path) -> Self {
        for (name, field) in &mut self.fields {
            if let Field::Value(setting) = field {
                locate(name, &mut setting.value, base);
            }
        }
        self
    }

    /// What holds when `later` comes after this: field by field the later one.
    pub fn merge(mut self, later: Self) -> Self {
        for (name, field) in later.fields {
            let earlier = self.fields.remove(name).unwrap_or_default();
            self.fields.insert(name, earlier.merge(field));
        }
        self
    }

    /// Drops what is excluded by something that was said later, in another leap or on the command line.
    pub fn settle(&mut self) {
        let is_earlier = |pair: &Contradiction<'_>| rank(pair[1].1) < rank(pair[0].1);
        while let Some([_, (earlier, _)]) = self.contradictions().into_iter().find(is_earlier) {
            self.fields.remove(earlier);
        }
    }

    /// The fields that exclude each other.
    pub fn contradictions(&self) -> Vec<Contradiction<'_>> {
        let ways = self.ways();
        let pairs =
            ways.iter().enumerate().flat_map(|(index, one)| ways[index + 1..].iter().map(move |it| (*one, *it)));
        let mut found: Vec<_> = pairs.filter(|(one, other)| one.0 != other.0).map(|(one, it)| (one.1, it.1)).collect();
        let says_version = ways.iter().filter(|(way, name)| match way {
            Way::Venv => *name == "pip_url",
            Way::Local => true,
            Way::Manifest => self.text(name).is_some(),
            Way::Docker | Way::Nothing => false,
        });
        found.extend(says_version.map(|(_, name)| ("version", *name)));
        found.push(("catalog", "streams"));
        found.extend(self.flag("full_refresh").then_some(("catalog", "full_refresh")));
        let both = |(one, other)| Some([(one, &self.said(one)?.origin), (other, &self.said(other)?.origin)]);
        found.into_iter().filter_map(both).map(later_first).collect()
    }

    /// The ways to run it that are named, each with the field that does so. Two fields may name the same.
    fn ways(&self) -> Vec<(Way, &'static str)> {
        let chooses = |name: &str| match self.value(name) {
            Some(Said::Flag(flag)) => *flag,
            Some(Said::Text(text)) => !text.is_empty(),
            _ => false,
        };
        let of_python = if self.value("use_python") == Some(&Said::Flag(false)) { Way::Docker } else { Way::Venv };
        let python = chooses("use_python") || of_python == Way::Docker;
        [
            (chooses("local_executable"), Way::Local, "local_executable"),
            (chooses("docker_image"), Way::Docker, "docker_image"),
            (python, of_python, "use_python"),
            (chooses("pip_url"), Way::Venv, "pip_url"),
            (chooses("source_manifest"), Way::Manifest, "source_manifest"),
            (chooses("no_executor"), Way::Nothing, "no_executor"),
        ]
        .into_iter()
        .filter_map(|(is_named, way, name)| is_named.then_some((way, name)))
        .collect()
    }
}

/// A way to run a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Local,
    Docker,
    Venv,
    Manifest,
    Nothing,
}

/// How late something was said: what was said later wins.
fn rank(origin: &Origin) -> Option<Leap> {
    match origin {
        Origin::Argument(_) => Some(Leap::Derived),
        Origin::File { leap, .. } => Some(*leap),
        _ => None,
    }
}

fn later_first(pair: Contradiction<'_>) -> Contradiction<'_> {
    let place = |origin: &Origin| match origin {
        Origin::File { line, .. } => (rank(origin), *line),
        _ => (rank(origin), 0),
    };
    let [one, other] = pair;
    if place(one.1) < place(other.1) { [other, one] } else { pair }
}

/// Makes a path absolute, where the value of this field is one: a text may also be a name, a URL or JSON.
fn locate(name: &str, said: &mut Said, base: &Path) {
    match said {
        Said::Path(path) => *path = normalize(&base.join(&*path)),
        Said::Text(text) => {
            let is_other =
                text.is_empty() || text.contains("://") || text.starts_with('~') || text.starts_with("file:");
            let is_path = match name {
                "local_executable" | "use_python" => text.contains('/'),
                "registry" => text.contains(['/', '.']),
                "source_manifest" => true,
                "config" => text != "-" && !text.trim_start().starts_with('{'),
                _ => false,
            };
            if is_path && !is_other {
                *text = normalize(&base.join(&*text)).to_string_lossy().into_owned();
            }
        }
        Said::Flag(_) | Said::Count(_) | Said::List(_) | Said::Table(_) => {}
    }
}

#[cfg(test)]
mod tests;
