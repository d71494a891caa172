//! The files that a connector is given: configuration, catalog, state. They hold secrets.
//!
//! They lie in a directory that only this user can enter (0700) and go with the value that made them, however the work
//! ends. Within it, what a container is to read is open to all (0644 in 0755): whoever the container's user is can read
//! it through the mount, and nobody on this machine gets past the outer directory.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::host::fs;

/// Who is to read the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// A program of this user's.
    User,
    /// A container, into which [`Files::dir`] is mounted.
    Container,
}

/// The files of one call.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    mode: u32,
    /// The configuration, where there is one.
    pub config: Option<PathBuf>,
    /// The configured catalog, where there is one.
    pub catalog: Option<PathBuf>,
    /// The state to go on from, where there is one.
    pub state: Option<PathBuf>,
    /// Removed with all that is in it.
    _outer: tempfile::TempDir,
}

impl Files {
    /// An empty set of files, in a new directory under `parent`.
    pub fn new(parent: &Path, readers: Readers) -> Result<Self> {
        let mut outer = tempfile::Builder::new();
        let outer = outer.prefix("prime-connector-").permissions(std::fs::Permissions::from_mode(0o700));
        let outer = outer.tempdir_in(parent).map_err(|error| fs::cannot_create(parent, error))?;
        let dir = outer.path().join("files");
        fs::create_dir_all(&dir)?;
        let (dir_mode, mode) = match readers {
            Readers::User => (0o700, 0o600),
            Readers::Container => (0o755, 0o644),
        };
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(dir_mode))
            .map_err(|error| fs::cannot_create(&dir, error))?;
        Ok(Self { dir, mode, config: None, catalog: None, state: None, _outer: outer })
    }

    /// The directory that they lie in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes one of them; the path.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.dir.join(name);
        let written = std::fs::OpenOptions::new().write(true).create_new(true).mode(self.mode).open(&path);
        let mut file = written.map_err(|error| fs::cannot_create(&path, error))?;
        // Whatever the mask says.
        file.set_permissions(std::fs::Permissions::from_mode(self.mode))
            .and_then(|()| file.write_all(content))
            .map_err(|error| fs::cannot_create(&path, error))?;
        Ok(path)
    }
}
