//! Where a launcher looks for the binary: `bin/prime-<version>` in the user's cache, else in the repository's state
//! directory.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs as std_fs, io};

use crate::error::Result;
use crate::host::fs;

/// The directory of binaries, in a cache or in a repository's state directory.
const DIR: &str = "bin";
/// How the name of a binary begins, before its version.
const PREFIX: &str = "prime-";

/// Where all versions are kept.
pub fn dir(base: &Path) -> PathBuf {
    base.join(DIR)
}

/// Where a version is kept.
pub fn place(base: &Path, version: &str) -> PathBuf {
    dir(base).join(format!("{PREFIX}{version}"))
}

/// The binaries, each with the time when it was last read, be it to be executed. None where the file system does not note
/// that.
pub fn last_uses(base: &Path) -> Vec<(PathBuf, SystemTime)> {
    let dir = dir(base);
    if !notes_reading(&dir) {
        return Vec::new();
    }
    let entries = std_fs::read_dir(dir).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    let last_use = |path: &Path| {
        let meta = path.symlink_metadata().ok().filter(std_fs::Metadata::is_file)?;
        Some(meta.accessed().ok()?.max(meta.modified().ok()?))
    };
    named.filter_map(|entry| Some((entry.path(), last_use(&entry.path())?))).collect()
}

/// To the day, as file systems are mounted unless somebody says otherwise.
#[cfg(target_os = "linux")]
fn notes_reading(dir: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    statvfs(dir).is_ok_and(|found| !found.f_flag.intersects(StatVfsMountFlags::NOATIME | StatVfsMountFlags::RDONLY))
}

#[cfg(not(target_os = "linux"))]
fn notes_reading(_dir: &Path) -> bool {
    false
}

/// Puts a binary there, whole or not at all. One that is there stays: it may be the one that was verified.
pub fn put(base: &Path, version: &str, program: &Path) -> Result<PathBuf> {
    let target = place(base, version);
    if fs::is_executable(&target) {
        return Ok(target);
    }
    let dir = base.join(DIR);
    fs::create_dir_all(&dir)?;
    copy(program, &dir, &target).map_err(|error| fs::cannot_create(&target, error))?;
    Ok(target)
}

fn copy(program: &Path, dir: &Path, target: &Path) -> io::Result<()> {
    let mut source = std_fs::File::open(program)?;
    let mut file = tempfile::Builder::new().prefix(fs::TEMPORARY_PREFIX).tempfile_in(dir)?;
    io::copy(&mut source, &mut file)?;
    file.as_file().set_permissions(std_fs::Permissions::from_mode(0o755))?;
    // A launcher cannot tell a whole binary from one that a loss of power has cut.
    file.as_file().sync_all()?;
    file.persist(target)?;
    Ok(())
}
