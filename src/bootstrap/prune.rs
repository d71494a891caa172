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

/// Something in the cache that may be of no use.
struct Candidate {
    path: PathBuf,
    /// What it is and why it goes, for people.
    why: String,
}

/// Removes what is of no use in the cache since longer than this, or says what that is.
pub fn cache(host: &Host, ui: Ui, cache_dir: &Path, older_than: Duration, is_dry: bool) -> Result<()> {
    let scripts = script::prune::environments(host, ui, cache_dir, older_than, is_dry);
    let limit = SystemTime::now().checked_sub(older_than).unwrap_or(SystemTime::UNIX_EPOCH);
    let removed = candidates(cache_dir, limit).into_iter().fold(scripts, |done, candidate| {
        let removed = candidate.remove(ui, cache_dir, is_dry);
        if let Err(error) = &removed {
            ui.warn(&format!("`{}` cannot be removed: {}", candidate.path.display(), error.root_cause()));
        }
        done.and(removed)
    });
    let parts = cache_dir.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    for dir in parts.chain([cache_dir.to_owned()]).filter(|_| !is_dry) {
        fs::sweep_old(&dir, fs::TEMPORARY_PREFIX, |_| true);
        fs::sweep_old(&dir, uv::STAGING_PREFIX, |_| true);
    }
    removed
}

fn candidates(cache_dir: &Path, limit: SystemTime) -> Vec<Candidate> {
    let old = |found: Vec<(PathBuf, SystemTime)>, verb: &'static str| {
        let old = found.into_iter().filter(move |(_, since)| *since < limit);
        old.map(move |(path, since)| Candidate { path, why: format!("{verb} {} ago", days_since(since)) })
    };
    let useless = |paths: Vec<PathBuf>, why: &'static str| {
        paths.into_iter().map(move |path| Candidate { path, why: why.to_owned() })
    };
    let mut found: Vec<Candidate> = old(uv::superseded(cache_dir), "superseded").collect();
    found.extend(old(store::last_uses(cache_dir), "used"));
    found.extend(useless(interpreters::useless(cache_dir), "its interpreter is gone or another one"));
    found.extend(useless(seed::useless(cache_dir), "its wheel is gone or another one"));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

impl Candidate {
    fn remove(&self, ui: Ui, cache_dir: &Path, is_dry: bool) -> Result<()> {
        let start = Instant::now();
        let name = self.path.strip_prefix(cache_dir).unwrap_or(&self.path).display();
        let what = format!("{name} ({}, {})", self.why, ui::size(fs::room_taken(&self.path)));
        if let Some(pid) = processes::naming(&self.path) {
            ui.note("keep", &format!("{what}: process {pid} uses it"));
            return Ok(());
        }
        if is_dry {
            ui.note("would", &format!("remove {what}"));
            return Ok(());
        }
        let failed = |error| fs::cannot_create(&self.path, error);
        let parent = self.path.parent().unwrap_or(cache_dir);
        let aside = tempfile::Builder::new().prefix(fs::TEMPORARY_PREFIX).tempdir_in(parent).map_err(failed)?;
        match std::fs::rename(&self.path, aside.path().join("old")) {
            // Another prune was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(failed)?,
        }
        aside.close().map_err(failed)?;
        ui.done("remove", &what, start);
        Ok(())
    }
}

/// `1 day`, `40 days`.
pub fn days_since(time: SystemTime) -> String {
    let days = time.elapsed().unwrap_or_default().as_secs() / DAY.as_secs();
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
