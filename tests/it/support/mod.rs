//! What the tests stand on: a sandbox, stand-ins for programs, real interpreters, a loopback index, a loopback mirror.

use std::env;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{PoisonError, RwLock};
use std::{fs, io};

pub mod artifact;
pub mod browser;
pub mod bundled;
pub mod docker;
pub mod encoding;
pub mod example;
pub mod fakes;
pub mod hello;
pub mod http;
pub mod index;
pub mod machine;
pub mod mirror;
pub mod monorepo;
pub mod own_wheel;
pub mod pair;
pub mod proxy;
pub mod pythons;
pub mod real_uv;
pub mod redact;
pub mod run;
pub mod sandbox;
pub mod second_version;
pub mod terminal;
pub mod tls;
pub mod trace;
pub mod tree;
pub mod wheel;

/// The stages of a boot, in their order.
pub const STAGES: [&str; 6] = [
    "stride_py_unknown",
    "stride_py_arbitrary",
    "stride_py_required",
    "stride_py_venv",
    "stride_deps_updated",
    "stride_src_updated",
];

/// Set where nothing may be skipped.
pub const REQUIRE: &str = "PRIME_TEST_REQUIRE";

/// Held to read while a child is started, and to write while an executable is written: a child that another thread is
/// just forking would have the file open for writing, and until its exec nobody could run it ("text file busy").
static SPAWNING: RwLock<()> = RwLock::new(());

/// Runs what starts a child.
pub fn spawning<T>(start: impl FnOnce() -> T) -> T {
    let _guard = SPAWNING.read().unwrap_or_else(PoisonError::into_inner);
    start()
}

/// Runs a child of the harness itself.
pub fn output(command: &mut Command) -> io::Result<Output> {
    let child = spawning(|| command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn())?;
    child.wait_with_output()
}

/// Writes a file with these permissions, and its directories.
pub fn write(path: &Path, content: &[u8], mode: u32) {
    let _guard = SPAWNING.write().unwrap_or_else(PoisonError::into_inner);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Removes a directory into which something let go may still write: what `prime` compiles beside its own work.
pub fn remove_dir(dir: &Path) {
    for _ in 0..100 {
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            removed => return removed.unwrap(),
        }
    }
    panic!("{} is written to without end", dir.display());
}

/// The root of this repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program on the developer's `PATH` that is not a pyenv shim.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = env::split_paths(&path).filter(|dir| !dir.ends_with("shims"));
    dirs.map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// As [`program`]; where it is missing the test is skipped, or fails if nothing may be skipped.
pub fn require_program(name: &str) -> Option<PathBuf> {
    program(name).or_else(|| skip(&format!("no `{name}` on this machine")))
}

/// Says why a test is skipped, and fails where nothing may be.
pub fn skip<T>(reason: &str) -> Option<T> {
    assert!(env::var_os(REQUIRE).is_none(), "{reason}, and {REQUIRE} is set");
    eprintln!("skipped: {reason}");
    None
}
