//! Moves what stands in the environment's place out of the way: with a rename, whole and at once, never by copying.
//!
//! The place for it is the directory for temporary things. Nothing can be renamed into another file system, so where that
//! directory is on one the place is beside the environment.

use std::io;
use std::path::{Path, PathBuf};

use super::Run;
use crate::config::{Settings, document};
use crate::error::{Fault, Kind, Result};
use crate::host::fs;
use crate::venv::Venv;

/// Where something of the run may be moved to, best first; `kind` is part of the name. Nothing is there yet.
pub fn places(run: &Run<'_>, settings: &Settings, venv: &Venv, kind: &str) -> [PathBuf; 2] {
    let name = |start: &str| PathBuf::from(format!("{start}.{kind}.{}", run.run_id()));
    let beside = name(&venv.dir().display().to_string());
    [settings.tmp_dir.value.join(name("venv")), beside].map(unused)
}

/// The starts of the names that [`places`] gives, each with the directory that they are in.
pub fn starts<'a>(settings: &'a Settings, venv: &'a Venv, kind: &str) -> [(&'a Path, String); 2] {
    let name = venv.dir().file_name().unwrap_or_default().to_string_lossy();
    let parent = venv.dir().parent().unwrap_or(Path::new("/"));
    [(&settings.tmp_dir.value, format!("venv.{kind}.")), (parent, format!("{name}.{kind}."))]
}

/// Moves something to a place; `false` where that is on another file system, and then nothing has changed. What is a mount
/// of its own is on another one everywhere; there the system says that it is busy.
pub fn rename(from: &Path, to: &Path) -> Result<bool> {
    let made = fs::create_dir_all(to.parent().unwrap_or(Path::new("/")));
    made.map_err(|error| fs::movable(error, "local_tmp_dir_rel_path"))?;
    match std::fs::rename(from, to) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::CrossesDevices | io::ErrorKind::ResourceBusy) => Ok(false),
        Err(error) => Err(fs::cannot_create(to, error)),
    }
}

/// Moves what is not ours aside, for the person to find.
pub fn move_foreign(run: &Run<'_>, settings: &Settings, venv: &Venv, what: &str) -> Result<()> {
    for place in places(run, settings, venv, "before") {
        if rename(venv.dir(), &place)? {
            run.ui
                .note("move", &format!("{} to {}: it is {what}", shown(settings, venv.dir()), shown(settings, &place)));
            return Ok(());
        }
    }
    Err(immovable(settings, venv).into())
}

/// The fault for something that no rename can move.
pub fn immovable(settings: &Settings, venv: &Venv) -> Fault {
    let message = format!("`{}` cannot be moved: it is a file system of its own", shown(settings, venv.dir()));
    Fault::new(Kind::CannotCreate, message).hint("unmount it, or choose another `local_venv_dir_rel_path`")
}

/// A path for people: as seen from the ref root where it is in there.
pub fn shown(settings: &Settings, path: &Path) -> String {
    document::shown(path, &settings.ref_root_dir.value)
}

fn unused(path: PathBuf) -> PathBuf {
    let numbered = (1..).map(|number| PathBuf::from(format!("{}.{number}", path.display())));
    std::iter::once(path.clone()).chain(numbered).find(|path| path.symlink_metadata().is_err()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_taken_gets_a_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("place");
        assert_eq!(unused(path.clone()), path);
        std::fs::create_dir(&path).unwrap();
        std::fs::write(dir.path().join("place.1"), "").unwrap();
        assert_eq!(unused(path), dir.path().join("place.2"));
    }
}
