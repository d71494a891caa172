//! What is installed, what should be, and the proof of it.
//!
//! [`stamp`] remembers what an environment was made from and tells whether that still holds, [`state`] knows where;
//! [`plan`] finds the least that has to be installed again; [`pins`] reads the versions that are there and writes them
//! down; [`sources`] knows where they came from, [`installation`] what a python that uv provided had; [`verify`](verify::verify) holds what is on disk against what was
//! installed, and [`withdraw`](withdraw::withdraw) takes out what is damaged. Nothing here runs a tool.

pub mod distribution;
pub mod input;
pub mod installation;
pub mod pins;
pub mod plan;
pub mod requirement_path;
pub mod sources;
pub mod stamp;
pub mod state;
pub mod verify;
pub mod withdraw;

pub use input::Input;
pub use installation::Installation;
pub use plan::Item;
pub use sources::Sources;
pub use stamp::{Phase, Stamp};
pub use state::State;
