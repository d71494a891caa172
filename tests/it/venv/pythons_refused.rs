//! What `--python` names and no environment can be made for: it is told what is wrong with it, and nothing is made.

use std::fs;
use std::path::Path;

use snapbox::{IntoData, str};

use super::refusals::refuses;
use super::venv;
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::skip;

/// A sandbox with this script in the place of a python.
fn with(script: &str) -> Sandbox {
    Sandbox::new().script("python", format!("#!/bin/sh\n{script}\n"))
}

/// Expects that no environment is made for what the repo's `python` is, by its path.
#[track_caller]
fn refused(sandbox: &Sandbox, expected: impl IntoData) {
    refuses(sandbox, &sandbox.repo().join("python"), &["env"], 78, expected);
}

#[test]
fn a_path_where_nothing_is_has_no_environment() {
    refused(
        &Sandbox::new(),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: no such file
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_directory_has_no_environment() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.repo().join("python")).unwrap();
    refused(
        &sandbox,
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: not executable
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_file_that_cannot_be_executed_has_no_environment() {
    refused(
        &Sandbox::new().file("python", "#!/bin/sh\n"),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: not executable
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_program_that_talks_garbage_has_no_environment() {
    refused(
        &with("printf 'what\\000ever\\377\\n'; printf '{\"prime_probe\"'"),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: did not answer as a python does
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_program_that_fails_has_no_environment() {
    refused(
        &with("echo 'python: command not found' >&2; exit 127"),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: exited with status 127: python: command not found
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_program_that_is_killed_has_no_environment() {
    refused(
        &with("kill -KILL $$"),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: was ended by signal 9
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_program_that_hangs_is_not_waited_for() {
    // Its child holds the pipes open, which is no reason to wait either.
    refused(
        &with("/bin/sleep 600 & exec /bin/sleep 600"),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: no answer within [TIME]
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_file_that_is_no_program_has_no_environment() {
    refused(
        &Sandbox::new().script("python", [0x7f, b'E', b'L', b'F', 0, 1, 2]),
        str![[r#"
error: `[REPO]/python` is no python that can be used
  cause: did not start: exec format error
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_name_that_is_nowhere_has_no_environment() {
    let sandbox = Sandbox::new();
    refuses(
        &sandbox,
        Path::new("no-such-python"),
        &["env"],
        78,
        str![[r#"
error: `no-such-python` is no python that can be used
  cause: command not found: `no-such-python`
hint: name a python from 3.7 on by its path, by a name on `PATH`, or by its version

"#]],
    );
}

#[test]
fn a_version_that_nobody_has_has_no_environment() {
    let sandbox = Sandbox::new();
    let run = venv(&sandbox, Path::new("3.99"), &["env"]).output();
    let said = run.stderr();
    assert_eq!(run.code(), 78, "{said}");
    assert!(said.starts_with("error: no python matching `3.99`"), "{said}");
    assert!(!sandbox.repo().join("env").exists());
}

#[test]
fn python_2_is_too_old() {
    let Some(python) = pythons::two() else { return };
    let sandbox = Sandbox::new().redact_as("[PYTHON]", &python.display().to_string());
    let run = venv(&sandbox, &python, &["env"]).output();
    assert!(!sandbox.repo().join("env").exists());
    let said = sandbox.redact(&run.stderr());
    assert_eq!((run.code(), run.stdout()), (78, String::new()), "{said}");
    assert!(said.starts_with("error: `[PYTHON]` is python 2.7."), "{said}");
    assert!(said.contains("3.7"), "it says which would do: {said}");
}

#[test]
fn python_3_6_is_too_old() {
    let Some(python) = pythons::all().find(|it| it.minor == 6).or_else(|| skip("no Python 3.6 on this machine")) else {
        return;
    };
    let sandbox = super::refusals::sandbox(python);
    refuses(
        &sandbox,
        &python.executable,
        &["env"],
        78,
        str![[r#"
error: `[PYTHON]` is python [VERSION]
hint: name a python from 3.7 on with `--python`

"#]],
    );
}

#[test]
fn a_refusal_tells_its_code_in_json_too() {
    let sandbox = Sandbox::new();
    let run = venv(&sandbox, &sandbox.repo().join("python"), &["--json", "env"]).output();
    assert_eq!(run.code(), 78, "{}", run.stderr());
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&document["status"], &document["exit_code"]), (&"error".into(), &78.into()));
    assert!(document["cause"]["code"].is_string() && document["cause"]["detail"].is_string(), "{document}");
}
