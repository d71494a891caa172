//! `prime schema`: describes what is in files, as a JSON Schema.

use super::args::{SchemaArgs, SchemaSubject};
use crate::config::schema::schema;
use crate::error::Result;
use crate::host::Outcome;
use crate::ui;

/// Prints a JSON Schema.
pub fn run(args: SchemaArgs) -> Result<Outcome> {
    let SchemaSubject::Config = args.subject;
    ui::data(&format!("{}\n", serde_json::to_string_pretty(&schema())?));
    Ok(Outcome::Exit(0))
}
