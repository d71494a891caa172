//! How a connector is made runnable, and the command that answers.

use std::ffi::OsString;

use crate::connector::files::{Files, Readers};
use crate::deps::Input;
use crate::error::Result;
use crate::host::Cmd;

pub mod container;
pub mod local;
pub mod manifest;
pub mod noop;
pub mod venv;

/// The ways to run a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In an environment of its own.
    Venv,
    /// A program that is there.
    Local,
    /// In a container.
    Docker,
    /// From a declarative manifest.
    Manifest,
    /// Not at all.
    Nothing,
}

impl Kind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Venv => "venv",
            Self::Local => "local",
            Self::Docker => "docker",
            Self::Manifest => "manifest",
            Self::Nothing => "none",
        }
    }
}

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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Spec, Self::Check, Self::Discover, Self::Read];

    /// The word of the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Check => "check",
            Self::Discover => "discover",
            Self::Read => "read",
        }
    }

    /// The arguments of a connector's command line, with the files that there are.
    pub fn args(self, files: &Files) -> Vec<OsString> {
        let (config, catalog, state) = (&files.config, &files.catalog, &files.state);
        let named = match self {
            Self::Spec => [("--config", &None), ("--catalog", &None), ("--state", &None)],
            Self::Check | Self::Discover => [("--config", config), ("--catalog", &None), ("--state", &None)],
            Self::Read => [("--config", config), ("--catalog", catalog), ("--state", state)],
        };
        let given = named.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?)));
        let options = given.flat_map(|(name, path)| [OsString::from(name), path.into()]);
        std::iter::once(self.as_str().into()).chain(options).collect()
    }
}

/// A way to run a connector.
pub trait Executor {
    /// Which way it is.
    fn kind(&self) -> Kind;

    /// Makes sure that it can be run. Where it cannot: installs or mends it where `fix` allows that, else fails.
    fn ensure(&self, fix: bool) -> Result<()>;

    /// Installs it, over what may be there.
    fn install(&self) -> Result<()>;

    /// Removes what [`Self::install`] put there.
    fn uninstall(&self) -> Result<()>;

    /// The version that is there, where it can be told; with `recheck`, whatever was noted when it was installed.
    fn version(&self, recheck: bool) -> Result<Option<String>>;

    /// Where it is: a program's path, an image's name, a manifest.
    fn location(&self) -> Result<String>;

    /// The command that answers; the files are those that the verb needs.
    fn command(&self, verb: Verb, files: &Files) -> Result<Cmd>;

    /// Ends what such a command may have left running, and does not wait for that: a container outlives the program that
    /// started it.
    fn end(&self, _verb: Verb, _files: &Files) -> Result<()> {
        Ok(())
    }

    /// The `spec` that is known without running anything: a JSON object of the form of the protocol's SPEC message's `spec`.
    fn known_spec(&self) -> Result<Option<serde_json::Value>>;

    /// What tells it from any other connector and from what it was or will be, where its spec has to be asked for: one that
    /// was said is kept by this.
    fn identity(&self) -> Result<Option<String>> {
        Ok(None)
    }

    /// Who is to read the files.
    fn readers(&self) -> Readers {
        Readers::User
    }

    /// What has to stay as it is on this machine for it to be runnable, as far as that can be told by a look.
    fn inputs(&self) -> Vec<Input> {
        Vec::new()
    }
}
