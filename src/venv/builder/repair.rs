//! `--repair`: an environment whose base python was upgraded, moved or replaced by another build of the same version.
//!
//! CPython's `--upgrade` writes `pyvenv.cfg` anew and leaves the links as they are, so that they go on leading to the old
//! place. Here the links and copies of the interpreter and the keys that speak of it are written; nothing else is touched.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::links;
use super::options::EnvSpec;
use super::work::Work;
use crate::error::{Fault, Kind, Result};
use crate::host::fs;
use crate::venv::Venv;

/// What a repair did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// What leads to another place now: names of the interpreter, `pyvenv.cfg`.
    pub paths: Vec<PathBuf>,
}

/// Makes the environment one of this interpreter, which must be of the same minor version: packages are kept in a
/// directory of that name.
///
/// Fails with [`Kind::Config`] where the directory is no environment, or one of another minor version.
pub fn repair(spec: &EnvSpec, env_dir: &Path) -> Result<(Context, Repaired)> {
    let env_dir = spec.host.absolute(env_dir);
    let Some(cfg) = Venv::new(&env_dir).cfg() else {
        let message = format!("`{}` is no virtual environment: it has no `pyvenv.cfg`", env_dir.display());
        return Err(Fault::new(Kind::Config, message).hint("make one there with `prime venv`").into());
    };
    let context = Context::new(spec, &env_dir);
    check_version(spec, &context, cfg.version())?;
    let work = Work::begin(&env_dir)?;
    let paths = work.end(lead_back(spec, &context))?;
    Ok((context, Repaired { paths }))
}

/// Makes the names of the interpreter and the configuration lead to it; those that did not before.
fn lead_back(spec: &EnvSpec, context: &Context) -> Result<Vec<PathBuf>> {
    let copies = is_made_of_copies(&Venv::new(&context.env_dir));
    let mut paths = Vec::new();
    for path in names(spec, context) {
        if renew(context, &path, copies)? {
            paths.push(path);
        }
    }
    let text = std::fs::read(&context.cfg_path).map_err(|error| fs::cannot_create(&context.cfg_path, error))?;
    if fs::write_if_changed(&context.cfg_path, &configuration(&text, spec, context))? {
        paths.push(context.cfg_path.clone());
    }
    Ok(paths)
}

fn check_version(spec: &EnvSpec, context: &Context, made_for: Option<&str>) -> Result<()> {
    let version = spec.interpreter.version();
    let series = format!("{}.{}", version.major, version.minor);
    let fits = made_for.is_none_or(|text| text == series || text.starts_with(&format!("{series}.")));
    if fits && context.lib_path.is_dir() {
        return Ok(());
    }
    let (dir, made_for) = (context.env_dir.display(), made_for.unwrap_or("another version"));
    let message =
        format!("`{dir}` was made for python {made_for}, and `{}` is {version}", context.executable.display());
    let hint = "name a python of the same minor version with `--python`, or make it anew with `--clear`";
    Err(Fault::new(Kind::Config, message).hint(hint).into())
}

/// An environment of copies has a file where others have a link.
fn is_made_of_copies(venv: &Venv) -> bool {
    venv.python().symlink_metadata().is_ok_and(|meta| !meta.is_symlink())
}

/// The names that an environment has for its interpreter; other links are whoever's made them.
fn names(spec: &EnvSpec, context: &Context) -> Vec<PathBuf> {
    let usual = Context::other_names(spec).into_iter().map(|name| context.bin_path.join(name));
    let mut names: Vec<PathBuf> = usual.chain([context.env_exe.clone()]).collect();
    names.sort();
    names.dedup();
    names
}

/// Makes one name lead to the interpreter; whether it did not before.
fn renew(context: &Context, path: &Path, copies: bool) -> Result<bool> {
    if copies {
        let same = same_content(path, &context.executable);
        return if same { Ok(false) } else { links::copy(&context.executable, path).map(|()| true) };
    }
    let target = if *path == context.env_exe { context.executable.as_path() } else { Path::new(&context.python_exe) };
    let leads_there = |path: &Path| path.canonicalize().ok() == context.executable.canonicalize().ok();
    let is_right = path.read_link().is_ok_and(|link| link == target) || (*path != context.env_exe && leads_there(path));
    if is_right && leads_there(path) {
        return Ok(false);
    }
    links::relink(target, path).map(|()| true)
}

fn same_content(one: &Path, other: &Path) -> bool {
    let content = |path: &Path| fs::read_file(path).ok();
    content(one).is_some_and(|content_of_one| Some(content_of_one) == content(other))
}

/// The file with the values of the keys that speak of the interpreter; other keys and lines stay, in their places.
fn configuration(text: &[u8], spec: &EnvSpec, context: &Context) -> Vec<u8> {
    let version = spec.interpreter.version();
    let real = context.executable.canonicalize().unwrap_or_else(|_| context.executable.clone());
    let value = |key: &[u8], old: &[u8]| match key {
        b"home" => Some(context.python_dir.as_os_str().as_bytes().to_owned()),
        b"executable" | b"base-executable" => Some(real.as_os_str().as_bytes().to_owned()),
        b"base-prefix" | b"base-exec-prefix" => Some(spec.interpreter.base_prefix.as_os_str().as_bytes().to_owned()),
        b"version" => Some(version.release().to_string().into_bytes()),
        // uv writes `3.12.1`, virtualenv `3.12.1.final.0`.
        b"version_info" if old.split(|byte| *byte == b'.').count() > 3 => {
            Some(format!("{}.final.0", version.release()).into_bytes())
        }
        b"version_info" => Some(version.to_string().into_bytes()),
        _ => None,
    };
    let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let Some(equals) = line.iter().position(|byte| *byte == b'=') else { return line.to_owned() };
        let key = line[..equals].trim_ascii().to_ascii_lowercase();
        let Some(value) = value(&key, &line[equals..]) else { return line.to_owned() };
        [&line[..equals], b"= ", &value, b"\n"].concat()
    });
    lines.collect::<Vec<_>>().concat()
}
