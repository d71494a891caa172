//! One thing on disk that an environment was made from, as it was.
//!
//! A file whose size, times and inode are the same is the same. One whose times differ may still be (a checkout, a copy):
//! only then is it read and its digest compared, as git does.

use std::fs::{read_link, symlink_metadata};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::host::fs::{Identity, read_file};

/// A path and what was found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The path, absolute.
    pub path: PathBuf,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// Nothing, or something that cannot be read.
    Absent,
    /// A file whose content matters.
    File { identity: Identity, sha256: String },
    /// A file that is too large to be read each time: size, modification time and inode stand for it.
    Program { size: u64, mtime: i64, inode: u64 },
    /// A symbolic link; its text matters.
    Link { target: PathBuf },
}

impl Input {
    /// A file whose content matters, as it is now; it may not be there.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let state = file_state(&path);
        Self { path, state }
    }

    /// A program, as it is now.
    pub fn program(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let state = program_state(&path);
        Self { path, state }
    }

    /// A symbolic link, as it is now.
    pub fn link(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let state = link_state(&path);
        Self { path, state }
    }

    /// The digest of the file's content; empty where there is no file.
    pub fn sha256(&self) -> &str {
        match &self.state {
            State::File { sha256, .. } => sha256,
            _ => "",
        }
    }

    /// Whether it is a program: what it is stands in the stamp too, and a new build of the same version is as good.
    pub fn is_program(&self) -> bool {
        matches!(self.state, State::Program { .. })
    }

    /// What it was and what it is now, in a few words each.
    pub fn fingerprints(&self) -> (String, String) {
        (self.state.fingerprint(), self.now().fingerprint())
    }

    fn now(&self) -> State {
        match &self.state {
            State::File { .. } | State::Absent => file_state(&self.path),
            State::Program { .. } => program_state(&self.path),
            State::Link { .. } => link_state(&self.path),
        }
    }

    /// What has become of it since, for people; `None` where it is as it was.
    pub fn change(&self) -> Option<String> {
        if matches!(&self.state, State::File { identity, .. } if identity_of(&self.path) == Some(*identity)) {
            return None;
        }
        let now = self.now();
        let path = self.path.display();
        match (&self.state, &now) {
            (State::File { sha256: before, .. }, State::File { sha256: after, .. }) if before == after => None,
            (before, after) if before == after => None,
            (_, State::Absent) => Some(format!("`{path}` is gone")),
            (State::Absent, _) => Some(format!("`{path}` is new")),
            _ => Some(format!("`{path}` has changed")),
        }
    }
}

impl State {
    /// A few words that tell one state from another.
    fn fingerprint(&self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::File { sha256, .. } => format!("sha256 {}", &sha256[..sha256.len().min(12)]),
            Self::Program { size, inode, .. } => format!("{size} bytes, inode {inode}"),
            Self::Link { target } => format!("link to {}", target.display()),
        }
    }
}

/// The SHA-256 of some bytes in hexadecimal.
pub fn sha256(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        text.extend([byte >> 4, byte & 15].map(|nibble| char::from(b"0123456789abcdef"[usize::from(nibble)])));
    }
    text
}

fn identity_of(path: &Path) -> Option<Identity> {
    path.metadata().ok().filter(std::fs::Metadata::is_file).map(|meta| Identity::new(&meta))
}

fn file_state(path: &Path) -> State {
    // What is not there is not opened: most of what was looked for is not, and each ready run looks again.
    let Some(identity) = identity_of(path) else { return State::Absent };
    read_file(path).map_or(State::Absent, |content| State::File { identity, sha256: sha256(&content) })
}

fn program_state(path: &Path) -> State {
    identity_of(path).map_or(State::Absent, |Identity { size, mtime, inode, .. }| State::Program { size, mtime, inode })
}

fn link_state(path: &Path) -> State {
    match symlink_metadata(path).ok().and_then(|_| read_link(path).ok()) {
        Some(target) => State::Link { target },
        None => program_state(path),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes, write};
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_what_really_changed_has_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let absent = Input::file(&path);
        assert_eq!(absent.change(), None);
        write(&path, "one").unwrap();
        assert_eq!(absent.change(), Some(format!("`{}` is new", path.display())));
        let present = Input::file(&path);
        let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        File::options().write(true).open(&path).unwrap().set_times(times).unwrap();
        assert_eq!(present.change(), None, "touched, same content");
        write(&path, "two").unwrap();
        assert_eq!(present.change(), Some(format!("`{}` has changed", path.display())));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(present.change(), Some(format!("`{}` is gone", path.display())));
        std::fs::create_dir(&path).unwrap();
        assert_eq!(present.change(), Some(format!("`{}` is gone", path.display())));
    }

    #[test]
    fn a_link_is_its_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("link");
        std::os::unix::fs::symlink("a", &path).unwrap();
        let link = Input::link(&path);
        assert_eq!(link.change(), None);
        std::fs::remove_file(&path).unwrap();
        assert!(link.change().unwrap().ends_with("is gone"));
        std::os::unix::fs::symlink("b", &path).unwrap();
        assert!(link.change().unwrap().ends_with("has changed"));
    }

    #[test]
    fn the_digest_is_sha256() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
