//! `examples/ci`: every file is read and its lines are run, in a copy of `examples/hello` with a launcher.

use std::fs;

use super::pipeline::{Failed, Machine};
use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::index::Index;
use crate::support::own_wheel::own_wheel;
use crate::support::real_uv::real_uv;
use crate::support::repository;
use crate::support::sandbox::Sandbox;

/// A checkout: the example with a launcher, on a machine with the usual programs, a uv and a python.
pub fn checkout() -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let index = hello_index().add(own_wheel());
    let sandbox = hello(python).link_uv(uv).index(&index).redact_as("[X.Y.Z]", &python.version);
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    let sandbox = sandbox.env("PATH", path).env("LC_ALL", "C.UTF-8");
    let seeded = sandbox.prime(["-q", "init"]).output();
    assert_eq!((seeded.code(), seeded.stderr()), (0, String::new()));
    Some((sandbox, index))
}

fn example(path: &str) -> String {
    fs::read_to_string(repository().join("examples/ci").join(path)).unwrap()
}

/// What is in a file, run by a machine with nothing on it.
#[track_caller]
fn run(path: &str, check: impl FnOnce(&Machine<'_>)) {
    let Some((sandbox, _index)) = checkout() else { return };
    let mut machine = Machine::new(&sandbox);
    assert_eq!(machine.run(&example(path)), Ok(()), "{path}: {}", machine.log());
    check(&machine);
}

#[test]
fn every_file_has_a_test() {
    let mut names = Vec::new();
    let mut dirs = vec![repository().join("examples/ci")];
    while let Some(dir) = dirs.pop() {
        for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { dirs.push(path) } else { names.push(path.file_name().unwrap().to_owned()) }
        }
    }
    names.sort();
    let known =
        [".gitlab-ci.yml", "Jenkinsfile", "README.md", "azure-pipelines.yml", "ci.sh", "ci.yml", "pipeline.yml"];
    assert_eq!(names, known);
}

#[test]
fn github_runs_both_of_its_jobs() {
    run(".github/workflows/ci.yml", |machine| {
        let greetings = machine.logs.iter().filter(|run| run.stdout() == GREETING).count();
        assert_eq!(greetings, 2, "{}", machine.log());
        let said = machine.sandbox.redact(&machine.last());
        // Both jobs ran on the one machine that there is.
        assert_eq!(said, "python [X.Y.Z], ready before true\n");
        assert_eq!((machine.restored.len(), machine.saved.len()), (0, 2));
    });
}

#[test]
fn gitlab_hands_variables_to_the_next_job() {
    run(".gitlab-ci.yml", |machine| {
        assert_eq!(machine.logs[0].stdout(), GREETING);
        assert_eq!(machine.sandbox.redact(&machine.last()), "tested with python [X.Y.Z] in [REPO]/.venv\n");
    });
}

#[test]
fn azure_runs_a_later_step_in_the_environment() {
    run("azure-pipelines.yml", |machine| assert_eq!(machine.last(), GREETING));
}

#[test]
fn buildkite_runs_its_commands_in_the_environment() {
    run(".buildkite/pipeline.yml", |machine| assert_eq!(machine.last(), GREETING));
}

#[test]
fn jenkins_and_a_script_source_the_file() {
    let jenkins = example("Jenkinsfile");
    let jenkins = jenkins.split("'''").nth(1).unwrap();
    for (variable, script) in [("JENKINS_URL", jenkins), ("CI", &example("ci.sh"))] {
        let Some((sandbox, _index)) = checkout() else { return };
        let mut machine = Machine::new(&sandbox);
        machine.vars.insert(variable.to_owned(), "true".to_owned());
        let vars = machine.vars.clone();
        assert_eq!(machine.shell(&["-xe"], script, &vars, "."), Ok(()), "{}", machine.log());
        assert_eq!(machine.last(), GREETING);
    }
}

#[test]
fn what_fails_ends_the_job() {
    let Some((sandbox, _index)) = checkout() else { return };
    let sandbox = sandbox.file("prime.toml", "x = 1\n");
    for path in [".github/workflows/ci.yml", ".gitlab-ci.yml", "azure-pipelines.yml", ".buildkite/pipeline.yml"] {
        let mut machine = Machine::new(&sandbox);
        assert_eq!(machine.run(&example(path)), Err(Failed(78)), "{path}: {}", machine.log());
        assert_eq!(machine.logs.len(), 1, "{path}");
    }
}
