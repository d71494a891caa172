//! What must not break `prime`: being killed or asked to stop, company, odd places, wrong things on disk, a strange
//! environment, a full disk.

mod at_terminal;
mod caches;
mod candidates;
mod company;
mod environment;
pub mod full;
mod killed;
mod on_disk;
mod paths;
mod read_only;
mod reboots;
mod stopped;
mod sweep;
mod volume;

/// Both drivers, as the variable names them.
const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];
