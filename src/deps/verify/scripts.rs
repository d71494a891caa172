//! The programs of entry points: what runs them must be the environment's own python.
//!
//! Sources: the "Entry points" specification of packaging.python.org; distlib's `ScriptMaker._build_shebang` (pip) and
//! uv's `format_shebang` for the two ways in which a script names its interpreter: in the first line, or, where the
//! kernel does not take that, in a second line that is shell and Python at once.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The names of the scripts in an `entry_points.txt`.
pub fn names(entry_points: &str) -> impl Iterator<Item = &str> {
    let mut wanted = false;
    entry_points.lines().map(str::trim).filter_map(move |line| {
        if line.starts_with('[') {
            wanted = matches!(line, "[console_scripts]" | "[gui_scripts]");
            return None;
        }
        let (name, _) = line.split_once('=').filter(|_| wanted && !line.starts_with(['#', ';']))?;
        Some(name.trim())
    })
}

/// Whether a script, by how it begins, is run by the python in this directory of programs.
pub fn is_run_from(bin: &Path, head: &[u8]) -> bool {
    let Some(interpreter) = interpreter(head) else { return false };
    let Some(name) = interpreter.iter().rposition(|byte| *byte == b'/') else { return false };
    let (dir, name) = (&interpreter[..name], &interpreter[name + 1..]);
    if !name.starts_with(b"python") && !name.starts_with(b"pypy") {
        return false;
    }
    // By another name of the same directory it is as good.
    let dir = Path::new(std::ffi::OsStr::from_bytes(dir));
    dir == bin || dir.canonicalize().is_ok_and(|dir| bin.canonicalize().is_ok_and(|bin| bin == dir))
}

/// The interpreter that a script begins with.
fn interpreter(head: &[u8]) -> Option<Vec<u8>> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next()?.strip_prefix(b"#!")?.trim_ascii();
    if first != b"/bin/sh" {
        return first.split(u8::is_ascii_whitespace).next().map(<[u8]>::to_owned);
    }
    lines.next()?.strip_prefix(b"'''exec' ").map(word)
}

/// The first word of a line of shell, without its quotation marks.
fn word(line: &[u8]) -> Vec<u8> {
    let (mut word, mut quote) = (Vec::new(), None);
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (None, b' ' | b'\t') => break,
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(mark), _) if mark == byte => quote = None,
            (None | Some(b'"'), b'\\') => word.extend(bytes.next()),
            _ => word.push(byte),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_of_both_kinds_are_named_and_no_other_entry_point() {
        let text =
            "# x\n[console_scripts]\na = m:f\n b-c=m:g [extra]\n\n[other]\nd = m\n[gui_scripts]\ne = m:h\n; f = m\n";
        assert_eq!(names(text).collect::<Vec<_>>(), ["a", "b-c", "e"]);
    }

    #[test]
    fn a_script_is_run_by_what_its_first_lines_say() {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("a b'c/bin");
        std::fs::create_dir_all(&bin).unwrap();
        let path = bin.display().to_string();
        let single = path.replace('\'', "'\"'\"'");
        for (head, expected) in [
            (format!("#!{path}/python\nimport x"), false),
            (format!("#!/bin/sh\n'''exec' '{single}/python3' \"$0\" \"$@\"\n' '''\n"), true),
            (format!("#!/bin/sh\n'''exec' \"{path}/python\" \"$0\" \"$@\"\n' '''\n"), true),
            (format!("#!/bin/sh\nexec '{single}/python'\n"), false),
            ("#!/usr/bin/python3\n".to_owned(), false),
            ("#!/usr/bin/env python3\n".to_owned(), false),
            ("#!".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_run_from(&bin, head.as_bytes()), expected, "{head}");
        }
        let plain = Path::new("/venv/bin");
        for (head, expected) in [
            ("#!/venv/bin/python3.12\n", true),
            ("#!/venv/bin/pypy3 -s\n", true),
            ("#!/venv/bin/sh\n", false),
            ("#!/other/bin/python\n", false),
            ("#!/bin/sh\n'''exec' /venv/bin/python \"$0\" \"$@\"\n", true),
        ] {
            assert_eq!(is_run_from(plain, head.as_bytes()), expected, "{head}");
        }
        std::os::unix::fs::symlink(&bin, dir.path().join("bin")).unwrap();
        let linked = format!("#!{}/bin/python\n", dir.path().display());
        assert!(is_run_from(&bin, linked.as_bytes()));
    }
}
