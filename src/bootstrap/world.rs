//! What exists right now where the environment belongs. Observing decides nothing.

use std::fs::symlink_metadata;

use super::plan::{Found, InterpreterNow, Made};
use crate::deps::{Phase, Stamp};
use crate::venv::Venv;
use crate::venv::cfg::VenvConfig;

/// Looks at the environment's place. `interpreter` is asked what the interpreter that a stamp names is now.
pub fn observe(venv: &Venv, stamp: Option<Stamp>, interpreter: impl FnOnce(&Stamp) -> Option<InterpreterNow>) -> Found {
    let stamp = stamp.filter(|stamp| stamp.venv == venv.dir());
    let Ok(meta) = symlink_metadata(venv.dir()) else { return Found::Absent };
    if meta.is_symlink() {
        return Found::Foreign("a symbolic link");
    }
    if !meta.is_dir() {
        return Found::Foreign("no directory");
    }
    if is_empty(venv) {
        return Found::Absent;
    }
    // A stamp alone proves nothing: the environment may have been removed and something else put in its place.
    let same_dir = stamp.as_ref().filter(|stamp| stamp.is_of_dir(venv.dir()));
    if same_dir.is_some_and(|stamp| stamp.phase == Phase::Creating) {
        return Found::Leftover("it was left half made");
    }
    let same_dir = same_dir.is_some();
    match (venv.cfg(), stamp) {
        // Without its configuration it is still known by its directory, and gets that back.
        (cfg, Some(stamp)) if cfg.as_ref().map_or(same_dir && stamp.tampering().is_some(), VenvConfig::is_ours) => {
            let interpreter = interpreter(&stamp);
            let (has_python, tampering) = (venv.python().exists(), stamp.tampering());
            Found::Made(Box::new(Made { stamp, has_python, tampering, interpreter }))
        }
        (Some(cfg), None) if cfg.is_ours() => Found::Leftover("nothing says what it was made from"),
        (Some(_), _) => Found::Foreign("an environment that something else made"),
        (None, _) if same_dir => Found::Leftover("it has lost its `pyvenv.cfg`"),
        (None, _) => Found::Foreign("a directory that is no environment"),
    }
}

fn is_empty(venv: &Venv) -> bool {
    std::fs::read_dir(venv.dir()).is_ok_and(|mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir, remove_file, write};
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;
    use crate::host::fs::Birth;

    #[test]
    fn what_is_there_is_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join(".venv");
        let venv = Venv::new(&dir);
        let mut stamp = Stamp::creating(root.path(), root.path(), &dir);
        let look = |stamp: Option<&Stamp>| observe(&venv, stamp.cloned(), |_| None);
        assert_eq!(look(None), Found::Absent);
        symlink("elsewhere", &dir).unwrap();
        assert_eq!(look(Some(&stamp)), Found::Foreign("a symbolic link"));
        remove_file(&dir).unwrap();
        write(&dir, "").unwrap();
        assert_eq!(look(Some(&stamp)), Found::Foreign("no directory"));
        remove_file(&dir).unwrap();
        create_dir(&dir).unwrap();
        assert_eq!(look(None), Found::Absent);
        write(dir.join("file"), "").unwrap();
        assert_eq!(look(None), Found::Foreign("a directory that is no environment"));
        assert_eq!(look(Some(&stamp)), Found::Foreign("a directory that is no environment"));
        stamp.birth = Birth::of_dir(&dir);
        if stamp.birth.is_none() {
            return;
        }
        assert_eq!(look(Some(&stamp)), Found::Leftover("it was left half made"));
        let other = Stamp::creating(root.path(), root.path(), Path::new("/elsewhere"));
        assert_eq!(look(Some(&other)), Found::Foreign("a directory that is no environment"));
        stamp.phase = Phase::Ready;
        assert_eq!(look(Some(&stamp)), Found::Leftover("it has lost its `pyvenv.cfg`"));
        write(venv.cfg_path(), "home = /x\n").unwrap();
        assert_eq!(look(Some(&stamp)), Found::Foreign("an environment that something else made"));
        write(venv.cfg_path(), "home = /x\nprime = 1\n").unwrap();
        assert_eq!(look(None), Found::Leftover("nothing says what it was made from"));
        assert!(matches!(look(Some(&stamp)), Found::Made(made) if !made.has_python && made.interpreter.is_none()));
    }
}
