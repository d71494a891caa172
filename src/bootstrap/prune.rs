//! Removes from the user's cache what is of no use any more: environments of scripts ([`script::prune`](super::script)),
//! tools, and what interpreters said that are gone or are others by now.
//!
//! A uv is of no use since a newer one came: whoever starts one takes the newest. A launcher takes the one binary that it
//! names, so of those counts when each was last read, where the file system notes that. Nobody may lose what he runs: what
//! a process executes or names is kept, and what he has only looked for he has found long before it gets that old. What is
//! removed goes with one rename; what a killed process left of that, the next one takes away.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::script::{self, DAY};
use crate::error::Result;
use crate::fetch::uv;
use crate::host::{Host, fs, processes};
use crate::launcher::store;
use crate::python::cache as interpreters;
use crate::ui::{self, Ui};
use crate::venv::seed;

/// What is to be done, and where.
pub struct Prune<'a> {
    /// The machine.
    pub host: &'a Host,
    /// Who is told.
    pub ui: Ui,
    /// The user's cache.
    pub cache_dir: &'a Path,
    /// How long something has been of no use, for it to be removed.
    pub older_than: Duration,
    /// Whether it is only told what would be done.
    pub is_dry: bool,
    /// What else there is, and when it came.
    pub more: Vec<(PathBuf, SystemTime)>,
}

impl Prune<'_> {
    /// What was used later than this is kept.
    pub fn limit(&self) -> SystemTime {
        SystemTime::now().checked_sub(self.older_than).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// Something in the cache that is of no use.
#[derive(Debug)]
pub struct Useless {
    /// Where it is.
    pub path: PathBuf,
    /// Why it goes, for people.
    pub why: String,
    /// The room that it takes, in bytes.
    pub bytes: u64,
}

impl Useless {
    /// What is there now.
    pub fn new(path: PathBuf, why: impl Into<String>) -> Self {
        Self { bytes: fs::room_taken(&path), path, why: why.into() }
    }
}

/// What became of it.
#[derive(Debug)]
pub enum Fate {
    /// It is gone.
    Removed,
    /// It would be, were it not only looked at.
    WouldBeRemoved,
    /// It is there still, and why.
    Kept(String),
}

/// What it came to.
#[derive(Debug, Default)]
pub struct Pruned {
    /// What was found, in its order, and what became of it.
    pub items: Vec<(Useless, Fate)>,
    /// Why the first was not removed that could not be.
    pub failed: Option<anyhow::Error>,
}

impl Pruned {
    /// Removes something and tells what became of it: nothing where another process was faster.
    pub fn add(&mut self, prune: &Prune<'_>, useless: Useless, remove: impl FnOnce(&Path) -> Result<Option<Fate>>) {
        let (ui, start, path) = (prune.ui, Instant::now(), &useless.path);
        let name = path.strip_prefix(prune.cache_dir).unwrap_or(path).display();
        let what = format!("{name} ({}, {})", useless.why, ui::size(useless.bytes));
        let fate = match remove(path) {
            Ok(Some(fate)) => fate,
            Ok(None) => return,
            Err(error) => {
                ui.warn(&format!("`{}` cannot be removed: {}", path.display(), error.root_cause()));
                self.failed.get_or_insert(error);
                return;
            }
        };
        match &fate {
            Fate::Removed => ui.done("remove", &what, start),
            Fate::WouldBeRemoved => ui.note("would", &format!("remove {what}")),
            Fate::Kept(why) => ui.note("keep", &format!("{what}: {why}")),
        }
        self.items.push((useless, fate));
    }
}

/// Removes what is of no use in the cache, or says what that is.
pub fn cache(prune: &Prune<'_>) -> Pruned {
    let Prune { cache_dir, is_dry, .. } = *prune;
    let mut pruned = Pruned::default();
    if let Err(error) = script::prune::environments(prune, &mut pruned) {
        pruned.failed.get_or_insert(error);
    }
    for useless in candidates(prune) {
        pruned.add(prune, useless, |path| remove(path, cache_dir, is_dry));
    }
    let parts = cache_dir.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    for dir in parts.chain([cache_dir.to_owned()]).filter(|_| !is_dry) {
        fs::sweep_old(&dir, fs::TEMPORARY_PREFIX, |_| true);
        fs::sweep_old(&dir, uv::STAGING_PREFIX, |_| true);
    }
    pruned
}

fn candidates(prune: &Prune<'_>) -> Vec<Useless> {
    let (cache_dir, limit) = (prune.cache_dir, prune.limit());
    let old = |found: Vec<(PathBuf, SystemTime)>, verb: &'static str| {
        let old = found.into_iter().filter(move |(_, since)| *since < limit);
        old.map(move |(path, since)| Useless::new(path, format!("{verb} {} ago", days_since(since))))
    };
    let useless = |paths: Vec<PathBuf>, why: &'static str| paths.into_iter().map(move |path| Useless::new(path, why));
    let mut found: Vec<Useless> = old(uv::superseded(cache_dir), "superseded").collect();
    found.extend(old(store::last_uses(cache_dir), "used"));
    found.extend(old(prune.more.clone(), "kept"));
    found.extend(useless(interpreters::useless(cache_dir), "its interpreter is gone or another one"));
    found.extend(useless(seed::useless(cache_dir), "its wheel is gone or another one"));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn remove(path: &Path, cache_dir: &Path, is_dry: bool) -> Result<Option<Fate>> {
    if let Some(pid) = processes::naming(path) {
        return Ok(Some(Fate::Kept(format!("process {pid} uses it"))));
    }
    if is_dry {
        return Ok(Some(Fate::WouldBeRemoved));
    }
    let failed = |error| fs::cannot_create(path, error);
    let parent = path.parent().unwrap_or(cache_dir);
    let aside = tempfile::Builder::new().prefix(fs::TEMPORARY_PREFIX).tempdir_in(parent).map_err(failed)?;
    match std::fs::rename(path, aside.path().join("old")) {
        // Another prune was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        renamed => renamed.map_err(failed)?,
    }
    aside.close().map_err(failed)?;
    Ok(Some(Fate::Removed))
}

/// `1 day`, `40 days`.
pub fn days_since(time: SystemTime) -> String {
    let days = time.elapsed().unwrap_or_default().as_secs() / DAY.as_secs();
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
