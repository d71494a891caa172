//! A temporary root with `home`, `repo`, `bin` and `cache`, an empty environment, and `bin` as the whole `PATH`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::fakes;
use super::index::Index;
use super::mirror::Mirror;
use super::pythons::Interpreter;
use super::real_uv::RealUv;
use super::redact::Redactions;
use super::run::Invocation;
use super::write;

/// A place of its own for one test. Paths given to its methods are relative to the repo, unless they are told to be
/// names of programs.
pub struct Sandbox {
    // Last seen by the drop of the directory; nothing else holds it.
    _dir: TempDir,
    root: PathBuf,
    vars: Vec<(OsString, OsString)>,
    redactions: Redactions,
}

impl Sandbox {
    /// An empty repo, an empty home, and no program at all.
    pub fn new() -> Self {
        // Not in the target directory: looking upwards from there finds this repository's own files.
        let dir = tempfile::Builder::new().prefix("prime-test-").tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in ["home", "repo", "bin", "cache", "tmp"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let mut redactions = Redactions::default();
        for (name, path) in [("[REPO]", "repo"), ("[HOME]", "home"), ("[CACHE]", "cache"), ("[BIN]", "bin")] {
            redactions.insert(name, root.join(path).display().to_string());
        }
        redactions.insert("[ROOT]", root.display().to_string());
        redactions.insert("[PRIME]", env!("CARGO_BIN_EXE_prime"));
        let sandbox = Self { _dir: dir, root, vars: Vec::new(), redactions };
        let path = |name| sandbox.root.join(name);
        let vars = [("HOME", "home"), ("PATH", "bin"), ("XDG_CACHE_HOME", "cache"), ("TMPDIR", "tmp")];
        let vars: Vec<_> = vars.iter().map(|(name, value)| ((*name).into(), path(value).into())).collect();
        // The machine's own pip settings are none of the sandbox's.
        Self { vars, ..sandbox }.env("PIP_CONFIG_FILE", "/dev/null")
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn repo(&self) -> PathBuf {
        self.root.join("repo")
    }

    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    pub fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    pub fn vars(&self) -> &[(OsString, OsString)] {
        &self.vars
    }

    /// Sets a variable for every run.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self = self.env_remove(name);
        self.vars.push((name.into(), value.as_ref().to_owned()));
        self
    }

    pub fn env_remove(mut self, name: &str) -> Self {
        self.vars.retain(|(key, _)| key != name);
        self
    }

    /// A file in the repo, with its directories.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        write(&self.repo().join(path), content.as_ref(), 0o644);
        self
    }

    /// An executable file in the repo.
    pub fn script(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        write(&self.repo().join(path), content.as_ref(), 0o755);
        self
    }

    /// A `pyproject.toml` and a module for a project that the tests' own backend builds.
    pub fn project(self, name: &str, version: &str, dependencies: &[&str]) -> Self {
        let module = name.replace('-', "_");
        let pyproject = format!(
            "[project]\nname = \"{name}\"\nversion = \"{version}\"\nrequires-python = \">=3.8\"\n\
             dependencies = {dependencies:?}\n\n[project.scripts]\n{name} = \"{module}:main\"\n\n\
             [build-system]\nrequires = [\"tinybackend\"]\nbuild-backend = \"tinybackend\"\n"
        );
        let code = format!("def main():\n    print(\"this is {name}\")\n");
        self.file("pyproject.toml", pyproject).file(&format!("src/{module}.py"), code)
    }

    /// A copy of a directory as the repo.
    pub fn copy_of(self, dir: &Path) -> Self {
        self.copy_into(".", dir)
    }

    /// A copy of a directory somewhere in the repo.
    pub fn copy_into(self, path: impl AsRef<Path>, dir: &Path) -> Self {
        copy(dir, &self.repo().join(path));
        self
    }

    /// A stand-in for a Python, under this name and of this version.
    pub fn fake_python(self, name: &str, version: &str) -> Self {
        let script = fakes::python(&self.root, name, version);
        self.program(name, &script)
    }

    pub fn fake_uv(self, version: &str) -> Self {
        let script = fakes::uv(&self.root, version);
        self.program("uv", &script)
    }

    /// A stand-in for any program: it writes the journal and runs the lines of shell.
    pub fn fake(self, name: &str, body: &str) -> Self {
        let script = fakes::program(&self.root, body);
        self.program(name, &script)
    }

    /// What the stand-ins say has been installed.
    pub fn freeze(self, lines: &str) -> Self {
        write(&self.root.join("freeze"), lines.as_bytes(), 0o644);
        self
    }

    fn program(self, name: &str, script: &str) -> Self {
        write(&self.bin().join(name), script.as_bytes(), 0o755);
        self
    }

    /// The real program on `PATH`, under this name.
    pub fn link(self, name: &str, program: &Path) -> Self {
        symlink(program, self.bin().join(name)).unwrap();
        self
    }

    /// The real interpreter on `PATH` as `python3.12`.
    pub fn link_python(self, python: &Interpreter) -> Self {
        self.link(&python.basename(), &python.executable)
    }

    pub fn link_uv(self, uv: &RealUv) -> Self {
        self.link("uv", &uv.executable)
    }

    /// Uses a loopback index, by pip's setting.
    pub fn index(self, index: &Index) -> Self {
        let mut sandbox = self.env("PIP_INDEX_URL", index.url());
        sandbox.redactions.insert("[INDEX]", index.origin());
        sandbox
    }

    /// Uses a loopback mirror of Python builds.
    pub fn mirror(self, mirror: &Mirror) -> Self {
        let mut sandbox = self.env("UV_PYTHON_DOWNLOADS_JSON_URL", mirror.url());
        sandbox.redactions.insert("[MIRROR]", mirror.origin());
        sandbox
    }

    /// Shows `placeholder` (in brackets) where this text was said.
    pub fn redact_as(mut self, placeholder: &'static str, text: &str) -> Self {
        self.redactions.insert(placeholder, text.to_owned());
        self
    }

    /// A run of `prime`.
    pub fn prime<A: Into<OsString>>(&self, args: impl IntoIterator<Item = A>) -> Invocation<'_> {
        self.command(env!("CARGO_BIN_EXE_prime")).args(args)
    }

    /// A run of any program, in the sandbox's environment.
    pub fn command(&self, program: impl Into<OsString>) -> Invocation<'_> {
        Invocation::new(self, program)
    }

    /// What the stand-ins were called with, in order, after redaction.
    pub fn journal(&self) -> String {
        self.redact(&fs::read_to_string(self.root.join("journal")).unwrap_or_default())
    }

    /// A file of the repo, after redaction.
    pub fn read(&self, path: &str) -> String {
        let path = self.repo().join(path);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.redact(&text)
    }

    pub fn redact(&self, text: &str) -> String {
        self.redactions.redact(text)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        // What a developer's own run left in the tree is not part of it; the pins are those of another index.
        if [".venv", ".prime", "__pycache__", "constraints.txt"].iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
