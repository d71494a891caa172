//! What is damaged, foreign, half made or somewhere else is mended by the next `prime`, and nobody's files are lost.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use snapbox::str;

use crate::support::pair::Pair;
use crate::support::real_uv::succeed;

/// What has to work right after the mending, without another boot.
#[track_caller]
fn assert_whole(pair: &Pair, what: &str) {
    let code = "import sys, one, two, left, right; print(sys.prefix)";
    let run = pair.sandbox.prime(["run", "--", "python", "-c", code]).output();
    let expected = (0, format!("{}\n", pair.path(".venv").display()), String::new());
    assert_eq!((run.code(), run.stdout(), run.stderr()), expected, "{what}");
}

/// The repo after `damage`, what the next boot said about it, and the proof that it is whole.
#[track_caller]
fn said_after(what: &str, damage: impl FnOnce(&Pair)) -> Option<String> {
    let pair = Pair::booted("venv_uv")?;
    damage(&pair);
    let said = pair.said();
    assert_whole(&pair, what);
    pair.sandbox.prime(["boot"]).run();
    Some(said)
}

fn made_again(why: &str) -> String {
    format!(
        "remove   .venv: {why}  [TIME]\ncreate   .venv (python [X.Y.Z], uv)  [TIME]\n\
         install  one (editable), two (editable)  [TIME]\n"
    )
}

#[test]
fn an_environment_that_was_deleted_is_made_again() {
    let said = said_after("deleted", |pair| fs::remove_dir_all(pair.path(".venv")).unwrap());
    let Some(said) = said else { return };
    snapbox::assert_data_eq!(
        said,
        str![[r#"
create   .venv (python [X.Y.Z], uv)  [TIME]
install  one (editable), two (editable)  [TIME]

"#]]
    );
}

#[test]
fn an_environment_whose_configuration_was_edited_is_not_trusted() {
    for (what, from, to) in [
        ("another home", "home = /", "home = /nonexistent/"),
        ("the machine's packages", "system-site-packages = false", "system-site-packages = true"),
    ] {
        let edit = |pair: &Pair| {
            let text = fs::read_to_string(pair.path(".venv/pyvenv.cfg")).unwrap();
            assert!(text.contains(from), "{text}");
            pair.write(".venv/pyvenv.cfg", &text.replace(from, to));
        };
        let Some(said) = said_after(what, edit) else { return };
        assert_eq!(said, "repair   .venv: `[REPO]/.venv/pyvenv.cfg` has changed  [TIME]\n", "{what}");
    }
}

#[test]
fn an_environment_without_its_configuration_gets_it_back() {
    let said = said_after("no configuration", |pair| fs::remove_file(pair.path(".venv/pyvenv.cfg")).unwrap());
    let Some(said) = said else { return };
    assert_eq!(said, "repair   .venv: `[REPO]/.venv/pyvenv.cfg` is gone  [TIME]\n");
}

/// Puts something in the place of a link, or nothing.
type Link = fn(&Path);

#[test]
fn an_environment_whose_link_to_its_python_is_gone_gets_it_back() {
    let links: [(&str, Link); 3] = [
        ("has changed", |path| symlink("/nonexistent/python", path).unwrap()),
        ("is gone", |_| {}),
        ("has changed", |path| symlink("/bin/sh", path).unwrap()),
    ];
    for (why, link) in links {
        let said = said_after(why, |pair| {
            fs::remove_file(pair.path(".venv/bin/python")).unwrap();
            link(&pair.path(".venv/bin/python"));
        });
        let Some(said) = said else { return };
        assert_eq!(said, format!("repair   .venv: `[REPO]/.venv/bin/python` {why}  [TIME]\n"));
    }
}

#[test]
fn an_environment_that_nothing_vouches_for_is_made_again() {
    let said = said_after("no state", |pair| fs::remove_dir_all(pair.path(".prime")).unwrap());
    let Some(said) = said else { return };
    assert_eq!(said, made_again("nothing says what it was made from"));
    let said = said_after("a damaged stamp", |pair| pair.write(".prime/stamp.json", "{\"format\":"));
    assert_eq!(said, Some(made_again("nothing says what it was made from")));
}

#[test]
fn an_environment_that_was_left_half_made_is_made_again() {
    for (phase, why) in
        [("creating", "it was left half made"), ("installing", "an installation into it was interrupted")]
    {
        let interrupt = |pair: &Pair| {
            let mut stamp: Value = serde_json::from_slice(&fs::read(pair.path(".prime/stamp.json")).unwrap()).unwrap();
            stamp["phase"] = phase.into();
            pair.write(".prime/stamp.json", &stamp.to_string());
        };
        let Some(said) = said_after(phase, interrupt) else { return };
        assert_eq!(said, made_again(why));
    }
}

#[test]
fn a_repo_that_was_moved_or_copied_is_whole_again() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let copy = pair.sandbox.root().join("copy");
    succeed(Command::new("cp").arg("-a").args([pair.sandbox.repo(), copy.clone()])).unwrap();
    let boot = |dir: &Path| {
        let run = pair.sandbox.prime(["boot"]).current_dir(dir.to_str().unwrap()).output();
        let ran = pair.sandbox.prime(["run", "--", "python", "-c", "import sys, one; print(one.__file__)"]);
        let ran = ran.current_dir(dir.to_str().unwrap()).output();
        assert_eq!((ran.code(), ran.stderr()), (0, String::new()));
        assert_eq!(ran.stdout(), format!("{}\n", dir.join("one/src/one.py").display()));
        pair.sandbox.redact(&run.stderr())
    };
    assert_eq!(boot(&copy), made_again("nothing says what it was made from"));
    let moved = pair.sandbox.root().join("moved");
    fs::rename(pair.sandbox.repo(), &moved).unwrap();
    assert_eq!(boot(&moved), made_again("nothing says what it was made from"));
    fs::rename(&moved, pair.sandbox.repo()).unwrap();
    pair.boot();
    assert_whole(&pair, "moved back");
}

#[test]
fn a_repo_that_is_reached_through_a_link_is_the_same_repo() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let link = pair.sandbox.root().join("link");
    symlink(pair.sandbox.repo(), &link).unwrap();
    pair.sandbox.prime(["-C", link.to_str().unwrap()]).run();
    pair.sandbox.prime(["boot"]).current_dir(link.to_str().unwrap()).run();
    assert_whole(&pair, "after the link");
}

/// Puts something of the user's where the environment belongs; the file that must survive.
type Occupy = fn(&Pair) -> PathBuf;

const OCCUPIED: [(&str, Occupy); 4] = [
    ("an environment that something else made", |pair| {
        let venv = pair.path(".venv");
        succeed(Command::new(&pair.python.executable).args(["-m", "venv", "--without-pip"]).arg(&venv)).unwrap();
        fs::write(venv.join("mine"), "mine").unwrap();
        "mine".into()
    }),
    ("a directory that is no environment", |pair| {
        pair.write(".venv/notes/mine", "mine");
        "notes/mine".into()
    }),
    ("no directory", |pair| {
        pair.write(".venv", "mine");
        PathBuf::new()
    }),
    ("a symbolic link", |pair| {
        pair.write("elsewhere/mine", "mine");
        symlink(pair.path("elsewhere"), pair.path(".venv")).unwrap();
        "mine".into()
    }),
];

#[test]
fn what_is_not_ours_is_moved_aside_and_kept() {
    for (what, occupy) in OCCUPIED {
        for made_before in [false, true] {
            let Some(pair) = Pair::new() else { return };
            if made_before {
                pair.boot();
                fs::remove_dir_all(pair.path(".venv")).unwrap();
            }
            let file = occupy(&pair);
            let said = pair.said();
            let moved = said.lines().next().unwrap_or_default();
            let expected = format!("move     .venv to .prime/tmp/venv.before.[RUN_ID]: it is {what}");
            assert_eq!(moved, expected, "{said}");
            let aside = fs::read_dir(pair.path(".prime/tmp")).unwrap().next().unwrap().unwrap().path();
            // A file joined with nothing would end in a slash.
            let kept = if file.as_os_str().is_empty() { aside } else { aside.join(file) };
            assert_eq!(fs::read_to_string(kept).unwrap(), "mine", "{what}");
            assert_whole(&pair, what);
        }
    }
}
