//! What is in the directory stays as it was where no environment can be made of it, whatever it is and whatever stops it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::sys::signal::Signal;
use nix::sys::stat::Mode;

use super::venv;
use super::wheels::{Own, newest, without_ensurepip};
use crate::support::http::{Gate, refused_url};
use crate::support::index::{Fault, Index};
use crate::support::pythons;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;
use crate::support::{bundled, write};

const UNFINISHED: &str = ".prime-unfinished";

/// An environment with something of the user's in it, whatever its python brings.
fn with_environment(own: &Own) -> Tree {
    let run = venv(&own.sandbox, &own.executable, &["--without-pip", "env"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    write(&own.sandbox.repo().join("env/mine"), b"mine", 0o640);
    Tree::of(&own.sandbox.repo().join("env"))
}

/// `--clear` ends with this code and has not cleared.
#[track_caller]
fn clears_nothing(own: &Own, options: &[&str], code: i32) -> Run {
    let before = with_environment(own);
    let run = venv(&own.sandbox, &own.executable, &[&["--clear"], options, &["env"]].concat()).output();
    assert_eq!(run.code(), code, "{}", run.stderr());
    let changes = before.differences(&Tree::of(&own.sandbox.repo().join("env")));
    assert!(changes.is_empty(), "{}", changes.join("\n"));
    run
}

#[test]
fn nothing_is_cleared_where_the_index_that_has_pip_is_down() {
    let sandbox = Sandbox::new().env("PIP_INDEX_URL", refused_url()).env("PIP_RETRIES", "0");
    let Some(own) = without_ensurepip(sandbox) else { return };
    clears_nothing(&own, &[], 69);
    clears_nothing(&own, &["--offline"], 69);
}

#[test]
fn nothing_is_cleared_where_the_wheel_is_refused() {
    let Some(own) = newest(Sandbox::new()) else { return };
    own.bundle(b"no archive");
    let run = clears_nothing(&own, &[], 65);
    assert!(run.stderr().contains("pip-"), "{}", run.stderr());
}

#[test]
fn a_signal_while_the_index_is_waited_for_ends_it_at_once_and_changes_nothing() {
    let gate = Gate::default();
    let index =
        bundled::packages().into_iter().fold(Index::start(), Index::add).fault("pip-", Fault::Held(gate.clone()));
    let Some(own) = without_ensurepip(Sandbox::new().index(&index)) else { return };
    let before = with_environment(&own);
    for (signal, dir) in [(Signal::SIGTERM, "env"), (Signal::SIGINT, "env"), (Signal::SIGTERM, "new")] {
        let asked = index.paths().len();
        let mut running = venv(&own.sandbox, &own.executable, &["--clear", dir]).spawn();
        assert!(running.wait_until(|_| index.paths()[asked..].iter().any(|path| path.contains("/files/pip-"))));
        let run = running.signal(signal);
        assert_eq!(run.code(), 128 + signal as i32, "{}", run.stderr());
        assert!(before.differences(&Tree::of(&own.sandbox.repo().join("env"))).is_empty());
        assert!(!own.sandbox.repo().join("new").exists());
    }
    gate.open();
}

/// Puts something else in the place of the file that says that an environment is not finished.
fn put_marker(env: &Path, kind: &str) {
    let marker = env.join(UNFINISHED);
    match kind {
        "pipe" => nix::unistd::mkfifo(&marker, Mode::S_IRWXU).unwrap(),
        "dangling link" => symlink("../elsewhere", &marker).unwrap(),
        "link" => symlink("mine", &marker).unwrap(),
        _ => fs::create_dir(&marker).unwrap(),
    }
}

#[test]
fn a_marker_that_is_no_file_is_neither_waited_for_nor_followed() {
    let Some(python) = pythons::newest() else { return };
    for kind in ["pipe", "dangling link", "link", "directory"] {
        let sandbox = Sandbox::new().file("env/mine", "mine");
        let env = sandbox.repo().join("env");
        put_marker(&env, kind);
        let before = fs::read_dir(&env).unwrap().count();
        let run = venv(&sandbox, &python.executable, &["--without-pip", "env"]).output();
        assert_eq!(run.code(), 73, "{kind}: {}", run.stderr());
        assert!(run.stderr().contains(UNFINISHED), "{kind}: {}", run.stderr());
        assert_eq!(fs::read_dir(&env).unwrap().count(), before, "{kind}");
        assert_eq!(sandbox.read("env/mine"), "mine", "{kind}");
        assert!(!sandbox.repo().join("elsewhere").exists(), "{kind}");
    }
}

#[test]
fn a_marker_of_anybodys_is_no_licence_to_clear() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    for text in ["anything\n", "an environment is being made among files that are none of it"] {
        write(&sandbox.repo().join("env/mine"), b"mine", 0o640);
        write(&sandbox.repo().join("env").join(UNFINISHED), text.as_bytes(), 0o644);
        let run = venv(&sandbox, &python.executable, &["--clear", "--without-pip", "env"]).output();
        assert_eq!(run.code(), 73, "{text:?}: {}", run.stderr());
        assert_eq!(sandbox.read("env/mine"), "mine", "{text:?}");
    }
}

#[test]
fn files_that_were_there_are_not_cleared_after_an_environment_was_begun_among_them() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new().file("env/mine", "mine").file("env/include", "in the way of a header");
    let env = sandbox.repo().join("env");
    fs::remove_file(env.join("include")).unwrap();
    // What stops it comes when it has begun: the activation script's place is taken.
    fs::create_dir_all(env.join("bin/activate/deep")).unwrap();
    let run = venv(&sandbox, &python.executable, &["--without-pip", "env"]).output();
    assert_ne!(run.code(), 0);
    assert!(env.join(UNFINISHED).exists() && !env.join("pyvenv.cfg").exists(), "{}", run.stderr());
    let run = venv(&sandbox, &python.executable, &["--clear", "--without-pip", "env"]).output();
    assert_eq!(run.code(), 73, "{}", run.stderr());
    assert_eq!(sandbox.read("env/mine"), "mine");
}

#[test]
fn what_was_being_cleared_is_an_environment_only_after_it_was_cleared() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    let env = sandbox.repo().join("env");
    write(&env.join("lib/rest"), b"", 0o644);
    let text = "this environment is being cleared, or that was interrupted: clear once again\n";
    write(&env.join(UNFINISHED), text.as_bytes(), 0o644);
    let run = venv(&sandbox, &python.executable, &["--without-pip", "env"]).output();
    assert_eq!(run.code(), 73, "{}", run.stderr());
    assert!(run.stderr().contains("hint: repeat it with `--clear`"), "{}", run.stderr());
    let run = venv(&sandbox, &python.executable, &["--clear", "--without-pip", "env"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(!env.join("lib/rest").exists() && !env.join(UNFINISHED).exists());
}

#[test]
fn temporary_files_of_whoever_was_killed_go_with_the_next_run() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    let make = || venv(&sandbox, &python.executable, &["env"]).output();
    assert_eq!(make().code(), 0);
    let env = sandbox.repo().join("env");
    let whole = Tree::of(&env);
    let packages = format!("lib/{}/site-packages", python.basename());
    let left = [".", "bin", &packages].map(|dir| env.join(dir).join(".prime-tmp-Abc123"));
    for path in &left {
        write(path, b"half", 0o600);
    }
    write(&env.join("bin/.prime-tmp-Dir123/link"), b"", 0o644);
    // Whoever is not known to have been killed may still be at work.
    assert_eq!(make().code(), 0);
    assert!(left.iter().all(|path| path.exists()));
    let text = "this environment is being made, or its making was interrupted: make it again\n";
    write(&env.join(UNFINISHED), text.as_bytes(), 0o644);
    assert_eq!(make().code(), 0);
    let changes = whole.differences(&Tree::of(&env));
    assert!(changes.is_empty(), "{}", changes.join("\n"));
}

#[test]
fn an_installation_is_not_made_an_environment_of_itself() {
    let Some(own) = newest(Sandbox::new()) else { return };
    let dir = own.executable.parent().and_then(Path::parent).unwrap().to_owned();
    let before = Tree::of(&dir);
    for options in [&[][..], &["--clear", "--force"], &["--upgrade"]] {
        let run = venv(&own.sandbox, &own.executable, &[options, &[dir.to_str().unwrap()]].concat()).output();
        assert_eq!(run.code(), 73, "{options:?}: {}", run.stderr());
        assert!(run.stderr().contains("from which the environment would be made"), "{}", run.stderr());
        assert!(before.differences(&Tree::of(&dir)).is_empty(), "{options:?}");
    }
}
