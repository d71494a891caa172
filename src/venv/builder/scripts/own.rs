//! Templates of our own.
//!
//! They behave as CPython's do, and find their environment themselves, so that they still work where it was moved to;
//! where a shell does not tell which file it reads, they take the directory that was recorded.

use std::path::Path;

use super::install::write;
use super::{Values, replace_variables};
use crate::error::Result;

const TEMPLATES: [(&str, &str); 4] = [
    ("activate", include_str!("templates/activate")),
    ("activate.csh", include_str!("templates/activate.csh")),
    ("activate.fish", include_str!("templates/activate.fish")),
    ("Activate.ps1", include_str!("templates/Activate.ps1")),
];

/// Writes our own scripts into `bin`. They take the prompt without parentheses.
pub fn install_own(bin: &Path, values: &Values<'_>) -> Result<()> {
    for (name, text) in TEMPLATES {
        let script = bin.join(name);
        let content = replace_variables(&script, text.as_bytes(), values);
        write(&script, &content, 0o644, None)?;
    }
    Ok(())
}
