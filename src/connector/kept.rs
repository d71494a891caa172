//! What a file of CSV has that is gone on with: its whole rows, and its columns.
//!
//! A killed read may have left part of a row, which comes again, since it came after the last state. A line break within
//! quotes ends no row.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};

use memchr::memchr2_iter;

/// As much as is read at once.
const BLOCK: usize = 64 * 1024;

/// How far a file is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rows {
    /// Where the first row ends.
    first: u64,
    /// Where the last whole row ends.
    last: u64,
}

/// Cuts off what is no whole row, leaves the file at its end, and says which columns it has; `None` where it has no row.
pub fn columns(file: &mut File) -> io::Result<Option<Vec<String>>> {
    file.seek(SeekFrom::Start(0))?;
    let Rows { first, last } = rows(file)?;
    if last < file.metadata()?.len() {
        file.set_len(last)?;
    }
    let mut header = vec![0; usize::try_from(first).unwrap_or_default()];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut header)?;
    file.seek(SeekFrom::Start(last))?;
    Ok((first > 0).then(|| cells(&String::from_utf8_lossy(&header))))
}

fn rows(file: &mut impl Read) -> io::Result<Rows> {
    let (mut rows, mut is_quoted, mut before) = (Rows::default(), false, 0);
    let mut block = vec![0; BLOCK];
    loop {
        let length = match file.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if length == 0 {
            return Ok(rows);
        }
        for at in memchr2_iter(b'"', b'\n', &block[..length]) {
            if block[at] == b'"' {
                is_quoted = !is_quoted;
            } else if !is_quoted {
                rows.last = before + at as u64 + 1;
                rows.first = if rows.first == 0 { rows.last } else { rows.first };
            }
        }
        before += length as u64;
    }
}

/// The cells of a row, with its end.
fn cells(row: &str) -> Vec<String> {
    let row = row.strip_suffix('\n').unwrap_or(row);
    let row = row.strip_suffix('\r').unwrap_or(row);
    let (mut cells, mut is_quoted) = (vec![String::new()], false);
    let mut characters = row.chars().peekable();
    while let Some(character) = characters.next() {
        let last = cells.len() - 1;
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cells[last].push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cells[last].push(other),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_row_is_cut_off_wherever_it_breaks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.csv");
        let kept = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let mut file = File::options().read(true).write(true).open(&path).unwrap();
            let columns = columns(&mut file).unwrap();
            assert_eq!(file.stream_position().unwrap(), file.metadata().unwrap().len());
            (columns.map(|columns| columns.join("|")), std::fs::read_to_string(&path).unwrap())
        };
        let ab = || Some("a|b".to_owned());
        assert_eq!(kept(""), (None, String::new()));
        assert_eq!(kept("a,b"), (None, String::new()));
        assert_eq!(kept("a,b\n"), (ab(), "a,b\n".into()));
        assert_eq!(kept("a,b\r\n1,2\n3"), (ab(), "a,b\r\n1,2\n".into()));
        assert_eq!(kept("a,b\n1,\"x\ny\"\n2,\"x\ny"), (ab(), "a,b\n1,\"x\ny\"\n".into()));
        let odd = "\"a,\n\"\"\",b\n1,2\n";
        assert_eq!(kept(odd), (Some("a,\n\"|b".into()), odd.into()));
        let long = format!("a\n{}", "\"x\ny\"\n".repeat(BLOCK));
        assert_eq!(kept(&format!("{long}\"cut\n")).1, long);
    }
}
