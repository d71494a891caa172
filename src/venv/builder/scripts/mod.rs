//! Activation scripts, as `EnvBuilder.install_scripts` and `EnvBuilder.replace_variables` make them.
//!
//! The templates are those of the interpreter, read from its standard library, so that the result is that interpreter's;
//! [`install_own`] has others for interpreters without any and for environments that may be moved. [`replace_variables`]
//! fills in the placeholders, [`install`] does so for whole directories. Where the values are harmless the result is
//! CPython's to the byte; where they are not, no path and no prompt runs anything, be it on activation or when the prompt
//! is shown, which not all of CPython's versions can say (CVE-2024-9287).
//!
//! Not done here: to find the templates, to choose between them, or to decide what the prompt looks like. CPython's
//! templates take it as `(P) ` up to 3.12 and as `P` from 3.13 on.

use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

mod install;
mod language;
mod own;
mod python;
mod scan;
mod value;

pub use install::{CopyRule, install};
pub use own::install_own;

use language::Language;
use scan::{Context, Scanner};

/// What the placeholders stand for; bytes, because paths are.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// `__VENV_DIR__`: the environment's directory, absolute.
    pub dir: &'a OsStr,
    /// `__VENV_NAME__`: the last part of it.
    pub name: &'a OsStr,
    /// `__VENV_PROMPT__`: what the prompt shows, in the form that the templates take.
    pub prompt: &'a OsStr,
    /// `__VENV_BIN_NAME__`: `bin`.
    pub bin_name: &'a OsStr,
    /// `__VENV_PYTHON__`: the environment's python.
    pub python: &'a OsStr,
}

impl<'a> Values<'a> {
    /// The placeholder at the beginning of a text: its length, and the value.
    fn at(&self, text: &[u8]) -> Option<(usize, &'a [u8])> {
        let placeholders = [
            ("__VENV_DIR__", self.dir),
            ("__VENV_NAME__", self.name),
            ("__VENV_PROMPT__", self.prompt),
            ("__VENV_BIN_NAME__", self.bin_name),
            ("__VENV_PYTHON__", self.python),
        ];
        let found = placeholders.into_iter().find(|(placeholder, _)| text.starts_with(placeholder.as_bytes()));
        found.map(|(placeholder, value)| (placeholder.len(), value.as_bytes()))
    }

    /// A text with the values as they are.
    fn fill(&self, text: &[u8]) -> Vec<u8> {
        self.replace(text, |_, value| value.to_vec())
    }

    /// A text with what `write` makes of each value at its place. What is filled in is not searched again: a directory may
    /// have the name of a placeholder.
    fn replace(&self, text: &[u8], mut write: impl FnMut(Range<usize>, &[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = memchr::memmem::find(&text[at..], b"__VENV_") {
            at += found;
            let Some((length, value)) = self.at(&text[at..]) else {
                at += 1;
                continue;
            };
            out.extend(&text[copied..at]);
            out.extend(write(at..at + length, value));
            at += length;
            copied = at;
        }
        out.extend(&text[copied..]);
        out
    }
}

/// Replaces the placeholders of a script by the values, quoted for its language and for the place where each stands. The
/// language is told by the script's name.
pub fn replace_variables(script: &Path, text: &[u8], values: &Values<'_>) -> Vec<u8> {
    let language = Language::of(script, text);
    let body = if text.starts_with(b"#!") { text.iter().position(|it| *it == b'\n').unwrap_or(text.len()) } else { 0 };
    let (line, rest) = text.split_at(body);
    let mut out = first_line(language, line, values);
    let mut scanner = Scanner::new(language, rest);
    out.extend(values.replace(rest, |place, value| {
        scanner.advance(place.start);
        let prompt = scanner.is_prompt().then(|| value::for_prompt(language, value));
        let written = value::write(language, scanner.context(), prompt.as_deref().unwrap_or(value)).into_owned();
        scanner.skip(place.end);
        written
    }));
    out
}

/// The `#!` line, or nothing. The kernel takes it as it is, up to the first space: no quotes help there.
fn first_line(language: Language, line: &[u8], values: &Values<'_>) -> Vec<u8> {
    let end = line.iter().position(|it| matches!(it, b' ' | b'\t' | b'\r')).unwrap_or(line.len());
    let (interpreter, arguments) = line.split_at(end);
    let path = values.fill(interpreter.strip_prefix(b"#!").unwrap_or_default());
    if language == Language::Python && path.iter().any(|it| it.is_ascii_whitespace() || it.is_ascii_control()) {
        return python::first_lines(&path, arguments);
    }
    values.replace(line, |_, value| value::write(language, Context::Comment, value).into_owned())
}

#[cfg(test)]
mod tests;
