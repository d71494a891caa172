//! Activation scripts in real shells: those of every interpreter's templates, and our own.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use prime::venv::builder::scripts::{CopyRule, Values, install, install_own, replace_variables};

use shell::Shell;

use crate::support::pythons::{self, Interpreter};
use crate::support::{output, program, write};

mod displayed;
mod installed;
mod moved;
mod sessions;
mod shell;

/// No character of it means anything anywhere.
const HARMLESS: &str = "harmless-1";

/// Names of directories and prompts, each of which runs something, or breaks, where it is not quoted.
const HOSTILE: [&str; 8] = [
    "with a space, it's \"quoted\"",
    "$(touch PWNED)`touch PWNED`${HOME}",
    "';touch PWNED;'\";touch PWNED;\"&touch PWNED&",
    "ünï ☃!!%n%{x%}%(?.a.b)\\w\\$(touch PWNED)~*?[a]#^x^y",
    "new\nline\ntouch PWNED\n$(touch PWNED)\n",
    "-n -x $[`touch PWNED`] !1 !touch",
    "backslash\\\\\\$(touch PWNED)\\`touch PWNED\\`\\'\\\"\\",
    "\\';touch PWNED;\\'\\\";touch PWNED;\\\"\\!",
];

/// Whose templates an environment has.
#[derive(Clone, Debug)]
enum Templates {
    Own,
    Of { minor: u32, dir: PathBuf, python: PathBuf },
}

impl Templates {
    /// The prompt as these templates take it.
    fn prompt(&self, prompt: &str) -> String {
        match self {
            Self::Of { minor, .. } if *minor < 13 => format!("({prompt}) "),
            _ => prompt.to_owned(),
        }
    }

    /// Whether they can do with this name in this shell. csh has no line break between double quotes, where CPython's
    /// templates have their variables.
    fn can(&self, shell: &str, name: &str) -> bool {
        matches!(self, Self::Own) || shell != "tcsh" || !name.contains('\n')
    }

    fn rule(&self) -> CopyRule {
        match self {
            Self::Of { minor, .. } if *minor < 13 => CopyRule::ContentAndMode,
            _ => CopyRule::TimesToo,
        }
    }
}

/// Our own, and those of every interpreter from 3.7 on; a system's python may have others than one of the same version
/// that was built from source.
static ALL: LazyLock<Vec<Templates>> = LazyLock::new(|| {
    let system = program("python3").map(|executable| Interpreter { version: String::new(), minor: 0, executable });
    let mut found = vec![Templates::Own];
    for python in pythons::all().cloned().chain(system) {
        if let Some(templates) = templates_of(&python.executable)
            && !found.iter().any(
                |it| matches!((it, &templates), (Templates::Of { dir: a, .. }, Templates::Of { dir: b, .. }) if a == b),
            )
        {
            found.push(templates);
        }
    }
    found
});

fn templates_of(python: &Path) -> Option<Templates> {
    let question = "import os, sys, venv; print(sys.version_info[1], os.path.dirname(venv.__file__))";
    let output = output(Command::new(python).args(["-I", "-c", question])).ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let (minor, dir) = text.trim_end().split_once(' ')?;
    let (minor, dir) = (minor.parse().unwrap(), Path::new(dir).join("scripts"));
    (minor >= 7 && dir.join("common").is_dir()).then(|| Templates::Of { minor, dir, python: python.to_owned() })
}

/// Those whose script for this shell no other one has.
fn distinct(shell: &Shell) -> Vec<&'static Templates> {
    let mut seen = BTreeSet::new();
    let text = |templates: &Templates| match templates {
        Templates::Own => None,
        Templates::Of { dir, .. } => {
            let found = ["common", "posix"].into_iter().find_map(|it| fs::read(shell.script(&dir.join(it))).ok());
            Some((found, templates.prompt("")))
        }
    };
    ALL.iter().filter(|it| seen.insert(text(it))).collect()
}

/// An environment as far as activation goes: its scripts, and a `python` that says where it is.
struct Environment {
    dir: PathBuf,
    prompt: String,
}

impl Environment {
    fn new(templates: &Templates, parent: &Path, name: &str) -> Self {
        let dir = parent.join(name);
        let bin = dir.join("bin");
        write(&bin.join("python"), b"#!/bin/sh\necho venv\n", 0o755);
        write(&dir.join("pyvenv.cfg"), b"", 0o644);
        let (prompt, python) = (templates.prompt(name), bin.join("python"));
        let values = Values {
            dir: dir.as_os_str(),
            name: OsStr::new(name),
            prompt: OsStr::new(&prompt),
            bin_name: OsStr::new("bin"),
            python: python.as_os_str(),
        };
        match templates {
            Templates::Own => install_own(&bin, &values).unwrap(),
            Templates::Of { dir, .. } => {
                let replace = |script: &Path, text: &[u8]| replace_variables(script, text, &values);
                assert_eq!(install(dir, &bin, templates.rule(), &replace).unwrap(), Vec::<String>::new());
            }
        }
        Self { dir, prompt: name.to_owned() }
    }

    /// A text with what differs between environments by name in its place.
    fn redact(&self, text: &str) -> String {
        // What a prompt shows of it.
        let blank =
            |expanded: &str| self.prompt.replace(|it: char| it.is_ascii_control() || expanded.contains(it), "_");
        let root = self.dir.ancestors().nth(2).unwrap().to_str().unwrap();
        let text =
            text.replace(self.dir.to_str().unwrap(), "[DIR]").replace(root, "[ROOT]").replace(&self.prompt, "[NAME]");
        text.replace(&blank("$`\\!%"), "[NAME]").replace(&blank("$`\\!%^"), "[NAME]")
    }
}

/// The names in a directory that are not those of the environments.
fn is_pwned(dir: &Path) -> bool {
    let entries = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
    entries.into_iter().any(|it| it.as_bytes() == b"PWNED")
}
