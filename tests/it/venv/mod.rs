//! `prime venv` against what Python's own `venv` makes, its refusals, and what it can beyond that.

use std::path::Path;

use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;

mod activate;
mod bases;
mod comparison;
mod disks;
mod killed;
mod ours;
mod pythons_refused;
mod refusals;
mod relocatable;
mod repair;
mod trees;
mod untouched;
pub mod wheels;
mod with_pip;
mod yardstick;

/// Who makes an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// The interpreter, by `-m venv`.
    Python,
    Prime,
}

impl Maker {
    /// The command line that makes environments for an interpreter, without options.
    fn command_line(self, python: &Path) -> Vec<String> {
        let python = python.display().to_string();
        if self == Self::Python {
            return [&python, "-m", "venv"].map(str::to_owned).to_vec();
        }
        [env!("CARGO_BIN_EXE_prime"), "venv", "--python", &python].map(str::to_owned).to_vec()
    }
}

/// A run of `prime venv` for an interpreter, from the repo.
fn venv<'a>(sandbox: &'a Sandbox, python: &Path, args: &[&str]) -> Invocation<'a> {
    let line = Maker::Prime.command_line(python);
    sandbox.command(line[0].as_str()).args(&line[1..]).args(args.iter().copied())
}
