//! Runners, as far as a step sees them: the files that they name, and how they read these and the log.
//!
//! The rules are those of the systems' documentation (`src/cli/ci` has the addresses).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;

/// The files of a step of GitHub Actions, with the variables that name them.
pub const FILES: [(&str, &str); 4] =
    [("GITHUB_ENV", "env"), ("GITHUB_PATH", "path"), ("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")];

/// The files of one step.
pub struct Step {
    dir: PathBuf,
}

impl Step {
    /// Empty files, as the runner makes them before each step.
    pub fn new(sandbox: &Sandbox, name: &str) -> Self {
        let dir = sandbox.root().join("runner").join(name);
        fs::create_dir_all(&dir).unwrap();
        for (_, file) in FILES {
            fs::write(dir.join(file), "").unwrap();
        }
        Self { dir }
    }

    /// The file of a variable.
    pub fn file(&self, variable: &str) -> PathBuf {
        self.dir.join(FILES.iter().find(|(name, _)| *name == variable).unwrap().1)
    }

    pub fn text(&self, variable: &str) -> String {
        fs::read_to_string(self.file(variable)).unwrap()
    }

    /// A run as a program of this step.
    pub fn within<'a>(&self, run: Invocation<'a>) -> Invocation<'a> {
        let run = run.env("CI", "true").env("GITHUB_ACTIONS", "true");
        FILES.iter().fold(run, |run, (name, _)| run.env(name, self.file(name)))
    }

    pub fn is_untouched(&self) -> bool {
        FILES.iter().all(|(name, _)| self.text(name).is_empty())
    }

    /// The variables, or outputs, that a file sets.
    pub fn values(&self, variable: &str) -> BTreeMap<String, String> {
        values(&self.text(variable))
    }

    /// The directories that come first on `PATH`, the first one last.
    pub fn path(&self) -> Vec<String> {
        self.text("GITHUB_PATH").lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

/// Lines `NAME=VALUE`, and values between two lines of a delimiter. Whatever is neither fails the step.
pub fn values(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut lines) = (BTreeMap::new(), text.lines());
    while let Some(line) = lines.next() {
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        let (name, value) = match (equals, heredoc) {
            _ if line.is_empty() => continue,
            (Some(at), heredoc) if heredoc.is_none_or(|it| at < it) => (&line[..at], line[at + 1..].to_owned()),
            (_, Some(at)) => {
                let delimiter = &line[at + 2..];
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some(line) if line == delimiter => break,
                        Some(line) => value.push(line),
                        None => panic!("no line `{delimiter}` in {text}"),
                    }
                }
                (&line[..at], value.join("\n"))
            }
            _ => panic!("`{line}` sets nothing"),
        };
        found.insert(name.to_owned(), value);
    }
    found
}

/// A command in the log of GitHub Actions.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub command: String,
    pub properties: BTreeMap<String, String>,
    pub message: String,
}

/// What a log tells GitHub's runner, in order.
pub fn told(log: &str) -> Vec<Told> {
    let commands = log.lines().filter_map(|line| line.strip_prefix("::")?.split_once("::"));
    let unescaped = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| {
        let (name, value) = text.split_once('=').unwrap();
        (name.to_owned(), unescaped(&value.replace("%3A", ":").replace("%2C", ",")))
    };
    let commands = commands.map(|(command, message)| {
        let (command, properties) = command.split_once(' ').unwrap_or((command, ""));
        let properties = properties.split(',').filter(|it| !it.is_empty()).map(property).collect();
        Told { command: command.to_owned(), properties, message: unescaped(message) }
    });
    commands.collect()
}

/// The titles of the groups in a log, each of which is closed before the next one begins.
#[track_caller]
pub fn groups(log: &str) -> Vec<String> {
    let (mut titles, mut is_open) = (Vec::new(), false);
    for told in told(log) {
        match told.command.as_str() {
            "group" => {
                assert!(!is_open, "one within another: {log}");
                titles.push(told.message);
                is_open = true;
            }
            "endgroup" => {
                assert!(is_open, "closed twice: {log}");
                is_open = false;
            }
            _ => {}
        }
    }
    assert!(!is_open, "left open: {log}");
    titles
}
