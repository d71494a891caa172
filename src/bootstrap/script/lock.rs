//! Writes the lock of a script.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::super::install::driver;
use super::super::stage::{Progress, Stage};
use super::super::{Pass, Request, Run, explain, state};
use super::{digest, pass};
use crate::config::script::lock::signed;
use crate::config::script::{GROUP, pyproject_path};
use crate::config::{Repo, Script};
use crate::deps::Stamp;
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs};
use crate::python::requirement::lowest;
use crate::ui::Ui;
use crate::venv::{DependencyGroup, LockRequest, Venv};

/// What one process of it comes to.
#[derive(Debug)]
pub enum Locking {
    /// The next process goes on.
    GoesOn(Pass),
    /// The lock is written, here.
    Done(PathBuf),
}

/// Makes the environment of the script as it is without a lock, whose tool then finds the versions; the lock is written
/// when it is whole.
///
/// Fails with [`Kind::Config`] where another kind of file is in its place.
pub fn lock(host: &Host, ui: Ui, request: &Request, script: &Script) -> Result<Locking> {
    if let Some(present) = &script.lock_file {
        present.read()?;
    }
    let mut unlocked = script.clone();
    unlocked.lock_file = None;
    match pass(host, ui, request, &unlocked)? {
        Pass::Ready(environment) => {
            let root = environment.state.root().parent().unwrap_or(Path::new("/"));
            write(host, ui, request, &unlocked, root).map(Locking::Done)
        }
        again => Ok(Locking::GoesOn(again)),
    }
}

fn write(host: &Host, ui: Ui, request: &Request, script: &Script, root: &Path) -> Result<PathBuf> {
    let start = Instant::now();
    let progress = Progress { stage: Stage::SrcUpdated, run_id: Progress::observe(host)?.run_id };
    let run = Run { host, ui, request, progress, repo: Repo::bare(root), script: Some(script) };
    let settings = run.settings()?;
    let stamp = Stamp::load(&state(&settings).stamp()).ok_or_else(|| run.out_of_turn("there is no environment"))?;
    let tool = driver(&run, &settings, &stamp)?;
    let group = DependencyGroup {
        pyproject: pyproject_path(root),
        name: GROUP.to_owned(),
        requirements: script.dependencies.clone(),
    };
    let path = path(script)?;
    let dir = path.parent().unwrap_or(Path::new("/")).to_owned();
    let python_version = script.requires_python.as_ref().and_then(|required| lowest(&required.value));
    let wanted = LockRequest { group, python_version, dir };
    let venv = Venv::new(&stamp.venv);
    let text = run.with_console(|console| tool.driver().lock(&venv, &wanted, console));
    let text = text.map_err(|error| explain::explain(&run, &settings, error))?;
    fs::write_atomic(&path, signed(&script.with_paths_as_written(&text), &digest(script)).as_bytes())?;
    ui.done("lock", &format!("{}.lock", script.source.name), start);
    Ok(path)
}

/// Where the lock of a script is: beside where it really lies.
pub fn path(script: &Script) -> Result<PathBuf> {
    let mut name = script.source.path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let path = script.source.path.with_file_name(name);
    if path.is_dir() {
        return Err(Fault::new(Kind::CannotCreate, format!("`{}` is a directory", path.display())).into());
    }
    Ok(path)
}
