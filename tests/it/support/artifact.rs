//! Files that are dear to make and the same for every test: made once, under a lock, and kept between test runs.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The file or directory `name` in the target directory; where it is missing, `make` makes it at the path that it is
/// given, and it is moved into place when it is whole.
pub fn artifact(name: &str, make: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("artifacts");
    fs::create_dir_all(&dir)?;
    let path = dir.join(name);
    if path.exists() {
        return Ok(path);
    }
    let lock = File::create(dir.join(format!("{name}.lock")))?;
    lock.lock()?;
    if path.exists() {
        return Ok(path);
    }
    let partial = dir.join(format!("{name}.partial"));
    match fs::remove_dir_all(&partial) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => fs::remove_file(&partial)?,
        _ => {}
    }
    make(&partial)?;
    fs::rename(&partial, &path)?;
    Ok(path)
}
