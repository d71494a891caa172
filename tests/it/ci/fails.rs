//! `prime ci` that fails: nothing is published, the runner is told, the exit code is that of the cause.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;

use nix::sys::signal::Signal;

use super::runner::{FILES, Step, groups, told};
use crate::robust::full::can_mount;
use crate::support::http::Gate;
use crate::support::index::Fault;
use crate::support::pair::{CONFIG, Pair};
use crate::support::require_program;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// A booted repo, with what an earlier step has published in it.
fn published(driver: &str) -> Option<Pair> {
    let pair = Pair::booted(driver)?;
    let run = pair.sandbox.prime(["ci", "--system", "gitlab"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(pair.path(".prime/ci.env").exists() && pair.path(".prime/ci.dotenv").exists());
    Some(pair)
}

#[track_caller]
fn assert_unpublished(pair: &Pair, step: &Step) {
    assert!(step.is_untouched());
    let left = fs::read_dir(pair.path(".prime")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| name.starts_with("ci.")).collect();
    assert_eq!(left, [""; 0]);
}

/// The one error that the runner is told of: its message, file and line.
#[track_caller]
fn error(run: &Run) -> (String, Option<String>, Option<String>) {
    let mut errors: Vec<_> = told(&run.stderr()).into_iter().filter(|told| told.command == "error").collect();
    assert_eq!(errors.len(), 1, "{}", run.stderr());
    let mut error = errors.remove(0);
    (error.message, error.properties.remove("file"), error.properties.remove("line"))
}

#[test]
fn a_command_line_that_is_none_is_told_to_the_runner_too() {
    let sandbox = Sandbox::new().file("prime.toml", "");
    for words in ["ci --sytem github", "-e x ci --system nobody", "ci --json --nope", "-c true ci"] {
        let step = Step::new(&sandbox, "step");
        let run = step.within(sandbox.prime(words.split(' '))).output();
        let (message, file, _) = error(&run);
        assert!(run.code() == 2 && file.is_none() && !message.is_empty(), "{words}: {}", run.stderr());
    }
    for words in ["ci --help", "boot --nope", "-e ci boot --nope"] {
        let run = Step::new(&sandbox, "other").within(sandbox.prime(words.split(' '))).output();
        assert_eq!(told(&run.stderr()), [], "{words}: {}", run.stderr());
    }
}

#[test]
fn an_error_in_a_file_stands_at_its_line() {
    let Some(pair) = published("venv_uv") else { return };
    for (workspace, shown) in
        [(pair.path(""), "prime.toml".to_owned()), ("/other".into(), "[REPO]/prime.toml".to_owned())]
    {
        let step = Step::new(&pair.sandbox, "step");
        pair.write("prime.toml", "# 100%\n\nvenv_drver = 'x, y'\n");
        let run = step.within(pair.sandbox.prime(["ci"])).env("GITHUB_WORKSPACE", workspace).output();
        assert_eq!((run.code(), run.stdout()), (78, String::new()));
        let (message, file, line) = error(&run);
        assert_eq!((pair.sandbox.redact(&file.unwrap()), line.as_deref()), (shown, Some("3")));
        assert!(message.contains("`venv_drver`") && message.contains("\nhint: "), "{message}");
        assert_unpublished(&pair, &step);
        let people = run.stderr();
        assert!(people.contains("\nerror: ") && people.contains("\nhint: "), "people are told as well: {people}");
    }
}

#[test]
fn a_stage_that_fails_closes_its_group_and_leaves_nothing_published() {
    for driver in DRIVERS {
        let Some(pair) = published(driver) else { return };
        let step = Step::new(&pair.sandbox, "step");
        pair.project("one", &["left==9"], "");
        let run = step.within(pair.sandbox.prime(["ci"])).output();
        assert_eq!(run.code(), 78, "{driver}: {}", run.stderr());
        let (message, file, _) = error(&run);
        assert!(message.contains("cannot be met together") && file.is_none(), "{driver}: {message}");
        let log = run.stderr();
        assert_eq!(groups(&log).last().unwrap(), "prime: install what is required");
        assert!(log.rfind("::endgroup::") < log.find("::error "), "an error within a group is folded away: {log}");
        assert_unpublished(&pair, &step);
    }
}

#[test]
fn a_step_that_is_cancelled_closes_its_group() {
    for driver in DRIVERS {
        let gate = Gate::default();
        let Some(pair) = Pair::new() else { return };
        let index = pair.index.fault("/simple/left/", Fault::Held(gate.clone()));
        let pair = Pair { index, ..pair }.env("PROTOPRIMER_VENV_DRIVER", driver);
        let step = Step::new(&pair.sandbox, "step");
        let mut working = step.within(pair.sandbox.prime(["ci"])).spawn();
        let asks = working.wait_until(|_| pair.index.paths().iter().any(|path| path.contains("/left/")));
        assert!(asks, "{driver}: {}", working.stderr());
        let stopped = working.signal(Signal::SIGTERM);
        gate.open();
        assert_eq!(stopped.code(), 143, "{}", stopped.stderr());
        assert_eq!(groups(&stopped.stderr()).len(), 2, "{driver}");
        assert_unpublished(&pair, &step);
    }
}

#[test]
fn a_runner_s_file_that_is_not_there_is_named_with_the_remedy() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    for (name, _) in FILES {
        let step = Step::new(&pair.sandbox, name);
        fs::remove_file(step.file(name)).unwrap();
        let run = step.within(pair.sandbox.prime(["ci"])).output();
        assert_eq!(run.code(), 73, "{}", run.stderr());
        let (message, ..) = error(&run);
        let expected = format!("cannot write `{}`, which `{name}` names", step.file(name).display());
        assert!(message.starts_with(&expected) && message.contains("`--system plain`"), "{message}");
        assert!(!step.file(name).exists() && !pair.path(".prime/ci.env").exists());
        for (other, _) in FILES.iter().filter(|(other, _)| *other != name) {
            assert_eq!(step.text(other), "", "{other} has nothing where {name} is missing");
        }
        let unset = step.within(pair.sandbox.prime(["ci"])).env_remove(name).output();
        let code = if name == "GITHUB_STEP_SUMMARY" { 0 } else { 78 };
        assert_eq!(unset.code(), code, "{name}: {}", unset.stderr());
    }
}

/// Runs `prime ci` where `$FILE` is read-only for everybody.
const READ_ONLY: &str = "set -eu\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nmount --bind \"$FILE\" \"$FILE\"\n\
                         mount -o remount,bind,ro \"$FILE\"\nPATH=$TOOLS\nexec \"$PRIME\" ci";

#[test]
fn a_runner_s_file_that_may_not_be_written_is_named_and_the_others_get_nothing() {
    let (Some(pair), true) = (Pair::booted("venv_uv"), can_mount()) else { return };
    let Some(unshare) = require_program("unshare") else { return };
    for (name, _) in FILES {
        let step = Step::new(&pair.sandbox, name);
        let run = pair.sandbox.command(&unshare).args(["--mount", "--map-root-user", "/bin/sh", "-c", READ_ONLY]);
        let run = run.env("FILE", step.file(name)).env("TOOLS", pair.sandbox.bin());
        let run = step.within(run.env("PRIME", env!("CARGO_BIN_EXE_prime"))).output();
        assert_eq!(run.code(), 73, "{}", run.stderr());
        let (message, ..) = error(&run);
        assert!(message.contains(&step.file(name).display().to_string()) && message.contains("\nhint: "), "{message}");
        assert_unpublished(&pair, &step);
    }
}

#[test]
fn nothing_is_written_or_removed_through_a_state_directory_that_is_elsewhere() {
    for is_booted in [true, false] {
        let Some(pair) = (if is_booted { published("venv_uv") } else { Pair::new() }) else { return };
        let elsewhere = pair.sandbox.root().join("elsewhere");
        if is_booted {
            fs::rename(pair.path(".prime"), &elsewhere).unwrap();
        } else {
            fs::create_dir(&elsewhere).unwrap();
            fs::write(elsewhere.join("ci.env"), "").unwrap();
        }
        symlink(&elsewhere, pair.path(".prime")).unwrap();
        let names = || {
            let names = fs::read_dir(&elsewhere).unwrap().map(|it| it.unwrap().file_name());
            names.collect::<BTreeSet<_>>()
        };
        let (before, changed) = (names(), fs::metadata(&elsewhere).unwrap().modified().unwrap());
        let run = pair.sandbox.prime(["ci"]).output();
        assert_ne!(run.code(), 0);
        assert!(run.stderr().contains("symbolic link"), "{}", run.stderr());
        assert_eq!((names(), fs::metadata(&elsewhere).unwrap().modified().unwrap()), (before, changed));
    }
}

#[test]
fn a_path_that_is_no_text_is_an_error() {
    let Some(pair) = Pair::new() else { return };
    let dir = pair.sandbox.root().join(std::ffi::OsString::from_vec(b"r\xff".to_vec()));
    fs::rename(pair.path(""), &dir).unwrap();
    fs::create_dir(pair.path("")).unwrap();
    let step = Step::new(&pair.sandbox, "step");
    let run = step.within(pair.sandbox.prime(["ci"])).current_dir(&dir).output();
    assert_eq!(run.code(), 78, "{}", run.stderr());
    assert!(error(&run).0.contains("is not UTF-8"), "{}", run.stderr());
    assert!(step.is_untouched() && !dir.join(".prime/ci.env").exists());
}

#[test]
fn what_gitlab_s_report_cannot_hold_is_refused() {
    for venv in ["$x", "x "] {
        let Some(pair) = Pair::new() else { return };
        pair.write("prime.toml", &format!("local_venv_dir_rel_path = {}\n{CONFIG}", serde_json::Value::from(venv)));
        let run = pair.sandbox.prime(["ci", "--system", "gitlab"]).output();
        assert_eq!(run.code(), 65, "{venv}: {}", run.stderr());
        assert!(run.stderr().contains("GitLab's report cannot hold"), "{}", run.stderr());
        assert!(!pair.path(".prime/ci.env").exists() && !pair.path(".prime/ci.dotenv").exists());
    }
}
