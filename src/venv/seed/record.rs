//! `RECORD` of what is installed, byte for byte as pip writes it.
//!
//! The rows are those of the wheel with its own digests, one for each file that pip makes, and one without digest and size
//! for each compiled file, whether that is there yet or not. They are sorted as Python sorts tuples of text, and written
//! as Python's `csv` writes them, with its line ends.

use std::path::{Component, Path};

use sha2::{Digest as _, Sha256};

use super::wheel::Description;
use crate::fetch::encoding::base64_url_safe;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    path: String,
    digest: String,
    size: String,
}

impl Row {
    /// The row of a file that pip makes.
    pub fn of(path: String, content: &[u8]) -> Self {
        let digest = format!("sha256={}", base64_url_safe(&Sha256::digest(content)));
        Self { path, digest, size: content.len().to_string() }
    }

    fn bare(path: String) -> Self {
        Self { path, digest: String::new(), size: String::new() }
    }
}

/// The text: the files of the wheel, those of `made`, and the compiled ones with this tag (`cpython-313`).
pub(super) fn text(description: &Description, made: Vec<Row>, tag: &str) -> String {
    let mut rows = made;
    rows.push(Row::bare(description.metadata("RECORD")));
    for file in &description.files {
        let size = file.recorded_size.map(|size| size.to_string()).unwrap_or_default();
        rows.push(Row { path: file.path.clone(), digest: file.digest.clone(), size });
        rows.extend(compiled(&file.path, tag).map(Row::bare));
    }
    rows.sort();
    let lines = rows.iter().map(|row| format!("{},{},{}\r\n", field(&row.path), row.digest, row.size));
    lines.collect::<Vec<_>>().concat()
}

/// Where a source is compiled to (PEP 3147).
pub(super) fn compiled(path: &str, tag: &str) -> Option<String> {
    let stem = path.strip_suffix(".py")?;
    Some(match stem.rsplit_once('/') {
        Some((dir, stem)) => format!("{dir}/__pycache__/{stem}.{tag}.pyc"),
        None => format!("__pycache__/{stem}.{tag}.pyc"),
    })
}

fn field(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A path seen from a directory, by text alone (Python's `os.path.relpath`).
pub(super) fn relative(path: &Path, from: &Path) -> String {
    let (path, from): (Vec<Component>, Vec<Component>) = (path.components().collect(), from.components().collect());
    let common = path.iter().zip(&from).take_while(|(one, other)| one == other).count();
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = path[common..].iter().map(|it| it.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
