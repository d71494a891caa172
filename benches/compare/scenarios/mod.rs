//! What is measured.

use prime::error::Result;

use crate::place::Place;
use crate::race::Scenario;

mod ask;
mod changed;
mod cold;
mod crowd;
mod drive;
mod eval;
mod launcher;
mod metadata;
pub mod obtain;
mod proof;
mod ready;
mod run;
mod start;
mod venv;

/// A scenario by its name on the command line.
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// Sets it up.
    pub make: for<'a> fn(&'a Place) -> Result<Scenario<'a>>,
}

/// All of them.
pub const ALL: [Entry; 21] = [
    Entry { name: "ready", make: ready::scenario },
    Entry { name: "run", make: run::scenario },
    Entry { name: "start", make: start::by_path },
    Entry { name: "script", make: start::by_first_line },
    Entry { name: "metadata", make: metadata::scenario },
    Entry { name: "launcher", make: launcher::scenario },
    Entry { name: "proof", make: proof::scenario },
    Entry { name: "crowd", make: crowd::scenario },
    Entry { name: "eval", make: eval::scenario },
    Entry { name: "venv-without-pip", make: venv::without_pip },
    Entry { name: "venv-with-pip", make: venv::with_pip },
    Entry { name: "venv-first", make: venv::first_use },
    Entry { name: "venv-pip-start", make: venv::pip_start },
    Entry { name: "changed", make: changed::scenario },
    Entry { name: "cold-uv", make: cold::with_uv },
    Entry { name: "cold-pip", make: cold::with_pip },
    Entry { name: "obtain", make: obtain::scenario },
    Entry { name: "drive-processor", make: drive::processor },
    Entry { name: "drive-whole", make: drive::whole },
    Entry { name: "drive-check", make: ask::check },
    Entry { name: "drive-discover", make: ask::discover },
];
