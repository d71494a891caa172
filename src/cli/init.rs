//! `prime init`: seeds a repository; `prime schema`: describes what is in its files.

use std::path::Path;

use super::args::{InitArgs, LayoutArg, SchemaArgs, SchemaSubject};
use crate::bootstrap::init::{self, Change, InitRequest, Layout, SeedFile};
use crate::config::discover::discover;
use crate::config::schema::schema;
use crate::error::Result;
use crate::host::{Host, Outcome};
use crate::ui::{self, Ui};

/// Seeds the repository that is named, else the one around the current directory, else that directory.
pub fn run(host: &Host, ui: Ui, repo: Option<&Path>, args: &InitArgs) -> Result<Outcome> {
    let found = || discover(host, None).map_or_else(|_| host.current_dir.clone(), |repo| repo.seed_dir.value);
    let layout = match args.layout {
        LayoutArg::Min => Layout::Min,
        LayoutArg::Max => Layout::Max,
    };
    let dir = repo.map_or_else(found, Path::to_owned);
    let seed = init::plan(host, &InitRequest { dir, layout, force: args.force })?;
    for file in &seed.files {
        if args.dry_run {
            show(file);
        } else {
            init::write(file)?;
            ui.note(verb(file.change), &file.name);
        }
    }
    seed.warnings.iter().for_each(|warning| ui.warn(warning));
    Ok(Outcome::Exit(0))
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
fn show(file: &SeedFile) {
    let heading = format!("==> {} {}\n", verb(file.change), file.name);
    let text = if file.change == Change::Keep { "" } else { file.text.as_str() };
    ui::data(&format!("{heading}{text}"));
}

/// Prints a JSON Schema.
pub fn describe(args: SchemaArgs) -> Result<Outcome> {
    let SchemaSubject::Config = args.subject;
    ui::data(&format!("{}\n", serde_json::to_string_pretty(&schema())?));
    Ok(Outcome::Exit(0))
}
