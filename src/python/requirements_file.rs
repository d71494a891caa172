//! Which files a requirements file is made of.
//!
//! Requirements themselves are not read: that is pip's and uv's. Only `-r` and `-c` lines are followed, as pip follows
//! them: relative to the file they stand in, after comments are taken off and continued lines are joined.

use std::fs;
use std::path::{Path, PathBuf};

use crate::host::fs::normalize;

const OPTIONS: [&str; 4] = ["--requirement", "--constraint", "-r", "-c"];

/// A requirements file and all that it includes, each once, however they include each other, be they there or not. What is
/// fetched from a URL or named by a variable is not followed.
pub fn with_included(file: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut waiting = vec![normalize(file)];
    while let Some(path) = waiting.pop() {
        if found.contains(&path) {
            continue;
        }
        let content = if path.is_file() { fs::read(&path).unwrap_or_default() } else { Vec::new() };
        let dir = path.parent().unwrap_or(Path::new("/"));
        let mut included = includes(&String::from_utf8_lossy(&content));
        // The next to be taken is the last of the list.
        included.reverse();
        waiting.extend(included.iter().map(|name| normalize(&dir.join(name))));
        found.push(path);
    }
    found
}

fn includes(text: &str) -> Vec<PathBuf> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace("\\\n", "");
    let names = text.lines().filter_map(included);
    names.filter(|name| !name.contains("://") && !name.contains("${")).map(PathBuf::from).collect()
}

/// The file that a line includes: `-r FILE`, `-rFILE`, `--requirement FILE`, `--requirement=FILE`, and so with `-c`.
fn included(line: &str) -> Option<String> {
    let line = without_comment(line).trim();
    let (option, rest) = OPTIONS.iter().find_map(|option| Some((option, line.strip_prefix(option)?)))?;
    let separated = rest.starts_with([' ', '\t', '=']);
    if option.starts_with("--") && !separated {
        return None;
    }
    let name = rest.trim_start().trim_start_matches('=').trim();
    let name = ['"', '\''].iter().find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// A `#` starts a comment at the beginning of a line and after a space.
fn without_comment(line: &str) -> &str {
    let bytes = line.as_bytes();
    let starts = |at: usize| bytes[at] == b'#' && (at == 0 || bytes[at - 1].is_ascii_whitespace());
    (0..bytes.len()).find(|at| starts(*at)).map_or(line, |at| &line[..at])
}
