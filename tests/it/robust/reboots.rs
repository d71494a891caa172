//! A reboot and its undo, interrupted anywhere, in company, on another file system, and beside other environments.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::full::can_mount;
use crate::reboot::{NEW_PINS, OLD_PINS, assert_has, inode, kept, outdated, prime, said};
use crate::support::http::refused_url;
use crate::support::pair::{CONFIG, Pair};
use crate::support::require_program;
use crate::support::run::Running;

/// Something to wait for.
type Moment = (&'static str, fn(&Path) -> bool);

fn stamp_has(repo: &Path, text: &str) -> bool {
    fs::read_to_string(repo.join(".prime/stamp.json")).is_ok_and(|stamp| stamp.contains(text))
}

fn any(dir: &Path, holds: impl Fn(&Path) -> bool) -> bool {
    fs::read_dir(dir).into_iter().flatten().flatten().any(|entry| holds(&entry.path()))
}

/// The stamp of the old environment names no reboot.
const MOMENTS: [Moment; 11] = [
    ("the log", |repo| any(&repo.join(".prime/log"), |file| file.metadata().is_ok_and(|meta| meta.len() > 0))),
    ("a directory to keep it in", |repo| any(&repo.join(".prime/tmp"), |_| true)),
    ("its note", |repo| any(&repo.join(".prime/tmp"), |dir| dir.join("reboot.json").exists())),
    ("the environment moved", |repo| any(&repo.join(".prime/tmp"), |dir| dir.join("venv").exists())),
    ("creating", |repo| stamp_has(repo, "\"creating\"")),
    ("a new environment", |repo| {
        any(&repo.join(".prime/tmp"), |dir| dir.join("venv").exists()) && repo.join(".venv/pyvenv.cfg").exists()
    }),
    ("created", |repo| stamp_has(repo, "\"reboot\":true") && stamp_has(repo, "\"created\"")),
    ("installing", |repo| stamp_has(repo, "\"installing\"")),
    ("the newer version", |repo| {
        any(&repo.join(".venv/lib"), |lib| {
            any(&lib.join("site-packages"), |it| it.to_string_lossy().contains("left-3.0"))
        })
    }),
    ("the new pins", |repo| fs::read_to_string(repo.join("constraints.txt")).is_ok_and(|pins| pins == NEW_PINS)),
    ("ready", |repo| stamp_has(repo, "\"reboot\":true") && stamp_has(repo, "\"ready\"")),
];

/// The repo with the old environment and nothing kept; then a reboot that is killed when `moment` has come. The inode of
/// the old environment, and whether the kill came in time.
fn killed(pair: &Pair, moment: &Moment) -> (u64, bool) {
    let _ = fs::remove_dir_all(pair.path(".prime"));
    let _ = fs::remove_dir_all(pair.path(".venv"));
    pair.write("constraints.txt", OLD_PINS);
    pair.boot();
    let _ = fs::remove_dir_all(pair.path(".prime/log"));
    let old = inode(&pair.path(".venv"));
    let mut running = pair.sandbox.prime(["reboot"]).spawn();
    running.wait_until(|_| (moment.1)(&pair.sandbox.repo()));
    (old, running.kill().code() == 137)
}

#[test]
fn whatever_a_killed_reboot_has_left_a_boot_mends_with_the_pins_that_are_there() {
    let Some(pair) = outdated("venv_uv") else { return };
    let hits = MOMENTS.iter().filter(|moment| {
        let (_, hit) = killed(&pair, moment);
        let pins = pair.sandbox.read("constraints.txt");
        assert!([OLD_PINS, NEW_PINS].contains(&pins.as_str()), "{}: {pins}", moment.0);
        pair.boot();
        assert_eq!(pair.sandbox.read("constraints.txt"), pins, "{}", moment.0);
        assert_has(&pair, if pins == OLD_PINS { "2.0" } else { "3.0" });
        pair.sandbox.prime(["boot"]).run();
        hit
    });
    assert_ne!(hits.count(), 0);
}

#[test]
fn whatever_a_killed_reboot_has_left_an_undo_brings_the_old_environment_back() {
    let Some(pair) = outdated("venv_uv") else { return };
    let hits = MOMENTS.iter().filter(|moment| {
        let (old, hit) = killed(&pair, moment);
        let is_moved = kept(&pair).iter().any(|dir| dir.join("venv").exists());
        let undo = prime(&pair, &["reboot", "--undo"]);
        assert_eq!(undo.code(), if is_moved { 0 } else { 2 }, "{}: {}", moment.0, undo.stderr());
        assert_eq!(inode(&pair.path(".venv")), old, "{}", moment.0);
        assert_eq!(pair.sandbox.read("constraints.txt"), OLD_PINS, "{}", moment.0);
        pair.sandbox.prime(["boot"]).run();
        assert_has(&pair, "2.0");
        hit
    });
    assert_ne!(hits.count(), 0);
}

/// What an undo has done when it is stopped: the new environment is kept, and nothing has come in its place.
fn stopped_undo(pair: &Pair) {
    let dir = pair.path(".prime/tmp/venv.reboot.stopped");
    fs::create_dir(&dir).unwrap();
    let venv = pair.path(".venv");
    let note = format!(
        r#"{{"format":1,"number":2,"run_id":"stopped","environment":"","venv":"{}","instead":1}}"#,
        venv.display()
    );
    fs::write(dir.join("reboot.json"), note).unwrap();
    fs::copy(pair.path(".prime/stamp.json"), dir.join("stamp.json")).unwrap();
    fs::copy(pair.path("constraints.txt"), dir.join("constraints.txt")).unwrap();
    fs::rename(venv, dir.join("venv")).unwrap();
}

#[test]
fn an_undo_that_was_stopped_goes_on_where_it_was() {
    let Some(pair) = outdated("venv_uv") else { return };
    let old = inode(&pair.path(".venv"));
    said(&pair, &["reboot"]);
    let new = inode(&pair.path(".venv"));
    for (is_old_stamp, is_old_pins) in [(false, false), (true, false), (true, true)] {
        stopped_undo(&pair);
        let kept_old = kept(&pair).into_iter().find(|dir| !dir.ends_with("venv.reboot.stopped")).unwrap();
        if is_old_stamp {
            fs::copy(kept_old.join("stamp.json"), pair.path(".prime/stamp.json")).unwrap();
        }
        if is_old_pins {
            pair.write("constraints.txt", OLD_PINS);
        }
        said(&pair, &["reboot", "--undo"]);
        assert_eq!((inode(&pair.path(".venv")), pair.sandbox.read("constraints.txt").as_str()), (old, OLD_PINS));
        pair.sandbox.prime(["boot"]).run();
        assert_has(&pair, "2.0");
        said(&pair, &["reboot", "--undo"]);
        assert_eq!((inode(&pair.path(".venv")), pair.sandbox.read("constraints.txt").as_str()), (new, NEW_PINS));
        // The numbers start anew, as the note above has them.
        let note = kept(&pair)[0].join("reboot.json");
        let text = fs::read_to_string(&note).unwrap();
        let (start, rest) = text.split_once("\"number\":").unwrap();
        fs::write(note, format!("{start}\"number\":1{}", &rest[rest.find(',').unwrap()..])).unwrap();
    }
    // A boot in the middle makes one with the pins that are there; nothing is lost.
    stopped_undo(&pair);
    pair.boot();
    assert_has(&pair, "3.0");
    said(&pair, &["reboot", "--undo"]);
    assert_eq!(inode(&pair.path(".venv")), old);
    assert_has(&pair, "2.0");
}

#[test]
fn a_kept_directory_without_an_environment_is_of_no_use_and_is_cleared_away() {
    let Some(pair) = outdated("venv_uv") else { return };
    said(&pair, &["reboot"]);
    let [dir] = kept(&pair).try_into().unwrap();
    fs::remove_dir_all(dir.join("venv")).unwrap();
    assert_eq!(prime(&pair, &["reboot", "--undo"]).code(), 2);
    said(&pair, &["reboot"]);
    assert!(!dir.exists());
    assert_eq!(kept(&pair).len(), 1);
}

#[test]
fn of_two_reboots_at_once_both_end_well_however_they_meet() {
    let Some(pair) = outdated("venv_uv") else { return };
    let old = inode(&pair.path(".venv"));
    pair.write("prime.toml", &format!("reboot_keep_count = 99\n{CONFIG}"));
    pair.boot();
    let delays = [0, 20, 100, 250, 400, 550, 700, 850].map(Duration::from_millis);
    for delay in delays {
        let first = pair.sandbox.prime(["reboot"]).spawn();
        sleep(delay);
        let second = pair.sandbox.prime(["reboot"]).spawn();
        for run in [first, second].map(Running::wait) {
            assert_eq!(run.code(), 0, "{delay:?}: {}", run.stderr());
        }
        assert_has(&pair, "3.0");
        assert_eq!(pair.sandbox.read("constraints.txt"), NEW_PINS);
        pair.sandbox.prime(["boot"]).run();
        assert!(kept(&pair).iter().any(|dir| inode(&dir.join("venv")) == old), "{delay:?}");
    }
}

#[test]
fn a_reboot_whose_environment_another_run_makes_anew_goes_on_with_that_or_says_so() {
    let Some(pair) = outdated("venv_uv") else { return };
    let stage = |name: &str| {
        let run = pair.sandbox.prime(["reboot"]).env("PROTOPRIMER_START_ID", "first");
        run.env("PROTOPRIMER_PY_EXEC", name)
    };
    let expected = "error: another `prime` has made `.venv` in the meantime\nhint: start again\n";
    stage("stride_py_venv").code(75).stderr(expected).run();
    let away = pair.sandbox.prime(["reboot"]).env("PIP_INDEX_URL", refused_url());
    assert_eq!(away.output().code(), 69);
    let expected = "install  one (editable), two (editable)  [TIME]\npin      constraints.txt (2 versions)  [TIME]\n";
    stage("stride_src_updated").stderr(expected).run();
    assert_has(&pair, "3.0");
}

#[test]
fn only_the_selected_environment_is_rebooted() {
    let Some(pair) = outdated("venv_uv") else { return };
    fs::remove_dir_all(pair.path(".venv")).unwrap();
    fs::remove_dir_all(pair.path(".prime")).unwrap();
    let client = "local_conf_symlink_rel_path = 'lconf'\ndefault_env_dir_rel_path = 'dst/one'\n";
    pair.write("prime.toml", "global_conf_dir_rel_path = 'gconf'\n");
    pair.write("gconf/prime.toml", &format!("{client}{CONFIG}"));
    for name in ["one", "two"] {
        pair.write(&format!("dst/{name}/prime.toml"), "reboot_keep_count = 1\n");
        pair.write(&format!("dst/{name}/constraints.txt"), OLD_PINS);
        assert_eq!(prime(&pair, &["--env", &format!("dst/{name}"), "--no-link"]).code(), 0);
    }
    let place = |name: &str| {
        let venv = if name == "one" { ".venv" } else { ".venv-two" };
        (inode(&pair.path(venv)), pair.sandbox.read(&format!("dst/{name}/constraints.txt")))
    };
    let (one, two) = (place("one"), place("two"));
    assert_eq!((one.1.as_str(), two.1.as_str()), (OLD_PINS, OLD_PINS));
    let stamp_of_one = pair.sandbox.read(".prime/env/dst%2Fone/stamp.json");
    let talk = said(&pair, &["reboot", "--env", "dst/two", "--no-link"]);
    let first = "move     .venv-two to .prime/tmp/venv.reboot.[RUN_ID] \
                 (`prime reboot --undo --env dst/two --no-link` brings it back)\n";
    assert!(talk.starts_with(first), "{talk}");
    assert_eq!(place("one"), one);
    assert_eq!(pair.sandbox.read(".prime/env/dst%2Fone/stamp.json"), stamp_of_one);
    assert_eq!(place("two").1, NEW_PINS);
    let nothing = "error: nothing is kept of the environment `dst/one` that a reboot has replaced\n\
                   hint: `prime` mends the environment that is there, or makes one\n";
    let undo = pair.sandbox.prime(["reboot", "--undo", "--no-link"]);
    undo.code(2).stderr(nothing).run();
    // The other's is not counted either: each keeps one of its own.
    said(&pair, &["reboot", "--env", "dst/one", "--no-link"]);
    assert_eq!(kept(&pair).len(), 2);
    said(&pair, &["reboot", "--undo", "--env", "dst/two"]);
    assert_eq!(place("two"), two);
    assert_eq!(place("one").1, NEW_PINS);
    assert_eq!(fs::read_link(pair.path("lconf")).unwrap(), Path::new("dst/two"));
    pair.sandbox.prime(["boot"]).run();
    pair.sandbox.prime(["boot", "--env", "dst/one", "--no-link"]).run();
}

/// Mounts a file system over the directory for temporary things, for this script alone.
const SCRIPT: &str = r#"
set -eu
/bin/mkdir -p .prime/tmp
/bin/mount -t tmpfs -o size=1m tmpfs .prime/tmp
"$PRIME" reboot 2>&1
/bin/ls -A .prime/tmp
for dir in .venv.reboot.*; do /bin/ls -A "$dir"; done
/bin/cat .venv.reboot.*/.gitignore
"$PRIME" reboot --undo 2>&1
"$PRIME" boot 2>&1
/bin/mv .venv .mine
/bin/mkdir .venv
echo mine >.venv/mine
"$PRIME" boot 2>&1
/bin/cat .venv.before.*/mine
"#;

#[test]
fn nothing_is_copied_to_another_file_system() {
    let Some(pair) = outdated("venv_uv") else { return };
    let Some(unshare) = require_program("unshare").filter(|_| can_mount()) else { return };
    let old = inode(&pair.path(".venv"));
    let run = pair.sandbox.command(unshare).args(["--mount", "--map-root-user", "/bin/sh", "-c", SCRIPT]);
    let run = run.env("PRIME", env!("CARGO_BIN_EXE_prime")).output();
    let expected = "\
move     .venv to .venv.reboot.[RUN_ID] (`prime reboot --undo` brings it back)
create   .venv (python [X.Y.Z], uv)  [TIME]
install  one (editable), two (editable)  [TIME]
pin      constraints.txt (2 versions)  [TIME]
.gitignore
constraints.txt
reboot.json
stamp.json
venv
*
move     .venv to .venv.reboot.[RUN_ID]
restore  constraints.txt
restore  .venv from .venv.reboot.[RUN_ID]
move     .venv to .venv.before.[RUN_ID]: it is a directory that is no environment
create   .venv (python [X.Y.Z], uv)  [TIME]
install  one (editable), two (editable)  [TIME]
mine
";
    assert_eq!((pair.sandbox.redact(&run.stdout()).as_str(), run.stderr().as_str(), run.code()), (expected, "", 0));
    assert_eq!(inode(&pair.path(".mine")), old);
}

#[test]
fn an_environment_that_is_a_mount_of_its_own_is_named() {
    let Some(pair) = outdated("venv_uv") else { return };
    let Some(unshare) = require_program("unshare").filter(|_| can_mount()) else { return };
    let script = "/bin/mount --bind .venv .venv && exec \"$PRIME\" reboot";
    let run = pair.sandbox.command(unshare).args(["--mount", "--map-root-user", "/bin/sh", "-c", script]);
    let run = run.env("PRIME", env!("CARGO_BIN_EXE_prime")).output();
    let expected = "\
error: `.venv` cannot be moved: it is a file system of its own
hint: unmount it, or choose another `local_venv_dir_rel_path`
";
    assert_eq!((run.code(), pair.sandbox.redact(&run.stderr()).as_str()), (73, expected));
    assert_eq!(kept(&pair), Vec::<PathBuf>::new());
    pair.sandbox.prime(["boot"]).run();
}

/// Boots on a small file system, leaves so many KiB free, reboots, makes room, and goes back.
const FULL: &str = r#"
set -eu
/bin/mount -t tmpfs -o size=8m tmpfs "$REPO"
/bin/cp -R "$ORIGINAL/." "$REPO"
cd "$REPO"
"$PRIME" -q boot
TOOLS=$PATH
PATH=/usr/bin:/bin
pins=$(cksum constraints.txt)
free=$(df -Pk . | tail -n 1 | awk '{ print $4 }')
head -c $(((free - ROOM) * 1024)) /dev/zero >filler
PATH=$TOOLS
code=0
"$PRIME" reboot || code=$?
echo "code $code"
PATH=/usr/bin:/bin
if [ "$code" != 0 ]; then [ "$pins" = "$(cksum constraints.txt)" ] || echo 'other pins'; fi
rm filler
moved=no
for dir in .prime/tmp/*/venv; do [ ! -d "$dir" ] || moved=yes; done
echo "moved $moved"
PATH=$TOOLS
if [ $moved = yes ]; then "$PRIME" -q reboot --undo; fi
"$PRIME" boot 2>&1
"$PRIME" run -- python -c 'import left; print(left.version)'
"#;

#[test]
fn a_reboot_on_a_full_disk_leaves_the_way_back() {
    let Some(unshare) = require_program("unshare").filter(|_| can_mount()) else { return };
    let mut moved_ones = 0;
    for room in [0, 24, 48, 64, 84, 100, 120] {
        let Some(pair) = outdated("venv_uv") else { return };
        let root = pair.sandbox.root();
        let (original, small) = (root.join("original"), root.join("small"));
        for name in [".venv", ".prime"] {
            fs::remove_dir_all(pair.path(name)).unwrap();
        }
        fs::rename(pair.sandbox.repo(), &original).unwrap();
        fs::create_dir(&small).unwrap();
        fs::create_dir(pair.sandbox.repo()).unwrap();
        let run = pair.sandbox.command(&unshare).args(["--mount", "--map-root-user", "/bin/sh", "-c", FULL]);
        let run = run.env("PRIME", env!("CARGO_BIN_EXE_prime")).env("REPO", &small).env("ORIGINAL", &original);
        let run = run.env("ROOM", room.to_string()).output();
        let (said, talk) = (run.stdout(), run.stderr());
        let is_moved = said.contains("moved yes");
        moved_ones += usize::from(is_moved && said.starts_with("code 74"));
        let moved = if is_moved { "yes" } else { "no" };
        let expected = |code: u8| format!("code {code}\nmoved {moved}\n2.0\n");
        assert!([expected(0), expected(74)].contains(&said), "{room} KiB: {said}{talk}");
        let tells = talk.contains("`prime reboot --undo` brings the old environment back\n");
        assert_eq!(tells, is_moved && said.starts_with("code 74"), "{room} KiB: {talk}");
    }
    assert_ne!(moved_ones, 0);
}
