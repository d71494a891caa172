//! The processes of this machine, as far as they have to be ended: all that a child started, whatever has become of it.
//!
//! Children stay in this process's own group: so Ctrl-C reaches all of them at once, Ctrl-Z stops all of them, one that asks
//! for a password may read the terminal, and whoever kills the group leaves nobody behind. A group of their own would take
//! all that away; to end them together was all it would give. So they are found by descent instead, and those whose
//! parents are gone by the group that they are still in and the variable that names the owner of the lock
//! ([`crate::host::names::LOCKED`]). A server that left the group and whose parents are gone is left alone: it means to
//! stay.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use memchr::memmem;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgrp};

use super::names;

/// How long processes have to end by themselves (SIGTERM) before they are killed.
const GRACE: Duration = Duration::from_secs(3);
/// How long those that were killed may take to be gone.
const GONE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(10);

/// A process that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    /// When it was started, in whatever unit; tells it from an earlier one of the same number.
    started: u64,
}

/// Processes and all that they started.
#[derive(Debug)]
pub struct Family {
    roots: Vec<i32>,
    /// Who started it; what that one's variable marks belongs to it, within these groups.
    owner: i32,
    groups: Vec<i32>,
    /// The start of each that was found, by its number.
    found: BTreeMap<i32, u64>,
}

impl Family {
    /// A child of this process.
    pub fn of_child(pid: u32) -> Self {
        let (owner, groups) = (std::process::id().cast_signed(), vec![getpgrp().as_raw()]);
        Self { roots: vec![pid.cast_signed()], owner, groups, found: BTreeMap::new() }
    }

    /// Processes that another one started.
    pub fn of_other(owner: i32, roots: Vec<i32>) -> Self {
        Self { roots, owner, groups: Vec::new(), found: BTreeMap::new() }
    }

    /// Those that have not ended.
    pub fn living(&mut self) -> Vec<i32> {
        self.find(&running())
    }

    fn find(&mut self, running: &[Process]) -> Vec<i32> {
        let same = |pid: i32, started: u64| running.iter().any(|it| (it.pid, it.started) == (pid, started));
        self.found.retain(|pid, started| same(*pid, *started));
        let roots = std::mem::take(&mut self.roots);
        self.groups.extend(running.iter().filter(|it| roots.contains(&it.pid)).map(|it| it.group));
        let own = std::process::id().cast_signed();
        let is_marked =
            |it: &Process| self.groups.contains(&it.group) && it.pid != own && is_marked(it.pid, self.owner);
        let mut left: Vec<&Process> = running.iter().collect();
        let first: Vec<&Process> = left.extract_if(.., |it| roots.contains(&it.pid) || is_marked(it)).collect();
        self.found.extend(first.iter().map(|it| (it.pid, it.started)));
        loop {
            let more: Vec<_> = left.extract_if(.., |it| self.found.contains_key(&it.parent)).collect();
            if more.is_empty() {
                return self.found.keys().copied().collect();
            }
            self.found.extend(more.iter().map(|it| (it.pid, it.started)));
        }
    }
}

/// Asks processes to end and kills those that do not; `living` tells which are left, each time anew, because they go on
/// starting others.
pub fn end(living: &mut dyn FnMut() -> Vec<i32>) {
    for (signal, limit) in [(Signal::SIGTERM, GRACE), (Signal::SIGKILL, GONE)] {
        let start = Instant::now();
        let mut told = Vec::new();
        while start.elapsed() < limit {
            let left = living();
            if left.is_empty() {
                return;
            }
            for pid in left.into_iter().filter(|pid| !told.contains(pid)).collect::<Vec<_>>() {
                told.push(pid);
                // It may just have ended. One that is stopped has to go on to notice.
                let _ = kill(Pid::from_raw(pid), signal);
                let _ = kill(Pid::from_raw(pid), Signal::SIGCONT);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// The number of this process.
pub fn own_number() -> u32 {
    std::process::id()
}

/// Whether there is a process of this number that has not ended.
pub fn is_running(pid: i32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        return std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|text| parse_stat(pid, &text).is_some());
    }
    listed_by_ps().iter().any(|it| it.pid == pid)
}

/// Whether the environment that a process was started with names this owner of a lock.
fn is_marked(pid: i32, owner: i32) -> bool {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let name = format!("{}=", names::LOCKED);
    let owner = format!("{owner} ");
    let value = environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(name.as_bytes()));
    value.is_some_and(|value| value.split(|byte| *byte == b'\n').any(|line| line.starts_with(owner.as_bytes())))
}

/// A process, not this one, that names a directory in its arguments or in the environment it was started with, by whatever
/// way leads there, or that executes something in it. For systems without `/proc` nothing is known.
pub fn naming(dir: &Path) -> Option<i32> {
    let own = std::process::id().cast_signed();
    numbered("/proc").filter(|pid| *pid != own).find(|pid| is_naming(*pid, dir))
}

fn is_naming(pid: i32, dir: &Path) -> bool {
    let says = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).is_ok_and(|text| names(&text, dir));
    let exe = || std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    says("cmdline") || says("environ") || names(exe().as_os_str().as_bytes(), dir)
}

/// Whether a text has a directory's path in it, or another path of the same last name that leads to it.
fn names(text: &[u8], dir: &Path) -> bool {
    let name = dir.file_name().unwrap_or_default().as_bytes();
    let same = |path: &[u8]| {
        let found = Path::new(OsStr::from_bytes(path)).metadata();
        found.is_ok_and(|found| dir.metadata().is_ok_and(|it| (it.dev(), it.ino()) == (found.dev(), found.ino())))
    };
    let leads_there = |at: usize| {
        let start = text[..at].iter().rposition(|byte| b"\0:=".contains(byte)).map_or(0, |before| before + 1);
        text[start..].starts_with(b"/") && same(&text[start..at + name.len()])
    };
    memmem::find(text, dir.as_os_str().as_bytes()).is_some() || memmem::find_iter(text, name).any(leads_there)
}

fn running() -> Vec<Process> {
    if Path::new("/proc/self/stat").exists() { listed_by_proc() } else { listed_by_ps() }
}

/// See `proc(5)`.
fn listed_by_proc() -> Vec<Process> {
    numbered("/proc")
        .filter_map(|pid| parse_stat(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?))
        .collect()
}

/// The entries of a directory that are numbers.
pub(super) fn numbered(dir: impl AsRef<Path>) -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The name may have spaces and brackets in it; what counts comes after its last one.
fn parse_stat(pid: i32, text: &str) -> Option<Process> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse().ok();
    let started = fields.get(19)?.parse().ok()?;
    let ended = ["Z", "X"].contains(fields.first()?);
    (!ended).then_some(Process { pid, parent: number(1)?, group: number(2)?, started })
}

/// For systems without `/proc`.
fn listed_by_ps() -> Vec<Process> {
    let columns = ["-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat="];
    let output = std::process::Command::new("ps").args(columns).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().filter_map(parse_row).collect()
}

fn parse_row(row: &str) -> Option<Process> {
    let fields: Vec<&str> = row.split_whitespace().collect();
    let [pid, parent, group, state] = fields[..] else { return None };
    let number = |text: &str| text.parse().ok();
    (!state.starts_with('Z')).then_some(Process {
        pid: number(pid)?,
        parent: number(parent)?,
        group: number(group)?,
        started: 0,
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn process(pid: i32, parent: i32, started: u64) -> Process {
        Process { pid, parent, group: 1, started }
    }

    #[test]
    fn a_family_is_remembered_when_the_parents_are_gone() {
        let mut family = Family::of_other(0, vec![10]);
        let all = [process(10, 1, 5), process(11, 10, 6), process(12, 11, 7), process(20, 1, 8)];
        assert_eq!(family.find(&all), [10, 11, 12]);
        let orphans = [process(11, 1, 6), process(12, 11, 7), process(13, 12, 9), process(20, 1, 8)];
        assert_eq!(family.find(&orphans), [11, 12, 13]);
        // The same numbers, other processes.
        assert_eq!(family.find(&[process(10, 1, 30), process(11, 1, 31), process(13, 1, 9)]), [13]);
    }

    #[test]
    fn both_listings_tell_the_same_of_a_child() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let pid = child.id().cast_signed();
        let of_child = |all: Vec<Process>| all.into_iter().find(|it| it.pid == pid);
        for listed in [of_child(running()), of_child(listed_by_ps())] {
            let Some(found) = listed else { continue };
            assert_eq!((found.parent, found.group), (std::process::id().cast_signed(), getpgrp().as_raw()));
        }
        assert!(is_running(pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_running(pid));
    }

    #[test]
    fn a_process_that_will_not_end_is_killed_with_what_it_started() {
        let script = "trap '' TERM; (trap '' TERM; sleep 60; sleep 60) & while :; do sleep 1; done";
        let mut child = Command::new("/bin/sh").args(["-c", script]).stdin(Stdio::null()).spawn().unwrap();
        let mut family = Family::of_other(0, vec![child.id().cast_signed()]);
        while family.living().len() < 3 {
            family = Family::of_other(0, vec![child.id().cast_signed()]);
            std::thread::sleep(PAUSE);
        }
        end(&mut || family.living());
        assert_eq!(family.living(), Vec::<i32>::new());
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn the_state_of_a_process_is_read_whatever_its_name() {
        let rest = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 99 0";
        assert_eq!(
            parse_stat(7, &format!("7 (a) Z b) S 3 4 5 {rest}")),
            Some(Process { pid: 7, parent: 3, group: 4, started: 99 })
        );
        assert_eq!(parse_stat(7, &format!("7 (gone) Z 3 4 5 {rest}")), None);
        assert_eq!(parse_row(" 7 3 4 Ss+"), Some(Process { pid: 7, parent: 3, group: 4, started: 0 }));
        assert_eq!(parse_row("7 3 4 Z"), None);
    }
}
