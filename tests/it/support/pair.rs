//! A repo with two projects of the tests' own backend, each of which notes when it is built.

use std::path::PathBuf;
use std::{fs, io};

use super::hello::hello_python;
use super::index::Index;
use super::pythons::Interpreter;
use super::real_uv::real_uv;
use super::run::Run;
use super::sandbox::Sandbox;
use super::wheel::Wheel;
use super::write;

/// Both projects by their directories.
pub const CONFIG: &str = "\
[[project_descriptors]]
build_root_dir_rel_path = \"one\"

[[project_descriptors]]
build_root_dir_rel_path = \"two\"
";

/// The repo and the index that it installs from.
pub struct Pair {
    pub sandbox: Sandbox,
    pub index: Index,
    pub python: &'static Interpreter,
}

impl Pair {
    /// The repo, not booted, with a uv and a python on `PATH`. Project `one` needs `left`, `two` needs `right`; the index
    /// has both, and `extra`, in versions 1.0 and 2.0.
    pub fn new() -> Option<Self> {
        let (uv, python) = (real_uv()?, hello_python()?);
        let packages = ["left", "right", "extra"].into_iter().flat_map(|name| ["1.0", "2.0"].map(|it| (name, it)));
        let add = |index: Index, (name, version)| {
            index.add(Wheel::new(name, version).file(&format!("{name}.py"), format!("version = '{version}'\n")).build())
        };
        let index = packages.fold(Index::start(), add);
        let sandbox =
            Sandbox::new().index(&index).link_uv(uv).link_python(python).redact_as("[X.Y.Z]", &python.version);
        let sandbox = sandbox.file("prime.toml", CONFIG).file(".python-version", python.series() + "\n");
        let pair = Self { sandbox, index, python };
        pair.project("one", &["left"], "");
        pair.project("two", &["right"], "");
        Some(pair)
    }

    /// The repo, made with this driver.
    pub fn booted(driver: &str) -> Option<Self> {
        let pair = Self::new()?.env("PROTOPRIMER_VENV_DRIVER", driver);
        pair.boot();
        assert_eq!(pair.built(), ["one", "two"]);
        Some(pair)
    }

    pub fn env(self, name: &str, value: &str) -> Self {
        Self { sandbox: self.sandbox.env(name, value), ..self }
    }

    /// Writes a file of the repo.
    pub fn write(&self, path: &str, content: &str) {
        write(&self.path(path), content.as_bytes(), 0o644);
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.sandbox.repo().join(path)
    }

    /// Writes a project; `more` goes to the end of its `pyproject.toml`.
    pub fn project(&self, name: &str, dependencies: &[&str], more: &str) {
        let pyproject = format!(
            "[project]\nname = \"{name}\"\nversion = \"1.0\"\nrequires-python = \">=3.8\"\n\
             dependencies = {dependencies:?}\n\n\
             [build-system]\nrequires = [\"tinybackend\"]\nbuild-backend = \"tinybackend\"\n\n\
             [tool.tinybackend]\njournal = \"{}\"\n\n{more}",
            self.sandbox.root().join("built").display()
        );
        self.write(&format!("{name}/pyproject.toml"), &pyproject);
        self.write(&format!("{name}/src/{name}.py"), "version = 1\n");
    }

    /// Boots, which must succeed.
    #[track_caller]
    pub fn boot(&self) -> Run {
        let run = self.sandbox.prime(["boot"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{}", run.stderr());
        run
    }

    /// Boots, which must succeed, and says what it said.
    #[track_caller]
    pub fn said(&self) -> String {
        self.sandbox.redact(&self.boot().stderr())
    }

    /// The projects that were built since this was last asked, sorted; uv builds several at a time.
    pub fn built(&self) -> Vec<String> {
        let journal = self.sandbox.root().join("built");
        let text = fs::read_to_string(&journal).unwrap_or_default();
        // A build may ask the backend for metadata first; that is part of it.
        let mut names: Vec<String> = text.lines().map(|line| line.split_whitespace().last().unwrap().into()).collect();
        names.sort();
        names.dedup();
        match fs::remove_file(journal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("{error}"),
            _ => names,
        }
    }

    /// How many distributions the environment is seeded with.
    pub fn seeds(&self) -> usize {
        let site = self.path(&format!(".venv/lib/{}/site-packages", self.python.basename()));
        let names = fs::read_dir(site).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".dist-info")).count() - self.installed().len()
    }

    /// What the environment has, as `name-version`, without what it may be seeded with.
    pub fn installed(&self) -> Vec<String> {
        let site = self.path(&format!(".venv/lib/{}/site-packages", self.python.basename()));
        let names = fs::read_dir(site).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let seeded = |name: &String| ["pip-", "setuptools-", "wheel-"].iter().any(|seed| name.starts_with(seed));
        let names = names.filter_map(|name| Some(name.strip_suffix(".dist-info")?.to_owned()));
        let mut names: Vec<String> = names.filter(|name| !seeded(name)).collect();
        names.sort();
        names
    }
}
