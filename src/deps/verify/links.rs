//! What an installed file leads to: the sources of an editable project.
//!
//! Such a project is linked in one of these ways, by its build backend: a `.pth` file that has the directory of the
//! sources (setuptools for `src`, hatchling, flit, poetry, pdm, uv, scikit-build-core), a `.pth` file that imports a
//! finder which has the directories in a table (setuptools otherwise), or, with versions of setuptools and pip that know
//! no better, an `.egg-link` file. What it was installed from stands in `direct_url.json` (PEP 610).

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::super::distribution::DirectUrl;

/// The paths in a `.pth` file that are not there; `site` is where the file lies (CPython's `site.addpackage`).
pub fn dead_paths(site: &Path, pth: &[u8]) -> Vec<PathBuf> {
    let lines = pth.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let code = |line: &[u8]| {
        line.is_empty() || line.starts_with(b"#") || line.starts_with(b"import ") || line.starts_with(b"import\t")
    };
    let paths = lines.filter(|line| !code(line)).map(|line| site.join(std::ffi::OsStr::from_bytes(line)));
    paths.filter(|path| !path.exists()).collect()
}

/// The paths in the tables of setuptools' finder that are not there.
pub fn dead_mappings(finder: &str) -> Vec<PathBuf> {
    let is_table = |line: &&str| line.starts_with("MAPPING") || line.starts_with("NAMESPACES");
    let texts = finder.lines().filter(is_table).flat_map(python_texts);
    let paths = texts.filter(|text| text.starts_with('/')).map(PathBuf::from);
    paths.filter(|path| !is_module(path)).collect()
}

/// A module stands in the table without its suffix.
fn is_module(path: &Path) -> bool {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    let beside = || path.parent().and_then(|dir| dir.read_dir().ok()).into_iter().flatten().flatten();
    path.exists() || beside().any(|entry| entry.file_name().as_bytes().starts_with(name.as_bytes()))
}

/// The literal texts of a line of Python, as `repr` writes them; one with a rarer escape is passed over.
fn python_texts(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line.chars();
    while let Some(mark) = rest.by_ref().find(|it| matches!(it, '\'' | '"')) {
        let (mut text, mut plain) = (String::new(), true);
        while let Some(character) = rest.next().filter(|it| *it != mark) {
            match character {
                '\\' => match rest.next() {
                    Some(escaped @ ('\\' | '\'' | '"')) => text.push(escaped),
                    _ => plain = false,
                },
                other => text.push(other),
            }
        }
        if plain {
            found.push(text);
        }
    }
    found
}

/// The directory that a `direct_url.json` says is linked, if it does; an error where the file is none.
pub fn editable_dir(direct_url: &[u8]) -> Result<Option<PathBuf>, serde_json::Error> {
    let direct_url: DirectUrl = serde_json::from_slice(direct_url)?;
    let editable = direct_url.dir_info.is_some_and(|dir| dir.editable);
    Ok(local_path(&direct_url.url).filter(|_| editable))
}

/// The path of a `file:` URL.
pub fn local_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, more @ ..] = rest {
        let escaped = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = escaped.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &more[2..] } else { more };
    }
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_pth_file_are_paths_unless_they_are_code_or_comments() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("here")).unwrap();
        let absolute = dir.path().join("here").display().to_string();
        let pth = format!("# /x\nimport y; y.z()\n\nhere\n{absolute}\r\ngone\n/nowhere at all\n");
        let expected = [dir.path().join("gone"), PathBuf::from("/nowhere at all")];
        assert_eq!(dead_paths(dir.path(), pth.as_bytes()), expected);
    }

    #[test]
    fn the_tables_of_a_finder_are_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("it's")).unwrap();
        std::fs::write(dir.path().join("module.py"), "").unwrap();
        let path = dir.path().display();
        let finder = format!(
            "import sys\nMAPPING: dict[str, str] = {{'a': \"{path}/it's\", 'module': '{path}/module', 'b': '/gone/\\\\x', \
             'c': '/odd/\\x07'}}\nNAMESPACES: dict[str, list[str]] = {{'n': ['/gone/too']}}\nPATH = '/other'\n"
        );
        assert_eq!(dead_mappings(&finder), [PathBuf::from("/gone/\\x"), PathBuf::from("/gone/too")]);
    }

    #[test]
    fn only_a_linked_directory_is_one() {
        let dir = |text: &str| editable_dir(text.as_bytes());
        let editable = r#"{"url":"file:///a%20b/%C3%BC%zz","dir_info":{"editable":true}}"#;
        assert_eq!(dir(editable).unwrap(), Some(PathBuf::from("/a b/ü%zz")));
        assert_eq!(dir(r#"{"url":"file:///a","dir_info":{}}"#).unwrap(), None);
        assert_eq!(dir(r#"{"url":"https://h/a.whl","archive_info":{}}"#).unwrap(), None);
        assert!(dir("{").is_err());
    }
}
