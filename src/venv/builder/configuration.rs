//! `pyvenv.cfg` (PEP 405), key by key as the interpreter's own `venv` writes it, and the file that git reads.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::context::Context;
use super::options::EnvSpec;
use crate::error::Result;
use crate::host::fs;

/// The content of `.gitignore`, which CPython's own tests compare.
const GIT_IGNORE: &str = "# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n";

/// Writes the file.
pub fn write(spec: &EnvSpec, context: &Context) -> Result<()> {
    put(&context.cfg_path, &content(spec, context))
}

/// Writes the file that keeps the environment out of git.
pub fn write_git_ignore(context: &Context) -> Result<()> {
    put(&context.env_dir.join(".gitignore"), GIT_IGNORE.as_bytes())
}

fn put(path: &Path, content: &[u8]) -> Result<()> {
    std::fs::write(path, content).map_err(|error| fs::cannot_create(path, error))
}

/// The content, in CPython's order.
pub fn content(spec: &EnvSpec, context: &Context) -> Vec<u8> {
    let interpreter = &spec.interpreter;
    let mut out = Vec::new();
    let mut line = |key: &str, value: &OsStr| {
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b" = ");
        // What comes behind a line break would be a key of its own; CPython writes it all the same.
        value.as_bytes().iter().for_each(|byte| match byte {
            b'\n' => out.extend_from_slice(br"\n"),
            b'\r' => out.extend_from_slice(br"\r"),
            byte => out.push(*byte),
        });
        out.push(b'\n');
    };
    line("home", context.python_dir.as_os_str());
    line("include-system-site-packages", OsStr::new(if context.system_site_packages { "true" } else { "false" }));
    line("version", OsStr::new(&interpreter.version().release().to_string()));
    if let Some(prompt) = spec.prompt().filter(|_| spec.minor() >= 8) {
        line("prompt", OsStr::new(&python_repr(&prompt.to_string_lossy())));
    }
    if spec.minor() >= 11 {
        let real = interpreter.executable.canonicalize().unwrap_or_else(|_| interpreter.executable.clone());
        line("executable", real.as_os_str());
        line("command", OsStr::from_bytes(&command(spec, context)));
    }
    // uv's key: its own scripts are then written for an environment that moves.
    if spec.options.relocatable {
        line("relocatable", OsStr::new("true"));
    }
    out
}

/// The command line of `python -m venv` that would make the same. Nothing in it is quoted, as in CPython.
fn command(spec: &EnvSpec, context: &Context) -> Vec<u8> {
    let options = &spec.options;
    let flags = [
        (!options.symlinks, "--copies"),
        (!options.with_pip, "--without-pip"),
        (context.system_site_packages, "--system-site-packages"),
        (options.clear, "--clear"),
        (options.upgrade, "--upgrade"),
        (options.upgrade_deps, "--upgrade-deps"),
    ];
    let mut out = [spec.interpreter.executable.as_os_str().as_bytes(), b" -m venv"].concat();
    for (_, flag) in flags.into_iter().filter(|(is_given, _)| *is_given) {
        out.extend_from_slice(b" ");
        out.extend_from_slice(flag.as_bytes());
    }
    if let Some(prompt) = &options.prompt {
        out.extend_from_slice(&[b" --prompt=\"", prompt.as_bytes(), b"\""].concat());
    }
    if !options.scm_ignore_files && spec.knows_scm_ignore_files() {
        out.extend_from_slice(b" --without-scm-ignore-files");
    }
    out.push(b' ');
    out.extend_from_slice(context.env_dir.as_os_str().as_bytes());
    out
}

/// A text as Python's `repr` shows it.
fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            '\t' => out.push_str(r"\t"),
            c if c == quote => out.extend(['\\', c]),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&escaped(u32::from(c))),
        }
    }
    out.push(quote);
    out
}

fn escaped(code: u32) -> String {
    match code {
        ..0x100 => format!(r"\x{code:02x}"),
        0x100..0x1_0000 => format!(r"\u{code:04x}"),
        _ => format!(r"\U{code:08x}"),
    }
}

/// What Python calls printable: everything outside of the categories Other and Separator, and the space. Rust's debug
/// output goes by the same categories; behind another character, combining marks count as printable there too.
fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    !text.escape_debug().to_string().starts_with(r"a\u")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_written_as_python_shows_it() {
        for (text, shown) in [
            ("a", "'a'"),
            ("", "''"),
            ("it's", "\"it's\""),
            ("a'b\"c", r#"'a\'b"c'"#),
            ("new\nline\t\r\\", r"'new\nline\t\r\\'"),
            ("\u{1}\u{7f}\u{a0}\u{200b}\u{2028}", r"'\x01\x7f\xa0\u200b\u2028'"),
            ("ü 🐍 e\u{301}", "'ü 🐍 e\u{301}'"),
            ("\u{e000}\u{e0001}", r"'\ue000\U000e0001'"),
        ] {
            assert_eq!(python_repr(text), shown);
        }
    }
}
