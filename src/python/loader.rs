//! Which file loads an executable (ELF's `PT_INTERP`): it comes with the C library and is another one when that is.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// How the header of a file with wide addresses begins.
const MAGIC: &[u8] = b"\x7fELF\x02";
/// The type of the entry that names the loader.
const INTERPRETER: u32 = 3;
/// How long the name may be.
const LONGEST: usize = 4096;

/// The loader of an executable. `None` for what has none (a static program, a script), and for what is no 64-bit ELF.
pub(super) fn loader(executable: &Path) -> Option<PathBuf> {
    let file = File::open(executable).ok()?;
    let head: [u8; 64] = read(&file, 0)?;
    if !head.starts_with(MAGIC) {
        return None;
    }
    let (table, size, count) = (wide(&head[32..])?, short(&head[54..])?, short(&head[56..])?);
    (0..count).find_map(|index| {
        let entry: [u8; 56] = read(&file, table.checked_add(u64::from(size) * u64::from(index))?)?;
        let kind = u32::from_ne_bytes(*entry.first_chunk()?);
        if kind != INTERPRETER {
            return None;
        }
        let mut name = vec![0; usize::try_from(wide(&entry[32..])?).ok().filter(|length| *length <= LONGEST)?];
        file.read_exact_at(&mut name, wide(&entry[8..])?).ok()?;
        Some(OsStr::from_bytes(name.strip_suffix(b"\0")?).into())
    })
}

fn read<const N: usize>(file: &File, at: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact_at(&mut bytes, at).ok().map(|()| bytes)
}

/// What runs here is in this machine's own order of bytes.
fn wide(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes))
}

fn short(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().map(|bytes| u16::from_ne_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_with_a_loader_has_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        let whole = std::fs::read("/proc/self/exe").unwrap_or_default();
        let cut = [&b"#!/bin/sh\n"[..], b"", MAGIC, &whole[..whole.len().min(64)], &[MAGIC, &[0xff; 100]].concat()];
        for content in cut {
            std::fs::write(&file, content).unwrap();
            assert_eq!(loader(&file), None);
        }
        assert_eq!(loader(&dir.path().join("none")), None);
    }

    #[test]
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    fn the_loader_of_a_program_is_there() {
        let shell = Path::new("/bin/sh");
        assert!(loader(shell).is_some_and(|loader| loader.is_absolute() && loader.is_file()), "{:?}", loader(shell));
    }
}
