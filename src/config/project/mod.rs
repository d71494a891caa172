//! What a project's own files say, as far as it matters before it is installed.
//!
//! Only what has to be known is read: which python the project wants, which dependency groups and extras it has, whether
//! it can be built at all, and which files its metadata is made from. Everything else is left to the tool that builds it.
//! Sources: PEP 518, 621 and 735; for what can be installed, pip's `is_installable_dir`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::complain;
use super::document::{Document, Format, Node, Source, Value, ValueType};
use super::inputs::{Inputs, is_there};
use super::leap::{Origin, Setting};
use crate::error::{Fault, Kind};
use crate::host::names;
use crate::python::{package_name, requirements_file};

mod deciding;
mod groups;

pub use self::deciding::{deciding_of_project, deciding_of_uv};

/// The tables of what compiles modules or writes files in an editable build, by the backends' documentation.
const BUILD_SETTINGS: [&[&str]; 7] = [
    &["tool", "setuptools", "ext-modules"],
    &["tool", "setuptools-rust"],
    &["tool", "maturin"],
    &["tool", "scikit-build"],
    &["tool", "meson-python"],
    &["tool", "hatch", "build", "hooks"],
    &["tool", "pdm", "build"],
];

/// What a `pyproject.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The file.
    pub source: Arc<Source>,
    /// The project's name, where the file has it.
    pub name: Option<String>,
    /// The python the project wants, as it is written.
    pub requires_python: Option<Setting<String>>,
    /// The names of its dependency groups (PEP 735).
    pub dependency_groups: Vec<String>,
    /// The names of its extras, as far as they stand in the file.
    pub extras: Vec<String>,
    /// The fields that only a build tells.
    pub dynamic: Vec<String>,
    /// Whether it has `[project]`.
    pub has_project: bool,
    /// Whether it has `[build-system]`.
    pub has_build_system: bool,
    /// Files that setuptools takes dynamic fields from, as they are written.
    pub dynamic_files: Vec<PathBuf>,
    /// Whether it has settings of something that compiles or writes files when it is built.
    has_build_settings: bool,
    group_table: Option<Node>,
}

impl Metadata {
    /// Reads the `pyproject.toml` of a directory, where there is one; `base` is what messages name it relative to.
    ///
    /// Fails with [`Kind::Config`] where it is not TOML or something that is read here has the wrong type.
    pub fn load(dir: &Path, base: &Path) -> Result<Option<Self>, Fault> {
        let path = dir.join(names::PYPROJECT);
        if !is_there(&path) {
            return Ok(None);
        }
        let Document { source, root, .. } = Document::load(Source::new(path, base), Format::Toml)?;
        let typed = |keys: &[&str], expected| typed(&source, &root, keys, expected);
        let text = |keys: &[&str]| Ok(typed(keys, ValueType::String)?.and_then(Node::as_str).map(str::to_owned));
        let name = text(&["project", "name"])?;
        let requires_python = text(&["project", "requires-python"])?.map(|value| {
            let line = root.at(&["project"]).and_then(|project| project.entry("requires-python"));
            let line = line.map_or(1, |entry| entry.position.line);
            Setting::new(value, Origin::RequiresPython { source: source.clone(), line })
        });
        let groups = typed(&["dependency-groups"], ValueType::Table)?;
        Ok(Some(Self {
            name,
            requires_python,
            dependency_groups: keys(groups),
            group_table: groups.cloned(),
            extras: keys(typed(&["project", "optional-dependencies"], ValueType::Table)?),
            dynamic: texts(typed(&["project", "dynamic"], ValueType::Array)?),
            has_project: root.entry("project").is_some(),
            has_build_system: root.entry("build-system").is_some(),
            dynamic_files: root.at(&["tool", "setuptools", "dynamic"]).map(dynamic_files).unwrap_or_default(),
            has_build_settings: BUILD_SETTINGS.iter().any(|keys| root.at(keys).is_some()),
            source,
        }))
    }

    /// Whether a field of `[project]` is only known after a build.
    pub fn is_dynamic(&self, field: &str) -> bool {
        self.dynamic.iter().any(|name| name == field)
    }

    /// The fault of a dependency group that the file does not have.
    pub fn check_dependency_group(&self, group: &Setting<String>) -> Result<(), Fault> {
        if has_name(&self.dependency_groups, &group.value) {
            return Ok(());
        }
        let (origin, name, file) = (&group.origin, &group.value, &self.source.name);
        let message = format!("no dependency group `{name}` in `{file}`, which {origin} asks for");
        let hint = nearest("dependency groups", name, &self.dependency_groups);
        Err(Fault::new(Kind::Config, message).hint(hint).about(origin.place()))
    }

    /// The requirements of a dependency group, included groups in their place (PEP 735).
    ///
    /// Fails with [`Kind::Config`] where the group, or one that it includes, is missing or ill-formed.
    pub fn group_requirements(&self, name: &str) -> Result<Vec<String>, Fault> {
        groups::requirements(&self.source, self.group_table.as_ref(), name)
    }

    /// Whether the file certainly does not have an extra; pip and uv only warn of that.
    pub fn lacks_extra(&self, extra: &str) -> bool {
        self.has_project && !self.is_dynamic("optional-dependencies") && !has_name(&self.extras, extra)
    }
}

/// Whether something can be built and installed from a directory: it has a `setup.py`, or a `pyproject.toml` that is more
/// than settings of tools. A `setup.cfg` alone is refused by pip and uv alike.
pub fn is_installable(dir: &Path, metadata: Option<&Metadata>) -> bool {
    let described = |metadata: &Metadata| {
        metadata.has_project || metadata.has_build_system || has_metadata_section(&dir.join("setup.cfg"))
    };
    is_there(&dir.join("setup.py")) || metadata.is_some_and(described)
}

/// Whether an editable build of a directory may leave something beside the sources (a compiled module, a file with the
/// version), so that the sources alone are not what was installed.
pub fn builds_beside_sources(dir: &Path) -> bool {
    let says_so = |it: Metadata| it.is_dynamic("version") || it.has_build_settings;
    is_there(&dir.join("setup.py")) || Metadata::load(dir, dir).is_ok_and(|it| it.is_some_and(says_so))
}

/// The files that a project's metadata is made from; when one of them changes, it has to be installed again.
pub fn metadata_inputs(dir: &Path, metadata: Option<&Metadata>) -> Inputs {
    let mut inputs = Inputs::default();
    inputs.look(dir.join(names::PYPROJECT));
    inputs.look(dir.join("setup.cfg"));
    if inputs.look(dir.join("setup.py")) {
        // The usual place from which a `setup.py` reads its dependencies.
        inputs.extend(requirements_inputs(&dir.join("requirements.txt")));
    }
    for file in metadata.map(|it| it.dynamic_files.as_slice()).unwrap_or_default() {
        inputs.extend(requirements_inputs(&dir.join(file)));
    }
    inputs
}

/// A requirements file with the files that it includes.
pub fn requirements_inputs(file: &Path) -> Inputs {
    let mut inputs = Inputs::default();
    for path in requirements_file::with_included(file) {
        inputs.look(path);
    }
    inputs
}

/// The value at a path of keys, which must have this type where it is there, as must all tables on the way.
fn typed<'n>(source: &Source, root: &'n Node, keys: &[&str], expected: ValueType) -> Result<Option<&'n Node>, Fault> {
    let mut node = root;
    for (depth, key) in keys.iter().enumerate() {
        let Some(entry) = node.entry(key) else { return Ok(None) };
        node = &entry.node;
        let expected = if depth + 1 == keys.len() { expected } else { ValueType::Table };
        if node.value_type() != expected {
            return Err(complain::wrong_type(source, Format::Toml, &keys[..=depth].join("."), node, expected));
        }
    }
    Ok(Some(node))
}

fn keys(table: Option<&Node>) -> Vec<String> {
    match table.map(|node| &node.value) {
        Some(Value::Table(entries)) => entries.iter().map(|entry| entry.key.clone()).collect(),
        _ => Vec::new(),
    }
}

fn texts(array: Option<&Node>) -> Vec<String> {
    match array.map(|node| &node.value) {
        Some(Value::Array(items)) => items.iter().filter_map(Node::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Every `file = …` in `[tool.setuptools.dynamic]`, at any depth.
fn dynamic_files(node: &Node) -> Vec<PathBuf> {
    let Value::Table(entries) = &node.value else { return Vec::new() };
    entries
        .iter()
        .flat_map(|entry| match (entry.key.as_str(), &entry.node.value) {
            ("file", Value::String(text)) => vec![PathBuf::from(text)],
            ("file", _) => texts(Some(&entry.node)).into_iter().map(PathBuf::from).collect(),
            _ => dynamic_files(&entry.node),
        })
        .collect()
}

fn has_metadata_section(path: &Path) -> bool {
    path.is_file() && fs::read(path).is_ok_and(|content| content.split(|byte| *byte == b'\n').any(is_metadata_header))
}

fn is_metadata_header(line: &[u8]) -> bool {
    line.starts_with(b"[metadata]")
}

fn has_name(names: &[String], name: &str) -> bool {
    let wanted = package_name::normalize(name);
    names.iter().any(|other| package_name::normalize(other) == wanted)
}

fn nearest(what: &str, name: &str, known: &[String]) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match complain::did_you_mean(name, &known) {
        Some(hint) => hint,
        None if known.is_empty() => format!("it has no {what} at all"),
        None => complain::list(&format!("its {what}"), &known),
    }
}

#[cfg(test)]
mod tests;
