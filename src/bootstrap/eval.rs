//! The effective configuration for `prime eval`: every value with its leap and its origin, right beside wrong.
//!
//! Nothing is started, fetched or written. What only a started program could tell (a selector's word, an interpreter that
//! was never asked) is told from the environment that is there, or is not known yet.

use std::fmt::Display;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::stage::{Progress, Stage};
use super::{Request, Run, select, state, tools};
use crate::config::document::{as_json, shown};
use crate::config::{self, Broken, Evaluation, Leap, Origin, Settings, VenvDriver, discover};
use crate::deps::Stamp;
use crate::error::Result;
use crate::fetch::settings::Listed;
use crate::host::{Host, names};
use crate::python::requirement::OLDEST_USABLE;
use crate::python::{Outcome, PythonVersion, SearchOptions, search};
use crate::ui::Ui;

mod connectors;

/// The effective configuration.
#[derive(Debug, Default)]
pub struct Effective {
    /// Every value, by leap.
    pub rows: Vec<Row>,
    /// The settings of the package index and of the network, without credentials.
    pub index: Vec<Listed>,
    /// What is odd and no error.
    pub warnings: Vec<String>,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The leap that it belongs to.
    pub leap: Leap,
    /// Its name.
    pub field: String,
    /// The value; `null` where there is none.
    pub value: Json,
    /// Where it comes from, for people.
    pub origin: String,
    /// Whether it is wrong; the value says nothing then.
    pub is_wrong: bool,
}

/// Something that is wrong.
#[derive(Debug)]
pub struct Wrong {
    /// The name of the field in the file, where it is one's.
    pub field: Option<String>,
    /// What is wrong.
    pub error: anyhow::Error,
}

impl From<Broken> for Wrong {
    fn from(broken: Broken) -> Self {
        Self { field: broken.field, error: broken.fault.into() }
    }
}

/// Evaluates the configuration as far as it goes. Fails only where there is no repository.
pub fn effective(host: &Host, ui: Ui, request: &Request) -> Result<Effective> {
    let repo = discover(host, request.repo.as_deref())?;
    let progress = Progress { stage: Stage::PyUnknown, run_id: None };
    let run = Run { host, ui, request, progress, repo, script: None };
    let evaluation = config::evaluate(host, &run.repo, &request.selection);
    let mut effective = Effective { rows: input_rows(&run), ..Effective::default() };
    effective.rows.extend(said_rows(&evaluation));
    let Evaluation { settings, faults, .. } = evaluation;
    effective.wrong.extend(faults.into_iter().map(Wrong::from));
    match tools::index_settings(&run, &settings, None) {
        Ok(index) => effective.index = index.list(),
        Err(error) => effective.wrong.push(Wrong { field: None, error }),
    }
    derive(&run, &settings, &mut effective);
    effective.warnings.extend(settings.warnings);
    Ok(effective)
}

/// What the command line, the environment and the place say.
fn input_rows(run: &Run<'_>) -> Vec<Row> {
    let Request { selection, offline, lock_timeout, .. } = run.request;
    let row = |field: &str, value: Json, origin: String| row(Leap::Input, field, value, &origin);
    let argument = |name: &str| Origin::Argument(name.to_owned()).to_string();
    let seed = &run.repo.seed_dir;
    let mut rows = vec![row("seed_dir_abs_path", json!(seed.value), seed.origin.to_string())];
    rows.extend(run.repo.seed_file.iter().map(|file| row("seed_file_abs_path", json!(file), seed.origin.to_string())));
    rows.extend(selection.env.iter().map(|env| row("env", json!(env), argument("--env"))));
    rows.extend((!selection.link).then(|| row("link", json!(false), argument("--no-link"))));
    rows.extend(offline.then(|| row("offline", json!(true), argument("--offline"))));
    let limit = lock_timeout.map(|limit| json!(limit.as_secs_f64()));
    rows.extend(limit.map(|limit| row("lock_timeout", limit, argument("--lock-timeout"))));
    for (name, _) in names::VARIABLES {
        let value = run.host.var(name).map(|value| value.to_string_lossy());
        rows.extend(value.map(|value| row(name, json!(value), Origin::Variable(name.to_owned()).to_string())));
    }
    rows
}

/// What stands in the files, as it is written.
fn said_rows(evaluation: &Evaluation) -> Vec<Row> {
    let mut said: Vec<_> = evaluation.said.iter().collect();
    said.sort_by_key(|field| field.leap);
    let rows = |field: &config::SaidField| {
        if field.entry.key == connectors::FIELD {
            return connectors::said(field);
        }
        let origin = field.source.place(field.entry.position);
        vec![row(field.leap, &field.entry.key, as_json(&field.entry.node), &origin)]
    };
    said.into_iter().flat_map(rows).collect()
}

fn row(leap: Leap, field: &str, value: Json, origin: &dyn Display) -> Row {
    Row { leap, field: field.to_owned(), value, origin: origin.to_string(), is_wrong: false }
}

/// The rows of what follows. A row whose field is wrong has no value.
fn derive(run: &Run<'_>, settings: &Settings, effective: &mut Effective) {
    let mut rows = Rows { wrong: &effective.wrong, rows: Vec::new() };
    let Settings { ref_root_dir, env_dir, .. } = settings;
    rows.add("ref_root_dir_abs_path", "ref_root_dir_rel_path", json!(ref_root_dir.value), &ref_root_dir.origin);
    let conf = &settings.global_conf_dir;
    rows.add("global_conf_dir_abs_path", "global_conf_dir_rel_path", json!(conf.value), &conf.origin);
    let env = shown(&env_dir.value, &ref_root_dir.value);
    rows.add("selected_env_dir_rel_path", "local_conf_symlink_rel_path", json!(env), &env_dir.origin);
    let failed = python_rows(run, settings, &mut rows);
    dir_rows(settings, &mut rows);
    let kept = &settings.reboot_keep_count;
    rows.add("reboot_keep_count", "reboot_keep_count", json!(kept.value), &kept.origin);
    let native = &settings.native_venv;
    rows.add("native_venv", "native_venv", json!(native.value), &native.origin);
    let pins = &settings.constraints_file;
    let name = pins.value.file_name().map(|name| name.to_string_lossy());
    let basename = "version_constraints_file_basename";
    rows.add(basename, basename, json!(name), &pins.origin);
    project_rows(settings, &mut rows);
    connectors::derived(settings, &mut rows);
    rows.add(
        "update_launcher",
        "update_launcher",
        json!(settings.update_launcher.value),
        &settings.update_launcher.origin,
    );
    let rows = rows.rows;
    effective.rows.extend(rows);
    effective.wrong.extend(failed.map(|error| Wrong { field: Some("required_python_version".to_owned()), error }));
}

struct Rows<'a> {
    wrong: &'a [Wrong],
    rows: Vec<Row>,
}

impl Rows<'_> {
    /// Adds a value that follows from the field `source`.
    fn add(&mut self, field: &str, source: &str, value: Json, origin: &dyn Display) {
        let is_wrong = self.wrong.iter().any(|wrong| wrong.field.as_deref() == Some(source));
        let value = if is_wrong { Json::Null } else { value };
        self.rows.push(Row { is_wrong, ..row(Leap::Derived, field, value, origin) });
    }
}

fn dir_rows(settings: &Settings, rows: &mut Rows<'_>) {
    let dirs = [
        ("venv", &settings.venv_dir),
        ("log", &settings.log_dir),
        ("tmp", &settings.tmp_dir),
        ("cache", &settings.cache_dir),
        ("run", &settings.run_dir),
    ];
    for (name, dir) in dirs {
        let (field, source) = (format!("local_{name}_dir_abs_path"), format!("local_{name}_dir_rel_path"));
        rows.add(&field, &source, json!(dir.value), &dir.origin);
    }
}

/// What is required, what is selected for it, and the driver, which depends on it.
fn python_rows(run: &Run<'_>, settings: &Settings, rows: &mut Rows<'_>) -> Option<anyhow::Error> {
    let (required, failed) = match select::required(run.host, settings) {
        Ok(required) => (Some(required), None),
        Err(error) => (None, Some(error)),
    };
    let (text, origin) = match &required {
        Some(required) => (json!(required.requirement.source()), required.origin.clone()),
        None => (Json::Null, "nothing usable".to_owned()),
    };
    rows.add("required_python_version", "required_python_version", text, &origin);
    if failed.is_some() {
        rows.rows.iter_mut().for_each(|row| row.is_wrong |= row.field == "required_python_version");
    }
    let found = required.and_then(|required| selected(run, settings, &required));
    let (path, version, origin) = match &found {
        Some((path, version, origin)) => (json!(path), json!(version.to_string()), origin.clone()),
        None => (Json::Null, Json::Null, "not known before something is started".to_owned()),
    };
    let source = "python_selector_file_rel_path";
    rows.add("selected_python_file_abs_path", source, path, &origin);
    rows.add("selected_python_version", source, version, &origin);
    let (driver, origin) = match settings.venv_driver.value {
        Some(driver) => (driver, settings.venv_driver.origin.to_string()),
        None if found.is_some_and(|(_, version, _)| version < OLDEST_USABLE) => {
            (VenvDriver::Pip, "default for so old a python".to_owned())
        }
        None => (VenvDriver::Uv, "default, where uv can be had".to_owned()),
    };
    rows.add("venv_driver", "venv_driver", json!(driver.name()), &origin);
    failed
}

/// The interpreter that a boot would select, as far as that can be told without starting anything.
fn selected(
    run: &Run<'_>,
    settings: &Settings,
    required: &select::Required,
) -> Option<(PathBuf, PythonVersion, String)> {
    let options = SearchOptions { starts: false, ..select::search_options(run.host, settings) };
    if settings.python_selector_file.is_none() {
        let found = search(&select::outside(run.host), &required.requirement, &options).considered.into_iter();
        let mut first = found.filter_map(|candidate| match candidate.outcome {
            Outcome::Selected(build) => Some((candidate.path, build.version, "search".to_owned())),
            _ => None,
        });
        if let Some(found) = first.next_back() {
            return Some(found);
        }
    }
    let stamp = Stamp::load(&state(settings).stamp()).filter(|stamp| stamp.venv == settings.venv_dir.value)?;
    let interpreter = select::known_interpreter(run.host, settings, &stamp.interpreter)?;
    let name = shown(&settings.venv_dir.value, &settings.ref_root_dir.value);
    let fits = required.requirement.matches(&interpreter.build);
    fits.then(|| (interpreter.path.clone(), interpreter.version(), format!("what `{name}` was made from")))
}

fn project_rows(settings: &Settings, rows: &mut Rows<'_>) {
    let descriptor = |project: &config::Project| {
        json!({
            "build_root_dir_rel_path": project.rel_path,
            "install_extras": project.extras,
            "install_group": project.group,
            "dependency_groups": project.dependency_groups,
            "editable": project.editable,
            "requirements_files": project.requirements_files,
        })
    };
    let origin = |listed: Option<Origin>| listed.unwrap_or(Origin::Default);
    let first = settings.projects.first().map(|project| project.origin.clone());
    let descriptors: Vec<Json> = settings.projects.iter().map(descriptor).collect();
    rows.add("project_descriptors", "project_descriptors", json!(descriptors), &origin(first));
    let named = settings.groups.iter().filter_map(|group| Some((group.name.as_ref()?, &group.extra_args)));
    let specs: Vec<Json> = named.map(|(name, args)| json!({ name: { "extra_command_args": args } })).collect();
    rows.add("install_specs", "install_specs", json!(specs), &"the groups in their order");
}
