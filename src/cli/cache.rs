//! `prime cache`: what a user's repositories and scripts share.

use std::path::{Path, PathBuf};

use super::args::{CacheArgs, CacheCommand};
use crate::bootstrap::script::{nowhere, prune};
use crate::error::Result;
use crate::host::{Host, Outcome, fs};
use crate::ui::{self, Ui};

/// Looks at the cache, or removes from it.
pub fn run(host: &Host, ui: Ui, args: &CacheArgs) -> Result<Outcome> {
    let dir = host.user_cache_dir().ok_or_else(nowhere)?;
    match &args.command {
        CacheCommand::Prune(args) => prune::environments(host, ui, &dir, args.older_than, args.dry_run)?,
        CacheCommand::Size => ui::data(&sizes(&dir)),
        CacheCommand::Dir => ui::data(&format!("{}\n", dir.display())),
    }
    Ok(Outcome::Exit(0))
}

/// A line for each directory, and one for all.
fn sizes(dir: &Path) -> String {
    let entries = dir.read_dir().into_iter().flatten().flatten();
    let mut parts: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    parts.sort();
    let line = |name: &str, bytes: u64| format!("{name:<12} {:>12}\n", ui::size(bytes));
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let lines = parts.iter().map(|path| line(&name(path), fs::room_taken(path)));
    lines.chain([line("all", fs::room_taken(dir))]).collect()
}
