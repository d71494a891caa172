//! The configuration file in a directory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::document::Format;
use crate::config::inputs::{Inputs, is_there};
use crate::error::{Fault, Kind};
use crate::host::names;

/// The name of native files, without extension.
pub(super) const NATIVE: &str = "prime";
/// The names of upstream's files, without extension.
const UPSTREAM: [&str; 2] = ["proto_kernel", "protoprimer"];
const EXTENSIONS: [&str; 2] = [".toml", ".json"];

/// Where in a file the configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigPlace {
    /// The file is nothing else.
    WholeFile,
    /// In the table `[tool.prime]` of a `pyproject.toml`.
    ToolTable,
}

/// A configuration file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Where in it the configuration stands.
    pub place: ConfigPlace,
}

impl ConfigFile {
    /// The format, as the name tells.
    pub fn format(&self) -> Format {
        Format::of(&self.path)
    }

    /// The name without extension that the files of later leaps have too; a `pyproject.toml` gives the native one.
    pub fn basename(&self) -> &str {
        match self.place {
            ConfigPlace::ToolTable => NATIVE,
            ConfigPlace::WholeFile => self.path.file_stem().and_then(OsStr::to_str).unwrap_or(NATIVE),
        }
    }
}

/// The file name that the environment gives, which must be one.
pub(super) fn given_basename(value: Option<&OsStr>) -> Result<Option<String>, Fault> {
    let Some(value) = value else { return Ok(None) };
    match value.to_str() {
        Some(name) if !name.contains('/') && name != "." && name != ".." => Ok(Some(name.to_owned())),
        _ => {
            let (variable, found) = (names::CONF_BASENAME, value.to_string_lossy());
            let message = format!("the variable `{variable}` is `{found}`, expected a file name without a directory");
            Err(Fault::new(Kind::Usage, message).hint(format!("unset it: `unset {variable}`")))
        }
    }
}

/// The names under which the file of a later leap is looked for, once an earlier one was found: the same in either format.
pub(super) fn carried(basename: &str) -> Vec<String> {
    EXTENSIONS.map(|extension| format!("{basename}{extension}")).to_vec()
}

/// The names under which a configuration file is looked for, the first first.
pub(super) fn candidates(given: Option<&str>, seed_file: Option<&Path>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !out.contains(&name) {
            out.push(name);
        }
    };
    let mut stems = vec![NATIVE, UPSTREAM[0], UPSTREAM[1]];
    if let Some(stem) = seed_file.and_then(Path::file_stem).and_then(OsStr::to_str) {
        stems.insert(0, stem);
    }
    match given {
        Some(name) if EXTENSIONS.iter().any(|extension| name.ends_with(extension)) => add(name.to_owned()),
        Some(name) => stems.insert(0, name),
        None => {}
    }
    for stem in stems {
        for extension in EXTENSIONS {
            add(format!("{stem}{extension}"));
        }
    }
    out
}

/// The configuration file of a directory, with everything noted that was looked at on the way.
pub(super) fn look(dir: &Path, candidates: &[String], inputs: &mut Inputs) -> Option<ConfigFile> {
    let found = candidates.iter().map(|name| dir.join(name)).find(|path| inputs.look(path.clone()));
    if let Some(path) = found {
        return Some(ConfigFile { path, place: ConfigPlace::WholeFile });
    }
    let path = dir.join(names::PYPROJECT);
    (inputs.look(path.clone()) && has_tool_table(&path)).then_some(ConfigFile { path, place: ConfigPlace::ToolTable })
}

/// Whether a directory has a configuration file.
pub(super) fn is_in(dir: &Path, candidates: &[String]) -> bool {
    candidates.iter().any(|name| is_there(&dir.join(name))) || has_tool_table(&dir.join(names::PYPROJECT))
}

/// Whether a line of the file looks like the header of `[tool.prime]` or of a table in it. Only a regular file is read.
pub(in crate::config) fn has_tool_table(path: &Path) -> bool {
    let is_file = path.metadata().is_ok_and(|meta| meta.is_file());
    is_file && fs::read(path).is_ok_and(|content| content.split(|byte| *byte == b'\n').any(is_header))
}

fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    if !line.starts_with(b"[") {
        return false;
    }
    // `[ tool . "prime" ]` is the same header.
    let letters: Vec<u8> = line.iter().copied().filter(|byte| !b" \t\"'[".contains(byte)).take(11).collect();
    letters.starts_with(b"tool.prime]") || letters.starts_with(b"tool.prime.")
}
