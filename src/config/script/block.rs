//! Finds the block in the lines of a script, by the rules of PEP 723: it begins with `# /// script`, goes on as long as
//! there are comments, and ends with the last `# ///` among them.

use super::config_fault;
use crate::config::document::Source;
use crate::error::Fault;

/// What stands before each line of a block.
pub(super) const PREFIX: &str = "# ";
const OPENING: &[u8] = b"# /// ";
const CLOSING: &[u8] = b"# ///";
const KIND: &[u8] = b"script";

/// The text of the block, after as many empty lines as stand before it in the script.
pub(super) fn find(source: &Source, content: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    // Most of a long script is looked at only for these marks.
    if memchr::memmem::find(content, OPENING).is_none() {
        return Ok(None);
    }
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').map(without_return).collect();
    let mut found: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < lines.len() {
        let Some(kind) = lines[at].strip_prefix(OPENING).filter(|kind| is_kind(kind)) else {
            at += 1;
            continue;
        };
        let comments = lines[at + 1..].iter().take_while(|line| is_comment(line)).count();
        let end = (at + 1..=at + comments).rev().find(|index| lines[*index] == CLOSING);
        match (end, kind == KIND, found) {
            (Some(end), true, None) => found = Some((at, end)),
            (Some(_), true, Some((first, _))) => return Err(second(source, first + 1, at + 1)),
            (None, true, _) => return Err(open(source, at + 1)),
            _ => {}
        }
        at = end.unwrap_or(at) + 1;
    }
    Ok(found.map(|(start, end)| text(&lines, start, end)))
}

fn text(lines: &[&[u8]], start: usize, end: usize) -> Vec<u8> {
    let mut text = vec![b'\n'; start + 1];
    for line in &lines[start + 1..end] {
        text.extend_from_slice(line.strip_prefix(PREFIX.as_bytes()).unwrap_or_default());
        text.push(b'\n');
    }
    text
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_kind(kind: &[u8]) -> bool {
    !kind.is_empty() && kind.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

fn is_comment(line: &[u8]) -> bool {
    line == b"#" || line.starts_with(PREFIX.as_bytes())
}

fn second(source: &Source, first: usize, second: usize) -> Fault {
    let message = format!("`{}` has two `script` blocks, in line {first} and in line {second}", source.name);
    config_fault(message, "put what they say into one of them")
}

fn open(source: &Source, line: usize) -> Fault {
    let message = format!("the `script` block in `{}` line {line} is not closed", source.name);
    config_fault(message, "end it with a line `# ///`; all lines up to there begin with `#`")
}
