//! Another C library under the same python, as on another image of a CI, or after an upgrade of the distribution.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::runner::Runner;
use crate::robust::full::can_mount;
use crate::support::pair::Pair;
use crate::support::run::Run;
use crate::support::{require_program, skip, write};

/// The GNU C library of this machine and what loads it: they come and go together.
const FILES: [&str; 2] = ["libc.so.6", "ld-linux-x86-64.so.2"];
/// What stands before the version that the library tells.
const MARK: &[u8] = b"\0glibc ";
const DIRS: [&str; 3] = ["/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64"];

/// Runs `prime boot` where the C library is another one.
const ELSEWHERE: &str = "set -eu\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n\
                         mount --bind \"$LOADER_COPY\" \"$LOADER\"\nmount --bind \"$LIBRARY_COPY\" \"$LIBRARY\"\n\
                         PATH=$TOOLS\nexec \"$PRIME\" boot";

struct Library {
    file: PathBuf,
    loader: PathBuf,
    /// What it says it is: `2.36`.
    version: String,
    /// The version that the copies say.
    other: String,
    copies: [PathBuf; 2],
}

impl Library {
    /// Copies of which the library says it is older.
    fn new(dir: &Path) -> Option<Self> {
        let find = |name: &str| DIRS.iter().map(|dir| Path::new(dir).join(name).canonicalize().ok()).find_map(|it| it);
        let (Some(library), Some(loader)) = (find(FILES[0]), find(FILES[1])) else {
            return skip("no GNU C library of this architecture");
        };
        let mut content = fs::read(&library).unwrap();
        let start = content.windows(MARK.len()).position(|it| it == MARK).unwrap() + MARK.len();
        let end = start + content[start..].iter().position(|byte| *byte == 0).unwrap();
        let version = String::from_utf8_lossy(&content[start..end]).into_owned();
        let other = format!("2.{:0>width$}", 1, width = end - start - 2);
        content[start..end].copy_from_slice(other.as_bytes());
        let copies = ["library", "loader"].map(|name| dir.join(name));
        write(&copies[0], &content, 0o755);
        write(&copies[1], &fs::read(&loader).unwrap(), 0o755);
        Some(Self { file: library, loader, version, other, copies })
    }
}

fn boot_elsewhere(pair: &Pair, library: &Library) -> Option<Run> {
    let unshare = require_program("unshare")?;
    let run = pair.sandbox.command(unshare).args(["--mount", "--map-root-user", "/bin/sh", "-c", ELSEWHERE]);
    let run = run.env("LIBRARY", &library.file).env("LOADER", &library.loader);
    let run = run.env("LIBRARY_COPY", &library.copies[0]).env("LOADER_COPY", &library.copies[1]);
    Some(run.env("TOOLS", pair.sandbox.bin()).env("PRIME", env!("CARGO_BIN_EXE_prime")).output())
}

fn target(pair: &Pair) -> Json {
    let stamp: Json = serde_json::from_slice(&fs::read(pair.path(".prime/stamp.json")).unwrap()).unwrap();
    stamp["target"]["libc"]["glibc"].clone()
}

#[test]
fn what_an_interpreter_said_before_does_not_hide_another_c_library() {
    for driver in ["venv_uv", "venv_pip"] {
        let (Some(pair), true) = (Pair::new(), can_mount()) else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
        let Some(library) = Library::new(pair.sandbox.root()) else { return };
        let runner = Runner::new(&pair.sandbox);
        pair.boot();
        assert_eq!(target(&pair), library.version.as_str());
        runner.keep(&pair.sandbox, &[]);
        // A CI may keep more than it is told to: what interpreters said as well.
        let answers = pair.sandbox.root().join("answers");
        let kept = pair.sandbox.cache().join("prime/interpreters");
        fs::rename(&kept, &answers).unwrap();
        let restore = || {
            runner.start_warm();
            fs::create_dir_all(&kept).unwrap();
            for entry in fs::read_dir(&answers).unwrap().map(Result::unwrap) {
                fs::copy(entry.path(), kept.join(entry.file_name())).unwrap();
            }
        };
        restore();
        assert!(pair.said().contains("adopt    .venv (restored, "));
        restore();
        let Some(run) = boot_elsewhere(&pair, &library) else { return };
        let (said, other) = (run.stderr(), &library.other);
        let why = format!("made for glibc {}, and its python is for glibc {other}", library.version);
        assert!(run.code() == 0 && said.contains(&why) && said.contains("create   .venv "), "{driver}: {said}");
        assert_eq!(target(&pair), other.as_str(), "{driver}");
    }
}
