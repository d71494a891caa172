//! What a script says about itself: the block of metadata in its comments (PEP 723).
//!
//! The block is found by its lines, as the reference implementation does it, and read as TOML in its place, so that every
//! message names the line and column of the script. [`settings`](Script::settings) makes of it the configuration of a
//! repository that has nothing but these dependencies.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::lock::{Lock, LockFile};
use super::complain;
use super::document::{Document, Entry, Format, Node, Source, Value, ValueType};
use super::leap::{Origin, Setting};
use crate::error::{Fault, Kind};

mod block;
pub mod lock;
mod settings;
mod write;

pub use settings::GROUP;

/// The fields of the block.
const FIELDS: [&str; 3] = ["requires-python", "dependencies", "tool"];

/// What a script requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The script.
    pub source: Arc<Source>,
    /// The python it wants, as it is written.
    pub requires_python: Option<Setting<String>>,
    /// What it depends on, sorted.
    pub dependencies: Vec<String>,
    /// `[tool.uv]`, with paths as seen from the script made absolute.
    uv: Option<Node>,
    /// The same as it is written.
    uv_as_written: Option<Node>,
    /// The lock beside it.
    pub lock_file: Option<LockFile>,
    /// What that says, once it is read.
    pub lock: Option<Lock>,
}

impl Script {
    /// Reads what a script, whose content this is, says in its block; one without a block requires nothing.
    ///
    /// Fails with [`Kind::Config`] where there are two blocks, where one is not closed, is not TOML, or has something in
    /// it that cannot be meant.
    pub fn parse(path: &Path, name: &str, content: &[u8]) -> Result<Self, Fault> {
        let source = Arc::new(Source { path: path.to_owned(), name: name.to_owned() });
        let mut script = Self {
            source: source.clone(),
            requires_python: None,
            dependencies: Vec::new(),
            uv: None,
            uv_as_written: None,
            lock_file: None,
            lock: None,
        };
        let Some(block) = block::find(&source, content)? else { return Ok(script) };
        let document = Document::parse_indented(source, Format::Toml, &block, block::PREFIX.len())?;
        let Value::Table(entries) = &document.root.value else { return Ok(script) };
        for entry in entries {
            script.take(entry)?;
        }
        Ok(script)
    }

    fn take(&mut self, entry: &Entry) -> Result<(), Fault> {
        let Entry { key, position, node } = entry;
        match key.as_str() {
            "requires-python" => {
                let text = self.string(key, node)?;
                let origin = Origin::RequiresPython { source: self.source.clone(), line: position.line };
                self.requires_python = Some(Setting::new(text, origin));
            }
            "dependencies" => {
                let Value::Array(items) = &node.value else { return Err(self.wrong(key, node, ValueType::Array)) };
                let texts = items.iter().map(|item| self.dependency(item)).collect::<Result<Vec<_>, _>>()?;
                self.dependencies = texts;
                self.dependencies.sort();
                self.dependencies.dedup();
            }
            "tool" => {
                if node.value_type() != ValueType::Table {
                    return Err(self.wrong(key, node, ValueType::Table));
                }
                if let Some(uv) = node.entry("uv") {
                    if uv.node.value_type() != ValueType::Table {
                        return Err(self.wrong("tool.uv", &uv.node, ValueType::Table));
                    }
                    self.uv_as_written = Some(uv.node.clone());
                    self.uv = Some(write::with_absolute_paths(&uv.node, self.dir()));
                }
            }
            _ => return Err(complain::unknown_field(&self.source, *position, key, &FIELDS)),
        }
        Ok(())
    }

    /// A requirement. What begins like an option, or goes over several lines, would be more than one to an installer.
    fn dependency(&self, node: &Node) -> Result<String, Fault> {
        let text = self.string("dependencies", node)?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || text.starts_with(|c: char| !c.is_alphanumeric()) {
            let expected = "a requirement such as `name>=1`";
            return Err(complain::bad_value(&self.source, node.position, "dependencies", &text, expected));
        }
        Ok(text)
    }

    fn string(&self, name: &str, node: &Node) -> Result<String, Fault> {
        node.as_str().map(str::to_owned).ok_or_else(|| self.wrong(name, node, ValueType::String))
    }

    fn wrong(&self, name: &str, node: &Node, expected: ValueType) -> Fault {
        complain::wrong_type(&self.source, Format::Toml, name, node, expected)
    }

    fn dir(&self) -> &Path {
        self.source.path.parent().unwrap_or(Path::new("/"))
    }

    /// A `pyproject.toml` that asks for the same: the dependencies as a group (PEP 735), and uv's settings. Two scripts
    /// with the same metadata have the same text.
    pub fn pyproject(&self) -> String {
        self.text(self.uv.as_ref())
    }

    /// The same for a lock, which is the same lock wherever the script is copied to.
    pub fn metadata(&self) -> String {
        self.text(self.uv_as_written.as_ref())
    }

    /// The same lock with the paths as the script has them, not absolute: it holds wherever both are copied to.
    pub fn with_paths_as_written(&self, lock: &str) -> String {
        let changed = self.uv_as_written.as_ref().map(|uv| write::changed_paths(uv, self.dir())).unwrap_or_default();
        changed.iter().fold(lock.to_owned(), |lock, (absolute, written)| {
            let written = written.trim_end_matches('/');
            let lock = lock.replace(&write::quoted(absolute), &write::quoted(written));
            let begun = |path: &str| write::quoted(&format!("{path}/")).trim_end_matches('"').to_owned();
            lock.replace(&begun(absolute), &begun(written))
        })
    }

    fn text(&self, uv: Option<&Node>) -> String {
        let mut text = "# Made by `prime` of the metadata of a script.\n".to_owned();
        if let Some(required) = &self.requires_python {
            let _ = writeln!(text, "# requires-python = {}", write::quoted(&required.value));
        }
        let dependencies: Vec<String> = self.dependencies.iter().map(|it| write::quoted(it)).collect();
        let _ = writeln!(text, "[dependency-groups]\n{} = [{}]", GROUP, dependencies.join(", "));
        if let Some(uv) = uv {
            let _ = writeln!(text, "[tool]\nuv = {}", write::inline(uv));
        }
        text
    }

    /// The first setting of `[tool.uv]` that pip has no equal of; with its place, for a message.
    pub fn only_for_uv(&self) -> Option<String> {
        const SHARED: [&str; 8] = [
            "index",
            "index-url",
            "extra-index-url",
            "find-links",
            "no-index",
            "allow-insecure-host",
            "trusted-host",
            "offline",
        ];
        let Value::Table(entries) = &self.uv.as_ref()?.value else { return None };
        let of_pip = |entry: &Entry| match (&entry.node.value, entry.key.as_str()) {
            (Value::Array(tables), "index") => tables.iter().all(|table| table.entry("explicit").is_none()),
            (_, key) => SHARED.contains(&key),
        };
        let entry = entries.iter().find(|entry| !of_pip(entry))?;
        Some(format!("`tool.uv.{}` in {}", entry.key, self.source.place(entry.position)))
    }
}

impl Script {
    /// Reads the lock, and holds it against the metadata, whose digest this is.
    pub fn with_lock_read(mut self, digest: &str) -> Result<Self, Fault> {
        if let Some(file) = &self.lock_file {
            let lock = file.read()?;
            file.check(&lock, digest)?;
            self.lock = Some(lock);
        }
        Ok(self)
    }
}

/// The lock in the directory that stands for a script.
pub fn lock_path(dir: &Path) -> PathBuf {
    dir.join("pylock.toml")
}

/// The files of the directory that stands for a script.
pub fn pyproject_path(dir: &Path) -> PathBuf {
    dir.join(crate::host::names::PYPROJECT)
}

/// The fault for something that cannot be read as a script.
pub(super) fn config_fault(message: String, hint: &str) -> Fault {
    Fault::new(Kind::Config, message).hint(hint)
}

#[cfg(test)]
mod tests;
