//! What a python must be: the version a repository requires.
//!
//! A requirement is written in the configuration (`required_python_version`), in a line of `.python-version`, or as
//! `requires-python`. It keeps the text it came from, says which interpreters meet it, under which names to look for
//! them, and how to ask uv and a selector script for one. Where it was written is its owner's business.

use std::fmt;

use pep440_rs::VersionSpecifiers;

use super::interpreter::Build;
use super::version::{Implementation, PythonVersion};
use crate::error::Result;

mod lowest;
mod names;
mod parse;
#[cfg(test)]
mod tests;
mod universe;

pub use lowest::lowest;
pub(super) use parse::parse_specifiers;

/// The oldest CPython that can carry uv, pip and the standard `venv` as they are today.
pub const OLDEST_USABLE: PythonVersion = PythonVersion::new(3, 8, 0);

/// What a python must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    source: String,
    implementation: Implementation,
    free_threaded: bool,
    rule: Rule,
    within: Option<VersionSpecifiers>,
}

/// The versions that will do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    /// Whatever there is, from [`OLDEST_USABLE`] on.
    System,
    /// Every release that begins so.
    Release(Prefix),
    /// Just this pre-release.
    Exact(PythonVersion),
    /// Every release and pre-release that begins so.
    Development(Prefix),
    /// What PEP 440 says.
    Specifiers(VersionSpecifiers),
}

/// The leading numbers of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prefix {
    major: u64,
    minor: Option<u64>,
    patch: Option<u64>,
}

impl Prefix {
    fn covers(&self, version: &PythonVersion) -> bool {
        self.major == version.major
            && self.minor.is_none_or(|minor| minor == version.minor)
            && self.patch.is_none_or(|patch| patch == version.patch)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.major)?;
        [self.minor, self.patch].into_iter().flatten().try_for_each(|number| write!(formatter, ".{number}"))
    }
}

impl Requirement {
    /// Reads a requirement: `3`, `3.12`, `3.12.1`, `3.13t` (free-threaded), `3.14-dev` (any release or pre-release of
    /// 3.14), `3.14.0rc1`, `pypy3.10`, `cpython@3.12`, or a PEP 440 specifier such as `>=3.9,<3.13`.
    ///
    /// Fails with [`crate::error::Kind::Config`].
    pub fn parse(text: &str) -> Result<Self> {
        parse::parse(text)
    }

    /// pyenv's `system`: no opinion on the version. Any CPython from [`OLDEST_USABLE`] on meets it, pre-releases and
    /// free-threaded builds too (an early distribution ships a release candidate as its python); pyenv's shims are not
    /// considered, as pyenv itself does it.
    pub fn system() -> Self {
        Self::with_rule("system", Implementation::CPython, Rule::System)
    }

    fn with_rule(source: &str, implementation: Implementation, rule: Rule) -> Self {
        Self { source: source.to_owned(), implementation, free_threaded: false, rule, within: None }
    }

    /// The same, and inside `requires-python`: `3` of a project that needs `>=3.9` is then not met by a 3.8.
    ///
    /// Fails with [`crate::error::Kind::Config`] where the text is no specifier.
    pub fn within_requires_python(self, requires_python: &str) -> Result<Self> {
        Ok(Self { within: Some(parse_specifiers(requires_python)?), ..self })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The implementation it asks for.
    pub fn implementation(&self) -> &Implementation {
        &self.implementation
    }

    /// Whether it is `system`, which has no opinion on the version.
    pub fn is_system(&self) -> bool {
        self.rule == Rule::System
    }

    /// Whether an interpreter meets it. A plain version is met neither by a pre-release nor by a free-threaded build, and
    /// never does one implementation serve for another.
    pub fn matches(&self, build: &Build) -> bool {
        self.implementation == build.implementation
            && (self.is_system() || self.free_threaded == build.free_threaded)
            && self.allows(&build.version)
    }

    /// Whether a version will do, whatever the implementation and build.
    fn allows(&self, version: &PythonVersion) -> bool {
        // As pip does: `>=3.14` of a project does not keep a 3.14.0rc1 out, so the numbers alone count.
        self.within.as_ref().is_none_or(|within| within.contains(&version.release().to_pep440()))
            && match &self.rule {
                Rule::System => *version >= OLDEST_USABLE,
                Rule::Release(prefix) => version.is_final() && prefix.covers(version),
                Rule::Exact(exact) => exact == version,
                Rule::Development(prefix) => prefix.covers(version),
                Rule::Specifiers(specifiers) => {
                    let pre_releases = specifiers.iter().any(pep440_rs::VersionSpecifier::any_prerelease);
                    (pre_releases || version.is_final()) && specifiers.contains(&version.to_pep440())
                }
            }
    }

    /// The base names to look for on `PATH`, in protoprimer's order: `pythonX.Y.Z`, `pythonX.Y`, `pythonX`, `python`, as
    /// far as the requirement names the numbers.
    ///
    /// * A free-threaded build is looked for as `python3.13t` first, PyPy as `pypy3.10`, `pypy3`, `pypy` first: the plain
    ///   names follow, because they may be links to it.
    /// * Where the minor version is open (`3`, `>=3.9,<3.13`), `python3` and `python` come first, because they are the
    ///   python that people chose for this machine; then every `python3.N` that is allowed, newest first.
    pub fn names(&self) -> Vec<String> {
        names::names(self)
    }

    /// The version as a tuple for protoprimer's selector scripts; what is not given is 0 (`3.12` is `(3, 12, 0)`, `system`
    /// is `(0, 0, 0)`). Of a specifier it is the oldest version that it allows.
    pub fn version_ints(&self) -> (u64, u64, u64) {
        match &self.rule {
            Rule::System => (0, 0, 0),
            Rule::Release(prefix) | Rule::Development(prefix) => {
                (prefix.major, prefix.minor.unwrap_or(0), prefix.patch.unwrap_or(0))
            }
            Rule::Exact(version) => (version.major, version.minor, version.patch),
            Rule::Specifiers(_) => {
                let oldest = universe::versions(self).into_iter().find(|version| self.allows(version));
                oldest.map_or((0, 0, 0), |version| (version.major, version.minor, version.patch))
            }
        }
    }

    /// How to ask uv for such a python (`uv python install`, `uv venv --python`).
    pub fn uv_request(&self) -> String {
        names::uv_request(self)
    }

    /// Whether no version at all can meet both this and `specifiers`, whatever interpreters exist.
    pub(super) fn contradicts(&self, specifiers: &VersionSpecifiers) -> bool {
        let both = Self { within: Some(specifiers.clone()), ..self.clone() };
        !universe::versions(&both).iter().any(|version| both.allows(version))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}
