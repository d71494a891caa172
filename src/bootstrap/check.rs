//! What a boot would act on, fact by fact, for `prime check`. Nothing is written, fetched or locked.

use std::path::{Path, PathBuf};

use super::plan::{self, Found, Made, VenvStep};
use super::select::{self, Required};
use super::stage::{Progress, Stage};
use super::{Request, Run, make, proof, shared, state, tools};
use crate::config::document::shown;
use crate::config::{self, Evaluation, Settings, discover};
use crate::deps::stamp::Doubt;
use crate::deps::verify::Finding;
use crate::deps::{Phase, Stamp, pins};
use crate::error::{Fault, Result};
use crate::fetch::uv::cached_uv;
use crate::host::fs::is_executable;
use crate::host::{Host, names};
use crate::python::{Interpreter, SearchOptions, probe_path, search};
use crate::ui::Ui;
use crate::venv::{DriverName, Venv};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Not there.
    Missing,
    /// Made from something that has changed since.
    Stale,
    /// There, and not usable as it is.
    Damaged,
}

impl Status {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Damaged => "damaged",
        }
    }
}

/// One thing that a boot would act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What sort of thing it is: `configuration`, `link`, `state`, `python`, `uv`, `venv`, `input`, `project`, `pins`,
    /// `distribution`, `connector`.
    pub subject: &'static str,
    /// Which one: a path as seen from the ref root, a version, a project.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// What is known of it, for people.
    pub detail: String,
    /// What it was and what it is now, where it is something that changed.
    pub change: Option<(String, String)>,
    /// Where it is one of the installed files: its path, absolute, and a word for what is wrong, which never changes.
    pub damage: Option<(PathBuf, &'static str)>,
    /// What `prime` would do about it; nothing where it is as it should be.
    pub action: Option<String>,
}

impl Fact {
    /// A fact of which no more is known.
    pub fn new(subject: &'static str, name: impl Into<String>, status: Status, detail: impl Into<String>) -> Self {
        Self { subject, name: name.into(), status, detail: detail.into(), change: None, damage: None, action: None }
    }

    /// The same, with what a boot would do about it.
    #[must_use]
    pub fn action(self, action: impl Into<String>) -> Self {
        Self { action: Some(action.into()), ..self }
    }
}

/// Looks at everything that a boot would act on. Fails only where there is no repository.
pub fn facts(host: &Host, ui: Ui, request: &Request) -> Result<Vec<Fact>> {
    let repo = discover(host, request.repo.as_deref())?;
    let progress = Progress { stage: Stage::PyUnknown, run_id: None };
    let run = Run { host, ui, request, progress, repo, script: None };
    let Evaluation { settings, faults, .. } = config::evaluate(host, &run.repo, &request.selection);
    let mut facts: Vec<Fact> = faults.into_iter().map(|broken| of_fault(&broken.fault)).collect();
    if !facts.is_empty() {
        return Ok(facts);
    }
    let mut files: Vec<&str> = settings.files.iter().map(|(_, source)| source.name.as_str()).collect();
    files.dedup();
    let files = if files.is_empty() { "none".to_owned() } else { files.join(", ") };
    facts.push(Fact::new("configuration", files, Status::Ok, "every field is understood"));
    facts.extend(of_link(&settings));
    if let Err(error) = state(&settings).check_is_inside() {
        let fact = of_error("state", names::STATE_DIR, &error);
        facts.push(Fact { status: Status::Damaged, ..fact });
    }
    match select::required(host, &settings) {
        Ok(required) => of_environment(&run, &settings, &required, &mut facts)?,
        Err(error) => facts.push(of_error("python", "required", &error)),
    }
    Ok(facts)
}

fn of_fault(fault: &Fault) -> Fact {
    let hint = fault.hint.clone().unwrap_or_else(|| "correct it".to_owned());
    Fact::new("configuration", "", Status::Damaged, &fault.message).action(format!("fail: {hint}"))
}

fn of_error(subject: &'static str, name: &str, error: &anyhow::Error) -> Fact {
    let hint = error.downcast_ref::<Fault>().and_then(|fault| fault.hint.clone());
    let action = hint.map_or_else(|| "fail".to_owned(), |hint| format!("fail: {hint}"));
    Fact::new(subject, name, Status::Missing, error.to_string()).action(action)
}

fn of_link(settings: &Settings) -> Option<Fact> {
    let link = settings.env_link.as_ref()?;
    let ref_root = &settings.ref_root_dir.value;
    let (name, env) = (shown(&link.path, ref_root), shown(&settings.env_dir.value, ref_root));
    let action = format!("link it to `{env}`");
    Some(match &link.target {
        Some(target) if link.is_due => {
            let detail = format!("it leads to `{}`, and `{env}` is selected", target.display());
            Fact::new("link", name, Status::Stale, detail).action(action)
        }
        Some(target) => Fact::new("link", name, Status::Ok, format!("it leads to `{}`", target.display())),
        None if link.is_due => Fact::new("link", name, Status::Missing, "there is no such link").action(action),
        None => Fact::new("link", name, Status::Ok, "there is none and none is needed"),
    })
}

/// Interpreters are asked without keeping what they say.
fn ask(run: &Run<'_>, settings: &Settings, path: &Path) -> Option<Interpreter> {
    let options = SearchOptions { cache_dir: None, excluded: Vec::new(), ..select::search_options(run.host, settings) };
    select::known_interpreter(run.host, settings, path).or_else(|| probe_path(run.host, path, &options).ok())
}

fn of_environment(run: &Run<'_>, settings: &Settings, required: &Required, facts: &mut Vec<Fact>) -> Result<()> {
    let venv = Venv::new(&settings.venv_dir.value);
    let stamp = Stamp::load(&state(settings).stamp());
    let found = make::found(required, &venv, stamp.clone(), |path| ask(run, settings, path));
    let wanted = make::wanted(settings, required, None)?;
    let step = plan::next(&found, &wanted);
    let kept = stamp.filter(|_| matches!(step, VenvStep::Keep | VenvStep::Refresh { .. }));
    facts.push(of_python(run, settings, required, kept.as_ref()));
    facts.push(of_venv(settings, &venv, &found, &step));
    let installed = kept.as_ref().map(|stamp| stamp.items.clone()).unwrap_or_default();
    let pins_now = pins::digest(&settings.constraints_file.value)?;
    let pins_changed = kept.as_ref().is_some_and(|stamp| !stamp.follows(&pins_now));
    let due = crate::deps::plan::due(&wanted.items, &installed, pins_changed);
    for item in &wanted.items {
        let fact = |status, detail: &str| Fact::new("project", &item.key, status, detail);
        facts.push(match installed.get(&item.key) {
            _ if !due.contains(&item.key) => fact(Status::Ok, "installed"),
            None => fact(Status::Missing, "not installed").action("install it"),
            Some(_) => fact(Status::Stale, "what it was installed from has changed").action("install it again"),
        });
    }
    facts.push(of_pins(settings, kept.as_ref(), pins_changed));
    if let Some(stamp) = &kept {
        facts.extend(of_damage(run, settings, stamp));
        let seed_dir = run.seed_dir();
        let ref_root = &settings.ref_root_dir.value;
        // What the environment has of its own was told with it.
        let told = |doubt: &Doubt| {
            step != VenvStep::Keep && doubt.input.as_ref().is_some_and(|it| it.path.starts_with(venv.dir()))
        };
        let doubts = stamp.doubts(run.host, ref_root, seed_dir).filter(|doubt| !told(doubt));
        facts.extend(doubts.map(|doubt| of_doubt(ref_root, &doubt)));
    }
    if facts.iter().any(|fact| fact.status != Status::Ok && fact.subject != "link") {
        facts.extend(of_uv(run, settings, kept.as_ref()));
    }
    Ok(())
}

/// The interpreter: that of the environment as long as it is kept, else the one that would be selected.
fn of_python(run: &Run<'_>, settings: &Settings, required: &Required, kept: Option<&Stamp>) -> Fact {
    let wanted = format!("`{}` is required ({})", required.requirement.source(), required.origin);
    if let Some(stamp) = kept {
        let detail = format!("`{}`; {wanted}", stamp.interpreter.display());
        return Fact::new("python", &stamp.python_version, Status::Ok, detail);
    }
    if let Some(selector) = &settings.python_selector_file {
        let name = shown(&selector.value, &settings.ref_root_dir.value);
        let detail = format!("the selector `{name}` decides; {wanted}");
        return Fact::new("python", required.requirement.source(), Status::Ok, detail);
    }
    let Some(python) = would_be_selected(run, settings, required) else {
        let by_pip = tools::asked_for(settings) == Some(DriverName::Pip);
        let action = if by_pip { "fail: `venv_pip` needs it" } else { "let uv provide it" };
        let detail = format!("none was found; {wanted}");
        return Fact::new("python", required.requirement.source(), Status::Missing, detail).action(action);
    };
    let detail = format!("`{}`; {wanted}", python.path.display());
    Fact::new("python", python.version().to_string(), Status::Ok, detail)
}

fn would_be_selected(run: &Run<'_>, settings: &Settings, required: &Required) -> Option<Interpreter> {
    let known = SearchOptions { starts: false, ..select::search_options(run.host, settings) };
    let asking = SearchOptions { cache_dir: None, starts: true, ..known.clone() };
    let host = select::outside(run.host);
    let look = |options| search(&host, &required.requirement, options).selected;
    look(&known).or_else(|| look(&asking))
}

fn of_venv(settings: &Settings, venv: &Venv, found: &Found, step: &VenvStep) -> Fact {
    let name = shown(venv.dir(), &settings.ref_root_dir.value);
    let fact = |status, detail: String| Fact::new("venv", &name, status, detail);
    match step {
        // Only a reboot sets aside.
        VenvStep::Keep | VenvStep::SetAside => fact(Status::Ok, found.to_string()),
        VenvStep::Refresh { why } => fact(Status::Damaged, why.clone()).action("write its own files again"),
        VenvStep::Create => fact(Status::Missing, "there is none".to_owned()).action("make it"),
        VenvStep::MoveAside { what } => fact(Status::Damaged, format!("it is {what}")).action(format!(
            "move it into `{}` and make a new one",
            shown(&settings.tmp_dir.value, &settings.ref_root_dir.value)
        )),
        VenvStep::Replace { why } => {
            let status = if is_whole(found) { Status::Stale } else { Status::Damaged };
            fact(status, why.clone()).action("make it anew")
        }
    }
}

/// Whether an environment could be used, were it not for what is wanted now.
fn is_whole(found: &Found) -> bool {
    let Found::Made(made) = found else { return false };
    let Made { stamp, has_python, tampering, interpreter } = &**made;
    *has_python && tampering.is_none() && interpreter.is_some() && stamp.phase != Phase::Installing
}

fn of_pins(settings: &Settings, kept: Option<&Stamp>, changed: bool) -> Fact {
    let path = &settings.constraints_file.value;
    let name = shown(path, &settings.ref_root_dir.value);
    let ready = kept.filter(|stamp| stamp.phase == Phase::Ready);
    let holds_none = ready.is_some_and(|stamp| stamp.pins == pins::digest_of_none());
    match path.is_file() {
        _ if changed => {
            let detail = "other versions are pinned than were installed";
            Fact::new("pins", name, Status::Stale, detail).action("install by them")
        }
        true => Fact::new("pins", name, Status::Ok, "they constrain what is installed"),
        false if holds_none => Fact::new("pins", name, Status::Ok, "there is nothing to pin"),
        false if ready.is_some() => {
            Fact::new("pins", name, Status::Stale, "they are gone").action("write what is installed")
        }
        false => Fact::new("pins", name, Status::Missing, "nothing is pinned yet").action("write what is installed"),
    }
}

/// What is wrong with the installed files, by distribution and file.
fn of_damage(run: &Run<'_>, settings: &Settings, stamp: &Stamp) -> Vec<Fact> {
    let fact = |finding: &Finding| {
        let venv = &settings.venv_dir.value;
        let name = finding.owner.as_ref().map_or_else(String::new, ToString::to_string);
        let action =
            if finding.owner.is_some() { "install it again, and nothing else" } else { "write its own files again" };
        let fact = Fact::new("distribution", name, Status::Damaged, finding.describe(venv)).action(action);
        Fact { damage: Some((finding.path.clone(), finding.problem.code())), ..fact }
    };
    proof::damage(stamp, proof::depth(run, stamp)).iter().map(fact).collect()
}

fn of_doubt(ref_root: &Path, doubt: &Doubt) -> Fact {
    let Some(input) = &doubt.input else {
        return Fact::new("venv", "stamp", Status::Stale, &doubt.why).action("look at everything again");
    };
    let detail = doubt.why.replace(&format!("{}/", ref_root.display()), "");
    let fact = Fact::new("input", shown(&input.path, ref_root), Status::Stale, detail);
    Fact { change: Some(input.fingerprints()), ..fact.action("look at it again, and install what it concerns") }
}

/// Whether uv is there, where something would be done with it.
fn of_uv(run: &Run<'_>, settings: &Settings, kept: Option<&Stamp>) -> Option<Fact> {
    let by_pip = kept
        .map_or(tools::asked_for(settings) == Some(DriverName::Pip), |stamp| stamp.driver == DriverName::Pip.as_str());
    if by_pip {
        return None;
    }
    let cached = cached_uv(&shared::cache_dir(run.host, settings)).map(|uv| uv.path);
    let on_path = || run.host.path_dirs().into_iter().map(|dir| dir.join("uv")).find(|path| is_executable(path));
    let program = run.host.var_path(names::PRIME_UV).or(cached).or_else(on_path);
    let ok = |path: PathBuf| Fact::new("uv", path.display().to_string(), Status::Ok, "it makes and fills the venv");
    let missing = || Fact::new("uv", "", Status::Missing, "none is there").action("fetch it from the package index");
    Some(program.map_or_else(missing, ok))
}
