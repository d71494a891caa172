//! Whether an environment of a connector is as it should be.

use std::str::FromStr as _;

use pep440_rs::Version;

use super::plan::Plan;
use super::stamp::{Stamp, open_words};
use super::{Grounds, Target, VenvExecutor, program};
use crate::deps::Input;
use crate::deps::distribution::installed;
use crate::deps::verify::links::local_path;
use crate::deps::verify::{Depth, Finding, Manifest, Origin, verify};
use crate::error::{Fault, Kind, Result};
use crate::host::fs::is_executable;
use crate::python::named;

/// What sort of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not there.
    Missing,
    /// It is there, and not usable as it is.
    Damaged,
    /// It is whole, and not what is wanted.
    Other,
}

/// Why what is there will not do; `None` where it does.
pub fn unfit(executor: &VenvExecutor) -> Result<Option<(Problem, Fault)>> {
    let place = &executor.place;
    let (venv, name) = (place.venv(), &executor.content.name);
    place.check()?;
    let dir = venv.dir().display();
    let found = |problem, message: &str| Ok(Some((problem, not_installed(message, name))));
    if !venv.dir().is_dir() {
        return found(Problem::Missing, &format!("connector `{name}` is not installed: there is no `{dir}`"));
    }
    if place.is_unfinished() {
        return found(Problem::Damaged, &format!("connector `{name}` was left half installed in `{dir}`"));
    }
    if !is_executable(&venv.python()) {
        return found(Problem::Damaged, &format!("the python of `{dir}` does not exist any more"));
    }
    match (executor.stamp(), venv.cfg()) {
        (Some(stamp), _) => Ok(unfit_stamped(executor, &stamp)),
        (None, Some(cfg)) if cfg.is_of_connector() => {
            found(Problem::Damaged, &format!("nothing says what `{dir}` was made from"))
        }
        (None, Some(_)) => unfit_foreign(executor),
        (None, None) => found(Problem::Damaged, &format!("`{dir}` has lost its `pyvenv.cfg`")),
    }
}

fn unfit_stamped(executor: &VenvExecutor, stamp: &Stamp) -> Option<(Problem, Fault)> {
    let (venv, name) = (executor.place.venv(), &executor.content.name);
    if !is_executable(&venv.dir().join(&stamp.program)) {
        let message =
            format!("the connector's executable `{}` is not in `{}`", stamp.program.display(), venv.dir().display());
        return Some((Problem::Damaged, not_installed(&message, name)));
    }
    if !stamp.cfg.is_empty() && Input::file(venv.cfg_path()).sha256() != stamp.cfg {
        let message = format!("`{}` is not as it was made", venv.cfg_path().display());
        return Some((Problem::Damaged, not_installed(&message, name)));
    }
    if let Some((installation, why)) = executor.python_damage() {
        let message = format!("`{}` came back in part: {why}", installation.dir.display());
        return Some((Problem::Damaged, not_installed(&message, name)));
    }
    let other = || other_version(executor, &stamp.version).or_else(|| other_content(executor, stamp));
    let other = || other().or_else(|| of_elsewhere(executor, stamp).map(|message| not_installed(&message, name)));
    let damage = damage(executor, (&stamp.manifest, &stamp.known), executor.depth());
    damage.map(|fault| (Problem::Damaged, fault)).or_else(|| other().map(|fault| (Problem::Other, fault)))
}

/// Why what was brought here does not serve here, though it is whole: it was made for another python, or from sources of
/// which nothing says that they are still the same.
fn of_elsewhere(executor: &VenvExecutor, stamp: &Stamp) -> Option<String> {
    if !stamp.is_brought_here() {
        return None;
    }
    let dir = executor.dir();
    let is_dir = |origin: Origin<'_>| local_path(origin.url()).is_some_and(|path| path.is_dir());
    if let Some(built) = stamp.manifest.installed().find(|it| it.origin.is_some_and(is_dir)) {
        return Some(format!("`{}` in `{}` was built from sources that may be others now", built.name, dir.display()));
    }
    let made_for = stamp.target.as_ref()?;
    let python = executor.place.venv().python();
    let (was, now) = match named::at(&executor.host, &python, &executor.search_options()) {
        Err(error) => return Some(error.to_string()),
        Ok(now) if now.build.to_string() != stamp.python => (stamp.python.clone(), now.build.to_string()),
        Ok(now) => made_for.misfit(&now.target())?,
    };
    Some(format!("`{}` was made for {was}, and this is {now}", dir.display()))
}

/// An environment that something else made, PyAirbyte for one, will do where nothing is wrong with it.
fn unfit_foreign(executor: &VenvExecutor) -> Result<Option<(Problem, Fault)>> {
    let venv = executor.place.venv();
    let program = match program::find(&venv, &executor.content) {
        Ok(program) => program,
        Err(error) => return error.downcast::<Fault>().map(|fault| Some((Problem::Damaged, fault))),
    };
    let manifest = Manifest::new(&installed(&venv.site_packages())?);
    let damage = damage(executor, (&manifest, &[]), Depth::Size).map(|fault| (Problem::Damaged, fault));
    Ok(damage.or_else(|| other_version(executor, &program.version).map(|fault| (Problem::Other, fault))))
}

fn damage(executor: &VenvExecutor, (manifest, known): (&Manifest, &[String]), depth: Depth) -> Option<Fault> {
    let venv = executor.place.venv();
    let found = verify(&venv, manifest, depth);
    let found: Vec<&Finding> = found.iter().filter(|it| !known.contains(&it.key(venv.dir()))).collect();
    let first = found.first()?;
    let more = if found.len() == 1 { String::new() } else { format!(" (and {} more)", found.len() - 1) };
    let message = format!("`{}` is damaged: {}{more}", venv.dir().display(), first.key(venv.dir()));
    Some(not_installed(&message, &executor.content.name))
}

fn other_version(executor: &VenvExecutor, found: &str) -> Option<Fault> {
    let Target::Exact(wanted) = executor.target() else { return None };
    if is_same(found, &wanted) {
        return None;
    }
    let name = &executor.content.name;
    let message = format!("connector `{name}` is {found}, which does not match the version {wanted} that is wanted");
    Some(
        Fault::new(Kind::Config, message)
            .hint(format!("`prime connector ensure {name} --version {wanted}` installs it")),
    )
}

/// Versions are the same if they are equal or, as versions, mean the same.
pub fn is_same(one: &str, other: &str) -> bool {
    let parsed = |text| Version::from_str(text).ok();
    one == other || parsed(one).is_some_and(|one| Some(one) == parsed(other))
}

/// What was asked for in so many words and is not what was installed.
fn other_content(executor: &VenvExecutor, stamp: &Stamp) -> Option<Fault> {
    let content = &executor.content;
    let (said, is_exact) = (executor.said(), executor.options.exact);
    let with = open_words(&said.with);
    let is_more = || stamp.with.iter().any(|requirement| !with.contains(requirement));
    let other = content.grounds == Grounds::Asked && open_words(&content.requirements) != stamp.requirements
        || with.iter().any(|requirement| !stamp.with.contains(requirement))
        || executor.is_of_other_requirements(stamp)
        || is_exact && is_more();
    let what = if other { "from other requirements" } else { other_besides(&said, stamp).filter(|_| is_exact)? };
    let message = format!("connector `{}` was installed {what} than those that are wanted", content.name);
    Some(not_installed(&message, &content.name))
}

/// What was asked for besides the requirements and is not what was asked for then. All files that are named are read for it.
fn other_besides(said: &Plan, stamp: &Stamp) -> Option<&'static str> {
    let (now, then) = (said.asked(), &stamp.asked);
    match () {
        () if now.files != then.files => Some("from files of other content"),
        () if now.constraints != then.constraints => Some("with other constraints"),
        () if now.python != then.python => Some("for another `use_python`"),
        () => None,
    }
}

fn not_installed(message: &str, name: &str) -> Fault {
    Fault::new(Kind::Config, message).hint(format!("`prime connector install {name}`, with the options that say how"))
}
