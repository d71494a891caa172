//! `examples/monorepo` without network: an index with stand-ins for what its pins name, and for newer ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::hello::hello_index;
use super::index::Index;
use super::pythons::{self, Interpreter};
use super::real_uv::real_uv;
use super::repository;
use super::run::Run;
use super::sandbox::Sandbox;
use super::wheel::Wheel;

/// The environments of the example, the default one first.
pub const ENVS: [&str; 2] = ["envs/newest", "envs/oldest"];

/// Files by their paths, each with its content, its inode and when it was written.
pub type Bytes = BTreeMap<PathBuf, String>;

/// A copy of the example and the index that it installs from.
pub struct Monorepo {
    pub sandbox: Sandbox,
    pub index: Index,
    /// The pythons of [`ENVS`].
    pub pythons: [&'static Interpreter; 2],
}

impl Monorepo {
    /// The example with a uv and its pythons on `PATH`; where this machine lacks one of these, with others instead.
    pub fn new() -> Option<Self> {
        let (uv, newest, oldest) = (real_uv()?, pythons::newest()?, *pythons::supported().first()?);
        let here = |env: &str| pythons::all().find(|it| it.series() == asked_for(env));
        let pythons = [here(ENVS[0]).unwrap_or(newest), here(ENVS[1]).unwrap_or(oldest)];
        let sandbox = Sandbox::new().copy_of(&example()).link_uv(uv);
        let sandbox = sandbox.redact_as("[NEWEST]", &pythons[0].version).redact_as("[OLDEST]", &pythons[1].version);
        let sandbox = pythons.into_iter().fold(sandbox, |sandbox, python| {
            let is_there = sandbox.bin().join(python.basename()).exists();
            if is_there { sandbox } else { sandbox.link_python(python) }
        });
        let sandbox = ENVS.into_iter().zip(pythons).fold(sandbox, |sandbox, (env, python)| {
            let config = sandbox.read(&format!("{env}/prime.toml")).replace(&asked_for(env), &python.series());
            sandbox.file(&format!("{env}/prime.toml"), config).file(&format!("{env}/constraints.txt"), pins(env))
        });
        let index = index();
        Some(Self { sandbox: sandbox.index(&index), index, pythons })
    }

    /// Runs, which must succeed, and tells what was said.
    #[track_caller]
    pub fn said(&self, args: &[&str]) -> (String, String) {
        let run = self.run(args);
        assert_eq!(run.code(), 0, "{args:?}: {}", run.stderr());
        (self.sandbox.redact(&run.stdout()), self.sandbox.redact(&run.stderr()))
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.sandbox.prime(args.iter().copied()).output()
    }

    /// Everything that belongs to one environment and to no other: its venv, its files, its state.
    pub fn bytes_of(&self, env: &str, venv: &str) -> Bytes {
        let mut found = Bytes::new();
        for path in [venv.to_owned(), env.to_owned(), format!(".prime/env/{}", env.replace('/', "%2F"))] {
            let path = self.sandbox.repo().join(path);
            assert!(path.exists(), "{}", path.display());
            note(&path, &mut found);
        }
        found
    }
}

/// Everything that a path is and has in it.
pub fn bytes(path: &Path) -> Bytes {
    let mut found = Bytes::new();
    note(path, &mut found);
    found
}

/// The paths that are not what they were.
pub fn changes(before: &Bytes, after: &Bytes) -> Vec<String> {
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    changed.map(|path| path.display().to_string()).collect()
}

fn example() -> PathBuf {
    repository().join("examples/monorepo")
}

/// The pins of the example, as they are committed.
pub fn pins(env: &str) -> String {
    fs::read_to_string(example().join(env).join("constraints.txt")).unwrap()
}

/// The version that an environment of the example asks for.
fn asked_for(env: &str) -> String {
    let config = fs::read_to_string(example().join(env).join("prime.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("required_python_version")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

/// What the pins name, and newer ones that nobody is to get.
fn index() -> Index {
    let code = |name: &str| match name {
        "humanize" => "def apnumber(number):\n    return ['zero', 'one', 'two'][number]\n",
        "wcwidth" => "wcswidth = len\n",
        _ => "",
    };
    let mut wanted: Vec<String> =
        ENVS.iter().flat_map(|env| pins(env).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    wanted.extend(["packaging==99.0".to_owned()]);
    wanted.iter().filter_map(|pin| pin.split_once("==")).fold(hello_index(), |index, (name, version)| {
        index.add(Wheel::new(name, version).file(&format!("{name}.py"), code(name)).build())
    })
}

/// Notes what a path is: a file with its content, where and when it was written; a link with its target.
fn note(path: &Path, found: &mut Bytes) {
    let meta = path.symlink_metadata().unwrap();
    let when = format!("{} {}.{}", meta.ino(), meta.mtime(), meta.mtime_nsec());
    let what = if meta.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            note(&entry.unwrap().path(), found);
        }
        "directory".to_owned()
    } else if meta.is_symlink() {
        format!("link to {}", fs::read_link(path).unwrap().display())
    } else {
        super::encoding::sha256(&fs::read(path).unwrap())
    };
    found.insert(path.to_owned(), format!("{when} {what}"));
}
