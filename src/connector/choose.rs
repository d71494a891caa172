//! From options to the executor that they mean.

use super::executor::Executor;
use super::executor::local::Local;
use super::method::{self, Method};
use super::options::Options;
use crate::error::{Fault, Kind, Result};
use crate::host::Host;
use crate::ui::Ui;

/// The executor that the options mean. Where they name no way: a program of the connector's name on `PATH`, else what the
/// registry says of it.
pub fn executor(host: &Host, _ui: Ui, options: &Options) -> Result<Box<dyn Executor>> {
    match method::named(options)? {
        Some(Method::Local(program)) => Ok(Box::new(Local::named(host, options, program.as_deref())?)),
        _ => Err(Fault::new(Kind::Bug, "not yet").into()),
    }
}
