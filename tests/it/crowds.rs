//! Many at once: on a fresh clone the work is done once, on a ready repository nobody waits for anybody, and who waits goes
//! on when the one that it waits for is gone.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::run::Running;
use crate::support::sandbox::Sandbox;
use crate::support::trace::name_of;
use crate::support::wheel::Wheel;

const FIRST_RUNS: usize = 30;
const READY_RUNS: usize = 64;

/// A fresh clone whose builds are noted, without a uv.
fn clone(index: &Index) -> Option<Sandbox> {
    let sandbox = Sandbox::new().index(index).link_python(pythons::newest()?).project("app", "1", &["left-pad"]);
    let pyproject = sandbox.read("pyproject.toml") + "[tool.tinybackend]\njournal = \"builds\"\n";
    Some(sandbox.file("pyproject.toml", pyproject))
}

fn index() -> Index {
    Index::start().add(Wheel::new("left-pad", "1.0").file("left_pad.py", "").build())
}

fn start(sandbox: &Sandbox, number: usize) -> Vec<Running> {
    (0..number).map(|_| sandbox.prime(["run", "--", "app"]).spawn()).collect()
}

fn asked(index: &Index, what: &str) -> usize {
    index.paths().iter().filter(|path| path.starts_with(what)).count()
}

#[test]
fn a_crowd_on_a_fresh_clone_does_the_work_once() {
    let Some(uv) = real_uv() else { return };
    let index = index().add(uv_wheel(uv));
    let Some(sandbox) = clone(&index) else { return };
    let runs: Vec<_> = start(&sandbox, FIRST_RUNS).into_iter().map(Running::wait).collect();
    for run in &runs {
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    }
    let saying = |text: &str| runs.iter().filter(|run| run.stderr().contains(text)).count();
    assert_eq!((saying("obtain  "), saying("create  "), saying("install "), saying("remove  ")), (1, 1, 1, 0));
    assert_eq!((asked(&index, "/files/uv-"), asked(&index, "/simple/left-pad/")), (1, 1));
    let builds = sandbox.read("builds");
    assert_eq!(builds.lines().filter(|line| *line == "editable app").count(), 1, "{builds}");
    sandbox.prime(["boot"]).run();
    eprintln!("first runs at once: {FIRST_RUNS}, all well; uv obtained once, one venv made, one build");
}

#[test]
fn a_crowd_on_a_ready_repo_is_served_without_a_lock() {
    let Some(uv) = real_uv() else { return };
    let index = index();
    let Some(sandbox) = clone(&index).map(|sandbox| sandbox.link_uv(uv)) else { return };
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    let requests = index.requests().len();
    for run in start(&sandbox, READY_RUNS).into_iter().map(Running::wait) {
        assert_eq!((run.code(), run.stdout(), run.stderr()), (0, "this is app\n".to_owned(), String::new()));
    }
    assert_eq!(index.requests().len(), requests);
    eprintln!("ready runs at once: {READY_RUNS}, all well and silent");
    let Some((run, trace)) = sandbox.traced("flock,fcntl,openat,open", &["run", "--", "/bin/true"]) else { return };
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let locks = |call: &&String| {
        name_of(call) == "flock" || ["F_SETLK", "F_OFD_SETLK", ".prime/lock"].iter().any(|it| call.contains(it))
    };
    assert_eq!(trace.calls.iter().filter(locks).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(trace.calls.iter().any(|call| call.contains("stamp.json")), "{:#?}", trace.calls);
}

#[test]
fn when_the_holder_is_killed_those_who_wait_go_on() {
    let Some(uv) = real_uv() else { return };
    let gate = Gate::default();
    let index = index().fault("/files/left_pad", Fault::Held(gate.clone()));
    let Some(sandbox) = clone(&index).map(|sandbox| sandbox.link_uv(uv)) else { return };
    let mut holder = sandbox.prime(["boot"]).spawn();
    assert!(holder.wait_until(|_| asked(&index, "/files/left_pad") > 0), "{}", holder.stderr());
    let mut waiting = start(&sandbox, 3);
    let named = format!("wait     for process {}", holder.pid());
    for running in &mut waiting {
        assert!(running.wait_until(|running| running.stderr().contains(&named)), "{}", running.stderr());
    }
    assert_eq!(holder.kill().code(), 137);
    let killed = Instant::now();
    gate.open();
    let goes_on = |running: &Running| running.stderr().lines().count() > 1;
    while !waiting.iter().any(goes_on) && !waiting.iter_mut().all(Running::has_ended) {
        sleep(Duration::from_millis(5));
    }
    let pause = killed.elapsed();
    let runs: Vec<_> = waiting.into_iter().map(Running::wait).collect();
    for run in &runs {
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    }
    // What the holder left half done is made anew, by one of them.
    let again = runs.iter().filter(|run| run.stderr().contains("install ")).count();
    assert_eq!(again, 1);
    sandbox.prime(["boot"]).run();
    eprintln!("waiting for a holder that was killed: {}, all well; on after {} ms", runs.len(), pause.as_millis());
}
