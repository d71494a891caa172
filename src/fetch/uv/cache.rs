//! The versions of uv in the cache: `<cache>/uv/<version>/uv`, and beside each the size it must have.
//!
//! The size is what makes a look at the cache cheap (two `stat`s and a short read) and still tells a file that was cut or
//! replaced; the content was proven when it was put there.

use std::ffi::OsStr;
use std::fs::{File, Metadata, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::SystemTime;

use anyhow::Context as _;
use pep440_rs::Version;
use tempfile::TempDir;
use tracing::debug;

use super::{MINIMUM_UV, Uv, version_of};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs};

const PROGRAM: &str = "uv";
const SIZE: &str = "uv.size";

/// Where the versions are.
pub fn dir(cache: &Path) -> PathBuf {
    cache.join("uv")
}

/// The newest uv in the cache that is whole and new enough.
pub fn cached_uv(cache: &Path) -> Option<Uv> {
    let entries = std::fs::read_dir(dir(cache)).ok()?;
    let versions = entries.flatten().filter_map(|entry| Version::from_str(entry.file_name().to_str()?).ok());
    let usable = versions.filter(|version| *version >= *MINIMUM_UV);
    usable.filter_map(|version| installed(cache, &version)).max_by(|one, other| one.version.cmp(&other.version))
}

/// The versions that are older than the one that is used, with the time since when that is there.
pub fn superseded(cache: &Path) -> Vec<(PathBuf, SystemTime)> {
    let Some(newest) = cached_uv(cache) else { return Vec::new() };
    let Ok(since) = newest.path.metadata().and_then(|meta| meta.modified()) else { return Vec::new() };
    let entries = std::fs::read_dir(dir(cache)).into_iter().flatten().flatten();
    let version = |name: &OsStr| name.to_str().and_then(|name| Version::from_str(name).ok());
    let older = entries.filter(|entry| version(&entry.file_name()).is_some_and(|version| version < newest.version));
    older.map(|entry| (entry.path(), since)).collect()
}

/// Puts a uv that came another way into the cache.
///
/// Fails as [`version_of`] does where it does not run, and where the cache cannot be written.
pub fn adopt(host: &Host, cache: &Path, program: &Path) -> Result<Uv> {
    let version = version_of(host, program)?;
    let staging = Staging::new(cache)?;
    let mut source = File::open(program).with_context(|| format!("cannot read `{}`", program.display()))?;
    staging.write_program(&mut |out| {
        io::copy(&mut source, out)?;
        Ok(String::new())
    })?;
    staging.install(&version)
}

/// A version in the cache, if it is whole.
pub(super) fn installed(cache: &Path, version: &Version) -> Option<Uv> {
    let dir = dir(cache).join(version.to_string());
    let path = dir.join(PROGRAM);
    let size = String::from_utf8(fs::read_trusted(&dir.join(SIZE), None)?).ok()?;
    let is_whole = |meta: Metadata| fs::is_own(&meta) && size.trim().parse() == Ok(meta.len());
    let whole = path.metadata().is_ok_and(is_whole);
    (whole && fs::is_executable(&path)).then(|| Uv { path, version: version.clone() })
}

/// A directory beside those of the versions, in which one is made. It is removed when it is dropped.
pub(super) struct Staging {
    versions: PathBuf,
    dir: TempDir,
    program: PathBuf,
}

impl Staging {
    pub fn new(cache: &Path) -> Result<Self> {
        let versions = dir(cache);
        fs::create_dir_all(&versions)?;
        fs::sweep_old(&versions, STAGING_PREFIX, |_| true);
        let dir = tempfile::Builder::new()
            .prefix(STAGING_PREFIX)
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in(&versions);
        let dir = dir.map_err(|error| fs::cannot_create(&versions, error))?;
        Ok(Self { program: dir.path().join(PROGRAM), versions, dir })
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Lets `write` write the program, and makes it executable.
    pub fn write_program(&self, write: &mut dyn FnMut(&mut dyn Write) -> Result<String>) -> Result<String> {
        let failed = |error| fs::cannot_create(&self.program, error);
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&self.program).map_err(failed)?;
        let digest = write(&mut file)?;
        file.set_permissions(Permissions::from_mode(0o755)).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        fs::write_atomic(&self.dir().join(SIZE), size.to_string().as_bytes())?;
        Ok(digest)
    }

    /// Moves what was made to its place. Where another process was first, its copy is the one; a broken one makes way.
    pub fn install(self, version: &Version) -> Result<Uv> {
        let target = self.versions.join(version.to_string());
        for _ in 0..3 {
            match std::fs::rename(self.dir.path(), &target) {
                Ok(()) => {
                    let _ = self.dir.keep();
                    debug!("uv {version} is now in `{}`", target.display());
                    return Ok(Uv { path: target.join(PROGRAM), version: version.clone() });
                }
                Err(error) if is_occupied(&error) => {}
                Err(error) => return Err(fs::cannot_create(&target, error)),
            }
            if let Some(uv) = self.versions.parent().and_then(|cache| installed(cache, version)) {
                return Ok(uv);
            }
            debug!("`{}` is broken and is replaced", target.display());
            let _ = std::fs::rename(&target, self.dir.path().join("broken"));
            let _ = std::fs::remove_dir_all(self.dir.path().join("broken"));
        }
        let message = format!("cannot replace `{}`", target.display());
        Err(Fault::new(Kind::CannotCreate, message).hint("remove it by hand").into())
    }
}

/// How the name of a directory begins in which a version is made. What is left of one is removed a day later.
pub const STAGING_PREFIX: &str = ".new-";

fn is_occupied(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory
    )
}
