//! Many records: read in little memory, and after kills.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::Tiny;
use crate::support::sandbox::Sandbox;

/// As many records as are read, and as many bytes as `prime` may use for that at most, however many there are.
const RECORDS: usize = 200_000;
const MOST_KIB: u64 = 16 * 1024;

/// A connector that writes a file that there is, and ends when it may.
const MANY: &str = r#"#!/bin/sh
case $1 in
spec) echo '{"type":"SPEC","spec":{"connectionSpecification":{"type":"object"}}}' ;;
discover) cat catalog.json ;;
read) cat many.jsonl; while [ ! -e go ]; do sleep 0.05; done ;;
esac
"#;

/// What it has.
const CATALOG: &str =
    r#"{"type":"CATALOG","catalog":{"streams":[{"name":"s","json_schema":{"properties":{"id":{},"text":{}}}}]}}"#;

const READ: [&str; 9] =
    ["connector", "read", "many", "--local-executable", "./source-many", "--config", "{}", "--streams", "s"];

fn text() -> String {
    "x".repeat(220)
}

fn lines() -> String {
    let text = text();
    let record =
        |id| format!(r#"{{"type":"RECORD","record":{{"stream":"s","data":{{"id":{id},"text":"{text}"}}}}}}"#) + "\n";
    (0..RECORDS).map(record).collect()
}

fn many(lines: &str) -> Sandbox {
    let sandbox = Sandbox::new().script("source-many", MANY).file("many.jsonl", lines).file("catalog.json", CATALOG);
    let programs = ["cat", "sleep"].iter();
    programs.fold(sandbox, |sandbox, name| sandbox.link(name, &crate::support::program(name).unwrap()))
}

#[cfg(target_os = "linux")]
#[test]
fn from_pipe_to_pipe_most_is_not_copied() {
    let lines = lines();
    let sandbox = many(&lines).file("go", "");
    let Some((run, trace)) = sandbox.traced("splice", &READ) else { return };
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(run.stdout() == lines, "they differ");
    assert!(trace.of("splice").any(|call| !call.ends_with("= 0") && !call.contains(" = -1")), "{:?}", trace.calls);
}

/// The most memory that a running process had so far, without the program's own file: that of a test is large.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let value = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    };
    value("VmHWM:") - value("RssFile:")
}

#[cfg(target_os = "linux")]
#[test]
fn however_much_is_read_the_memory_is_little() {
    let (text, lines) = (text(), lines());
    let row = |id| format!("{id},{text}\n");
    let csv: String = std::iter::once("id,text\n".to_owned()).chain((0..RECORDS).map(row)).collect();
    let sandbox = many(&lines);
    for (format, rest, expected) in
        [("jsonl", &[][..], &lines), ("jsonl", &["--output", "out"], &lines), ("csv", &["--output", "out"], &csv)]
    {
        let run = sandbox.prime(READ.into_iter().chain(["--format", format]).chain(rest.iter().copied()));
        let _ = fs::remove_file(sandbox.repo().join("go"));
        let mut running = run.spawn();
        let path = sandbox.repo().join(format!("out/s.{format}"));
        let length = |it: &crate::support::run::Running| match rest {
            [] => it.stdout().len(),
            _ => fs::metadata(&path).map_or(0, |it| usize::try_from(it.len()).unwrap()),
        };
        assert!(running.wait_until(|it| length(it) >= expected.len()), "{format} {rest:?}: {}", running.stderr());
        let peak = peak_kib(running.pid());
        fs::write(sandbox.repo().join("go"), "").unwrap();
        let run = running.wait();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let read = if rest.is_empty() { run.stdout() } else { fs::read_to_string(&path).unwrap() };
        assert!(read == *expected, "{format} {rest:?}: other records");
        assert!(peak < MOST_KIB, "{format} {rest:?}: {peak} KiB");
    }
}

#[test]
fn streams_may_be_more_than_the_files_that_a_process_may_have_open() {
    let Some(sh) = crate::support::require_program("sh") else { return };
    let names: Vec<String> = (0..100).map(|number| format!("s{number}")).collect();
    let streams: Vec<String> = names.iter().map(|name| format!(r#"{{"name":"{name}"}}"#)).collect();
    let record = |name| format!(r#"{{"type":"RECORD","record":{{"stream":"{name}","data":{{"id":1}}}}}}"#) + "\n";
    let lines: String = names.iter().map(record).collect::<String>().repeat(2);
    let catalog = format!(r#"{{"type":"CATALOG","catalog":{{"streams":[{}]}}}}"#, streams.join(","));
    let sandbox = many(&lines).file("catalog.json", catalog).file("go", "");
    for (format, expected) in [("jsonl", 2), ("csv", 3)] {
        let words = [&READ[..7], &["--streams", "*", "--format", format, "--output", "out"]].concat();
        let limited = ["-c", "ulimit -n 64; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_prime")];
        let run = sandbox.command(sh.clone()).args(limited.into_iter().chain(words)).output();
        assert_eq!(run.code(), 0, "{format}: {}", run.stderr());
        for name in &names {
            let lines = sandbox.read(&format!("out/{name}.{format}")).lines().count();
            assert_eq!(lines, expected, "{name}.{format}");
        }
    }
}

#[test]
fn a_read_that_is_killed_again_and_again_goes_on_and_loses_nothing() {
    const COUNT: u64 = 300;
    let Some(tiny) = Tiny::new() else { return };
    let config =
        format!(r#"--config {{"count":{COUNT},"do":"slow"}} --streams users --state-out state.json --output out"#);
    let file = tiny.sandbox.repo().join("out/users.jsonl");
    let lines = || fs::read_to_string(&file).map_or(0, |text| text.lines().count());
    let next = || {
        let state = fs::read_to_string(tiny.sandbox.repo().join("state.json")).ok()?;
        serde_json::from_str::<Value>(&state).unwrap()[0]["stream"]["stream_state"]["next"].as_u64()
    };
    let ids = || -> Vec<u64> {
        let text = fs::read_to_string(&file).unwrap();
        // The last line may be half a line.
        let whole = text.rfind('\n').map_or("", |at| &text[..at]);
        whole
            .lines()
            .map(|it| serde_json::from_str::<Value>(it).unwrap()["record"]["data"]["id"].as_u64().unwrap())
            .collect()
    };
    for more in [1, 7, 12, 25, 33] {
        let state = if next().is_some() { " --state state.json" } else { "" };
        let before = if state.is_empty() { 0 } else { lines() };
        let mut running = tiny.ask("read", &format!("{config}{state}")).spawn();
        assert!(running.wait_until(|_| (before + more..before + 290).contains(&lines())), "{}", running.stderr());
        running.kill();
        let seen: BTreeSet<u64> = ids().into_iter().collect();
        let kept = next().unwrap_or(0);
        assert!((0..kept).all(|id| seen.contains(&id)), "the state is ahead of the records: {kept}, {seen:?}");
    }
    let state = if next().is_some() { " --state state.json" } else { "" };
    let run = tiny.ask("read", &format!("{config}{state}")).output();
    assert_eq!((run.code(), next()), (0, Some(COUNT)), "{}", run.stderr());
    assert_eq!(ids().into_iter().collect::<BTreeSet<_>>(), (0..COUNT).collect());
    assert_eq!(tiny.left(), Vec::<std::path::PathBuf>::new());
}
