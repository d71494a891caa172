//! Killed and interrupted at many moments: what is not complete is marked as unfinished, and the same command again ends
//! in the environment that an undisturbed run makes.
//!
//! `PRIME_TEST_KILLS` sets how many interruptions each way of making an environment gets.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::venv;
use crate::support::pythons::{self, Interpreter};
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;
use crate::support::{output, write};

/// How many interruptions each way gets unless a variable says otherwise.
const KILLS: u32 = 6;
/// What an environment has that is being made.
const UNFINISHED: &str = ".prime-unfinished";
const SIGNALS: [Signal; 3] = [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT];

/// What is interrupted.
#[derive(Clone, Copy, Debug)]
struct Way {
    warm_cache: bool,
    /// Whether there is an environment already.
    over: bool,
    args: &'static [&'static str],
}

const WAYS: [Way; 6] = [
    Way { warm_cache: false, over: false, args: &["env"] },
    Way { warm_cache: true, over: false, args: &["env"] },
    Way { warm_cache: false, over: true, args: &["--clear", "env"] },
    Way { warm_cache: true, over: true, args: &["--clear", "env"] },
    Way { warm_cache: false, over: true, args: &["env"] },
    Way { warm_cache: true, over: true, args: &["--upgrade", "env"] },
];

/// What was found after the interruptions of one way.
#[derive(Debug, Default)]
struct Tally {
    kills: u32,
    /// While it was still at work.
    hits: u32,
    nothing: u32,
    as_before: u32,
    marked: u32,
    complete: u32,
}

/// A place where one way is tried again and again.
struct Trial<'a> {
    sandbox: Sandbox,
    python: &'a Interpreter,
    way: Way,
    /// What is there before, and after an undisturbed run.
    before: Tree,
    complete: Tree,
    whole: Duration,
    caches: u32,
}

impl<'a> Trial<'a> {
    fn new(python: &'a Interpreter, way: Way) -> Self {
        let sandbox = Sandbox::new();
        let empty = Tree::default();
        let (before, complete, whole) = (empty.clone(), empty, Duration::ZERO);
        let mut trial = Self { sandbox, python, way, before, complete, whole, caches: 0 };
        trial.make();
        write(&trial.env().join("mine"), b"mine", 0o640);
        fs::rename(trial.env(), trial.sandbox.root().join("earlier")).unwrap();
        // The second run finds the operating system's caches filled, as those that are interrupted do.
        for _ in 0..2 {
            trial.prepare();
            trial.before = Tree::of(&trial.env());
            let start = Instant::now();
            trial.make();
            trial.whole = start.elapsed();
            trial.complete = Tree::of(&trial.env());
        }
        trial
    }

    fn env(&self) -> PathBuf {
        self.sandbox.repo().join("env")
    }

    fn cache(&self) -> PathBuf {
        self.sandbox.root().join(format!("cache{}", self.caches))
    }

    fn run(&self) -> crate::support::run::Invocation<'_> {
        venv(&self.sandbox, &self.python.executable, self.way.args).env("XDG_CACHE_HOME", self.cache())
    }

    #[track_caller]
    fn make(&self) -> Run {
        let run = self.run().output();
        assert_eq!(run.code(), 0, "{:?}: {}", self.way, run.stderr());
        run
    }

    /// Puts back what is there before, with a cache that is new where it is to be cold.
    fn prepare(&mut self) {
        let number = self.caches;
        self.caches += u32::from(!self.way.warm_cache);
        let _ = fs::rename(self.env(), self.sandbox.root().join(format!("aside{number}")));
        let _ = fs::remove_dir_all(self.env());
        if self.way.over {
            let earlier = self.sandbox.root().join("earlier");
            let copied = output(Command::new("cp").arg("-a").arg(earlier).arg(self.env())).unwrap();
            assert!(copied.status.success());
        }
    }

    /// Interrupts one run; a kill at the moment when the marker is written or removed is as good as none.
    fn interrupt(&mut self, delay: Duration, signal: Signal, tally: &mut Tally) {
        self.prepare();
        let running = self.run().spawn();
        sleep(delay);
        let run = running.signal(signal);
        let code = run.code();
        tally.kills += 1;
        tally.hits += u32::from(code != 0);
        let name = format!("{:?} after {delay:?} by {signal}: {code} {}", self.way, run.stderr());
        assert!(code == 0 || code == 128 + signal as i32, "{name}");
        self.look(&name, code, signal, tally);
    }

    fn look(&self, name: &str, code: i32, signal: Signal, tally: &mut Tally) {
        let found = Tree::of(&self.env());
        if found.get(UNFINISHED).is_some() {
            tally.marked += 1;
        } else if found.len() <= 1 {
            tally.nothing += 1;
        } else if found.differences(&self.complete).is_empty() {
            tally.complete += 1;
        } else if found.differences(&self.before).is_empty() {
            tally.as_before += 1;
        } else {
            let differences = self.complete.differences(&found).join("\n");
            panic!("{name}: it is not complete and not marked:\n{differences}");
        }
        assert!(code != 0 || found == self.complete, "{name}: it ended well and is not complete");
        if signal != Signal::SIGKILL && code != 0 && !self.way.over {
            assert_eq!(found.len(), 0, "{name}: asked to stop, it leaves nothing where nothing was");
        }
    }

    /// The same command again ends well, with the tree of an undisturbed run and a pip that works.
    fn again(&self, delay: Duration, signal: Signal) {
        let name = format!("{:?} after {delay:?} by {signal}, then again", self.way);
        let run = self.run().output();
        assert_eq!((run.code(), run.stdout()), (0, String::new()), "{name}: {}", run.stderr());
        let differences = self.complete.differences(&Tree::of(&self.env()));
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
        let pip = self.sandbox.command(self.env().join("bin/pip")).args(["check"]).output();
        assert_eq!(pip.code(), 0, "{name}: {}{}", pip.stdout(), pip.stderr());
    }
}

#[test]
fn after_an_interruption_at_any_moment_the_same_command_makes_a_good_environment() {
    let Some(python) = pythons::newest() else { return };
    let kills = env::var("PRIME_TEST_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let mut hits = 0;
    for way in WAYS {
        let mut trial = Trial::new(python, way);
        let mut tally = Tally::default();
        for number in 0..kills {
            let delay = trial.whole * (2 * number + 1) / (2 * kills);
            let signal = SIGNALS[number as usize % SIGNALS.len()];
            trial.interrupt(delay, signal, &mut tally);
            trial.again(delay, signal);
        }
        eprintln!("{way:?}: over {} ms, {tally:?}", trial.whole.as_millis());
        hits += tally.hits;
    }
    assert_ne!(hits, 0);
}
