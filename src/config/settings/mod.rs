//! The effective configuration: everything that was said, put together and made absolute.
//!
//! [`evaluate`] makes the leaps one after the other. Each tells where the next one is: the primer the ref root and the
//! client file's directory, the client the environment and with it the environment's file. One file may serve several of
//! them. Whatever is wrong is noted, and the evaluation goes on with the default in its place: [`load`] then fails with
//! the first of the faults, `prime eval` shows all of them beside what is right.
//!
//! Which python is required in the end is not decided here, because `.python-version` files have a say in it too;
//! [`Settings::required_python`] and [`Settings::requires_python`] are what the configuration and the projects say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::debug;

use super::discover::Repo;
use super::document::Source;
use super::fields::{ConnectorFields, PrimerFields, VenvDriver};
use super::inputs::Inputs;
use super::leap::{Leap, Setting};
use super::parse::Broken;
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs};

mod connectors;
mod derive;
mod dirs;
mod environment;
mod files;
mod projects;

use self::derive::Leaps;
pub(super) use self::derive::driver_of_variable;
use self::environment::Environment;
pub use self::environment::{EnvLink, Selection};
use self::files::Files;
pub use self::files::SaidField;
pub use self::projects::{Group, Project};

/// The usual directory of the client's file.
pub(super) const GLOBAL_CONF_DIR: &str = "gconf";

/// The effective configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The directory of the seed file.
    pub seed_dir: Setting<PathBuf>,
    /// The configuration files, each with a leap that it serves, in the order of the leaps.
    pub files: Vec<(Leap, Arc<Source>)>,
    /// The directory that all paths but the ref root's own are relative to.
    pub ref_root_dir: Setting<PathBuf>,
    /// The directory of the client file.
    pub global_conf_dir: Setting<PathBuf>,
    /// The directory of the selected environment; the ref root where there are no environments.
    pub env_dir: Setting<PathBuf>,
    /// The directory of the environment that is selected where nothing is said and nothing is linked.
    pub default_env_dir: Setting<PathBuf>,
    /// The symlink to the selected environment, where one is configured.
    pub env_link: Option<EnvLink>,
    /// The python that the configuration asks for, as it is written.
    pub required_python: Option<Setting<String>>,
    /// What the ref root's `pyproject.toml` and then those of the projects ask for, as it is written.
    pub requires_python: Vec<Setting<String>>,
    /// The script that selects a python.
    pub python_selector_file: Option<Setting<PathBuf>>,
    /// The venv.
    pub venv_dir: Setting<PathBuf>,
    /// The log files.
    pub log_dir: Setting<PathBuf>,
    /// What is moved aside.
    pub tmp_dir: Setting<PathBuf>,
    /// What can be had again.
    pub cache_dir: Setting<PathBuf>,
    /// What programs leave while they run.
    pub run_dir: Setting<PathBuf>,
    /// How many environments that a reboot replaced are kept.
    pub reboot_keep_count: Setting<u32>,
    /// The driver; `None` where it is chosen by what is there.
    pub venv_driver: Setting<Option<VenvDriver>>,
    /// The driver that the files name, whatever the variable says: what holds once the variable is gone.
    pub venv_driver_of_files: Option<VenvDriver>,
    /// Whether `venv_pip` makes the venv of a CPython itself.
    pub native_venv: Setting<bool>,
    /// The pins, in the environment's directory.
    pub constraints_file: Setting<PathBuf>,
    /// Whether the launcher is kept at the version that the venv has.
    pub update_launcher: Setting<bool>,
    /// What is installed, in the order of the descriptors.
    pub projects: Vec<Project>,
    /// In which order it is installed.
    pub groups: Vec<Group>,
    /// The options of connectors, in the order in which they are named.
    pub connectors: Vec<ConnectorFields>,
    /// The files that all this was made from.
    pub inputs: Inputs,
    /// What is odd and no error, one sentence each.
    pub warnings: Vec<String>,
}

/// What a configuration comes to, right or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The effective configuration; what is wrong is replaced by its default.
    pub settings: Settings,
    /// What stands in the files, in their order.
    pub said: Vec<SaidField>,
    /// What is wrong, in the order of the leaps.
    pub faults: Vec<Broken>,
}

/// Loads the configuration of a repository.
///
/// Fails with [`Kind::Config`] where a file cannot be read, a field is wrong, or something that a field names is not there,
/// and with [`Kind::Usage`] where the selection is wrong. Of several faults the first is told.
pub fn load(host: &Host, repo: &Repo, selection: &Selection) -> Result<Settings> {
    let Evaluation { settings, faults, .. } = evaluate(host, repo, selection);
    match faults.into_iter().next() {
        Some(broken) => Err(broken.fault.into()),
        None => Ok(settings),
    }
}

/// The ref root of a repository, by a look at the primer's file alone.
pub fn ref_root(repo: &Repo) -> PathBuf {
    Primer::new(repo, &Files::new(repo).primer(), &mut Vec::new()).ref_root.value
}

/// Evaluates the configuration of a repository, as far as it goes.
pub fn evaluate(host: &Host, repo: &Repo, selection: &Selection) -> Evaluation {
    let mut files = Files::new(repo);
    let mut ignored = Vec::new();
    let primer = Primer::new(repo, &files.primer(), &mut ignored);
    let client = files.client(&primer.ref_root.value, &primer.global_conf.value, primer.names_global_conf);
    let env_dir = environment::select(host, &primer.ref_root.value, &client.client, selection, &mut ignored).dir;
    files.env(&env_dir.value);
    // Now that every file's leaps are known, what stands in it can be judged.
    let (said, listed) = files.finish();
    debug!("configuration: {:?}", files.list());
    let mut faults = std::mem::take(&mut files.faults);
    let primer = Primer::new(repo, &said.primer, &mut faults);
    let environment = environment::select(host, &primer.ref_root.value, &said.client, selection, &mut faults);
    let settings = derive::settings(host, Leaps { primer, environment, said }, files, &mut faults);
    dirs::check(&settings, &mut faults);
    Evaluation { settings, said: listed, faults }
}

/// What the leap of the primer tells.
struct Primer {
    seed: Setting<PathBuf>,
    ref_root: Setting<PathBuf>,
    global_conf: Setting<PathBuf>,
    names_global_conf: bool,
}

impl Primer {
    fn new(repo: &Repo, fields: &PrimerFields, faults: &mut Vec<Broken>) -> Self {
        let seed = repo.seed_dir.clone();
        let given = fields.ref_root_dir_rel_path.clone().value();
        let ref_root = given
            .and_then(|given| noted(faults, "ref_root_dir_rel_path", |name| existing_dir(name, given, &seed.value)));
        let ref_root = ref_root.unwrap_or_else(|| Setting::default_value(seed.value.clone()));
        let usual = ref_root.value.join(GLOBAL_CONF_DIR);
        let default = if usual.is_dir() { usual } else { ref_root.value.clone() };
        let given = fields.global_conf_dir_rel_path.clone().value();
        let names_global_conf = given.is_some();
        let global_conf = given.and_then(|given| {
            noted(faults, "global_conf_dir_rel_path", |name| existing_dir(name, given, &ref_root.value))
        });
        let global_conf = global_conf.unwrap_or(Setting::default_value(default));
        Self { seed, ref_root, global_conf, names_global_conf }
    }
}

/// The value of a field; where there is none, the reason is noted.
fn noted<T>(
    faults: &mut Vec<Broken>,
    field: &'static str,
    value: impl FnOnce(&'static str) -> Result<T, Fault>,
) -> Option<T> {
    value(field).map_err(|fault| faults.push(Broken::new(field, fault))).ok()
}

fn join(dir: &Path, path: &Path) -> PathBuf {
    fs::normalize(&dir.join(path))
}

fn existing_dir(name: &str, given: Setting<PathBuf>, dir: &Path) -> Result<Setting<PathBuf>, Fault> {
    let path = join(dir, &given.value);
    if path.is_dir() { Ok(given.map(|_| path)) } else { Err(not_there(name, &given, "a directory that exists")) }
}

fn existing_file(name: &str, given: Setting<PathBuf>, dir: &Path) -> Result<Setting<PathBuf>, Fault> {
    let path = join(dir, &given.value);
    if path.is_file() { Ok(given.map(|_| path)) } else { Err(not_there(name, &given, "a file that exists")) }
}

/// The fault of a path that is well written and names nothing that serves.
fn not_there(name: &str, given: &Setting<PathBuf>, expected: &str) -> Fault {
    let (origin, path) = (&given.origin, given.value.display());
    Fault::new(Kind::Config, format!("`{name}` in {origin} is `{path}`, expected {expected}")).about(origin.place())
}

#[cfg(test)]
mod merge_tests;
#[cfg(test)]
mod refused_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod upstream_tests;
