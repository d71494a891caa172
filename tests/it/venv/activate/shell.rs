//! A shell that activates, and what it saw.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Environment;
use crate::support::{output, require_program, write};

/// What a shell does before it activates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A prompt is set, and `PYTHONHOME`.
    Usual,
    /// `set -eu`, no prompt.
    Strict,
    /// `VIRTUAL_ENV_DISABLE_PROMPT`.
    NoPrompt,
}

const SH: &str = r#"
env -0 >before; set >before.set
. "$SCRIPT"
env -0 >during; printf '%s' "${PS1-}" >prompt; python >which
. "$SCRIPT"
env -0 >twice
deactivate
env -0 >after; python >which.after; set >after.set; command -v deactivate >left || :
"#;

const FISH: &str = r#"
env -0 >before; set >before.set
source "$SCRIPT"
env -0 >during; python >which; sh -c 'exit 7'; fish_prompt >prompt
source "$SCRIPT"
env -0 >twice
deactivate
env -0 >after; python >which.after; set >after.set; functions -q deactivate; and echo deactivate >left
for name in _old_fish_prompt _virtual_env_status; functions -q $name; and echo $name >>left; end; true
"#;

const CSH: &str = r#"
env -0 >before; set >before.set
source $SCRIPT:q
env -0 >during; if ($?prompt) printf %s "$prompt" >prompt
python >which
source $SCRIPT:q
env -0 >twice
deactivate
env -0 >after; python >which.after; set >after.set; alias >left
"#;

/// A kind of shell.
#[derive(Clone, Debug)]
pub struct Shell {
    pub name: &'static str,
    program: PathBuf,
    args: &'static [&'static str],
}

impl Shell {
    pub fn new(name: &'static str) -> Option<Self> {
        let args: &[&str] = match name {
            "bash" => &["--norc"],
            "zsh" | "tcsh" => &["-f"],
            "busybox" => &["ash"],
            _ => &[],
        };
        Some(Self { name, program: require_program(name)?, args })
    }

    /// The script that this kind of shell sources.
    pub fn script(&self, bin: &Path) -> PathBuf {
        match self.name {
            "fish" => bin.join("activate.fish"),
            "tcsh" => bin.join("activate.csh"),
            _ => bin.join("activate"),
        }
    }

    fn is_sh(&self) -> bool {
        !matches!(self.name, "fish" | "tcsh")
    }

    pub fn has(&self, mode: Mode) -> bool {
        mode != Mode::Strict || self.is_sh()
    }

    fn text(&self, mode: Mode) -> String {
        let (start, rest) = match self.name {
            "fish" => ("function fish_prompt; printf '%s base> ' $status; end", FISH),
            "tcsh" => ("set prompt = 'base> '", CSH),
            _ if mode == Mode::Strict => ("unset PS1; set -eu", SH),
            _ => ("PS1='base> '", SH),
        };
        format!("{start}\n{rest}")
    }

    /// What this shell shows when somebody types these lines.
    pub fn interactive(&self, dir: &Path, lines: &str) -> String {
        write(&dir.join("typed"), lines.as_bytes(), 0o644);
        let words = [self.program.to_str().unwrap()].into_iter().chain(self.args.iter().copied());
        let command = words.collect::<Vec<_>>().join(" ");
        // tcsh shows no prompt unless it has a terminal.
        let command = match self.name {
            "tcsh" => format!("script -qec '{command}' /dev/null <typed"),
            "zsh" => format!("{command} -i +Z -o promptsubst -o promptbang <typed"),
            _ => format!("{command} -i <typed"),
        };
        let ran = output(started(Command::new("/bin/sh").args(["-c", &command]), dir)).unwrap();
        String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned()
    }

    /// Activates twice and deactivates.
    pub fn session(&self, script: &Path, dir: &Path, mode: Mode) -> Seen {
        let mut command = Command::new(&self.program);
        started(command.args(self.args), dir).arg("session").env("SCRIPT", script);
        match mode {
            Mode::Usual => command.env("PYTHONHOME", "/nowhere"),
            Mode::NoPrompt => command.env("VIRTUAL_ENV_DISABLE_PROMPT", "1"),
            Mode::Strict => &mut command,
        };
        write(&dir.join("session"), self.text(mode).as_bytes(), 0o644);
        let ran = output(&mut command).unwrap();
        let env = |name: &str| variables(&dir.join(name));
        let text = |name: &str| String::from_utf8_lossy(&fs::read(dir.join(name)).unwrap_or_default()).into_owned();
        let sets = |name: &str| -> BTreeSet<String> {
            text(name).lines().filter(|it| is_lasting(it)).map(str::to_owned).collect()
        };
        let changed = sets("before.set")
            .symmetric_difference(&sets("after.set"))
            .filter_map(|line| Some(line.split_once(['=', '\t'])?.0.to_owned()))
            .collect();
        Seen {
            status: ran.status.code(),
            errors: String::from_utf8_lossy(&ran.stderr).into_owned(),
            env: [env("before"), env("during"), env("twice"), env("after")],
            prompt: text("prompt"),
            pythons: [text("which"), text("which.after")],
            left: text("left"),
            set: changed,
        }
    }
}

/// A command in a directory, where `python` is the system's.
fn started<'c>(command: &'c mut Command, dir: &Path) -> &'c mut Command {
    write(&dir.join("base/python"), b"#!/bin/sh\necho base\n", 0o755);
    command.current_dir(dir).env_clear();
    command.env("HOME", dir).env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    command.env("PATH", format!("{}:/usr/bin:/bin", dir.join("base").display()))
}

type Variables = BTreeMap<String, String>;

/// What `env -0` wrote.
fn variables(file: &Path) -> Variables {
    let text = String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned();
    let rows = text.split('\0').filter_map(|row| row.split_once('='));
    rows.filter(|(name, _)| !["_", "SHLVL"].contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Whether a line of `set` is not about the shell's own state.
fn is_lasting(line: &str) -> bool {
    let own = [
        "_=",
        "_\t",
        "BASH_",
        "LINENO",
        "RANDOM",
        "SRANDOM",
        "SECONDS",
        "EPOCH",
        "PIPESTATUS",
        "pipestatus",
        "status",
        "?=",
        "TTYIDLE",
    ];
    !own.iter().any(|it| line.starts_with(it))
}

/// What a session saw.
#[derive(Debug)]
pub struct Seen {
    pub status: Option<i32>,
    pub errors: String,
    /// Before, after the first and after the second activation, after deactivation.
    pub env: [Variables; 4],
    pub prompt: String,
    pub pythons: [String; 2],
    /// Functions and aliases that are still there.
    pub left: String,
    /// Variables that are not as they were, the shell's own included.
    pub set: BTreeSet<String>,
}

impl Seen {
    /// What is in this environment otherwise than before.
    pub fn changes(&self, at: usize) -> BTreeMap<String, Option<String>> {
        let names = self.env[0].keys().chain(self.env[at].keys());
        let changed = names.filter(|name| self.env[0].get(*name) != self.env[at].get(*name));
        changed.map(|name| (name.clone(), self.env[at].get(name).cloned())).collect()
    }

    /// All of it, for comparison with another environment's.
    pub fn report(&self, environment: &Environment) -> String {
        let changes: Vec<_> = (1..4).map(|at| self.changes(at)).collect();
        let changes =
            changes.iter().flatten().map(|(name, value)| format!("{name}={}\n", value.as_deref().unwrap_or("(unset)")));
        let text = format!(
            "status {:?}, errors {}\n{}prompt: {}\npythons: {:?}\nleft: {}\nset: {:?}",
            self.status,
            !self.errors.is_empty(),
            changes.collect::<String>(),
            self.prompt,
            self.pythons,
            self.left,
            self.set,
        );
        environment.redact(&text)
    }
}
