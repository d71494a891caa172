//! What holds on any machine: how large the binary is, and what a ready run asks of the system.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use prime::error::Result;

use crate::place::Place;
use crate::tools::PRIME;

/// The largest binary allowed: 7.25 MiB.
const MOST_BYTES: u64 = 7 * 1024 * 1024 + 256 * 1024;

/// The facts, as a list.
pub fn list(place: &Place) -> Result<String> {
    let bytes = fs::metadata(PRIME)?.len();
    let verdict = if bytes <= MOST_BYTES { "met" } else { "missed" };
    let mut text = format!("- binary: {bytes} bytes (≤ {MOST_BYTES}: {verdict})\n");
    let repo = place.hello("facts")?;
    place.prime(&repo).run(&place.log())?;
    let runs =
        [("a ready `prime`", place.prime(&repo)), ("a ready `prime run`", place.prime(&repo).args(["run", "true"]))];
    for (name, job) in runs {
        let traced = if has_strace() {
            let trace = place.fresh("trace");
            job.under(
                &["strace", "-f", "-o"].map(OsStr::new).into_iter().chain([trace.as_os_str()]).collect::<Vec<_>>(),
            )
            .run(&place.log())?;
            describe(&fs::read_to_string(trace)?)
        } else {
            "not traced, there is no `strace`".to_owned()
        };
        let _ = writeln!(text, "- {name}: {traced}");
    }
    Ok(text)
}

fn has_strace() -> bool {
    let status = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The counts of a trace, up to the moment when the process becomes another program.
fn describe(trace: &str) -> String {
    let mut calls = 0;
    let mut processes = BTreeSet::new();
    let (mut writes, mut locks, mut sockets, mut execs) = (0, 0, 0, 0);
    for (process, call) in trace.lines().filter_map(|line| line.split_once(' ')) {
        let Some((name, rest)) = call.trim_start().split_once('(') else { continue };
        execs += usize::from(name == "execve");
        if execs == 2 {
            break;
        }
        calls += 1;
        processes.insert(process);
        match name {
            "open" | "openat" if rest.contains("O_WRONLY") || rest.contains("O_RDWR") => writes += 1,
            "write" | "mkdir" | "mkdirat" | "rename" | "renameat" | "unlink" | "unlinkat" => writes += 1,
            "flock" => locks += 1,
            "socket" | "connect" => sockets += 1,
            _ => {}
        }
    }
    let processes = processes.len();
    format!("{calls} system calls, {processes} process, {writes} writes, {locks} locks, {sockets} sockets")
}
