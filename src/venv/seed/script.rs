//! The text of a console script: a first line that starts the environment's python, and a body that calls the program.
//!
//! The body is the template of the pip that is installed, read out of its wheel (distlib's, or from 25.2 on pip's own), so
//! that the result equals what that pip writes. The first line follows distlib's rule: the path itself where the kernel
//! takes it, else a line of shell that Python reads as a string. Where that line would not mean what it should, because
//! distlib's quotation marks let a shell or Python see more than a path, the script finds its python beside itself.

use std::ffi::OsStr;
use std::path::Path;

use super::entry_points::EntryPoint;

/// The longest first line that is left to the kernel, as distlib has it.
const KERNEL_LIMIT: usize = if cfg!(target_os = "macos") { 512 } else { 127 };

/// Longer is no template.
const TEMPLATE_LIMIT: usize = 4096;

/// For a pip that has no template where others have theirs.
const OWN_TEMPLATE: &str = "\
import sys
from %(module)s import %(import_name)s
if __name__ == '__main__':
    sys.exit(%(func)s())
";

/// Pip's own template, where it has one.
pub(super) const IN_PIP: &str = "pip/_internal/operations/install/wheel.py";
/// Distlib's.
pub(super) const IN_DISTLIB: &str = "pip/_vendor/distlib/scripts.py";

/// The template that these two sources have.
pub(super) fn template(pip: Option<&str>, distlib: Option<&str>) -> String {
    let dedented = pip.and_then(|source| between(source, "script_template = textwrap.dedent(\"\"\"\\\n", "\"\"\""));
    let own = dedented.filter(|text| !text.contains('\\')).map(dedent);
    let raw = || between(distlib?, "SCRIPT_TEMPLATE = r'''", "'''").map(str::to_owned);
    own.or_else(raw).filter(|text| is_template(text)).unwrap_or_else(|| OWN_TEMPLATE.to_owned())
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

fn is_template(text: &str) -> bool {
    let has_all = ["%(module)s", "%(import_name)s", "%(func)s"].iter().all(|field| text.contains(field));
    has_all && text.len() <= TEMPLATE_LIMIT && text.ends_with('\n')
}

/// Python's `textwrap.dedent`.
fn dedent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let margin = text.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or_default();
    text.split_inclusive('\n').map(|line| if line.trim().is_empty() { "\n" } else { &line[margin..] }).collect()
}

/// The body of a script.
pub(super) fn body(template: &str, program: &EntryPoint) -> String {
    let import_name = program.function.split('.').next().unwrap_or_default();
    template
        .replace("%(module)s", &program.module)
        .replace("%(import_name)s", import_name)
        .replace("%(func)s", &program.function)
        .replace("%%", "%")
}

/// The first line, or the first three.
pub(super) fn first_line(python: &Path, relocatable: bool) -> String {
    let path = python.to_str().filter(|_| !relocatable);
    path.and_then(absolute).unwrap_or_else(|| beside(python.file_name().unwrap_or_default()))
}

/// `None` where the path would not be read as it is.
fn absolute(python: &str) -> Option<String> {
    if python.contains(|c: char| c.is_ascii_control()) {
        return None;
    }
    let spaced = python.contains(' ');
    // `#!` before it and a line break after it.
    if !spaced && python.len() + 3 <= KERNEL_LIMIT {
        // PEP 263: a comment in the first line may name an encoding.
        let encoding = ["coding:", "coding="].iter().any(|it| python.contains(it));
        return (!encoding).then(|| format!("#!{python}\n"));
    }
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "/._-+,@%=:^".contains(c);
    let quoted = |c: char| !"\"$`\\".contains(c);
    let path = if spaced { format!("\"{python}\"") } else { python.to_owned() };
    let is_safe =
        if spaced { python.chars().all(quoted) && !python.contains("'''") } else { python.chars().all(plain) };
    is_safe.then(|| shell(&path))
}

/// The python in the script's own directory, links to the script followed.
fn beside(name: &OsStr) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    let name = name.to_str().filter(|name| !name.is_empty() && name.chars().all(plain)).unwrap_or("python3");
    shell(&format!("\"$(dirname -- \"$(realpath -- \"$0\")\")\"/'{name}'"))
}

/// To a shell it is a command that never returns, to Python a string.
fn shell(python: &str) -> String {
    format!("#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\n")
}
