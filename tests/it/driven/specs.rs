//! The spec of a connector that has no environment of ours: asked once, and again where it refuses something.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::support::sandbox::Sandbox;

/// What the connector says, which is beside it, and notes what it was asked.
const CONNECTOR: &str = "#!/bin/sh\necho \"$1\" >>journal\ncase $1 in\n  spec) /bin/cat spec.json ;;\n  check) echo \
    '{\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"SUCCEEDED\"}}' ;;\nesac\n";

fn spec(required: &str) -> String {
    let schema = format!(r#"{{"type":"object","required":["{required}"]}}"#);
    format!(r#"{{"type":"SPEC","spec":{{"connectionSpecification":{schema}}}}}"#) + "\n"
}

fn sandbox() -> Sandbox {
    Sandbox::new().script("source", CONNECTOR).file("spec.json", spec("old")).file("journal", "")
}

/// The exit code of a command with this configuration, and what the connector was asked for it.
fn asked(sandbox: &Sandbox, command: &str, config: &str) -> (i32, String) {
    fs::write(sandbox.repo().join("journal"), "").unwrap();
    let words = ["connector", command, "x", "--local-executable", "./source", "--config", config];
    let run = sandbox.prime(&words[..if command == "spec" { 5 } else { 7 }]).output();
    (run.code(), sandbox.read("journal").trim().replace('\n', " "))
}

#[test]
fn it_is_asked_once_and_by_whoever_wants_to_see_it() {
    let sandbox = sandbox();
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "spec check".into()));
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "check".into()));
    assert_eq!(asked(&sandbox, "spec", ""), (0, "spec".into()));
    // Another program, though it is called the same.
    let sandbox = sandbox.script("source", CONNECTOR.to_owned() + "# another\n");
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "spec check".into()));
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "check".into()));
}

#[test]
fn what_a_kept_one_refuses_is_asked_again() {
    let sandbox = sandbox();
    assert_eq!(asked(&sandbox, "check", "{}"), (78, "spec".into()));
    let sandbox = sandbox.file("spec.json", spec("new"));
    assert_eq!(asked(&sandbox, "check", r#"{"new":1}"#), (0, "spec check".into()));
    assert_eq!(asked(&sandbox, "check", r#"{"new":1}"#), (0, "check".into()));
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (78, "spec".into()));
}

#[test]
fn a_kept_one_that_is_broken_or_cannot_be_is_none() {
    let sandbox = sandbox();
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#).0, 0);
    let dir = sandbox.cache().join("prime/specs");
    let file = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    for content in ["{\"cut", "[]", ""] {
        fs::write(&file, content).unwrap();
        assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "spec check".into()), "{content}");
        assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "check".into()), "{content}");
    }
    let age = SystemTime::now() - Duration::from_secs(40 * 86_400);
    fs::File::options().write(true).open(&file).unwrap().set_modified(age).unwrap();
    let pruned = sandbox.prime(["cache", "prune"]).output();
    assert!(pruned.stderr().contains("(kept 40 days ago") && !file.exists(), "{}", pruned.stderr());
    fs::remove_dir(&dir).unwrap();
    fs::write(&dir, "").unwrap();
    assert_eq!(asked(&sandbox, "check", r#"{"old":1}"#), (0, "spec check".into()));
}
