//! The ways into an environment: `start`, scripts, `shell`, `env`, `wrap`, and what all of them have in common.

use std::path::PathBuf;

use prime::launcher::Launcher;

use crate::support::hello::{hello, hello_index, hello_python};
use crate::support::index::Index;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;

mod cache;
mod completions;
mod direnv;
mod environment;
mod interactive;
mod locked;
mod metadata;
mod piped;
mod refused;
mod scripts;
mod start;
mod through;
mod wrap;

/// What the tests call, in the package of `examples/hello`.
const PROBE: &str = r#"
import os, sys

def see():
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    print([os.fsencode(word) for word in sys.argv])
    print(sys.path[0], sys.prefix, __name__, spec and spec.name)
    print(sorted(name for name in os.environ if name.startswith(("PROTOPRIMER", "PRIME", "_PRIME", "_prime"))))

def give():
    return eval(sys.argv[1])

def leave():
    sys.exit(eval(sys.argv[1]))

def echo():
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(data)
    return os.isatty(0)

class Thing:
    @staticmethod
    def method():
        print("a method")
        return 5

if __name__ == "__main__":
    see()
"#;

/// A script that does the same, without anything of the package.
const SCRIPT: &str = "import hello.probe\nhello.probe.see()\n";

/// `examples/hello` with a module for the tests, not booted; `prime` and the system's programs are on `PATH`.
fn unready() -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv).file("src/hello/probe.py", PROBE);
    let sandbox = sandbox.link("prime", env!("CARGO_BIN_EXE_prime").as_ref());
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    Some((sandbox.env("PATH", path).env("LC_ALL", "C.UTF-8"), index))
}

/// The same, booted.
fn ready() -> Option<Sandbox> {
    let (sandbox, _index) = unready()?;
    let run = sandbox.prime(["-q"]).output();
    assert_eq!((run.code(), run.stderr()), (0, String::new()));
    Some(sandbox)
}

/// The environment's python.
fn python(sandbox: &Sandbox) -> PathBuf {
    sandbox.repo().join(".venv/bin/python")
}

/// A launcher that pins nothing.
fn launcher() -> String {
    Launcher { version: env!("CARGO_PKG_VERSION").to_owned(), index: String::new(), pins: Vec::new() }.text()
}
