//! Reads that are stopped: by a signal, by a reader that has gone, by a kill.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::Tiny;

const HANGING: &str = r#"--config {"count":100,"do":"hang"} --streams users --state-out state.json"#;

#[test]
fn whoever_asks_to_stop_ends_the_connector_and_keeps_the_state() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
        let Some(tiny) = Tiny::new() else { return };
        let mut running = tiny.ask("read", HANGING).spawn();
        assert!(running.wait_until(|it| it.stdout().lines().count() == 35));
        // It alone: at a terminal the connector would hear of it as well.
        kill(Pid::from_raw(running.pid().try_into().unwrap()), signal).unwrap();
        let run = running.wait();
        assert_eq!(run.code(), code, "{}", run.stderr());
        assert_eq!(tiny.left(), Vec::<std::path::PathBuf>::new());
        let state: Value = serde_json::from_str(&tiny.sandbox.read("state.json")).unwrap();
        assert_eq!(state[0]["stream"]["stream_state"]["next"], 30);
    }
}

#[test]
fn what_a_kill_leaves_goes_with_the_next_call() {
    let Some(tiny) = Tiny::new() else { return };
    let mut running = tiny.ask("read", HANGING).spawn();
    assert!(running.wait_until(|it| it.stdout().lines().count() == 35));
    running.kill();
    assert_eq!(tiny.left().len(), 1);
    tiny.ask("spec", "").output();
    assert_eq!(tiny.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_reader_that_has_gone_is_a_quiet_end() {
    let Some(tiny) = Tiny::new() else { return };
    let words = ["connector", "read", "tiny", "--local-executable", "./source-tiny", "--streams", "users"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_prime"));
    command.args(words).args(["--config", r#"{"count":100000}"#]).current_dir(tiny.sandbox.repo());
    command.env_clear().envs(tiny.sandbox.vars().iter().cloned()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = crate::support::spawning(|| command.spawn()).unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(first.contains("\"id\": 0"), "{first}");
    assert!(output.status.success() && !talk.contains("error"), "{talk}");
}
