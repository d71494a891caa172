//! Real connectors from this machine's real index.

use serde_json::Value;

use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{machine, skip};

/// Name, configuration, one that is not as the `spec` says, and what is wrong with that.
const CONNECTORS: [(&str, &str, (&str, &str)); 3] = [
    ("source-faker", r#"{"count": 5, "seed": 1}"#, (r#"{"count": "five"}"#, "/count")),
    ("source-hardcoded-records", r#"{"count": 5}"#, (r#"{"count": "five"}"#, "/count")),
    (
        "source-file",
        r#"{"dataset_name": "d", "format": "csv", "url": "data.csv", "provider": {"storage": "local"}}"#,
        (r#"{"dataset_name": "d", "format": "csv", "provider": {"storage": "local"}}"#, "url"),
    ),
];

fn sandboxed() -> Option<Sandbox> {
    let python = pythons::python("3.11").or_else(|| skip("no python 3.11"))?;
    machine::default_index(&python.executable)?;
    let sandbox = Sandbox::new().link_uv(real_uv()?).link_python(python).online();
    // The newest on `PATH` is one that none of them allows.
    let newest = pythons::newest()?;
    Some(if newest.series() == python.series() { sandbox } else { sandbox.link_python(newest) })
}

/// What `prime` says on standard output, where all goes well.
fn said(sandbox: &Sandbox, name: &str, words: &[&str]) -> String {
    let run = sandbox.prime(["connector", words[0], name]).args(words[1..].iter().copied()).output();
    assert_eq!(run.code(), 0, "{name} {words:?}: {}", run.stderr());
    run.stdout()
}

#[test]
fn real_connectors_are_installed_and_answer() {
    let Some(sandbox) = sandboxed() else { return };
    let sandbox = sandbox.file("data.csv", "a,b\n1,2\n");
    for (name, config, wrong) in CONNECTORS {
        said(&sandbox, name, &["ensure"]);
        let document = |words: &[&str]| -> Value { serde_json::from_str(&said(&sandbox, name, words)).unwrap() };
        let spec = document(&["spec", "--no-install"]);
        assert!(spec["connectionSpecification"]["properties"].is_object(), "{name}: {spec}");
        let checked = document(&["check", "--no-install", "--config", config, "--json"]);
        assert_eq!(checked["data"]["succeeded"], true, "{name}: {checked}");
        let found = document(&["discover", "--no-install", "--config", config]);
        assert!(found["streams"].as_array().is_some_and(|streams| !streams.is_empty()), "{name}: {found}");
        is_refused(&sandbox, name, wrong);
        let read =
            said(&sandbox, name, &["read", "--no-install", "--config", config, "--streams", "*", "--limit", "2"]);
        let records: Vec<Value> = read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!records.is_empty(), "{name}");
        assert!(records.iter().all(|it| it["type"] == "RECORD" && it["record"]["data"].is_object()), "{name}");
    }
}

/// A configuration that is not as the `spec` says is refused before the connector is started.
fn is_refused(sandbox: &Sandbox, name: &str, (config, problem): (&str, &str)) {
    let run = sandbox.prime(["connector", "check", name, "--no-install", "--config", config]).output();
    assert!(run.code() == 78 && run.stderr().contains(problem), "{name}: {} {}", run.code(), run.stderr());
}
