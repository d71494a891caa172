//! Versions and implementations of Python, as an interpreter tells them of itself (`sys.version_info`,
//! `sys.implementation.name`).
//!
//! What a repository asks for is not here but in [`crate::python::requirement`].

use std::fmt;
use std::str::FromStr;

use pep440_rs::{Prerelease, PrereleaseKind, Version};
use serde::{Deserialize, Serialize};

/// How far a version had come, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// `a1`, `a2`, …
    Alpha(u64),
    /// `b1`, `b2`, …
    Beta(u64),
    /// `rc1`, `rc2`, …
    Candidate(u64),
    /// Released.
    Final,
}

/// The version of an interpreter: `3.12.1`, `3.14.0rc1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PythonVersion {
    /// The first number.
    pub major: u64,
    /// The second.
    pub minor: u64,
    /// The third.
    pub patch: u64,
    /// Whether and which pre-release it is.
    pub stage: Stage,
}

/// A text that is not the version of an interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVersion(String);

impl PythonVersion {
    /// A released version.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, stage: Stage::Final }
    }

    /// Whether it is a release and not a pre-release.
    pub fn is_final(&self) -> bool {
        self.stage == Stage::Final
    }

    /// The numbers without the stage: `3.14.0` of `3.14.0rc1`.
    pub const fn release(&self) -> Self {
        Self::new(self.major, self.minor, self.patch)
    }

    /// The version as PEP 440 compares it.
    pub fn to_pep440(self) -> Version {
        let pre = |kind, number| Some(Prerelease { kind, number });
        Version::new([self.major, self.minor, self.patch]).with_pre(match self.stage {
            Stage::Alpha(number) => pre(PrereleaseKind::Alpha, number),
            Stage::Beta(number) => pre(PrereleaseKind::Beta, number),
            Stage::Candidate(number) => pre(PrereleaseKind::Rc, number),
            Stage::Final => None,
        })
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        match self.stage {
            Stage::Alpha(number) => write!(formatter, "a{number}"),
            Stage::Beta(number) => write!(formatter, "b{number}"),
            Stage::Candidate(number) => write!(formatter, "rc{number}"),
            Stage::Final => Ok(()),
        }
    }
}

impl FromStr for PythonVersion {
    type Err = NotAVersion;

    /// Reads `3.12.1`, `3.14.0rc1`, `3.14.0a7+` (a build between two versions, which counts as the earlier) and the form
    /// of virtualenv's `pyvenv.cfg`, `3.12.1.final.0`.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        parse(text).ok_or_else(|| NotAVersion(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<PythonVersion> {
    let (major, rest) = text.strip_suffix('+').unwrap_or(text).split_once('.')?;
    let (minor, rest) = rest.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (patch, stage) = rest.split_at(digits);
    let stage = parse_stage(stage)?;
    Some(PythonVersion { major: number(major)?, minor: number(minor)?, patch: number(patch)?, stage })
}

fn parse_stage(text: &str) -> Option<Stage> {
    match text {
        "" => return Some(Stage::Final),
        text if text.starts_with('.') => {
            let (level, serial) = text[1..].split_once('.')?;
            return stage_of(level, number(serial)?);
        }
        _ => {}
    }
    let letters = text.find(|c: char| c.is_ascii_digit())?;
    let (level, serial) = text.split_at(letters);
    let level = match level {
        "a" => "alpha",
        "b" => "beta",
        "rc" => "candidate",
        _ => return None,
    };
    stage_of(level, number(serial)?)
}

/// The stage that the last two fields of `sys.version_info` tell.
pub(super) fn stage_of(release_level: &str, serial: u64) -> Option<Stage> {
    match release_level {
        "alpha" => Some(Stage::Alpha(serial)),
        "beta" => Some(Stage::Beta(serial)),
        "candidate" => Some(Stage::Candidate(serial)),
        "final" => Some(Stage::Final),
        _ => None,
    }
}

/// A number written in digits alone; Rust's own parser would take a sign.
pub(super) fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl TryFrom<String> for PythonVersion {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl From<PythonVersion> for String {
    fn from(version: PythonVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for NotAVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is not the version of an interpreter", self.0)
    }
}

impl std::error::Error for NotAVersion {}

/// Who made an interpreter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Implementation {
    /// The reference implementation.
    CPython,
    /// PyPy.
    PyPy,
    /// GraalPy.
    GraalPy,
    /// Another one, by the name it gives itself.
    Other(String),
}

impl From<String> for Implementation {
    /// The implementation of this `sys.implementation.name`, in whatever case (`pyvenv.cfg` writes `CPython`).
    fn from(name: String) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "cpython" => Self::CPython,
            "pypy" => Self::PyPy,
            "graalpy" | "graalpython" => Self::GraalPy,
            _ => Self::Other(name),
        }
    }
}

impl From<Implementation> for String {
    fn from(implementation: Implementation) -> Self {
        implementation.to_string()
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CPython => "CPython",
            Self::PyPy => "PyPy",
            Self::GraalPy => "GraalPy",
            Self::Other(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_come_in_the_order_in_which_they_were_made() {
        let order = ["2.7.18", "3.9.18", "3.14.0a2", "3.14.0a10", "3.14.0b1", "3.14.0rc1", "3.14.0", "3.14.1", "4.0.0"];
        let versions: Vec<PythonVersion> = order.iter().map(|text| text.parse().unwrap()).collect();
        assert!(versions.is_sorted());
        assert!(versions.windows(2).all(|pair| pair[0].to_pep440() < pair[1].to_pep440()));
    }

    #[test]
    fn other_spellings_of_a_version_are_read() {
        for (text, expected) in [
            ("3.11.7.final.0", "3.11.7"),
            ("3.14.0.candidate.2", "3.14.0rc2"),
            ("3.14.0a7+", "3.14.0a7"),
            ("3.13.2+", "3.13.2"),
        ] {
            assert_eq!(text.parse::<PythonVersion>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in
            ["", "3", "3.12", "3.12.", "3.12.x", "+3.1.2", "3.1.2c1", "3.1.2rc", "3.1.2.odd.0", "3.1.2 ", "３.1.2"]
        {
            assert!(text.parse::<PythonVersion>().is_err(), "{text:?}");
        }
        assert!(format!("3.1.{}", "9".repeat(30)).parse::<PythonVersion>().is_err());
    }

    #[test]
    fn implementations_are_known_by_their_own_name() {
        for (name, shown) in
            [("cpython", "CPython"), ("CPython", "CPython"), ("pypy", "PyPy"), ("ironpython", "ironpython")]
        {
            assert_eq!(Implementation::from(name.to_owned()).to_string(), shown);
        }
    }

    fn stages() -> impl Strategy<Value = Stage> {
        prop_oneof![
            any::<u64>().prop_map(Stage::Alpha),
            any::<u64>().prop_map(Stage::Beta),
            any::<u64>().prop_map(Stage::Candidate),
            Just(Stage::Final),
        ]
    }

    proptest! {
        #[test]
        fn versions_parse_and_print_the_same(major: u64, minor: u64, patch: u64, stage in stages()) {
            let version = PythonVersion { major, minor, patch, stage };
            prop_assert_eq!(version.to_string().parse::<PythonVersion>(), Ok(version));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9.abrc+final]{0,24}") {
            let _ = text.parse::<PythonVersion>();
        }
    }
}
