//! The seed directory: where the repository begins.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::file;
use crate::config::inputs::is_there;
use crate::config::leap::{Origin, Setting};
use crate::config::settings::{GLOBAL_CONF_DIR, Selection, evaluate};
use crate::error::{Code, Fault, Kind};
use crate::host::{Host, names};

/// What makes a directory the root of a repository, whatever else it holds.
const ROOT_MARKS: [&str; 2] = [".git", ".hg"];
/// What makes a directory one that can be booted, where there is no root at all.
const PROJECT_MARKS: [&str; 5] =
    [names::PYPROJECT, "setup.py", "setup.cfg", "requirements.txt", names::PYTHON_VERSION_FILE];

/// The seed directory and the launcher in it.
pub(super) struct Seed {
    pub(super) dir: Setting<PathBuf>,
    pub(super) file: Option<PathBuf>,
}

pub(super) fn find(host: &Host, repo_dir: Option<&Path>, basename: Option<&str>) -> Result<Seed, Fault> {
    if let Some(dir) = repo_dir {
        return from_argument(host, dir);
    }
    if let Some(value) = host.var(names::PROTO_CODE) {
        return from_variable(value);
    }
    match from_launcher(host, basename) {
        Some(seed) => Ok(seed),
        None => from_dir(host, &host.current_dir, basename).ok_or_else(|| {
            Fault::of(Code::NoRepository, format!("no repository found at or above `{}`", host.current_dir.display()))
                .hint("change into a repository, or name one with `-C DIR`")
        }),
    }
}

fn from_argument(host: &Host, given: &Path) -> Result<Seed, Fault> {
    let dir = host.absolute(given);
    if !dir.is_dir() {
        let fact = if is_there(&dir) { "is not a directory" } else { "does not exist" };
        let message = format!("the repository `{}` {fact}", given.display());
        return Err(Fault::new(Kind::Usage, message).hint("give a directory to `-C`"));
    }
    Ok(Seed { dir: Setting::new(real(&dir), Origin::Argument("--repo".to_owned())), file: None })
}

fn from_variable(value: &OsStr) -> Result<Seed, Fault> {
    let variable = names::PROTO_CODE;
    let path = Path::new(value);
    let fault = |expected: &str| {
        let message = format!("the variable `{variable}` is `{}`, expected {expected}", path.display());
        Err(Fault::new(Kind::Usage, message).hint(format!("unset it: `unset {variable}`")))
    };
    if !path.is_absolute() {
        return fault("an absolute path");
    }
    match path.parent().zip(path.file_name()) {
        // `..` after a link is for the system to resolve: by text it would be another directory.
        Some((dir, name)) if path.is_file() => {
            let dir = real(dir);
            let file = Some(dir.join(name));
            Ok(Seed { dir: Setting::new(dir, Origin::Variable(variable.to_owned())), file })
        }
        _ => fault("a launcher that exists"),
    }
}

/// The directory of the program's own file, where that is a launcher or a copy of the binary that lies in a repository.
/// An installed binary or one in a build directory does not: nothing beside it says that a repository starts there.
fn from_launcher(host: &Host, basename: Option<&str>) -> Option<Seed> {
    let name = host.args.first().filter(|name| name.as_encoded_bytes().contains(&b'/'))?;
    let file = host.absolute(Path::new(name));
    let dir = file.parent()?.to_owned();
    let candidates = file::candidates(basename, Some(&file));
    let starts_here = file::is_in(&dir, &candidates) || has_any(&dir, &[names::PYPROJECT, ".git"]);
    (starts_here && file.is_file())
        .then(|| Seed { dir: Setting::new(real(&dir), Origin::Launcher(file.clone())), file: Some(file) })
}

/// The directory with links resolved, as the current one always is: a repository has one path, however it is reached, and
/// its environment knows it.
fn real(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| dir.to_owned())
}

/// The nearest directory, from this one upwards, with a configuration file or the root of a repository; else the nearest
/// that looks like a Python project.
pub(super) fn from_dir(host: &Host, start: &Path, basename: Option<&str>) -> Option<Seed> {
    let candidates = file::candidates(basename, None);
    let root = start.ancestors().find(|dir| file::is_in(dir, &candidates) || has_any(dir, &ROOT_MARKS));
    let root = root.map(|dir| owner(host, dir, basename, &candidates).unwrap_or(dir));
    let dir = root.or_else(|| project(start, host.home().as_deref()))?;
    Some(Seed { dir: Setting::new(dir.to_owned(), Origin::CurrentDir), file: None })
}

/// The repository above that a directory with a configuration file is a part of: its file is that repository's file of a
/// later leap, or it lies beside the environment that is selected there. A project in a project is a repository of its own.
fn owner<'a>(host: &Host, dir: &'a Path, basename: Option<&str>, candidates: &[String]) -> Option<&'a Path> {
    if has_any(dir, &ROOT_MARKS) {
        return None;
    }
    let above = dir.ancestors().skip(1);
    let up_to_root = above.scan(false, |ended, above| {
        let is_last = std::mem::replace(ended, has_any(above, &ROOT_MARKS));
        (!is_last).then_some(above)
    });
    let configured =
        |above: &&Path| file::is_in(above, candidates) || file::is_in(&above.join(GLOBAL_CONF_DIR), candidates);
    up_to_root.filter(configured).find(|above| {
        let origin = Setting::new((*above).to_owned(), Origin::CurrentDir);
        let repo = super::at(Seed { dir: origin, file: None }, basename);
        let settings = evaluate(host, &repo, &Selection { env: None, link: false }).settings;
        let beside = |env: &Path| env != *above && env.parent() == dir.parent() && env.parent() != Some(above);
        settings.files.iter().any(|(_, source)| source.path.parent() == Some(dir))
            || [&settings.env_dir, &settings.default_env_dir].into_iter().any(|env| beside(&env.value))
    })
}

/// A home directory is not taken for a project because of a stray file in it, unless one is right there: pyenv keeps its
/// `.python-version` there.
fn project<'a>(start: &'a Path, home: Option<&Path>) -> Option<&'a Path> {
    start.ancestors().find(|dir| (*dir == start || Some(*dir) != home) && has_any(dir, &PROJECT_MARKS))
}

fn has_any(dir: &Path, marks: &[&str]) -> bool {
    marks.iter().any(|name| is_there(&dir.join(name)))
}
