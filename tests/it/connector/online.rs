//! Real connectors from this machine's real index.

use prime::connector::files::Readers;
use prime::connector::{Executor, Files, Options, Verb};
use serde_json::Value;

use super::{ConnectorName, chosen};
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{machine, skip};

/// Name, python where the newest that it allows is not what this machine has, configuration.
const CONNECTORS: [(&str, &str); 3] = [
    ("source-faker", r#"{"count": 5, "seed": 1}"#),
    ("source-hardcoded-records", r#"{"count": 5}"#),
    ("source-file", r#"{"dataset_name": "d", "format": "csv", "url": "data.csv", "provider": {"storage": "local"}}"#),
];

fn sandboxed() -> Option<Sandbox> {
    let python = pythons::python("3.11").or_else(|| skip("no python 3.11"))?;
    machine::default_index(&python.executable)?;
    let sandbox = Sandbox::new().link_uv(real_uv()?).link_python(python).online();
    // The newest on `PATH` is one that none of them allows.
    let newest = pythons::newest()?;
    Some(if newest.series() == python.series() { sandbox } else { sandbox.link_python(newest) })
}

fn answers(executor: &dyn Executor, sandbox: &Sandbox, verb: Verb, config: &str) -> Vec<Value> {
    let mut files = Files::new(&sandbox.root().join("tmp"), Readers::User).unwrap();
    files.config = Some(files.write("config.json", config.as_bytes()).unwrap());
    let command = executor.command(verb, &files).unwrap().current_dir(sandbox.repo());
    let captured = command.capture(std::time::Duration::from_secs(120)).unwrap();
    let lines = captured.stdout.split(|byte| *byte == b'\n');
    let found: Vec<Value> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert!(captured.status.success(), "{found:?} {}", String::from_utf8_lossy(&captured.stderr));
    found
}

#[test]
fn real_connectors_are_installed_and_answer() {
    let Some(sandbox) = sandboxed() else { return };
    let sandbox = sandbox.file("data.csv", "a,b\n1,2\n");
    for (name, config) in CONNECTORS {
        let named = |options: &mut Options| options.name = ConnectorName::parse(name).unwrap();
        let executor = chosen(&sandbox, named).unwrap();
        executor.ensure(true).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert!(executor.known_spec().unwrap().unwrap()["connectionSpecification"].is_object(), "{name}");
        let checked = answers(executor.as_ref(), &sandbox, Verb::Check, config);
        let status = checked.iter().find(|it| it["type"] == "CONNECTION_STATUS").unwrap_or_else(|| panic!("{name}"));
        assert_eq!(status["connectionStatus"]["status"], "SUCCEEDED", "{name}: {status}");
        let found = answers(executor.as_ref(), &sandbox, Verb::Discover, config);
        assert!(found.iter().any(|it| it["type"] == "CATALOG"), "{name}");
        reads(&sandbox, name, config);
    }
}

/// What is installed is driven: two records of each stream.
fn reads(sandbox: &Sandbox, name: &str, config: &str) {
    let read = ["connector", "read", name, "--no-install", "--config", config, "--streams", "*", "--limit", "2"];
    let run = sandbox.prime(read).output();
    let records: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(run.code() == 0 && !records.is_empty(), "{name}: {}", run.stderr());
    assert!(records.iter().all(|it| it["type"] == "RECORD" && it["record"]["data"].is_object()), "{name}");
}
