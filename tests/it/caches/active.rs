//! An environment that happens to be active decides nothing: not the key, not the paths, not what else is foretold.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::Value as Json;

use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{fakes, write};

const PYTHON: &str = "python3.12";

/// A repository, and beside it the environment of another one, which is of another python.
fn repo() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new().fake_python(PYTHON, "3.12.1").file(".python-version", "3.12\n");
    let other = sandbox.root().join("other");
    fs::create_dir_all(other.join("base/bin")).unwrap();
    let base = other.join("base/bin").join(PYTHON);
    write(&base, fakes::python(&other.join("base"), PYTHON, "3.12.9").as_bytes(), 0o755);
    write(&other.join("pyvenv.cfg"), format!("home = {}\n", base.parent().unwrap().display()).as_bytes(), 0o644);
    fs::create_dir(other.join("bin")).unwrap();
    for name in ["python3", "python", PYTHON] {
        symlink(&base, other.join("bin").join(name)).unwrap();
    }
    (sandbox, other)
}

/// What a command says, with the environment active where one is named.
#[track_caller]
fn said(sandbox: &Sandbox, args: &[&str], active: Option<&PathBuf>) -> (i32, String, String) {
    let mut run = sandbox.prime(args);
    if let Some(active) = active {
        let path = format!("{}:{}", active.join("bin").display(), sandbox.bin().display());
        run = run.env("VIRTUAL_ENV", active).env("PATH", path);
    }
    let run = run.output();
    (run.code(), run.stdout(), run.stderr())
}

#[test]
fn what_is_foretold_is_the_same_in_another_environment() {
    let (sandbox, other) = repo();
    for args in [&["cache", "key"][..], &["cache", "paths"], &["cache", "key", "--json"], &["check"], &["check", "-v"]]
    {
        let outside = said(&sandbox, args, None);
        assert_eq!(said(&sandbox, args, Some(&other)), outside, "{args:?}");
        assert!(args != ["cache", "key"] || outside.1.starts_with("prime-cpython-3.12.1-"), "{outside:?}");
    }
    // One that was asked before is known without being started.
    let dir = sandbox.root().join("made");
    let made = said(&sandbox, &["venv", "--without-pip", dir.to_str().unwrap()], Some(&other));
    assert_eq!(made.0, 0, "{made:?}");
    assert!(fs::read_to_string(dir.join("pyvenv.cfg")).unwrap().contains("3.12.1"), "{made:?}");
    for args in [["eval", "--json"], ["check", "--json"]] {
        let facts = |active| {
            let (_, text, _) = said(&sandbox, &args, active);
            let document: Json = serde_json::from_str(&text).unwrap();
            let derived = &document["data"]["derived"];
            (derived["selected_python_file_abs_path"].clone(), document["data"]["facts"].clone())
        };
        assert_eq!(facts(Some(&other)), facts(None), "{args:?}");
    }
    let version = sandbox.repo().join(".python-version");
    fs::remove_file(&version).unwrap();
    fs::write(sandbox.repo().join("pyproject.toml"), "[project]\nname = 'app'\nversion = '1'\n").unwrap();
    assert_eq!(said(&sandbox, &["init"], Some(&other)).0, 0);
    assert_eq!(fs::read_to_string(version).unwrap(), "3.12\n");
}

#[test]
fn a_step_of_a_ci_says_the_key_that_was_asked_for_before_it() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let (_kept, other) = repo();
    let index = Index::start();
    let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("app", "1", &[]);
    let sandbox = sandbox.file(".python-version", python.series() + "\n");
    // Another python of the version that is required.
    let base = other.join("base/bin").join(python.basename());
    let script = fakes::python(&other.join("base"), &python.basename(), &format!("{}.99", python.series()));
    write(&base, script.as_bytes(), 0o755);
    symlink(&base, other.join("bin").join(python.basename())).unwrap();
    let key = |args: &[&str]| {
        let (code, text, talk) = said(&sandbox, args, Some(&other));
        assert_eq!(code, 0, "{talk}");
        serde_json::from_str::<Json>(&text).unwrap()["data"].clone()
    };
    let before = key(&["cache", "key", "--json"])["key"].clone();
    assert_eq!(key(&["ci", "--json"])["cache_key"], before);
    assert_eq!(key(&["cache", "key", "--json"])["key"], before);
}
