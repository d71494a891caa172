//! `prime wrap`: an entry script, which leads to the environment from wherever it is started.
//!
//! What is written is one line between two markers, in the language of the script: `sh` in a new one, Python in one that
//! is in Python. Everything else in it is the user's. The line finds the launcher by the script's own place, so that the
//! repository can be moved; protoprimer's markers are known, and what stands between them is replaced.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use serde_json::json;

use super::args::WrapKind;
use crate::bootstrap::launcher;
use crate::config::discover::discover;
use crate::error::{Fault, Kind, Result};
use crate::host::{Answer, Host, Outcome, fs, names};
use crate::shell::quote;
use crate::ui::Ui;

/// Around what is written: the beginnings of lines, the end being ours or protoprimer's.
const MARKERS: [&str; 2] = ["# <<< BEGIN: ", "# >>> END: "];
/// The ends of marker lines, ours first.
const OWNERS: [&str; 2] = ["prime wrap", "FT_56_85_65_41.generated_boilerplate"];

/// What a script is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Sh,
    Python,
}

/// Writes an entry script, or brings the one that is there up to date.
pub fn run(host: &Host, ui: Ui, repo: Option<&Path>, kind: &WrapKind) -> Result<Outcome> {
    let (given, words) = match kind {
        WrapKind::Start { script, main } => (script, vec!["start".to_owned(), main.to_string()]),
        WrapKind::Boot { script, main: Some(main) } => (script, vec!["--main".to_owned(), main.to_string()]),
        WrapKind::Boot { script, main: None } => (script, Vec::new()),
    };
    let seed_dir = discover(host, repo)?.seed_dir.value;
    let script = real(&host.absolute(given));
    let before = fs::read_optional(&script)?.unwrap_or_default();
    let before =
        String::from_utf8(before).map_err(|_| Fault::new(Kind::Data, format!("`{}` is not UTF-8", given.display())))?;
    if launcher::at(&script).is_some() {
        let fault = Fault::new(Kind::Usage, format!("`{}` is the launcher itself", given.display()));
        return Err(fault.hint("name another script").into());
    }
    let language = language(&script, &before)?;
    let line = line(language, &target(&seed_dir, &script)?, &words);
    let written = fs::write_if_changed(&script, with_block(&before, language, &line, &script)?.as_bytes())?;
    let made_executable = fs::make_executable(&script)?;
    let change = if written || made_executable { "write" } else { "keep" };
    ui.note(change, &given.display().to_string());
    Ok(Answer::data(json!({ "script": script.display().to_string(), "change": change })).into())
}

/// The file itself, where the path leads to it through a link; the directory's real path, where there is no file yet.
fn real(path: &Path) -> PathBuf {
    let in_real_dir = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(in_real_dir).unwrap_or_else(|| path.to_owned())
}

/// The language of a script, by its first line; of one that has none, by its name.
fn language(script: &Path, text: &str) -> Result<Language, Fault> {
    let interpreter = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    let is_python_by_name = script.extension().is_some_and(|it| it == "py");
    match interpreter {
        Some(line) if line.contains("python") || line.contains("prime") => Ok(Language::Python),
        Some(line) if line.split(['/', ' ']).any(|word| ["sh", "bash", "dash", "zsh", "ksh"].contains(&word)) => {
            Ok(Language::Sh)
        }
        None if is_python_by_name => Ok(Language::Python),
        None if text.trim().is_empty() => Ok(Language::Sh),
        _ => Err(Fault::new(Kind::Data, format!("`{}` is neither in sh nor in Python", script.display()))
            .hint("let it begin with `#!/bin/sh` or `#!/usr/bin/env python3`")),
    }
}

/// What a script leads to.
enum Lead {
    /// The launcher, as seen from the script's directory.
    Launcher(String),
    /// `prime` on `PATH`, with the repository as seen from the script's directory.
    OnPath(String),
}

fn target(seed_dir: &Path, script: &Path) -> Result<Lead> {
    let dir = script.parent().unwrap_or(Path::new("/"));
    let launcher = seed_dir.join(names::LAUNCHER_FILE);
    let has_launcher = launcher::at(&launcher).is_some();
    let path = relative(dir, if has_launcher { &launcher } else { seed_dir });
    let text = path
        .into_os_string()
        .into_string()
        .map_err(|path| Fault::new(Kind::Data, format!("the path `{}` is not UTF-8", path.display())))?;
    Ok(if has_launcher { Lead::Launcher(text) } else { Lead::OnPath(text) })
}

/// The way from one directory to a path, both absolute and without links.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(common)).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// The line that becomes `prime`, which gets these words before the script's own arguments.
fn line(language: Language, lead: &Lead, words: &[String]) -> String {
    match language {
        Language::Sh => {
            let place = |path: &str| format!("\"${{self%/*}}\"/{}", quote::posix(OsStr::new(path)).display());
            let program = match lead {
                Lead::Launcher(path) => place(path),
                Lead::OnPath(path) => format!("prime -C {}", place(path)),
            };
            let words = [&[program], words, &["\"$@\"".to_owned()]].concat().join(" ");
            format!("self=$(readlink -f -- \"$0\") && exec {words}")
        }
        Language::Python => {
            let (call, path, first) = match lead {
                Lead::Launcher(path) => ("os.execv(path", path, "\"prime\""),
                Lead::OnPath(path) => ("os.execvp(\"prime\"", path, "\"prime\", \"-C\", path"),
            };
            // A text of JSON is one of Python.
            let path = serde_json::Value::from(path.as_str());
            let place = format!("path = os.path.join(os.path.dirname(os.path.realpath(__file__)), {path})");
            let words = words.iter().map(|word| format!("\"{word}\""));
            let words = std::iter::once(first.to_owned()).chain(words).collect::<Vec<_>>().join(", ");
            format!("if __name__ == \"__main__\": import os, sys; {place}; {call}, [{words}, *sys.argv[1:]])")
        }
    }
}

/// The text of a script with the line between markers: in place of what was between them, else at the end.
fn with_block(text: &str, language: Language, line: &str, script: &Path) -> Result<String, Fault> {
    let (begin, end) = (format!("{}{}", MARKERS[0], OWNERS[0]), format!("{}{}", MARKERS[1], OWNERS[0]));
    let block = format!("{begin}\n{line}\n{end}\n");
    let at = |marker: &str| -> Vec<usize> {
        let is_marker = |line: &str| OWNERS.iter().any(|owner| line.trim_end() == format!("{marker}{owner}"));
        text.split_inclusive('\n').enumerate().filter(|(_, line)| is_marker(line)).map(|(number, _)| number).collect()
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    match (&at(MARKERS[0])[..], &at(MARKERS[1])[..]) {
        ([], []) => {
            let first = match language {
                _ if text.starts_with("#!") => "",
                Language::Sh => "#!/bin/sh\n",
                Language::Python => "#!/usr/bin/env python3\n",
            };
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            Ok(format!("{first}{text}{gap}{block}"))
        }
        ([first], [last]) if first < last => {
            Ok(format!("{}{block}{}", lines[..*first].concat(), lines[last + 1..].concat()))
        }
        _ => {
            let message = format!("the markers of `{}` are no pair", script.display());
            Err(Fault::new(Kind::Data, message).hint(format!("leave one `{begin}` and one `{end}` after it")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_between_two_places_is_relative() {
        for (from, to, expected) in [
            ("/r/cmd", "/r/prime", "../prime"),
            ("/r", "/r/prime", "prime"),
            ("/r/a/b", "/r", "../.."),
            ("/r", "/r", "."),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected));
        }
    }

    #[test]
    fn text_outside_of_the_markers_is_kept() {
        let block = |text: &str| with_block(text, Language::Sh, "LINE", Path::new("/s"));
        let ours = "# <<< BEGIN: prime wrap\nLINE\n# >>> END: prime wrap\n";
        assert_eq!(block("").unwrap(), format!("#!/bin/sh\n{ours}"));
        assert_eq!(block("#!/bin/sh\necho a").unwrap(), format!("#!/bin/sh\necho a\n{ours}"));
        for owner in OWNERS {
            let text = format!("before\n# <<< BEGIN: {owner}\nold\nolder\n# >>> END: {owner}\nafter");
            assert_eq!(block(&text).unwrap(), format!("before\n{ours}after"));
        }
        let twice = format!("{ours}{ours}");
        for text in ["# <<< BEGIN: prime wrap\n", "# >>> END: prime wrap\n# <<< BEGIN: prime wrap\n", &twice] {
            assert_eq!(block(text).unwrap_err().kind, Kind::Data, "{text}");
        }
    }

    #[test]
    fn the_language_is_the_first_lines() {
        let of = |name: &str, text: &str| language(Path::new(name), text).map_err(|fault| fault.kind);
        assert_eq!(of("x", ""), Ok(Language::Sh));
        assert_eq!(of("x.py", ""), Ok(Language::Python));
        assert_eq!(of("x.py", "#!/usr/bin/env bash\n"), Ok(Language::Sh));
        for text in ["#!/usr/bin/env python3\n", "#!/usr/bin/python\n", "#!/usr/bin/env -S prime start\n"] {
            assert_eq!(of("x", text), Ok(Language::Python));
        }
        assert_eq!(of("x", "#!/usr/bin/perl\n"), Err(Kind::Data));
        assert_eq!(of("x", "text\n"), Err(Kind::Data));
    }
}
