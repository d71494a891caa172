//! Where the measured processes work: a temporary directory with caches of its own, and copies of the examples.

use std::cell::Cell;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use prime::error::Result;
use tempfile::TempDir;

use crate::job::Job;
use crate::tools::{PRIME, Tools};

/// The beginnings of variables that hold for the measured processes as for everybody: index, proxy, certificates.
const KEPT: [&str; 12] = [
    "HOME",
    "PIP_",
    "UV_",
    "PRIME_INDEX_URL",
    "SSL_CERT_",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "NETRC",
];

/// The temporary directory, which goes with the value, and the environment of whatever runs there.
///
/// Nothing in it is removed before: file systems avoid what was removed a moment ago, and a loop that makes and removes
/// would measure that.
pub struct Place {
    /// The tools to compare with.
    pub tools: Tools,
    dir: TempDir,
    vars: Vec<(OsString, OsString)>,
    made: Cell<u32>,
}

impl Place {
    /// A place with empty caches, and uv, `prime`, python and the system's programs on `PATH`.
    pub fn new(tools: Tools) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("prime-bench-").tempdir()?;
        let bin = dir.path().join("bin");
        fs::create_dir(&bin)?;
        symlink(&tools.uv, bin.join("uv"))?;
        symlink(PRIME, bin.join("prime"))?;
        let mut path = vec![bin];
        path.extend(tools.python.parent().map(Path::to_owned));
        path.extend(["/usr/bin", "/bin"].map(PathBuf::from));
        let is_kept = |name: &OsString| {
            let name = name.to_string_lossy().to_uppercase();
            KEPT.iter().any(|start| name.starts_with(start)) && !name.ends_with("_CACHE_DIR")
        };
        let mut vars: Vec<_> = env::vars_os().filter(|(name, _)| is_kept(name)).collect();
        let mut set = |name: &str, value: OsString| vars.push((name.into(), value));
        set("PATH", env::join_paths(path)?);
        set("UV_PYTHON_DOWNLOADS", "never".into());
        for (name, cache) in [("UV_CACHE_DIR", "uv"), ("PIP_CACHE_DIR", "pip"), ("PRIME_CACHE_DIR", "prime")] {
            set(name, dir.path().join("cache").join(cache).into());
        }
        Ok(Self { tools, dir, vars, made: Cell::new(0) })
    }

    /// The file that has what the last process said.
    pub fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// What `prime` keeps from one run to the next.
    pub fn prime_cache(&self) -> PathBuf {
        self.dir.path().join("cache/prime")
    }

    /// A path at which nothing has ever been.
    pub fn fresh(&self, name: &str) -> PathBuf {
        self.made.set(self.made.get() + 1);
        self.dir.path().join(format!("{name}-{}", self.made.get()))
    }

    /// A fresh copy of an example, as a clone of a repository of its own.
    pub fn example(&self, example: &str, name: &str) -> Result<PathBuf> {
        let repo = self.fresh(name);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example), &repo)?;
        fs::create_dir(repo.join(".git"))?;
        Ok(repo)
    }

    /// A fresh copy of `examples/hello`, which asks for the python that there is.
    pub fn hello(&self, name: &str) -> Result<PathBuf> {
        let repo = self.example("hello", name)?;
        fs::write(repo.join(".python-version"), format!("{}\n", self.tools.python_series()))?;
        Ok(repo)
    }

    /// A process in this directory.
    pub fn job(&self, program: impl Into<PathBuf>, dir: &Path) -> Job {
        Job::new(program, dir, &self.vars)
    }

    /// `prime` in this directory.
    pub fn prime(&self, dir: &Path) -> Job {
        self.job(PRIME, dir).by_name()
    }

    /// `uv` in this directory.
    pub fn uv(&self, dir: &Path) -> Job {
        self.job(self.dir.path().join("bin/uv"), dir).by_name()
    }

    /// The interpreter, in this directory.
    pub fn python(&self, dir: &Path) -> Job {
        self.job(&self.tools.python, dir)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // What a run of one's own left in the example is not part of it.
        if [".venv", ".prime", "__pycache__", "constraints.txt"].iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
