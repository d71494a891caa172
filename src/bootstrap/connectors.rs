//! The connectors that a boot makes sure of, after the groups.
//!
//! How one is made ready is not known here: it is handed in with the [`Request`](super::Request). What has to stay as it is
//! for them to be ready stands in the environment's stamp, so a ready run only looks whether it does.

use super::{Run, state};
use crate::config::{ConnectorFields, Settings};
use crate::deps::{Input, Phase, Stamp};
use crate::error::Result;
use crate::host::{EnvDelta, names};
use crate::venv::layout::deactivation;

/// Those that the configuration wants to be ready.
pub fn ensured(settings: &Settings) -> impl Iterator<Item = &ConnectorFields> {
    settings.connectors.iter().filter(|connector| connector.flag("ensure"))
}

/// Makes them ready. What the groups have come to is noted first: whatever becomes of the connectors, it stays.
pub fn ensure(run: &Run<'_>, settings: &Settings, stamp: &Stamp) -> Result<Vec<Input>> {
    if ensured(settings).next().is_none() {
        return Ok(Vec::new());
    }
    if stamp.phase == Phase::Created {
        stamp.save(&state(settings).stamp())?;
    }
    // They are none of the environment's: they are run without it as well.
    let clean = names::INTERNAL.into_iter().fold(deactivation(run.host), EnvDelta::unset);
    (run.request.connectors)(&run.host.with_env(&clean), run.ui, run.request, settings)
}
