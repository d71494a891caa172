//! The effective configuration: everything that was said, put together and made absolute.
//!
//! [`load`] makes the leaps one after the other. Each tells where the next one is: the primer the ref root and the client
//! file's directory, the client the environment and with it the environment's file. Here one file serves for all of them.
//!
//! Which python is required in the end is not decided here, because `.python-version` files have a say in it too;
//! [`Settings::required_python`] and [`Settings::requires_python`] are what the configuration and the projects say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::debug;

use super::discover::Repo;
use super::document::Source;
use super::fields::{ClientFields, Field, Fields, PrimerFields, SharedFields, VenvDriver};
use super::inputs::Inputs;
use super::leap::{Origin, Setting};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs, names};

mod dirs;
mod file;
mod projects;

pub use self::projects::{Group, Project};

/// The effective configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The directory of the seed file.
    pub seed_dir: Setting<PathBuf>,
    /// The configuration file, where there is one.
    pub config_file: Option<Arc<Source>>,
    /// The directory that all paths but the ref root's own are relative to.
    pub ref_root_dir: Setting<PathBuf>,
    /// The directory of the client file.
    pub global_conf_dir: Setting<PathBuf>,
    /// The directory of the selected environment; the ref root where there are no environments.
    pub env_dir: Setting<PathBuf>,
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
    /// The driver; `None` where it is chosen by what is there.
    pub venv_driver: Setting<Option<VenvDriver>>,
    /// The driver that the files name, whatever the variable says: what holds once the variable is gone.
    pub venv_driver_of_files: Option<VenvDriver>,
    /// The pins, in the environment's directory.
    pub constraints_file: Setting<PathBuf>,
    /// Whether the launcher is kept at the version that the venv has.
    pub update_launcher: Setting<bool>,
    /// What is installed, in the order of the descriptors.
    pub projects: Vec<Project>,
    /// In which order it is installed.
    pub groups: Vec<Group>,
    /// The files that all this was made from.
    pub inputs: Inputs,
    /// What is odd and no error, one sentence each.
    pub warnings: Vec<String>,
}

/// Loads the configuration of a repository.
///
/// Fails with [`Kind::Config`] where a file cannot be read, a field is wrong, or something that a field names is not there.
pub fn load(host: &Host, repo: &Repo) -> Result<Settings> {
    Ok(leap(host, repo)?)
}

fn leap(host: &Host, repo: &Repo) -> Result<Settings, Fault> {
    let file = file::read(repo)?;
    debug!("configuration: {}", file.source.as_ref().map_or("none", |source| &source.name));
    let Fields { primer, client, shared: of_client } = file.fields;
    let primer = Primer::new(repo, primer)?;
    let client = Client::new(&primer, client)?;
    // The environment has no file of its own yet; what it says wins over the client.
    let of_env = SharedFields::default();
    let shared = of_client.merge(of_env);
    let mut settings = derive(host, &primer, &client, shared)?;
    settings.config_file = file.source;
    settings.inputs.extend(repo.inputs.clone());
    settings.warnings.splice(0..0, file.warnings);
    Ok(settings)
}

/// What the leap of the primer tells.
struct Primer {
    seed: Setting<PathBuf>,
    ref_root: Setting<PathBuf>,
    global_conf: Setting<PathBuf>,
}

impl Primer {
    fn new(repo: &Repo, fields: PrimerFields) -> Result<Self, Fault> {
        let seed = repo.seed_dir.clone();
        let ref_root = match fields.ref_root_dir_rel_path.value() {
            None => Setting::default_value(seed.value.clone()),
            Some(given) => existing_dir("ref_root_dir_rel_path", given, &seed.value)?,
        };
        let usual = ref_root.value.join("gconf");
        let default = if usual.is_dir() { usual } else { ref_root.value.clone() };
        let given = fields.global_conf_dir_rel_path.value();
        let global_conf = given.map(|given| given.map(|path| join(&ref_root.value, &path)));
        let global_conf = global_conf.unwrap_or(Setting::default_value(default));
        Ok(Self { seed, ref_root, global_conf })
    }
}

/// What the leap of the client tells.
struct Client {
    env_dir: Setting<PathBuf>,
    update_launcher: Setting<bool>,
}

impl Client {
    fn new(primer: &Primer, fields: ClientFields) -> Result<Self, Fault> {
        let env_dir = match fields.default_env_dir_rel_path.value() {
            None => Setting::default_value(primer.ref_root.value.clone()),
            Some(given) => existing_dir("default_env_dir_rel_path", given, &primer.ref_root.value)?,
        };
        Ok(Self { env_dir, update_launcher: fields.update_launcher.or_default(true) })
    }
}

fn derive(host: &Host, primer: &Primer, client: &Client, shared: SharedFields) -> Result<Settings, Fault> {
    let ref_root = &primer.ref_root.value;
    let python_selector_file = match shared.python_selector_file_rel_path.value() {
        None => None,
        Some(given) => Some(existing_file("python_selector_file_rel_path", given, ref_root)?),
    };
    let dir = |field: Field<PathBuf>, default: &str| {
        field.or_default(PathBuf::from(default)).map(|path| join(ref_root, &path))
    };
    let constraints = shared.version_constraints_file_basename.or_default("constraints.txt".to_owned());
    let installed = projects::resolve(ref_root, shared.project_descriptors, shared.install_specs)?;
    let settings = Settings {
        seed_dir: primer.seed.clone(),
        config_file: None,
        ref_root_dir: primer.ref_root.clone(),
        global_conf_dir: primer.global_conf.clone(),
        env_dir: client.env_dir.clone(),
        required_python: shared.required_python_version.value(),
        requires_python: installed.requires_python,
        python_selector_file,
        venv_dir: dir(shared.local_venv_dir_rel_path, ".venv"),
        log_dir: dir(shared.local_log_dir_rel_path, ".prime/log"),
        tmp_dir: dir(shared.local_tmp_dir_rel_path, ".prime/tmp"),
        cache_dir: dir(shared.local_cache_dir_rel_path, ".prime/cache"),
        run_dir: dir(shared.local_run_dir_rel_path, ".prime/run"),
        venv_driver_of_files: shared.venv_driver.clone().value().map(|driver| driver.value),
        venv_driver: venv_driver(host, shared.venv_driver)?,
        constraints_file: constraints.map(|name| client.env_dir.value.join(name)),
        update_launcher: client.update_launcher.clone(),
        projects: installed.projects,
        groups: installed.groups,
        inputs: installed.inputs,
        warnings: installed.warnings,
    };
    dirs::check(&settings)?;
    Ok(settings)
}

/// The driver: the variable's, else the field's, else whichever fits.
fn venv_driver(host: &Host, field: Field<VenvDriver>) -> Result<Setting<Option<VenvDriver>>, Fault> {
    let Some(value) = host.var(names::VENV_DRIVER) else {
        return Ok(field.value().map_or(Setting::default_value(None), |given| given.map(Some)));
    };
    let (name, variable) = (value.to_string_lossy(), names::VENV_DRIVER);
    let driver = VenvDriver::from_name(&name).ok_or_else(|| {
        let message = format!("the variable `{variable}` is `{name}`, expected `venv_uv` or `venv_pip`");
        Fault::new(Kind::Config, message).hint(format!("set it to one of these, or unset it: `unset {variable}`"))
    })?;
    Ok(Setting::new(Some(driver), Origin::Variable(variable.to_owned())))
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
    Fault::new(Kind::Config, format!("`{name}` in {origin} is `{path}`, expected {expected}"))
}

#[cfg(test)]
mod tests;
