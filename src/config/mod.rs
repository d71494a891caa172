//! The configuration of a repository: where it is, what it says, and what follows from it.
//!
//! * [`mod@discover`] finds the repository and its file, cheaply, because it runs at every start.
//! * [`document`] reads TOML and JSON as one tree that knows the line of everything.
//! * [`parse`] makes [`fields`] of it, [`merge`] puts the leaps together, and [`settings`] is the result: every value with
//!   its origin ([`leap`]), every path absolute.
//! * [`project`] reads what the projects say about themselves.
//!
//! Nothing here changes a file, starts a child or prints: what is odd comes back as a warning, what is wrong as a fault.
//! Which python is used and how a venv is made is not known here.

mod complain;
pub mod discover;
pub mod document;
pub mod fields;
pub mod inputs;
pub mod leap;
pub mod merge;
pub mod parse;
pub mod project;
pub mod schema;
pub mod script;
pub mod settings;
pub mod template;

pub use self::discover::{Repo, discover};
pub use self::fields::{ConnectorFields, Field, Said, VenvDriver};
pub use self::inputs::Inputs;
pub use self::leap::{Leap, Origin, Setting};
pub use self::parse::Broken;
pub use self::script::Script;
pub use self::settings::{
    EnvLink, Evaluation, Group, Project, SaidField, Selection, Settings, evaluate, load, ref_root,
};
