//! What an environment of a connector was made from, written into it last.

use std::path::PathBuf;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::place::Place;
use crate::deps::verify::{Manifest, Origin};
use crate::error::Result;
use crate::host::fs::Birth;
use crate::host::redact::redact_but_ssh_user;
use crate::host::{fs, names};
use crate::python::interpreter::Target;

/// In the environment, the stamp.
pub const FILE: &str = names::CONNECTOR_STAMP;
/// Counted up when a field changes its meaning.
const FORMAT: u32 = 2;

/// What an environment was made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// The format of the stamp.
    pub format: u32,
    /// The environment's own directory: one that was copied or moved does not work.
    pub venv: PathBuf,
    /// What tells that directory from another one in its place, where the file system says.
    #[serde(default)]
    pub birth: Option<Birth>,
    /// When it was made, in nanoseconds since the epoch.
    pub made: u64,
    /// The version of its interpreter.
    #[serde(default)]
    pub python: String,
    /// What binary code in it is made for.
    #[serde(default)]
    pub target: Option<Target>,
    /// The digest of its `pyvenv.cfg`.
    #[serde(default)]
    pub cfg: String,
    /// The distribution that brings the program.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The program, as seen from the environment's directory.
    pub program: PathBuf,
    /// The words that were installed, without the version that was asked for besides and without credentials. Their paths
    /// are absolute.
    pub requirements: Vec<String>,
    /// Further requirements, without credentials.
    pub with: Vec<String>,
    /// The constraints file, where one was named.
    #[serde(default)]
    pub constraints: Option<PathBuf>,
    /// What else was asked for.
    #[serde(default)]
    pub asked: Asked,
    /// What is installed.
    pub manifest: Manifest,
    /// What is not as its `RECORD` says, and was published so.
    pub known: Vec<String>,
    /// What the program said to `spec`.
    pub spec: Option<Json>,
}

/// What was asked for besides the requirements themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whether the requirements were asked for, rather than found out.
    pub requirements: bool,
    /// The digest of the constraints.
    pub constraints: Option<String>,
    /// The interpreter.
    pub python: Option<String>,
    /// The digest of the files on this machine that were installed.
    #[serde(default)]
    pub files: String,
}

impl Stamp {
    /// The stamp of the environment in a place; `None` where there is none that holds for it.
    pub fn load(place: &Place) -> Option<Self> {
        let venv = place.venv();
        let stamp: Self = serde_json::from_slice(&fs::read_file(&venv.dir().join(FILE)).ok()?).ok()?;
        (stamp.format == FORMAT && stamp.venv == venv.dir()).then_some(stamp)
    }

    /// Writes it.
    pub fn save(&self, place: &Place) -> Result<()> {
        fs::write_atomic(&place.venv().dir().join(FILE), &serde_json::to_vec(self)?)
    }

    /// The format that is written.
    pub const fn format() -> u32 {
        FORMAT
    }

    /// Whether the directory in its place is another one than was made: a CI has restored it, somebody has copied it back.
    pub fn is_brought_here(&self) -> bool {
        self.birth != Birth::of_dir(&self.venv)
    }

    /// Whether what is installed stays as it is: a project that is linked does not.
    pub fn is_fixed(&self) -> bool {
        !self.manifest.installed().any(|it| matches!(it.origin, Some(Origin::Editable(_))))
    }
}

/// Words of requirements as the stamp has them.
pub fn open_words(words: &[String]) -> Vec<String> {
    words.iter().map(|word| redact_but_ssh_user(word)).collect()
}

/// A time as the stamp has it.
pub fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
