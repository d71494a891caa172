//! Reads the configuration file of a repository for the leaps it serves.

use std::sync::Arc;

use crate::config::discover::{ConfigPlace, Repo, has_tool_table};
use crate::config::document::{Document, Source, shown};
use crate::config::fields::Fields;
use crate::config::leap::Leap;
use crate::config::parse;
use crate::error::Fault;
use crate::host::names;

/// What a file says, and what is odd about it.
#[derive(Default)]
pub(super) struct File {
    pub(super) source: Option<Arc<Source>>,
    pub(super) fields: Fields,
    pub(super) warnings: Vec<String>,
}

/// Reads the file that was found; where there is none, nothing is said. Of several faults the first of the file is told.
pub(super) fn read(repo: &Repo) -> Result<File, Fault> {
    let Some(config) = &repo.config else { return Ok(File::default()) };
    let seed_dir = &repo.seed_dir.value;
    let document = Document::load(Source::new(&config.path, seed_dir), config.format())?;
    let root = match config.place {
        ConfigPlace::WholeFile => &document.root,
        ConfigPlace::ToolTable => match document.root.at(&["tool", "prime"]) {
            Some(table) => table,
            // The line that looked like its header stands in a text.
            None => return Ok(File::default()),
        },
    };
    let decoded = parse::decode(&document.source, document.format, root, &Leap::FILES);
    if let Some(fault) = decoded.faults.into_iter().next() {
        return Err(fault);
    }
    let pyproject = seed_dir.join(names::PYPROJECT);
    let mut warnings = Vec::new();
    if config.place == ConfigPlace::WholeFile && has_tool_table(&pyproject) {
        let (loser, winner) = (shown(&pyproject, seed_dir), &document.source.name);
        warnings.push(format!("`[tool.prime]` in `{loser}` is ignored, because `{winner}` is there"));
    }
    Ok(File { source: Some(document.source), fields: decoded.fields, warnings })
}
