//! The files of a python that uv provided, as they were when it had done so.
//!
//! A CI keeps that python with the environment, and what it brings back may break off: an interpreter that answers may lack
//! half of its library. Nothing in an installation says what belongs to it, so the list is made when it is whole, and kept
//! beside the stamp. What may change while it is used (compiled files, packages, other programs) is not on it, and what it
//! does not name is no damage.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Fault, Result};
use crate::host::fs;
use crate::venv::{Console, Tool};

/// Changed whenever an older `prime` could misread the file.
const FORMAT: u32 = 1;
/// Directories of what comes and goes.
const LEFT_OUT: [&str; 2] = ["__pycache__", "site-packages"];

/// An installation and its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    format: u32,
    /// Its directory, links resolved.
    pub dir: PathBuf,
    /// Sizes, by paths as seen from there; of a link, the length of its text.
    files: Vec<(PathBuf, u64)>,
}

impl Installation {
    /// The installation in a directory, as it is now.
    pub fn observe(dir: &Path) -> Self {
        let mut installation = Self { format: FORMAT, dir: dir.to_owned(), files: Vec::new() };
        installation.add(Path::new(""));
        installation
    }

    fn add(&mut self, inside: &Path) {
        for entry in self.dir.join(inside).read_dir().into_iter().flatten().flatten() {
            let (name, meta) = (entry.file_name(), entry.metadata());
            // Beside an interpreter stand the programs of whatever was installed into it.
            let is_foreign = inside == Path::new("bin") && !name.as_encoded_bytes().starts_with(b"python");
            match meta {
                Ok(meta) if meta.is_dir() && !LEFT_OUT.iter().any(|left_out| name == *left_out) => {
                    self.add(&inside.join(name));
                }
                Ok(meta) if !meta.is_dir() && !is_foreign => self.files.push((inside.join(name), meta.len())),
                _ => {}
            }
        }
    }

    /// Reads the file; `None` where it is missing, damaged, of another format or somebody else's.
    pub fn load(path: &Path) -> Option<Self> {
        let installation: Self = serde_json::from_slice(&fs::read_trusted(path, None)?).ok()?;
        (installation.format == FORMAT).then_some(installation)
    }

    /// Writes the file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        fs::write_atomic(path, &serde_json::to_vec(self)?)
    }

    /// What of it is not as it was, for people; `None` where all is.
    pub fn damage(&self) -> Option<String> {
        let mut damaged = self.files.iter().filter_map(|(path, size)| {
            let found = self.dir.join(path).symlink_metadata().map(|meta| meta.len());
            match found {
                Ok(found) if found == *size => None,
                Ok(found) => Some(format!("`{}` has {found} bytes instead of {size}", path.display())),
                Err(_) => Some(format!("`{}` is missing", path.display())),
            }
        });
        let first = damaged.next()?;
        Some(match damaged.count() {
            0 => first,
            more => format!("{first}, and {more} more"),
        })
    }

    /// Its name, as uv has it.
    pub fn name(&self) -> String {
        self.dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Has uv install it anew in its place; what is there then, which may be another build.
    ///
    /// Fails where uv cannot, or where it installs elsewhere by now; so does any other tool.
    pub fn install_anew(&self, tool: &Tool, console: &mut Console<'_>) -> Result<Self> {
        let Tool::Uv(uv) = tool else { anyhow::bail!("pip installs no python") };
        // uv unpacks beside and renames.
        let directory = || self.dir.metadata().map(|meta| meta.ino()).ok();
        let before = directory();
        uv.provide_python(&self.name(), true, console)?;
        match self.damage().filter(|_| directory() == before) {
            Some(why) => Err(anyhow::anyhow!(why)),
            None => Ok(Self::observe(&self.dir)),
        }
    }

    /// The error where [`Self::install_anew`] failed.
    pub fn not_repaired(&self, why: &str, error: anyhow::Error) -> anyhow::Error {
        let dir = self.dir.display();
        let message = format!("`{dir}` came back in part, and uv cannot install it anew: {why}");
        let hint = format!("remove `{dir}`, so that another python is found or provided");
        let fault = Fault::like(&error, message).hint(hint);
        error.context(fault)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir_all, remove_file, write};
    use std::os::unix::fs::symlink;

    use super::*;

    fn file(dir: &Path, path: &str, content: &str) {
        let path = dir.join(path);
        create_dir_all(path.parent().unwrap()).unwrap();
        write(path, content).unwrap();
    }

    #[test]
    fn what_is_missing_or_cut_is_damage_and_what_was_added_is_none() {
        let root = tempfile::tempdir().unwrap();
        let (dir, list) = (root.path().join("python"), root.path().join("state/python.json"));
        for path in ["bin/python3.12", "bin/tool", "lib/python3.12/os.py", "lib/python3.12/site-packages/a.py"] {
            file(&dir, path, "some");
        }
        file(&dir, "lib/python3.12/__pycache__/os.pyc", "some");
        symlink("python3.12", dir.join("bin/python3")).unwrap();
        Installation::observe(&dir).save(&list).unwrap();
        let damage = || Installation::load(&list).unwrap().damage();
        assert_eq!(damage(), None);
        for path in ["bin/tool", "lib/python3.12/site-packages/a.py", "lib/python3.12/__pycache__/os.pyc"] {
            remove_file(dir.join(path)).unwrap();
        }
        file(&dir, "lib/python3.12/new.py", "");
        assert_eq!(damage(), None, "that comes and goes");
        file(&dir, "lib/python3.12/os.py", "so");
        assert_eq!(damage().as_deref(), Some("`lib/python3.12/os.py` has 2 bytes instead of 4"));
        std::fs::remove_dir_all(dir.join("bin")).unwrap();
        assert!(damage().is_some_and(|told| told.ends_with(", and 2 more")), "{:?}", damage());
    }

    #[test]
    fn a_list_that_is_cut_says_nothing() {
        let root = tempfile::tempdir().unwrap();
        let list = root.path().join("python.json");
        file(root.path(), "dir/file", "");
        Installation::observe(&root.path().join("dir")).save(&list).unwrap();
        let whole = std::fs::read(&list).unwrap();
        write(&list, &whole[..whole.len() - 2]).unwrap();
        assert_eq!(Installation::load(&list), None);
        let other = String::from_utf8(whole).unwrap().replace("\"format\":1", "\"format\":2");
        write(&list, other).unwrap();
        assert_eq!(Installation::load(&list), None);
    }
}
