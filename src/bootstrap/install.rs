//! Installs what changed, pins the versions, and writes the stamp.

use std::path::Path;
use std::time::Instant;

use super::explain::explain;
use super::select::{self, Required};
use super::tools::{self, Tool};
use super::{Run, cannot_write, inputs, items, state};
use crate::config::{Group, Settings};
use crate::deps::distribution::installed;
use crate::deps::pins::{self, Written};
use crate::deps::stamp::Environment;
use crate::deps::{Input, Item, Phase, Stamp, plan};
use crate::error::{Kind, Result, kind_of};
use crate::host::fs::Birth;
use crate::venv::{DriverName, Venv};

/// Brings the environment's content to what the configuration says.
pub fn dependencies(run: &Run<'_>, settings: &Settings) -> Result<()> {
    let venv = Venv::new(&settings.venv_dir.value);
    let required = select::required(run.host, settings)?;
    let state = state(settings);
    let _lock = run.lock(&state.lock())?;
    let mut stamp = made_environment(run, settings, &venv)?;
    // What was read before the installation is what it was made from; what changes meanwhile makes it stale.
    let before = inputs::of_configuration(settings, &required);
    let wanted = items::wanted(settings)?;
    let pins = &settings.constraints_file.value;
    let pins_changed = !stamp.items.is_empty() && pins::digest(pins)? != stamp.pins;
    let due = plan::due(&wanted, &stamp.items, pins_changed);
    let names = if due.is_empty() { "nothing".to_owned() } else { due.join(", ") };
    tracing::info!("to install: {names}");
    if !due.is_empty() {
        let tool = driver(run, settings, &stamp)?;
        let _build_lock = run.lock(&state.build_lock())?;
        for group in &settings.groups {
            install_group(
                run,
                settings,
                &tool,
                &mut Change { venv: &venv, stamp: &mut stamp, wanted: &wanted, due: &due },
                group,
            )?;
        }
    }
    pin(run, settings, &venv)?;
    stamp.pins = pins::digest(pins)?;
    finish(run, settings, &required, stamp, before)
}

/// The stamp of the environment that the stage before made.
fn made_environment(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<Stamp> {
    let stamp = Stamp::load(&state(settings).stamp());
    let usable = |stamp: &Stamp| {
        let whole = matches!(stamp.phase, Phase::Created | Phase::Ready);
        whole && stamp.venv == venv.dir() && stamp.root == settings.ref_root_dir.value && venv.python().exists()
    };
    stamp.filter(usable).ok_or_else(|| run.out_of_turn("it is not made").into())
}

fn driver(run: &Run<'_>, settings: &Settings, stamp: &Stamp) -> Result<Tool> {
    let name = if stamp.driver == DriverName::Pip.as_str() { DriverName::Pip } else { DriverName::Uv };
    let python = select::interpreter_at(run.host, settings, &stamp.interpreter);
    tools::named(run, settings, name, python.as_ref())
}

/// What an installation changes.
struct Change<'a> {
    venv: &'a Venv,
    stamp: &'a mut Stamp,
    wanted: &'a [Item],
    due: &'a [String],
}

fn install_group(
    run: &Run<'_>,
    settings: &Settings,
    tool: &Tool,
    change: &mut Change<'_>,
    group: &Group,
) -> Result<()> {
    let Some(request) = items::request(settings, group, change.due)? else { return Ok(()) };
    let start = Instant::now();
    let stamp_path = state(settings).stamp();
    change.stamp.phase = Phase::Installing;
    change.stamp.save(&stamp_path)?;
    let installed = run.with_console(|console| tool.driver().install(change.venv, &request, console));
    if let Err(error) = installed {
        // A tool that gave up by itself leaves what was installed as it was. One that was stopped does not.
        if !matches!(kind_of(&error), Kind::Signal(_) | Kind::InputOutput | Kind::CannotCreate) {
            change.stamp.phase = Phase::Created;
            change.stamp.save(&stamp_path)?;
        }
        return Err(explain(run, settings, cannot_write(change.venv, error)));
    }
    let keys = group.projects.iter().map(|index| items::key(settings, group, &settings.projects[*index]));
    let keys: Vec<String> = keys.filter(|key| change.due.contains(key)).collect();
    let done = change.wanted.iter().filter(|item| keys.contains(&item.key));
    change.stamp.items.extend(done.map(|item| (item.key.clone(), item.digest.clone())));
    change.stamp.phase = Phase::Created;
    change.stamp.save(&stamp_path)?;
    run.ui.done("install", &items::describe(settings, group, change.due), start);
    Ok(())
}

fn pin(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<()> {
    let start = Instant::now();
    let path = &settings.constraints_file.value;
    let lines = pins::lines(&installed(&venv.site_packages())?);
    let name = path.strip_prefix(&settings.ref_root_dir.value).unwrap_or(path).display();
    match pins::write(path, &lines)? {
        Written::Same => tracing::info!("`{name}` has these pins already"),
        Written::Changed => {
            let versions = if lines.len() == 1 { "version" } else { "versions" };
            run.ui.done("pin", &format!("{name} ({} {versions})", lines.len()), start);
        }
        Written::Kept => run.ui.warn(&format!(
            "`{name}` holds more than pins, so it constrains and is not written; \
             set `version_constraints_file_basename` to have pins"
        )),
    }
    Ok(())
}

fn finish(run: &Run<'_>, settings: &Settings, required: &Required, stamp: Stamp, before: Vec<Input>) -> Result<()> {
    let mut all = before;
    all.push(inputs::of_pins(settings));
    all.extend(inputs::of_environment(&Venv::new(&stamp.venv)));
    let mut ready = stamp;
    ready.birth = Birth::of_dir(&ready.venv);
    run.seed_dir().clone_into(&mut ready.seed);
    ready.environment = environment(settings);
    (ready.phase, ready.variables, ready.inputs) = (Phase::Ready, inputs::variables(run), all);
    ready.configured_driver =
        settings.venv_driver_of_files.map(|driver| tools::driver_name(driver).as_str().to_owned());
    tracing::info!("required {}, have {}", required.requirement.source(), ready.python_version);
    let path = state(settings).stamp();
    if Stamp::load(&path).as_ref() != Some(&ready) {
        ready.save(&path)?;
    }
    Ok(())
}

/// Which environment it is, and when it is the selected one.
fn environment(settings: &Settings) -> Environment {
    let ref_root = &settings.ref_root_dir.value;
    let inside = |path: &Path| path.strip_prefix(ref_root).unwrap_or(path).to_owned();
    Environment {
        dir: inside(&settings.env_dir.value),
        link: settings.env_link.as_ref().map(|link| inside(&link.path)),
        is_default: settings.env_dir.value == settings.default_env_dir.value,
    }
}
