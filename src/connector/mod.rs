//! Connectors: named Python applications that speak JSON lines, each made runnable in a way of its own.
//!
//! An [`Executor`] makes a connector runnable and gives the command that answers; what the command says is the protocol's
//! business. The semantics are those of PyAirbyte's `get_source` and `VenvExecutor`, without their faults.

pub mod ask;
pub mod catalog;
pub mod choose;
pub mod config;
pub mod counts;
pub mod csv;
pub mod drive;
pub mod executor;
pub mod files;
mod json;
mod kept;
pub mod lines;
pub mod manifest;
pub mod method;
pub mod name;
pub mod options;
pub mod protocol;
pub mod pump;
pub mod quota;
pub mod records;
pub mod registry;
mod secrets;
mod sink;
pub mod spec;
pub mod specs;
pub mod state;
pub mod talk;
pub mod web;
mod yaml;

pub use executor::{Executor, Verb};
pub use files::Files;
pub use name::ConnectorName;
pub use options::{Options, Setting};
