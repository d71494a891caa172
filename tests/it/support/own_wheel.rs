//! The wheel of the `prime` under test, by the project's own packaging.
//!
//! The binary is stripped where that can be done: what is debugged in it is of no use to an index, and 100 MB are slow.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use prime::launcher::{DISTRIBUTION, wheel};

use super::artifact::artifact;
use super::encoding::sha256;
use super::program;
use super::real_uv::succeed;
use super::wheel::Package;

/// The version under test.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The wheel of the binary under test.
pub fn own_wheel() -> Package {
    wheel_of(Path::new(env!("CARGO_BIN_EXE_prime")), VERSION)
}

/// The wheel of a binary, which must be of this version.
pub fn wheel_of(binary: &Path, version: &str) -> Package {
    let meta = binary.metadata().unwrap();
    let name = format!("prime-{version}-{}-{}.stripped", meta.ino(), meta.mtime_nsec());
    let stripped = artifact(&name, |path| {
        fs::copy(binary, path)?;
        program("strip").map_or(Ok(()), |strip| succeed(Command::new(strip).arg(path)))
    });
    let built = wheel::build(&fs::read(stripped.unwrap()).unwrap(), version).unwrap();
    Package {
        name: DISTRIBUTION.to_owned(),
        version: version.to_owned(),
        filename: built.file_name,
        sha256: sha256(&built.content),
        content: built.content,
        requires_python: None,
    }
}
