//! The key: one digest of all that decides what an environment is.
//!
//! * The interpreter is the one that a boot would select now, whatever the environment was made from. Where none will do,
//!   uv provides one, whose version nobody knows before it is there: then what is required stands for it. Once it is there
//!   the stamp says that uv provided it, and it counts for the same. What is kept has that interpreter in it.
//! * The pins are those that the boot found, not those that it wrote: the stamp has both. What a checkout has brought is
//!   what is found, also where it is what an earlier boot wrote.
//! * What is set for uv and pip counts as far as it decides a resolution ([`resolution`](super::resolution)), for the tool
//!   that may be used.
//!
//! What decides nothing is no part: times, the order in which a directory lists its files, users, addresses of an index that
//! no project names, credentials, comments, directories of logs, tables of tools that neither build nor install, an
//! environment that is active.

use std::fmt;
use std::path::Path;

use super::super::select::Required;
use super::super::{Request, items, tools};
use super::connectors::Connectors;
use super::{Start, is_used, resolution};
use crate::config::Settings;
use crate::deps::{Item, Stamp, pins, stamp};
use crate::error::Result;
use crate::fetch::wheel::Platform;
use crate::host::Host;
use crate::python::Interpreter;
use crate::python::interpreter::Target;
use crate::ui::Ui;
use crate::venv::DriverName;

/// Counted up whenever the same parts are to give another key.
const FORMAT: u32 = 1;

/// How much of the digest is in the key: 128 bits.
const DIGITS: usize = 32;
/// How long the word for a requirement may get.
const LONGEST: usize = 40;

/// One thing that the key depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Its value, or a digest of it; empty where there is none.
    pub value: String,
}

/// The key under which a CI keeps an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheKey {
    /// All that it depends on.
    pub parts: Vec<Part>,
    /// What people read in it.
    words: String,
}

impl fmt::Display for CacheKey {
    /// `prime-cpython-3.12.4-linux-x86_64-…`: letters, digits, `.`, `_` and `-`, and none too many for any system.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts.iter().flat_map(|part| [part.name, &part.value]);
        let digest = Item::new("key", parts).digest;
        write!(formatter, "prime-{}-{}", self.words, &digest[..DIGITS])
    }
}

/// The key of the environment that is selected.
///
/// Fails as a boot does where the configuration is wrong, or where no python will do and none is to be provided.
pub fn cache_key(host: &Host, ui: Ui, request: &Request) -> Result<CacheKey> {
    let Start { settings, required, stamp, python, .. } = Start::observe(host, ui, request)?;
    let configuration = configuration(host, &settings, &required, python.as_ref())?;
    let python = python.map_or_else(|| Python::to_be_provided(&required), |python| Python::present(&python));
    let parts = [
        ("python", python.version),
        ("implementation", python.implementation),
        ("abi", python.abi),
        ("architecture", python.architecture),
        ("libc", python.libc),
        ("venv", settings.venv_dir.value.display().to_string()),
        ("pins", pins_found(&settings, stamp.as_ref())?),
        ("configuration", configuration),
        ("format", format!("{FORMAT}.{}", stamp::FORMAT)),
    ];
    Ok(CacheKey { parts: parts.map(|(name, value)| Part { name, value }).into(), words: python.words })
}

/// What the key says of the interpreter.
struct Python {
    words: String,
    version: String,
    implementation: String,
    abi: String,
    architecture: String,
    libc: String,
}

impl Python {
    fn present(python: &Interpreter) -> Self {
        let (version, implementation) = (python.version(), &python.build.implementation);
        let Target { abi, architecture, libc } = python.target();
        let platform = architecture.split(',').next().unwrap_or_default();
        Self {
            words: word(&format!("{implementation}-{version}{}-{platform}", python.abi_flags)),
            version: version.to_string(),
            implementation: implementation.to_string(),
            abi,
            libc: libc.map_or_else(String::new, |libc| libc.to_string()),
            architecture,
        }
    }

    /// The one that uv provides for this machine.
    fn to_be_provided(required: &Required) -> Self {
        let required = required.requirement.source();
        let required_word: String = word(required).chars().take(LONGEST).collect();
        let (architecture, libc) = match Platform::observe(Path::new("/")) {
            Platform::Linux { arch, glibc: Some((major, minor)) } => {
                (format!("linux-{arch}"), format!("glibc {major}.{minor}"))
            }
            Platform::Linux { arch, glibc: None } => (format!("linux-{arch}"), "musl".to_owned()),
            Platform::MacOs { arch, .. } => (format!("macosx-{arch}"), String::new()),
            Platform::Other(name) => (name, String::new()),
        };
        Self {
            words: format!("uv-{required_word}-{}", word(&architecture)),
            version: format!("{required}, by uv"),
            implementation: String::new(),
            abi: String::new(),
            architecture,
            libc,
        }
    }
}

/// What every system takes in a key.
fn word(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c.to_ascii_lowercase() } else { '_' };
    text.chars().map(plain).collect()
}

/// The pins that a boot found or would find. Only an environment that is where it was made tells what was found before;
/// one that was brought here says nothing of what a checkout has brought.
fn pins_found(settings: &Settings, stamp: Option<&Stamp>) -> Result<String> {
    let now = pins::digest(&settings.constraints_file.value)?;
    let of_here = stamp.filter(|stamp| stamp.venv == settings.venv_dir.value);
    Ok(of_here.and_then(|stamp| found_before(stamp, &now)).unwrap_or(now))
}

/// The pins that the boot found which wrote these.
fn found_before(stamp: &Stamp, now: &str) -> Option<String> {
    let wrote_them = !stamp.is_brought_here() && stamp.pins == now && !stamp.pins_found.is_empty();
    wrote_them.then(|| stamp.pins_found.clone())
}

/// What is said that decides what is in the environment and in those of connectors, whichever file says it.
fn configuration(
    host: &Host,
    settings: &Settings,
    required: &Required,
    python: Option<&Interpreter>,
) -> Result<String> {
    let ref_root = &settings.ref_root_dir.value;
    let inside = |path: &Path| path.strip_prefix(ref_root).unwrap_or(path).display().to_string();
    let mut parts = vec![
        format!("environment {}", inside(&settings.env_dir.value)),
        format!("pins {}", inside(&settings.constraints_file.value)),
        format!("driver {}", tools::asked_for(settings).map_or("any", DriverName::as_str)),
        format!("native {}", settings.native_venv.value),
        format!("required {}", required.requirement.source()),
    ];
    let items = items::wanted(settings)?;
    parts.extend(items.into_iter().flat_map(|item| [format!("item {}", item.key), item.digest]));
    let connectors = Connectors::new(host, settings);
    parts.extend(connectors.parts());
    if is_used(DriverName::Uv, settings, &connectors) {
        parts.extend(resolution::of_uv(host, settings)?);
    }
    if is_used(DriverName::Pip, settings, &connectors) {
        parts.extend(resolution::of_pip(host, settings, python)?);
    }
    Ok(Item::new("configuration", parts.iter().map(String::as_str)).digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_word_for_every_system() {
        let parts = vec![Part { name: "python", value: ">=3.8,<4".to_owned() }];
        let key = CacheKey { parts, words: word("CPython-3.13.0rc1-linux/x86 64,é") };
        let text = key.to_string();
        let (words, digest) = text.rsplit_once('-').unwrap();
        assert_eq!(words, "prime-cpython-3.13.0rc1-linux_x86_64__");
        assert!(digest.len() == DIGITS && digest.chars().all(|it| it.is_ascii_hexdigit()), "{digest}");
    }

    #[test]
    fn the_pins_that_were_found_are_known_where_no_birth_is_told() {
        // Linux tells none there; elsewhere there is nothing, whose birth is as unknown.
        let (root, dir) = (Path::new("/proc/self"), Path::new("/proc/self/task"));
        let mut stamp = Stamp::creating(root, root, dir);
        assert_eq!((stamp.birth, stamp.is_of_dir(dir)), (None, false));
        (stamp.pins, stamp.pins_found) = ("written".to_owned(), "found".to_owned());
        assert_eq!(found_before(&stamp, "written"), Some("found".to_owned()));
        assert_eq!(found_before(&stamp, "brought"), None);
    }

    #[test]
    fn no_two_lists_of_parts_have_one_key() {
        let key = |pairs: &[(&'static str, &str)]| {
            let parts = pairs.iter().map(|(name, value)| Part { name, value: (*value).to_owned() }).collect();
            CacheKey { parts, words: String::new() }.to_string()
        };
        let lists: [&[_]; 4] = [&[("a", "b"), ("c", "")], &[("a", ""), ("c", "b")], &[("a", "bc")], &[("ab", "c")]];
        let keys: std::collections::BTreeSet<String> = lists.iter().map(|list| key(list)).collect();
        assert_eq!(keys.len(), lists.len());
    }
}
