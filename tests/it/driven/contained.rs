//! Connectors in containers, driven: their files and secrets, their records, their end.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::docker::{docker, image};
use crate::support::output;
use crate::support::sandbox::Sandbox;

const IMAGE: &str = "prime-test/source-shell:latest";
const SECRET: &str = "s3cr3t-key";

/// A sandbox for the connector `source-shell`, which may write what it keeps.
struct Contained {
    sandbox: Sandbox,
    docker: PathBuf,
}

impl Contained {
    fn new() -> Option<Self> {
        let docker = docker()?;
        image(&docker, "prime-test/source-shell", &["latest"], include_str!("source_shell.sh"));
        let sandbox = Sandbox::new().link("docker", &docker).env("KEY", SECRET);
        let kept = sandbox.repo().join("source-shell");
        fs::create_dir(&kept).unwrap();
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o777)).unwrap();
        let host = std::env::var_os("DOCKER_HOST");
        let sandbox = host.into_iter().fold(sandbox, |sandbox, host| sandbox.env("DOCKER_HOST", host));
        Some(Self { sandbox, docker })
    }

    fn docker_says(&self, args: &[&str]) -> String {
        String::from_utf8(output(Command::new(&self.docker).args(args)).unwrap().stdout).unwrap()
    }

    /// The containers of a run of `prime`, ended ones too.
    fn containers_of(&self, pid: u32) -> String {
        let name = format!("name=^prime-connector-{pid}-");
        self.docker_says(&["ps", "--all", "--filter", &name, "--format", "{{.Names}}"])
    }

    /// Waits until there is none of them; for less long than their connector sleeps.
    fn wait_for_end(&self, pid: u32) {
        let start = Instant::now();
        while !self.containers_of(pid).is_empty() {
            assert!(start.elapsed() < Duration::from_secs(300), "{}", self.containers_of(pid));
            sleep(Duration::from_millis(20));
        }
    }
}

/// What is said to `prime`, of this command for the connector.
fn words<'a>(command: &'a str, config: &'a str) -> Vec<&'a str> {
    vec!["connector", command, "source-shell", "--docker-image", IMAGE, "--config", config]
}

#[test]
fn a_secret_gets_into_a_container_by_its_file_and_by_no_command_line() {
    let Some(contained) = Contained::new() else { return };
    let check = words("check", r#"{"key":"secret_reference::KEY"}"#);
    let Some((run, trace)) = contained.sandbox.traced("execve", &check) else { return };
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let journal = contained.sandbox.read("source-shell/journal");
    let expected = "args spec\nargs check --config /airbyte/tmp/config.json\nconfig {\"key\":\"s3cr3t-key\"}\n";
    assert_eq!(journal, expected);
    let runs = trace.of("execve").filter(|call| call.contains(r#""run", "--rm""#) && call.ends_with("= 0"));
    assert_eq!(runs.count(), 2, "{:#?}", trace.calls);
    assert!(trace.calls.iter().all(|call| !call.contains(SECRET)), "{:#?}", trace.calls);
    assert!(!run.stderr().contains(SECRET), "{}", run.stderr());
    let Some((run, trace)) = contained.sandbox.traced("execve", &check) else { return };
    let started = |words: &str| trace.of("execve").filter(|call| call.contains(words)).count();
    assert_eq!((run.code(), started(r#""run", "--rm""#), started(r#""image", "inspect""#)), (0, 1, 1));
    let journal = contained.sandbox.read("source-shell/journal");
    assert_eq!(journal.matches("args spec").count(), 1, "the spec of an image is kept: {journal}");
}

#[test]
fn a_container_tells_its_streams_and_its_records() {
    let Some(contained) = Contained::new() else { return };
    let discovered = contained.sandbox.prime(words("discover", "{}")).output();
    let catalog: Value =
        serde_json::from_slice(&discovered.stdout).unwrap_or_else(|_| panic!("{}", discovered.stderr()));
    assert_eq!(catalog["streams"][0]["name"], "users");
    let read = contained.sandbox.prime(words("read", "{}")).args(["--streams", "*", "--format", "csv"]);
    let read = read.args(["--output", "out", "--state-out", "state.json"]).output();
    assert_eq!((read.code(), read.stdout().as_str()), (0, ""), "{}", read.stderr());
    assert!(read.stderr().contains("users 1 record"), "{}", read.stderr());
    let state: Value = serde_json::from_str(&contained.sandbox.read("state.json")).unwrap();
    assert_eq!(state[0]["stream"]["stream_state"], json!({ "next": 1 }));
    let journal = contained.sandbox.read("source-shell/journal");
    let mapped = ["config", "catalog", "state"].map(|name| format!(" --{name} /airbyte/tmp/{name}.json"));
    assert!(journal.contains(&format!("args read{}\n", mapped.concat())), "{journal}");
}

#[test]
fn whoever_asks_to_stop_leaves_no_container_behind() {
    let Some(contained) = Contained::new() else { return };
    for (signal, code, end) in [(Signal::SIGTERM, 143, "asked"), (Signal::SIGINT, 130, "killed")] {
        let journal = stopped(&contained, signal, code, end);
        assert_eq!(journal.ends_with("ended\n"), end == "asked", "{journal}");
    }
}

#[test]
fn what_a_kill_leaves_running_goes_with_the_next_call() {
    let Some(contained) = Contained::new() else { return };
    let read = words("read", r#"{"end":"asked"}"#);
    let mut running = contained.sandbox.prime(read).args(["--streams", "users"]).spawn();
    assert!(running.wait_until(|it| it.stdout().ends_with('\n')), "{}", running.wait().stderr());
    let pid = running.pid();
    running.kill();
    assert!(!contained.containers_of(pid).is_empty(), "the container outlives its programs");
    contained.sandbox.prime(words("check", "{}")).output();
    contained.wait_for_end(pid);
    assert!(left(&contained.sandbox.root().join("tmp")).is_empty());
}

/// What the connector noted whose read was stopped by a signal: it ends when it is asked, or has to be killed.
fn stopped(contained: &Contained, signal: Signal, code: i32, end: &str) -> String {
    let Contained { sandbox, .. } = contained;
    let of_users = json!({ "stream_descriptor": { "name": "users" }, "stream_state": { "next": 7 } });
    let before = json!([{ "type": "STREAM", "stream": of_users }]);
    fs::write(sandbox.repo().join("state.json"), before.to_string()).unwrap();
    let config = format!(r#"{{"end":"{end}","key":"secret_reference::KEY"}}"#);
    let rest = ["--streams", "users", "--use-host-network", "--state", "state.json", "--state-out", "state.json"];
    let mut running = sandbox.prime(words("read", &config)).args(rest).spawn();
    assert!(running.wait_until(|it| it.stdout().ends_with('\n')), "{}", running.wait().stderr());
    let record: Value = serde_json::from_str(&running.stdout()).unwrap();
    assert_eq!(record["record"]["data"]["state"], before, "the file was mapped");
    let pid = running.pid();
    let name = contained.containers_of(pid);
    let inspected = contained.docker_says(&["inspect", name.trim()]);
    assert!(inspected.contains(r#""NetworkMode": "host""#) && !inspected.contains(SECRET), "{name}: {inspected}");
    kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
    let run = running.wait();
    assert_eq!(run.code(), code, "{}", run.stderr());
    contained.wait_for_end(pid);
    let state: Value = serde_json::from_str(&sandbox.read("state.json")).unwrap();
    assert_eq!(state[0]["stream"]["stream_state"]["next"], 1, "the state is kept");
    assert!(left(&sandbox.root().join("tmp")).is_empty());
    sandbox.read("source-shell/journal")
}

/// What is left of the files of calls.
fn left(temp: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(temp).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains("prime-connector-")).collect()
}
