//! Makes the virtual environment, or finds that it is what it should be.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::aside::{move_foreign, shown};
use super::plan::{self, Found, InterpreterNow, VenvStep, Wanted};
use super::select::{self, Required};
use super::tools::BasePython;
use super::unwritten::cannot_write;
use super::{Run, inputs, install, items, provided, reboot, state, tools, world};
use crate::config::{self, Selection, Settings};
use crate::deps::{Phase, Stamp, State};
use crate::error::{Fault, Kind, Result};
use crate::host::fs;
use crate::host::work::skipped;
use crate::python::{Interpreter, stable_path};
use crate::venv::scripts::check_place;
use crate::venv::{Base, Driver, Venv, cfg};

/// Brings the environment into being.
pub fn environment(run: &Run<'_>, settings: &Settings) -> Result<Venv> {
    let venv = Venv::new(&settings.venv_dir.value);
    let required = select::required(run.host, settings)?;
    let state = state(settings);
    let _lock = run.lock(&state.lock())?;
    let stamp = Stamp::load(&state.stamp());
    let provided_before = stamp.as_ref().filter(|stamp| stamp.provided).map(|stamp| stamp.interpreter.clone());
    let found = found(&required, &venv, stamp, |path| select::interpreter_at(run.host, settings, path));
    let by_selector = settings.python_selector_file.as_ref().map(|_| select::select(run.host, settings, &required));
    let by_selector = by_selector.transpose()?;
    let selected = by_selector.as_ref().and_then(|search| search.selected.as_ref());
    let interpreter = selected.map(|python| stable_path(&python.path));
    let wanted = Wanted { run_id: run.run_id().to_owned(), ..wanted(settings, &required, interpreter)? };
    let decide = if run.request.reboot { plan::from_scratch } else { plan::next };
    let step = decide(&found, &wanted);
    tracing::info!("{}: {found}; {step}", shown(settings, venv.dir()));
    tracing::trace!("{found:?} for {wanted:?}");
    if step == VenvStep::Keep {
        skipped("create", format_args!("{}: {found}", shown(settings, venv.dir())));
        return Ok(venv);
    }
    if let VenvStep::Refresh { why } = &step {
        refresh(run, settings, &venv, why)?;
        return Ok(venv);
    }
    check_is_not_shared(run, settings, &venv)?;
    let search = match by_selector {
        Some(search) => search,
        None => select::select(run.host, settings, &required)?,
    };
    // Whatever may not be had is got before anything is removed.
    let tool = tools::choose(run, settings, &required, &search)?;
    check_place(tool.driver().name(), &venv)?;
    let mut python = tools::base_python(&tool, run, settings, &required, &search)?;
    // What uv provided once is found from then on.
    python.provided |= provided_before.is_some_and(|path| path == stable_path(&python.interpreter.path));
    match step {
        VenvStep::Keep | VenvStep::Refresh { .. } | VenvStep::Create => {}
        VenvStep::Replace { why } => remove(run, settings, &venv, &why)?,
        VenvStep::SetAside => reboot::set_aside(run, settings, &venv)?,
        VenvStep::MoveAside { what } => move_foreign(run, settings, &venv, what)?,
    }
    create(run, settings, &venv, tool.driver(), &python)?;
    Ok(venv)
}

/// What stands in the environment's place. `ask` is asked what the interpreter at a path is now.
pub fn found(
    required: &Required,
    venv: &Venv,
    stamp: Option<Stamp>,
    ask: impl FnOnce(&Path) -> Option<Interpreter>,
) -> Found {
    world::observe(venv, stamp, |stamp| {
        let interpreter = ask(&stamp.interpreter)?;
        let satisfies = required.requirement.matches(&interpreter.build);
        let (version, target) = (interpreter.build.to_string(), Some(interpreter.target()));
        Some(InterpreterNow { version, satisfies, target })
    })
}

/// What the environment should be; `interpreter` is the one that will do, where a selector names it.
pub fn wanted(settings: &Settings, required: &Required, interpreter: Option<PathBuf>) -> Result<Wanted> {
    Ok(Wanted {
        root: settings.ref_root_dir.value.clone(),
        driver: tools::asked_for(settings),
        required: required.requirement.source().to_owned(),
        interpreter,
        run_id: String::new(),
        items: items::wanted(settings)?,
    })
}

/// Has the driver write the environment's own files again. What is killed in between is found and done again: a file that
/// is not as the stamp has it stays so until it is.
fn refresh(run: &Run<'_>, settings: &Settings, venv: &Venv, why: &str) -> Result<()> {
    let start = Instant::now();
    let stamp_path = state(settings).stamp();
    let mut stamp = Stamp::load(&stamp_path).ok_or_else(|| run.out_of_turn("its stamp is gone"))?;
    let tool = install::driver(run, settings, &stamp)?;
    // The tools leave what is there already.
    for path in stamp.tampered().filter(|path| path.symlink_metadata().is_ok()) {
        std::fs::remove_file(path).map_err(|error| fs::cannot_create(path, error))?;
    }
    let base = Base { python: stamp.interpreter.clone(), prompt: prompt(settings) };
    let refreshed = run.with_console(|console| tool.driver().refresh(venv, &base, console));
    refreshed.map_err(|error| cannot_write(run.host, venv, error))?;
    cfg::mark(&venv.cfg_path())?;
    stamp.inputs.retain(|input| !input.path.starts_with(venv.dir()));
    stamp.inputs.extend(inputs::of_environment(venv));
    stamp.save(&stamp_path)?;
    run.ui.done("repair", &format!("{}: {why}", shown(settings, venv.dir())), start);
    Ok(())
}

/// Removes an environment of ours.
pub fn remove(run: &Run<'_>, settings: &Settings, venv: &Venv, why: &str) -> Result<()> {
    let start = Instant::now();
    withdraw(run, settings, venv)?;
    let removed = std::fs::remove_dir_all(venv.dir()).map_err(|error| fs::cannot_create(venv.dir(), error));
    removed.map_err(|error| fs::movable(error, "local_venv_dir_rel_path"))?;
    run.ui.done("remove", &format!("{}: {why}", shown(settings, venv.dir())), start);
    Ok(())
}

/// From here on, and until the new one is made, what is in the directory is known to be half made.
fn withdraw(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<Stamp> {
    let mut stamp = Stamp::creating(&settings.ref_root_dir.value, &settings.env_dir.value, venv.dir());
    (stamp.run_id, stamp.reboot) = (run.run_id().to_owned(), run.request.reboot);
    stamp.save(&state(settings).stamp())?;
    Ok(stamp)
}

/// An environment that another one still uses is not made anew: two that are configured into one place would take it from
/// each other for ever.
pub fn check_is_not_shared(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<()> {
    let ref_root = &settings.ref_root_dir.value;
    let others = State::stamps(ref_root).filter(|stamp| stamp.is_of_dir(venv.dir()));
    let others = others.map(|stamp| ref_root.join(stamp.environment.dir)).filter(|dir| *dir != settings.env_dir.value);
    for other in others.filter(|dir| dir.is_dir()) {
        let selection = Selection { env: Some(other.clone()), link: false };
        let evaluated = config::evaluate(run.host, &run.repo, &selection);
        let uses_it = evaluated.settings.venv_dir.value == venv.dir() && evaluated.settings.env_dir.value == other;
        if uses_it {
            let (name, other) = (shown(settings, venv.dir()), other.strip_prefix(ref_root).unwrap_or(&other).display());
            let message = format!("`{name}` is the venv of the environment `{other}` as well");
            let hint = "give one of them another `local_venv_dir_rel_path` in its own file";
            return Err(Fault::new(Kind::Config, message).hint(hint).into());
        }
    }
    Ok(())
}

fn create(run: &Run<'_>, settings: &Settings, venv: &Venv, driver: &dyn Driver, base: &BasePython) -> Result<()> {
    let (python, provided) = (&base.interpreter, base.provided);
    let movable = |error| fs::movable(error, "local_venv_dir_rel_path");
    fs::create_dir_all(venv.dir()).map_err(movable)?;
    let mut stamp = withdraw(run, settings, venv)?;
    let start = Instant::now();
    // So that a patch upgrade under it is noticed, and not one that only lies beside it.
    let interpreter = stable_path(&python.path);
    let given = Base { python: interpreter.clone(), prompt: prompt(settings) };
    let created = run.with_console(|console| driver.create(venv, &given, console));
    created.map_err(|error| movable(cannot_write(run.host, venv, error)))?;
    cfg::mark(&venv.cfg_path())?;
    stamp.phase = Phase::Created;
    driver.name().as_str().clone_into(&mut stamp.driver);
    (stamp.python_version, stamp.target) = (python.build.to_string(), Some(python.target()));
    (stamp.interpreter, stamp.provided) = (interpreter, provided);
    stamp.inputs = inputs::of_environment(venv);
    provided::note(settings, base)?;
    stamp.save(&state(settings).stamp())?;
    let (version, tool) = (&stamp.python_version, driver.name().tool());
    run.ui.done("create", &format!("{} (python {version}, {tool})", shown(settings, venv.dir())), start);
    Ok(())
}

/// What the prompt shows: the repository's name. Activation scripts of some tools do not quote it, so a name that a shell
/// would not take as one plain word is replaced.
fn prompt(settings: &Settings) -> String {
    let name =
        settings.ref_root_dir.value.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.is_empty() && name.chars().all(plain) { name } else { "venv".to_owned() }
}
