//! The path of an interpreter that outlives a patch upgrade.
//!
//! Version managers and package managers keep each patch version in a directory of its own and have a link beside it that
//! leads to the newest of a minor version. An environment that was made from the link is not broken when the directory is
//! gone: uv has `cpython-3.12-linux-x86_64-gnu` for `cpython-3.12.4-linux-x86_64-gnu`, Homebrew `opt/python@3.12` for
//! `Cellar/python@3.12/3.12.4`, and pyenv may have `3.12` for `3.12.4`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Another path to the executable at `path` (links resolved) that names no patch version; `path` itself where there is
/// none. Both uv and `venv` write the path that they are given into what they make.
pub fn stable_path(path: &Path) -> PathBuf {
    let dirs = path.ancestors().skip(1).filter(|dir| dir.parent().is_some());
    let candidates = dirs.flat_map(|dir| {
        let inside = path.strip_prefix(dir).unwrap_or(path);
        stable_dirs(dir).into_iter().filter(|stable| leads_to(stable, dir)).map(move |stable| stable.join(inside))
    });
    let mut candidates = candidates.filter(|candidate| leads_to(candidate, path));
    candidates.next().unwrap_or_else(|| path.to_owned())
}

/// Where a link to the installation in `dir` would be; nothing where its name has no patch version.
fn stable_dirs(dir: &Path) -> Vec<PathBuf> {
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name().and_then(OsStr::to_str)) else { return Vec::new() };
    let Some(minor) = without_patch(name) else { return Vec::new() };
    let keg = parent.parent().filter(|cellar| cellar.file_name() == Some(OsStr::new("Cellar")));
    let keg = keg.and_then(Path::parent).zip(parent.file_name());
    keg.map(|(prefix, formula)| prefix.join("opt").join(formula)).into_iter().chain([parent.join(minor)]).collect()
}

/// `cpython-3.12.4-linux` without the patch: `cpython-3.12-linux`. `None` where no version of three numbers is in it.
fn without_patch(name: &str) -> Option<String> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let (head, version) = name.split_at(start);
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let (version, rest) = version.split_at(end);
    let numbers: Vec<&str> = version.split('.').collect();
    let [major, minor, patch] = numbers[..] else { return None };
    (![major, minor, patch].contains(&"")).then(|| format!("{head}{major}.{minor}{rest}"))
}

fn leads_to(path: &Path, target: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| target.canonicalize().is_ok_and(|target| real == target))
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, remove_file, write};
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_name_loses_its_patch_and_nothing_else() {
        for (name, expected) in [
            ("3.12.4", Some("3.12")),
            ("cpython-3.12.4-linux-x86_64-gnu", Some("cpython-3.12-linux-x86_64-gnu")),
            ("cpython-3.13.0+freethreaded-linux", Some("cpython-3.13+freethreaded-linux")),
            ("3.12.4_1", Some("3.12_1")),
            ("3.12", None),
            ("3.12.", None),
            ("1.2.3.4", None),
            ("bin", None),
        ] {
            assert_eq!(without_patch(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_link_beside_the_installation_is_taken_and_only_where_it_leads_there() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for (installation, link) in [
            ("uv/cpython-3.12.4-linux-x86_64-gnu", "uv/cpython-3.12-linux-x86_64-gnu"),
            ("versions/3.12.4", "versions/3.12"),
            ("brew/Cellar/python@3.12/3.12.4_1", "brew/opt/python@3.12"),
        ] {
            let python = root.join(installation).join("bin/python3.12");
            create_dir_all(python.parent().unwrap()).unwrap();
            write(&python, "").unwrap();
            assert_eq!(stable_path(&python), python, "nothing leads there");
            let link = root.join(link);
            create_dir_all(link.parent().unwrap()).unwrap();
            symlink(root.join(installation), &link).unwrap();
            assert_eq!(stable_path(&python), link.join("bin/python3.12"));
            remove_file(&link).unwrap();
            symlink("/", &link).unwrap();
            assert_eq!(stable_path(&python), python, "the link leads elsewhere");
        }
    }
}
