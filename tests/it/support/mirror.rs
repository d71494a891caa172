//! A mirror of Python builds on the loopback interface, made from an interpreter of this machine.
//!
//! The archive has the layout of python-build-standalone's `install_only` builds, the list is what uv reads from
//! `UV_PYTHON_DOWNLOADS_JSON_URL`. What uv and `prime` do not need (tests, caches, installed packages) is left out. A
//! dynamically linked interpreter may still find its library where it was built, so the mirror serves only the machine
//! that made it.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs, io};

use serde_json::json;

use super::artifact::artifact;
use super::encoding::sha256;
use super::http::{Request, Response, Server};
use super::output;
use super::pythons::Interpreter;
use super::real_uv::succeed;

/// Library directory and standard library of an interpreter, a line each.
const QUESTION: &str = "import sysconfig
print(sysconfig.get_config_var('LIBDIR') or '')
print(sysconfig.get_path('stdlib'))";

/// What is not taken along from the standard library.
const LEFT_OUT: [&str; 8] =
    ["__pycache__", "*.a", "./site-packages/*", "./dist-packages/*", "./test", "./idlelib", "./tkinter", "./lib2to3"];

/// Lays the interpreter out in a directory, with the standard library in files of its own; where its executable is.
pub fn unpack(python: &Interpreter, dir: &Path) -> PathBuf {
    fs::create_dir_all(dir).unwrap();
    let archive = archive_of(python).unwrap();
    succeed(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(dir)).unwrap();
    dir.join("python/bin").join(python.basename())
}

fn archive_of(python: &Interpreter) -> io::Result<PathBuf> {
    artifact(&format!("cpython-{}.tar.gz", python.version), |path| pack(python, path))
}

/// The running mirror; it stops when it is dropped.
pub struct Mirror {
    server: Server,
}

impl Mirror {
    /// A mirror that has this one interpreter, under its own version.
    pub fn of(python: &Interpreter) -> Self {
        let archive = Arc::new(fs::read(archive_of(python).unwrap()).unwrap());
        let (version, digest) = (python.version.clone(), sha256(&archive));
        Self { server: Server::start(move |request| answer(request, &version, &digest, &archive)) }
    }

    /// What `UV_PYTHON_DOWNLOADS_JSON_URL` wants.
    pub fn url(&self) -> String {
        format!("{}/downloads.json", self.server.url())
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        self.server.url()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }
}

fn answer(request: &Request, version: &str, digest: &str, archive: &Arc<Vec<u8>>) -> Response {
    match request.target.as_str() {
        "/downloads.json" => {
            let origin = format!("http://{}", request.header("host").unwrap_or_default());
            Response::new(200, "application/json", downloads(&origin, version, digest))
        }
        "/python.tar.gz" => {
            Response { body: Arc::clone(archive), ..Response::new(200, "application/octet-stream", "") }
        }
        _ => Response::status(404),
    }
}

fn downloads(origin: &str, version: &str, digest: &str) -> String {
    let (os, libc) = if cfg!(target_os = "macos") { ("darwin", "none") } else { ("linux", "gnu") };
    let arch = env::consts::ARCH;
    let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    let key = format!("cpython-{version}-{os}-{arch}-{libc}");
    let entry = json!({
        "name": "cpython",
        "arch": {"family": arch, "variant": null},
        "os": os,
        "libc": libc,
        "major": numbers[0],
        "minor": numbers[1],
        "patch": numbers[2],
        "prerelease": "",
        "url": format!("{origin}/python.tar.gz"),
        "sha256": digest,
        "variant": null,
        "build": "20240101",
    });
    json!({ key: entry }).to_string()
}

/// Lays the tree out beside and packs it with the system's `tar`.
fn pack(python: &Interpreter, archive: &Path) -> io::Result<()> {
    let (library, stdlib) = ask(&python.executable)?;
    let tree = tempfile::tempdir()?;
    let root = tree.path().join("python");
    fs::create_dir_all(root.join("bin"))?;
    fs::create_dir_all(root.join("lib"))?;
    fs::copy(&python.executable, root.join("bin").join(python.basename()))?;
    for name in ["python", "python3"] {
        symlink(python.basename(), root.join("bin").join(name))?;
    }
    let library_name = format!("libpython{}", python.series());
    for entry in fs::read_dir(library)?.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(&library_name) && !name.to_string_lossy().ends_with(".a") {
            fs::copy(entry.path(), root.join("lib").join(name))?;
        }
    }
    fs::create_dir(root.join("lib").join(python.basename()))?;
    let excludes = LEFT_OUT.iter().map(|pattern| format!("--exclude={pattern}"));
    let copied = tree.path().join("stdlib.tar");
    succeed(Command::new("tar").arg("-cf").arg(&copied).args(excludes).arg("-C").arg(&stdlib).arg("."))?;
    succeed(Command::new("tar").arg("-xf").arg(&copied).arg("-C").arg(root.join("lib").join(python.basename())))?;
    succeed(Command::new("tar").arg("-czf").arg(archive).arg("-C").arg(tree.path()).arg("python"))
}

fn ask(python: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let output = output(Command::new(python).args(["-I", "-S", "-c", QUESTION]))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let (Some(library), Some(stdlib)) = (lines.next(), lines.next()) else {
        return Err(io::Error::other(format!("{} does not tell its directories", python.display())));
    };
    Ok((PathBuf::from(library), PathBuf::from(stdlib)))
}
