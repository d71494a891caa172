//! CPython's own tests of `venv`, as each interpreter ships them, with `prime venv` in the place of `EnvBuilder.create`.
//! `yardstick.py` replaces it, and names the tests that are left out with the reason.

use std::process::Command;

use serde::Deserialize;

use super::Maker;
use crate::support::index::Index;
use crate::support::pythons::{self, Interpreter};
use crate::support::sandbox::Sandbox;
use crate::support::{bundled, output, skip};

const DRIVER: &str = include_str!("yardstick.py");

/// What became of the tests, by their names; with a reason where there is one.
#[derive(Deserialize)]
struct Report {
    passed: Vec<String>,
    skipped: Vec<(String, String)>,
    left_out: Vec<(String, String)>,
    failed: Vec<(String, String)>,
    calls: usize,
}

/// Runs the tests of one interpreter.
fn report(index: &Index, python: &Interpreter) -> Report {
    let sandbox = Sandbox::new().index(index).file("yardstick.py", DRIVER);
    let mut line = Maker::Prime.command_line(&python.executable);
    // The driver adds the interpreter.
    line.pop();
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    let command = serde_json::to_string(&line).unwrap();
    let run = sandbox.command(&python.executable).args(["-B", "yardstick.py", &command]).env("PATH", path);
    let run = run.env("LC_ALL", "C.UTF-8").output();
    let stdout = run.stdout();
    let last = stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{python}: {error}: {stdout}{}", run.stderr()))
}

fn tell(what: &str, tests: &[(String, String)]) {
    for (name, reason) in tests {
        eprintln!("    {what}: {name}: {reason}");
    }
}

fn has_tests(python: &Interpreter) -> bool {
    let output = output(Command::new(&python.executable).args(["-I", "-c", "import test.test_venv"]));
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn cpythons_own_tests_of_venv_pass() {
    let index = bundled::packages().into_iter().fold(Index::start(), Index::add);
    let (mut ran, mut failures) = (0, Vec::new());
    for python in pythons::for_environments().into_iter().filter(|it| has_tests(it)) {
        let Report { passed, skipped, left_out, failed, calls } = report(&index, python);
        let count = passed.len() + failed.len();
        eprintln!("{python}: {count} ran in {calls} runs of `prime venv`, {} passed", passed.len());
        tell("skipped by CPython", &skipped);
        tell("left out", &left_out);
        ran += count;
        failures.extend(failed.into_iter().map(|(name, text)| format!("{python}: {name}\n{text}")));
    }
    if ran == 0 {
        skip::<()>("no interpreter here ships `test.test_venv`");
        return;
    }
    eprintln!("CPython's own tests: {ran} ran, {} passed", ran - failures.len());
    assert!(failures.is_empty(), "{} of {ran} fail:\n{}", failures.len(), failures.join("\n"));
}
