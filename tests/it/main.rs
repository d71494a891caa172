//! The integration tests: `prime` as a program, in a sandbox of its own.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on panics; a skipped one says so")]
#![expect(clippy::needless_raw_string_hashes, reason = "snapshots are written with them")]

mod bad_input;
mod boots;
mod caches;
mod certificates;
mod ci;
mod connector;
mod crowds;
mod damage;
mod driven;
mod entry;
mod environments;
mod harness;
mod heals;
mod index_policy;
mod installs;
mod isolation;
mod launcher;
mod manual;
mod monorepo;
mod no_python;
mod online;
mod outcomes;
mod places;
mod readme;
mod ready;
mod reboot;

mod robust;
mod second_run;
mod secrets;
mod seeds;
mod shells;
mod shows;
mod support;
mod terminal;
mod tidy;
mod timings;
mod turns;
mod upgrades;
mod upstream;
mod venv;
