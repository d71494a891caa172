//! A kill at any moment of a cold boot, and never a ready environment that does not import.
//!
//! The package has thousands of files, so that most of the moments fall into its installation. `PRIME_TEST_KILLS` sets how
//! many kills each way of installing gets; the default keeps the whole suite short.

use std::env;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::pythons::Interpreter;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// How many kills each way gets unless a variable says otherwise.
const KILLS: u32 = 3;
const MODULES: usize = 3000;

/// The driver, and how uv brings files from its cache into the environment.
type Way = (&'static str, &'static str);

/// Imports every module of the package and looks at what it says of itself.
const PROOF: &str = "\
import importlib, sys
for number in range(int(sys.argv[1])):
    assert importlib.import_module('big.m%04d' % number).number == number
";

fn index() -> Index {
    let wheel = (0..MODULES).fold(Wheel::new("big", "1.0").file("big/__init__.py", ""), |wheel, number| {
        wheel.file(&format!("big/m{number:04}.py"), format!("number = {number}\n"))
    });
    Index::start().add(wheel.build())
}

fn repo(index: &Index, python: &Interpreter, (driver, link_mode): Way) -> Option<Sandbox> {
    let pyproject = "[project]\nname = \"one\"\nversion = \"1.0\"\ndependencies = [\"big\"]\n\
                     [build-system]\nrequires = [\"tinybackend\"]\nbuild-backend = \"tinybackend\"\n";
    let sandbox = Sandbox::new().index(index).link_uv(real_uv()?).link_python(python);
    let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver).env("UV_LINK_MODE", link_mode);
    let sandbox = sandbox.file("pyproject.toml", pyproject).file(".python-version", python.series() + "\n");
    Some(sandbox.file("src/one.py", ""))
}

/// What became of one way's kills.
#[derive(Default)]
struct Tally {
    kills: u32,
    /// While the boot was still at work.
    hits: u32,
    /// The next run said that all is well, and every module could be imported.
    healed: u32,
    /// The next run failed, and said why.
    failed_aloud: u32,
    /// The next run said that all is well, and it was not.
    lies: Vec<String>,
}

fn clean(sandbox: &Sandbox) {
    for name in [".venv", ".prime"] {
        let _ = fs::remove_dir_all(sandbox.repo().join(name));
    }
    let _ = fs::remove_file(sandbox.repo().join("constraints.txt"));
}

/// How long a boot takes that finds the tools' caches filled, as all that are killed do.
fn time_of_a_boot(sandbox: &Sandbox) -> Duration {
    let boot = || {
        clean(sandbox);
        let start = Instant::now();
        assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
        start.elapsed()
    };
    boot();
    boot()
}

fn kill_after(sandbox: &Sandbox, delay: Duration, tally: &mut Tally) {
    clean(sandbox);
    let running = sandbox.prime(["boot"]).spawn();
    sleep(delay);
    tally.kills += 1;
    tally.hits += u32::from(running.kill().code() == 137);
    let next = sandbox.prime(["boot"]).output();
    if next.code() != 0 {
        assert_ne!(next.stderr(), "", "it fails and says nothing after a kill at {delay:?}");
        tally.failed_aloud += 1;
        return;
    }
    let count = MODULES.to_string();
    let python = sandbox.repo().join(".venv/bin/python");
    let proof = sandbox.command(python).args(["-B", "-I", "-c", PROOF, &count]).output();
    if proof.code() == 0 {
        tally.healed += 1;
    } else {
        tally.lies.push(format!("after {delay:?}: {}{}", next.stderr(), proof.stderr()));
    }
}

/// Kills boots of this way, evenly over the time that one takes.
fn sweep(way: Way) {
    let Some(python) = hello_python() else { return };
    let kills = env::var("PRIME_TEST_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let index = index();
    let Some(sandbox) = repo(&index, python, way) else { return };
    let whole = time_of_a_boot(&sandbox);
    let mut tally = Tally::default();
    for number in 0..kills {
        kill_after(&sandbox, whole * (2 * number + 1) / (2 * kills), &mut tally);
    }
    let Tally { kills, hits, healed, failed_aloud, lies } = &tally;
    eprintln!(
        "{} {}: {kills} kills over {} ms, {hits} at work; then {healed} healed, {failed_aloud} failed aloud, {} called \
         ready without being it",
        way.0,
        way.1,
        whole.as_millis(),
        lies.len()
    );
    assert!(lies.is_empty(), "{way:?}: {}", lies.join("\n"));
    assert_ne!(*hits, 0, "{way:?}");
}

#[test]
fn no_kill_while_uv_copies_ends_in_an_environment_that_is_called_ready_and_does_not_import() {
    sweep(("venv_uv", "copy"));
}

#[test]
fn no_kill_while_uv_links_hard_ends_in_an_environment_that_is_called_ready_and_does_not_import() {
    sweep(("venv_uv", "hardlink"));
}

#[test]
fn no_kill_while_uv_links_symbolically_ends_in_an_environment_that_is_called_ready_and_does_not_import() {
    sweep(("venv_uv", "symlink"));
}

#[test]
fn no_kill_while_pip_installs_ends_in_an_environment_that_is_called_ready_and_does_not_import() {
    sweep(("venv_pip", "copy"));
}
