//! What the runner of a CI system is told, among the talk: lines that it reads and people need not.

use std::io::Write as _;

/// Writes such lines to stderr as they are: their escapes are for the runner, which is no terminal.
pub fn tell(lines: &str) {
    let _ = std::io::stderr().lock().write_all(lines.as_bytes());
}
