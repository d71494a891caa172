//! From scratch: the old environment moves aside, the old pins hold until the new ones are there, and there is a way back.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::support::http::refused_url;
use crate::support::pair::Pair;
use crate::support::run::Run;
use crate::support::wheel::Wheel;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];
const OLD_PINS: &str = "left==2.0\nright==2.0\n";
const NEW_PINS: &str = "left==3.0\nright==2.0\n";

/// A repo that was booted before its index got a newer `left`.
fn outdated(driver: &str) -> Option<Pair> {
    let pair = Pair::booted(driver)?;
    let newer = Wheel::new("left", "3.0").file("left.py", "version = '3.0'\n").build();
    let pair = Pair { index: pair.index.add(newer), ..pair };
    Some(pair.env("UV_HTTP_RETRIES", "0").env("PIP_RETRIES", "0"))
}

/// The same, with an index that cannot be reached.
fn cut_off(pair: Pair) -> Pair {
    pair.env("PIP_INDEX_URL", &refused_url())
}

fn prime(pair: &Pair, args: &[&str]) -> Run {
    pair.sandbox.prime(args).output()
}

/// Runs it, which must succeed, and says what it said.
#[track_caller]
fn said(pair: &Pair, args: &[&str]) -> String {
    let run = prime(pair, args);
    assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{}", run.stderr());
    pair.sandbox.redact(&run.stderr())
}

/// What is kept, oldest first as far as run ids tell.
fn kept(pair: &Pair) -> Vec<PathBuf> {
    let entries = fs::read_dir(pair.path(".prime/tmp")).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn inode(path: PathBuf) -> u64 {
    path.symlink_metadata().unwrap().ino()
}

#[track_caller]
fn assert_has(pair: &Pair, left: &str) {
    let code = "import sys, one, two, left, right; print(sys.prefix, left.version)";
    let run = prime(pair, &["run", "--", "python", "-c", code]);
    let expected = (0, format!("{} {left}\n", pair.path(".venv").display()), String::new());
    assert_eq!((run.code(), run.stdout(), run.stderr()), expected);
}

#[test]
fn a_reboot_takes_up_what_is_new_and_a_boot_does_not() {
    for (driver, tool) in DRIVERS.into_iter().zip(["uv", "pip"]) {
        let Some(pair) = outdated(driver) else { return };
        pair.sandbox.prime(["boot"]).run();
        let before = inode(pair.path(".venv"));
        let expected = format!(
            "move     .venv to .prime/tmp/venv.reboot.[RUN_ID] (`prime reboot --undo` brings it back)\n\
             create   .venv (python [X.Y.Z], {tool})  [TIME]\n\
             install  one (editable), two (editable)  [TIME]\n\
             pin      constraints.txt (2 versions)  [TIME]\n"
        );
        assert_eq!(said(&pair, &["reboot"]), expected);
        assert_eq!(pair.sandbox.read("constraints.txt"), NEW_PINS, "{driver}");
        assert_has(&pair, "3.0");
        let [kept] = kept(&pair).try_into().unwrap();
        assert_eq!(inode(kept.join("venv")), before, "it is renamed, not copied");
        pair.sandbox.prime(["boot"]).run();
    }
}

#[test]
fn an_undo_brings_everything_back_and_can_be_undone() {
    for driver in DRIVERS {
        let Some(pair) = outdated(driver) else { return };
        let (venv, pins) = (inode(pair.path(".venv")), pair.sandbox.read("constraints.txt"));
        said(&pair, &["reboot"]);
        let rebooted = inode(pair.path(".venv"));
        let expected = "\
move     .venv to .prime/tmp/venv.reboot.[RUN_ID]
restore  constraints.txt
restore  .venv from .prime/tmp/venv.reboot.[RUN_ID]
";
        pair.built();
        let cut_off = cut_off(pair);
        for (inode_of, pins, left) in
            [(venv, pins.as_str(), "2.0"), (rebooted, NEW_PINS, "3.0"), (venv, OLD_PINS, "2.0")]
        {
            assert_eq!(said(&cut_off, &["reset", "--undo"]), expected, "{driver}");
            assert_eq!(inode(cut_off.path(".venv")), inode_of);
            assert_eq!(cut_off.sandbox.read("constraints.txt"), pins);
            // Ready at once: nothing is said, and nothing is built.
            cut_off.sandbox.prime(["boot"]).run();
            assert_has(&cut_off, left);
            assert_eq!(kept(&cut_off).len(), 1);
        }
        assert!(cut_off.built().is_empty());
    }
}
