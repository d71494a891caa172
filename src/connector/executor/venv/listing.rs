//! The connectors that are installed under a root.

use std::path::{Path, PathBuf};

use super::place::{PREFIX, Place};
use super::stamp::Stamp;
use crate::connector::ConnectorName;
use crate::host::fs::is_executable;

/// One environment of a connector.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The connector's name.
    pub name: String,
    /// The version, where its stamp tells.
    pub version: Option<String>,
    /// The distribution, where its stamp tells.
    pub package: Option<String>,
    /// The environment.
    pub dir: PathBuf,
    /// What is wrong with it, as far as a glance tells.
    pub problem: Option<&'static str>,
}

/// What is installed under a root, by name. Nothing is proven.
pub fn installed(root: &Path) -> Vec<Listed> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned)).collect();
    names.sort();
    names.into_iter().filter(|name| ConnectorName::parse(name).is_ok()).filter_map(|name| look(root, &name)).collect()
}

/// One of them, where it is there. What is somebody's own, the environment of a repository for one, is none.
pub fn look(root: &Path, name: &str) -> Option<Listed> {
    let place = Place::new(root, name);
    let venv = place.venv();
    let stamp = Stamp::load(&place);
    let problem = match &stamp {
        _ if place.is_unfinished() => Some("half installed"),
        _ if !is_executable(&venv.python()) => Some("without its python"),
        None => Some("not installed by prime"),
        Some(stamp) if !is_executable(&venv.dir().join(&stamp.program)) => Some("without its program"),
        Some(_) => None,
    };
    let is_one = place.check().is_ok() && venv.cfg_path().is_file();
    (is_one || place.is_unfinished()).then(|| Listed {
        name: name.to_owned(),
        version: stamp.as_ref().map(|stamp| stamp.version.clone()),
        package: stamp.map(|stamp| stamp.package),
        dir: venv.dir().to_owned(),
        problem,
    })
}
