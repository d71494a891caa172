//! An interpreter and what it said of itself.
//!
//! The facts are those of the interpreter itself, never of a virtual environment that leads to it. What can change while
//! the executable stays the same (whether `ensurepip` is installed) is looked up in its files, not kept.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::version::{Implementation, PythonVersion};

/// What a requirement looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Build {
    /// The version of the language.
    pub version: PythonVersion,
    /// Who made it.
    pub implementation: Implementation,
    /// Whether it was built without the global lock (PEP 703).
    pub free_threaded: bool,
}

/// The C library of a Linux interpreter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Libc {
    /// GNU, with its version, such as `2.36`.
    Glibc(String),
    /// musl.
    Musl,
}

/// What binary code in an environment is made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The binary interface of the interpreter: `cp312`, `cp313t`, `pypy310`.
    pub abi: String,
    /// The system, the machine, and the size of pointers.
    pub architecture: String,
    /// The C library, where it is Linux and it is known.
    pub libc: Option<Libc>,
}

impl Target {
    /// What this was and another one is, where what was made for this does not run there. A newer GNU C library runs what
    /// was made for an older one.
    pub fn misfit(&self, now: &Self) -> Option<(String, String)> {
        if (&self.abi, &self.architecture) != (&now.abi, &now.architecture) {
            let name = |it: &Self| format!("{} {}", it.abi, it.architecture);
            return Some((name(self), name(now)));
        }
        let runs = match (&self.libc, &now.libc) {
            (Some(Libc::Glibc(before)), Some(Libc::Glibc(after))) => numbers(before) <= numbers(after),
            (before, after) => before == after,
        };
        let name = |libc: &Option<Libc>| libc.as_ref().map_or("another C library".to_owned(), Libc::to_string);
        (!runs).then(|| (name(&self.libc), name(&now.libc)))
    }
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

impl fmt::Display for Libc {
    /// `glibc 2.36`, `musl`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glibc(version) => write!(formatter, "glibc {version}"),
            Self::Musl => formatter.write_str("musl"),
        }
    }
}

/// An interpreter that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// The executable to start, links resolved.
    pub path: PathBuf,
    /// Version, implementation, build.
    pub build: Build,
    /// `sys.executable`, as it named itself.
    pub executable: PathBuf,
    /// `sys._base_executable`, from Python 3.8 on; else the same as `executable`.
    pub base_executable: PathBuf,
    /// `sys.prefix`.
    pub prefix: PathBuf,
    /// `sys.base_prefix`, the installation.
    pub base_prefix: PathBuf,
    /// The directory of the standard library.
    pub stdlib: PathBuf,
    /// Where the installation itself keeps pure packages (`site-packages`, Debian: `dist-packages`).
    pub purelib: PathBuf,
    /// `sys.platlibdir`, `lib` or `lib64`; before Python 3.9 it is `lib`.
    pub platlibdir: String,
    /// `sys.abiflags`: `t` for a free-threaded build, `m` up to Python 3.7.
    pub abi_flags: String,
    /// 64 or 32: the size of its pointers, whatever the kernel's.
    pub pointer_bits: u8,
    /// The kernel's machine, such as `x86_64`, `aarch64` or `arm64`.
    pub machine: String,
    /// `sys.platform`, such as `linux` or `darwin`.
    pub platform: String,
    /// `sysconfig.get_platform()`, such as `linux-x86_64` or `macosx-11.0-universal2`.
    pub platform_tag: String,
    /// The directory of `WHEEL_PKG_DIR`, where a distribution keeps the wheels of `ensurepip`.
    pub wheel_pkg_dir: Option<PathBuf>,
    /// The C library, where it is Linux and it is known.
    pub libc: Option<Libc>,
}

impl Build {
    /// A released CPython, the usual case.
    pub const fn cpython(version: PythonVersion) -> Self {
        Self { version, implementation: Implementation::CPython, free_threaded: false }
    }
}

impl fmt::Display for Build {
    /// `3.11.2`, `3.13.0 (free-threaded)`, `PyPy 3.10.14`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.implementation != Implementation::CPython {
            write!(formatter, "{} ", self.implementation)?;
        }
        write!(formatter, "{}", self.version)?;
        if self.free_threaded { formatter.write_str(" (free-threaded)") } else { Ok(()) }
    }
}

impl Interpreter {
    /// Its version.
    pub fn version(&self) -> PythonVersion {
        self.build.version
    }

    /// What binary code is made for that it is to run. The oldest macOS that it runs on is no matter of that code's.
    pub fn target(&self) -> Target {
        let PythonVersion { major, minor, .. } = self.version();
        let tag = match &self.build.implementation {
            Implementation::CPython => "cp".to_owned(),
            other => other.to_string().to_lowercase(),
        };
        let platform = match self.platform_tag.split_once('-') {
            Some(("macosx", rest)) => format!("macosx-{}", rest.rsplit('-').next().unwrap_or(rest)),
            Some(_) => self.platform_tag.clone(),
            None => self.machine.clone(),
        };
        Target {
            abi: format!("{tag}{major}{minor}{}", self.abi_flags),
            architecture: format!("{platform}, {} bits", self.pointer_bits),
            libc: self.libc.clone(),
        }
    }

    /// The same interpreter called by another path that leads to it.
    pub fn named(self, path: &Path) -> Self {
        let path = path.to_owned();
        Self { path: path.clone(), executable: path.clone(), base_executable: path, ..self }
    }

    /// Whether it is a CPython with its standard library where it says, so that an environment of it can be made without
    /// asking it.
    pub fn has_own_files(&self) -> bool {
        self.build.implementation == Implementation::CPython && self.stdlib.join("os.py").is_file()
    }

    /// Whether the standard library has an `ensurepip` that works. Debian without `python3-venv` has none, or one without
    /// its main module.
    pub fn has_ensurepip(&self) -> bool {
        ["ensurepip/__init__.py", "ensurepip/__main__.py"].iter().all(|file| self.stdlib.join(file).is_file())
    }
}
