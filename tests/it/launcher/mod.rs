//! The launcher that `prime init` writes: how it finds `prime`, how it fetches it, and what it refuses.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use prime::launcher::{Launcher, Pin};

use crate::support::index::Index;
use crate::support::own_wheel::{VERSION, own_wheel};
use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Package;
use crate::support::{require_program, write};

mod bare;
mod disks;
mod fetches;
mod networks;
mod newer;
mod packaged;
mod refuses;
mod seeded;
mod starts;
mod variables;

/// What the launcher says it needs to fetch, besides a shell, something that downloads and something that digests.
const UTILITIES: [&str; 13] =
    ["chmod", "head", "ln", "mkdir", "mv", "od", "readlink", "rm", "sed", "sleep", "tail", "tr", "uname"];

/// The shells that it is run by, with what they are called.
fn shells() -> Vec<Vec<PathBuf>> {
    let with = |name: &str, args: &[&str]| {
        let program = require_program(name)?;
        Some([program].into_iter().chain(args.iter().map(PathBuf::from)).collect())
    };
    [with("dash", &[]), with("bash", &["--posix"]), with("busybox", &["sh"])].into_iter().flatten().collect()
}

/// A repository with a launcher, and on `PATH` what that needs with curl and sha256sum.
struct Launched {
    index: Index,
    sandbox: Sandbox,
}

impl Launched {
    fn new() -> Option<Self> {
        Self::of(Index::start().add(own_wheel()))
    }

    /// With the wheels that this index has.
    fn of(index: Index) -> Option<Self> {
        Self::with(index, &["curl", "sha256sum"])
    }

    /// With these programs besides.
    fn with(index: Index, programs: &[&str]) -> Option<Self> {
        let sandbox = Sandbox::new().file("pyproject.toml", "").file(".python-version", "3.12\n").index(&index);
        let sandbox = link_all(sandbox, UTILITIES.iter().chain(&["sh"]).chain(programs))?;
        let seeded = sandbox.prime(["-q", "init"]).output();
        assert_eq!((seeded.code(), seeded.stderr()), (0, String::new()));
        assert_eq!(fs::read_dir(sandbox.cache()).unwrap().count(), 0, "the index has one, so none is put there");
        Some(Self { index, sandbox })
    }

    fn path(&self) -> PathBuf {
        self.sandbox.repo().join("prime")
    }

    /// A start of the launcher, as a program.
    fn run(&self, args: &[&str]) -> Invocation<'_> {
        self.sandbox.command(self.path()).args(args.iter().copied())
    }

    /// A start of the launcher by a shell.
    fn run_by(&self, shell: &[PathBuf], args: &[&str]) -> Invocation<'_> {
        let words = shell[1..].iter().cloned().chain([self.path()]);
        self.sandbox.command(&shell[0]).args(words).args(args.iter().copied())
    }

    /// The directory in the cache that it fetches into.
    fn bin(&self) -> PathBuf {
        self.sandbox.cache().join("prime/bin")
    }

    /// The binary that it fetches.
    fn cached(&self) -> PathBuf {
        self.bin().join(format!("prime-{VERSION}"))
    }

    /// All that is in the directory that it fetches into.
    fn kept(&self) -> Vec<String> {
        names_in(&self.bin())
    }

    /// How often the wheel was asked for.
    fn fetched(&self) -> usize {
        self.index.paths().iter().filter(|path| path.starts_with("/files/prime_bootstrap-")).count()
    }

    fn forget(&self) {
        let _ = fs::remove_dir_all(self.sandbox.cache().join("prime"));
    }

    /// Changes the launcher.
    fn rewrite(&self, change: impl FnOnce(String) -> String) {
        let text = change(fs::read_to_string(self.path()).unwrap());
        write(&self.path(), text.as_bytes(), 0o755);
    }

    /// Leaves one program out.
    fn without(self, program: &str) -> Self {
        fs::remove_file(self.sandbox.bin().join(program)).unwrap();
        self
    }
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn link_all<'a>(sandbox: Sandbox, programs: impl Iterator<Item = &'a &'a str>) -> Option<Sandbox> {
    for name in programs {
        symlink(require_program(name)?, sandbox.bin().join(name)).unwrap();
    }
    Some(sandbox)
}

/// A launcher of these wheels, in the repository.
fn write_launcher(sandbox: &Sandbox, wheels: &[&Package]) {
    let pin = |wheel: &&Package| Pin { sha256: wheel.sha256.clone(), file: wheel.filename.clone() };
    let launcher =
        Launcher { version: VERSION.to_owned(), index: String::new(), pins: wheels.iter().map(pin).collect() };
    write(&sandbox.repo().join("prime"), launcher.text().as_bytes(), 0o755);
}

/// A program that says under which launcher it was started, and with what.
const TELLS: &str = "#!/bin/sh\nprintf '%s\\n' \"$PROTOPRIMER_PROTO_CODE\" \"$@\"\n";
