//! From what the files say to what holds: defaults filled in, paths made absolute, variables obeyed.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::files::{Files, Said};
use super::{Environment, Primer, Settings, existing_file, join, noted};
use super::{connectors, projects};
use crate::config::fields::{Field, VenvDriver};
use crate::config::leap::{Origin, Setting};
use crate::config::parse::Broken;
use crate::error::{Fault, Kind};
use crate::host::{Host, names};

const SELECTOR: &str = "python_selector_file_rel_path";
const VENV_DIR: &str = ".venv";
/// Enough to go back from a mistake that is noticed late; an environment takes tens of megabytes.
const REBOOT_KEEP_COUNT: u32 = 3;

/// What the leaps up to the environment's told.
pub(super) struct Leaps {
    pub(super) primer: Primer,
    pub(super) environment: Environment,
    pub(super) said: Said,
}

pub(super) fn settings(host: &Host, leaps: Leaps, files: Files<'_>, faults: &mut Vec<Broken>) -> Settings {
    let Leaps { primer, environment, said } = leaps;
    let ref_root = &primer.ref_root.value;
    let of_all = said.venv_of_client;
    let of_environment = (said.shared.local_venv_dir_rel_path.clone(), of_all.clone());
    let venv_dir = venv_dir(ref_root, (&environment.dir.value, &environment.default.value), of_environment);
    let shared = said.shared;
    let selector = shared.python_selector_file_rel_path.value();
    let selector = selector.and_then(|given| noted(faults, SELECTOR, |name| existing_file(name, given, ref_root)));
    let dir = |field: Field<PathBuf>, default: &str| {
        field.or_default(PathBuf::from(default)).map(|path| join(ref_root, &path))
    };
    let constraints = shared.version_constraints_file_basename.or_default("constraints.txt".to_owned());
    let installed = projects::resolve(ref_root, shared.project_descriptors, shared.install_specs, faults);
    let venvs = || connectors::venvs((ref_root, &venv_dir.value), &environment, &of_all, &files);
    let connectors = connectors::resolve((host, ref_root), shared.connectors, venvs, faults);
    let files_of_leaps = files.list();
    let mut inputs = installed.inputs;
    inputs.extend(files.inputs);
    let venv_driver_of_files = shared.venv_driver.clone().value().map(|driver| driver.value);
    let venv_driver = noted(faults, "venv_driver", |_| effective_driver(host, shared.venv_driver));
    Settings {
        seed_dir: primer.seed,
        files: files_of_leaps,
        venv_dir,
        constraints_file: constraints.map(|name| environment.dir.value.join(name)),
        env_dir: environment.dir,
        default_env_dir: environment.default,
        env_link: environment.link,
        required_python: shared.required_python_version.value(),
        requires_python: installed.requires_python,
        python_selector_file: selector,
        log_dir: dir(shared.local_log_dir_rel_path, ".prime/log"),
        tmp_dir: dir(shared.local_tmp_dir_rel_path, ".prime/tmp"),
        cache_dir: dir(shared.local_cache_dir_rel_path, ".prime/cache"),
        run_dir: dir(shared.local_run_dir_rel_path, ".prime/run"),
        reboot_keep_count: shared.reboot_keep_count.or_default(REBOOT_KEEP_COUNT),
        venv_driver_of_files,
        venv_driver: venv_driver.unwrap_or(Setting::default_value(None)),
        native_venv: shared.native_venv.or_default(true),
        update_launcher: said.client.update_launcher.or_default(true),
        projects: installed.projects,
        groups: installed.groups,
        connectors,
        inputs,
        warnings: files.warnings.into_iter().chain(installed.warnings).collect(),
        global_conf_dir: primer.global_conf,
        ref_root_dir: primer.ref_root,
    }
}

/// The driver: the variable's, else the field's, else whichever fits.
fn effective_driver(host: &Host, field: Field<VenvDriver>) -> Result<Setting<Option<VenvDriver>>, Fault> {
    let of_file = || field.value().map_or(Setting::default_value(None), |given| given.map(Some));
    Ok(driver_of_variable(host)?.unwrap_or_else(of_file))
}

/// The driver that the variable names, where it is set.
pub fn driver_of_variable(host: &Host) -> Result<Option<Setting<Option<VenvDriver>>>, Fault> {
    let Some(value) = host.var(names::VENV_DRIVER) else { return Ok(None) };
    let (name, variable) = (value.to_string_lossy(), names::VENV_DRIVER);
    let driver = VenvDriver::from_name(&name).ok_or_else(|| {
        let message = format!("the variable `{variable}` is `{name}`, expected `venv_uv` or `venv_pip`");
        Fault::new(Kind::Config, message).hint(format!("set it to one of these, or unset it: `unset {variable}`"))
    })?;
    Ok(Some(Setting::new(Some(driver), Origin::Variable(variable.to_owned()))))
}

/// The venv's directory. What is said for all environments, or by nobody, is the directory of the default one; every other
/// environment would share it, so its own name is added: `.venv-ci` for the environment `envs/ci`.
pub(super) fn venv_dir(
    ref_root: &Path,
    (dir, default): (&Path, &Path),
    (own, of_all): (Field<PathBuf>, Field<PathBuf>),
) -> Setting<PathBuf> {
    let place = |field: Field<PathBuf>| field.or_default(PathBuf::from(VENV_DIR)).map(|path| join(ref_root, &path));
    let (own, of_all) = (place(own), place(of_all));
    if own.value != of_all.value || dir == default {
        return own;
    }
    let name = dir.file_name().filter(|_| dir != ref_root).unwrap_or(OsStr::new("root"));
    let path = [own.value.as_os_str(), OsStr::new("-"), name].into_iter().collect::<OsString>();
    Setting::new(path.into(), Origin::PerEnvironment(Box::new(own.origin)))
}
