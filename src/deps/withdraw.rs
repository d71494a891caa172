//! Taking damaged distributions out of an environment, so that installing them again finds nothing in its way.
//!
//! Neither tool can be left to it: uv gives up on a `RECORD` that it cannot read, pip on one that is missing, and both
//! remove whatever a `RECORD` lists, in the environment or not. Files are moved, not removed: where the installation fails
//! they are put back, and the environment is no worse than it was.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::verify::{Kind, Metadata, installed_files};
use crate::error::Result;
use crate::fetch::wheel::record::Record;
use crate::host::fs::{cannot_create, create_dir_all, normalize};
use crate::venv::Venv;
use crate::venv::layout::is_activation_script;

/// What was taken out, until it is known whether it comes back.
#[derive(Debug)]
pub struct Withdrawn {
    holding: TempDir,
    /// From where, in the order in which it was taken; where to is the number of each.
    moved: Vec<PathBuf>,
}

/// Takes the distributions of these names (normalised) out.
pub fn withdraw(venv: &Venv, names: &[&str]) -> Result<Withdrawn> {
    // On the environment's own file system: nothing is copied.
    let holding = tempfile::Builder::new().prefix(".prime-").tempdir_in(venv.dir());
    let holding = holding.map_err(|error| cannot_create(venv.dir(), error))?;
    let mut withdrawn = Withdrawn { holding, moved: Vec::new() };
    for site in venv.site_packages() {
        let found = Metadata::list(&site);
        for metadata in found.iter().filter(|it| names.contains(&it.owner.name.as_str())) {
            let path = site.join(&metadata.file_name);
            for file in files(&site, metadata).into_iter().filter(|file| may_be_moved(venv, file)) {
                withdrawn.take(file)?;
            }
            withdrawn.take(path)?;
        }
    }
    Ok(withdrawn)
}

/// The files of a distribution as far as it tells, compiled ones apart.
fn files(site: &Path, metadata: &Metadata) -> Vec<PathBuf> {
    let dir = site.join(&metadata.file_name);
    if metadata.kind != Kind::DistInfo {
        return installed_files(&dir);
    }
    let content = crate::host::fs::read_file(&dir.join("RECORD")).unwrap_or_default();
    let entries = Record::new(&content).map_while(Result::ok);
    entries.map(|entry| normalize(&site.join(OsStr::from_bytes(&entry.path)))).collect()
}

/// What belongs to the environment itself stays, whatever a damaged `RECORD` says.
fn may_be_moved(venv: &Venv, path: &Path) -> bool {
    let is_python = path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"python"));
    let is_own = path.parent() == Some(&venv.bin()) && (is_python || is_activation_script(path));
    path.starts_with(venv.dir()) && path != venv.cfg_path() && !is_own
}

impl Withdrawn {
    fn take(&mut self, path: PathBuf) -> Result<()> {
        if path.symlink_metadata().is_ok() {
            fs::rename(&path, self.place(self.moved.len())).map_err(|error| cannot_create(&path, error))?;
            self.moved.push(path);
        }
        Ok(())
    }

    fn place(&self, number: usize) -> PathBuf {
        self.holding.path().join(number.to_string())
    }

    /// Puts everything back that nothing else has taken the place of.
    pub fn restore(self) {
        for (number, path) in self.moved.iter().enumerate().rev() {
            // What cannot be put back is found to be missing.
            if path.symlink_metadata().is_err() {
                let _ = path.parent().map(fs::create_dir_all);
                let _ = fs::rename(self.place(number), path);
            }
        }
    }

    /// Lets go of it. A directory with something in it that stood where a file belongs is somebody's: it goes to a
    /// directory of its own in `tmp_dir`, and where that is said.
    pub fn discard(self, tmp_dir: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
        let mut kept = Vec::new();
        for (number, path) in self.moved.iter().enumerate() {
            let place = self.place(number);
            let is_metadata = path.extension().is_some_and(|it| it == "dist-info" || it == "egg-info");
            let is_foreign = !is_metadata && place.symlink_metadata().is_ok_and(|meta| meta.is_dir());
            if is_foreign && fs::read_dir(&place).is_ok_and(|mut entries| entries.next().is_some()) {
                create_dir_all(tmp_dir)?;
                let aside = tempfile::Builder::new().prefix("kept.").tempdir_in(tmp_dir);
                let aside = aside.map_err(|error| cannot_create(tmp_dir, error))?.keep();
                let aside = aside.join(path.file_name().unwrap_or_default());
                fs::rename(&place, &aside).map_err(|error| cannot_create(&aside, error))?;
                kept.push((path.clone(), aside));
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir, create_dir_all, write};

    use super::*;

    fn environment() -> (TempDir, Venv, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let venv = Venv::new(dir.path().join("venv"));
        let site = venv.dir().join("lib/python3.12/site-packages");
        create_dir_all(site.join("one-1.dist-info")).unwrap();
        create_dir_all(site.join("two-1.dist-info")).unwrap();
        create_dir_all(venv.bin()).unwrap();
        create_dir_all(site.join("one")).unwrap();
        let record = "one/a.py,,\none/b.py,,\n../../../bin/one,,\n../../../bin/python,,\n../../../pyvenv.cfg,,\n\
                      ../../../../outside,,\none-1.dist-info/RECORD,,\n";
        write(site.join("one-1.dist-info/RECORD"), record).unwrap();
        for path in ["one/a.py", "one/mine.py", "../../../bin/one", "../../../bin/python", "../../../pyvenv.cfg"] {
            write(site.join(path), path).unwrap();
        }
        write(dir.path().join("outside"), "").unwrap();
        (dir, venv, site)
    }

    #[test]
    fn only_what_the_distribution_owns_is_taken_out() {
        let (dir, venv, site) = environment();
        create_dir(site.join("one/b.py")).unwrap();
        write(site.join("one/b.py/notes"), "mine").unwrap();
        let withdrawn = withdraw(&venv, &["one"]).unwrap();
        for gone in ["one/a.py", "one/b.py", "../../../bin/one", "one-1.dist-info"] {
            assert!(!site.join(gone).exists(), "{gone}");
        }
        for kept in ["one/mine.py", "../../../bin/python", "../../../pyvenv.cfg", "two-1.dist-info"] {
            assert!(site.join(kept).exists(), "{kept}");
        }
        assert!(dir.path().join("outside").exists());
        let kept = withdrawn.discard(&dir.path().join("tmp")).unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].0, site.join("one/b.py"));
        assert_eq!(fs::read_to_string(kept[0].1.join("notes")).unwrap(), "mine");
        assert_eq!(fs::read_dir(venv.dir()).unwrap().count(), 3, "bin, lib, pyvenv.cfg");
    }

    #[test]
    fn what_was_taken_out_is_put_back() {
        let (_dir, venv, site) = environment();
        withdraw(&venv, &["one", "two", "three"]).unwrap().restore();
        for back in ["one/a.py", "../../../bin/one", "one-1.dist-info/RECORD", "two-1.dist-info"] {
            assert!(site.join(back).exists(), "{back}");
        }
        assert_eq!(fs::read_dir(venv.dir()).unwrap().count(), 3);
    }
}
