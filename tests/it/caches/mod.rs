//! What a CI keeps from one run to the next: the key, the paths, and what `prime` makes of what was brought back.

mod active;
mod broken;
mod c_library;
mod connectors;
mod key;
mod monorepo;
mod provided;
mod pruned;
mod resolution;
mod restored;
mod runner;
mod sources;
