//! The programs in `examples`, built as cargo builds them for a user.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::real_uv::succeed;
use super::repository;

/// The program of an example. `cargo test` has built it already, unless only some tests are run.
pub fn example(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_BIN_EXE_prime")).parent().unwrap();
    let profile = if dir.ends_with("release") { "release" } else { "dev" };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository()).args(["build", "--quiet", "--locked", "--example", name, "--profile", profile]);
    succeed(cargo.arg("--target-dir").arg(dir.parent().unwrap())).unwrap();
    dir.join("examples").join(name)
}
