//! Which program of an environment is the connector, and which distribution brings it.

use std::path::PathBuf;

use super::Content;
use crate::deps::distribution::{Distribution, installed};
use crate::error::{Fault, Kind, Result};
use crate::host::fs;
use crate::python::package_name::normalize;
use crate::venv::Venv;
use crate::venv::seed::entry_points;

/// A program and the distribution that brings it.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its path.
    pub path: PathBuf,
    /// The distribution, normalised.
    pub package: String,
    /// That one's version.
    pub version: String,
}

/// The connector's program: the one of its name, else the only one that its distribution brings.
///
/// Fails with [`Kind::NotFound`] where there is none, or which one it is cannot be told.
pub fn find(venv: &Venv, content: &Content) -> Result<Program> {
    let all = installed(&venv.site_packages())?;
    let with_program = |distribution: &&Distribution| scripts(distribution).contains(&content.name);
    let own = own(&all, content);
    let of = |distribution: &Distribution, name: &str| Program {
        path: venv.bin().join(name),
        package: distribution.name.clone(),
        version: distribution.version.clone(),
    };
    let expected = venv.bin().join(&content.name);
    if fs::is_executable(&expected) {
        let owner = own.filter(|it| scripts(it).contains(&content.name)).or_else(|| all.iter().find(with_program));
        return owner.or(own).map(|owner| of(owner, &content.name)).ok_or_else(|| none(venv, content, &[]).into());
    }
    let Some(own) = own else { return Err(none(venv, content, &[]).into()) };
    let names: Vec<String> =
        scripts(own).into_iter().filter(|name| fs::is_executable(&venv.bin().join(name))).collect();
    match names.as_slice() {
        [only] => Ok(of(own, only)),
        names => Err(none(venv, content, names).into()),
    }
}

/// The version that the metadata tells; `None` where it is not installed.
pub fn version(venv: &Venv, package: Option<&str>, content: &Content) -> Result<Option<String>> {
    let all = installed(&venv.site_packages())?;
    let found = package.and_then(|package| all.iter().find(|it| it.name == package)).or_else(|| own(&all, content));
    match found {
        Some(found) => Ok(Some(found.version.clone())),
        None => Ok(find(venv, content).ok().map(|program| program.version)),
    }
}

/// The distribution that is the connector: the one that is known to be, else the only one that comes from no index.
fn own<'a>(all: &'a [Distribution], content: &Content) -> Option<&'a Distribution> {
    let package = content.package.as_deref().map(normalize);
    let named = package.and_then(|package| all.iter().find(|it| it.name == package));
    let mut from_elsewhere = all.iter().filter(|it| it.source.is_some());
    named.or_else(|| from_elsewhere.next().filter(|_| from_elsewhere.next().is_none()))
}

/// The programs that a distribution brings.
fn scripts(distribution: &Distribution) -> Vec<String> {
    let text = fs::read_file(&distribution.metadata_dir.join("entry_points.txt")).unwrap_or_default();
    let parsed = entry_points::parse(&String::from_utf8_lossy(&text)).unwrap_or_default();
    parsed.into_iter().map(|it| it.name).collect()
}

fn none(venv: &Venv, content: &Content, names: &[String]) -> Fault {
    let (name, dir) = (&content.name, venv.dir().display());
    let message = match names {
        [] => format!("the connector's executable `{name}` is not in `{dir}`"),
        names => {
            format!("`{dir}` has no `{name}`, and which of `{}` is the connector is not known", names.join("`, `"))
        }
    };
    Fault::new(Kind::NotFound, message)
        .hint("check that the package is a connector; name it as its program is called, or use `--local-executable`")
}
