//! What `prime start` starts: which of the four forms a word has, and what the environment's python does with it.
//!
//! A word with a slash is a path, always; so is `x.py` where there is such a file. `module:function` is what has that form.
//! Everything else is a program of the environment: a file of the same name in the current directory does not come in
//! between, and neither does `PATH`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::error::{Fault, Kind, Result};
use crate::host::exec::find_program;
use crate::host::{ExecPlan, Host};
use crate::python::ObjectReference;
use crate::venv::Venv;

/// What Python takes for a script by its name.
const SCRIPT_EXTENSIONS: [&str; 3] = ["py", "pyw", "pyz"];

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function.
    Call(ObjectReference),
    /// A module, as with `python -m`.
    Module(OsString),
    /// A file, as with `python FILE`.
    Script(PathBuf),
    /// A file in the environment's `bin`.
    Program(OsString),
}

impl Target {
    /// The target that a command line begins with, and the arguments that are left.
    pub fn parse(host: &Host, words: Vec<OsString>) -> Result<(Self, Vec<OsString>), Fault> {
        let mut words = words.into_iter();
        let word = words.next().unwrap_or_default();
        let target = match module_behind(&word) {
            Some(module) if !module.is_empty() => Self::Module(module),
            Some(_) => match words.next() {
                Some(module) => Self::Module(module),
                None => return Err(usage("`-m` needs the name of a module")),
            },
            None => Self::named(host, word)?,
        };
        Ok((target, words.collect()))
    }

    fn named(host: &Host, word: OsString) -> Result<Self, Fault> {
        let path = Path::new(&word);
        let is_script = path.extension().is_some_and(|it| SCRIPT_EXTENSIONS.iter().any(|known| it == *known));
        match word.to_str() {
            _ if word.as_encoded_bytes().contains(&b'/') => Ok(Self::Script(path.to_owned())),
            _ if is_script && host.current_dir.join(path).exists() => Ok(Self::Script(path.to_owned())),
            Some(text) if text.contains(':') => match text.parse() {
                Ok(reference) => Ok(Self::Call(reference)),
                Err(why) => Err(usage(&format!("`{text}` is {why}"))),
            },
            Some(text) if text.is_empty() || text.starts_with('-') => {
                Err(usage(&format!("`{text}` is nothing that could be started")))
            }
            _ => Ok(Self::Program(word)),
        }
    }

    /// The script, where it is one: its place says which repository is meant.
    pub fn script(&self) -> Option<&Path> {
        match self {
            Self::Script(path) => Some(path),
            _ => None,
        }
    }

    /// Fails where it is a script that cannot be read, with [`Kind::NotFound`] or [`Kind::CannotExecute`].
    pub fn check(&self, host: &Host) -> Result<(), Fault> {
        let Self::Script(path) = self else { return Ok(()) };
        // Not by text: `link/../x` is beside what the link leads to.
        let (file, shown) = (host.current_dir.join(path), path.display());
        let fault = |kind, what: &str| Err(Fault::new(kind, format!("`{shown}` {what}")));
        match file.metadata() {
            Err(_) => fault(Kind::NotFound, "does not exist"),
            Ok(meta) if meta.is_dir() && !file.join("__main__.py").is_file() => {
                fault(Kind::CannotExecute, "is a directory without a `__main__.py`")
            }
            Ok(_) if access(&file, AccessFlags::R_OK).is_err() => fault(Kind::CannotExecute, "cannot be read"),
            Ok(_) => Ok(()),
        }
    }

    /// How it is started in an environment.
    pub fn plan(&self, host: &Host, venv: &Venv, args: Vec<OsString>) -> Result<ExecPlan> {
        let words: Vec<OsString> = match self {
            Self::Call(reference) => vec!["-c".into(), reference.program().into()],
            Self::Module(name) => vec!["-m".into(), name.clone()],
            // What begins with a dash would be an option.
            Self::Script(path) if path.as_os_str().as_encoded_bytes().starts_with(b"-") => {
                vec![Path::new(".").join(path).into()]
            }
            Self::Script(path) => vec![path.clone().into()],
            Self::Program(name) => return program(host, venv, name, args),
        };
        Ok(ExecPlan::new(venv.python(), words.into_iter().chain(args)))
    }
}

/// What stands behind `-m` in the same word, perhaps nothing.
fn module_behind(word: &OsStr) -> Option<OsString> {
    word.to_str()?.strip_prefix("-m").map(OsString::from)
}

fn usage(message: &str) -> Fault {
    Fault::new(Kind::Usage, message)
        .hint("give `module:function`, `-m module`, a script with its path, or a program of the environment")
}

fn program(host: &Host, venv: &Venv, name: &OsStr, args: Vec<OsString>) -> Result<ExecPlan> {
    let found = find_program(name, &[venv.bin()], &host.current_dir);
    let file = found.map_err(|fault| match fault.kind {
        Kind::NotFound => no_program(host, venv, name),
        _ => fault,
    })?;
    Ok(ExecPlan::new(file, args))
}

fn no_program(host: &Host, venv: &Venv, name: &OsStr) -> Fault {
    let shown = name.display();
    let fault = Fault::new(Kind::NotFound, format!("there is no program `{shown}` in `{}`", venv.bin().display()));
    if host.current_dir.join(name).is_file() {
        fault.hint(format!("`./{shown}` is the file of that name"))
    } else {
        fault.hint("is the package that has it a dependency?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<(Target, Vec<OsString>), Fault> {
        let host = Host { current_dir: "/nowhere".into(), ..Host::default() };
        Target::parse(&host, words.iter().map(OsString::from).collect())
    }

    #[test]
    fn each_form_is_told_by_the_word_alone() {
        let call = |text: &str| Target::Call(text.parse().unwrap());
        for (words, target, args) in [
            (&["m:f", "-m"][..], call("m:f"), &["-m"][..]),
            (&["-m", "a.b", "x"], Target::Module("a.b".into()), &["x"]),
            (&["-ma.b", "x"], Target::Module("a.b".into()), &["x"]),
            (&["./m:f"], Target::Script("./m:f".into()), &[]),
            (&["a/b"], Target::Script("a/b".into()), &[]),
            (&["pytest", "-q"], Target::Program("pytest".into()), &["-q"]),
            (&["missing.py"], Target::Program("missing.py".into()), &[]),
            (&[".."], Target::Program("..".into()), &[]),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(parsed(words).unwrap(), (target, args), "{words:?}");
        }
        for words in [&["-m"][..], &["-x"], &[""], &["m:"], &["a b:c"]] {
            assert_eq!(parsed(words).unwrap_err().kind, Kind::Usage, "{words:?}");
        }
    }
}
