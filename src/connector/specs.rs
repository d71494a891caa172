//! The specs of connectors that have no environment of ours and cannot become others, as they said them.
//!
//! To ask for a spec may cost as much as what is wanted of the connector. That of an image is kept in the user's cache by the
//! image's id. A program may be another one tomorrow though its file is the same (it imports what is being worked on), and what
//! is secret of its configuration with it: it is asked each time.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::deps::input::sha256;
use crate::host::{Host, fs};
use crate::venv::tool::users_cache_dir;

/// In the user's cache, the directory that has them.
const DIR: &str = "specs";

/// Where the spec of a connector is kept.
#[derive(Debug)]
pub struct KeptSpec(PathBuf);

impl KeptSpec {
    /// Of the connector that is told by this; `None` where the user has no cache of his own.
    pub fn of(host: &Host, identity: &str) -> Option<Self> {
        let name = format!("{}.json", sha256(identity.as_bytes()));
        Some(Self(users_cache_dir(host)?.join(DIR).join(name)))
    }

    /// The `spec` of the protocol's message, where one is kept that can be read.
    pub fn load(&self) -> Option<Value> {
        serde_json::from_slice(&fs::read_optional(&self.0).ok()??).ok()
    }

    /// Keeps it. Where that cannot be, it is asked for again.
    pub fn keep(&self, spec: &Value) {
        if let Err(error) = fs::write_atomic(&self.0, spec.to_string().as_bytes()) {
            tracing::info!("the spec is not kept: {error:#}");
        }
    }
}

/// All that are kept in a cache, and since when.
pub fn all(cache_dir: &Path) -> Vec<(PathBuf, SystemTime)> {
    let entries = cache_dir.join(DIR).read_dir().into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.modified().ok()?))).collect()
}
