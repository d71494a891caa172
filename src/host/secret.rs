//! A text that children can read as a file and no disk keeps; and whoever wants to know which texts are secret.
//!
//! On Linux it lies in memory (`memfd_create`), where it is gone with this process, however that ends; children reach it
//! through `/proc`. Elsewhere it is a temporary file that only its owner may read, removed when it is dropped.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

type Listener = Box<dyn Fn(&str) + Send + Sync>;

/// Who listens; as global as the log that what is told is kept out of.
static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Has each secret told that this process gets to know from here on. Only the first who asks for that is.
pub fn listen(listener: impl Fn(&str) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}

/// Tells whoever listens that this text is secret.
pub fn tell(secret: &str) {
    if let Some(listener) = LISTENER.get() {
        listener(secret);
    }
}

/// The text, for as long as this lives.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
    _kept: Kept,
}

#[derive(Debug)]
enum Kept {
    #[cfg(target_os = "linux")]
    InMemory {
        _file: std::fs::File,
    },
    OnDisk {
        _file: tempfile::TempPath,
    },
}

impl SecretFile {
    /// Keeps a text.
    pub fn new(text: &str) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = in_memory(text) {
            return Ok(file);
        }
        let mut file = tempfile::Builder::new().prefix("prime-").tempfile()?;
        file.write_all(text.as_bytes())?;
        let path = file.into_temp_path();
        Ok(Self { path: path.to_path_buf(), _kept: Kept::OnDisk { _file: path } })
    }

    /// Where children find it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// `None` where there is no such thing, or no `/proc` to reach it.
#[cfg(target_os = "linux")]
fn in_memory(text: &str) -> Option<SecretFile> {
    use std::fs::File;
    use std::os::fd::AsRawFd as _;

    use nix::sys::memfd::{MFdFlags, memfd_create};

    let mut file = File::from(memfd_create("prime", MFdFlags::MFD_CLOEXEC).ok()?);
    file.write_all(text.as_bytes()).ok()?;
    let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    let readable = std::fs::read(&path).is_ok_and(|content| content == text.as_bytes());
    readable.then_some(SecretFile { path, _kept: Kept::InMemory { _file: file } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_read_more_than_once_and_is_gone_afterwards() {
        let file = SecretFile::new("the text\n").unwrap();
        let path = file.path().to_owned();
        let read = || std::process::Command::new("/bin/cat").arg(&path).output().unwrap().stdout;
        assert_eq!((read(), read()), (b"the text\n".to_vec(), b"the text\n".to_vec()));
        drop(file);
        // Another file of another test may have its number by now.
        assert!(std::fs::read(&path).map_or(true, |content| content != b"the text\n"));
    }
}
