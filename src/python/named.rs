//! The interpreter that a person names.

use std::ffi::OsStr;
use std::path::Path;

use super::{Interpreter, Requirement, Search, SearchOptions, probe_as_named, search, stable_path};
use crate::error::{Code, Fault, Result};
use crate::host::Host;
use crate::host::exec::find_program;

/// The interpreter that the words of a person mean: a path (which is kept as it is, links and all), a version such as
/// `3.12` or `>=3.9`, or the name of a program on `PATH`.
///
/// Fails with [`Code::NoPython`] where there is none.
pub fn by_words(host: &Host, words: &OsStr, options: &SearchOptions) -> Result<Interpreter> {
    let text = words.to_string_lossy();
    if text.contains('/') {
        return at(host, &host.absolute(Path::new(words)), options);
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || "<>=!~".contains(c)) {
        return of_version(host, &text, options);
    }
    match find_program(words, &host.path_dirs(), &host.current_dir) {
        Ok(path) => at(host, &path, options),
        Err(_) if text.chars().any(|c| c.is_ascii_digit()) => of_version(host, &text, options),
        Err(fault) => Err(no_python(&text, fault.message)),
    }
}

/// The interpreter at a path.
pub fn at(host: &Host, path: &Path, options: &SearchOptions) -> Result<Interpreter> {
    let named = probe_as_named(host, path, options);
    named.map_err(|reason| no_python(&path.display().to_string(), reason))
}

fn no_python(what: &str, reason: String) -> anyhow::Error {
    let fault = Fault::of(Code::NoPython, format!("`{what}` is no python that can be used"));
    let hint = "name a python from 3.7 on by its path, by a name on `PATH`, or by its version";
    anyhow::anyhow!(reason).context(fault.hint(hint))
}

/// The first interpreter that meets a requirement, by the path that outlives a patch upgrade.
pub fn of_version(host: &Host, text: &str, options: &SearchOptions) -> Result<Interpreter> {
    let requirement = Requirement::parse(text)?;
    found(search(host, &requirement, options), text)
}

/// What a search found, by the path that outlives a patch upgrade; what it looked at is the cause where it found nothing.
pub fn found(search: Search, required: &str) -> Result<Interpreter> {
    let lines = search.lines();
    if let Some(interpreter) = search.selected {
        let path = stable_path(&interpreter.path);
        return Ok(interpreter.named(&path));
    }
    let lines = if lines.is_empty() { "there is no python at all".to_owned() } else { lines.join("\n") };
    let fault = Fault::of(Code::NoPython, format!("no python matching `{required}` found"));
    Err(anyhow::anyhow!(lines).context(fault.hint("install it, or name one with `--python`")))
}
