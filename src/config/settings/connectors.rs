//! From the tables of connectors to what holds: paths made absolute, and of what excludes each other the later leap's.

use std::path::{Path, PathBuf};

use super::derive;
use super::environment::Environment;
use super::files::Files;
use crate::config::document::shown;
use crate::config::fields::{ConnectorFields, Field};
use crate::config::parse::Broken;
use crate::error::{Code, Fault};
use crate::host::Host;

const FIELD: &str = "connectors";

/// The connectors, in the order in which they are named. What contradicts itself within one leap is noted.
pub(super) fn resolve(
    (host, ref_root): (&Host, &Path),
    field: Field<Vec<ConnectorFields>>,
    venvs: impl FnOnce() -> Vec<VenvOf>,
    faults: &mut Vec<Broken>,
) -> Vec<ConnectorFields> {
    let all = field.value().map(|setting| setting.value).unwrap_or_default();
    let venvs = if all.is_empty() { Vec::new() } else { venvs() };
    let resolved = all.into_iter().map(|connector| {
        let mut connector = connector.seen_from(ref_root);
        connector.settle();
        let fault = contradiction(&connector).or_else(|| taken((host, ref_root), &connector, &venvs));
        faults.extend(fault.map(|fault| Broken::new(FIELD, fault)));
        connector
    });
    resolved.collect()
}

/// The venv of an environment.
pub(super) struct VenvOf {
    dir: PathBuf,
    /// The environment, where it is not the one that is selected.
    environment: Option<String>,
}

/// The venvs that the environments of a repository have or would have: the selected one's, and of the others those that
/// have a file of their own beside it or beside the default one.
pub(super) fn venvs(
    (ref_root, selected): (&Path, &Path),
    environment: &Environment,
    of_all: &Field<PathBuf>,
    files: &Files<'_>,
) -> Vec<VenvOf> {
    let (own, default) = (&environment.dir.value, &environment.default.value);
    let parents = [own, default].into_iter().filter(|dir| *dir != ref_root).filter_map(|dir| dir.parent());
    let beside = parents.filter_map(|dir| dir.read_dir().ok()).flatten().flatten().map(|entry| entry.path());
    let mut dirs: Vec<PathBuf> = beside.filter(|dir| dir.is_dir() && dir != own).collect();
    dirs.sort();
    dirs.dedup();
    let others = dirs.iter().filter_map(|dir| {
        let own = of_all.clone().merge(files.venv_of(dir)?);
        let venv = derive::venv_dir(ref_root, (dir, default), (own, of_all.clone()));
        Some(VenvOf { dir: venv.value, environment: Some(shown(dir, ref_root)) })
    });
    let selected = VenvOf { dir: selected.to_owned(), environment: None };
    std::iter::once(selected).chain(others).collect()
}

/// An environment named `x` has the venv `.venv-x`, and a connector of that name would have the same.
fn taken((host, ref_root): (&Host, &Path), connector: &ConnectorFields, venvs: &[VenvOf]) -> Option<Fault> {
    let (name, origin) = (&connector.name, &connector.origin);
    let dirs = connector.environments(host, ref_root);
    let VenvOf { dir, environment } = venvs.iter().find(|venv| dirs.contains(&venv.dir))?;
    let whose = environment.as_ref().map_or_else(String::new, |it| format!(" of the environment `{it}`"));
    let message =
        format!("the environment of connector `{name}` ({origin}) would be `{}`, the venv{whose}", dir.display());
    let hint = "give it another `install_root`, or choose another `local_venv_dir_rel_path`";
    Some(Fault::of(Code::BadField, message).hint(hint).about(origin.place()))
}

fn contradiction(connector: &ConnectorFields) -> Option<Fault> {
    let [(one, place), (other, earlier)] = connector.contradictions().into_iter().next()?;
    let name = &connector.name;
    let message = format!("`{FIELD}.{name}.{one}` in {place} excludes `{other}` in {earlier}");
    Some(Fault::of(Code::BadField, message).hint("keep one of them").about(place.place()))
}
