//! The versions of programs that were asked before, so that a uv on `PATH` is not started just to be asked again.
//!
//! An answer holds while the file's size, times and inode are the same. A script's answer is not kept: what it says
//! depends on files that it only names, as pyenv's shims do.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use super::version_of;
use crate::error::Result;
use crate::host::Host;
use crate::host::fs::{Identity, read_trusted, write_atomic};

/// What a program said.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    program: PathBuf,
    identity: Identity,
    version: String,
}

/// The version of a `uv`, from an earlier answer where that still holds, else by asking it. Fails as [`version_of`] does.
pub fn known_version(host: &Host, cache: &Path, program: &Path) -> Result<Version> {
    let file = cache.join("uv").join("known.json");
    let identity = program.metadata().ok().map(|meta| Identity::new(&meta));
    let known: Vec<Answer> =
        read_trusted(&file, None).and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default();
    let answer = known.iter().find(|answer| answer.program == program && Some(answer.identity) == identity);
    if let Some(version) = answer.and_then(|answer| Version::from_str(&answer.version).ok()) {
        return Ok(version);
    }
    let version = version_of(host, program)?;
    if let Some(identity) = identity.filter(|_| !is_script(program)) {
        let others = known.into_iter().filter(|answer| answer.program != program && answer.program.exists());
        let answer = Answer { program: program.to_owned(), identity, version: version.to_string() };
        let all: Vec<Answer> = others.chain([answer]).collect();
        // A cache that cannot be written costs time and nothing else.
        let _ = serde_json::to_vec(&all).map(|content| write_atomic(&file, &content));
    }
    Ok(version)
}

fn is_script(program: &Path) -> bool {
    let mut start = [0; 2];
    File::open(program).and_then(|mut file| file.read_exact(&mut start)).is_ok_and(|()| start == *b"#!")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn an_answer_holds_as_long_as_the_file_and_a_script_is_asked_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, program) = (dir.path().join("cache"), dir.path().join("uv"));
        let script = |version: &str| {
            std::fs::write(&program, format!("#!/bin/sh\necho uv {version}\n")).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        let ask = || known_version(&Host::default(), &cache, &program).map(|it| it.to_string());
        script("1.0");
        assert_eq!(ask().unwrap(), "1.0");
        script("2.0");
        assert_eq!(ask().unwrap(), "2.0", "a script");
        let identity = Identity::new(&program.metadata().unwrap());
        let kept = vec![Answer { program: program.clone(), identity, version: "3.0".into() }];
        write_atomic(&cache.join("uv/known.json"), &serde_json::to_vec(&kept).unwrap()).unwrap();
        assert_eq!(ask().unwrap(), "3.0", "kept");
        script("4.0.0");
        assert_eq!(ask().unwrap(), "4.0.0", "the file is another one");
        write_atomic(&cache.join("uv/known.json"), b"rubbish").unwrap();
        assert_eq!(ask().unwrap(), "4.0.0");
    }
}
