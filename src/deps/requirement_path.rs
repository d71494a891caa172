//! Requirements that are paths, as pip and uv take them: `./x`, `wheels/x-1-py3-none-any.whl[extra]`, `x @ ./x`.

use std::path::{Path, PathBuf};

use crate::host::fs::normalize;

/// What a file of a distribution ends with, with no directory before it.
const ARCHIVES: [&str; 3] = [".whl", ".tar.gz", ".zip"];

/// The path that a requirement is; `None` where it is something else: a project of an index, a URL, an option.
pub fn of(word: &str) -> Option<&Path> {
    split(word).map(|(_, path, _)| Path::new(path))
}

/// The same requirement, its path seen from this directory where it has one.
pub fn seen_from(word: &str, base: &Path) -> String {
    let Some((before, path, after)) = split(word) else { return word.to_owned() };
    format!("{before}{}{after}", normalize(&base.join(path)).display())
}

/// The files on this machine that requirements are.
pub fn files(words: &[String]) -> Vec<PathBuf> {
    words.iter().filter_map(|word| of(word)).filter(|path| path.is_file()).map(Path::to_owned).collect()
}

/// What stands before the path, the path, and what stands behind it.
fn split(word: &str) -> Option<(&str, &str, &str)> {
    let named = word.split_once('@').map(|(_, rest)| rest.trim_start()).filter(|rest| rest.starts_with(['.', '/']));
    let rest = named.unwrap_or(word);
    let end = rest.find(['[', ';', ' ']).unwrap_or(rest.len());
    let (path, after) = rest.split_at(end);
    let is_dir = matches!(path, "." | "..") || path.contains('/');
    let is_other =
        path.contains("://") || path.contains('@') || path.starts_with(['-', '~']) || path.starts_with("file:");
    let is_path = !is_other && (is_dir || ARCHIVES.iter().any(|end| path.ends_with(end)));
    is_path.then(|| (&word[..word.len() - rest.len()], path, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_a_directory_and_nothing_else_is_touched() {
        for (word, expected) in [
            (".", "/r"),
            ("..[a,b]", "/[a,b]"),
            ("./x", "/r/x"),
            ("../x ; python_version < '4'", "/x ; python_version < '4'"),
            ("wheels/x-1-py3-none-any.whl[a]", "/r/wheels/x-1-py3-none-any.whl[a]"),
            ("x-1.tar.gz", "/r/x-1.tar.gz"),
            ("/else/x", "/else/x"),
            ("x @ ./y/x.whl", "x @ /r/y/x.whl"),
        ] {
            assert_eq!((seen_from(word, Path::new("/r")).as_str(), of(word).is_some()), (expected, true), "{word}");
        }
        for word in [
            "x",
            "x[a]>=1 ; sys_platform == 'a/b'",
            "x @ https://h/x.whl",
            "git+ssh://git@h/x/y",
            "git@h:x/y.git",
            "file:x/y",
            "-e",
            "--find-links=./wheels",
            "~/x",
            "",
        ] {
            assert_eq!((seen_from(word, Path::new("/r")).as_str(), of(word)), (word, None), "{word}");
        }
    }
}
