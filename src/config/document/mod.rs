//! What a configuration file says, whichever format it is written in: a tree of values, each with its line and column.
//!
//! Native files are TOML, upstream's are JSON. Both become the same [`Node`]s here, so that everything after this page
//! can name the line of whatever is wrong. What a field means is not known here; that is `parse`'s.
//!
//! JSON is read more strictly than upstream reads it (with Python's `json`): a key given twice, `NaN` and `Infinity` are
//! errors. Neither format may start with a byte order mark or be anything but UTF-8.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Number, Value as Json};

use crate::error::{Code, Fault};

mod json;
mod lines;
mod toml;

use self::lines::Lines;

/// A file as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Its name in messages: relative to the repository where it lies in it.
    pub name: String,
}

impl Source {
    /// The file at `path`, named as seen from the directory `base`.
    pub fn new(path: impl Into<PathBuf>, base: &Path) -> Arc<Self> {
        let path = path.into();
        let name = shown(&path, base);
        Arc::new(Self { path, name })
    }

    /// A place in the file, for a message.
    pub fn place(&self, position: Position) -> String {
        format!("`{}` line {}", self.name, position.line)
    }
}

/// A path for people: relative to `base` where it lies in it, `.` for `base` itself.
pub fn shown(path: &Path, base: &Path) -> String {
    match path.strip_prefix(base) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        Ok(rest) => rest.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

/// A text for people: control characters are written as escapes.
pub(super) fn visible(text: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Native files and `pyproject.toml`.
    Toml,
    /// Upstream's files.
    Json,
}

impl Format {
    /// The format that a file's name tells; TOML is what all else is taken for.
    pub fn of(path: &Path) -> Self {
        if path.extension().is_some_and(|extension| extension == "json") { Self::Json } else { Self::Toml }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Toml => "TOML",
            Self::Json => "JSON",
        })
    }
}

/// A place in a file, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What is written.
    pub value: Value,
    /// Where it starts.
    pub position: Position,
}

/// A value of either format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// JSON's `null`; TOML has none.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as it is written: `3.10` stays `3.10`.
    Number(String),
    /// A text.
    String(String),
    /// A date or time of TOML, as it is written.
    Datetime(String),
    /// A list in its order.
    Array(Vec<Node>),
    /// Keys with their values, in the order of the file; no key occurs twice, save JSON's comments (`__`).
    Table(Vec<Entry>),
}

/// A key of a table with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is written.
    pub position: Position,
    /// Its value.
    pub node: Node,
}

/// What sort of value something is, or should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// JSON's `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// Any number.
    Number,
    /// A text.
    String,
    /// A date or time.
    Datetime,
    /// A list.
    Array,
    /// Keys with values.
    Table,
}

impl ValueType {
    /// The type for people, with its article, in the words of the format.
    pub fn name(self, format: Format) -> &'static str {
        match (self, format) {
            (Self::Null, _) => "`null`",
            (Self::Boolean, _) => "a boolean",
            (Self::Number, _) => "a number",
            (Self::String, _) => "a string",
            (Self::Datetime, _) => "a date or time",
            (Self::Array, _) => "an array",
            (Self::Table, Format::Toml) => "a table",
            (Self::Table, Format::Json) => "an object",
        }
    }
}

impl Node {
    /// What sort of value this is.
    pub fn value_type(&self) -> ValueType {
        match self.value {
            Value::Null => ValueType::Null,
            Value::Boolean(_) => ValueType::Boolean,
            Value::Number(_) => ValueType::Number,
            Value::String(_) => ValueType::String,
            Value::Datetime(_) => ValueType::Datetime,
            Value::Array(_) => ValueType::Array,
            Value::Table(_) => ValueType::Table,
        }
    }

    /// The entry of a key, where this is a table that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value at a path of keys, where there is one.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.entry(key).map(|entry| &entry.node))
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// A value as JSON. A date is a text there, and so is a number that JSON has not.
pub fn as_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Number(text) => number(text).map_or_else(|| Json::String(text.clone()), Json::Number),
        Value::String(text) | Value::Datetime(text) => Json::String(text.clone()),
        Value::Array(items) => items.iter().map(as_json).collect(),
        Value::Table(entries) => entries.iter().map(|entry| (entry.key.clone(), as_json(&entry.node))).collect(),
    }
}

/// A number of either format, where JSON has it: TOML also has other bases, signs and what is no number.
pub fn number(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok().map(Number::from);
        }
    }
    serde_json::from_str(plain).ok()
}

/// What keeps a text from being read, and where.
struct Problem {
    offset: usize,
    message: String,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file.
    pub source: Arc<Source>,
    /// Its format.
    pub format: Format,
    /// What it says.
    pub root: Node,
}

impl Document {
    /// Reads a file that is there. Fails with [`Code::BadToml`] where it cannot be read or is not what its format asks.
    pub fn load(source: Arc<Source>, format: Format) -> Result<Self, Fault> {
        let bytes = read(&source)?;
        Self::parse(source, format, &bytes)
    }

    /// Reads bytes as the content of the file `source`.
    pub fn parse(source: Arc<Source>, format: Format, bytes: &[u8]) -> Result<Self, Fault> {
        Self::parse_indented(source, format, bytes, 0)
    }

    /// Reads bytes that stand in the file `source` behind so many characters of each line.
    pub fn parse_indented(source: Arc<Source>, format: Format, bytes: &[u8], indent: usize) -> Result<Self, Fault> {
        let text = decode(&source, bytes)?;
        let lines = Lines::indented(text, indent);
        let root = match format {
            Format::Toml => toml::parse(text, &lines),
            Format::Json => json::parse(text, &lines),
        };
        let root = root.map_err(|problem| {
            let Position { line, column } = lines.position(problem.offset);
            let name = &source.name;
            let message = problem.message;
            let fact = format!("`{name}` line {line}, column {column} is not {format}: {message}");
            Fault::of(Code::BadToml, fact).at(&source.path, Some(line))
        })?;
        Ok(Self { source, format, root })
    }
}

/// The bytes of a file that is there. Only a regular file is read: a pipe in its place would never end.
fn read(source: &Source) -> Result<Vec<u8>, Fault> {
    let name = &source.name;
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound if source.path.is_symlink() => {
            Fault::of(Code::BadToml, format!("`{name}` is a link to a file that does not exist"))
        }
        _ => Fault::of(Code::BadToml, format!("cannot read `{name}`: {}", plain(&error))),
    };
    let meta = source.path.metadata().map_err(fault)?;
    if meta.is_dir() {
        return Err(Fault::of(Code::BadToml, format!("`{name}` is a directory, expected a file")));
    }
    if !meta.is_file() {
        return Err(Fault::of(Code::BadToml, format!("`{name}` is not a regular file")));
    }
    fs::read(&source.path).map_err(fault)
}

/// An error of the system in our words: lower case, without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

fn decode<'a>(source: &Source, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    let name = &source.name;
    let hint = "save it as UTF-8 without a byte order mark";
    let fault = |message: String| Err(Fault::of(Code::BadToml, message).hint(hint).at(&source.path, None));
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return fault(format!("`{name}` line 1, column 1 is a byte order mark, expected plain UTF-8"));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return fault(format!("`{name}` line 1, column 1 is the start of UTF-16, expected UTF-8"));
    }
    std::str::from_utf8(bytes).or_else(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let Position { line, column } = Lines::new(&valid).position(valid.len());
        fault(format!("`{name}` line {line}, column {column} is not UTF-8"))
    })
}

#[cfg(test)]
mod tests;
