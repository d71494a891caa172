//! The same made twice, by the interpreter and by `prime`, and compared as trees.
//!
//! Both work one after the other in an empty directory at the same absolute path, which is compared as a whole. Every
//! comparison prints its interpreter, its options and the number of entries.

use std::fs;
use std::path::{Path, PathBuf};

use super::Maker;
use crate::support::pythons::{self, Interpreter};
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;

/// What is done in the empty directory: shell for both (`$PY` is the interpreter, `$OTHER` another one), then the runs of
/// the one that is compared.
#[derive(Clone, Copy)]
pub struct Case {
    before: &'static str,
    runs: &'static [&'static [&'static str]],
    umask: &'static str,
    /// The first minor version whose `venv` knows the options.
    since: u32,
    /// Old interpreters put such values into the activation scripts without quoting them.
    needs_quoting: bool,
    /// A prompt has line breaks, which Python writes into `pyvenv.cfg` as they are: they could add keys of their own.
    breaks_lines: bool,
}

pub const fn case(runs: &'static [&'static [&'static str]]) -> Case {
    Case { before: "", runs, umask: "022", since: 7, needs_quoting: false, breaks_lines: false }
}

impl Case {
    pub const fn before(self, before: &'static str) -> Self {
        Self { before, ..self }
    }

    pub const fn umask(self, umask: &'static str) -> Self {
        Self { umask, ..self }
    }

    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }

    pub const fn needs_quoting(self) -> Self {
        Self { needs_quoting: true, ..self }
    }

    pub const fn breaks_lines(self) -> Self {
        Self { breaks_lines: true, ..self }
    }
}

/// Makes the same by both makers and compares; counts what was compared.
pub struct Comparison<'a> {
    sandbox: &'a Sandbox,
    /// How the interpreter is called.
    python: PathBuf,
    minor: u32,
    other: PathBuf,
    compared: usize,
    entries: usize,
    failures: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub fn new(sandbox: &'a Sandbox, python: &Interpreter) -> Self {
        let other = pythons::all().find(|it| it.minor >= 7 && it.minor != python.minor).unwrap_or(python);
        Self {
            sandbox,
            python: python.executable.clone(),
            minor: python.minor,
            other: other.executable.clone(),
            compared: 0,
            entries: 0,
            failures: Vec::new(),
        }
    }

    pub fn called(mut self, python: impl Into<PathBuf>) -> Self {
        self.python = python.into();
        self
    }

    fn place(&self) -> PathBuf {
        self.sandbox.root().join("place")
    }

    /// Does what the case says in the empty directory.
    fn carry_out(&self, case: &Case, maker: Maker) {
        fs::create_dir(self.place()).unwrap();
        let run = |script: &str, args: &[String]| {
            let script = format!("umask {} && {script}", case.umask);
            let run = self.sandbox.command("/bin/sh").args(["-ec", &script]).args(args).current_dir("../place");
            let path = format!("{}:/usr/bin:/bin", self.sandbox.bin().display());
            let run = run.env("PATH", path).env("PY", &self.python).env("OTHER", &self.other).output();
            assert_eq!(run.code(), 0, "{maker:?} {} {args:?}\n{}{}", self.python.display(), run.stdout(), run.stderr());
            // The older `venv` lets pip talk on standard output.
            assert!(maker == Maker::Python || run.stdout().is_empty(), "{args:?}: {}", run.stdout());
        };
        if !case.before.is_empty() {
            run(&format!("{{ {}\n}}", case.before), &[]);
        }
        for args in case.runs {
            let mut line = maker.command_line(&self.python);
            line.extend(args.iter().map(|arg| (*arg).to_owned()));
            run("exec \"$0\" \"$@\"", &line);
        }
    }

    /// What one maker makes of the case, and what `ask` hears from it; the directory is moved aside.
    fn made(&self, case: &Case, maker: Maker, ask: &dyn Fn(&Path) -> String) -> (Tree, String) {
        self.carry_out(case, maker);
        let tree = Tree::of(&self.place());
        let answers = ask(&self.place());
        // Creating where something was just deleted is slow on some file systems.
        let free = |number: &usize| !self.sandbox.root().join(format!("aside-{number}")).exists();
        let number = (0..10_000).find(free).unwrap();
        fs::rename(self.place(), self.sandbox.root().join(format!("aside-{number}"))).unwrap();
        let is_script = |path: &Path| path.parent().is_some_and(|it| it.ends_with("bin")) && is_activation(path);
        let tree = if case.needs_quoting { tree.without_contents(is_script) } else { tree };
        let is_cfg = |path: &Path| path.ends_with("pyvenv.cfg");
        let tree = if case.breaks_lines { tree.rewritten(is_cfg, unbroken) } else { tree };
        (tree, answers)
    }

    pub fn compare(&mut self, case: &Case, ask: &dyn Fn(&Path) -> String) {
        if self.minor < case.since {
            return;
        }
        let (expected, expected_answers) = self.made(case, Maker::Python, ask);
        let (found, answers) = self.made(case, Maker::Prime, ask);
        let before = case.before.lines().next().unwrap_or("nothing");
        let name = format!("{} {:?} after {before}, umask {}", self.python.display(), case.runs, case.umask);
        eprintln!("{name}: {} entries", expected.len());
        self.compared += 1;
        self.entries += expected.len();
        let differences = expected.differences(&found);
        if !differences.is_empty() {
            self.failures.push(format!("{name}:\n    {}", differences.join("\n    ")));
        }
        assert_eq!(answers, expected_answers, "{name}");
    }

    pub fn compare_all(&mut self, cases: &[Case]) {
        for case in cases {
            self.compare(case, &|_| String::new());
        }
    }
}

/// The configuration with the line breaks of a prompt in its last line, the command, as `prime` writes them.
fn unbroken(cfg: &str) -> String {
    let Some((head, command)) = cfg.split_once("\ncommand = ") else { return cfg.to_owned() };
    let command = command.trim_end_matches('\n').replace('\n', r"\n").replace('\r', r"\r");
    format!("{head}\ncommand = {command}\n")
}

fn is_activation(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().starts_with("activate"))
}

/// What came of all comparisons of a test.
#[derive(Default)]
pub struct Total {
    compared: usize,
    entries: usize,
    failures: Vec<String>,
}

impl Total {
    pub fn add(&mut self, comparison: Comparison<'_>) {
        self.compared += comparison.compared;
        self.entries += comparison.entries;
        self.failures.extend(comparison.failures);
    }

    #[track_caller]
    pub fn end(self, name: &str) {
        eprintln!("{name}: {} environments compared, {} entries", self.compared, self.entries);
        let Self { failures, compared, .. } = self;
        let count = failures.len();
        assert!(
            failures.is_empty(),
            "{count} of {compared} are not what `python -m venv` makes:\n{}",
            failures.join("\n")
        );
    }
}

/// Compares these cases for every interpreter.
#[track_caller]
pub fn compare_for_all(name: &str, cases: &[Case]) {
    let mut total = Total::default();
    for python in pythons::for_environments() {
        let sandbox = Sandbox::new();
        let mut comparison = Comparison::new(&sandbox, python);
        comparison.compare_all(cases);
        total.add(comparison);
    }
    total.end(name);
}
