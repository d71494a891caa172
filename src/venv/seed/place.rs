//! Files on their way into a tree: written from memory, or taken out of the cache.
//!
//! Out of the cache by reflink where the file system has that (the copies are then independent), else by hard link, else by
//! copy; what serves is found with the first file. A copy keeps the time, because compiled files name it. Nothing is
//! written through a link: what is in a file's place is removed first, and a directory's place is taken by a directory.

use std::collections::HashSet;
use std::fs::{DirBuilder, File, FileTimes, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;

use super::wheel;
use crate::error::Result;
use crate::host::{fs, threads};

/// How files come out of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Reflink,
    Link,
    Copy,
}

/// A tree that is being filled. Clones of it may fill it at once, where all directories have been made before.
#[derive(Clone)]
pub(super) struct Tree<'a> {
    root: &'a Path,
    /// The mode of directories, as far as the process's mask lets it be.
    dir_mode: u32,
    dirs: HashSet<PathBuf>,
    way: Way,
}

/// A file in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Where it is, seen from the root of the tree.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Modification time, nanoseconds since the epoch.
    pub mtime: i64,
    /// The mode in the cache.
    pub mode: u32,
}

impl<'a> Tree<'a> {
    /// The tree under a directory that is there.
    pub fn new(root: &'a Path, dir_mode: u32) -> Self {
        Self { root, dir_mode, dirs: HashSet::new(), way: Way::Reflink }
    }

    /// Writes a file with just this mode.
    pub fn write(&mut self, path: &str, content: &[u8], mode: u32) -> Result<Metadata> {
        let target = self.root.join(path);
        let written = self.make_parent(&target).and_then(|()| {
            let mut file = create(&target, mode)?;
            file.write_all(content)?;
            with_mode(&file, mode)
        });
        written.map_err(|error| fs::cannot_create(&target, error))
    }

    /// Writes a file as [`Tree::write`] does, whole or not at all.
    pub fn write_whole(&mut self, path: &str, content: &[u8], mode: u32) -> Result<()> {
        let beside = format!("{path}.new");
        self.write(&beside, content, mode)?;
        let target = self.root.join(path);
        std::fs::rename(self.root.join(beside), &target).map_err(|error| fs::cannot_create(&target, error))
    }

    /// Writes the files of a wheel, several at a time; when each was written, in nanoseconds since the epoch.
    pub fn write_all(&mut self, files: &[wheel::File], contents: &[Vec<u8>], mode: u32) -> Result<Vec<i64>> {
        let dirs = self.make_parents(files.iter().map(|file| &file.path));
        dirs.map_err(|error| fs::cannot_create(self.root, error))?;
        let both: Vec<(&wheel::File, &Vec<u8>)> = files.iter().zip(contents).collect();
        let tree = &*self;
        let write = |files: &[(&wheel::File, &Vec<u8>)]| {
            let mut tree = tree.clone();
            let mut write = |(file, content): &(&wheel::File, &Vec<u8>)| {
                let meta = tree.write(&file.path, content, mode_of(mode, file.executable))?;
                Ok(fs::Identity::new(&meta).mtime)
            };
            files.iter().map(&mut write).collect::<Result<Vec<i64>>>()
        };
        Ok(threads::share(&both, &write)?.concat())
    }

    /// Takes a file from the tree `from` in the cache, with this mode.
    pub fn take(&mut self, from: &Path, item: &Item, mode: u32) -> io::Result<()> {
        let (source, target) = (from.join(&item.path), self.root.join(&item.path));
        self.make_parent(&target)?;
        if self.way == Way::Reflink && !reflink(&source, &target, item, mode)? {
            self.way = Way::Link;
        } else if self.way == Way::Reflink {
            return Ok(());
        }
        // What a group may write in one environment must not be the same file in another one.
        if self.way == Way::Link && item.mode == mode && mode & 0o020 == 0 {
            match link(&source, &target) {
                Ok(()) => return Ok(()),
                // This one file has as many links as it may have.
                Err(error) if error.kind() == io::ErrorKind::TooManyLinks => {}
                Err(error) if is_impossible(&error) => self.way = Way::Copy,
                Err(error) => return Err(error),
            }
        }
        let mut source = File::open(&source)?;
        let mut copy = create(&target, mode)?;
        io::copy(&mut source, &mut copy)?;
        keep_time(&copy, item)?;
        with_mode(&copy, mode).map(|_| ())
    }

    /// Makes the directories of files.
    pub fn make_parents<'p>(&mut self, mut paths: impl Iterator<Item = &'p String>) -> io::Result<()> {
        paths.try_for_each(|path| self.make_parent(&self.root.join(path)))
    }

    fn make_parent(&mut self, target: &Path) -> io::Result<()> {
        let Some(parent) = target.parent().filter(|parent| *parent != self.root) else { return Ok(()) };
        if self.dirs.contains(parent) {
            return Ok(());
        }
        self.make_parent(parent)?;
        make_dir(parent, self.dir_mode)?;
        self.dirs.insert(parent.to_owned());
        Ok(())
    }
}

/// The mode of a file, as pip gives it.
pub(super) fn mode_of(mode: u32, executable: bool) -> u32 {
    if executable { mode | 0o111 } else { mode }
}

/// Makes a directory, in the place of a file or a link if need be.
fn make_dir(path: &Path, mode: u32) -> io::Result<()> {
    let make = || DirBuilder::new().mode(mode).create(path);
    match make() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.symlink_metadata()?.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            make()
        }
        result => result,
    }
}

fn create(path: &Path, mode: u32) -> io::Result<File> {
    in_place_of_another(path, || OpenOptions::new().write(true).create_new(true).mode(mode).open(path))
}

fn link(source: &Path, target: &Path) -> io::Result<()> {
    in_place_of_another(target, || std::fs::hard_link(source, target))
}

/// Makes a file, and where one is there already removes that first. A directory is not removed, and fails it.
fn in_place_of_another<T>(path: &Path, make: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match make() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            make()
        }
        result => result,
    }
}

/// Gives a file its mode where the process's mask gave it another.
fn with_mode(file: &File, mode: u32) -> io::Result<Metadata> {
    let meta = file.metadata()?;
    if meta.permissions().mode() & 0o7777 != mode {
        file.set_permissions(Permissions::from_mode(mode))?;
        return file.metadata();
    }
    Ok(meta)
}

fn keep_time(file: &File, item: &Item) -> io::Result<()> {
    let since = Duration::from_nanos(item.mtime.unsigned_abs());
    let time: Option<SystemTime> =
        if item.mtime < 0 { UNIX_EPOCH.checked_sub(since) } else { UNIX_EPOCH.checked_add(since) };
    time.map_or(Ok(()), |time| file.set_times(FileTimes::new().set_modified(time)))
}

/// Makes the copy share the blocks of the source. Says whether the file system can.
#[cfg(target_os = "linux")]
fn reflink(source: &Path, target: &Path, item: &Item, mode: u32) -> io::Result<bool> {
    let source = File::open(source)?;
    let copy = create(target, mode)?;
    if rustix::fs::ioctl_ficlone(&copy, &source).is_err() {
        std::fs::remove_file(target)?;
        return Ok(false);
    }
    keep_time(&copy, item)?;
    with_mode(&copy, mode).map(|_| true)
}

#[cfg(not(target_os = "linux"))]
fn reflink(_source: &Path, _target: &Path, _item: &Item, _mode: u32) -> io::Result<bool> {
    Ok(false)
}

/// Whether it is the place that has no hard links to the cache: another file system, one without them, a kernel that
/// protects the files of others.
fn is_impossible(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    let impossible = [Errno::EXDEV, Errno::EPERM, Errno::EACCES, Errno::EOPNOTSUPP, Errno::ENOTSUP, Errno::ENOSYS];
    errno.is_some_and(|errno| impossible.contains(&errno))
}
