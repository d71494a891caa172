//! A directory that is held open, so that thousands of paths below it are looked up from there and not from the root.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::Problem;
use crate::fetch::encoding::base64_url_safe;

/// The open directory.
pub struct Dir {
    fd: OwnedFd,
    path: PathBuf,
}

impl Dir {
    /// Opens a directory.
    pub fn open(path: &Path) -> nix::Result<Self> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        Ok(Self { fd: open(path, flags, Mode::empty())?, path: path.to_owned() })
    }

    /// A path below, absolute, with `..` resolved.
    pub fn join(&self, path: &[u8]) -> PathBuf {
        crate::host::fs::normalize(&self.path.join(OsStr::from_bytes(path)))
    }

    /// The file at a path; links are followed, for an installer may link each file to its cache.
    pub fn file(&self, path: &[u8]) -> Result<FileStat, Problem> {
        let stat = fstatat(&self.fd, path, AtFlags::empty()).map_err(problem)?;
        if is_file(&stat) { Ok(stat) } else { Err(Problem::NotAFile) }
    }

    /// The content of a regular file, of which at most `limit` bytes are read, in place of what is in the buffer.
    pub fn read(&self, path: &[u8], limit: u64, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        buffer.clear();
        // To open a pipe is to wait for somebody who writes into it.
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let file = File::from(openat(&self.fd, path, flags, Mode::empty()).map_err(problem)?);
        match file.take(limit).read_to_end(buffer) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => Err(Problem::NotAFile),
            Err(error) => Err(Problem::Unreadable(error.to_string())),
        }
    }

    /// Whether a file's content has this digest, written as `RECORD` does; one of an unknown algorithm says nothing.
    pub fn has_digest(&self, path: &[u8], digest: &[u8]) -> Result<bool, Problem> {
        let Some((algorithm, expected)) = std::str::from_utf8(digest).ok().and_then(|text| text.split_once('=')) else {
            return Ok(true);
        };
        let found = match algorithm {
            "sha256" => self.digest::<Sha256>(path)?,
            "sha384" => self.digest::<Sha384>(path)?,
            "sha512" => self.digest::<Sha512>(path)?,
            _ => return Ok(true),
        };
        Ok(found == expected.trim_end_matches('='))
    }

    fn digest<D: Digest>(&self, path: &[u8]) -> Result<String, Problem> {
        let mut file =
            File::from(openat(&self.fd, path, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty()).map_err(problem)?);
        let mut digest = D::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(base64_url_safe(&digest.finalize())),
                Ok(count) => digest.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Problem::Unreadable(error.to_string())),
            }
        }
    }
}

fn is_file(stat: &FileStat) -> bool {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG
}

fn problem(error: Errno) -> Problem {
    match error {
        Errno::ENOENT | Errno::ENOTDIR => Problem::Missing,
        other => Problem::Unreadable(other.desc().to_lowercase()),
    }
}
