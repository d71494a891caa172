//! Whether the paths of the configuration can serve: what cannot is told before anything is made.

use std::env::join_paths;
use std::path::Path;

use super::Settings;
use crate::config::document::{shown, visible};
use crate::config::parse::Broken;
use crate::error::{Fault, Kind};
use crate::host::names;

pub(super) fn check(settings: &Settings, faults: &mut Vec<Broken>) {
    let venv = "local_venv_dir_rel_path";
    let results = [
        ("ref_root_dir_rel_path", check_text(settings)),
        ("version_constraints_file_basename", check_pins(settings)),
        (venv, check_venv_inside(settings)),
        (venv, check_venv_apart(settings)),
    ];
    faults.extend(results.into_iter().filter_map(|(name, result)| Some(Broken::new(name, result.err()?))));
}

/// Whatever stands in the venv's place is moved aside: it must be in the repository, and no part of what keeps its history.
fn check_venv_inside(settings: &Settings) -> Result<(), Fault> {
    let (ref_root, venv) = (&settings.ref_root_dir.value, &settings.venv_dir);
    let real = |path: &Path| path.canonicalize().ok();
    let leaves =
        venv.value.parent().and_then(real).is_some_and(|dir| !real(ref_root).is_some_and(|it| dir.starts_with(it)));
    let inside = venv.value.strip_prefix(ref_root).unwrap_or(&venv.value);
    let taken = inside.components().any(|part| [".git", ".hg", ".svn"].iter().any(|name| part.as_os_str() == *name));
    let fact = match (taken, leaves) {
        (true, _) => "keeps the history of the repository",
        (_, true) => "is outside of the repository, through a link",
        _ => return Ok(()),
    };
    let message = format!("the venv's directory `{}` ({}) {fact}", shown(&venv.value, ref_root), venv.origin);
    Err(Fault::new(Kind::Config, message).hint("choose another `local_venv_dir_rel_path`").about(venv.origin.place()))
}

/// What the paths are written into cannot hold every byte: `PATH` no `:`, the first line of a script no line break, a
/// configuration file nothing that is not text.
fn check_text(settings: &Settings) -> Result<(), Fault> {
    let repository = "move the repository";
    for (dir, hint) in [
        (&settings.ref_root_dir.value, repository),
        (&settings.seed_dir.value, repository),
        (&settings.venv_dir.value, "choose another `local_venv_dir_rel_path`"),
    ] {
        let Some(fact) = fault_of_text(dir) else { continue };
        return Err(Fault::new(Kind::Config, format!("`{}` {fact}", visible(&dir.to_string_lossy()))).hint(hint));
    }
    Ok(())
}

fn fault_of_text(dir: &Path) -> Option<&'static str> {
    match dir.to_str() {
        None => Some("is not UTF-8, and no file of an environment could hold it"),
        Some(text) if text.contains(char::is_control) => {
            Some("has a control character in it, and no script could start from there")
        }
        Some(_) if join_paths([dir]).is_err() => Some("has a `:` in it, so no directory in it can be on `PATH`"),
        Some(_) => None,
    }
}

fn check_pins(settings: &Settings) -> Result<(), Fault> {
    let pins = &settings.constraints_file;
    let Ok(meta) = pins.value.metadata() else { return Ok(()) };
    let name = shown(&pins.value, &settings.ref_root_dir.value);
    let fact = match meta.is_dir() {
        true => format!("`{name}` is a directory, expected a file"),
        false if !meta.is_file() => format!("`{name}` is not a regular file"),
        false => return Ok(()),
    };
    let hint = "the pins are kept there; move it away, or choose another `version_constraints_file_basename`";
    Err(Fault::new(Kind::Config, fact).hint(hint))
}

/// The venv's directory is moved aside as a whole when it is made anew.
fn check_venv_apart(settings: &Settings) -> Result<(), Fault> {
    let ref_root = &settings.ref_root_dir.value;
    let state_dir = ref_root.join(names::STATE_DIR);
    let others = [&settings.log_dir, &settings.tmp_dir, &settings.cache_dir, &settings.run_dir].map(|dir| &dir.value);
    let others = others.into_iter().chain([&state_dir, &settings.env_dir.value, &settings.seed_dir.value]);
    let others = others.chain(settings.projects.iter().map(|project| &project.dir));
    let venv = &settings.venv_dir;
    match others.into_iter().find(|dir| dir.starts_with(&venv.value)) {
        None => Ok(()),
        Some(dir) => {
            let name = |path: &Path| shown(path, ref_root);
            let (venv_name, dir_name) = (name(&venv.value), name(dir));
            let message =
                format!("the venv's directory `{venv_name}` ({}) is not its own: `{dir_name}` lies in it", venv.origin);
            Err(Fault::new(Kind::Config, message)
                .hint("choose another `local_venv_dir_rel_path`")
                .about(venv.origin.place()))
        }
    }
}
