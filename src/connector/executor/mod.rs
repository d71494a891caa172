//! How a connector is made runnable, and the command that answers.

use crate::connector::files::{Files, Readers};
use crate::error::Result;
use crate::host::Cmd;

/// What a connector is asked for; the first argument of its command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// What its configuration looks like.
    Spec,
    /// Whether a configuration works.
    Check,
    /// Which streams there are.
    Discover,
    /// The records.
    Read,
}

impl Verb {
    /// The word of the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Check => "check",
            Self::Discover => "discover",
            Self::Read => "read",
        }
    }
}

/// A way to run a connector.
pub trait Executor {
    /// Makes sure that it can be run. Where it cannot: installs or mends it where `fix` allows that, else fails.
    fn ensure(&self, fix: bool) -> Result<()>;

    /// The command that answers; the files are those that the verb needs.
    fn command(&self, verb: Verb, files: &Files) -> Result<Cmd>;

    /// The `spec` that is known without running anything: a JSON object of the form of the protocol's SPEC message's `spec`.
    fn known_spec(&self) -> Result<Option<serde_json::Value>>;

    /// Who is to read the files.
    fn readers(&self) -> Readers {
        Readers::User
    }

    /// What tells the very code that answers from any other, for whoever keeps answers; `None` where nothing does.
    fn identity(&self) -> Result<Option<String>>;
}
