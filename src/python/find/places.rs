//! Where else than on `PATH` an interpreter may be.

use std::path::{Path, PathBuf};

use super::managers;
use crate::host::Host;

/// The directories to look into when `PATH` has no match, in this order: the version managers' installations, each
/// manager's newest first, then the usual directories of systems and package managers.
pub(super) fn bin_dirs(host: &Host) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    for installs in managers::install_dirs(host) {
        dirs.extend(managers::installations(&installs).into_iter().map(|dir| dir.join("bin")));
    }
    dirs.extend(["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    for kegs in ["/opt/homebrew/opt", "/usr/local/opt"] {
        let kegs = children(Path::new(kegs)).into_iter();
        let pythons =
            kegs.filter(|keg| keg.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python@")));
        dirs.extend(pythons.map(|keg| keg.join("bin")));
    }
    let framework = children(Path::new("/Library/Frameworks/Python.framework/Versions"));
    dirs.extend(framework.into_iter().map(|version| version.join("bin")));
    dirs.extend(host.home().map(|home| home.join(".local/bin")));
    dirs
}

/// What a directory has, links too (Homebrew's kegs are links), newest first.
fn children(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort_by_cached_key(|path| std::cmp::Reverse(managers::newness(&path.to_string_lossy())));
    found
}
