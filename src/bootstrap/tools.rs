//! Which driver makes and fills the environment, and the tool behind it, ready to run.

use std::iter;
use std::time::Instant;

use super::select::{self, Required};
use super::stage::{Progress, Stage};
use super::{Request, Run, launcher, shared, state};
use crate::config::{self, Script, Settings, VenvDriver, discover};
use crate::deps::Stamp;
use crate::error::{Fault, Kind, Result};
use crate::fetch::{IndexSettings, Places};
use crate::host::cmd::Talk;
use crate::host::{Host, names, secret};
use crate::python::find::has_uv_installations;
use crate::python::requirement::OLDEST_USABLE;
use crate::python::{Interpreter, Search};
use crate::ui::Ui;
use crate::venv::tool::may_do_without_uv;
use crate::venv::uv::Uv;
use crate::venv::{Console, DriverName, Supply, Tool};

/// The driver that the configuration or a variable names.
pub fn asked_for(settings: &Settings) -> Option<DriverName> {
    settings.venv_driver.value.map(driver_name)
}

/// The driver that the configuration's word means.
pub fn driver_name(driver: VenvDriver) -> DriverName {
    match driver {
        VenvDriver::Uv => DriverName::Uv,
        VenvDriver::Pip => DriverName::Pip,
    }
}

/// The index settings that hold in this repository.
pub fn index_settings(run: &Run<'_>, settings: &Settings, python: Option<&Interpreter>) -> Result<IndexSettings> {
    let mut places = Places::new(Some(&settings.ref_root_dir.value));
    places.python_prefix = python.map(|python| python.prefix.clone());
    places.offline = run.request.offline;
    // A script lies in no repository of its own; the launcher that it was started through knows an index all the same.
    let through = run.script.and_then(|_| launcher::at(&run.host.var_path(names::PROTO_CODE)?));
    let recorded_index = through.or_else(|| launcher::of_repo(&run.repo)).as_ref().and_then(launcher::recorded_index);
    Ok(IndexSettings { recorded_index, ..IndexSettings::load(run.host, &places)? })
}

/// The credentials that are set for what the boot may ask, before any python is selected: those of the repository's
/// configuration as far as it can be read, of the python that an earlier boot took, and of variables where nothing can.
pub fn secrets(host: &Host, ui: Ui, request: &Request) -> Vec<String> {
    let Ok(repo) = discover(host, request.repo.as_deref()) else {
        return IndexSettings::default().secrets(host, iter::empty());
    };
    let progress = Progress { stage: Stage::PyUnknown, run_id: None };
    let run = Run { host, ui, request, progress, repo, script: None };
    let settings = config::evaluate(host, &run.repo, &request.selection).settings;
    let arguments = settings.groups.iter().flat_map(|group| &group.extra_args);
    let stamp = Stamp::load(&state(&settings).stamp());
    let python = stamp.and_then(|stamp| select::known_interpreter(host, &settings, &stamp.interpreter));
    let index = index_settings(&run, &settings, python.as_ref()).or_else(|_| index_settings(&run, &settings, None));
    let index = index.unwrap_or_default();
    index.secrets(host, arguments.map(String::as_str))
}

/// Tells whoever listens of the credentials that a python's own `pip.conf` adds to those.
pub fn tell_secrets_of(run: &Run<'_>, settings: &Settings, python: &Interpreter) {
    let secrets = |python| index_settings(run, settings, python).map(|index| index.secrets(run.host, iter::empty()));
    // Where it cannot be read, whoever needs it says so.
    if let (Ok(known), Ok(all)) = (secrets(None), secrets(Some(python))) {
        all.iter().filter(|it| !known.contains(it)).for_each(|it| secret::tell(it));
    }
}

/// The index settings for people: name, value without secrets, origin.
pub fn listing(run: &Run<'_>, settings: &Settings) -> Result<Vec<(String, String, String)>> {
    let listed = index_settings(run, settings, None)?.list();
    Ok(listed.into_iter().map(|row| (row.name, row.value, row.origin)).collect())
}

/// Tells early what cannot work: a driver that cannot live with the python that was found.
pub fn check_possible(run: &Run<'_>, settings: &Settings, required: &Required, search: &Search) -> Result<()> {
    match (asked_for(settings), &search.selected) {
        (Some(DriverName::Pip), None) => Err(select::not_found(run.host, settings, required)),
        (Some(DriverName::Uv), Some(python)) if python.version() < OLDEST_USABLE => {
            Err(too_old(settings, python).into())
        }
        _ => Ok(()),
    }
}

fn too_old(settings: &Settings, python: &Interpreter) -> Fault {
    let (version, origin) = (python.version(), &settings.venv_driver.origin);
    let (major, minor) = (OLDEST_USABLE.major, OLDEST_USABLE.minor);
    let message = format!("`venv_uv` needs python {major}.{minor} or newer, and python {version} is required");
    Fault::new(Kind::Config, message).hint(format!("use `venv_pip` for such a python; the driver comes from {origin}"))
}

/// The tool for a new environment: the one that is asked for, else uv where it can be had for this python, else pip.
pub fn choose(run: &Run<'_>, settings: &Settings, required: &Required, search: &Search) -> Result<Tool> {
    check_possible(run, settings, required, search)?;
    let selected = search.selected.as_ref();
    match (asked_for(settings), selected) {
        (Some(name), _) => named(run, settings, name, selected.or(search.fallback.as_ref())),
        (None, Some(python)) if python.version() < OLDEST_USABLE => pip(run, settings, Some(python)),
        (None, Some(python)) => uv_or_pip(run, settings, python),
        (None, None) => named(run, settings, DriverName::Uv, search.fallback.as_ref())
            .map_err(|error| select::not_provided(run.host, settings, required, error)),
    }
}

/// The tool of a driver. `python` is an interpreter that may help to get it.
pub fn named(run: &Run<'_>, settings: &Settings, name: DriverName, python: Option<&Interpreter>) -> Result<Tool> {
    match name {
        DriverName::Uv => uv(run, settings, python),
        DriverName::Pip => pip(run, settings, python),
    }
}

fn pip(run: &Run<'_>, settings: &Settings, python: Option<&Interpreter>) -> Result<Tool> {
    if let Some(setting) = run.script.and_then(Script::only_for_uv) {
        let message = format!("{setting} is for uv alone, and pip makes the environment");
        let hint = "let uv make it: unset `PROTOPRIMER_VENV_DRIVER`, and let uv be had; or leave the setting out";
        return Err(Fault::new(Kind::Config, message).hint(hint).into());
    }
    if let Some(fault) = run.script.and_then(lacks_digest) {
        return Err(fault.into());
    }
    with_supply(run, settings, |supply| Ok(supply.pip(&index_settings(run, settings, python)?, python)))
}

/// pip takes nothing from a lock but what has a digest.
fn lacks_digest(script: &Script) -> Option<Fault> {
    let (file, lock) = (script.lock_file.as_ref()?, script.lock.as_ref()?);
    let package = lock.requirements.as_ref().err()?;
    let message = format!("`{package}` in `{}` has no sha256, and pip makes the environment", file.source.name);
    let hint = "let uv make it: unset `PROTOPRIMER_VENV_DRIVER`, and let uv be had";
    Some(Fault::new(Kind::Config, message).hint(hint))
}

fn with_supply<T>(run: &Run<'_>, settings: &Settings, work: impl FnOnce(&Supply<'_>) -> Result<T>) -> Result<T> {
    work(&Supply {
        host: run.host,
        cache_dir: &shared::cache_dir(run.host, settings),
        project_dir: &settings.ref_root_dir.value,
        uv_env: shared::for_uv(run.host, settings),
        native_venv: settings.native_venv.value,
        offline: run.request.offline,
    })
}

fn uv(run: &Run<'_>, settings: &Settings, python: Option<&Interpreter>) -> Result<Tool> {
    let index = index_settings(run, settings, None)?;
    match with_supply(run, settings, |supply| supply.find_uv(&index))? {
        Some(found) => Ok(found),
        None => get_uv(run, settings, &index, python),
    }
}

/// uv where it can be had, else pip. A uv that is named and unusable is an error and never passed over.
fn uv_or_pip(run: &Run<'_>, settings: &Settings, python: &Interpreter) -> Result<Tool> {
    let index = index_settings(run, settings, None)?;
    if let Some(found) = with_supply(run, settings, |supply| supply.find_uv(&index))? {
        return Ok(found);
    }
    match get_uv(run, settings, &index, Some(python)) {
        Err(error) if may_do_without_uv(&error) => {
            run.ui.warn(&format!("uv cannot be had, so pip makes the environment: {error}"));
            tracing::info!("{error:#}");
            pip(run, settings, Some(python))
        }
        done => done,
    }
}

fn get_uv(run: &Run<'_>, settings: &Settings, index: &IndexSettings, python: Option<&Interpreter>) -> Result<Tool> {
    let start = Instant::now();
    let bar = run.ui.download_bar("uv");
    let obtained = run.with_console(|console| {
        with_supply(run, settings, |supply| {
            supply.get_uv(index, python, console, &mut |progress| {
                bar.set_length(progress.total.unwrap_or(0));
                bar.set_position(progress.done);
            })
        })
    });
    bar.finish_and_clear();
    let obtained = obtained?;
    run.ui.done("obtain", &format!("uv {} ({})", obtained.version, obtained.source), start);
    with_supply(run, settings, |supply| Ok(supply.uv(index, obtained)))
}

/// What a new environment is made from.
pub struct BasePython {
    /// The interpreter.
    pub interpreter: Interpreter,
    /// Whether uv provided it just now.
    pub provided: bool,
}

/// The interpreter that a new environment is made from; uv provides one where none was found.
pub fn base_python(
    tool: &Tool,
    run: &Run<'_>,
    settings: &Settings,
    required: &Required,
    search: &Search,
) -> Result<BasePython> {
    let found = |interpreter, provided| BasePython { interpreter, provided };
    match (tool, &search.selected) {
        (_, Some(python)) => Ok(found(python.clone(), false)),
        (Tool::Pip(_), None) => Err(select::not_found(run.host, settings, required)),
        (Tool::Uv(uv), None) => provide(run, settings, required, uv)
            .map(|python| found(python, true))
            .map_err(|error| select::not_provided(run.host, settings, required, error)),
    }
}

fn provide(run: &Run<'_>, settings: &Settings, required: &Required, uv: &Uv) -> Result<Interpreter> {
    let start = Instant::now();
    let request = required.requirement.uv_request();
    let by_uv = |is_anew| {
        let path = run.with_console(|console| uv.provide_python(&request, is_anew, console))?;
        let python = select::interpreter_at(run.host, settings, &path);
        python.filter(|it| required.requirement.matches(&it.build)).ok_or_else(|| {
            let message = format!("uv provided `{}`, which is no python matching `{request}`", path.display());
            anyhow::Error::from(Fault::new(Kind::Config, message).hint("`-v` says what it is"))
        })
    };
    // No python was found, so one that uv takes for installed is not all there.
    let told = run.host.with_env(&shared::for_uv(run.host, settings));
    let is_there = has_uv_installations(&told);
    let python = by_uv(false).or_else(|error| if is_there { by_uv(true).map_err(|_| error) } else { Err(error) })?;
    run.ui.done("provide", &format!("python {} (uv)", python.version()), start);
    Ok(python)
}

impl Run<'_> {
    /// Lets a tool talk: to the terminal where there is one, else only to the log.
    pub fn with_console<T>(&self, work: impl FnOnce(&mut Console<'_>) -> T) -> T {
        let ui = self.ui;
        let talk = if ui.shows_progress() { Talk::Terminal } else { Talk::Pipe };
        work(&mut Console { talk, sink: &mut |bytes| ui.tool_output(bytes) })
    }
}
