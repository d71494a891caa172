//! From scratch: the old environment moves aside, the old pins hold until the new ones are there, and there is a way back.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use snapbox::str;

use crate::support::http::refused_url;
use crate::support::pair::{CONFIG, Pair};
use crate::support::run::Run;
use crate::support::wheel::Wheel;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];
pub const OLD_PINS: &str = "left==2.0\nright==2.0\n";
pub const NEW_PINS: &str = "left==3.0\nright==2.0\n";
const RESTORED: &str = "\
move     .venv to .prime/tmp/venv.reboot.[RUN_ID]
restore  constraints.txt
restore  .venv from .prime/tmp/venv.reboot.[RUN_ID]
";

/// A repo that was booted before its index got a newer `left`.
pub fn outdated(driver: &str) -> Option<Pair> {
    let pair = Pair::booted(driver)?;
    let newer = Wheel::new("left", "3.0").file("left.py", "version = '3.0'\n").build();
    let pair = Pair { index: pair.index.add(newer), ..pair };
    Some(pair.env("UV_HTTP_RETRIES", "0").env("PIP_RETRIES", "0"))
}

/// The same, with an index that cannot be reached.
fn cut_off(pair: Pair) -> Pair {
    pair.env("PIP_INDEX_URL", &refused_url())
}

pub fn prime(pair: &Pair, args: &[&str]) -> Run {
    pair.sandbox.prime(args).output()
}

/// Runs it, which must succeed, and says what it said.
#[track_caller]
pub fn said(pair: &Pair, args: &[&str]) -> String {
    let run = prime(pair, args);
    assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{}", run.stderr());
    pair.sandbox.redact(&run.stderr())
}

/// What is kept.
pub fn kept(pair: &Pair) -> Vec<PathBuf> {
    let entries = fs::read_dir(pair.path(".prime/tmp")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

pub fn inode(path: &Path) -> u64 {
    path.symlink_metadata().unwrap().ino()
}

#[track_caller]
pub fn assert_has(pair: &Pair, left: &str) {
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
        let before = inode(&pair.path(".venv"));
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
        assert_eq!(inode(&kept.join("venv")), before, "it is renamed, not copied");
        pair.sandbox.prime(["boot"]).run();
    }
}

#[test]
fn an_undo_brings_everything_back_and_can_be_undone() {
    for driver in DRIVERS {
        let Some(pair) = outdated(driver) else { return };
        let old = inode(&pair.path(".venv"));
        said(&pair, &["reboot"]);
        let new = inode(&pair.path(".venv"));
        pair.built();
        let pair = cut_off(pair);
        for (venv, pins, left) in [(old, OLD_PINS, "2.0"), (new, NEW_PINS, "3.0"), (old, OLD_PINS, "2.0")] {
            assert_eq!(said(&pair, &["reset", "--undo"]), RESTORED, "{driver}");
            assert_eq!((inode(&pair.path(".venv")), pair.sandbox.read("constraints.txt").as_str()), (venv, pins));
            // Ready at once: nothing is said, and nothing is built.
            pair.sandbox.prime(["boot"]).run();
            assert_has(&pair, left);
            assert_eq!(kept(&pair).len(), 1);
        }
        assert!(pair.built().is_empty());
    }
}

#[test]
fn a_reboot_that_fails_leaves_the_pins_and_two_ways_out() {
    for (driver, fact) in DRIVERS.into_iter().zip(["`uv pip install` failed: the index cannot be reached", ""]) {
        let Some(pair) = outdated(driver) else { return };
        let (venv, pins) = (inode(&pair.path(".venv")), inode(&pair.path("constraints.txt")));
        let url = pair.index.url();
        let pair = cut_off(pair);
        let run = prime(&pair, &["reboot"]);
        let talk = pair.sandbox.redact(&run.stderr());
        assert_eq!(run.code(), 69, "{talk}");
        assert!(talk.contains(&format!("\nerror: {fact}")), "{talk}");
        let hint = talk.lines().find(|line| line.starts_with("hint: ")).unwrap();
        assert!(hint.starts_with("hint: check the network, the proxy (`HTTPS_PROXY`) and the index "), "{hint}");
        assert!(hint.ends_with("; `prime reboot --undo` brings the old environment back"), "{hint}");
        assert_eq!(pair.sandbox.read("constraints.txt"), OLD_PINS);
        assert_eq!(inode(&pair.path("constraints.txt")), pins, "it was not even written");
        // Back, without the index.
        let expected = "\
remove   .venv: the reboot that made it did not come to its end  [TIME]
restore  .venv from .prime/tmp/venv.reboot.[RUN_ID]
";
        assert_eq!(said(&pair, &["reboot", "--undo"]), expected, "{driver}");
        assert_eq!((inode(&pair.path(".venv")), inode(&pair.path("constraints.txt"))), (venv, pins));
        assert_eq!(kept(&pair), Vec::<PathBuf>::new());
        pair.sandbox.prime(["boot"]).run();
        assert_has(&pair, "2.0");
        // Forward, with the index and the old pins.
        assert_eq!(prime(&pair, &["reboot"]).code(), 69);
        let pair = pair.env("PIP_INDEX_URL", &url);
        let healed = said(&pair, &["boot"]);
        assert!(
            healed.starts_with("remove   .venv: the reboot that made it did not come to its end  [TIME]\n"),
            "{healed}"
        );
        assert_eq!(
            (pair.sandbox.read("constraints.txt").as_str(), inode(&pair.path("constraints.txt"))),
            (OLD_PINS, pins)
        );
        assert_has(&pair, "2.0");
        assert_eq!(inode(&kept(&pair)[0].join("venv")), venv);
    }
}

#[test]
fn what_cannot_be_met_is_told_with_the_way_back() {
    let Some(pair) = outdated("venv_uv") else { return };
    pair.project("two", &["right>=9"], "");
    let expected = str![[r#"
move     .venv to .prime/tmp/venv.reboot.[RUN_ID] (`prime reboot --undo --env . --no-link` brings it back)
create   .venv (python [X.Y.Z], uv)  [TIME]
error: `uv pip install` failed: the requirements cannot be met together
...
hint: relax a requirement or a pin; `prime` leaves the pins as they were; `prime reboot --undo --env . --no-link` brings the old environment back

"#]];
    pair.sandbox.prime(["reboot", "--env", ".", "--no-link"]).code(78).stderr(expected).run();
    pair.project("two", &["right"], "");
    // An attempt to go forward that comes to nothing either leaves nothing to keep.
    let pair = cut_off(pair);
    assert_eq!(prime(&pair, &["boot"]).code(), 69);
    let restored = said(&pair, &["reboot", "--undo"]);
    assert!(restored.starts_with("remove   .venv: it was never ready  [TIME]\n"), "{restored}");
    assert_has(&pair, "2.0");
    assert_eq!(kept(&pair), Vec::<PathBuf>::new());
}

#[test]
fn a_second_attempt_keeps_what_was_whole_and_not_what_failed() {
    let Some(pair) = outdated("venv_uv") else { return };
    let (venv, url) = (inode(&pair.path(".venv")), pair.index.url());
    let pair = cut_off(pair);
    assert_eq!(prime(&pair, &["reboot"]).code(), 69);
    let again = prime(&pair, &["reboot"]);
    assert!(again.stderr().contains("`prime reboot --undo` brings the old environment back"), "{}", again.stderr());
    let pair = pair.env("PIP_INDEX_URL", &url);
    let first = said(&pair, &["reboot"]).lines().next().unwrap().to_owned();
    assert_eq!(first, "remove   .venv: the reboot that made it did not come to its end  [TIME]");
    assert_eq!(said(&pair, &["reboot", "--undo"]), RESTORED);
    assert_eq!(inode(&pair.path(".venv")), venv);
}

#[test]
fn constraints_that_a_person_wrote_hold_for_a_reboot_too() {
    for driver in DRIVERS {
        let Some(pair) = outdated(driver) else { return };
        pair.write("constraints.txt", "left<3\n");
        let talk = said(&pair, &["reboot"]);
        assert!(talk.contains("warning: `constraints.txt` holds more than pins"), "{talk}");
        assert_eq!(pair.sandbox.read("constraints.txt"), "left<3\n");
        assert_has(&pair, "2.0");
        said(&pair, &["reboot", "--undo"]);
        assert_eq!(pair.sandbox.read("constraints.txt"), "left<3\n");
    }
}

#[test]
fn without_an_environment_there_is_nothing_to_bring_back() {
    let Some(pair) = outdated("venv_uv") else { return };
    fs::remove_dir_all(pair.path(".venv")).unwrap();
    let expected = "\
create   .venv (python [X.Y.Z], uv)  [TIME]
install  one (editable), two (editable)  [TIME]
pin      constraints.txt (2 versions)  [TIME]
";
    assert_eq!(said(&pair, &["reboot"]), expected);
    assert_eq!(pair.sandbox.read("constraints.txt"), NEW_PINS);
    let nothing = str![[r#"
error: nothing is kept that a reboot has replaced
hint: `prime` mends the environment that is there, or makes one

"#]];
    pair.sandbox.prime(["reboot", "--undo"]).code(2).stderr(nothing).run();
    assert_has(&pair, "3.0");
}

#[test]
fn what_is_not_ours_is_moved_aside_and_no_undo_is_promised() {
    let Some(pair) = outdated("venv_uv") else { return };
    fs::remove_dir_all(pair.path(".venv")).unwrap();
    pair.write(".venv/mine", "mine");
    let talk = said(&pair, &["reboot"]);
    let first = "move     .venv to .prime/tmp/venv.before.[RUN_ID]: it is a directory that is no environment\ncreate ";
    assert!(talk.starts_with(first), "{talk}");
    assert_eq!(fs::read_to_string(kept(&pair)[0].join("mine")).unwrap(), "mine");
    assert_has(&pair, "3.0");
}

#[test]
fn as_many_are_kept_as_are_configured_and_nothing_else_is_touched() {
    let Some(pair) = outdated("venv_uv") else { return };
    pair.write(".prime/tmp/venv.reboot.mine/note", "mine");
    pair.write(".prime/tmp/other/reboot.json", "{}");
    let ids = ["r1", "r2", "r3", "r4"];
    let reboot = |id: &str| {
        let run = pair.sandbox.prime(["reboot"]).env("PROTOPRIMER_START_ID", id).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        pair.sandbox.redact(&run.stderr())
    };
    let there = |id: &str| pair.path(&format!(".prime/tmp/venv.reboot.{id}/venv")).is_dir();
    let talk = ids.map(reboot);
    assert_eq!(ids.map(there), [false, true, true, true]);
    let removed = "remove   .prime/tmp/venv.reboot.r1: the newest 3 are kept  [TIME]\n";
    assert!(talk[3].ends_with(removed) && !talk[2].contains("remove"), "{talk:?}");
    // Any of them comes back by its id.
    let unknown = str![[r#"
error: nothing is kept that the reboot `r1` has replaced
hint: there is one of `r4`, `r3`, `r2`

"#]];
    pair.sandbox.prime(["reboot", "--undo=r1"]).code(2).stderr(unknown).run();
    let back = inode(&pair.path(".prime/tmp/venv.reboot.r3/venv"));
    said(&pair, &["reboot", "--undo=r3"]);
    assert_eq!((inode(&pair.path(".venv")), ids.map(there)), (back, [false, true, false, true]));
    pair.sandbox.prime(["boot"]).run();
    for (count, expected) in [(1, [false; 4]), (0, [false; 4])] {
        pair.write("prime.toml", &format!("reboot_keep_count = {count}\n{CONFIG}"));
        let id = format!("count-{count}");
        reboot(&id);
        assert_eq!((there(&id), ids.map(there)), (count == 1, expected));
    }
    assert_eq!(pair.sandbox.read(".prime/tmp/venv.reboot.mine/note"), "mine");
    assert_eq!(pair.sandbox.read(".prime/tmp/other/reboot.json"), "{}");
    assert_eq!(prime(&pair, &["reboot", "--undo"]).code(), 2);
}

#[test]
fn a_stage_that_runs_twice_reboots_once() {
    let Some(pair) = outdated("venv_uv") else { return };
    let stages = ["stride_py_arbitrary", "stride_py_required", "stride_py_venv", "stride_src_updated"];
    let mut venv = None;
    for stage in stages.into_iter().chain(stages) {
        let run = pair.sandbox.prime(["reboot"]).env("PROTOPRIMER_START_ID", "once").env("PROTOPRIMER_PY_EXEC", stage);
        let run = run.output();
        assert_eq!(run.code(), 0, "{stage}: {}", run.stderr());
        assert_eq!(*venv.get_or_insert(inode(&pair.path(".venv"))), inode(&pair.path(".venv")), "{stage}");
        assert_eq!(kept(&pair).len(), 1, "{stage}");
        assert_eq!(pair.sandbox.read("constraints.txt"), NEW_PINS);
    }
    let expected = str![[r#"
error: `PROTOPRIMER_START_ID` is `once`, the id of an earlier reboot
hint: unset `PROTOPRIMER_START_ID`

"#]];
    pair.sandbox.prime(["reboot"]).env("PROTOPRIMER_START_ID", "once").code(2).stderr(expected).run();
}

#[test]
fn a_command_follows_a_reboot_and_not_an_undo() {
    let Some(pair) = outdated("venv_uv") else { return };
    let pair = Pair { sandbox: pair.sandbox.env("SHELL", "/bin/sh"), ..pair };
    let run = prime(&pair, &["-q", "reset", "-c", "python -c 'import left; print(left.version)'; exit 7"]);
    assert_eq!((run.code(), run.stdout(), run.stderr()), (7, "3.0\n".to_owned(), String::new()));
    let expected = str![[r#"
error: `-c` and `--undo` exclude each other
hint: use `prime reboot --undo`, then `prime -c 'CMD'`

"#]];
    pair.sandbox.prime(["-c", "true", "reboot", "--undo"]).code(2).stderr(expected).run();
    assert_eq!(prime(&pair, &["reboot", "--undo", "-c", "true"]).code(), 2);
    assert_has(&pair, "3.0");
}
