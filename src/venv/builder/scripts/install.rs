//! Scripts from a directory into an environment.

use std::fs::{DirEntry, File, FileTimes, read_dir};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::{Fault, Kind, Result};
use crate::host::fs;

/// How CPython's versions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyRule {
    /// Up to 3.12: content and mode. `.exe` and `.pdb` are taken as they are.
    ContentAndMode,
    /// From 3.13 on: where nothing was replaced, the times as well.
    TimesToo,
}

/// What all scripts of a directory have in common.
struct Installer<'a> {
    rule: CopyRule,
    replace: &'a dyn Fn(&Path, &[u8]) -> Vec<u8>,
    warnings: Vec<String>,
}

/// Installs what is under `common` and `posix` of a directory into `bin`, subdirectories and all, each file with its
/// placeholders replaced by `replace`. Returns what is worth a warning: files that are no text are left out, as CPython
/// does.
///
/// As with CPython, linked directories are not followed, a directory that is not there has no scripts, and what is in a
/// script's place is overwritten. Unlike it, that never changes a file somewhere else: a link in the place is replaced
/// itself.
pub fn install(
    path: &Path,
    bin: &Path,
    rule: CopyRule,
    replace: &dyn Fn(&Path, &[u8]) -> Vec<u8>,
) -> Result<Vec<String>> {
    let mut installer = Installer { rule, replace, warnings: Vec::new() };
    for platform in ["common", "posix"] {
        let source = path.join(platform);
        if source.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            installer.directory(&source, bin)?;
        }
    }
    Ok(installer.warnings)
}

impl Installer<'_> {
    fn directory(&mut self, source: &Path, target: &Path) -> Result<()> {
        let entries = read_dir(source).and_then(Iterator::collect::<io::Result<Vec<DirEntry>>>);
        let mut entries = entries.map_err(|error| unreadable(source, error))?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let (source, target_entry) = (entry.path(), target.join(entry.file_name()));
            if entry.file_type().is_ok_and(|it| it.is_dir()) {
                refuse_link(&target_entry)?;
                self.directory(&source, &target_entry)?;
            } else if !source.is_dir() {
                self.script(&source, &target_entry)?;
            }
        }
        Ok(())
    }

    fn script(&mut self, source: &Path, target: &Path) -> Result<()> {
        let read = || Ok((fs::read_file(source)?, source.metadata()?));
        let (text, meta) = read().map_err(|error| unreadable(source, error))?;
        let extension = source.extension().unwrap_or_default();
        let as_it_is = self.rule == CopyRule::ContentAndMode && (extension == "exe" || extension == "pdb");
        if !as_it_is && let Err(error) = str::from_utf8(&text) {
            self.warnings.push(format!("unable to copy script `{}`, may be binary: {error}", source.display()));
            return Ok(());
        }
        let content = if as_it_is { text.clone() } else { (self.replace)(source, &text) };
        let times = (self.rule == CopyRule::TimesToo && content == text).then(|| {
            let modified = meta.modified().map(|time| FileTimes::new().set_modified(time));
            modified.map(|times| meta.accessed().map_or(times, |time| times.set_accessed(time)))
        });
        write(target, &content, meta.permissions().mode() & 0o7777, times.transpose().ok().flatten())
    }
}

/// Writes a script, and whatever is in its place is replaced.
pub(super) fn write(target: &Path, content: &[u8], mode: u32, times: Option<FileTimes>) -> Result<()> {
    fs::create_dir_all(target.parent().unwrap_or(Path::new("/")))?;
    let fill = |file: &mut File| {
        file.write_all(content)?;
        times.map_or(Ok(()), |times| file.set_times(times))
    };
    fs::put(target, mode, &fill).map_err(|error| fs::cannot_create(target, error))
}

/// A subdirectory that is a link leads out of the environment.
fn refuse_link(dir: &Path) -> Result<()> {
    if !dir.is_symlink() {
        return Ok(());
    }
    let message = format!("cannot put scripts into `{}`, which is a symbolic link", dir.display());
    Err(Fault::new(Kind::CannotCreate, message).hint("remove it").into())
}

fn unreadable(source: &Path, error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(Fault::new(Kind::InputOutput, format!("cannot read `{}`", source.display())))
}
