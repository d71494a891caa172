//! Asked to stop, or killed alone, while a build works: nothing stays behind, the lock is free, the next run mends it.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use snapbox::str;

use super::DRIVERS;
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::require_program;
use crate::support::run::{Run, Running};
use crate::support::sandbox::Sandbox;

/// A backend that builds only when the file `go` is there. Before, it starts processes of several kinds, writes the
/// number of each into a file, and sleeps.
pub const BACKEND: &str = r#"
from tinybackend import *
import os, signal, subprocess, sys, time, tinybackend

def note(pid):
    with open("pids", "a") as file:
        file.write("%d\n" % pid)

def build_editable(directory, settings=None, metadata=None):
    if not os.path.exists("go"):
        note(os.getpid())
        note(subprocess.Popen(["/bin/sleep", "1000"]).pid)
        # One with a child; where the file `stubborn` is there, neither heeds any request.
        child = os.fork()
        if child == 0:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if os.path.exists("stubborn") else ():
                signal.signal(number, signal.SIG_IGN)
            note(subprocess.Popen(["/bin/sleep", "1000"]).pid)
            time.sleep(1000)
            os._exit(0)
        note(child)
        # One whose parent is gone.
        if os.fork() == 0:
            orphan = os.fork()
            if orphan == 0:
                time.sleep(1000)
                os._exit(0)
            note(orphan)
            os._exit(0)
        os.wait()
        while len(open("pids").readlines()) < 5:
            time.sleep(0.01)
        open("working", "w").close()
        time.sleep(1000)
    return tinybackend.build_editable(directory, settings, metadata)
"#;

const STARTED: usize = 5;

/// A repo whose build goes through this backend.
pub fn built_by(backend: &str, driver: &str) -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, pythons::newest()?);
    let index = Index::start();
    let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("app", "1", &[]);
    let pyproject =
        sandbox.read("pyproject.toml").replace("build-backend = \"tinybackend\"", "build-backend = \"own\"");
    let sandbox = sandbox.file("own.py", backend).file("pyproject.toml", pyproject + "backend-path = [\".\"]\n");
    Some((sandbox.env("PROTOPRIMER_VENV_DRIVER", driver), index))
}

fn exists(sandbox: &Sandbox, name: &str) -> bool {
    sandbox.repo().join(name).exists()
}

/// The processes that the build has noted, as far as they have not ended.
pub fn left(sandbox: &Sandbox) -> Vec<i32> {
    let text = fs::read_to_string(sandbox.repo().join("pids")).unwrap_or_default();
    let pids: Vec<i32> = text.lines().map(|line| line.parse().unwrap()).collect();
    assert!(pids.len() >= STARTED || text.is_empty(), "{text}");
    pids.into_iter().filter(|pid| is_running(*pid)).collect()
}

/// One that has ended and was not waited for does not run.
fn is_running(pid: i32) -> bool {
    if !Path::new("/proc/self/stat").exists() {
        return kill(Pid::from_raw(pid), None).is_ok();
    }
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Starts a boot and waits until the build works.
#[track_caller]
fn working(sandbox: &Sandbox) -> Running {
    for name in ["pids", "working", "go"] {
        let _ = fs::remove_file(sandbox.repo().join(name));
    }
    let mut running = sandbox.prime(["boot"]).spawn();
    let works = running.wait_until(|_| exists(sandbox, "working"));
    assert!(works, "{}", running.stderr());
    assert_eq!(left(sandbox).len(), STARTED);
    running
}

fn send(running: &Running, signal: Signal) {
    kill(Pid::from_raw(running.pid().cast_signed()), signal).unwrap();
}

/// Lets the build go on, and boots without waiting for anybody.
#[track_caller]
fn assert_heals(sandbox: &Sandbox, after: &str) {
    fs::write(sandbox.repo().join("go"), "").unwrap();
    let run = sandbox.prime(["--lock-timeout", "0", "run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{after}: {}", run.stderr());
    sandbox.prime(["boot"]).run();
    fs::remove_dir_all(sandbox.repo().join(".venv")).unwrap();
}

#[test]
fn a_signal_ends_everything_and_the_next_run_mends_it() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = built_by(BACKEND, driver) else { return };
        for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
            let running = working(&sandbox);
            send(&running, signal);
            let run = running.wait();
            let said = run.stderr();
            let told = format!(
                "error: stopped by {signal}\nhint: run the same command again: it mends what was left half done\n"
            );
            assert_eq!((run.code(), run.stdout().as_str()), (code, ""), "{driver}: {said}");
            // By the signal, not by a status of the same number.
            assert_eq!(run.status.code(), None, "{driver}");
            assert!(said.ends_with(&told) && said.matches("error").count() == 1, "{driver}: {said}");
            assert!(left(&sandbox).is_empty(), "{driver}, {signal}");
            assert_heals(&sandbox, signal.as_str());
        }
    }
}

#[test]
fn a_signal_to_the_whole_group_ends_those_who_do_not_heed_it_too() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = built_by(BACKEND, driver) else { return };
        let sandbox = sandbox.file("stubborn", "");
        let running = working(&sandbox);
        nix::sys::signal::killpg(Pid::from_raw(running.pid().cast_signed()), Signal::SIGINT).unwrap();
        let run = running.wait();
        assert_eq!(run.code(), 130, "{driver}: {}", run.stderr());
        assert!(left(&sandbox).is_empty(), "{driver}");
        assert_heals(&sandbox, driver);
    }
}

#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    let Some((sandbox, _index)) = built_by(BACKEND, DRIVERS[0]) else { return };
    let Some(sh) = require_program("sh") else { return };
    let script = format!("trap '' HUP; exec '{}' boot", env!("CARGO_BIN_EXE_prime"));
    let mut running = sandbox.command(sh).args(["-c", &script]).spawn();
    assert!(running.wait_until(|_| exists(&sandbox, "working")));
    send(&running, Signal::SIGHUP);
    sleep(Duration::from_millis(300));
    assert!(!running.has_ended());
    send(&running, Signal::SIGTERM);
    assert_eq!(running.wait().code(), 143);
    assert!(left(&sandbox).is_empty());
}

#[test]
fn who_waits_goes_on_when_the_holder_alone_is_killed() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = built_by(BACKEND, driver) else { return };
        let holder = working(&sandbox);
        let pid = holder.pid();
        let mut waiter = sandbox.prime(["run", "--", "app"]).spawn();
        assert!(waiter.wait_until(|it| it.stderr().contains("wait  ")));
        fs::write(sandbox.repo().join("go"), "").unwrap();
        send(&holder, Signal::SIGKILL);
        let run = waiter.wait();
        let said = sandbox.redact(&run.stderr());
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{driver}: {said}");
        let expected = format!(
            "wait     for process {pid} (since [CLOCK]), which works on the same repository\n\
             stop     what process {pid} (since [CLOCK]) left at work when it died\n\
             remove   .venv: an installation into it was interrupted  [TIME]\n"
        );
        assert!(said.contains(&expected) || !cfg!(target_os = "linux"), "{driver}: {said}");
        assert_eq!(holder.wait().code(), 137);
        assert!(left(&sandbox).is_empty() || !cfg!(target_os = "linux"), "{driver}");
    }
}

#[test]
fn who_does_not_want_to_wait_is_told_who_is_at_work() {
    let Some((sandbox, _index)) = built_by(BACKEND, DRIVERS[0]) else { return };
    let holder = working(&sandbox);
    let pid = holder.pid().to_string();
    let refused = |timeout: &str, first: &str| {
        let run = sandbox.prime(["--lock-timeout", timeout, "boot"]).output();
        let said = sandbox.redact(&run.stderr()).replace(&pid, "[PID]");
        let expected = "error: `[REPO]/.prime/lock` is locked by process [PID] (since [CLOCK])\n\
             hint: wait for it to end, or end it, and try again; `--lock-timeout` says how long to wait\n";
        assert_eq!((run.code(), said), (75, format!("{first}{expected}")));
    };
    refused("0", "");
    refused("0.2", "");
    refused("1.5", "wait     for process [PID] (since [CLOCK]), which works on the same repository\n");
    send(&holder, Signal::SIGTERM);
    assert_eq!(holder.wait().code(), 143);
    sandbox
        .prime(["--lock-timeout", "soon"])
        .code(2)
        .stderr(str![[r#"
error: invalid value 'soon' for '--lock-timeout <SECONDS>': not a number of seconds

For more information, try '--help'.

"#]])
        .run();
}

#[test]
fn a_build_that_starts_prime_on_its_own_repository_is_refused() {
    let backend = format!(
        "from tinybackend import *\nimport subprocess, tinybackend\n\n\
         def build_editable(directory, settings=None, metadata=None):\n    \
         raise SystemExit(subprocess.run([{:?}, 'boot']).returncode)\n",
        env!("CARGO_BIN_EXE_prime"),
    );
    for driver in DRIVERS {
        let Some((sandbox, _index)) = built_by(&backend, driver) else { return };
        let running = sandbox.prime(["boot"]).spawn();
        let pid = running.pid();
        let run = running.wait();
        let said = sandbox.redact(&run.stderr());
        assert_eq!((run.code(), run.stdout().as_str()), (78, ""), "{driver}: {said}");
        for line in [
            format!("error: `[REPO]/.prime/lock` is locked by process {pid}, which waits for this one to end\n"),
            "hint: a build must not start `prime` on its own repository: take that out of it\n".to_owned(),
        ] {
            assert!(said.contains(&line), "{driver}: {said}");
        }
    }
}

/// A backend that leaves a server behind, which keeps open what it has but the streams that uv listens to.
const SERVER: &str = r#"
from tinybackend import *
import os, time, tinybackend

def build_editable(directory, settings=None, metadata=None):
    if os.fork() == 0:
        os.setsid()
        for number in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        with open("server", "w") as file:
            file.write(str(os.getpid()))
        while os.path.exists("server"):
            time.sleep(0.05)
        os._exit(0)
    while not os.path.exists("server"):
        time.sleep(0.01)
    return tinybackend.build_editable(directory, settings, metadata)
"#;

#[test]
fn a_server_that_a_build_leaves_behind_holds_nobody_up() {
    let Some((sandbox, _index)) = built_by(SERVER, DRIVERS[0]) else { return };
    let install = |args: &[&str]| -> Run { sandbox.prime(args.iter().copied()).output() };
    let run = install(&["run", "--", "app"]);
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    let server: i32 = sandbox.read("server").parse().unwrap();
    assert!(is_running(server));
    let pyproject = sandbox.read("pyproject.toml") + "\n[tool.changed]\n";
    fs::write(sandbox.repo().join("pyproject.toml"), pyproject).unwrap();
    let run = install(&["--lock-timeout", "0", "run", "--", "app"]);
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    assert!(is_running(server));
}

#[test]
fn between_two_children_a_signal_ends_the_process_at_once() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let gate = Gate::default();
    let index = Index::start().add(uv_wheel(uv)).fault("/files/uv", Fault::Held(gate.clone()));
    // This one is asked for its version, and is too old.
    let sandbox = Sandbox::new().index(&index).fake_uv("0.1.0").link_python(python).project("app", "1", &[]);
    let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    let mut running = sandbox.prime(["-vv", "boot"]).spawn();
    assert!(running.wait_until(|_| index.paths().iter().any(|path| path.starts_with("/files/uv"))));
    assert!(sandbox.journal().contains("uv --version"), "{}", sandbox.journal());
    send(&running, Signal::SIGTERM);
    let run = running.wait();
    assert_eq!((run.status.code(), run.code()), (None, 143), "{}", run.stderr());
    gate.open();
    let run = sandbox.prime(["--lock-timeout", "0", "run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
}

#[test]
fn a_file_system_without_locks_is_told_once() {
    let Some((sandbox, _index)) = built_by("from tinybackend import *\n", DRIVERS[0]) else { return };
    let Some(strace) = require_program("strace") else { return };
    let log = sandbox.root().join("strace");
    let options = ["-qq", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK", "-o"];
    let run =
        sandbox.command(strace).args(options).args([&log]).args([env!("CARGO_BIN_EXE_prime"), "run", "--", "app"]);
    let run = run.output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    let warning =
        "warning: `[REPO]/.prime/lock` cannot be locked: no locks available; do not start two `prime` at once here\n";
    let said = sandbox.redact(&run.stderr());
    assert!(said.starts_with(warning) && said.matches("warning").count() == 1, "{said}");
}
