//! Files: what the standard library leaves to be put together.
//!
//! Everything that another process may look at is built beside its place and renamed into it, so that it is there whole
//! or not at all.

use std::collections::HashSet;
use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use nix::unistd::{AccessFlags, access};

use crate::error::{Fault, Kind, Result, kind_of_io};

/// How the names of temporary files begin that are made beside what they become.
pub const TEMPORARY_PREFIX: &str = ".prime-tmp-";

/// The remedy for a place that may not be written, where nothing moves it.
pub const NOT_WRITABLE: &str = "make it writable, or use a copy of the repository that is";

/// A path with `.` and `..` resolved by text alone: links are not followed.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::RootDir)) => {}
            other => out.push(other),
        }
    }
    out
}

/// Whether a file may be executed by somebody; a directory may not.
pub fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Makes a directory and those above it. Whatever the process's mask, not everybody may write into them.
pub fn create_dir_all(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o775).create(path);
    made.map_err(|error| cannot_create(path, error))
}

/// Writes a file whole or not at all: into a temporary file beside it, then renamed. A file that exists keeps its mode; a
/// new one has the mode that the process's mask gives, and is never everybody's to write.
pub fn write_atomic(path: &Path, content: &[u8]) -> Result<()> {
    write_as(path, content, 0o664)
}

/// Writes a file as [`write_atomic`] does, that whoever may read it can execute.
pub fn write_program(path: &Path, content: &[u8]) -> Result<()> {
    write_as(path, content, 0o775)?;
    make_executable(path).map(drop)
}

/// Lets whoever may read a file execute it; whether that is new.
pub fn make_executable(path: &Path) -> Result<bool> {
    let set = || {
        let mode = path.metadata()?.permissions().mode();
        let wanted = mode | 0o100 | (mode & 0o044) >> 2;
        if wanted != mode {
            std::fs::set_permissions(path, Permissions::from_mode(wanted))?;
        }
        Ok(wanted != mode)
    };
    set().map_err(|error| cannot_create(path, error))
}

fn write_as(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    create_dir_all(dir)?;
    write_beside(path, dir, content, mode).map_err(|error| cannot_create(path, error))
}

fn write_beside(path: &Path, dir: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).permissions(Permissions::from_mode(mode));
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(content)?;
    if let Ok(meta) = path.metadata() {
        file.as_file().set_permissions(meta.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

/// Makes a file with just this mode, whose content `fill` writes: beside its place and renamed where something is there,
/// so that neither what a link leads to nor another name of the same file changes; where nothing is, in its place, and
/// then whoever calls it answers for one that was begun and not finished.
pub fn put(path: &Path, mode: u32, fill: &dyn Fn(&mut File) -> io::Result<()>) -> io::Result<()> {
    let finish = |file: &mut File| {
        fill(file)?;
        // Last, since whoever may not write it later may do so now.
        file.set_permissions(Permissions::from_mode(mode))
    };
    match File::options().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut new) => finish(&mut new),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let dir = path.parent().unwrap_or(Path::new("/"));
            let mut beside = tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(dir)?;
            finish(beside.as_file_mut())?;
            beside.persist(path)?;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The mode that the process's mask, or whatever else decides, gives a new file in a directory. Where the file system knows
/// files without a name, there is nothing that a process could leave which is killed meanwhile.
pub fn mode_of_new_file(dir: &Path) -> io::Result<u32> {
    let named = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY_PREFIX).permissions(Permissions::from_mode(0o666));
        builder.tempfile_in(dir)?.as_file().metadata()
    };
    let meta = nameless(dir).and_then(|file| file.metadata()).or_else(|_| named())?;
    Ok(meta.permissions().mode() & 0o7777)
}

#[cfg(target_os = "linux")]
fn nameless(dir: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    Ok(open(dir, flags, Mode::from_raw_mode(0o666))?.into())
}

#[cfg(not(target_os = "linux"))]
fn nameless(_dir: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes from a directory the temporary files that a process left there which was killed. To be called only where nobody
/// else is at work.
pub fn sweep(dir: &Path) {
    for entry in dir.read_dir().into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY_PREFIX.as_bytes()) {
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let _ = if is_dir { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
        }
    }
}

/// Removes from a directory what processes left there, under names that begin like this, that were killed more than a day
/// ago; only what is this user's own, and what `is_left` knows.
pub fn sweep_old(dir: &Path, prefix: &str, is_left: impl Fn(&Path) -> bool) {
    for entry in dir.read_dir().into_iter().flatten().flatten() {
        let Ok(meta) = entry.metadata() else { continue };
        let age = meta.modified().ok().and_then(|time| time.elapsed().ok());
        let is_old = age.is_some_and(|age| age.as_secs() > 24 * 60 * 60);
        if is_old && is_own(&meta) && entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
            let path = entry.path();
            if !is_left(&path) {
                continue;
            }
            let _ = if meta.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
    }
}

/// Writes a file as [`write_atomic`] does unless it has just this content; says whether it wrote.
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    if read_file(path).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    write_atomic(path, content).map(|()| true)
}

/// The content of a regular file. Anything else is an error: to open a pipe is to wait for somebody who writes into it.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    match path.metadata()?.file_type() {
        kind if kind.is_file() => std::fs::read(path),
        kind if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// The content of a regular file that nobody else can have written: it is this user's, the superuser's, or `owner`'s.
/// Anything else counts as not there.
pub fn read_trusted(path: &Path, owner: Option<u32>) -> Option<Vec<u8>> {
    let meta = path.metadata().ok()?;
    if is_own(&meta) || Some(meta.uid()) == owner { read_file(path).ok() } else { None }
}

/// Whether something belongs to this user or to the superuser.
pub fn is_own(meta: &Metadata) -> bool {
    [0, rustix::process::geteuid().as_raw()].contains(&meta.uid())
}

/// The content of a file that need not be there.
pub fn read_optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match read_file(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error).context(Fault::new(Kind::InputOutput, format!("cannot read `{}`", path.display()))),
    }
}

/// A failure to create, with the path, told as [`Kind::CannotCreate`] or [`Kind::InputOutput`].
pub fn cannot_create(path: &Path, error: io::Error) -> anyhow::Error {
    let message = format!("cannot write `{}`", path.display());
    let in_the_way = [io::ErrorKind::AlreadyExists, io::ErrorKind::NotADirectory, io::ErrorKind::IsADirectory]
        .contains(&error.kind());
    let fault = match kind_of_io(&error) {
        _ if in_the_way => {
            Fault::new(Kind::CannotCreate, message).hint("something of another kind is in its place; move that away")
        }
        Kind::CannotCreate => Fault::new(Kind::CannotCreate, message).hint(NOT_WRITABLE),
        kind => Fault::new(kind, message),
    };
    anyhow::Error::new(error).context(fault)
}

/// A failure to write where a setting moves the place: the remedy names it.
pub fn movable(error: anyhow::Error, setting: &str) -> anyhow::Error {
    with_remedy(error, &format!("make it writable, or move it with `{setting}`"))
}

/// A failure to write, with this remedy instead of the one for a place that nothing moves.
pub fn with_remedy(mut error: anyhow::Error, remedy: &str) -> anyhow::Error {
    if let Some(fault) = error.downcast_mut::<Fault>().filter(|fault| fault.hint.as_deref() == Some(NOT_WRITABLE)) {
        fault.hint = Some(remedy.to_owned());
    }
    error
}

/// Of several directories, which may not be there yet, the one in whose file system the least room is left.
pub fn fullest(dirs: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let room = |dir: &PathBuf| {
        let nearest = dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir);
        rustix::fs::statvfs(nearest).map_or(u64::MAX, |stat| stat.f_bavail.saturating_mul(stat.f_frsize))
    };
    dirs.into_iter().min_by_key(room)
}

/// Whether a directory, or the nearest one above it that is there, takes less than one more MiB: its file system is full or
/// a quota used up. Only to write tells the latter.
pub fn has_no_room(dir: &Path) -> bool {
    let nearest = dir.ancestors().find(|dir| dir.is_dir()).unwrap_or(dir);
    let written = tempfile::tempfile_in(nearest).and_then(|mut file| file.write_all(&vec![1; 1 << 20]));
    let kind = written.map_err(|error| error.kind());
    matches!(kind, Err(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}

/// How much room a directory takes with all that is in it: what several names in it share, once. Links are not followed.
pub fn room_taken(dir: &Path) -> u64 {
    fn add(path: &Path, seen: &mut HashSet<(u64, u64)>) -> u64 {
        let Ok(meta) = path.symlink_metadata() else { return 0 };
        if !seen.insert((meta.dev(), meta.ino())) {
            return 0;
        }
        let inner = if meta.is_dir() { path.read_dir().ok() } else { None };
        let inner = inner.into_iter().flatten().flatten().map(|entry| add(&entry.path(), seen));
        // Blocks are of 512 bytes, whatever the file system's are.
        inner.fold(meta.blocks().saturating_mul(512), u64::saturating_add)
    }
    add(dir, &mut HashSet::new())
}

/// Whether this process may make the directory, or write into it where it is there already: asked of the nearest one above
/// it that is there.
pub fn may_create(dir: &Path) -> bool {
    let nearest = dir.ancestors().find(|dir| dir.symlink_metadata().is_ok());
    nearest.is_some_and(|dir| dir.is_dir() && access(dir, AccessFlags::W_OK | AccessFlags::X_OK).is_ok())
}

/// What tells one version of a file from another without reading it: size, modification and change time in nanoseconds
/// since the epoch, inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// Bytes.
    pub size: u64,
    /// Modification time, nanoseconds since the epoch.
    pub mtime: i64,
    /// Change time, nanoseconds since the epoch.
    pub ctime: i64,
    /// The inode's number.
    pub inode: u64,
}

impl Identity {
    /// The identity that metadata tells.
    pub fn new(meta: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            size: meta.size(),
            mtime: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            ctime: nanoseconds(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
        }
    }
}

/// What tells a directory from another one that stood in its place: inode and time of birth. An inode alone is given to
/// the next directory as soon as it is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Birth {
    inode: u64,
    nanoseconds: u64,
}

impl Birth {
    /// The birth of a directory; `None` where there is none or the file system does not tell.
    pub fn of_dir(path: &Path) -> Option<Self> {
        let meta = path.symlink_metadata().ok().filter(Metadata::is_dir)?;
        Some(Self { inode: meta.ino(), nanoseconds: born(path, &meta)? })
    }
}

#[cfg(target_os = "linux")]
fn born(path: &Path, _meta: &Metadata) -> Option<u64> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let found = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME).ok()?;
    let known = StatxFlags::from_bits_retain(found.stx_mask).contains(StatxFlags::BTIME);
    let seconds = u64::try_from(found.stx_btime.tv_sec).ok().filter(|_| known)?;
    Some(seconds.saturating_mul(1_000_000_000).saturating_add(u64::from(found.stx_btime.tv_nsec)))
}

#[cfg(not(target_os = "linux"))]
fn born(_path: &Path, meta: &Metadata) -> Option<u64> {
    let since_epoch = meta.created().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since_epoch.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalising_is_textual() {
        for (path, expected) in
            [("/a/./b/../c", "/a/c"), ("/../a", "/a"), ("a/../../b", "../b"), ("/a/b/", "/a/b"), ("./x", "x")]
        {
            assert_eq!(normalize(Path::new(path)), Path::new(expected));
        }
    }

    #[test]
    fn a_directory_made_in_the_place_of_another_is_another() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("dir");
        assert_eq!(Birth::of_dir(&dir), None);
        std::fs::create_dir(&dir).unwrap();
        // Where the file system does not tell, nothing is known of any.
        let Some(first) = Birth::of_dir(&dir) else { return };
        std::fs::write(dir.join("file"), "").unwrap();
        assert_eq!(Birth::of_dir(&dir), Some(first));
        std::fs::remove_dir_all(&dir).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::create_dir(&dir).unwrap();
        assert_ne!(Birth::of_dir(&dir), Some(first));
    }

    #[test]
    fn a_write_leaves_nothing_beside_it_and_keeps_the_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/file");
        assert!(write_if_changed(&path, b"one").unwrap());
        assert!(!write_if_changed(&path, b"one").unwrap());
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(std::fs::read_dir(dir.path().join("sub")).unwrap().count(), 1);
    }
}
