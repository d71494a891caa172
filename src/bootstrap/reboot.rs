//! From scratch, and the way back.
//!
//! A reboot makes the environment anew as if there were none, without the versions that are pinned. The old environment is
//! moved aside ([`kept`](super::kept)), and the pins stay as they are until the new ones are written.
//!
//! A reboot that fails does not go back by itself. Not every one could (one that is killed, one on a full disk), and a
//! command that asks for the new versions and goes on with the old ones would hide that it failed. So there is one way
//! back, the same at whatever point it stopped, and it costs two renames: [`undo`]. Who does not take it goes forward: the
//! next boot finds what the reboot left, removes it and makes an environment with the old pins.
//!
//! [`undo`] keeps the environment that it replaces as a reboot does, so that the next undo takes it back; what is half made
//! is removed. Earlier environments come back by the id of the reboot that replaced them.

use std::ffi::OsString;
use std::path::PathBuf;

use super::aside::{move_foreign, shown};
use super::kept::{self, Kept};
use super::plan::{self, Found};
use super::stage::{Progress, Stage};
use super::{ReadyEnvironment, Request, Run, link, make, state, world};
use crate::config::{self, Settings, discover};
use crate::deps::{Stamp, State, pins};
use crate::error::{Fault, Kind, Result};
use crate::host::{Cmd, Host, names};
use crate::ui::{Ui, log};
use crate::venv::Venv;

/// Keeps the environment that a reboot is about to replace.
pub fn set_aside(run: &Run<'_>, settings: &Settings, venv: &Venv) -> Result<()> {
    let kept = Kept::keep(run, settings, venv, None)?;
    let (name, place) = (shown(settings, venv.dir()), shown(settings, kept.dir()));
    run.ui.note("move", &format!("{name} to {place} (`{}` brings it back)", undo_command(run)));
    Ok(())
}

/// What constrains an installation: the pins, unless a reboot made the environment and has not come to its end, whoever
/// goes on with it. What a person wrote constrains in any case.
pub fn constraints(settings: &Settings, stamp: &Stamp) -> Result<Option<PathBuf>> {
    let file = &settings.constraints_file.value;
    let dropped = stamp.is_of_unfinished_reboot() && pins::are_ours(file)?;
    Ok((!dropped && file.is_file()).then(|| file.clone()))
}

/// Between two stages of a reboot another process may make the environment, with the pins: what comes of it would not be
/// what was asked for.
pub fn check_not_overtaken(run: &Run<'_>, settings: &Settings, stamp: &Stamp) -> Result<()> {
    if !run.request.reboot || stamp.reboot {
        return Ok(());
    }
    let message = format!("another `prime` has made `{}` in the meantime", shown(settings, &stamp.venv));
    Err(Fault::new(Kind::TryAgain, message).hint("start again").into())
}

/// An id that was set from outside and has served a reboot already would make this one find its work done.
pub fn check_run_id(run: &Run<'_>) -> Result<()> {
    let Some(id) = run.progress.run_id.as_ref().filter(|_| run.request.reboot) else { return Ok(()) };
    let ref_root = config::ref_root(&run.repo);
    if !State::stamps(&ref_root).any(|stamp| stamp.reboot && stamp.run_id == *id) {
        return Ok(());
    }
    let message = format!("`{}` is `{id}`, the id of an earlier reboot", names::START_ID);
    Err(Fault::new(Kind::Usage, message).hint(format!("unset `{}`", names::START_ID)).into())
}

/// The same error, with the way back as its remedy where a reboot has moved an environment aside.
pub fn with_way_back(run: &Run<'_>, settings: &Settings, error: anyhow::Error) -> anyhow::Error {
    let venv = Venv::new(&settings.venv_dir.value);
    let usable: Vec<Kept> = Kept::all(settings, &venv).into_iter().filter(|kept| kept.is_usable(&venv)).collect();
    let is_moved = usable.iter().any(|kept| kept.run_id() == run.run_id());
    let is_left = Stamp::load(&state(settings).stamp()).is_some_and(|stamp| stamp.is_of_unfinished_reboot());
    if !run.request.reboot || !is_moved && (!is_left || usable.is_empty()) {
        return error;
    }
    let way = format!("`{}` brings the old environment back", undo_command(run));
    let hint = error.downcast_ref::<Fault>().and_then(|fault| fault.hint.clone());
    let hint = hint.map_or(way.clone(), |hint| format!("{hint}; {way}"));
    let fault = Fault::like(&error, error.to_string()).hint(hint);
    error.context(fault)
}

/// The command that goes back, for the same environment.
fn undo_command(run: &Run<'_>) -> String {
    let Request { repo, selection, .. } = run.request;
    let mut words: Vec<OsString> = ["reboot", "--undo"].map(OsString::from).to_vec();
    words.extend(repo.iter().flat_map(|dir| [OsString::from("-C"), dir.into()]));
    words.extend(selection.env.iter().flat_map(|dir| [OsString::from("--env"), dir.into()]));
    words.extend((!selection.link).then(|| OsString::from("--no-link")));
    Cmd::new(run.host, "prime").args(words).display()
}

/// Brings back the environment that the last reboot replaced, or the one of this run; the one that is there makes room.
/// It is as ready as it was then: nothing is proven.
///
/// Fails with [`Kind::Usage`] where there is none.
pub fn undo(host: &Host, ui: Ui, request: &Request, of_run: Option<&str>) -> Result<ReadyEnvironment> {
    let run_id = Progress::observe(host)?.run_id.unwrap_or_else(|| log::new_run_id(host.pid));
    let progress = Progress { stage: Stage::PyUnknown, run_id: Some(run_id) };
    let run = Run { host, ui, request, progress, repo: discover(host, request.repo.as_deref())?, script: None };
    let settings = run.settings()?;
    let venv = Venv::new(&settings.venv_dir.value);
    let _lock = run.lock(&state(&settings).lock())?;
    let kept = choose(&settings, &venv, of_run)?;
    make::check_is_not_shared(&run, &settings, &venv)?;
    make_room(&run, &settings, &venv, &kept)?;
    kept.restore(&run, &settings, &venv)?;
    link::set(&run, &settings)?;
    kept::prune(&run, &settings, &venv);
    let stamp = Stamp::load(&state(&settings).stamp());
    Ok(stamp.map(ReadyEnvironment::new).ok_or_else(|| run.out_of_turn("it has lost its stamp"))?)
}

/// The newest that is kept, or that of a run. An undo that was interrupted has kept the environment that is to go, and
/// goes on with the one that is to come.
fn choose(settings: &Settings, venv: &Venv, of_run: Option<&str>) -> Result<Kept> {
    let usable: Vec<Kept> = Kept::all(settings, venv).into_iter().filter(|kept| kept.is_usable(venv)).collect();
    let interrupted = usable.first().and_then(Kept::instead);
    let chosen = match of_run {
        Some(id) => usable.iter().find(|kept| kept.run_id() == id),
        None => usable.iter().find(|kept| Some(kept.number()) == interrupted).or(usable.first()),
    };
    chosen.cloned().ok_or_else(|| nothing_to_undo(settings, &usable, of_run).into())
}

fn nothing_to_undo(settings: &Settings, usable: &[Kept], of_run: Option<&str>) -> Fault {
    let env_dir = &settings.env_dir.value;
    let what = if *env_dir == settings.ref_root_dir.value {
        String::new()
    } else {
        format!(" of the environment `{}`", shown(settings, env_dir))
    };
    let fault = match of_run {
        Some(id) => Fault::new(Kind::Usage, format!("nothing is kept{what} that the reboot `{id}` has replaced")),
        None => Fault::new(Kind::Usage, format!("nothing is kept{what} that a reboot has replaced")),
    };
    let ids: Vec<String> = usable.iter().map(|kept| format!("`{}`", kept.run_id())).collect();
    fault.hint(if ids.is_empty() {
        "`prime` mends the environment that is there, or makes one".to_owned()
    } else {
        format!("there is one of {}", ids.join(", "))
    })
}

/// Empties the environment's place. What is whole is kept, so that the undo can be undone.
fn make_room(run: &Run<'_>, settings: &Settings, venv: &Venv, coming: &Kept) -> Result<()> {
    match world::observe(venv, Stamp::load(&state(settings).stamp()), |_| None) {
        Found::Absent => Ok(()),
        Found::Foreign(what) => move_foreign(run, settings, venv, what),
        Found::Leftover(why) => make::remove(run, settings, venv, why),
        Found::Made(made) => {
            if let Some(why) = plan::not_worth_keeping(&made.stamp) {
                return make::remove(run, settings, venv, why);
            }
            let kept = Kept::keep(run, settings, venv, Some(coming.number()))?;
            run.ui.note("move", &format!("{} to {}", shown(settings, venv.dir()), shown(settings, kept.dir())));
            Ok(())
        }
    }
}
