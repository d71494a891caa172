//! Killed with all it started, at many moments; a plain run afterwards must mend whatever was left.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Instant;

use super::DRIVERS;
use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::real_uv::{RealUv, real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;

type Reached<'a> = &'a dyn Fn(&Sandbox) -> bool;

/// Something to wait for, with its name for the message.
struct Moment {
    name: String,
    is_there: Box<dyn Fn(&Path) -> bool>,
}

impl Moment {
    /// A file of the repo.
    fn file(name: &str) -> Self {
        let path = name.to_owned();
        Self { name: path.clone(), is_there: Box::new(move |repo| repo.join(&path).symlink_metadata().is_ok()) }
    }

    /// A text in the stamp.
    fn stamp(text: &'static str) -> Self {
        let holds = move |repo: &Path| {
            fs::read_to_string(repo.join(".prime/stamp.json")).is_ok_and(|stamp| stamp.contains(text))
        };
        Self { name: format!("`{text}` in the stamp"), is_there: Box::new(holds) }
    }

    /// Something whose name begins like this among what is installed.
    fn installed(start: &'static str) -> Self {
        Self { name: format!("{start} in site-packages"), is_there: Box::new(move |repo| is_installed(repo, start)) }
    }

    /// So many lines in the log.
    fn line(number: usize) -> Self {
        Self { name: format!("line {number} of the log"), is_there: Box::new(move |repo| log(repo).len() >= number) }
    }
}

fn is_installed(repo: &Path, start: &str) -> bool {
    let dirs = names(&repo.join(".venv/lib")).into_iter().map(|dir| dir.join("site-packages"));
    let mut found = dirs.flat_map(|dir| names(&dir));
    found.any(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start)))
}

fn names(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// The lines of all logs.
fn log(repo: &Path) -> Vec<String> {
    let files = names(&repo.join(".prime/log")).into_iter();
    let text: String = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    text.lines().map(str::to_owned).collect()
}

fn clean(sandbox: &Sandbox) {
    for name in [".venv", ".prime"] {
        let _ = fs::remove_dir_all(sandbox.repo().join(name));
    }
    let _ = fs::remove_file(sandbox.repo().join("constraints.txt"));
}

/// Starts a cold boot and kills it when `moment` has come; whether it was still at work.
fn kill_at(sandbox: &Sandbox, moment: &Moment) -> bool {
    clean(sandbox);
    let mut running = sandbox.prime(["boot"]).spawn();
    running.wait_until(|_| (moment.is_there)(&sandbox.repo()));
    running.kill().code() == 137
}

#[track_caller]
fn assert_heals(sandbox: &Sandbox, after: &str) {
    let run = sandbox.prime(["run", "--", "hello"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "killed at {after}: {}", run.stderr());
    assert!(is_installed(&sandbox.repo(), "humanize"), "killed at {after}");
    // Ready, and silent about it.
    sandbox.prime(["boot"]).run();
}

fn sandbox(index: &Index, uv: &RealUv, driver: &str) -> Sandbox {
    hello(hello_python().unwrap()).index(index).link_uv(uv).env("PROTOPRIMER_VENV_DRIVER", driver)
}

#[test]
fn whatever_was_written_last_before_the_kill_is_mended() {
    let (Some(uv), Some(_)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    let moments = [
        Moment::file(".prime/log"),
        Moment::file(".prime/.gitignore"),
        Moment::file(".prime/lock"),
        Moment::stamp("creating"),
        Moment::file(".venv"),
        Moment::file(".venv/pyvenv.cfg"),
        Moment::file(".venv/bin/python"),
        Moment::stamp("created"),
        Moment::stamp("installing"),
        Moment::installed("humanize"),
        Moment::installed("hello"),
        Moment::file(".venv/bin/hello"),
        Moment::file("constraints.txt"),
        Moment::stamp("ready"),
    ];
    let sandbox = sandbox(&index, uv, "venv_uv");
    let hits = moments.iter().filter(|moment| {
        let hit = kill_at(&sandbox, moment);
        assert_heals(&sandbox, &moment.name);
        hit
    });
    assert_ne!(hits.count(), 0);
}

#[test]
fn whatever_was_decided_last_before_the_kill_is_mended() {
    let (Some(uv), Some(_)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    let sandbox = sandbox(&index, uv, "venv_uv");
    assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
    let lines = log(&sandbox.repo()).len();
    let mut hits = 0;
    for number in (1..=lines).step_by((lines / 12).max(1)) {
        hits += usize::from(kill_at(&sandbox, &Moment::line(number)));
        assert_heals(&sandbox, &format!("line {number} of {lines}"));
    }
    assert_ne!(hits, 0);
}

#[test]
fn pips_environment_is_mended_too() {
    let (Some(uv), Some(_)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    let sandbox = sandbox(&index, uv, "venv_pip");
    for moment in [
        Moment::file(".venv/pyvenv.cfg"),
        Moment::installed("pip"),
        Moment::stamp("installing"),
        Moment::installed("hello"),
    ] {
        kill_at(&sandbox, &moment);
        assert_heals(&sandbox, &moment.name);
    }
}

#[test]
fn a_kill_after_any_part_of_the_time_is_mended() {
    let (Some(uv), Some(_)) = (real_uv(), hello_python()) else { return };
    for (driver, parts) in DRIVERS.into_iter().zip([8_u32, 3]) {
        let index = hello_index();
        let sandbox = sandbox(&index, uv, driver);
        let start = Instant::now();
        assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
        let whole = start.elapsed();
        for part in 1..parts {
            clean(&sandbox);
            let running = sandbox.prime(["boot"]).spawn();
            sleep(whole * part / parts);
            running.kill();
            assert_heals(&sandbox, &format!("{part}/{parts} of the time of {driver}"));
        }
    }
}

#[test]
fn an_environment_that_was_ready_is_mended_after_a_kill_on_its_way_to_another_state() {
    let (Some(uv), Some(_)) = (real_uv(), hello_python()) else { return };
    let gate = Gate::default();
    let index = hello_index().fault("/files/wcwidth", Fault::Held(gate.clone()));
    let sandbox = sandbox(&index, uv, "venv_uv");
    let pyproject = sandbox.read("pyproject.toml");
    let fewer = pyproject.lines().filter(|line| !line.contains("\"wcwidth")).collect::<Vec<_>>().join("\n");
    assert_ne!(fewer.len() + 1, pyproject.len());
    let sandbox = sandbox.file("pyproject.toml", fewer);
    assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
    let sandbox = sandbox.file("pyproject.toml", pyproject);
    let mut running = sandbox.prime(["boot"]).spawn();
    let asked = || index.paths().iter().any(|path| path.starts_with("/files/wcwidth"));
    assert!(running.wait_until(|_| asked()), "{}", running.stderr());
    assert_eq!(running.kill().code(), 137);
    gate.open();
    assert_heals(&sandbox, "the installation of another dependency");
}

#[test]
fn a_kill_while_uv_is_fetched_leaves_a_cache_that_serves() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index().add(uv_wheel(uv));
    let sandbox = || hello(python).index(&index).env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    let versions = |sandbox: &Sandbox| sandbox.cache().join("prime/uv");
    let staged = |sandbox: &Sandbox| names(&versions(sandbox)).into_iter().find(|path| is_staging(path));
    let size_of = |sandbox: &Sandbox, name: &str| {
        staged(sandbox).and_then(|dir| dir.join(name).metadata().ok()).map_or(0, |meta| meta.len())
    };
    let moments: [(&str, Reached<'_>); 4] = [
        ("the download", &|sandbox| staged(sandbox).is_some()),
        ("the program's first byte", &|sandbox| size_of(sandbox, "uv") > 0),
        ("the middle of the program", &|sandbox| size_of(sandbox, "uv") > 10 << 20),
        ("the program in its place", &|sandbox| versions(sandbox).join(&uv.version).exists()),
    ];
    for (name, reached) in moments {
        let sandbox = sandbox();
        let mut running = sandbox.prime(["boot"]).spawn();
        running.wait_until(|_| reached(&sandbox));
        running.kill();
        assert_heals(&sandbox, name);
        let program = versions(&sandbox).join(&uv.version).join("uv");
        let said = sandbox.command(program).args(["--version"]).output().stdout();
        assert!(said.starts_with(&format!("uv {}", uv.version)), "killed at {name}: {said}");
    }
}

fn is_staging(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".new-"))
}
