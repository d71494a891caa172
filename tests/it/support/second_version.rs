//! A second version of `prime`: the same sources, built again under the next version's number.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::own_wheel::VERSION;
use super::real_uv::succeed;
use super::repository;

/// The number of the next version.
pub fn next_version() -> String {
    let numbers: Vec<u32> = VERSION.split('.').map(|number| number.parse().unwrap()).collect();
    format!("{}.{}.0", numbers[0], numbers[1] + 1)
}

/// The binary of the next version. The first time takes as long as a build of everything; it is kept between test runs, and
/// what has changed since is built again.
pub fn second_version() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-version");
    fs::create_dir_all(&dir).unwrap();
    let lock = File::create(dir.join("lock")).unwrap();
    lock.lock().unwrap();
    let sources = dir.join("sources");
    mirror(&repository().join("src"), &sources.join("src"));
    for (name, kept) in [("Cargo.toml", "name = \"prime\"\nversion = "), ("Cargo.lock", "name = \"prime\"\nversion = ")]
    {
        let text = fs::read_to_string(repository().join(name)).unwrap();
        let old = format!("{kept}\"{VERSION}\"");
        assert!(text.contains(&old), "{name}");
        update(&sources.join(name), text.replacen(&old, &format!("{kept}\"{}\"", next_version()), 1).as_bytes());
    }
    update(&sources.join("build.rs"), &fs::read(repository().join("build.rs")).unwrap());
    // The manifest names them; they are not built.
    for name in ["tests/it/main.rs", "benches/compare/main.rs"] {
        update(&sources.join(name), b"fn main() {}\n");
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(&sources).args(["build", "--quiet", "--locked", "--offline", "--bin", "prime", "--target-dir"]);
    succeed(cargo.arg(dir.join("target")).env("CARGO_PROFILE_DEV_DEBUG", "0")).unwrap();
    dir.join("target/debug/prime")
}

/// Makes a directory of files the same as another one. What is the same already keeps its time.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(to).unwrap().flatten() {
        if !from.join(entry.file_name()).exists() {
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            mirror(&entry.path(), &target);
        } else {
            update(&target, &fs::read(entry.path()).unwrap());
        }
    }
}

fn update(path: &Path, content: &[u8]) {
    if fs::read(path).is_ok_and(|present| present == content) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
