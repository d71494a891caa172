//! `examples/hello` without network: an index with stand-ins for its two dependencies and for its build backend.

use super::index::Index;
use super::pythons::{self, Interpreter};
use super::repository;
use super::sandbox::Sandbox;
use super::wheel::{TINYBACKEND, Wheel};

/// What `hello` prints.
pub const GREETING: &str =
    "Hello from prime: one command, two dependencies\n===============================================\n";

/// An index with just enough of each for `hello` to be built and to say what it says with the real ones.
pub fn hello_index() -> Index {
    let humanize = "def apnumber(number):\n    return ['zero', 'one', 'two'][number]\n";
    let backend = Wheel::new("flit_core", "3.99").file("flit_core/__init__.py", "");
    Index::start()
        .add(Wheel::new("humanize", "4.99.0").file("humanize.py", humanize).build())
        .add(Wheel::new("wcwidth", "0.99.0").file("wcwidth.py", "wcswidth = len\n").build())
        .add(backend.file("flit_core/buildapi.py", TINYBACKEND).build())
}

/// A copy of the example that requires the given python, which is on `PATH`.
pub fn hello(python: &Interpreter) -> Sandbox {
    let sandbox = Sandbox::new().copy_of(&repository().join("examples/hello"));
    sandbox.file(".python-version", python.series() + "\n").link_python(python)
}

/// The version that the example asks for.
pub fn hello_series() -> String {
    std::fs::read_to_string(repository().join("examples/hello/.python-version")).unwrap().trim().to_owned()
}

/// The python that the example asks for, else the newest.
pub fn hello_python() -> Option<&'static Interpreter> {
    pythons::all().find(|it| it.series() == hello_series()).or_else(pythons::newest)
}
