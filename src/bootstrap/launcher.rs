//! The launcher of the repository, and the `prime` that came with its dependencies.
//!
//! Where the environment carries a newer one than the launcher pins, the launcher's pins are brought to it, and it does the
//! rest of the run itself. It is put where the launcher of this repository looks, so that the next start needs no network.
//! `PRIME_BIN` overrides all of that. Whatever is in the way stops nothing: the environment is ready, and the old `prime` is as good as it was.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use pep440_rs::Version;

use super::{Run, state, tools};
use crate::config::{Repo, Settings};
use crate::error::{Fault, Kind, Result};
use crate::fetch::default_index::default_index;
use crate::fetch::http::Client;
use crate::fetch::index::{self, IndexFile, Lookup};
use crate::fetch::{IndexSettings, Sourced, Url};
use crate::host::work::skipped;
use crate::host::{Cmd, fs, names};
use crate::launcher::{DISTRIBUTION, Launcher, OWN_VERSION, pins, store};
use crate::venv::Venv;

/// How long `prime --version` may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A launcher on disk.
pub struct Found {
    /// Its file.
    pub path: PathBuf,
    /// All that is in it.
    pub text: String,
    /// What it says.
    pub launcher: Launcher,
}

/// The launcher in a file; `None` where there is none.
pub fn at(path: &Path) -> Option<Found> {
    let path = path.canonicalize().ok()?;
    let text = String::from_utf8(fs::read_file(&path).ok()?).ok()?;
    Launcher::parse(&text).map(|launcher| Found { path, text, launcher })
}

/// The launcher that `prime` was started by, else the one of the repository.
pub fn of_repo(repo: &Repo) -> Option<Found> {
    let usual = || at(&repo.seed_dir.value.join(names::LAUNCHER_FILE));
    repo.seed_file.as_deref().and_then(at).or_else(usual)
}

/// The index that the launcher has for where none is set.
pub fn recorded_index(found: &Found) -> Option<Sourced<Url>> {
    let url = Url::parse(&found.launcher.index).ok()?;
    Some(Sourced::new(url, found.path.display().to_string()))
}

/// The files that the index has of `prime`.
pub fn published(settings: &IndexSettings, version: &Version) -> Result<Vec<IndexFile>> {
    let policy = settings.policy(|| default_index(&[]))?;
    let files = match index::lookup(&Client::new(policy.http.clone()), &policy, DISTRIBUTION)? {
        Lookup::Files(files) => files,
        Lookup::Refused(fault) | Lookup::NotUnderstood(fault) => return Err(fault.into()),
    };
    if pins(&files, version).is_empty() {
        let places = policy.indexes.iter().chain(&policy.find_links).map(|place| format!("`{}`", place.value));
        let places: Vec<String> = places.collect();
        let message = format!("no wheel of `{DISTRIBUTION}` {version} with a sha256 in {}", places.join(", "));
        return Err(Fault::new(Kind::Unavailable, message).into());
    }
    Ok(files)
}

/// The `prime` in an environment.
struct Carried {
    program: PathBuf,
    version: Version,
}

impl Carried {
    fn observe(venv: &Venv) -> Option<Self> {
        let version = Version::from_str(&venv.version_of(&DISTRIBUTION.replace('-', "_"))?).ok()?;
        let program = venv.bin().join("prime");
        fs::is_executable(&program).then_some(Self { program, version })
    }

    /// Whether it runs and is what its metadata says.
    fn answers(&self, run: &Run<'_>) -> bool {
        let answer = Cmd::new(run.host, &self.program).arg("--version").capture(ANSWER_LIMIT);
        let version = answer.ok().and_then(|answer| {
            let text = String::from_utf8(answer.stdout).ok()?;
            Version::from_str(text.trim().strip_prefix("prime ")?).ok()
        });
        version.as_ref() == Some(&self.version)
    }
}

/// Brings the launcher to the `prime` that the environment carries, where that is newer, and tells which program does the
/// rest of the run, where that is another one than this.
pub(super) fn update(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Option<PathBuf> {
    if run.host.var(names::PRIME_BIN).is_some() {
        return None;
    }
    let found = of_repo(&run.repo)?;
    let carried = Carried::observe(venv)?;
    let pinned = Version::from_str(&found.launcher.version).ok();
    if pinned.is_none_or(|pinned| carried.version <= pinned) {
        skipped("update", "the environment has no newer `prime` than the launcher");
        return None;
    }
    let shown = carried.program.display();
    if !carried.answers(run) {
        run.ui.warn(&format!("`{shown}` does not run as prime {}, and is passed over", carried.version));
        return None;
    }
    tracing::info!("`{shown}` is prime {}, newer than the launcher's {}", carried.version, found.launcher.version);
    if settings.update_launcher.value {
        let start = Instant::now();
        match repin(run, settings, &found, &carried) {
            Ok(()) => {
                let (old, new) = (&found.launcher.version, &carried.version);
                run.ui.done("update", &format!("{} (prime {old} to {new})", names::LAUNCHER_FILE), start);
            }
            Err(error) => {
                let (name, version) = (names::LAUNCHER_FILE, &found.launcher.version);
                run.ui.warn(&format!("`{name}` stays with prime {version}: {}", causes(&error)));
            }
        }
    } else {
        tracing::info!("the launcher stays as it is: `update_launcher` is false ({})", settings.update_launcher.origin);
    }
    (carried.version > *OWN_VERSION).then_some(carried.program)
}

fn repin(run: &Run<'_>, settings: &Settings, found: &Found, carried: &Carried) -> Result<()> {
    let _lock = run.lock(&state(settings).lock())?;
    let files = published(&tools::index_settings(run, settings, None)?, &carried.version)?;
    let launcher = Launcher {
        version: carried.version.to_string(),
        pins: pins(&files, &carried.version),
        ..found.launcher.clone()
    };
    if let Some(lost) = found.launcher.pins.iter().find(|pin| !launcher.covers(pin)) {
        let message = format!("prime {} has no wheel in the place of `{}`", launcher.version, lost.file);
        return Err(Fault::new(Kind::Unavailable, message).into());
    }
    // Not into the user's cache, where it would serve other repositories: nobody has held it against their pins.
    let base = found.path.parent().unwrap_or(Path::new("/")).join(names::STATE_DIR);
    if let Err(error) = store::put(&base, &launcher.version, &carried.program) {
        tracing::info!("the launcher will fetch prime {}: {error:#}", launcher.version);
    }
    fs::write_if_changed(&found.path, launcher.repin(&found.text).as_bytes()).map(drop)
}

/// An error with its causes on one line.
pub fn causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
