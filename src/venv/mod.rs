//! Virtual environments: what one is on disk, and the drivers that make and fill one.
//!
//! A [`Driver`] wraps a tool (uv, pip) and turns plain requests into its command lines; what the tool said when it failed
//! is sorted into our kinds of failure in [`diagnose`]. Resolving, building and installing are the tools' business. What
//! should be done, and when, is decided above.

mod arguments;
pub mod builder;
pub mod cfg;
pub mod credentials;
pub mod diagnose;
pub mod driver;
pub mod layout;
pub mod obtain;
pub mod pip;
mod pylock;
mod report;
pub mod scripts;
pub mod seed;
pub mod tool;
pub mod uv;

pub use driver::{
    Base, Console, DependencyGroup, Driver, DriverName, InstallRequest, LOCKED_REQUIREMENTS, LockRequest,
};
pub use layout::Venv;
pub use report::Fetched;
pub use tool::{Supply, Tool};
