//! Which python a repository wants, and which one this machine has.
//!
//! *Required* speaks of a version, *selected* of an executable (the words are those of protoprimer's `python_executable`
//! article). [`requirement`] says what is wanted, [`pin`] and [`requires`] where that is written down, [`find`] looks for
//! it, and [`probe`] asks an interpreter what it is. Nothing here installs a python, reads the configuration, or talks to
//! a person: warnings and reasons are returned.

pub mod cache;
pub mod find;
pub mod interpreter;
mod loader;
pub mod named;
pub mod object_reference;
pub mod package_name;
pub mod pin;
pub mod probe;
mod pyvenv;
pub mod requirement;
pub mod requirements_file;
pub mod requires;
mod screen;
pub mod selector;
pub mod stable;
pub mod version;

pub use find::{Candidate, Outcome, Search, SearchOptions, probe_as_named, probe_path, search};
pub use interpreter::{Build, Interpreter};
pub use object_reference::ObjectReference;
pub use pin::PinFile;
pub use requirement::Requirement;
pub use requires::{check_against_requires_python, check_version_against_requires_python};
pub use stable::stable_path;
pub use version::{Implementation, PythonVersion, Stage};
