//! What is measured.

use prime::error::Result;

use crate::place::Place;
use crate::race::Scenario;

mod changed;
mod cold;
mod crowd;
mod eval;
pub mod obtain;
mod proof;
mod ready;
mod run;

/// A scenario by its name on the command line.
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// Sets it up.
    pub make: for<'a> fn(&'a Place) -> Result<Scenario<'a>>,
}

/// All of them.
pub const ALL: [Entry; 9] = [
    Entry { name: "ready", make: ready::scenario },
    Entry { name: "run", make: run::scenario },
    Entry { name: "proof", make: proof::scenario },
    Entry { name: "crowd", make: crowd::scenario },
    Entry { name: "eval", make: eval::scenario },
    Entry { name: "changed", make: changed::scenario },
    Entry { name: "cold-uv", make: cold::with_uv },
    Entry { name: "cold-pip", make: cold::with_pip },
    Entry { name: "obtain", make: obtain::scenario },
];
