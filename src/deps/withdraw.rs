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
use crate::host::fs::{TEMPORARY_PREFIX, cannot_create, create_dir_all, normalize};
use crate::venv::Venv;
use crate::venv::layout::is_activation_script;

/// What was taken out, until it is known whether it comes back.
#[derive(Debug)]
pub struct Withdrawn {
    holding: TempDir,
    /// In the order in which it was taken; the number of each is its name in the meantime.
    moved: Vec<Moved>,
}

/// One file, link or directory that was taken out.
#[derive(Debug)]
struct Moved {
    from: PathBuf,
    /// Whether it is none that an installer makes.
    is_foreign: bool,
}

/// Takes the distributions of these names (normalised) out.
pub fn withdraw(venv: &Venv, names: &[&str]) -> Result<Withdrawn> {
    // On the environment's own file system: nothing is copied.
    let holding = tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempdir_in(venv.dir());
    let holding = holding.map_err(|error| cannot_create(venv.dir(), error))?;
    let mut withdrawn = Withdrawn { holding, moved: Vec::new() };
    for site in venv.site_packages() {
        let found = Metadata::list(&site);
        for metadata in found.iter().filter(|it| names.contains(&it.owner.name.as_str())) {
            for file in files(&site, metadata).into_iter().filter(|file| may_be_moved(venv, file)) {
                let taken = outermost_link(venv, &site, &file).unwrap_or(&file);
                let is_dir = taken.is_dir() && (taken.is_symlink() || !is_empty(taken));
                withdrawn.take(taken, is_dir && !taken.starts_with(site.join(&metadata.file_name)))?;
            }
            withdrawn.take(&site.join(&metadata.file_name), false)?;
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

/// The directory above a file that is a link: somebody's, and so is what it leads to.
fn outermost_link<'a>(venv: &Venv, site: &Path, file: &'a Path) -> Option<&'a Path> {
    let bin = venv.bin();
    let inside = |dir: &&Path| dir.starts_with(venv.dir()) && !site.starts_with(dir) && **dir != bin;
    file.ancestors().skip(1).filter(inside).filter(|dir| dir.is_symlink()).last()
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// What belongs to the environment itself stays, whatever a damaged `RECORD` says.
fn may_be_moved(venv: &Venv, path: &Path) -> bool {
    let is_python = path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"python"));
    let is_own = path.parent() == Some(&venv.bin()) && (is_python || is_activation_script(path));
    path.starts_with(venv.dir()) && path != venv.cfg_path() && !is_own
}

impl Withdrawn {
    fn take(&mut self, path: &Path, is_foreign: bool) -> Result<()> {
        if path.symlink_metadata().is_ok() {
            fs::rename(path, self.place(self.moved.len())).map_err(|error| cannot_create(path, error))?;
            self.moved.push(Moved { from: path.to_owned(), is_foreign });
        }
        Ok(())
    }

    fn place(&self, number: usize) -> PathBuf {
        self.holding.path().join(number.to_string())
    }

    /// Puts everything back that nothing else has taken the place of; the rest is found to be missing. What is somebody's is
    /// let go of in no case.
    pub fn restore(self) {
        let mut lost = false;
        for (number, Moved { from, is_foreign }) in self.moved.iter().enumerate().rev() {
            let _ = from.parent().map(fs::create_dir_all);
            let is_free = from.symlink_metadata().is_err();
            let is_back = is_free && fs::rename(self.place(number), from).is_ok();
            lost |= *is_foreign && !is_back;
        }
        if lost {
            let _ = self.holding.keep();
        }
    }

    /// Lets go of it. What stood where a file or a directory of the distribution belongs and is somebody's, a directory with
    /// something in it or a link to one, goes into `tmp_dir`; from where and where to is said.
    pub fn discard(self, tmp_dir: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
        let foreign: Vec<_> = self.moved.iter().enumerate().filter(|(_, moved)| moved.is_foreign).collect();
        let places = foreign.iter().map(|(number, moved)| (self.place(*number), moved.from.clone()));
        let kept: Result<Vec<_>> =
            places.map(|(place, from)| Ok((keep_aside(&place, &from, tmp_dir)?, from))).collect();
        match kept {
            Ok(kept) => Ok(kept.into_iter().map(|(aside, from)| (from, aside)).collect()),
            Err(error) => {
                let _ = self.holding.keep();
                Err(error)
            }
        }
    }
}

fn keep_aside(place: &Path, from: &Path, tmp_dir: &Path) -> Result<PathBuf> {
    create_dir_all(tmp_dir)?;
    let aside = tempfile::Builder::new().prefix("kept.").tempdir_in(tmp_dir);
    let aside = aside.map_err(|error| cannot_create(tmp_dir, error))?.keep();
    let aside = aside.join(from.file_name().unwrap_or_default());
    fs::rename(place, &aside).map_err(|error| cannot_create(&aside, error))?;
    Ok(aside)
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
    fn the_sources_behind_a_link_stay_where_they_are() {
        let (dir, venv, site) = environment();
        let sources = dir.path().join("sources");
        fs::rename(site.join("one"), &sources).unwrap();
        std::os::unix::fs::symlink(&sources, site.join("one")).unwrap();
        let kept = withdraw(&venv, &["one"]).unwrap().discard(&dir.path().join("tmp")).unwrap();
        assert!(!site.join("one").is_symlink());
        assert!(sources.join("a.py").exists() && sources.join("mine.py").exists());
        assert_eq!(kept.len(), 1);
        assert_eq!(fs::read_link(&kept[0].1).unwrap(), sources);
    }

    #[test]
    fn what_is_somebodys_survives_whatever_fails() {
        for discards in [false, true] {
            let (dir, venv, site) = environment();
            create_dir(site.join("one/b.py")).unwrap();
            write(site.join("one/b.py/notes"), "mine").unwrap();
            let withdrawn = withdraw(&venv, &["one"]).unwrap();
            // An installation came as far as this; a file stands where things are to be moved to.
            write(site.join("one/b.py"), "").unwrap();
            let file = dir.path().join("outside");
            if discards {
                assert!(withdrawn.discard(&file).is_err());
            } else {
                withdrawn.restore();
            }
            let entries = fs::read_dir(venv.dir()).unwrap().map(|entry| entry.unwrap().path());
            let held =
                entries.flat_map(|dir| fs::read_dir(dir).into_iter().flatten()).map(|entry| entry.unwrap().path());
            let notes: Vec<_> = held.filter_map(|path| fs::read_to_string(path.join("notes")).ok()).collect();
            assert_eq!(notes, ["mine"]);
        }
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
