//! What `seed` leaves is held against what `ensurepip` leaves, for every interpreter that is here.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use super::*;
use crate::fetch::IndexSettings;
use crate::python::{Build, PythonVersion, SearchOptions, probe_path};

mod cached;
mod compiled;
mod equal;
mod existing;
mod hostile;
mod killed;
mod lookup;
mod programs;
mod wheels;

/// One interpreter of each minor version, oldest first, that has `ensurepip`.
static PYTHONS: LazyLock<Vec<Interpreter>> = LazyLock::new(|| {
    let versions = std::env::home_dir().and_then(|home| std::fs::read_dir(home.join(".pyenv/versions")).ok());
    let mut dirs: Vec<PathBuf> = versions.into_iter().flatten().flatten().map(|it| it.path().join("bin")).collect();
    dirs.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut found = BTreeMap::new();
    for dir in dirs.iter().filter(|dir| !dir.ends_with("shims")) {
        for minor in 7..20_u64 {
            let path = dir.join(format!("python3.{minor}"));
            if let Ok(python) = probe_path(&Host::default(), &path, &SearchOptions::default()) {
                // A distribution's own is told from another of the same version.
                found.entry((minor, python.wheel_pkg_dir.is_some())).or_insert(python);
            }
        }
    }
    found.into_values().filter(Interpreter::has_ensurepip).collect()
});

/// Plans and seeds, as a builder does.
fn planned(
    host: &Host,
    target: &Target<'_>,
    cache: Option<&Cache<'_>>,
    settings: &dyn Fn() -> Result<IndexSettings>,
) -> Result<Vec<Seeded>> {
    seed(host, target, cache, &Plan::new(target, false, cache, settings)?)
}

fn no_index() -> Result<IndexSettings> {
    panic!("the index is asked")
}

/// The newest interpreter. Without one there is nothing to test, which is a failure where one is required.
fn newest() -> Option<&'static Interpreter> {
    let newest = PYTHONS.last();
    assert!(newest.is_some() || std::env::var_os("PRIME_TEST_REQUIRE").is_none(), "no python with ensurepip");
    newest
}

/// A Python 3.12 that is not there, and brings this pip.
struct Fake {
    root: tempfile::TempDir,
    interpreter: Interpreter,
}

impl Fake {
    /// One whose `ensurepip` brings nothing.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let build = Build::cpython(PythonVersion::new(3, 12, 1));
        let interpreter = Interpreter {
            path: at("bin/python3"),
            build,
            executable: at("bin/python3"),
            base_executable: at("bin/python3"),
            prefix: root.path().to_owned(),
            base_prefix: root.path().to_owned(),
            stdlib: at("lib"),
            purelib: at("lib/site-packages"),
            platlibdir: "lib".into(),
            abi_flags: String::new(),
            pointer_bits: 64,
            machine: "x86_64".into(),
            platform: "linux".into(),
            platform_tag: "linux-x86_64".into(),
            wheel_pkg_dir: None,
            libc: None,
        };
        for dir in ["env/bin", "env/lib/python3.12/site-packages", "lib"] {
            std::fs::create_dir_all(at(dir)).unwrap();
        }
        Self { root, interpreter }
    }

    /// One that brings the wheel of pip.
    fn with(version: &str, wheel: &[u8]) -> Self {
        let fake = Self::new();
        fake.bundle(version, wheel);
        fake
    }

    fn bundle(&self, version: &str, wheel: &[u8]) {
        let dir = self.interpreter.stdlib.join("ensurepip/_bundled");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(format!("pip-{version}-py3-none-any.whl")), wheel).unwrap();
        std::fs::write(dir.join("../__init__.py"), format!("import os\n_PIP_VERSION = \"{version}\"\n")).unwrap();
        std::fs::write(dir.join("../__main__.py"), "").unwrap();
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn package(&self, path: &str) -> PathBuf {
        self.at("env/lib/python3.12/site-packages").join(path)
    }

    fn seed(&self, cache: Option<&Path>) -> Result<Vec<Seeded>> {
        self.seed_from(cache, &no_index)
    }

    fn seed_from(&self, cache: Option<&Path>, settings: &dyn Fn() -> Result<IndexSettings>) -> Result<Vec<Seeded>> {
        let (site_packages, bin) = (self.package(""), self.at("env/bin"));
        let python = bin.join("python3");
        let target = Target {
            interpreter: &self.interpreter,
            site_packages: &site_packages,
            bin: &bin,
            python: &python,
            relocatable: false,
        };
        let cache = cache.map(|dir| Cache { dir, compile: false });
        planned(&Host::default(), &target, cache.as_ref(), settings)
    }

    /// Everything below a directory, compiled files apart.
    fn tree(&self, path: &str) -> BTreeMap<String, (u32, Vec<u8>)> {
        let mut found = BTreeMap::new();
        collect(&self.at(path), &self.at(path), &mut found);
        found
    }
}

/// An environment without pip, made by `python -m venv`.
struct World {
    root: tempfile::TempDir,
    python: &'static Interpreter,
    site_packages: PathBuf,
}

impl World {
    fn new(python: &'static Interpreter) -> Self {
        let root = tempfile::tempdir().unwrap();
        let version = python.version();
        let site_packages =
            root.path().join(format!("env/lib/python{}.{}/site-packages", version.major, version.minor));
        let world = Self { root, python, site_packages };
        world.make();
        world
    }

    fn make(&self) {
        let made = run(Command::new(&self.python.path).args(["-I", "-m", "venv", "--without-pip"]).arg(self.env()));
        assert!(made.status.success(), "{made:?}");
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn env(&self) -> PathBuf {
        self.at("env")
    }

    /// What `env_exec_cmd` is.
    fn exe(&self) -> PathBuf {
        self.at("env/bin").join(self.python.path.file_name().unwrap())
    }

    fn bin(&self) -> PathBuf {
        self.at("env/bin")
    }

    fn seed(&self, cache: Option<&Path>) -> Result<Vec<Seeded>> {
        self.seed_with(self.python, cache, false)
    }

    fn seed_with(&self, interpreter: &Interpreter, cache: Option<&Path>, compile: bool) -> Result<Vec<Seeded>> {
        let (bin, python) = (self.bin(), self.exe());
        let target =
            Target { interpreter, site_packages: &self.site_packages, bin: &bin, python: &python, relocatable: false };
        let cache = cache.map(|dir| Cache { dir, compile });
        planned(&Host::default(), &target, cache.as_ref(), &no_index)
    }

    fn pip(&self, args: &[&str]) -> Output {
        let pip = run(Command::new(self.bin().join("pip")).args(["--disable-pip-version-check"]).args(args));
        assert!(pip.status.success(), "{args:?}: {}", String::from_utf8_lossy(&pip.stderr));
        pip
    }

    fn tree(&self) -> BTreeMap<String, (u32, Vec<u8>)> {
        let mut found = BTreeMap::new();
        collect(&self.env(), &self.env(), &mut found);
        found
    }
}

/// Runs something that nobody else's settings disturb.
fn run(command: &mut Command) -> Output {
    let home = tempfile::tempdir().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let index = "file:///nonexistent";
    command.env_clear().env("HOME", home.path()).env("PATH", path).env("PIP_INDEX_URL", index).output().unwrap()
}

/// Every file and directory but compiled ones, with mode and content or target.
fn collect(root: &Path, dir: &Path, found: &mut BTreeMap<String, (u32, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("__pycache__") {
            continue;
        }
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let meta = path.symlink_metadata().unwrap();
        let content = if meta.is_symlink() {
            std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
        } else if meta.is_dir() {
            collect(root, &path, found);
            Vec::new()
        } else {
            std::fs::read(&path).unwrap()
        };
        found.insert(name, (meta.permissions().mode(), content));
    }
}

/// Fails with the names of what differs.
#[track_caller]
fn assert_same(what: &str, ours: &BTreeMap<String, (u32, Vec<u8>)>, theirs: &BTreeMap<String, (u32, Vec<u8>)>) {
    let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let differs = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
    let told: Vec<String> =
        differs.take(10).map(|name| format!("{name}: {} | {}", told(ours.get(name)), told(theirs.get(name)))).collect();
    assert!(told.is_empty(), "{what}:\n{}", told.join("\n"));
}

fn told(it: Option<&(u32, Vec<u8>)>) -> String {
    it.map_or("-".to_owned(), |(mode, content)| {
        format!("{mode:o} {:?}", String::from_utf8_lossy(&content[..content.len().min(200)]))
    })
}
