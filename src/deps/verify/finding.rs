//! What is wrong with an environment: one [`Finding`] for each thing, for people and for programs.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The distribution that it belongs to, where there is one.
    pub owner: Option<Owner>,
    /// The path, absolute.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// A distribution by its name, normalised, and its version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.version)
    }
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not there, or a link that leads nowhere.
    Missing,
    /// It is a directory, a pipe, or anything else but a file.
    NotAFile,
    /// It has another size than recorded.
    Size {
        /// What is recorded.
        recorded: u64,
        /// What is there.
        found: u64,
    },
    /// Its content is another than recorded.
    Content,
    /// It cannot be looked at, with the system's reason.
    Unreadable(String),
    /// It fits another distribution that lists it too.
    Overwritten {
        /// That one.
        by: Owner,
    },
    /// It is a program that nobody may execute.
    NotExecutable,
    /// It is a script that this environment's python does not run.
    Shebang,
    /// It leads to a path that is not there.
    DeadLink {
        /// That path.
        target: PathBuf,
    },
    /// It is a `RECORD` that breaks off or is none.
    BadRecord {
        /// The line.
        line: usize,
    },
    /// It is a `RECORD` that does not list the distribution's own metadata, or has become shorter.
    ShortRecord,
    /// It is a `RECORD` that lists a path outside of the environment.
    Outside {
        /// That path.
        path: String,
    },
    /// It is metadata without a name and version, or with others than its directory has.
    BadMetadata,
    /// The same distribution is there a second time.
    Twice,
    /// The whole distribution is not there.
    Gone,
    /// It does not lead to an interpreter.
    NoInterpreter,
}

impl Problem {
    /// A word for programs, which never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotAFile => "not-a-file",
            Self::Size { .. } => "size",
            Self::Content => "content",
            Self::Unreadable(_) => "unreadable",
            Self::Overwritten { .. } => "overwritten",
            Self::NotExecutable => "not-executable",
            Self::Shebang => "shebang",
            Self::DeadLink { .. } => "dead-link",
            Self::BadRecord { .. } => "bad-record",
            Self::ShortRecord => "short-record",
            Self::Outside { .. } => "outside",
            Self::BadMetadata => "bad-metadata",
            Self::Twice => "twice",
            Self::Gone => "gone",
            Self::NoInterpreter => "no-interpreter",
        }
    }

    /// Whether a distribution can be published so, or lie so beside another one, without harm from anybody.
    pub const fn may_be_published(&self) -> bool {
        matches!(
            self,
            Self::Missing
                | Self::NotAFile
                | Self::Size { .. }
                | Self::Content
                | Self::Overwritten { .. }
                | Self::NotExecutable
                | Self::DeadLink { .. }
                | Self::ShortRecord
                | Self::Outside { .. }
                | Self::BadMetadata
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("is missing"),
            Self::NotAFile => formatter.write_str("is not a file"),
            Self::Size { recorded, found } => write!(formatter, "has {found} bytes instead of {recorded}"),
            Self::Content => formatter.write_str("has another content"),
            Self::Unreadable(reason) => write!(formatter, "cannot be read: {reason}"),
            Self::Overwritten { by } => write!(formatter, "is that of {by}"),
            Self::NotExecutable => formatter.write_str("is not executable"),
            Self::Shebang => formatter.write_str("is not run by this environment's python"),
            Self::DeadLink { target } => write!(formatter, "leads to `{}`, which is not there", target.display()),
            Self::BadRecord { line } => write!(formatter, "is damaged in line {line}"),
            Self::ShortRecord => formatter.write_str("does not list all that was installed"),
            Self::Outside { path } => write!(formatter, "lists `{path}`, which is not in the environment"),
            Self::BadMetadata => formatter.write_str("does not tell the name and version that it should"),
            Self::Twice => formatter.write_str("is there beside another version"),
            Self::Gone => formatter.write_str("is not installed any more"),
            Self::NoInterpreter => formatter.write_str("does not lead to an interpreter"),
        }
    }
}

impl Finding {
    /// The path as seen from a directory, where it is below that.
    pub fn path_from(&self, dir: &Path) -> &Path {
        self.path.strip_prefix(dir).unwrap_or(&self.path)
    }

    /// What tells the finding from every other one: the distribution before it.
    pub fn key(&self, venv_dir: &Path) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}: {}", self.describe(venv_dir)),
            None => self.describe(venv_dir),
        }
    }

    /// The finding for people, paths as seen from the environment's directory: `` `bin/tool` is missing ``.
    pub fn describe(&self, venv_dir: &Path) -> String {
        match &self.problem {
            problem @ Problem::Gone => problem.to_string(),
            problem => format!("`{}` {problem}", self.path_from(venv_dir).display()),
        }
    }
}
