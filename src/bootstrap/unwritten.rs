//! Names the place where a tool could not write: the environment, the tool's cache or the directory for temporary files.
//!
//! On a full disk that may be any of the three, and the tool's own words do not always tell. What they tell counts; else the
//! place that takes nothing now, which finds a quota too; else the one with the least room, for a tool that fails makes
//! room again.

use std::path::{Path, PathBuf};

use crate::error::{Fault, Kind, kind_of};
use crate::host::{Host, fs};
use crate::venv::Venv;
use crate::venv::diagnose::FULL;

/// The same error, under the place that could not be written.
pub fn cannot_write(host: &Host, venv: &Venv, error: anyhow::Error) -> anyhow::Error {
    let place = match kind_of(&error) {
        Kind::CannotCreate => venv.dir().to_owned(),
        Kind::InputOutput => full(host, venv, &format!("{error:#}")),
        _ => return error,
    };
    let fault = Fault::like(&error, format!("cannot write all of `{}`", place.display()));
    error.context(fault)
}

fn full(host: &Host, venv: &Venv, said: &str) -> PathBuf {
    let home = || host.var_path("HOME").map(|home| home.join(".cache"));
    let cache = host.var_path("UV_CACHE_DIR").or_else(|| host.var_path("XDG_CACHE_HOME")).or_else(home);
    let temporary = host.var_path("TMPDIR").unwrap_or_else(|| "/tmp".into());
    let places: Vec<PathBuf> = [venv.dir().to_owned()].into_iter().chain(cache).chain([temporary]).collect();
    let told = told(said, &places).cloned();
    let refusing = || places.iter().find(|place| fs::has_no_room(place)).cloned();
    told.or_else(refusing).or_else(|| fs::fullest(places.clone())).unwrap_or_else(|| venv.dir().to_owned())
}

/// The place that stands last in what was said of the full disk: what is copied names its source before its target.
fn told<'p>(said: &str, places: &'p [PathBuf]) -> Option<&'p PathBuf> {
    let line = said.lines().rfind(|line| FULL.iter().any(|word| line.contains(word)))?;
    let found = places.iter().filter_map(|place| Some((last_in(line, place)?, place.as_os_str().len(), place)));
    found.max().map(|(.., place)| place)
}

/// Where a path, or one below it, stands last in a text.
fn last_in(text: &str, path: &Path) -> Option<usize> {
    let path = path.to_str().filter(|path| !path.is_empty())?;
    let of_name = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-~".contains(byte));
    let is_whole = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        !of_name(before) && before != Some(&b'/') && !of_name(text.as_bytes().get(at + path.len()))
    };
    text.match_indices(path).map(|(at, _)| at).filter(is_whole).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_told_last_and_as_a_whole_path() {
        let places = ["/tmp/repo/.venv", "/home/me/.cache", "/tmp"].map(PathBuf::from);
        for (said, expected) in [
            ("failed to copy file from /home/me/.cache/uv/a to /tmp/repo/.venv/a: No space left on device", Some(0)),
            ("failed to open file `/home/me/.cache/uv/.tmpX/tmp/a`: Disk quota exceeded", Some(1)),
            ("[Errno 28] No space left on device: '/tmp/pip-install-1/a'", Some(2)),
            ("at /tmp/repo/.venv/a\n[Errno 122] Disk quota exceeded", None),
            ("Disk quota exceeded: '/tmp/repo/.venv2'", Some(2)),
            ("Disk quota exceeded: '/var/tmp/a' '/tmpfs/a'", None),
            ("nothing of the kind at /tmp/a", None),
        ] {
            assert_eq!(told(said, &places), expected.map(|at: usize| &places[at]), "{said}");
        }
    }
}
