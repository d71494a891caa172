//! From a path to the real interpreter: through links, virtual environments and wrappers.
//!
//! A virtual environment never serves as the base of another one: the inner one would die with the outer. Its
//! `pyvenv.cfg` leads to the interpreter it was made from.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::host::Host;
use crate::host::fs::is_executable;
use crate::python::interpreter::Interpreter;
use crate::python::probe;
use crate::python::pyvenv::PyvenvCfg;

/// How many environments may be made from one another.
const DEEPEST: usize = 8;

/// Where macOS keeps what its own `/usr/bin/python3` stands for. Without it, that program opens a window.
const DEVELOPER_TOOLS: [&str; 2] = [
    "/Library/Developer/CommandLineTools/usr/bin/python3",
    "/Applications/Xcode.app/Contents/Developer/usr/bin/python3",
];

/// The interpreter behind a path, as far as files tell. The error is the reason why there is none.
pub(super) fn real(path: &Path) -> Result<PathBuf, String> {
    if cfg!(target_os = "macos") && path == Path::new("/usr/bin/python3") && !has_developer_tools() {
        return Err("the developer tools that it belongs to are not installed".to_owned());
    }
    let mut real = without_links(path)?;
    for _ in 0..DEEPEST {
        let Some(cfg) = PyvenvCfg::of_executable(&real) else { break };
        let Some(base) = cfg.base_executable(real.file_name().unwrap_or_default()) else { break };
        let base = without_links(&base)?;
        if base == real {
            break;
        }
        real = base;
    }
    Ok(real)
}

fn has_developer_tools() -> bool {
    DEVELOPER_TOOLS.iter().any(|path| Path::new(path).exists())
}

/// The file behind links. One program may serve under many names and look at the one it was called by (mise): where the
/// file is not named as an interpreter is, the link itself is what to start.
fn without_links(path: &Path) -> Result<PathBuf, String> {
    let real = path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "a link to nothing".to_owned(),
        _ => format!("its links cannot be followed: {error}"),
    })?;
    Ok(if real.file_name().is_some_and(names_an_interpreter) { real } else { path.to_owned() })
}

fn names_an_interpreter(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    ["python", "pypy", "graalpy"].iter().any(|stem| name.starts_with(stem))
}

/// Asks the executable at `path`, and where it says that the interpreter is another one (it is a wrapper, a shim, or in an
/// environment whose `pyvenv.cfg` leads nowhere), asks that one. An interpreter that runs only through its wrapper stays
/// what the wrapper said it is.
pub(super) fn ask(host: &Host, path: &Path, cache_dir: Option<&Path>, limit: Duration) -> Result<Interpreter, String> {
    let told = probe::ask(host, path, cache_dir, limit)?;
    let named = [&told.base_executable, &told.executable].into_iter().find(|it| it.is_absolute() && is_executable(it));
    match named.and_then(|named| real(named).ok()).filter(|real| real != path) {
        Some(other) => Ok(probe::ask(host, &other, cache_dir, limit).unwrap_or(told)),
        None => Ok(told),
    }
}
