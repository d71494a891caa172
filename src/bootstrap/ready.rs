//! The environment for what never makes one: it is ready, or that is an error with the way to make it.

use std::path::Path;

use super::stage::{Progress, Stage};
use super::{Request, Run, launcher};
use crate::config::Repo;
use crate::config::discover::{discover, discover_of_script};
use crate::deps::{Stamp, State};
use crate::error::{Code, Fault, Result};
use crate::host::quote::Dialect;
use crate::host::work::skipped;
use crate::host::{Host, names};
use crate::ui::Ui;
use crate::venv::Venv;

/// An environment whose stamp was proven to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyEnvironment {
    /// The environment.
    pub venv: Venv,
    /// Where `prime` keeps what it knows of it.
    pub state: State,
    /// The version of its python, with the implementation where that is not CPython.
    pub python_version: String,
}

impl ReadyEnvironment {
    pub(super) fn new(stamp: Stamp) -> Self {
        let (venv, version) = (stamp.venv.display(), &stamp.python_version);
        tracing::info!("ready: `{venv}`, python {version}");
        skipped("all", format_args!("`{venv}` is ready, python {version}"));
        let state = State::of(&stamp.root, &stamp.root.join(&stamp.environment.dir));
        Self { venv: Venv::new(stamp.venv), state, python_version: stamp.python_version }
    }
}

/// The environment of the repository: the one that `script` lies in, where one is given, else as for a boot. Trusts the
/// stamp and changes nothing. Whatever stage a variable may name, this is no part of a bootstrap.
///
/// Fails with [`Code::NotReady`] where it is not ready.
pub fn ready(host: &Host, ui: Ui, request: &Request, script: Option<&Path>) -> Result<ReadyEnvironment> {
    let repo = repository(host, request, script)?;
    let progress = Progress { stage: Stage::PyUnknown, run_id: None };
    let run = Run { host, ui, request, progress, repo, script: None };
    if ui.level().shows_decisions() {
        run.start_log(None)?;
    }
    match run.selected() {
        Ok(stamp) => Ok(ReadyEnvironment::new(stamp)),
        Err(why) => {
            let message = format!("the environment of `{}` is not ready: {why}", run.seed_dir().display());
            Err(Fault::of(Code::NotReady, message).hint(remedy(host, &run.repo)).into())
        }
    }
}

fn repository(host: &Host, request: &Request, script: Option<&Path>) -> Result<Repo> {
    let Some(script) = script.filter(|_| request.repo.is_none()) else {
        return discover(host, request.repo.as_deref());
    };
    match discover_of_script(host, script)? {
        Some(repo) => Ok(repo),
        // A launcher says which repository it means.
        None if host.var(names::PROTO_CODE).is_some() => discover(host, None),
        None => {
            let message = format!("`{}` lies in no repository", script.display());
            let hint = "name the one whose environment it needs: `prime -C DIR start FILE`";
            Err(Fault::of(Code::NoRepository, message).hint(hint).into())
        }
    }
}

/// The command that makes the environment, as it is typed in the current directory: by the launcher, where there is one.
fn remedy(host: &Host, repo: &Repo) -> String {
    let seed_dir = &repo.seed_dir.value;
    let quoted = |path: &Path| {
        let path = path.to_string_lossy();
        let is_plain = path.chars().all(|it| it.is_alphanumeric() || "/._-+,@%".contains(it));
        if is_plain {
            path.into_owned()
        } else {
            String::from_utf8_lossy(&Dialect::Posix.quoted(path.as_bytes())).into()
        }
    };
    let launcher = repo.seed_file.clone().unwrap_or_else(|| seed_dir.join(names::LAUNCHER_FILE));
    let is_here = host.current_dir == *seed_dir;
    let command = match launcher.file_name().filter(|_| launcher::at(&launcher).is_some()) {
        Some(name) if is_here => format!("./{}", quoted(Path::new(name))),
        Some(_) => quoted(&launcher),
        None if is_here => "prime".to_owned(),
        None => format!("prime -C {}", quoted(seed_dir)),
    };
    format!("make it with `{command}`")
}
