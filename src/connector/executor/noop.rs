//! A connector that is not run at all: the registry says what its configuration looks like, and that is all.

use serde_json::Value as Json;

use super::{Executor, Kind as ExecutorKind, Verb};
use crate::connector::files::Files;
use crate::connector::registry::Metadata;
use crate::error::{Fault, Kind, Result};
use crate::host::Cmd;

/// A connector that is not run.
#[derive(Clone, Debug)]
pub struct Nothing {
    metadata: Metadata,
}

impl Nothing {
    /// The connector of which the registry says this.
    pub fn new(metadata: Metadata) -> Self {
        Self { metadata }
    }

    fn refused(&self, what: &str) -> anyhow::Error {
        let message = format!("connector `{}` cannot {what}: it has no executor", self.metadata.name);
        Fault::new(Kind::Usage, message).hint("leave out `--no-executor`; with it only `spec` works").into()
    }
}

impl Executor for Nothing {
    fn kind(&self) -> ExecutorKind {
        ExecutorKind::Nothing
    }

    fn ensure(&self, _fix: bool) -> Result<()> {
        Ok(())
    }

    fn install(&self) -> Result<()> {
        Err(self.refused("be installed"))
    }

    fn uninstall(&self) -> Result<()> {
        Err(self.refused("be uninstalled"))
    }

    fn version(&self, _recheck: bool) -> Result<Option<String>> {
        Ok(None)
    }

    fn location(&self) -> Result<String> {
        Err(self.refused("be found"))
    }

    fn command(&self, verb: Verb, _files: &Files) -> Result<Cmd> {
        match verb {
            Verb::Spec => {
                let message = format!("the registry has no `spec` of connector `{}`", self.metadata.name);
                Err(Fault::new(Kind::Config, message).hint("leave out `--no-executor`").into())
            }
            verb => Err(self.refused(verb.as_str())),
        }
    }

    fn known_spec(&self) -> Result<Option<Json>> {
        Ok(self.metadata.spec.clone())
    }
}
