//! Sets the symlink to the selected environment.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use super::Run;
use super::aside::shown;
use crate::config::{EnvLink, Settings};
use crate::error::{Fault, Kind, Result};
use crate::host::fs;

/// Sets the link where it does not lead to the selected environment yet: relative, so that the repository can be moved,
/// and whole, so that nobody ever finds none. What is no link is left as it is.
pub fn set(run: &Run<'_>, settings: &Settings) -> Result<()> {
    let Some(link) = settings.env_link.as_ref().filter(|link| link.is_due) else { return Ok(()) };
    let ref_root = &settings.ref_root_dir.value;
    let target = target(link.path.parent().unwrap_or(ref_root), &settings.env_dir.value)?;
    place(link, &target)?;
    let name = shown(settings, &link.path);
    let before = link.target.as_ref().map(|target| format!(" (was `{}`)", target.display())).unwrap_or_default();
    run.ui.note("link", &format!("{name} to {}{before}", target.display()));
    Ok(())
}

/// What the link says: the way from its own directory to the environment's, both as they are without links, because that
/// is how the system goes it.
fn target(from: &Path, to: &Path) -> Result<PathBuf> {
    fs::create_dir_all(from)?;
    let real = |dir: &Path| dir.canonicalize().map_err(|error| fs::cannot_create(dir, error));
    Ok(relative(&real(from)?, &real(to)?))
}

fn place(link: &EnvLink, target: &Path) -> Result<()> {
    let path = &link.path;
    let dir = path.parent().unwrap_or(Path::new("/"));
    if link.target.is_none() {
        // Unlike a rename, this fails where something has appeared in the meantime.
        return match symlink(target, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && leads_to(path, target) => Ok(()),
            result => result.map_err(|error| fs::cannot_create(path, error)),
        };
    }
    if !path.is_symlink() {
        let message = format!("`{}` was a link and is none any more", path.display());
        return Err(Fault::new(Kind::TryAgain, message).hint("start again").into());
    }
    let beside = tempfile::Builder::new().prefix(fs::TEMPORARY_PREFIX).make_in(dir, |beside| symlink(target, beside));
    let beside = beside.map_err(|error| fs::cannot_create(path, error))?;
    beside.into_temp_path().persist(path).map_err(|error| fs::cannot_create(path, error.error))
}

fn leads_to(path: &Path, target: &Path) -> bool {
    std::fs::read_link(path).is_ok_and(|now| now == target)
}

/// The way from one directory to another, both absolute and without links in what they do not share.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(left, right)| left == right).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_relative() {
        for (from, to, expected) in [
            ("/r", "/r/dst/a", "dst/a"),
            ("/r/conf", "/r/dst/a", "../dst/a"),
            ("/r/x/y", "/r", "../.."),
            ("/r/dst", "/r/dst/a", "a"),
            ("/r", "/r", "."),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected), "{from} {to}");
        }
    }

    #[test]
    fn the_way_is_that_of_the_system() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("deep/er/conf")).unwrap();
        std::fs::create_dir_all(root.join("envs/one")).unwrap();
        symlink("deep/er/conf", root.join("conf")).unwrap();
        let target = target(&root.join("conf"), &root.join("envs/one")).unwrap();
        assert_eq!(target, Path::new("../../../envs/one"));
        symlink(&target, root.join("conf/lconf")).unwrap();
        assert!(root.join("conf/lconf").is_dir());
    }

    #[test]
    fn only_a_link_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("link");
        let link =
            |target: Option<&str>| EnvLink { path: path.clone(), target: target.map(PathBuf::from), is_due: true };
        let now = || std::fs::read_link(&path).unwrap();
        place(&link(None), Path::new("a")).unwrap();
        assert_eq!(now(), Path::new("a"));
        place(&link(None), Path::new("a")).unwrap();
        place(&link(Some("a")), Path::new("b")).unwrap();
        assert_eq!(now(), Path::new("b"));
        assert!(place(&link(None), Path::new("c")).is_err(), "somebody else's link");
        assert_eq!(now(), Path::new("b"));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(place(&link(None), Path::new("c")).is_err() && place(&link(Some("b")), Path::new("c")).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
