//! The spec of an image: asked once, and again where it refuses something; a program on this machine is asked each time.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::support::sandbox::Sandbox;

/// Says what is beside it, and notes what it was asked.
const CONNECTOR: &str = "#!/bin/sh\necho \"$1\" >>asked\ncase $1 in\n  spec) exec /bin/cat spec.json ;;\n  check) echo \
    '{\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"SUCCEEDED\"}}' ;;\nesac\n";
/// An engine whose every image runs that program.
const DOCKER: &str = "case $1 in\n  image) exec /bin/cat id ;;\n  run) for word; do\n    case $word in spec | check) \
    exec ./source \"$word\" ;; esac\n  done ;;\nesac";

fn spec(required: &str) -> String {
    let schema = format!(r#"{{"type":"object","required":["{required}"]}}"#);
    format!(r#"{{"type":"SPEC","spec":{{"connectionSpecification":{schema}}}}}"#) + "\n"
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new().script("source", CONNECTOR).file("spec.json", spec("old"));
    sandbox.file("id", "sha256:1\n").fake("docker", DOCKER)
}

/// The exit code of a command with this configuration, and what the connector was asked for it.
fn asked(sandbox: &Sandbox, words: &str, config: &str) -> (i32, String) {
    fs::write(sandbox.repo().join("asked"), "").unwrap();
    let words = ["connector"].into_iter().chain(words.split(' '));
    let config = ["--config", config].into_iter().filter(|_| !config.is_empty());
    let run = sandbox.prime(words.chain(config)).output();
    (run.code(), sandbox.read("asked").trim().replace('\n', " "))
}

const CHECK: &str = "check x --docker-image source";

#[test]
fn it_is_asked_once_and_by_whoever_wants_to_see_it() {
    let sandbox = sandbox();
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "spec check".into()));
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "check".into()));
    assert_eq!(asked(&sandbox, "spec x --docker-image source", ""), (0, "spec".into()));
    // Another image, though it is called the same.
    let sandbox = sandbox.file("id", "sha256:2\n");
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "spec check".into()));
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "check".into()));
    for _ in 0..2 {
        let local = "check x --local-executable ./source";
        assert_eq!(asked(&sandbox, local, r#"{"old":1}"#), (0, "spec check".into()));
    }
}

#[test]
fn what_a_kept_one_refuses_is_asked_again() {
    let sandbox = sandbox();
    assert_eq!(asked(&sandbox, CHECK, "{}"), (78, "spec".into()));
    let sandbox = sandbox.file("spec.json", spec("new"));
    assert_eq!(asked(&sandbox, CHECK, r#"{"new":1}"#), (0, "spec check".into()));
    assert_eq!(asked(&sandbox, CHECK, r#"{"new":1}"#), (0, "check".into()));
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (78, "spec".into()));
}

#[test]
fn a_kept_one_that_is_broken_or_cannot_be_is_none() {
    let sandbox = sandbox();
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#).0, 0);
    let dir = sandbox.cache().join("prime/specs");
    let file = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    for content in ["{\"cut", "[]", ""] {
        fs::write(&file, content).unwrap();
        assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "spec check".into()), "{content}");
        assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "check".into()), "{content}");
    }
    let age = SystemTime::now() - Duration::from_secs(40 * 86_400);
    fs::File::options().write(true).open(&file).unwrap().set_modified(age).unwrap();
    let pruned = sandbox.prime(["cache", "prune"]).output();
    assert!(pruned.stderr().contains("(kept 40 days ago") && !file.exists(), "{}", pruned.stderr());
    fs::remove_dir(&dir).unwrap();
    fs::write(&dir, "").unwrap();
    assert_eq!(asked(&sandbox, CHECK, r#"{"old":1}"#), (0, "spec check".into()));
}
