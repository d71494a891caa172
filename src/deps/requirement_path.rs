//! Requirements that are paths, as pip and uv take them: `./x`, `wheels/x-1-py3-none-any.whl[extra]`, `x @ ./x`.

use std::path::{Path, PathBuf};

use crate::fetch::url::Url;
use crate::host::fs::normalize;
use crate::python::requirements_file::with_included;

/// What a file of a distribution ends with, with no directory before it.
const ARCHIVES: [&str; 3] = [".whl", ".tar.gz", ".zip"];
/// The options that name a file of requirements or constraints.
const NAMING: [&str; 6] = ["-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints"];
/// Those that name something else that may be on this machine.
const PLACING: [&str; 9] = [
    "-e",
    "--editable",
    "-f",
    "--find-links",
    "-b",
    "--build-constraint",
    "--build-constraints",
    "--override",
    "--overrides",
];

/// The path that a requirement is; `None` where it is something else: a project of an index, a URL, an option.
pub fn of(word: &str) -> Option<&Path> {
    split(word).map(|(_, path, _)| Path::new(path))
}

/// The same words of requirements, each path seen from this directory: of a requirement, and of what an option names.
pub fn seen_from(words: &[String], base: &Path) -> Vec<String> {
    let seen = words.iter().zip(befores(words)).map(|(word, before)| {
        let Some((head, path, tail)) = path_in(before, word) else { return word.clone() };
        format!("{head}{}{tail}", normalize(&base.join(path)).display())
    });
    seen.collect()
}

/// The files that words of requirements name, seen from this directory: what is installed, and files of requirements and
/// of constraints with those that they include.
pub fn files(words: &[String], base: &Path) -> Vec<PathBuf> {
    let named = words.iter().zip(befores(words)).flat_map(|(word, before)| {
        let value = value(&NAMING, before, word);
        let path = of_url(value.unwrap_or(word)).or_else(|| value.map(PathBuf::from));
        let path = path.or_else(|| of(word).map(Path::to_owned)).map(|path| base.join(path));
        match path.filter(|path| path.is_file()) {
            Some(list) if value.is_some() => with_included(&list),
            path => path.into_iter().collect(),
        }
    });
    named.filter(|path| path.is_file()).collect()
}

/// What stands before each word.
fn befores(words: &[String]) -> impl Iterator<Item = &str> {
    std::iter::once("").chain(words.iter().map(String::as_str))
}

/// What one of these options names with this word, or in it.
fn value<'a>(options: &[&str], before: &str, word: &'a str) -> Option<&'a str> {
    let joined = || word.split_once('=').filter(|(name, _)| options.contains(name)).map(|(_, value)| value);
    let is_short = |name: &&&str| !name.starts_with("--");
    let short = || options.iter().filter(is_short).find_map(|name| word.strip_prefix(name)).filter(|it| !it.is_empty());
    if options.contains(&before) { Some(word) } else { joined().or_else(short) }
}

/// The path in a word, with what stands before and behind it. What an option names needs no `/` to be one; behind one that
/// is not known, it has to begin like a path.
fn path_in<'a>(before: &str, word: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let named = value(&NAMING, before, word).or_else(|| value(&PLACING, before, word));
    let is_path = |it: &&str| !(it.contains("://") || it.starts_with("file:") || it.starts_with(['-', '~']));
    let begins = || word.split_once('=').map(|(_, it)| it).filter(|it| word.starts_with("--") && it.starts_with('.'));
    let value = named.or_else(begins).unwrap_or(word);
    let bare = || named.filter(is_path).map(|it| ("", it, ""));
    let (head, path, tail) = split(value).or_else(bare)?;
    Some((&word[..word.len() - value.len() + head.len()], path, tail))
}

/// The path of a URL that a word is, or ends with behind the name of a project.
fn of_url(word: &str) -> Option<PathBuf> {
    let (head, url) = word.split_at(word.find("file://")?);
    let is_whole = head.is_empty() || head.trim_end().ends_with('@');
    Url::parse(url.split_whitespace().next().filter(|_| is_whole)?).ok()?.to_path()
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

    fn seen(words: &str) -> String {
        let words: Vec<String> = words.split('|').map(str::to_owned).collect();
        seen_from(&words, Path::new("/r")).join("|")
    }

    #[test]
    fn what_an_option_names_is_a_path_however_it_is_written() {
        for (words, expected) in [
            ("-r|r.txt", "-r|/r/r.txt"),
            ("-rr.txt|x|-c../c.txt", "-r/r/r.txt|x|-c/c.txt"),
            ("--requirement|a b.txt", "--requirement|/r/a b.txt"),
            ("--requirements=./a b.txt", "--requirements=/r/a b.txt"),
            ("--constraint=c.txt|c.txt", "--constraint=/r/c.txt|c.txt"),
            ("-e|.[a,b]|-ex[a]", "-e|/r[a,b]|-e/r/x[a]"),
            ("--find-links=wheels|-f|./more", "--find-links=/r/wheels|-f|/r/more"),
            ("--extra-index-url=../simple", "--extra-index-url=/simple"),
            ("-r|/r.txt", "-r|/r.txt"),
        ] {
            assert_eq!(seen(words), expected);
            assert_eq!(seen(expected), expected, "once is enough");
        }
        for words in
            ["-r|https://h/r.txt", "-cfile:///c.txt", "-r|-", "-e|git+https://h/x", "--find-links=https://h/./"]
        {
            assert_eq!(seen(words), words);
        }
    }

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
            assert_eq!((seen(word).as_str(), of(word).is_some()), (expected, true), "{word}");
        }
        for word in [
            "x",
            "x[a]>=1 ; sys_platform == 'a/b'",
            "x @ https://h/x.whl",
            "git+ssh://git@h/x/y",
            "git@h:x/y.git",
            "file:x/y",
            "-e",
            "r.txt",
            "--no-cache",
            "--pre=x",
            "~/x",
            "",
        ] {
            assert_eq!((seen(word).as_str(), of(word)), (word, None), "{word}");
        }
    }

    #[test]
    fn files_are_found_however_they_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path();
        for name in ["r.txt", "x-1.whl", "a b.whl"] {
            std::fs::write(base.join(name), "").unwrap();
        }
        std::fs::write(base.join("all.txt"), "x\n-r r.txt\n-c missing.txt\n").unwrap();
        for (words, expected) in [
            ("-r|r.txt", &["r.txt"][..]),
            ("-rr.txt|x", &["r.txt"]),
            ("--requirement=./r.txt", &["r.txt"]),
            ("--constraint|DIR/r.txt", &["r.txt"]),
            ("-c|file://DIR/r.txt", &["r.txt"]),
            ("-r|all.txt|x-1.whl", &["all.txt", "r.txt", "x-1.whl"]),
            ("x @ file://DIR/x-1.whl ; a == 'b'", &["x-1.whl"]),
            ("file://DIR/a%20b.whl#sha256=0", &["a b.whl"]),
            ("x-1.whl[a]", &["x-1.whl"]),
            ("r.txt", &[]),
            ("--index-url|r.txt|-r|missing.txt", &[]),
            ("--find-links=file://DIR/x-1.whl", &[]),
        ] {
            let words: Vec<String> = words.split('|').map(|it| it.replace("DIR", base.to_str().unwrap())).collect();
            let expected: Vec<PathBuf> = expected.iter().map(|name| base.join(name)).collect();
            assert_eq!(files(&words, base), expected, "{words:?}");
        }
    }
}
