//! Installs what changed, pins the versions, and writes the stamp.

use std::path::Path;
use std::time::Instant;

use super::aside::shown;
use super::explain::explain;
use super::repair::{Repair, Source, may_be_the_caches};
use super::restored::Suspects;
use super::select::{self, Required};
use super::tools;
use super::unwritten::cannot_write;
use super::{Run, connectors, inputs, items, kept, make, proof, reboot, state};
use crate::config::{Group, Settings};
use crate::deps::distribution::installed;
use crate::deps::pins::{self, Written};
use crate::deps::stamp::Environment;
use crate::deps::verify::{Finding, Manifest, Problem};
use crate::deps::{Input, Item, Phase, Sources, Stamp, plan};
use crate::error::{Fault, Kind, Result, kind_of};
use crate::host::fs::Birth;
use crate::host::work::skipped;
use crate::venv::{DriverName, InstallRequest, Tool, Venv};

/// Brings the environment's content to what the configuration says, and proves it. One that cannot be mended is made anew,
/// once, and here: a stage never goes back.
pub fn dependencies(run: &Run<'_>, settings: &Settings) -> Result<()> {
    let Some(_) = bring(run, settings)? else { return Ok(()) };
    make::environment(run, settings)?;
    bring(run, settings)?.map_or(Ok(()), |finding| Err(beyond_repair(settings, &finding).into()))
}

/// Installs what is due and mends what is damaged. What is left is the first thing that cannot be mended.
fn bring(run: &Run<'_>, settings: &Settings) -> Result<Option<Finding>> {
    let venv = Venv::new(&settings.venv_dir.value);
    let required = select::required(run.host, settings)?;
    let state = state(settings);
    let _lock = run.lock(&state.lock())?;
    let mut stamp = made_environment(run, settings, &venv)?;
    reboot::check_not_overtaken(run, settings, &stamp)?;
    // What was read before the installation is what it was made from; what changes meanwhile makes it stale.
    let before = inputs::of_configuration(settings, &required);
    let wanted = items::wanted(settings)?;
    let pins = &settings.constraints_file.value;
    let constraints = reboot::constraints(settings, &stamp)?;
    let pins_found = pins::digest(pins)?;
    let pins_changed = !stamp.follows(&pins_found);
    let due = plan::due(&wanted, &stamp.items, pins_changed);
    tell_due(&due);
    let mut tool = None;
    if let Some(lost) = mend(run, settings, &mut tool, &mut stamp)? {
        return give_up(settings, stamp, lost);
    }
    if !due.is_empty() {
        let tool = needed(&mut tool, run, settings, &stamp)?;
        let _build_lock = run.lock(&state.build_lock())?;
        for group in &settings.groups {
            let constraints = constraints.as_deref();
            let mut change = Change { venv: &venv, stamp: &mut stamp, wanted: &wanted, due: &due, constraints };
            install_group(run, settings, tool, &mut change, group)?;
        }
    }
    if let Some(beyond) = settle(run, settings, &mut tool, &mut stamp)? {
        return give_up(settings, stamp, beyond);
    }
    pin(run, settings, &venv)?;
    if pins_found != stamp.pins || stamp.is_brought_here() {
        stamp.pins_found = pins_found;
    }
    stamp.pins = pins::digest(pins)?;
    let mut inputs = before;
    inputs.extend(connectors::ensure(run, settings, &stamp)?);
    finish(run, settings, &required, stamp, inputs)?;
    if run.request.reboot {
        kept::prune(run, settings, &venv);
    }
    Ok(None)
}

/// Notes that an environment cannot be mended, and why.
fn give_up(settings: &Settings, mut stamp: Stamp, beyond: Finding) -> Result<Option<Finding>> {
    stamp.phase = Phase::Damaged;
    stamp.save(&state(settings).stamp())?;
    Ok(Some(beyond))
}

/// Mends what is damaged, and builds again what was brought here and may be of other sources; what has none is left.
fn mend(run: &Run<'_>, settings: &Settings, tool: &mut Option<Tool>, stamp: &mut Stamp) -> Result<Option<Finding>> {
    let mut suspects = Suspects::of(stamp)?;
    if suspects.lost.is_some() {
        return Ok(suspects.lost);
    }
    let damage = suspects.and_damage(proof::damage(stamp, proof::depth(run, stamp)));
    if damage.is_empty() && suspects.built.is_empty() {
        return Ok(None);
    }
    let tool = needed(tool, run, settings, stamp)?;
    let venv = Venv::new(&stamp.venv);
    let repair = Repair { run, settings, venv: &venv, tool };
    if !damage.is_empty() {
        repair.mend_by_all_means(stamp, &damage)?;
    }
    suspects.build(&repair, stamp)?;
    Ok(None)
}

fn tell_due(due: &[String]) {
    let names = if due.is_empty() { "nothing".to_owned() } else { due.join(", ") };
    tracing::info!("to install: {names}");
    if due.is_empty() {
        skipped("install", "everything is as the configuration says");
    }
}

/// An environment that is not in the directory that it was made in (a CI has restored it, somebody has copied it back) was
/// proven like any other; that it holds is told, because nothing else would say why it was not made.
fn tell_of_restored(run: &Run<'_>, settings: &Settings, stamp: &Stamp) {
    let count = stamp.manifest.installed().count();
    let distributions = if count == 1 { "distribution" } else { "distributions" };
    run.ui.note("adopt", &format!("{} (restored, {count} {distributions} proven)", shown(settings, &stamp.venv)));
}

/// Proves what is there after all was installed. What does not hold is fetched anew; what does not hold even then was
/// published so, and is known from then on, or is beyond repair.
fn settle(run: &Run<'_>, settings: &Settings, tool: &mut Option<Tool>, stamp: &mut Stamp) -> Result<Option<Finding>> {
    let venv = Venv::new(&stamp.venv);
    let depth = proof::depth(run, stamp);
    // What is gone altogether only the manifest of before knows.
    stamp.manifest = Manifest::new(&installed(&venv.site_packages())?).and_missing_of(&stamp.manifest);
    let mut damage = proof::damage(stamp, depth);
    let is_overwritten = |finding: &Finding| matches!(finding.problem, Problem::Overwritten { .. });
    let (_, to_mend): (Vec<Finding>, Vec<Finding>) = damage.iter().cloned().partition(is_overwritten);
    if !to_mend.is_empty() {
        let tool = needed(tool, run, settings, stamp)?;
        Repair { run, settings, venv: &venv, tool }.mend(stamp, &to_mend, Source::Anew)?;
        stamp.manifest = Manifest::new(&installed(&venv.site_packages())?).and_missing_of(&stamp.manifest);
        damage = proof::damage(stamp, depth);
    }
    if let Some(beyond) = damage.iter().find(|finding| !finding.problem.may_be_published()) {
        return Ok(Some(beyond.clone()));
    }
    let is_installed = |key: &String| {
        let mut installed = stamp.manifest.installed();
        installed.any(|it| key.starts_with(&format!("{} {}: ", it.name, it.version)))
    };
    let mut known = std::mem::take(&mut stamp.known);
    known.retain(is_installed);
    known.extend(damage.iter().map(|finding| finding.key(venv.dir())));
    stamp.known = known;
    warn_of_published(run, &venv, &damage);
    Ok(None)
}

/// One warning for each distribution that is not what its own `RECORD` says, or that another one has written over.
fn warn_of_published(run: &Run<'_>, venv: &Venv, findings: &[Finding]) {
    for of_one in findings.chunk_by(|one, other| one.owner == other.owner) {
        let Some(first) = of_one.first() else { continue };
        let more = if of_one.len() == 1 { String::new() } else { format!(" (and {} more)", of_one.len() - 1) };
        let why = match first.problem {
            Problem::Overwritten { .. } => "both list it, and the installer let the last one win",
            _ => "it was fetched anew and is the same, so it was published like that",
        };
        run.ui.warn(&format!("{}{more}; {why}", first.key(venv.dir())));
    }
}

fn beyond_repair(settings: &Settings, finding: &Finding) -> Fault {
    let message = format!("{}, and to install it again did not help", finding.key(&settings.venv_dir.value));
    Fault::new(Kind::Data, message)
        .hint("something changes the environment while it is made; find out what does, then run `prime` again")
}

/// The tool, got when it is first needed.
fn needed<'t>(tool: &'t mut Option<Tool>, run: &Run<'_>, settings: &Settings, stamp: &Stamp) -> Result<&'t Tool> {
    let found = match tool.take() {
        Some(found) => found,
        None => driver(run, settings, stamp)?,
    };
    Ok(tool.insert(found))
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

/// The tool that made an environment.
pub fn driver(run: &Run<'_>, settings: &Settings, stamp: &Stamp) -> Result<Tool> {
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
    constraints: Option<&'a Path>,
}

fn install_group(
    run: &Run<'_>,
    settings: &Settings,
    tool: &Tool,
    change: &mut Change<'_>,
    group: &Group,
) -> Result<()> {
    let Some(request) = items::request(settings, group, change.due, change.constraints)? else { return Ok(()) };
    let start = Instant::now();
    let stamp_path = state(settings).stamp();
    change.stamp.phase = Phase::Installing;
    change.stamp.save(&stamp_path)?;
    let install = |request: &InstallRequest| run.with_console(|it| tool.driver().install(change.venv, request, it));
    let installed = install(&request).or_else(|error| {
        let anew = anew_where_broken(run, tool, request, error)?;
        install(&anew)
    });
    let kept = installed.and_then(|fetched| Sources::keep(&state(settings).sources(), fetched));
    if let Err(error) = kept {
        // A tool that gave up by itself leaves what was installed as it was. One that was stopped does not.
        if !matches!(kind_of(&error), Kind::Signal(_) | Kind::InputOutput | Kind::CannotCreate) {
            change.stamp.phase = Phase::Created;
            change.stamp.save(&stamp_path)?;
        }
        return Err(explain(run, settings, cannot_write(run.host, change.venv, error)));
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

/// The same request, with nothing taken from the tool's cache, where it failed for an archive that is broken: that may be
/// what the tool has kept, or what a CI brought back of it.
fn anew_where_broken(
    run: &Run<'_>,
    tool: &Tool,
    mut request: InstallRequest,
    error: anyhow::Error,
) -> Result<InstallRequest> {
    if run.request.offline || !may_be_the_caches(&error) {
        return Err(error);
    }
    tracing::info!("fetched anew: {error:#}");
    request.extra_args.extend(tool.driver().fetch_anew(&[]));
    Ok(request)
}

fn pin(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<()> {
    let start = Instant::now();
    let path = &settings.constraints_file.value;
    let lines = pins::lines(&installed(&venv.site_packages())?);
    let name = path.strip_prefix(&settings.ref_root_dir.value).unwrap_or(path).display();
    match pins::write(path, &lines)? {
        Written::Same => {
            tracing::info!("`{name}` has these pins already");
            skipped("pin", format_args!("`{name}` has these versions already"));
        }
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
    if ready.is_brought_here() {
        tell_of_restored(run, settings, &ready);
    }
    ready.birth = Birth::of_dir(&ready.venv);
    run.seed_dir().clone_into(&mut ready.seed);
    ready.environment = environment(settings);
    (ready.phase, ready.variables, ready.inputs) = (Phase::Ready, inputs::variables(run, settings), all);
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
