//! Where the environments of connectors are, by what is said alone: whether one is there, or which way a registry would
//! have a connector run, makes no difference.

use std::path::{Path, PathBuf};

use super::{ConnectorFields, Said, Way};
use crate::host::fs::normalize;
use crate::host::{Host, names};

impl ConnectorFields {
    /// The directory that holds its environment: the one that is said, else the variable's, else the ref root.
    pub fn install_root(&self, host: &Host, ref_root: &Path) -> PathBuf {
        let of_variable = || Some(normalize(&ref_root.join(host.var(names::AIRBYTE_INSTALL_DIR)?)));
        self.path("install_root").map(Path::to_owned).or_else(of_variable).unwrap_or_else(|| ref_root.to_owned())
    }

    /// The directories of the environments that may run it. Where no way is named it may be a package or, where a registry
    /// says so, a manifest.
    pub fn environments(&self, host: &Host, ref_root: &Path) -> Vec<PathBuf> {
        let root = self.install_root(host, ref_root);
        let of = |name: &str| root.join(format!("{}{name}", names::CONNECTOR_VENV_PREFIX));
        let of_manifests = of(names::MANIFEST_RUNNER);
        // A third party's name is none of a directory.
        let own = Some(of(&self.name)).filter(|_| !self.name.contains('/'));
        match self.ways().first().map(|(way, _)| *way) {
            Some(Way::Manifest) => vec![of_manifests],
            Some(Way::Local | Way::Docker | Way::Nothing) => Vec::new(),
            None if self.may_ask_a_registry(host) => own.into_iter().chain([of_manifests]).collect(),
            Some(Way::Venv) | None => own.into_iter().collect(),
        }
    }

    fn may_ask_a_registry(&self, host: &Host) -> bool {
        match self.value("registry") {
            Some(said) => *said != Said::Flag(false),
            None => host.var(names::AIRBYTE_LOCAL_REGISTRY).is_some(),
        }
    }
}
