//! What `prime venv` refuses: with an exit code of its own, words that name the path, and nothing left or changed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use snapbox::data::Inline;
use snapbox::{IntoData, str};

use super::venv;
use crate::support::pythons::{self, Interpreter};
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;
use crate::support::write;

/// A sandbox whose redactions know an interpreter.
pub fn sandbox(python: &Interpreter) -> Sandbox {
    let executable = python.executable.display().to_string();
    let sandbox = Sandbox::new().redact_as("[PYTHON]", &executable).redact_as("[VERSION]", &python.version);
    // CPython has had the minor version in the include directory since 3.11.
    let include = if python.minor >= 11 { format!("include/{}", python.basename()) } else { "include".to_owned() };
    let packages = format!("lib/{}/site-packages", python.basename());
    let place = |path: &str| sandbox.repo().join("env").join(path).display().to_string();
    let (include, packages) = (place(&include), place(&packages));
    sandbox.redact_as("[INCLUDE]", &include).redact_as("[PACKAGES]", &packages)
}

/// Runs it and compares all it says; whatever stood in the repo and in the temporary directory is as it was.
#[track_caller]
pub fn refuses(sandbox: &Sandbox, python: &Path, args: &[&str], code: i32, expected: impl IntoData) {
    let state = || [Tree::of(&sandbox.repo()), Tree::of(&sandbox.root().join("tmp"))];
    let before = state();
    venv(sandbox, python, args).code(code).stderr(expected).run();
    for (before, after) in before.iter().zip(state()) {
        let changes = before.differences(&after);
        assert!(changes.is_empty(), "{args:?}: {}", changes.join("\n"));
    }
}

#[test]
fn options_that_exclude_each_other_and_no_directory_are_usage() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let python = &python.executable;
    refuses(
        &sandbox,
        python,
        &["--symlinks", "--copies", "env"],
        2,
        str![[r#"
error: the argument '--symlinks' cannot be used with '--copies'

Usage: prime venv --python <PYTHON> --symlinks <ENV_DIR>...

For more information, try '--help'.

"#]],
    );
    refuses(
        &sandbox,
        python,
        &["--upgrade", "--clear", "env"],
        2,
        str![[r#"
error: the argument '--upgrade' cannot be used with '--clear'

Usage: prime venv --python <PYTHON> --upgrade <ENV_DIR>...

For more information, try '--help'.

"#]],
    );
    refuses(
        &sandbox,
        python,
        &[],
        2,
        str![[r#"
error: the following required arguments were not provided:
  <ENV_DIR>...

Usage: prime venv --python <PYTHON> <ENV_DIR>...

For more information, try '--help'.

"#]],
    );
}

#[test]
fn the_path_separator_in_a_directory_is_usage_before_anything_is_made() {
    for python in pythons::for_environments() {
        let sandbox = sandbox(python);
        for args in [&["a:b"][..], &["one", "a:b"], &["--clear", "--force", "a:b"], &["./x/../a:b/"]] {
            refuses(
                &sandbox,
                &python.executable,
                args,
                2,
                str![[r#"
error: the path `[REPO]/a:b` contains `:`, which separates the directories of `PATH`
hint: choose another directory

"#]],
            );
        }
    }
}

#[test]
fn what_an_older_venv_does_not_know_is_usage() {
    for python in pythons::for_environments() {
        let sandbox = sandbox(python);
        if python.minor <= 8 {
            refuses(
                &sandbox,
                &python.executable,
                &["--upgrade-deps", "env"],
                2,
                str![[r#"
error: python [VERSION] does not know `--upgrade-deps`, which came with 3.9
hint: leave it out, then run `pip install --upgrade pip` in the environment

"#]],
            );
        }
        if python.minor < 13 {
            refuses(
                &sandbox,
                &python.executable,
                &["--without-scm-ignore-files", "env"],
                2,
                str![[r#"
error: python [VERSION] does not know `--without-scm-ignore-files`, which came with 3.13
hint: leave it out: it writes no such file

"#]],
            );
        }
    }
}

/// Something at a path of the environment-to-be that has no business there.
fn put(place: &Path, kind: &str) {
    let target = place.parent().unwrap().join("target");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    match kind {
        "file" => write(place, b"mine", 0o600),
        "link" => {
            write(&target.join("mine"), b"mine", 0o600);
            symlink(&target, place).unwrap();
        }
        "dangling" => symlink(&target, place).unwrap(),
        _ => panic!("{kind}"),
    }
}

/// Puts each kind at a path, and expects the same refusal by every interpreter.
#[track_caller]
fn is_in_the_way(place: impl Fn(&Sandbox, &Interpreter) -> PathBuf, expected: &[Inline; 2]) {
    for python in pythons::for_environments() {
        for kind in ["file", "link", "dangling"] {
            let expected = expected[usize::from(kind != "file")].clone();
            let sandbox = sandbox(python);
            put(&place(&sandbox, python), kind);
            refuses(&sandbox, &python.executable, &["env"], 73, expected.clone());
            refuses(&sandbox, &python.executable, &["--without-pip", "--copies", "./env"], 73, expected.clone());
            refuses(&sandbox, &python.executable, &["--upgrade", "env"], 73, expected);
        }
    }
}

#[test]
fn a_file_or_a_link_in_the_place_of_the_environment_is_left_there() {
    is_in_the_way(
        |sandbox, _| sandbox.repo().join("env"),
        &[
            str![[r#"
error: `[REPO]/env` is a file, and a directory is needed there
hint: move it away, or choose another directory

"#]],
            str![[r#"
error: `[REPO]/env` is a symbolic link, and a directory is needed there
hint: move it away, or choose another directory

"#]],
        ],
    );
}

#[test]
fn a_file_or_a_link_in_the_place_of_bin_is_left_there() {
    is_in_the_way(
        |sandbox, _| sandbox.repo().join("env/bin"),
        &[
            str![[r#"
error: `[REPO]/env/bin` is a file, and a directory is needed there
hint: move it away, or choose another directory

"#]],
            str![[r#"
error: `[REPO]/env/bin` is a symbolic link, and a directory is needed there
hint: move it away, or choose another directory

"#]],
        ],
    );
}

#[test]
fn a_file_or_a_link_in_the_place_of_site_packages_is_left_there() {
    is_in_the_way(
        |sandbox, python| sandbox.repo().join("env/lib").join(python.basename()).join("site-packages"),
        &[
            str![[r#"
error: `[PACKAGES]` is a file, and a directory is needed there
hint: move it away, or choose another directory

"#]],
            str![[r#"
error: `[PACKAGES]` is a symbolic link, and a directory is needed there
hint: move it away, or choose another directory

"#]],
        ],
    );
}

#[test]
fn a_file_or_a_link_in_the_place_of_the_include_directory_is_left_there() {
    is_in_the_way(
        |sandbox, python| {
            let include = sandbox.repo().join("env/include");
            if python.minor >= 11 { include.join(python.basename()) } else { include }
        },
        &[
            str![[r#"
error: `[INCLUDE]` is a file, and a directory is needed there
hint: move it away, or choose another directory

"#]],
            str![[r#"
error: `[INCLUDE]` is a symbolic link, and a directory is needed there
hint: move it away, or choose another directory

"#]],
        ],
    );
}

#[test]
fn a_directory_that_is_no_environment_is_emptied_only_by_force() {
    for python in pythons::for_environments() {
        let sandbox = sandbox(python).file("env/thesis.txt", "all of it").file("env/deep/er", "");
        symlink("../outside", sandbox.repo().join("env/link")).unwrap();
        let sandbox = sandbox.file("outside/mine", "mine");
        for args in [&["--clear", "env"][..], &["--clear", "--without-pip", "--copies", "../repo/env/"]] {
            refuses(
                &sandbox,
                &python.executable,
                args,
                73,
                str![[r#"
error: `[REPO]/env` is not cleared: it is no virtual environment
hint: `--force` deletes what is in it all the same

"#]],
            );
        }
        let inode = || sandbox.repo().join("env").metadata().unwrap().ino();
        let before = inode();
        let run = venv(&sandbox, &python.executable, &["--clear", "--force", "--without-pip", "env"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let tree = Tree::of(&sandbox.repo().join("env"));
        assert!(tree.get("pyvenv.cfg").is_some() && tree.get("thesis.txt").is_none() && tree.get("deep").is_none());
        assert_eq!((inode(), sandbox.read("outside/mine").as_str()), (before, "mine"), "the directory itself stays");
    }
}

#[test]
fn an_environment_and_an_empty_directory_are_cleared_without_force() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    fs::create_dir(sandbox.repo().join("env")).unwrap();
    for step in ["empty", "an environment", "absent"] {
        let run = venv(&sandbox, &python.executable, &["--clear", "--without-pip", "env"]).output();
        assert_eq!(run.code(), 0, "{step}: {}", run.stderr());
        let tree = Tree::of(&sandbox.repo().join("env"));
        assert!(tree.get("pyvenv.cfg").is_some() && tree.get("extra").is_none(), "{step}");
        match step {
            "empty" => write(&sandbox.repo().join("env/extra"), b"x", 0o644),
            _ => fs::remove_dir_all(sandbox.repo().join("env")).unwrap(),
        }
    }
}

#[test]
fn a_linked_environment_is_not_emptied_before_it_is_refused() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python).file("real/pyvenv.cfg", "home = /nowhere\n").file("real/mine", "mine");
    symlink("real", sandbox.repo().join("env")).unwrap();
    for args in [&["--clear", "env"][..], &["--clear", "--force", "env"]] {
        refuses(
            &sandbox,
            &python.executable,
            args,
            73,
            str![[r#"
error: `[REPO]/env` is a symbolic link, and a directory is needed there
hint: move it away, or choose another directory

"#]],
        );
    }
}

#[test]
fn several_directories_are_made_up_to_the_first_that_cannot_be() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python).file("env", "a file");
    let run = venv(&sandbox, &python.executable, &["--without-pip", "before", "env", "after"]).output();
    assert_eq!(run.code(), 73, "{}", run.stderr());
    assert!(run.stderr().contains(&format!("`{}`", sandbox.repo().join("env").display())), "{}", run.stderr());
    assert!(!sandbox.repo().join("after").exists());
    let before = Tree::of(&sandbox.repo().join("before"));
    assert!(before.get("bin/activate").is_some() && before.get(".prime-unfinished").is_none());
}
