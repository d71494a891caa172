//! What this machine itself is set to, for the tests that use the real index: none of it is written down here.

use std::env;
use std::path::Path;
use std::process::Command;

use super::sandbox::Sandbox;
use super::{output, skip};

/// Prefixes and names of the variables that say where packages come from and through what.
const PREFIXES: [&str; 3] = ["PIP_", "UV_INDEX", "UV_DEFAULT_INDEX"];
const NAMES: [&str; 12] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "UV_HTTP_TIMEOUT",
    "NETRC",
];

/// The index that pip would use: the first line is what is configured, the second pip's own default.
const QUESTION: &str = "from pip._internal.cli.cmdoptions import index_url
from pip._internal.configuration import Configuration
settings = Configuration(isolated=False)
settings.load()
found = dict(settings.items())
if found and all(isinstance(value, dict) for value in found.values()):
    found = {key: value for values in found.values() for key, value in values.items()}
print(found.get(':env:.index-url') or found.get('global.index-url') or index_url().default)";

impl Sandbox {
    /// Gives the sandbox this machine's own index, proxy and certificate settings.
    pub fn online(self) -> Self {
        let wanted = |name: &str| {
            let upper = name.to_uppercase();
            NAMES.contains(&upper.as_str()) || PREFIXES.iter().any(|prefix| upper.starts_with(prefix))
        };
        let sandbox = self.env_remove("PIP_CONFIG_FILE");
        let vars = env::vars().filter(|(name, _)| wanted(name));
        vars.fold(sandbox, |sandbox, (name, value)| sandbox.env(&name, value))
    }
}

/// The URL of the index that this machine's pip uses, by the pip of an interpreter.
pub fn default_index(python: &Path) -> Option<String> {
    let output = output(Command::new(python).args(["-c", QUESTION])).ok()?;
    let url = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if url.starts_with("http") { Some(url) } else { skip("no interpreter here has a pip that tells its index") }
}
