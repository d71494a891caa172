//! What an installation's files tell of an interpreter, without starting it.
//!
//! Good for ruling a candidate out, not for selecting it: the headers may be missing, so no answer means nothing.

use std::path::Path;

use super::interpreter::Build;
use super::version::{Implementation, PythonVersion};

/// The directories below `include` that CPython and PyPy name after themselves.
const STEMS: [(&str, Implementation); 2] = [("python", Implementation::CPython), ("pypy", Implementation::PyPy)];

/// Reads `<prefix>/include/pythonX.Y[t]/patchlevel.h` for an executable `<prefix>/bin/pythonX.Y[t]`, links resolved.
///
/// The name must carry the minor version: only then is it certain which of several directories is meant.
pub(super) fn build_of(executable: &Path) -> Option<Build> {
    let name = executable.file_name()?.to_str()?;
    let (stem, implementation) = STEMS.into_iter().find(|(stem, _)| name.starts_with(stem))?;
    let number = name.strip_prefix(stem)?;
    let free_threaded = number.ends_with('t');
    let (_, minor) = number.trim_end_matches('t').split_once('.')?;
    if minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let include = executable.parent()?.parent()?.join("include");
    // Up to 3.7 the directory has the ABI flag `m` and the executable need not.
    let headers = [name.to_owned(), format!("{name}m")].map(|name| include.join(name).join("patchlevel.h"));
    let text = headers.iter().find_map(|header| std::fs::read_to_string(header).ok())?;
    Some(Build { version: version_in_header(&text)?, implementation, free_threaded })
}

/// `#define PY_VERSION "3.13.0"`. PyPy's header has it too, beside `PYPY_VERSION`.
fn version_in_header(text: &str) -> Option<PythonVersion> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("#define PY_VERSION "))?;
    line.split('"').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn header(dir: &Path, name: &str, version: &str) {
        let include = dir.join("include").join(name);
        fs::create_dir_all(&include).unwrap();
        fs::write(
            include.join("patchlevel.h"),
            format!("/* x */\n#define PY_VERSION\t\"9\"\n#define PY_VERSION   \"{version}\"\n"),
        )
        .unwrap();
    }

    #[test]
    fn the_header_of_the_same_prefix_tells_the_version() {
        let dir = tempfile::tempdir().unwrap();
        for (name, version, expected) in [
            ("python3.13", "3.13.0", "3.13.0"),
            ("python3.14t", "3.14.0rc2", "3.14.0rc2 (free-threaded)"),
            ("python3.15", "3.15.0a1+", "3.15.0a1"),
            ("python3.7", "3.7.16", "3.7.16"),
            ("pypy3.10", "3.10.14", "PyPy 3.10.14"),
        ] {
            header(dir.path(), if name == "python3.7" { "python3.7m" } else { name }, version);
            let build = build_of(&dir.path().join("bin").join(name)).unwrap();
            assert_eq!(build.to_string(), expected);
        }
        for name in ["python3", "python", "python3.x", "python3.12", "node", "python3."] {
            assert_eq!(build_of(&dir.path().join("bin").join(name)), None);
        }
    }
}
