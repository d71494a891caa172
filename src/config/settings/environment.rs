//! Which environment is selected: the argument's, else the one that the symlink leads to, else the default.
//!
//! Nothing is linked here. What the link is now stands in [`EnvLink`]; whether it has to be set anew follows from it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{existing_dir, join};
use crate::config::document::shown;
use crate::config::fields::{ClientFields, Field};
use crate::config::leap::{Origin, Setting};
use crate::config::parse::Broken;
use crate::error::{Fault, Kind};
use crate::host::{Host, fs};

const ARGUMENT: &str = "--env";
const LINK_FIELD: &str = "local_conf_symlink_rel_path";
const DEFAULT_FIELD: &str = "default_env_dir_rel_path";

/// What the command line says about the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The environment's directory, as it is written.
    pub env: Option<PathBuf>,
    /// Whether the symlink may be set.
    pub link: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self { env: None, link: true }
    }
}

impl Selection {
    /// The directory that is asked for: relative to the ref root where it is there, else to the current directory.
    ///
    /// Fails with [`Kind::Usage`] where it is none, or none of the repository.
    pub fn dir(&self, host: &Host, ref_root: &Path) -> Result<Option<PathBuf>, Fault> {
        let Some(given) = &self.env else { return Ok(None) };
        let (in_root, here) = (join(ref_root, given), host.absolute(given));
        let path = if !in_root.is_dir() && here.symlink_metadata().is_ok() { here } else { in_root };
        let fault = |fact: &str, hint: &str| {
            Err(Fault::new(Kind::Usage, format!("the environment `{}` {fact}", given.display())).hint(hint))
        };
        match inside(&path, ref_root) {
            Place::Dir(dir) => Ok(Some(dir)),
            Place::Missing => fault(
                "does not exist",
                "make the directory, or name another one: it is looked for in the repository, then in the current \
                 directory",
            ),
            Place::NoDir => fault("is not a directory", "name the directory of an environment"),
            Place::Outside => fault("is outside of the repository", "name a directory in the repository"),
        }
    }
}

/// The symlink to the selected environment, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvLink {
    /// Where it belongs.
    pub path: PathBuf,
    /// What it says, where there is a link.
    pub target: Option<PathBuf>,
    /// Whether it has to be set to lead to the selected environment.
    pub is_due: bool,
}

/// The environment that is selected.
pub(super) struct Environment {
    pub(super) dir: Setting<PathBuf>,
    /// The one that is selected where nothing is said and nothing is linked.
    pub(super) default: Setting<PathBuf>,
    pub(super) link: Option<EnvLink>,
}

/// What a path leads to.
enum Place {
    Missing,
    NoDir,
    Outside,
    /// A directory in the ref root, with links resolved: an environment has one path, however it is reached.
    Dir(PathBuf),
}

fn inside(path: &Path, ref_root: &Path) -> Place {
    let Ok(real) = path.canonicalize() else {
        let lies_in_it = fs::normalize(path).starts_with(ref_root);
        return if lies_in_it { Place::Missing } else { Place::Outside };
    };
    let root = ref_root.canonicalize().unwrap_or_else(|_| ref_root.to_owned());
    match real.strip_prefix(root) {
        Err(_) => Place::Outside,
        Ok(_) if !real.is_dir() => Place::NoDir,
        Ok(rest) if rest.as_os_str().is_empty() => Place::Dir(ref_root.to_owned()),
        Ok(rest) => Place::Dir(ref_root.join(rest)),
    }
}

/// Selects the environment. Where something is wrong, that is noted in `faults` and the next one in order is taken.
pub(super) fn select(
    host: &Host,
    ref_root: &Path,
    fields: &ClientFields,
    selection: &Selection,
    faults: &mut Vec<Broken>,
) -> Environment {
    let asked = selection.dir(host, ref_root).unwrap_or_else(|fault| {
        faults.push(fault.into());
        None
    });
    let default = default_dir(ref_root, fields, faults);
    let link_path = fields.local_conf_symlink_rel_path.clone().value().map(|given| join(ref_root, &given.value));
    // An argument that is obeyed without the link does not care what the link is.
    let needs_link = selection.link || asked.is_none();
    let linked = link_path.as_deref().filter(|_| needs_link).map(|path| linked(path, ref_root, asked.is_some()));
    let linked = linked.unwrap_or(Ok(None)).unwrap_or_else(|fault| {
        faults.push(Broken::new(LINK_FIELD, fault));
        None
    });
    let dir = match (asked, &linked, &link_path) {
        (Some(dir), _, _) => Setting::new(dir, Origin::Argument(ARGUMENT.to_owned())),
        (None, Some(dir), Some(link)) => Setting::new(dir.clone(), Origin::Link(shown(link, ref_root))),
        _ => default.clone(),
    };
    let link = link_path.map(|path| {
        let target = std::fs::read_link(&path).ok();
        // Without environments there is nothing to link.
        let has_point = dir.value != ref_root || target.is_some();
        let is_due = selection.link && has_point && linked.as_ref() != Some(&dir.value);
        EnvLink { path, target, is_due }
    });
    Environment { dir, default, link }
}

fn default_dir(ref_root: &Path, fields: &ClientFields, faults: &mut Vec<Broken>) -> Setting<PathBuf> {
    let ref_root_itself = Setting::default_value(ref_root.to_owned());
    let Field::Value(given) = fields.default_env_dir_rel_path.clone() else { return ref_root_itself };
    let checked = existing_dir(DEFAULT_FIELD, given, ref_root).and_then(|dir| {
        if let Place::Dir(real) = inside(&dir.value, ref_root) {
            return Ok(dir.map(|_| real));
        }
        let (origin, path) = (&dir.origin, shown(&dir.value, ref_root));
        let message = format!("`{DEFAULT_FIELD}` in {origin} is `{path}`, which leads out of the repository");
        Err(Fault::new(Kind::Config, message).about(origin.place()))
    });
    checked.unwrap_or_else(|fault| {
        faults.push(Broken::new(DEFAULT_FIELD, fault));
        ref_root_itself
    })
}

/// The environment that the link leads to; none where there is no link. A link that leads nowhere is an error unless it is
/// about to be set anew; what is no link is one in any case.
fn linked(link: &Path, ref_root: &Path, is_replaced: bool) -> Result<Option<PathBuf>, Fault> {
    let name = shown(link, ref_root);
    let meta = match link.symlink_metadata() {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(Fault::new(Kind::Config, format!("cannot look at the link `{name}`: {error}"))),
    };
    if !meta.is_symlink() {
        let what = if meta.is_dir() { "a directory" } else { "a file" };
        let message = format!("`{name}` is {what}, expected a link to the selected environment");
        return Err(Fault::new(Kind::Config, message)
            .hint(format!("move it away and start again, or choose another `{LINK_FIELD}`")));
    }
    let fact = match inside(link, ref_root) {
        Place::Dir(dir) => return Ok(Some(dir)),
        _ if is_replaced => return Ok(None),
        Place::Missing => "does not exist",
        Place::NoDir => "is not a directory",
        Place::Outside if !link.exists() => "does not exist",
        Place::Outside => "is outside of the repository",
    };
    let target = std::fs::read_link(link).unwrap_or_default();
    let message = format!("`{name}` is a link to `{}`, which {fact}", target.display());
    Err(Fault::new(Kind::Config, message).hint("select an environment with `--env DIR`, which sets the link anew"))
}

#[cfg(test)]
#[path = "environment_tests.rs"]
mod tests;
