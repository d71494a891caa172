//! What a connector is asked to be: the parameters of `get_source`, as plain values.

use std::path::PathBuf;
use std::time::Duration;

use super::ConnectorName;

/// How long to wait for another process that works on the same connector, where nothing says so.
const LOCK_LIMIT: Duration = Duration::from_secs(30 * 60);

/// A value that is `true`, `false` or a text; where it is not given there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `true`: what the connector's name implies.
    Yes,
    /// `false`.
    No,
    /// Anything else.
    Text(String),
}

impl Setting {
    /// Reads a value; an empty one counts as `false`, as it does for `get_source`.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "true" => Self::Yes,
            "false" | "" => Self::No,
            _ => Self::Text(text.to_owned()),
        }
    }
}

/// What to run and how: the parameters of `get_source`. A path is seen from the current directory.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are `get_source`'s, each of them a yes or no")]
pub struct Options {
    /// The connector.
    pub name: ConnectorName,
    /// The version that is wanted; `latest` is the newest.
    pub version: Option<String>,
    /// Requirements as pip takes them, several words in the manner of a shell.
    pub pip_url: Option<String>,
    /// The interpreter: `true`, a path, a command or a version. `false` is Docker.
    pub use_python: Option<Setting>,
    /// The directory that holds the environments.
    pub install_root: Option<PathBuf>,
    /// A program: a name on `PATH` or a path.
    pub local_executable: Option<Setting>,
    /// A Docker image.
    pub docker_image: Option<Setting>,
    /// Whether the container uses the network of this machine.
    pub use_host_network: bool,
    /// A declarative manifest: a path, a URL, or the registry's.
    pub source_manifest: Option<Setting>,
    /// Whether a missing connector may be installed.
    pub install: bool,
    /// Whether to run nothing and answer from the registry.
    pub no_executor: bool,
    /// The registry: a path, a URL, or `false`.
    pub registry: Option<String>,
    /// Further requirements for the environment.
    pub with: Vec<String>,
    /// A constraints file for the environment.
    pub constraints: Option<PathBuf>,
    /// Whether an environment has to be of what is said here alone; else of that at least.
    pub exact: bool,
    /// Whether the network must not be used.
    pub offline: bool,
    /// How long to wait for another process that works on the same connector.
    pub lock_timeout: Duration,
}

impl Options {
    /// A connector of which only the name is known.
    pub fn new(name: ConnectorName) -> Self {
        Self {
            name,
            version: None,
            pip_url: None,
            use_python: None,
            install_root: None,
            local_executable: None,
            docker_image: None,
            use_host_network: false,
            source_manifest: None,
            install: true,
            no_executor: false,
            registry: None,
            with: Vec::new(),
            constraints: None,
            exact: false,
            offline: false,
            lock_timeout: LOCK_LIMIT,
        }
    }
}
