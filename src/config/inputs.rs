//! The files that a configuration was made from, so that a later run can tell whether it still holds.

use std::path::{Path, PathBuf};

/// Paths that were decisive, in the order in which they were looked at, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// What is there and counts: content matters.
    pub files: Vec<PathBuf>,
    /// What was looked for and is not there: its appearance matters.
    pub absent: Vec<PathBuf>,
}

impl Inputs {
    /// Looks whether there is anything at a path (a dangling link counts), notes it, and says so.
    pub fn look(&mut self, path: PathBuf) -> bool {
        let present = is_there(&path);
        let list = if present { &mut self.files } else { &mut self.absent };
        if !list.contains(&path) {
            list.push(path);
        }
        present
    }

    /// Adds what another list has.
    pub fn extend(&mut self, other: Self) {
        for (list, more) in [(&mut self.files, other.files), (&mut self.absent, other.absent)] {
            for path in more {
                if !list.contains(&path) {
                    list.push(path);
                }
            }
        }
    }
}

/// Whether there is anything of this name, were it a link to nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
