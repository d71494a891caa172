//! The first step: what may not be touched, what is cleared, and the directories.

use std::fs::DirEntry;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::errno::Errno;

use super::context::Context;
use super::options::EnvSpec;
use super::work;
use crate::error::{Fault, Kind, Result};
use crate::host::fs;

/// Refuses a path that can never be an environment's.
pub fn check_path(env_dir: &Path) -> Result<()> {
    let shown = env_dir.display();
    let Some(text) = env_dir.to_str() else {
        let message = format!("the path `{shown}` is not UTF-8, which `pyvenv.cfg` has to be");
        return Err(Fault::new(Kind::Usage, message).hint("choose another directory").into());
    };
    if text.contains(':') {
        let message = format!("the path `{shown}` contains `:`, which separates the directories of `PATH`");
        return Err(Fault::new(Kind::Usage, message).hint("choose another directory").into());
    }
    Ok(())
}

/// Refuses what can never be an environment's directory, and whatever stands in the way, before anything is changed.
pub fn check(spec: &EnvSpec, env_dir: &Path) -> Result<()> {
    check_path(env_dir)?;
    let context = Context::new(spec, env_dir);
    refuse_other_than_dir(env_dir)?;
    refuse_own_interpreter(&context)?;
    if spec.options.clear {
        return refuse_to_clear(spec, env_dir);
    }
    if work::was_clearing(env_dir) {
        let message = format!("`{}` was being cleared when that was interrupted", env_dir.display());
        return Err(Fault::new(Kind::CannotCreate, message).hint("repeat it with `--clear`").into());
    }
    let dirs = [&context.inc_path, &context.lib_path, &context.platlib_path, &context.bin_path];
    dirs.into_iter().try_for_each(|dir| refuse_other_than_dir(dir))
}

/// As CPython: the place of a directory may be empty or a directory; a link to one will not do.
fn refuse_other_than_dir(dir: &Path) -> Result<()> {
    let what = match dir.symlink_metadata() {
        Ok(meta) if meta.is_dir() => return Ok(()),
        Ok(meta) if meta.is_symlink() => "a symbolic link",
        Ok(_) => "a file",
        Err(_) => return Ok(()),
    };
    let message = format!("`{}` is {what}, and a directory is needed there", dir.display());
    Err(Fault::new(Kind::CannotCreate, message).hint("move it away, or choose another directory").into())
}

/// What is no environment is nobody's to delete. An empty directory has nothing to lose.
fn refuse_to_clear(spec: &EnvSpec, env_dir: &Path) -> Result<()> {
    let is_marker = |entry: io::Result<DirEntry>| entry.is_ok_and(|entry| entry.file_name() == work::UNFINISHED);
    let is_empty = env_dir.read_dir().map_or(true, |mut entries| entries.all(is_marker));
    let is_environment = match work::licence(env_dir) {
        Some(licence) => licence,
        None => env_dir.join("pyvenv.cfg").is_file(),
    };
    let precious = env_dir.parent().is_none() || spec.host.home().is_some_and(|home| home == env_dir);
    if !precious && (is_empty || is_environment || spec.options.force) {
        return Ok(());
    }
    let shown = env_dir.display();
    let message = format!("`{shown}` is not cleared: it is no virtual environment");
    let hint = if precious { "choose another directory" } else { "`--force` deletes what is in it all the same" };
    Err(Fault::new(Kind::CannotCreate, message).hint(hint).into())
}

/// An installation is not made an environment of itself.
fn refuse_own_interpreter(context: &Context) -> Result<()> {
    let inside = |path: &Path, dir: &Path| path.canonicalize().is_ok_and(|path| path.starts_with(dir));
    let real_dir = context.env_dir.canonicalize();
    let is_inside =
        context.executable.starts_with(&context.env_dir) || real_dir.is_ok_and(|dir| inside(&context.executable, &dir));
    if !is_inside {
        return Ok(());
    }
    let executable = context.executable.display();
    let message = format!("`{executable}`, from which the environment would be made, is in its directory");
    Err(Fault::new(Kind::CannotCreate, message).hint("choose another directory").into())
}

/// Makes the directories.
pub fn ensure(spec: &EnvSpec, env_dir: &Path) -> Result<Context> {
    let env_dir = spec.host.absolute(env_dir);
    check(spec, &env_dir)?;
    if spec.options.clear && env_dir.exists() {
        clear(&env_dir)?;
    }
    let context = Context::new(spec, &env_dir);
    for dir in [&context.env_dir, &context.inc_path, &context.lib_path, &context.platlib_path, &context.bin_path] {
        std::fs::create_dir_all(dir).map_err(|error| fs::cannot_create(dir, error))?;
    }
    let interpreter = &spec.interpreter;
    if interpreter.pointer_bits == 64 && interpreter.platform != "darwin" && spec.minor() < 15 {
        link_lib64(&env_dir)?;
    }
    Ok(context)
}

/// Some build tools install into `lib64` (bpo-21197, bpo-21643).
fn link_lib64(env_dir: &Path) -> Result<()> {
    let link = env_dir.join("lib64");
    if link.exists() {
        return Ok(());
    }
    match symlink("lib", &link) {
        // A link to nothing.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(&link).and_then(|()| symlink("lib", &link))
        }
        // Without it such tools install elsewhere; an environment on a file system without links is one all the same.
        Err(error) if has_no_links(&error) => Ok(()),
        made => made,
    }
    .map_err(|error| fs::cannot_create(&link, error))
}

/// Whether a symbolic link failed because the file system has none.
fn has_no_links(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EPERM | Errno::EOPNOTSUPP | Errno::ENOSYS))
}

/// Removes everything in the directory, but not what says that this is being done.
fn clear(env_dir: &Path) -> Result<()> {
    let in_work = work::note_clearing(env_dir)?;
    let failed = |path: &Path, error| fs::cannot_create(path, error);
    for entry in env_dir.read_dir().map_err(|error| failed(env_dir, error))? {
        let path = entry.map_err(|error| failed(env_dir, error))?.path();
        if Some(&path) == in_work.as_ref() {
            continue;
        }
        let is_dir = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
        let removed = if is_dir { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.map_err(|error| failed(&path, error))?;
    }
    work::note_making(env_dir)
}
