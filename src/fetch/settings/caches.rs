//! Where uv and pip keep what they fetched, as they find it: variables, then files, then the usual place.
//!
//! After uv's `CacheArgs` and pip's `cmdoptions`: a relative path is seen from the directory that the tool runs in, which is
//! the project's; pip expands `~`, uv does not. `None` is no cache at all.

use std::path::{Path, PathBuf};

use super::Places;
use super::pip;
use super::uv::{is_on, uv_files};
use crate::error::Result;
use crate::host::{Host, fs, names};

/// uv's cache.
pub fn uv_cache_dir(host: &Host, places: &Places) -> Result<Option<PathBuf>> {
    if is_on(host, "UV_NO_CACHE")? {
        return Ok(None);
    }
    let seen_from = places.project_dir.as_deref().unwrap_or(&host.current_dir);
    let said = host.var("UV_CACHE_DIR").map(PathBuf::from);
    if let Some(dir) = said {
        return Ok(Some(fs::normalize(&seen_from.join(dir))));
    }
    for file in uv_files(host, places)? {
        match UvCache::read(&file) {
            UvCache { no_cache: true, .. } => return Ok(None),
            UvCache { dir: Some(dir), .. } => return Ok(Some(fs::normalize(&seen_from.join(dir)))),
            UvCache { .. } => {}
        }
    }
    Ok(usual(host).map(|dir| dir.join("uv")))
}

/// pip's cache, whichever interpreter runs it.
pub fn pip_cache_dir(host: &Host, places: &Places) -> Result<Option<PathBuf>> {
    let values = pip::values(host, places)?;
    // pip takes any truth value for yes.
    if values.contains_key("no-cache-dir") {
        return Ok(None);
    }
    let seen_from = places.project_dir.as_deref().unwrap_or(&host.current_dir);
    let Some(said) = values.get("cache-dir") else {
        let mac = || host.home().map(|home| home.join("Library/Caches"));
        let usual = if cfg!(target_os = "macos") { mac() } else { usual(host) };
        return Ok(usual.map(|dir| dir.join("pip")));
    };
    let in_home = said.value.strip_prefix("~/").and_then(|rest| Some(host.home()?.join(rest)));
    Ok(Some(fs::normalize(&seen_from.join(in_home.unwrap_or_else(|| PathBuf::from(&said.value))))))
}

/// The directory of caches, of the XDG base directory specification: what is not absolute does not count.
fn usual(host: &Host) -> Option<PathBuf> {
    let said = host.var("XDG_CACHE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    said.map(|dir| fs::normalize(&dir)).or_else(|| host.home().map(|home| home.join(".cache")))
}

/// What one of uv's files says of its cache; of one that uv will refuse, nothing.
#[derive(Default)]
struct UvCache {
    dir: Option<String>,
    no_cache: bool,
}

impl UvCache {
    fn read(file: &Path) -> Self {
        let content = fs::read_optional(file).ok().flatten().unwrap_or_default();
        let parsed = toml::from_str::<toml::Table>(&String::from_utf8_lossy(&content)).ok();
        let is_shared = file.file_name().is_some_and(|name| name == names::PYPROJECT);
        let table = match &parsed {
            Some(table) if is_shared => {
                table.get("tool").and_then(|tool| tool.get("uv")).and_then(toml::Value::as_table)
            }
            table => table.as_ref(),
        };
        let value = |name: &str| table.and_then(|table| table.get(name));
        let dir = value("cache-dir").and_then(toml::Value::as_str).map(str::to_owned);
        Self { dir, no_cache: value("no-cache").and_then(toml::Value::as_bool).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            for name in ["home", "repo"] {
                std::fs::create_dir(dir.path().join(name)).unwrap();
            }
            Self(dir)
        }

        fn file(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        /// Both caches under these variables, `/` for the machine's root.
        fn caches(&self, vars: &[(&str, &str)]) -> [Option<String>; 2] {
            let root = self.0.path();
            let home = root.join("home").display().to_string();
            let vars = [&[("HOME", home.as_str())], vars].concat();
            let vars = vars.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            let host = Host { vars, current_dir: "/elsewhere".into(), ..Host::default() };
            let etc = root.join("etc");
            let places = Places { etc, ..Places::new(Some(&root.join("repo"))) };
            let found = [uv_cache_dir(&host, &places).unwrap(), pip_cache_dir(&host, &places).unwrap()];
            found.map(|dir| dir.map(|dir| dir.display().to_string().replace(root.to_str().unwrap(), "")))
        }
    }

    fn some(uv: &str, pip: &str) -> [Option<String>; 2] {
        [uv, pip].map(|dir| (!dir.is_empty()).then(|| dir.to_owned()))
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn the_caches_are_where_variables_say_or_in_the_usual_place() {
        let machine = Machine::new();
        assert_eq!(machine.caches(&[]), some("/home/.cache/uv", "/home/.cache/pip"));
        assert_eq!(machine.caches(&[("XDG_CACHE_HOME", "/c/../d")]), some("/d/uv", "/d/pip"));
        assert_eq!(machine.caches(&[("XDG_CACHE_HOME", "rel")]), some("/home/.cache/uv", "/home/.cache/pip"));
        assert_eq!(machine.caches(&[("UV_CACHE_DIR", "a"), ("PIP_CACHE_DIR", "b")]), some("/repo/a", "/repo/b"));
        assert_eq!(machine.caches(&[("UV_CACHE_DIR", "/a"), ("PIP_CACHE_DIR", "~/b")]), some("/a", "/home/b"));
        assert_eq!(machine.caches(&[("UV_NO_CACHE", "1"), ("PIP_NO_CACHE_DIR", "0")]), some("", ""));
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn files_say_it_too_the_nearest_first() {
        let machine = Machine::new();
        machine.file("home/.config/uv/uv.toml", "cache-dir = '/of/user'\n");
        machine.file("home/.config/pip/pip.conf", "[global]\ncache-dir = /of/pip\n");
        assert_eq!(machine.caches(&[]), some("/of/user", "/of/pip"));
        machine.file("repo/pyproject.toml", "[tool.uv]\ncache-dir = 'here'\n");
        assert_eq!(machine.caches(&[]), some("/repo/here", "/of/pip"));
        assert_eq!(machine.caches(&[("UV_CACHE_DIR", "/v"), ("PIP_CACHE_DIR", "/w")]), some("/v", "/w"));
        machine.file("repo/pyproject.toml", "[tool.uv]\nno-cache = true\n");
        machine.file("home/.config/pip/pip.conf", "[global]\nno-cache-dir = true\n");
        assert_eq!(machine.caches(&[]), some("", ""));
        machine.file("repo/uv.toml", "not TOML");
        assert_eq!(machine.caches(&[])[0].as_deref(), Some("/of/user"), "what uv will refuse says nothing");
    }
}
