//! What the system was asked for by a run and all its children, as `strace` saw it.

use std::fs;

use super::require_program;
use super::run::{Invocation, Run};
use super::sandbox::Sandbox;

/// The calls of one run, one a line, without the ids of the processes.
pub struct Trace {
    pub calls: Vec<String>,
}

impl Trace {
    /// The calls of a name.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a String> {
        self.calls.iter().filter(move |call| name_of(call) == name)
    }

    /// Where connections were opened to, but those within this machine's own file system, each once.
    pub fn addresses(&self) -> Vec<String> {
        let calls = self.of("connect").filter(|call| !call.contains("AF_UNIX") && !call.contains("AF_UNSPEC"));
        let mut found: Vec<String> = calls.map(|call| address(call).unwrap_or_else(|| call.clone())).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// The name of a call.
pub fn name_of(call: &str) -> &str {
    call.split('(').next().unwrap_or_default()
}

/// `127.0.0.1:80` of `connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0`.
fn address(call: &str) -> Option<String> {
    let port = call.split_once("sin_port=htons(")?.1.split(')').next()?;
    let host = call.split_once("inet_addr(\"")?.1.split('"').next()?;
    Some(format!("{host}:{port}"))
}

impl Sandbox {
    /// A run of `prime` under `strace`, which notes these calls (`all`, or names with commas).
    pub fn traced(&self, calls: &str, args: &[&str]) -> Option<(Run, Trace)> {
        self.traced_with(calls, args, |invocation| invocation)
    }

    /// The same, with variables of its own.
    pub fn traced_with(
        &self,
        calls: &str,
        args: &[&str],
        change: impl FnOnce(Invocation<'_>) -> Invocation<'_>,
    ) -> Option<(Run, Trace)> {
        let strace = require_program("strace")?;
        let log = self.root().join("strace");
        let filter = format!("trace={calls}");
        // Only the calls that are wanted stop a process; with all of them there is nothing to gain.
        let fast = (calls != "all").then_some("--seccomp-bpf");
        let options = ["-f", "-qq", "-s", "65536", "-e", &filter, "-o"];
        let invocation = self.command(strace).args(fast).args(options).args([&log]).args([env!("CARGO_BIN_EXE_prime")]);
        let run = change(invocation.args(args.iter().copied())).output();
        let text = fs::read_to_string(log).unwrap();
        let calls = text.lines().map(|line| line.split_once(' ').unwrap().1.trim_start().to_owned()).collect();
        Some((run, Trace { calls }))
    }
}
