//! The real interpreters of this machine: pyenv's, then those on `PATH`. Shims and virtual environments do not count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fmt};

use super::{output, skip};

/// Tells the version, and fails in a virtual environment.
const QUESTION: &str = "import sys; assert sys.prefix == sys.base_prefix; print('%d.%d.%d' % sys.version_info[:3])";

/// A CPython that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// `3.12.1`.
    pub version: String,
    /// 12 of `3.12.1`.
    pub minor: u32,
    pub executable: PathBuf,
}

impl Interpreter {
    /// `3.12`.
    pub fn series(&self) -> String {
        format!("3.{}", self.minor)
    }

    fn in_dir(dir: &Path, minor: u32) -> Option<Self> {
        let executable = dir.join(format!("python3.{minor}"));
        Some(Self { version: version_of(&executable)?, minor, executable })
    }

    fn patch(&self) -> u32 {
        self.version.rsplit('.').next().and_then(|patch| patch.parse().ok()).unwrap_or_default()
    }

    /// `python3.12`.
    pub fn basename(&self) -> String {
        format!("python3.{}", self.minor)
    }
}

impl fmt::Display for Interpreter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.version, self.executable.display())
    }
}

static ALL: LazyLock<BTreeMap<u32, Interpreter>> = LazyLock::new(|| {
    let mut found = BTreeMap::new();
    for dir in dirs() {
        for minor in 6..20 {
            if !found.contains_key(&minor)
                && let Some(interpreter) = Interpreter::in_dir(&dir, minor)
            {
                found.insert(minor, interpreter);
            }
        }
    }
    found
});

/// An older and a newer patch version of one minor version, where this machine has them.
static PATCHES: LazyLock<Option<[Interpreter; 2]>> = LazyLock::new(|| {
    let dirs = dirs();
    supported().into_iter().find_map(|one| {
        let others = dirs.iter().filter_map(|dir| Interpreter::in_dir(dir, one.minor));
        let other = others.into_iter().find(|other| other.version != one.version)?;
        let mut both = [one.clone(), other];
        both.sort_by_key(Interpreter::patch);
        Some(both)
    })
});

/// One interpreter for each minor version that is here, oldest first.
pub fn all() -> impl Iterator<Item = &'static Interpreter> {
    ALL.values()
}

/// Those that `prime` supports: 3.8 and newer. None at all is a reason to skip.
pub fn supported() -> Vec<&'static Interpreter> {
    let found: Vec<_> = all().filter(|it| it.minor >= 8).collect();
    if found.is_empty() {
        skip::<()>("no Python 3.8 or newer on this machine").map_or(found, |()| Vec::new())
    } else {
        found
    }
}

/// The newest that is supported.
pub fn newest() -> Option<&'static Interpreter> {
    supported().pop()
}

/// One that is in none of the places where every system has one, so that only who is told finds it.
pub fn hidden() -> Option<&'static Interpreter> {
    let usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
    let is_hidden = |it: &&Interpreter| !usual.iter().any(|dir| it.executable.starts_with(dir));
    supported().into_iter().rfind(is_hidden).or_else(|| skip("no Python outside of the usual directories"))
}

/// Two interpreters of which the second is an upgrade of the first: another patch version, or, where this machine has no two
/// of one series, another minor version.
pub fn upgrade() -> Option<(&'static Interpreter, &'static Interpreter)> {
    if let Some([old, new]) = PATCHES.as_ref() {
        return Some((old, new));
    }
    eprintln!("another minor version stands in for another patch version: this machine has no two of one series");
    let [.., old, new] = supported()[..] else { return skip("two versions of Python are needed") };
    Some((old, new))
}

/// The interpreter of a minor version such as `3.12`.
pub fn python(series: &str) -> Option<&'static Interpreter> {
    all().find(|it| it.series() == series).or_else(|| skip(&format!("no Python {series} on this machine")))
}

/// The python that the system itself came with, which other tools are built on; it has its own ways.
pub fn of_the_system() -> Option<&'static Interpreter> {
    static FOUND: LazyLock<Option<Interpreter>> = LazyLock::new(|| {
        let executable = PathBuf::from("/usr/bin/python3");
        let version = version_of(&executable)?;
        let minor = version.split('.').nth(1)?.parse().ok()?;
        Some(Interpreter { version, minor, executable })
    });
    FOUND.as_ref()
}

/// Those whose environments `prime venv` makes: 3.7 and newer, and the system's own where that is another.
pub fn for_environments() -> Vec<&'static Interpreter> {
    let mut found: Vec<_> = all().filter(|it| it.minor >= 7).collect();
    let is_new = |it: &&Interpreter| !found.iter().any(|other| same_file(&it.executable, &other.executable));
    found.extend(of_the_system().filter(|it| it.minor >= 7).filter(is_new));
    if found.is_empty() {
        skip::<()>("no Python 3.7 or newer on this machine");
    }
    found
}

/// The oldest and the newest of those, whose own `venv` differ most.
pub fn extremes() -> Vec<&'static Interpreter> {
    let known: Vec<_> = all().filter(|it| it.minor >= 7).collect();
    let mut found: Vec<_> = known.first().into_iter().chain(known.last()).copied().collect();
    found.dedup();
    found
}

/// A Python 2, where one is left.
pub fn two() -> Option<PathBuf> {
    let found = dirs().into_iter().map(|dir| dir.join("python2.7")).find(|path| path.is_file());
    found.or_else(|| skip("no Python 2.7 on this machine"))
}

fn same_file(left: &Path, right: &Path) -> bool {
    left.canonicalize().ok() == right.canonicalize().ok()
}

fn dirs() -> Vec<PathBuf> {
    let pyenv = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pyenv")));
    let versions = pyenv.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let mut dirs: Vec<_> = versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    dirs.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    dirs.extend(env::split_paths(&path).filter(|dir| !dir.ends_with("shims")));
    dirs
}

fn version_of(executable: &Path) -> Option<String> {
    if fs::read(executable).ok()?.starts_with(b"#!") {
        return None;
    }
    let output = output(Command::new(executable).args(["-I", "-S", "-c", QUESTION])).ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
