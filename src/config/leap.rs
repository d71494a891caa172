//! Where a value of the configuration comes from.
//!
//! The configuration is found by leaps, each of which tells where the next one is. Every value keeps its [`Origin`], for
//! `prime eval` and for every message about it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::document::Source;
use crate::error::Place;

/// A step on the way to the effective configuration, in upstream's order and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leap {
    /// Arguments, environment, defaults.
    Input,
    /// The file beside the seed file.
    Primer,
    /// The file of the repository, the same for all its environments.
    Client,
    /// The file of the selected environment.
    Env,
    /// What follows from all of them.
    Derived,
}

impl Leap {
    /// The leaps that are read from files.
    pub const FILES: [Self; 3] = [Self::Primer, Self::Client, Self::Env];
}

impl fmt::Display for Leap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Input => "leap_input",
            Self::Primer => "leap_primer",
            Self::Client => "leap_client",
            Self::Env => "leap_env",
            Self::Derived => "leap_derived",
        })
    }
}

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In this argument of the command line.
    Argument(String),
    /// In this environment variable.
    Variable(String),
    /// By the place of the launcher that was started.
    Launcher(PathBuf),
    /// By the current directory.
    CurrentDir,
    /// By the symlink of this name.
    Link(String),
    /// In a configuration file.
    File {
        /// The file.
        source: Arc<Source>,
        /// The line, from 1.
        line: usize,
        /// The leap that the file was read for.
        leap: Leap,
    },
    /// In a `.python-version` file.
    PythonVersionFile {
        /// The file.
        source: Arc<Source>,
        /// The line, from 1.
        line: usize,
    },
    /// In the `requires-python` of a `pyproject.toml`.
    RequiresPython {
        /// The file.
        source: Arc<Source>,
        /// The line, from 1.
        line: usize,
    },
    /// Somewhere else, and the environment's name was added, because environments do not share it.
    PerEnvironment(Box<Self>),
}

impl Origin {
    /// The leap that the value belongs to.
    pub fn leap(&self) -> Leap {
        match self {
            Self::File { leap, .. } => *leap,
            Self::PythonVersionFile { .. } | Self::RequiresPython { .. } | Self::PerEnvironment(_) => Leap::Derived,
            _ => Leap::Input,
        }
    }

    /// The place in a file, where it is in one.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::File { source, line, .. }
            | Self::PythonVersionFile { source, line }
            | Self::RequiresPython { source, line } => Some(Place { file: source.path.clone(), line: Some(*line) }),
            Self::PerEnvironment(of) => of.place(),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Argument(name) => write!(formatter, "argument `{name}`"),
            Self::Variable(name) => write!(formatter, "variable `{name}`"),
            Self::Launcher(path) => write!(formatter, "launcher `{}`", path.display()),
            Self::CurrentDir => formatter.write_str("current directory"),
            Self::Link(name) => write!(formatter, "link `{name}`"),
            Self::File { source, line, .. } | Self::PythonVersionFile { source, line } => {
                write!(formatter, "`{}` line {line}", source.name)
            }
            Self::RequiresPython { source, line } => {
                write!(formatter, "`requires-python` in `{}` line {line}", source.name)
            }
            Self::PerEnvironment(of) => write!(formatter, "{of}, and the environment's name"),
        }
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it was said.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value that nobody set.
    pub fn default_value(value: T) -> Self {
        Self::new(value, Origin::Default)
    }

    /// Another value of the same origin.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), origin: self.origin }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_origin_is_told_in_a_few_words() {
        let source = Source::new("/repo/gconf/prime.toml", Path::new("/repo"));
        for (origin, expected) in [
            (Origin::Default, "default"),
            (Origin::Argument("--repo".into()), "argument `--repo`"),
            (Origin::Variable("PROTOPRIMER_PROTO_CODE".into()), "variable `PROTOPRIMER_PROTO_CODE`"),
            (Origin::Launcher("/repo/prime".into()), "launcher `/repo/prime`"),
            (Origin::CurrentDir, "current directory"),
            (Origin::Link("lconf".into()), "link `lconf`"),
            (Origin::File { source: source.clone(), line: 3, leap: Leap::Client }, "`gconf/prime.toml` line 3"),
            (Origin::PythonVersionFile { source: source.clone(), line: 1 }, "`gconf/prime.toml` line 1"),
            (Origin::RequiresPython { source, line: 7 }, "`requires-python` in `gconf/prime.toml` line 7"),
            (Origin::PerEnvironment(Box::new(Origin::Default)), "default, and the environment's name"),
        ] {
            assert_eq!(origin.to_string(), expected);
        }
    }
}
