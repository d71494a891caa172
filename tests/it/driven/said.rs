//! What a connector says beside its records, and what is said of it.

use serde_json::{Value, json};

use super::{Tiny, ids};
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

/// What comes of a read of two records by a connector that is configured further like this.
fn read(tiny: &Tiny, further: &Value, rest: &str) -> Run {
    let mut config = further.clone();
    config["count"] = 2.into();
    tiny.ask("read", &format!("--streams users --config - {rest}")).stdin(config.to_string()).output()
}

fn log(level: &str, message: &str) -> String {
    json!({ "type": "LOG", "log": { "level": level, "message": message } }).to_string()
}

fn trace(kind: &str) -> String {
    let error = json!({ "message": "the other side is busy", "failure_type": kind });
    json!({ "type": "TRACE", "trace": { "type": "ERROR", "error": error } }).to_string()
}

/// A connector that says these lines when it is asked for its `spec`, and nothing else ever.
fn saying(lines: &str) -> Sandbox {
    Sandbox::new().script("source-odd", format!("#!/bin/sh\nif [ $1 = spec ]; then\n:\n{lines}\nfi\n"))
}

fn asked(sandbox: &Sandbox, words: &[&str]) -> (i32, String) {
    let (verb, rest) = words.split_first().unwrap();
    let start = ["connector", verb, "odd", "--local-executable", "./source-odd"];
    let run = sandbox.prime(start.into_iter().chain(rest.iter().copied())).output();
    assert_eq!(run.stdout(), "");
    (run.code(), run.stderr())
}

#[test]
fn a_log_is_shown_by_its_level_and_without_secrets() {
    let Some(tiny) = Tiny::new() else { return };
    let levels = ["DEBUG", "INFO", "WARN", "FATAL"];
    let lines: Vec<String> = levels.iter().map(|level| log(level, &format!("{level} of s3cr3t"))).collect();
    let config = json!({ "key": "s3cr3t", "say": lines });
    let all = [
        "connector: DEBUG of ****",
        "connector: INFO of ****",
        "connector: WARN: WARN of ****",
        "connector: FATAL: FATAL of ****",
    ];
    for (rest, shown) in [("", &all[..0]), ("-v", &all[1..]), ("-vv", &all[..])] {
        let run = read(&tiny, &config, rest);
        let stderr = run.stderr();
        assert_eq!((run.code(), ids(&run.stdout())), (0, vec![0, 1]), "{stderr}");
        let found: Vec<&str> = all.into_iter().filter(|line| stderr.contains(line)).collect();
        assert_eq!(found, shown, "{rest}: {stderr}");
        assert!(!stderr.contains("s3cr3t"), "{stderr}");
    }
}

#[test]
fn what_stopped_nothing_is_a_warning() {
    let Some(tiny) = Tiny::new() else { return };
    let control = r#"{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG"}}"#.to_owned();
    let say = [control, "text".to_owned(), String::new(), trace("system_error"), "{".to_owned()];
    let run = read(&tiny, &json!({ "say": say }), "");
    assert_eq!((run.code(), ids(&run.stdout())), (0, vec![0, 1]));
    let expected = "warning: the connector reported: the other side is busy\n\
                    warning: 2 lines of the connector were no messages; `-v` shows the first of them\n\
                    warning: the connector asks for another configuration (a renewed token, perhaps), which is not kept\n\
                    read     tiny: users 2 records (0.0 MB)  [TIME]\n";
    assert_eq!(tiny.sandbox.redact(&run.stderr()), expected);
    let one = read(&tiny, &json!({ "say": ["text"] }), "");
    assert!(
        one.stderr().contains("warning: 1 line of the connector was no message; `-v` shows it\n"),
        "{}",
        one.stderr()
    );
}

#[test]
fn a_failure_is_told_by_what_the_connector_calls_it() {
    let Some(tiny) = Tiny::new() else { return };
    for (kind, code) in [("transient_error", 75), ("config_error", 78), ("system_error", 69)] {
        let run = read(&tiny, &json!({ "say": [trace(kind)], "exit": 1 }), "");
        let expected = "error: `read` of `tiny` failed: exit status 1\n  cause: the other side is busy\n";
        assert_eq!((run.code(), run.stderr().as_str()), (code, expected));
    }
}

#[test]
fn a_connector_that_others_end_has_failed() {
    let Some(tiny) = Tiny::new() else { return };
    for signal in [15, 9] {
        let run = read(&tiny, &json!({ "signal": signal }), "");
        assert_eq!((run.code(), ids(&run.stdout())), (69, vec![0, 1]), "{}", run.stderr());
        let message = format!("error: `read` of `tiny` failed: signal {signal}\n");
        assert!(run.stderr().starts_with(&message), "{}", run.stderr());
    }
}

#[test]
fn a_connector_that_does_not_answer_or_not_well_is_told() {
    let hint = "hint: is it a connector at all? `-v` shows what it says\n";
    let message = |verb: &str, what: &str| format!("error: `{verb}` of `odd` ended without {what}\n{hint}");
    assert_eq!(asked(&saying(""), &["spec"]), (65, message("spec", "a spec")));
    let told = saying(r#"echo '{"type":"SPEC","spec":{"connectionSpecification":{"type":"object"}}}'"#);
    let config = ["--config", "{}"];
    assert_eq!(asked(&told, &["discover", config[0], config[1]]), (65, message("discover", "a catalog")));
    for (schema, message) in [
        (r#"{"type":"nonsense"}"#, "the connector's `spec` has no usable JSON Schema"),
        ("[]", "the connector's `spec` has no `connectionSpecification`"),
    ] {
        let odd = saying(&format!(r#"echo '{{"type":"SPEC","spec":{{"connectionSpecification":{schema}}}}}'"#));
        let (code, stderr) = asked(&odd, &["check", config[0], config[1]]);
        assert!(code == 65 && stderr.starts_with(&format!("error: {message}\n")), "{stderr}");
    }
}

#[test]
fn a_catalog_that_is_none_is_told() {
    let Some(tiny) = Tiny::new() else { return };
    let tiny =
        Tiny { sandbox: tiny.sandbox.file("broken.json", "{").file("empty.json", r#"{"streams":[{"name":"users"}]}"#) };
    for (file, message) in [
        ("none.json", "cannot read the catalog `none.json`"),
        ("broken.json", "`broken.json` is no catalog: EOF while parsing an object at line 1 column 1"),
        ("empty.json", "`empty.json` has no configured stream"),
    ] {
        let run = tiny.ask("read", &format!(r#"--config {{"count":1}} --catalog {file}"#)).output();
        let hint = "hint: give a configured catalog: `{\"streams\": [{\"stream\": {…}, \"sync_mode\": …}]}`\n";
        assert!(run.code() == 78 && run.stdout().is_empty(), "{}", run.stderr());
        assert!(
            run.stderr().starts_with(&format!("error: {message}\n")) && run.stderr().ends_with(hint),
            "{}",
            run.stderr()
        );
    }
}

#[test]
fn a_terminal_shows_how_far_each_stream_has_come() {
    let Some(tiny) = Tiny::new() else { return };
    // It waits for as long as nothing is shown.
    let config = r#"{"count":1000000,"do":"slow"}"#;
    let prime = env!("CARGO_BIN_EXE_prime");
    let words = [prime, "connector", "read", "tiny", "--local-executable", "./source-tiny", "--streams", "users"];
    let words = [&words[..], &["--config", config, "--output", "out"]].concat();
    let Some(shown) = tiny.sandbox.at_terminal(&words, &[("records/s", "\x03")], |run| run) else { return };
    assert_eq!(shown.status, -2, "by the signal that was typed: {}", shown.text);
    let line = shown.text.lines().find(|line| line.contains("records/s")).unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(
        matches!(words[..], ["read", "users", _, "record" | "records", "(0.0", "MB),", _, "records/s", ..]),
        "{}",
        shown.text
    );
}
