//! Connectors: installed, chosen, healed. Those of the tests are a page of code each, from the loopback index.

use std::fs;
use std::path::PathBuf;

use prime::connector::choose::Choice;
use prime::connector::registry::Registries;
use prime::connector::{ConnectorName, Executor, Options};
use prime::error::Result;
use prime::host::Host;
use prime::ui::{Level, Ui};
use serde_json::Value;

use crate::support::index::Index;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::{Package, Wheel};

mod booted;
mod choosing;
mod container;
mod declared;
mod held;
mod killed;
mod life;
mod manifest;
mod online;
mod pythons_for;
mod registry;
mod tables;
mod third_party;

/// What the tests' connector does: it answers, and notes what it was asked.
const CODE: &str = r#"
import json, os, sys

def main():
    journal = os.environ.get("TINY_JOURNAL")
    if journal:
        with open(journal, "a") as file:
            file.write(" ".join(sys.argv[1:]) + "\n")
    schema = {"type": "object", "properties": {"version": {"const": VERSION}}}
    if sys.argv[1] == "spec":
        print(json.dumps({"type": "SPEC", "spec": {"connectionSpecification": schema}}))
    else:
        with open(sys.argv[sys.argv.index("--config") + 1]) as file:
            config = json.load(file)
        status = {"status": "SUCCEEDED", "message": json.dumps(config)}
        print(json.dumps({"type": "CONNECTION_STATUS", "connectionStatus": status}))
"#;

/// The tests' connector, as a description of a wheel.
fn tiny(version: &str) -> Wheel {
    let code = format!("VERSION = {version:?}\n{CODE}");
    Wheel::new("airbyte-source-tiny", version).file("source_tiny.py", code).script("source-tiny", "source_tiny:main")
}

/// The same by the name of a real one.
pub fn faker(version: &str) -> Package {
    let code = format!("VERSION = {version:?}\n{CODE}");
    let wheel = Wheel::new("airbyte-source-faker", version).file("source_faker.py", code);
    wheel.script("source-faker", "source_faker:main").build()
}

fn index(packages: impl IntoIterator<Item = Package>) -> Index {
    packages.into_iter().fold(Index::start(), Index::add)
}

/// A place with uv, the newest python and an index.
fn sandbox(index: &Index) -> Option<Sandbox> {
    Some(sandbox_with(index, pythons::newest()?)?.env("UV_PYTHON_DOWNLOADS", "never"))
}

fn sandbox_with(index: &Index, python: &Interpreter) -> Option<Sandbox> {
    Some(Sandbox::new().index(index).link_uv(real_uv()?).link_python(python))
}

fn venv(sandbox: &Sandbox) -> PathBuf {
    sandbox.repo().join(".venv-source-tiny")
}

/// What the installed connector says its version is, by running it.
fn says(sandbox: &Sandbox) -> Option<String> {
    let program = venv(sandbox).join("bin/source-tiny");
    if !program.exists() {
        return None;
    }
    let run = sandbox.command(program).args(["spec"]).output();
    let message: Value = serde_json::from_str(&run.stdout()).unwrap_or_else(|_| panic!("{}", run.stderr()));
    message.pointer("/spec/connectionSpecification/properties/version/const")?.as_str().map(str::to_owned)
}

/// Runs a command for connectors and says how it ended and what it said.
fn connector(sandbox: &Sandbox, args: &[&str]) -> (i32, String, String) {
    let run = sandbox.prime(["connector"]).args(args.iter().copied()).output();
    (run.code(), sandbox.redact(&run.stdout()), sandbox.redact(&run.stderr()))
}

fn is_empty(sandbox: &Sandbox) -> bool {
    let names = fs::read_dir(sandbox.repo()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name != ".prime-connectors").count() == 0
}

/// The executor that the product chooses in the sandbox.
fn chosen(sandbox: &Sandbox, change: impl FnOnce(&mut Options)) -> Result<Box<dyn Executor>> {
    let host = host(sandbox);
    let mut options = Options::new(ConnectorName::parse("source-tiny").unwrap());
    change(&mut options);
    let ui = Ui::new(&host, Level::default());
    Choice { host: &host, ui, options: &options, registries: &Registries::default() }.executor()
}

fn host(sandbox: &Sandbox) -> Host {
    Host { vars: sandbox.vars().to_vec(), current_dir: sandbox.repo(), ..Host::default() }
}
