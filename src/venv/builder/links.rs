//! The interpreter in the environment: a link to the base's executable, or a copy of it, and its other names.

use std::fs::File;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::context::Context;
use super::options::EnvSpec;
use crate::error::Result;
use crate::host::fs;

/// Puts the interpreter and its other names into `bin`. A link that leads somewhere is left as it is, as CPython leaves it.
pub fn set_up(spec: &EnvSpec, context: &mut Context) -> Result<()> {
    let symlinks = spec.options.symlinks;
    let (executable, env_exe) = (context.executable.clone(), context.env_exe.clone());
    put(context, &executable, &executable, &env_exe, symlinks)?;
    for name in Context::other_names(spec) {
        let path = context.bin_path.join(name);
        if !path.exists() {
            let target = context.python_exe.clone();
            put(context, Path::new(&target), &env_exe, &path, symlinks)?;
        }
    }
    Ok(())
}

/// Links `path` to `target`, or copies `source` there where links are not wanted or not to be had.
fn put(context: &mut Context, target: &Path, source: &Path, path: &Path, symlinks: bool) -> Result<()> {
    let meta = path.symlink_metadata().ok();
    let is_link = meta.as_ref().is_some_and(std::fs::Metadata::is_symlink);
    if !symlinks {
        return copy(source, path);
    }
    if is_link && path.exists() {
        return Ok(());
    }
    if is_link {
        std::fs::remove_file(path).map_err(|error| fs::cannot_create(path, error))?;
    }
    match symlink(target, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(fs::cannot_create(path, error)),
        Err(error) => {
            let text = format!("`{}` cannot be a link, so it is a copy: {error}", path.display());
            context.warnings.push(text);
            copy(source, path)
        }
    }
}

/// Copies an executable: one that runs can be replaced and not written to.
pub fn copy(source: &Path, path: &Path) -> Result<()> {
    let fill = |file: &mut File| io::copy(&mut File::open(source)?, file).map(drop);
    fs::put(path, 0o755, &fill).map_err(|error| fs::cannot_create(path, error))
}

/// Makes `path` a link to `target`, whatever is there.
pub fn relink(target: &Path, path: &Path) -> Result<()> {
    let relinked = || -> io::Result<()> {
        let parent = path.parent().unwrap_or(Path::new("/"));
        let dir = tempfile::Builder::new().prefix(fs::TEMPORARY_PREFIX).tempdir_in(parent)?;
        let link = dir.path().join("link");
        symlink(target, &link)?;
        std::fs::rename(&link, path)
    };
    relinked().map_err(|error| fs::cannot_create(path, error))
}
