//! Where a repository may lie.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::index::Index;
use crate::support::real_uv::real_uv;
use crate::support::repository;
use crate::support::sandbox::Sandbox;

/// The example in a directory of this name, and whether the file system takes that name.
fn placed(name: &OsStr, index: &Index, driver: &str) -> Option<Sandbox> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let sandbox = hello(python).index(index).link_uv(uv).env("PROTOPRIMER_VENV_DRIVER", driver).env("SHELL", "/bin/sh");
    fs::create_dir(sandbox.repo().join(name)).ok()?;
    let sandbox = sandbox.copy_into(name, &repository().join("examples/hello"));
    // The nearest one counts, and this one asks for a python that may not be there.
    fs::remove_file(sandbox.repo().join(name).join(".python-version")).unwrap();
    Some(sandbox)
}

#[track_caller]
fn assert_serves(sandbox: &Sandbox, name: &Path) {
    let run = sandbox.prime(["run", "--", "hello"]).current_dir(name).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{}: {}", name.display(), run.stderr());
    let prefix = sandbox.repo().join(name).join(".venv").display().to_string();
    let prefix = format!("{}\n", sandbox.redact(&prefix));
    let code = "import sys; print(sys.prefix)";
    sandbox.prime(["run", "--", "python", "-c", code]).current_dir(name).stdout(prefix.clone()).run();
    let in_shell = format!("hello && python -c '{code}'");
    let expected = GREETING.to_owned() + &prefix;
    let run = sandbox.prime(["-c", &in_shell]).current_dir(name).output();
    assert_eq!((run.code(), sandbox.redact(&run.stdout())), (0, expected), "{}: {}", name.display(), run.stderr());
}

#[test]
fn any_path_that_an_environment_can_live_at_boots_with_uv() {
    let index = hello_index();
    let long = "long".repeat(40);
    for name in [
        "two words",
        "zwölf-☃",
        "$HOME",
        "it's",
        "say \"hi\"",
        "a#b",
        "100%41",
        "[x]",
        "a;b",
        "-rf",
        "--help",
        "~",
        "a&b",
        "a`b",
        "back\\slash",
        "*",
        "a=b",
        "x @ y",
        "{a,b}",
        "!",
        "a|b",
        "prime",
        &long,
    ] {
        let Some(sandbox) = placed(name.as_ref(), &index, "venv_uv") else { return };
        assert_serves(&sandbox, name.as_ref());
    }
}

#[test]
fn pip_lives_with_such_a_path_too() {
    let index = hello_index();
    let all = format!("-a b'ü#%41[x];&*={}", "long".repeat(32));
    let Some(sandbox) = placed(all.as_ref(), &index, "venv_pip") else { return };
    assert_serves(&sandbox, all.as_ref());
}

#[test]
fn a_path_that_no_environment_can_live_at_is_an_error_before_anything_is_made() {
    let index = hello_index();
    for (name, said) in [
        (OsStr::new("a:b"), "has a `:` in it, so no directory in it can be on `PATH`\n"),
        (OsStr::new("a\nb"), "has a control character in it, and no script could start from there\n"),
        (OsStr::new("a\tb"), "has a control character in it, and no script could start from there\n"),
        (OsStr::from_bytes(b"a\xffb"), "is not UTF-8, and no file of an environment could hold it\n"),
    ] {
        for driver in super::DRIVERS {
            // Not every file system takes every name.
            let Some(sandbox) = placed(name, &index, driver) else { continue };
            let files = || fs::read_dir(sandbox.repo().join(name)).unwrap().count();
            let before = files();
            let run = sandbox.prime(["run", "--", "hello"]).current_dir(name).output();
            assert_eq!(run.code(), 78, "{}", run.stderr());
            assert!(run.stderr().contains(said), "{}", run.stderr());
            assert!(run.stderr().ends_with("hint: move the repository\n"), "{}", run.stderr());
            assert_eq!((files(), index.requests().len()), (before, 0));
        }
    }
}

#[test]
fn a_path_that_the_tool_would_write_wrongly_into_its_scripts_is_an_error() {
    let index = hello_index();
    for (driver, name, hint) in [
        ("venv_pip", "a $b", "use `venv_driver = \"venv_uv\"`, or move the repository"),
        ("venv_uv", "a \\b", "move the repository"),
    ] {
        let Some(sandbox) = placed(name.as_ref(), &index, driver) else { return };
        let run = sandbox.prime(["run", "--", "hello"]).current_dir(name).output();
        assert_eq!(run.code(), 78, "{}", run.stderr());
        let said = format!("{}/.venv` would not start: the path has a `", sandbox.repo().join(name).display());
        assert!(run.stderr().contains(&said), "{}", run.stderr());
        assert!(run.stderr().ends_with(&format!("hint: {hint}\n")), "{}", run.stderr());
        assert!(!sandbox.repo().join(name).join(".venv").exists());
    }
}

#[test]
fn a_repository_that_was_moved_or_copied_gets_an_environment_of_its_own() {
    let index = hello_index();
    let Some(sandbox) = placed("one".as_ref(), &index, "venv_uv") else { return };
    assert_serves(&sandbox, "one".as_ref());
    fs::rename(sandbox.repo().join("one"), sandbox.repo().join("two")).unwrap();
    assert_serves(&sandbox, "two".as_ref());
}
