//! `prime`: see the last of the modules below; the architecture page comes with the command line.

pub mod config;
pub mod deps;
pub mod error;
pub mod fetch;
pub mod host;
pub mod python;
pub mod shell;
pub mod ui;
pub mod venv;
