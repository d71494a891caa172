//! The files that a runner names by variables and reads after each step. They are added to, never written anew: other
//! programs of the step have their lines in them.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files>

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use crate::error::{Code, Fault, Kind, Result};
use crate::host::{Host, fs};

const REMEDY: &str = "the runner makes it for each step: run `prime ci` in a step, with that file there to be written, or \
                      give `--system plain`";

/// A file that is open to be added to.
#[derive(Debug)]
pub struct Appended {
    path: PathBuf,
    file: File,
    /// Whether the last line that it has is no whole line.
    is_open_ended: bool,
}

impl Appended {
    /// The file that a variable names, which must be there. `None` where the variable is not set.
    pub fn open(host: &Host, variable: &str) -> Result<Option<Self>> {
        let Some(path) = host.var_path(variable) else { return Ok(None) };
        let told = |error: io::Error| fs::with_remedy(refused(&path, variable, error), REMEDY);
        let open = || {
            let kind = path.metadata()?;
            // A device may be named to do without: `/dev/null`.
            if !kind.is_file() && !kind.file_type().is_char_device() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "neither a regular file nor a device"));
            }
            let file = File::options().append(true).open(&path)?;
            Ok((file, kind.len()))
        };
        let (file, length) = open().map_err(told)?;
        // One that may be written and not read: an empty line harms nobody.
        let is_open_ended = length > 0 && last_byte(&path).ok() != Some(b'\n');
        Ok(Some(Self { path, file, is_open_ended }))
    }

    /// The same where the variable must be set.
    pub fn required(host: &Host, variable: &str) -> Result<Self> {
        Self::open(host, variable)?.ok_or_else(|| {
            let fault = Fault::of(Code::MissingConfiguration, format!("`{variable}` is not set"));
            fault.hint(REMEDY).into()
        })
    }

    /// A file that takes nothing.
    #[cfg(test)]
    pub fn unwritable(path: &Path) -> Self {
        Self { path: path.to_owned(), file: File::open(path).unwrap(), is_open_ended: false }
    }

    /// Adds whole lines, with one write.
    pub fn append(mut self, lines: &[u8]) -> Result<()> {
        let mut bytes = Vec::with_capacity(lines.len() + 1);
        bytes.extend(self.is_open_ended.then_some(b'\n'));
        bytes.extend_from_slice(lines);
        self.file.write_all(&bytes).map_err(|error| fs::cannot_create(&self.path, error))
    }
}

fn last_byte(path: &Path) -> io::Result<u8> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn refused(path: &Path, variable: &str, error: io::Error) -> anyhow::Error {
    let is_missing = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput);
    if !is_missing {
        return fs::cannot_create(path, error);
    }
    let message = format!("cannot write `{}`, which `{variable}` names", path.display());
    anyhow::Error::new(error).context(Fault::new(Kind::CannotCreate, message).hint(REMEDY))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::error::code_of;

    const VARIABLE: &str = "GITHUB_ENV";

    fn host(path: &Path) -> Host {
        Host { vars: vec![(VARIABLE.into(), path.into())], ..Host::default() }
    }

    #[test]
    fn what_is_there_stays_and_each_line_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for (before, after) in [("", "A=1\n"), ("B=2\n", "B=2\nA=1\n"), ("B=2", "B=2\nA=1\n"), ("\n", "\nA=1\n")] {
            std::fs::write(&path, before).unwrap();
            let file = Appended::required(&host(&path), VARIABLE).unwrap();
            file.append(b"A=1\n").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
        }
    }

    #[test]
    fn what_others_add_meanwhile_stays_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "a\n").unwrap();
        let file = Appended::required(&host(&path), VARIABLE).unwrap();
        std::fs::write(&path, "a\nbbbb\n").unwrap();
        file.append(b"c\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\nbbbb\nc\n");
    }

    #[test]
    fn a_device_takes_what_nobody_wants() {
        let file = Appended::required(&host(Path::new("/dev/null")), VARIABLE).unwrap();
        file.append(b"A=1\n").unwrap();
        let file = Appended::required(&host(Path::new("/dev/full")), VARIABLE).unwrap();
        assert_eq!(code_of(&file.append(b"A=1\n").unwrap_err()), Code::DiskFull);
    }

    #[test]
    fn what_is_no_file_is_refused_and_told_by_its_variable() {
        let dir = tempfile::tempdir().unwrap();
        let dangling = dir.path().join("dangling");
        symlink(dir.path().join("none"), &dangling).unwrap();
        for path in [dir.path().join("none"), dir.path().to_owned(), dangling] {
            let error = Appended::open(&host(&path), VARIABLE).unwrap_err();
            let fault = error.downcast_ref::<Fault>().unwrap();
            assert_eq!((fault.kind, fault.hint.as_deref()), (Kind::CannotCreate, Some(REMEDY)));
            assert!(fault.message.contains(VARIABLE) && fault.message.contains(path.to_str().unwrap()));
        }
        assert!(Appended::open(&Host::default(), VARIABLE).unwrap().is_none());
        let error = Appended::required(&Host::default(), VARIABLE).unwrap_err();
        assert_eq!(error.downcast_ref::<Fault>().unwrap().code, Code::MissingConfiguration);
    }
}
