//! A directory as a value: what is in it, of what kind, with which modes, links and contents. Byte code is left out, which
//! Python writes when it likes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::encoding::sha256;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Directory { mode: u32 },
    File { mode: u32, content: Vec<u8> },
    Link { target: PathBuf },
    Other,
}

/// A directory and all below it, by path as seen from the directory; it is itself the empty path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<PathBuf, Entry>);

impl Tree {
    /// What is at a path now; nothing where there is nothing.
    pub fn of(dir: &Path) -> Self {
        let mut tree = Self::default();
        tree.collect(dir, Path::new(""));
        tree
    }

    fn collect(&mut self, root: &Path, path: &Path) {
        let full = if path.as_os_str().is_empty() { root.to_owned() } else { root.join(path) };
        let Ok(meta) = full.symlink_metadata() else { return };
        let mode = meta.permissions().mode() & 0o7777;
        let entry = if meta.is_symlink() {
            Entry::Link { target: fs::read_link(&full).unwrap() }
        } else if meta.is_dir() {
            for entry in fs::read_dir(&full).unwrap().map(Result::unwrap).filter(|it| !is_byte_code(&it.path())) {
                self.collect(root, &path.join(entry.file_name()));
            }
            Entry::Directory { mode }
        } else if meta.is_file() {
            let content = fs::read(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()));
            Entry::File { mode, content: without_byte_code(path, content) }
        } else {
            Entry::Other
        };
        self.0.insert(path.to_owned(), entry);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    pub fn get(&self, path: impl AsRef<Path>) -> Option<&Entry> {
        self.0.get(path.as_ref())
    }

    /// The same without the contents of the files that are named; what they are and their modes stay.
    pub fn without_contents(mut self, named: impl Fn(&Path) -> bool) -> Self {
        for (path, entry) in &mut self.0 {
            if let Entry::File { content, .. } = entry
                && named(path)
            {
                content.clear();
            }
        }
        self
    }

    /// The same with other texts in the files that are named.
    pub fn rewritten(mut self, named: impl Fn(&Path) -> bool, rewrite: impl Fn(&str) -> String) -> Self {
        for (path, entry) in &mut self.0 {
            if let Entry::File { content, .. } = entry
                && named(path)
            {
                *content = rewrite(&String::from_utf8_lossy(content)).into_bytes();
            }
        }
        self
    }

    /// What is not the same in another tree, a line each; `self` is what was expected.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let paths: BTreeSet<&PathBuf> = self.0.keys().chain(other.0.keys()).collect();
        let pairs = paths.into_iter().map(|path| (path, self.0.get(path), other.0.get(path)));
        let different = pairs.filter(|(_, expected, found)| expected != found);
        different
            .map(|(path, expected, found)| format!("`{}`: {}", path.display(), difference(expected, found)))
            .collect()
    }
}

fn is_byte_code(path: &Path) -> bool {
    path.ends_with("__pycache__") || path.extension().is_some_and(|it| it == "pyc")
}

/// A `RECORD` without the rows of byte code, sorted: its order means nothing. Line ends stay as they are.
fn without_byte_code(path: &Path, content: Vec<u8>) -> Vec<u8> {
    if !path.ends_with("RECORD") {
        return content;
    }
    let text = String::from_utf8(content).unwrap();
    let mut rows: Vec<&str> = text.split_inclusive('\n').filter(|row| !row.contains(".pyc,")).collect();
    rows.sort_unstable();
    rows.concat().into_bytes()
}

fn difference(expected: Option<&Entry>, found: Option<&Entry>) -> String {
    if let (Some(Entry::File { mode, content }), Some(Entry::File { mode: other_mode, content: other })) =
        (expected, found)
    {
        if mode != other_mode {
            return format!("expected mode {mode:o}, found {other_mode:o}");
        }
        return different_lines(content, other);
    }
    format!("expected {}, found {}", describe(expected), describe(found))
}

/// The first line that differs.
fn different_lines(expected: &[u8], found: &[u8]) -> String {
    let lines = |content: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(content).split_inclusive('\n').map(str::to_owned).collect()
    };
    let (expected, found) = (lines(expected), lines(found));
    let same = expected.iter().zip(&found).take_while(|(left, right)| left == right).count();
    format!("line {}: expected {:?}, found {:?}", same + 1, expected.get(same), found.get(same))
}

fn describe(entry: Option<&Entry>) -> String {
    match entry {
        None => "nothing".to_owned(),
        Some(Entry::Directory { mode }) => format!("a directory {mode:o}"),
        Some(Entry::File { mode, content }) => {
            format!("a file {mode:o} of {} bytes, sha256 {}", content.len(), &sha256(content)[..12])
        }
        Some(Entry::Link { target }) => format!("a link to `{}`", target.display()),
        Some(Entry::Other) => "something else".to_owned(),
    }
}

#[test]
fn trees_differ_by_every_property_and_not_by_byte_code() {
    use super::write;
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    let fill = |name: &str, record: &str, target: &str| {
        write(&place(name).join("file"), b"one\ntwo\n", 0o644);
        write(&place(name).join("RECORD"), record.as_bytes(), 0o644);
        std::os::unix::fs::symlink(target, place(name).join("link")).unwrap();
        Tree::of(&place(name))
    };
    let left = fill("left", "b,,\r\na.pyc,,\r\na,,\r\n", "file");
    assert_eq!(left.len(), 4);
    write(&place("left").join("__pycache__/a.pyc"), b"", 0o644);
    assert_eq!(Tree::of(&place("left")), left);
    let right = fill("right", "a,,\r\nb,,\r\n", "elsewhere");
    assert_eq!(left.differences(&right), ["`link`: expected a link to `file`, found a link to `elsewhere`"]);
    write(&place("right").join("file"), b"one\n2\n", 0o644);
    write(&place("right").join("more"), b"", 0o600);
    let found = left.differences(&Tree::of(&place("right")));
    assert_eq!(found[0], "`file`: line 2: expected Some(\"two\\n\"), found Some(\"2\\n\")");
    assert!(found[2].starts_with("`more`: expected nothing, found a file 600 of 0 bytes"), "{found:?}");
    write(&place("right").join("file"), b"one\ntwo\n", 0o755);
    assert!(left.differences(&Tree::of(&place("right")))[0].ends_with("expected mode 644, found 755"));
}
