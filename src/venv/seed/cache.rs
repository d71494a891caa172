//! Wheels unpacked: `<cache>/seed/<key>/` with `tree`, the files; `manifest.json`, what they are; and once that is done
//! `compiled`, the list of the compiled files that are then in the tree too.
//!
//! The key is made of all that decides what is in it: the wheel (path, inode, size, times), the version of Python, the mode
//! that files get, the format. An entry is filled beside its place and renamed into it. Whenever it is used every file is
//! looked at first (owner, type, mode, size, time), and if one is not as it was, nothing of the entry is used and it is
//! made again: hard links make the files of an environment those of the cache, and somebody may have edited one.

use std::fs::{Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::debug;

use super::place::{Item, Tree, mode_of};
use super::wheel::{Description, Wheel};
use crate::error::Result;
use crate::fetch::encoding::hex;
use crate::host::fs::{self, Identity};
use crate::host::work::skipped;

/// Counted up whenever an entry's meaning changes.
const FORMAT: u32 = 1;

/// What is in the cache is never everybody's to write.
const NOT_OTHERS: u32 = !0o002;

const TREE: &str = "tree";
const MANIFEST: &str = "manifest.json";
/// Written by `compile.py`: lines of size, time and path, and `end`.
const COMPILED: &str = "compiled";
/// How the name of a directory begins in which an entry is made, or unmade.
const STAGING_PREFIX: &str = ".new-";

#[derive(Serialize, Deserialize)]
struct Manifest {
    wheel: PathBuf,
    identity: Identity,
    description: Description,
    /// Of the files, in the same order.
    times: Vec<i64>,
}

/// What decides what is in an entry.
pub(super) struct Key<'a> {
    /// The wheel.
    pub wheel: &'a Path,
    /// The version of Python, in full.
    pub python: &'a str,
    /// The mode that a new file gets in the environment.
    pub mode: u32,
}

/// An entry whose files are all as they were.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its directory.
    pub dir: PathBuf,
    /// The wheel.
    pub description: Description,
    /// Its files.
    pub files: Vec<Item>,
    /// What they were compiled to; `None` where that is yet to be done.
    pub compiled: Option<Vec<Item>>,
}

impl Entry {
    /// The directory in which the files are.
    pub fn tree(&self) -> PathBuf {
        self.dir.join(TREE)
    }
}

/// The entry of a wheel. Where there is none, or none to be trusted, `read` is asked for the wheel and one is made.
///
/// Fails where the cache cannot be written, or as `read` does.
pub(super) fn obtain(cache: &Path, key: &Key<'_>, read: &dyn Fn() -> Result<Wheel>) -> Result<Entry> {
    let entries = dir(cache);
    let identity = key.wheel.metadata().map(|meta| Identity::new(&meta));
    let identity = identity.map_err(|error| fs::cannot_create(key.wheel, error))?;
    let dir = entries.join(key.name(&identity));
    if let Some(entry) = load(&dir, key.mode) {
        skipped("unpack", format_args!("`{}` is in the cache", key.wheel.display()));
        return Ok(entry);
    }
    fs::create_dir_all(&entries)?;
    sweep(cache);
    let staging = tempfile::Builder::new()
        .prefix(STAGING_PREFIX)
        .permissions(Permissions::from_mode(0o755))
        .tempdir_in(&entries)
        .map_err(|error| fs::cannot_create(&entries, error))?;
    let made = staging.path().join("entry");
    fill(&made, key, identity, read()?)?;
    for _ in 0..3 {
        match std::fs::rename(&made, &dir) {
            Ok(()) => debug!("`{}` is now in `{}`", key.wheel.display(), dir.display()),
            Err(error) if is_occupied(&error) => {}
            Err(error) => return Err(fs::cannot_create(&dir, error)),
        }
        // Also where another process was first.
        if let Some(entry) = load(&dir, key.mode) {
            return Ok(entry);
        }
        debug!("`{}` is not as it was made, and is made again", dir.display());
        let aside = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(&entries);
        let aside = aside.map_err(|error| fs::cannot_create(&entries, error))?;
        let _ = std::fs::rename(&dir, aside.path().join("broken"));
    }
    Err(fs::cannot_create(&dir, io::ErrorKind::AlreadyExists.into()))
}

impl Key<'_> {
    fn name(&self, identity: &Identity) -> String {
        let mut hash = Sha256::new();
        hash.update(self.wheel.as_os_str().as_bytes());
        let Identity { size, mtime, ctime, inode } = identity;
        hash.update(format!("\0{FORMAT} {size} {mtime} {ctime} {inode} {} {:o}", self.python, self.mode));
        hex(&hash.finalize()[..16])
    }
}

fn fill(dir: &Path, key: &Key<'_>, identity: Identity, wheel: Wheel) -> Result<()> {
    let root = dir.join(TREE);
    fs::create_dir_all(&root)?;
    let mode = key.mode & NOT_OTHERS;
    let times = Tree::new(&root, 0o775).write_all(&wheel.description.files, &wheel.contents, mode)?;
    let manifest = Manifest { wheel: key.wheel.to_owned(), identity, description: wheel.description, times };
    let text = serde_json::to_vec(&manifest)?;
    fs::write_atomic(&dir.join(MANIFEST), &text)
}

/// An entry, if all of it is as it was made.
fn load(dir: &Path, mode: u32) -> Option<Entry> {
    let meta = dir.symlink_metadata().ok()?;
    if !(meta.is_dir() && fs::is_own(&meta)) {
        return None;
    }
    let manifest: Manifest = serde_json::from_slice(&fs::read_trusted(&dir.join(MANIFEST), None)?).ok()?;
    let described = manifest.description.files.iter().zip(&manifest.times);
    let files: Vec<Item> = described
        .map(|(file, mtime)| {
            let mode = mode_of(mode & NOT_OTHERS, file.executable);
            Item { path: file.path.clone(), size: file.size, mtime: *mtime, mode }
        })
        .collect();
    let compiled =
        fs::read_trusted(&dir.join(COMPILED), None).and_then(|text| listed(&text, mode & NOT_OTHERS & 0o666));
    let tree = dir.join(TREE);
    let is_whole = files.iter().chain(compiled.iter().flatten()).all(|item| {
        let found = tree.join(&item.path).symlink_metadata();
        found.is_ok_and(|meta| is_as_made(&meta, item))
    });
    is_whole.then(|| Entry { dir: dir.to_owned(), description: manifest.description, files, compiled })
}

fn is_as_made(meta: &Metadata, item: &Item) -> bool {
    let same = meta.is_file() && meta.size() == item.size && meta.mode() & 0o7777 == item.mode;
    same && Identity::new(meta).mtime == item.mtime && fs::is_own(meta)
}

/// The compiled files of a list; `None` where it was cut.
fn listed(text: &[u8], mode: u32) -> Option<Vec<Item>> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix("end\n")?;
    let item = |line: &str| {
        let mut fields = line.splitn(3, ' ');
        let (size, mtime) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Item { path: fields.next()?.to_owned(), size, mtime, mode })
    };
    text.lines().map(item).collect()
}

/// Removes what was left behind: entries of wheels that are no more, or are others by now, and what processes left that
/// were killed more than a day ago.
fn sweep(cache: &Path) {
    fs::sweep_old(&dir(cache), STAGING_PREFIX, |_| true);
    for path in useless(cache) {
        debug!("`{}` is of no use any more", path.display());
        let _ = std::fs::remove_dir_all(path);
    }
}

/// Entries of wheels that are no more, or are others by now.
pub fn useless(cache: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir(cache)).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_useless = |path: &PathBuf| {
        let manifest = fs::read_trusted(&path.join(MANIFEST), None);
        let manifest = manifest.and_then(|text| serde_json::from_slice::<Manifest>(&text).ok());
        let is_same = |it: &Manifest| it.wheel.metadata().is_ok_and(|meta| Identity::new(&meta) == it.identity);
        manifest.is_some_and(|manifest| !is_same(&manifest))
    };
    entries.filter(is_useless).collect()
}

fn dir(cache: &Path) -> PathBuf {
    cache.join("seed")
}

fn is_occupied(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory
    )
}
