//! A repo with an editable project that needs two packages with scripts; what it looks like, and what has to work.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::pythons::Interpreter;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

pub const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// The repo and the index that it installs from.
pub struct Repo {
    pub sandbox: Sandbox,
    pub index: Index,
    /// `lib/python3.12/site-packages`, where that is the python.
    pub site: String,
}

/// The version of `tool` with all that a package can have.
pub fn tool() -> Wheel {
    Wheel::new("tool", "1.0")
        .file("tool/__init__.py", "def main():\n    print('this is tool')\n")
        .file("tool/data.txt", "some data\n")
        .script("tool", "tool:main")
        .program("native", "#!/bin/sh\necho native\n")
}

pub fn other() -> Wheel {
    Wheel::new("other", "2.0")
        .file("other.py", "def main():\n    print('this is other')\n")
        .script("other", "other:main")
}

impl Repo {
    /// The repo, made with this driver from these packages.
    pub fn booted_with(driver: &str, tool: Wheel, other: Wheel) -> Option<Self> {
        let repo = Self::new(driver, Index::start().add(tool.build()).add(other.build()))?;
        let run = repo.sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        Some(repo)
    }

    pub fn booted(driver: &str) -> Option<Self> {
        Self::booted_with(driver, tool(), other())
    }

    /// The repo, whose project is linked by code with a table of its modules.
    pub fn linked_by_code(driver: &str) -> Option<Self> {
        let repo = Self::new(driver, Index::start().add(tool().build()).add(other().build()))?;
        let pyproject = repo.sandbox.read("pyproject.toml") + "[tool.tinybackend]\nfinder = true\n";
        let repo = Self { sandbox: repo.sandbox.file("pyproject.toml", pyproject), ..repo };
        repo.said(driver);
        Some(repo)
    }

    /// The repo, made by uv linking in this way.
    pub fn booted_in(driver: &str, link_mode: &str) -> Option<Self> {
        let repo = Self::new(driver, Index::start().add(tool().build()).add(other().build()))?;
        let repo = Self { sandbox: repo.sandbox.env("UV_LINK_MODE", link_mode), ..repo };
        repo.said(link_mode);
        Some(repo)
    }

    /// The repo, not booted yet.
    pub fn new(driver: &str, index: Index) -> Option<Self> {
        Self::of(hello_python()?, driver, index)
    }

    /// The same for an interpreter.
    pub fn of(python: &Interpreter, driver: &str, index: Index) -> Option<Self> {
        let uv = real_uv()?;
        let site = format!("lib/{}/site-packages", python.basename());
        let sandbox =
            Sandbox::new().index(&index).link_uv(uv).link_python(python).redact_as("[X.Y.Z]", &python.version);
        let sandbox = sandbox.redact_as("[SITE]", &site).env("PROTOPRIMER_VENV_DRIVER", driver);
        let sandbox = sandbox.file(".python-version", python.series() + "\n").project("app", "1.0", &["tool", "other"]);
        Some(Self { sandbox, index, site })
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.sandbox.repo().join(path)
    }

    pub fn venv(&self, path: &str) -> PathBuf {
        self.path(".venv").join(path)
    }

    pub fn site(&self, path: &str) -> PathBuf {
        self.venv(&self.site).join(path)
    }

    /// What a boot says, which must succeed.
    #[track_caller]
    pub fn said(&self, what: &str) -> String {
        let run = self.sandbox.prime(["boot"]).output();
        let said = self.sandbox.redact(&run.stderr());
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{what}: {said}");
        said
    }

    /// What `check` finds damaged, as pairs of what it is in and what is wrong with it; it changes nothing.
    #[track_caller]
    fn check(&self, args: &[&str]) -> Vec<(String, String)> {
        let before = self.inodes();
        let run = self.sandbox.prime(["check", "--json"].iter().chain(args)).output();
        assert_eq!(self.changed_since(&before), Vec::<String>::new(), "`check` has changed something");
        let found: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        let facts = found["data"]["facts"].as_array().unwrap().iter();
        let text = |fact: &serde_json::Value, key: &str| self.sandbox.redact(fact[key].as_str().unwrap_or_default());
        let damaged = facts.filter(|fact| fact["status"] == "damaged");
        let damaged: Vec<_> = damaged.map(|fact| (text(fact, "name"), text(fact, "detail"))).collect();
        assert_eq!(run.code(), i32::from(!damaged.is_empty()), "{}", run.stdout());
        damaged
    }

    /// Holds what `check` finds against what the boot after it says: each distribution is named by the first thing that is
    /// wrong with it.
    #[track_caller]
    pub fn assert_found(&self, args: &[&str], said: &str, what: &str) {
        let found = self.check(args);
        for line in said.lines() {
            let mended = line.strip_prefix("repair   ").and_then(|line| line.strip_suffix("  [TIME]")).unwrap();
            let (owner, wrong) = mended.split_once(": ").unwrap();
            let (first, more) = wrong.split_once(", and ").unwrap_or((wrong, "0 more"));
            let of_owner: Vec<_> = found.iter().filter(|(name, _)| name == owner).map(|(_, detail)| detail).collect();
            assert_eq!(of_owner.first().map(|it| it.as_str()), Some(first), "{what}: {found:?}");
            assert_eq!(format!("{} more", of_owner.len() - 1), more, "{what}: {found:?}");
        }
        assert_eq!(said.lines().count() == 0, found.is_empty(), "{what}: {found:?}");
    }

    /// What has to work right after the mending, without another boot; and that there is nothing left to say.
    #[track_caller]
    pub fn assert_whole(&self, what: &str) {
        let code =
            "import tool, other, app, pathlib; print((pathlib.Path(tool.__file__).parent / 'data.txt').read_text())";
        for (command, expected) in [
            (&["python", "-c", code][..], "some data\n\n"),
            (&["tool"], "this is tool\n"),
            (&["other"], "this is other\n"),
            (&["native"], "native\n"),
            (&["app"], "this is app\n"),
        ] {
            let run = self.sandbox.prime(["run", "--"].iter().chain(command)).output();
            assert_eq!((run.code(), run.stdout(), run.stderr()), (0, expected.to_owned(), String::new()), "{what}");
        }
        assert_eq!(self.said(what), "", "{what}");
        let run = self.sandbox.prime(["--verify=hash"]).output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()), "{what}");
    }

    /// The inode of every file of the environment, compiled ones apart.
    pub fn inodes(&self) -> BTreeMap<PathBuf, u64> {
        let mut found = BTreeMap::new();
        collect(&self.path(".venv"), &mut found).unwrap();
        found
    }

    /// The files whose inode is another one now, seen from the environment's directory.
    pub fn changed_since(&self, before: &BTreeMap<PathBuf, u64>) -> Vec<String> {
        let now = self.inodes();
        let changed = before.iter().filter(|(path, inode)| now.get(*path) != Some(inode)).map(|(path, _)| path);
        let new = now.keys().filter(|path| !before.contains_key(*path));
        let mut paths: Vec<String> = changed.chain(new).map(|path| self.shown(path)).collect();
        paths.sort();
        paths
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.path(".venv")).unwrap().display().to_string().replace(&self.site, "[SITE]")
    }
}

fn collect(dir: &Path, found: &mut BTreeMap<PathBuf, u64>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let meta = path.symlink_metadata()?;
        if meta.is_dir() && !path.ends_with("__pycache__") {
            collect(&path, found)?;
        } else if !meta.is_dir() {
            found.insert(path, meta.ino());
        }
    }
    Ok(())
}
