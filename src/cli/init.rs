//! `prime init`: seeds a repository.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::{InitArgs, LayoutArg};
use crate::bootstrap::Request;
use crate::bootstrap::init::{self, Change, InitRequest, Layout, SeedFile};
use crate::config::discover::discover;
use crate::error::{Fault, Kind, Result, kind_of};
use crate::host::{Answer, Host, Outcome};
use crate::ui::Ui;

/// Seeds the repository that is named, else the one around the current directory, else that directory.
pub fn run(host: &Host, ui: Ui, request: &Request, args: &InitArgs) -> Result<Outcome> {
    let layout = match args.layout {
        LayoutArg::Min => Layout::Min,
        LayoutArg::Max => Layout::Max,
    };
    let dir = directory(host, request.repo.as_deref(), args.dir.as_deref())?;
    let (force, update, index_url, offline) = (args.force, args.update, args.index_url.clone(), request.offline);
    let seed = init::plan(host, &InitRequest { dir, layout, force, update, index_url, offline })?;
    let mut text = String::new();
    for file in &seed.files {
        if args.dry_run {
            text.push_str(&shown(file));
        } else {
            init::write(file)?;
            ui.note(verb(file.change), &file.name);
        }
    }
    seed.warnings.iter().for_each(|warning| ui.warn(warning));
    if let Some(cache_dir) = &seed.binary {
        let place = init::place_of_binary(cache_dir).display().to_string();
        if args.dry_run {
            text += "==> put ";
            text += &place;
            text.push('\n');
        } else {
            init::put_binary(cache_dir)?;
            ui.note("put", &place);
        }
    }
    let files = seed.files.iter().map(|file| json!({ "name": file.name, "change": verb(file.change) }));
    let data = json!({ "dry_run": args.dry_run, "files": files.collect::<Vec<_>>(), "warnings": seed.warnings });
    Ok(Answer::new(text, data).into())
}

fn directory(host: &Host, repo: Option<&Path>, dir: Option<&Path>) -> Result<PathBuf> {
    let usage = |message: String, hint: &str| Err(Fault::new(Kind::Usage, message).hint(hint).into());
    match (repo, dir) {
        (Some(_), Some(_)) => usage("`-C` and DIR exclude each other".to_owned(), "name the directory once"),
        (Some(repo), None) => Ok(repo.to_owned()),
        (None, Some(dir)) if host.absolute(dir).is_dir() => Ok(host.absolute(dir)),
        (None, Some(dir)) => usage(format!("`{}` is not a directory", dir.display()), "make it first"),
        (None, None) => match discover(host, None) {
            Ok(repo) => Ok(repo.seed_dir.value),
            Err(error) if kind_of(&error) == Kind::Config => Ok(host.current_dir.clone()),
            Err(error) => Err(error),
        },
    }
}

fn verb(change: Change) -> &'static str {
    match change {
        Change::Write => "write",
        Change::Replace => "replace",
        Change::Append => "append",
        Change::Keep => "keep",
    }
}

/// A file as it would be, under a heading that says what would be done.
fn shown(file: &SeedFile) -> String {
    let heading = format!("==> {} {}\n", verb(file.change), file.name);
    let text = if file.change == Change::Keep { "" } else { file.text.as_str() };
    format!("{heading}{text}")
}
