//! `prime cache`: what a user's repositories and scripts share.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::args::{CacheArgs, CacheCommand};
use crate::bootstrap::prune::{self, Fate, Prune, Pruned, Useless};
use crate::bootstrap::script::nowhere;
use crate::bootstrap::{CachePath, Request, cache_key, cache_paths};
use crate::connector::specs;
use crate::error::Result;
use crate::host::{Answer, Host, Text, fs};
use crate::ui::{self, Ui};

/// Looks at the cache, removes from it, or tells what a CI keeps.
pub fn run(host: &Host, ui: Ui, request: &Request, args: &CacheArgs) -> Result<Answer> {
    let dir = || host.user_cache_dir().ok_or_else(nowhere);
    Ok(match &args.command {
        CacheCommand::Prune(args) => {
            let cache_dir = &dir()?;
            let (older_than, is_dry, more) = (args.older_than, args.dry_run, specs::all(cache_dir));
            pruned(&Prune { host, ui, cache_dir, older_than, is_dry, more })
        }
        CacheCommand::Size => size(&dir()?),
        CacheCommand::Dir => {
            let dir = dir()?.display().to_string();
            Answer::new(format!("{dir}\n"), json!({ "dir": dir }))
        }
        CacheCommand::Key => key(host, ui, request)?,
        CacheCommand::Paths(args) => paths(host, ui, request, args.relative)?,
    })
}

fn pruned(prune: &Prune<'_>) -> Answer {
    let Pruned { items, failed } = prune::cache(prune);
    let row = |(it, fate): &(Useless, Fate)| {
        let (fate, because) = match fate {
            Fate::Removed => ("removed", None),
            Fate::WouldBeRemoved => ("would_be_removed", None),
            Fate::Kept(why) => ("kept", Some(why)),
        };
        let path = it.path.display().to_string();
        json!({ "path": path, "why": it.why, "bytes": it.bytes, "fate": fate, "because": because })
    };
    let data = json!({ "dry_run": prune.is_dry, "items": items.iter().map(row).collect::<Vec<_>>() });
    Answer { data, ..failed.map_or_else(Answer::default, Answer::failed) }
}

fn key(host: &Host, ui: Ui, request: &Request) -> Result<Answer> {
    let key = cache_key(host, ui, request)?;
    let parts: Map<String, Value> =
        key.parts.iter().map(|part| (part.name.to_owned(), part.value.clone().into())).collect();
    Ok(Answer::new(format!("{key}\n"), json!({ "key": key.to_string(), "parts": parts })))
}

fn paths(host: &Host, ui: Ui, request: &Request, relative: bool) -> Result<Answer> {
    let paths = cache_paths(host, ui, request)?;
    let mut lines = Vec::new();
    for CachePath { path, inside, moved_by, .. } in &paths {
        match inside.as_ref().filter(|_| relative) {
            Some(inside) => lines.push(inside.as_os_str().as_bytes()),
            None if !relative => lines.push(path.as_os_str().as_bytes()),
            None => {
                ui.warn(&format!(
                    "`{}` is outside of the repository and left out; `{moved_by}` moves it",
                    path.display()
                ));
            }
        }
    }
    let text = lines.into_iter().flat_map(|line| [line, b"\n"]).collect::<Vec<_>>().concat();
    let row = |it: &CachePath| {
        let inside = it.inside.as_ref().map(|path| path.display().to_string());
        json!({ "what": it.what, "path": it.path.display().to_string(), "inside": inside })
    };
    let data = json!({ "paths": paths.iter().map(row).collect::<Vec<_>>() });
    Ok(Answer { text: Text::Raw(text), ..Answer::data(data) })
}

/// How much each directory takes, and all together.
fn size(dir: &Path) -> Answer {
    let entries = dir.read_dir().into_iter().flatten().flatten();
    let mut parts: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    parts.sort();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let parts = parts.iter().map(|path| (name(path), fs::room_taken(path)));
    let rows: Vec<(String, u64)> = parts.chain([("all".to_owned(), fs::room_taken(dir))]).collect();
    let line = |(name, bytes): &(String, u64)| format!("{name:<12} {:>12}\n", ui::size(*bytes));
    let bytes: Map<String, Value> = rows.iter().map(|(name, bytes)| (name.clone(), (*bytes).into())).collect();
    Answer::new(rows.iter().map(line).collect::<String>(), json!({ "bytes": bytes }))
}
