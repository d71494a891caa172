//! Several at once on the same fresh clone: one does the work, the others wait for it and say so.

use super::DRIVERS;
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::run::{Run, Running};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// A repo whose one dependency is not served to its end before the gate is opened.
fn held(driver: &str) -> Option<(Sandbox, Index, Gate)> {
    let (uv, python) = (real_uv()?, pythons::newest()?);
    let gate = Gate::default();
    let index = Index::start().add(Wheel::new("left-pad", "1.0").file("left_pad.py", "").build());
    let index = index.fault("/files/left_pad", Fault::Held(gate.clone()));
    let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python);
    let sandbox = sandbox.project("app", "1", &["left-pad"]).env("PROTOPRIMER_VENV_DRIVER", driver);
    let pyproject = sandbox.read("pyproject.toml") + "[tool.tinybackend]\njournal = \"builds\"\n";
    Some((sandbox.file("pyproject.toml", pyproject), index, gate))
}

fn is_waiting(running: &Running) -> bool {
    running.stderr().contains("wait     for process ")
}

/// Starts so many at once, and opens the gate when all but one wait.
fn together(sandbox: &Sandbox, gate: &Gate, number: usize) -> Vec<(u32, Run)> {
    let mut all: Vec<Running> = (0..number).map(|_| sandbox.prime(["run", "--", "app"]).spawn()).collect();
    let pids: Vec<u32> = all.iter().map(Running::pid).collect();
    loop {
        let waiting = all.iter().filter(|it| is_waiting(it)).count();
        if waiting + 1 >= number || all.iter_mut().any(Running::has_ended) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    gate.open();
    pids.into_iter().zip(all.into_iter().map(Running::wait)).collect()
}

#[test]
fn of_several_at_once_one_does_the_work_and_the_others_wait_for_it() {
    for (driver, number) in [(DRIVERS[0], 2), (DRIVERS[0], 5), (DRIVERS[1], 2)] {
        let Some((sandbox, index, gate)) = held(driver) else { return };
        let runs = together(&sandbox, &gate, number);
        for (_, run) in &runs {
            assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{driver}: {}", run.stderr());
        }
        let talk: Vec<String> = runs.iter().map(|(_, run)| sandbox.redact(&run.stderr())).collect();
        let saying = |text: &str| talk.iter().filter(|talk| talk.contains(text)).count();
        assert_eq!((saying("create  "), saying("install ")), (1, 1), "{driver}: {talk:#?}");
        // Those who wait name the process that has the lock, which is the one that installs, and since when.
        let (holder, _) = runs.iter().find(|(_, run)| run.stderr().contains("install ")).unwrap();
        let waits = format!("wait     for process {holder} (since [CLOCK]), which works on the same repository\n");
        assert_eq!(saying(&waits), number - 1, "{driver}: {talk:#?}");
        let asked = index.paths().iter().filter(|path| *path == "/simple/left-pad/").count();
        assert_eq!(asked, 1, "{driver}: {:?}", index.paths());
        let builds = sandbox.read("builds");
        assert_eq!(builds.lines().filter(|line| *line == "editable app").count(), 1, "{driver}: {builds}");
        sandbox.prime(["boot"]).run();
    }
}

#[test]
fn two_repositories_that_fetch_uv_at_once_share_one_copy() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let index = Index::start().add(uv_wheel(uv));
    let one = Sandbox::new().index(&index).link_python(python).project("app", "1", &[]);
    let other = Sandbox::new().index(&index).link_python(python).project("app", "1", &[]);
    let other = other.env("XDG_CACHE_HOME", one.cache());
    let running = [&one, &other].map(|sandbox| sandbox.prime(["run", "--", "app"]).spawn());
    for run in running.map(Running::wait) {
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    }
    let versions = std::fs::read_dir(one.cache().join("prime/uv")).unwrap();
    let names: Vec<_> = versions.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, [uv.version.as_str()]);
}

#[test]
fn a_build_that_starts_prime_elsewhere_starts_it_afresh() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let index = Index::start();
    let inner = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("inner", "1", &[]);
    let outer = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("outer", "1", &[]);
    let backend = format!(
        "from tinybackend import *\nimport subprocess, tinybackend\n\n\
         def build_editable(directory, settings=None, metadata=None):\n    \
         subprocess.run([{:?}, '-q', 'run', '--', 'inner'], cwd={:?}, check=True)\n    \
         return tinybackend.build_editable(directory, settings, metadata)\n",
        env!("CARGO_BIN_EXE_prime"),
        inner.repo(),
    );
    let pyproject = outer.read("pyproject.toml").replace("build-backend = \"tinybackend\"", "build-backend = \"own\"");
    let outer = outer.file("own.py", backend).file("pyproject.toml", pyproject + "backend-path = [\".\"]\n");
    let run = outer.prime(["run", "--", "outer"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is outer\n"), "{}", run.stderr());
    assert!(inner.repo().join(".venv/bin/inner").exists());
}
