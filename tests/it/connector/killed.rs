//! A kill at any moment of an installation, and never a connector that is called installed and does not run.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{connector, index, is_empty, sandbox, says, tiny, venv};
use crate::support::output;
use crate::support::sandbox::Sandbox;

/// How many kills each way gets unless a variable says otherwise.
const KILLS: u32 = 6;

fn kills() -> u32 {
    env::var("PRIME_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

fn sandboxed() -> Option<(Sandbox, crate::support::index::Index)> {
    let big = |version: &str| {
        let modules = (0..500).fold(tiny(version), |wheel, n| wheel.file(&format!("tiny_more/m{n}.py"), "x = 1\n"));
        modules.build()
    };
    let index = index([big("1.0"), big("2.0")]);
    Some((sandbox(&index)?, index))
}

/// Starts an installation and kills it and all it started, so long after.
fn killed(sandbox: &Sandbox, version: &str, after: Duration) {
    let run = sandbox.prime(["connector", "install", "source-tiny", "--version", version]).spawn();
    sleep(after);
    run.kill();
}

fn left_in(dir: &Path) -> Vec<OsString> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

fn duration(sandbox: &Sandbox) -> Duration {
    let start = Instant::now();
    assert_eq!(connector(sandbox, &["install", "source-tiny", "--version", "1.0"]).0, 0);
    start.elapsed()
}

#[test]
fn an_install_that_was_killed_is_healed_by_the_next() {
    for no_uv in ["0", "1"] {
        let Some((sandbox, _index)) = sandboxed() else { return };
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv);
        duration(&sandbox);
        let whole = duration(&sandbox);
        for number in 0..kills() {
            connector(&sandbox, &["uninstall", "source-tiny"]);
            assert!(is_empty(&sandbox));
            killed(&sandbox, "1.0", whole * number / kills());
            let no_fix = connector(&sandbox, &["ensure", "--no-fix", "source-tiny"]);
            // Either it is whole or it is not called so.
            assert!(no_fix.0 == 78 || (no_fix.0 == 0 && says(&sandbox).is_some()), "{no_fix:?}");
            let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny", "--version", "1.0"]);
            assert_eq!((code, says(&sandbox).as_deref()), (0, Some("1.0")), "{number}: {stderr}");
        }
    }
}

#[test]
fn what_was_left_when_all_was_made_goes() {
    let Some((sandbox, _index)) = sandboxed() else { return };
    assert_eq!(connector(&sandbox, &["ensure", "source-tiny", "--version", "1.0"]).0, 0);
    let state = sandbox.repo().join(".prime-connectors/source-tiny");
    fs::create_dir(state.join("old")).unwrap();
    fs::write(state.join("unfinished"), "").unwrap();
    let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny"]);
    assert_eq!((code, stderr.contains("install  "), says(&sandbox).as_deref()), (0, false, Some("1.0")), "{stderr}");
    assert_eq!(left_in(&state), ["lock"]);
}

#[test]
fn an_upgrade_that_was_killed_leaves_one_of_the_two() {
    let Some((sandbox, _index)) = sandboxed() else { return };
    duration(&sandbox);
    let whole = duration(&sandbox);
    let mut old = 0;
    for number in 0..kills() {
        assert_eq!(connector(&sandbox, &["ensure", "source-tiny", "--version", "1.0"]).0, 0);
        killed(&sandbox, "2.0", whole * number / kills());
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny"]);
        assert_eq!(code, 0, "{stderr}");
        // The old one came back without being installed again.
        assert!(!stderr.contains("install  "), "{number}: {stderr}");
        let version = says(&sandbox).unwrap();
        assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, format!("{version}\n"));
        old += u32::from(version == "1.0");
        assert_eq!(left_in(&sandbox.repo().join(".prime-connectors/source-tiny")), ["lock"], "{number}");
    }
    assert!(old > 0, "no kill hit an upgrade at work");
}

#[test]
fn one_that_was_brought_back_is_looked_at_again_when_another_process_had_the_lock_first() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
    let (dir, state) = (venv(&sandbox), sandbox.repo().join(".prime-connectors/source-tiny"));
    let what: [(&str, &dyn Fn()); 2] = [
        ("adopt    ", &|| {
            // It died while it made another one.
            fs::write(state.join("unfinished"), "").unwrap();
            fs::rename(&dir, state.join("old")).unwrap();
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("pyvenv.cfg"), "").unwrap();
        }),
        ("install  ", &|| fs::remove_dir_all(&dir).unwrap()),
    ];
    for (expected, work) in what {
        let copy = sandbox.root().join("copy");
        assert!(output(Command::new("cp").arg("-a").arg(&dir).arg(&copy)).unwrap().status.success());
        fs::remove_dir_all(&dir).unwrap();
        fs::rename(&copy, &dir).unwrap();
        let lock = File::options().append(true).open(state.join("lock")).unwrap();
        lock.lock().unwrap();
        let mut run = sandbox.prime(["connector", "ensure", "source-tiny"]).spawn();
        assert!(run.wait_until(|it| it.stderr().contains("wait     ")), "{}", run.stderr());
        work();
        drop(lock);
        let run = run.wait();
        assert_eq!((run.code(), says(&sandbox).as_deref()), (0, Some("1.0")), "{}", run.stderr());
        assert!(run.stderr().contains(expected) && !state.join("unfinished").exists(), "{}", run.stderr());
    }
}
