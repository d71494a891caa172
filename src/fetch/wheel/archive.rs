//! Taking chosen members out of a wheel that may have been made to do harm.
//!
//! An archive is refused whole where any member has an absolute path, one that leads out, a backslash, or the name of
//! another member; a member is refused that is a link, is encrypted, is larger than it may be or than it says, or fails
//! its check sum. All of that is [`Kind::Data`].

use std::io::{Read, Seek, Write};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use crate::error::{Fault, Kind, Result};
use crate::fetch::encoding::base64_url_safe;
use crate::fetch::wheel::record::Record;

/// The bits of a mode that tell what sort of file it is, and what they are for a regular one.
const FILE_TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// A file that was taken out.
#[derive(Debug)]
pub struct Member {
    /// What is in it.
    pub content: Vec<u8>,
    /// Its SHA-256 as a `RECORD` has it.
    pub digest: String,
    /// Whether somebody may execute it, as far as the archive says.
    pub executable: bool,
}

/// An open archive whose names are safe. A clone reads on its own.
#[derive(Clone)]
pub struct Archive<R> {
    name: String,
    zip: ZipArchive<R>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive and looks at all names in it. `name` is what messages call it.
    pub fn open(name: &str, reader: R) -> Result<Self> {
        let zip = ZipArchive::new(reader).map_err(|error| broken(name, error))?;
        if zip.has_duplicate_names() {
            return Err(refused(name, "it has two members of one name").into());
        }
        for member in zip.file_names_raw() {
            let text = String::from_utf8_lossy(member);
            if !is_safe(member) {
                return Err(refused(name, &format!("its member `{}` leads out of it", text.escape_debug())).into());
            }
        }
        Ok(Self { name: name.to_owned(), zip })
    }

    /// The names of all members.
    pub fn names(&self) -> Vec<String> {
        self.zip.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// A member that is a file of at most `limit` bytes, whole, with all that must be known to put it somewhere.
    pub fn take(&mut self, member: &str, limit: u64) -> Result<Member> {
        let name = self.name.clone();
        let mut file = self.member(member)?;
        let too_large = || refused(&name, &format!("its member `{member}` is larger than {limit} bytes"));
        let size = usize::try_from(file.size()).ok().filter(|size| *size as u64 <= limit).ok_or_else(too_large)?;
        let executable = file.unix_mode().is_some_and(|mode| mode & FILE_TYPE == REGULAR && mode & 0o111 != 0);
        let mut content = Vec::with_capacity(size + 1);
        let damaged = || refused(&name, &format!("its member `{member}` is damaged"));
        (&mut file).take(limit + 1).read_to_end(&mut content).with_context(damaged)?;
        if content.len() as u64 > limit {
            return Err(too_large().into());
        }
        let digest = format!("sha256={}", base64_url_safe(&Sha256::digest(&content)));
        Ok(Member { content, digest, executable })
    }

    /// Writes a member, of at most `limit` bytes, to `out` and tells its SHA-256 as a `RECORD` has it. An error of `out`
    /// is passed on as it is.
    pub fn extract(&mut self, member: &str, limit: u64, out: &mut dyn Write) -> Result<String> {
        let name = self.name.clone();
        let mut file = self.member(member)?;
        let too_large = || refused(&name, &format!("its member `{member}` is larger than {limit} bytes"));
        if file.size() > limit {
            return Err(too_large().into());
        }
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 128 * 1024];
        let mut done = 0;
        loop {
            let damaged = || refused(&name, &format!("its member `{member}` is damaged"));
            let count = file.read(&mut buffer).with_context(damaged)?;
            if count == 0 {
                break;
            }
            done += count as u64;
            if done > limit {
                return Err(too_large().into());
            }
            hash.update(&buffer[..count]);
            out.write_all(&buffer[..count])?;
        }
        Ok(format!("sha256={}", base64_url_safe(&hash.finalize())))
    }

    /// A member of at most `limit` bytes as text.
    pub fn text(&mut self, member: &str, limit: u64) -> Result<String> {
        let mut content = Vec::new();
        self.extract(member, limit, &mut content)?;
        let not_text = || refused(&self.name, &format!("its member `{member}` is not UTF-8"));
        String::from_utf8(content).with_context(not_text)
    }

    fn member(&mut self, member: &str) -> Result<ZipFile<'_, R>> {
        let name = self.name.clone();
        let file = self.zip.by_name(member).map_err(|error| match error {
            ZipError::FileNotFound => refused(&name, &format!("it has no `{member}`")).into(),
            error => broken(&name, error),
        })?;
        let is_special = file.unix_mode().is_some_and(|mode| ![0, REGULAR].contains(&(mode & FILE_TYPE)));
        if is_special || file.is_symlink() || !file.is_file() {
            return Err(refused(&name, &format!("its member `{member}` is not a regular file")).into());
        }
        if file.encrypted() {
            return Err(refused(&name, &format!("its member `{member}` is encrypted")).into());
        }
        Ok(file)
    }
}

/// The digest that a `RECORD` has for a path, with its `sha256=`.
pub fn digest_in_record(record: &str, path: &str) -> Option<String> {
    let entry = Record::new(record.as_bytes()).map_while(Result::ok).find(|entry| *entry.path == *path.as_bytes())?;
    String::from_utf8(entry.digest.to_owned()).ok().filter(|digest| digest.starts_with("sha256="))
}

fn is_safe(name: &[u8]) -> bool {
    let drive = name.get(1) == Some(&b':');
    let odd = name.iter().any(|byte| matches!(byte, b'\\' | 0));
    let leads_out = name.split(|byte| *byte == b'/').any(|part| part == b"..");
    !(name.is_empty() || name.starts_with(b"/") || drive || odd || leads_out)
}

/// The refusal of an archive, and why.
pub fn refused(name: &str, fact: &str) -> Fault {
    Fault::new(Kind::Data, format!("the archive `{name}` is refused: {fact}"))
        .hint("get it again, or use another package index")
}

fn broken(name: &str, error: ZipError) -> anyhow::Error {
    anyhow::Error::new(error).context(refused(name, "it cannot be read"))
}

#[cfg(test)]
mod tests;
