//! The repository keeps to its own rules (style.md): who uses whom, what stays where, and how large things are. Every
//! failure names file and line, all of them at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use prime::config::fields::FIELDS;
use prime::host::names::VARIABLES;

use crate::support::{output, repository, require_program, skip};

/// Each top-level module and those it may mention; `main.rs` and `lib.rs` may mention all.
const EDGES: [(&str, &[&str]); 13] = [
    ("cli", &["bootstrap", "connector", "shell", "deps", "venv", "fetch", "config", "python", "ui", "host", "error"]),
    ("bootstrap", &["deps", "launcher", "venv", "fetch", "config", "python", "ui", "host", "error"]),
    ("connector", &["deps", "venv", "fetch", "python", "ui", "host", "error"]),
    ("shell", &["host", "error"]),
    ("deps", &["venv", "fetch", "python", "host", "error"]),
    ("launcher", &["fetch", "host", "error"]),
    ("venv", &["fetch", "python", "host", "error"]),
    ("fetch", &["python", "host", "error"]),
    ("config", &["python", "host", "error"]),
    ("python", &["host", "error"]),
    ("ui", &["host", "error"]),
    ("host", &["error"]),
    ("error", &[]),
];

/// What `config` may take from `python`: what a version is, and nothing that looks for one.
const VERSION_TYPES: [&str; 7] =
    ["version", "requirement", "requirements_file", "PythonVersion", "Implementation", "Requirement", "package_name"];

/// Texts and the places that may have them. A place that ends in `/` is a directory.
const PLACES: [(&[&str], &[&str]); 6] = [
    (&["clap::", "clap_complete::"], &["src/cli/"]),
    (&["toml::"], &["src/config/", "src/fetch/settings"]),
    (&["std::process", "process::Command", "CommandExt"], &["src/host/", "src/main.rs"]),
    (&["process::exit", ".exec("], &["src/host/", "src/main.rs"]),
    (&["env::var", "env::args", "env::current_", "env::set_", "env::remove_", "env::temp_dir"], &["src/host/"]),
    (&["println!", "eprintln!", "print!(", "stdout()", "stderr()"], &["src/ui/", "src/host/"]),
];

const LINES: usize = 400;
const DEPENDENCIES: usize = 25;

/// A text file of the repository.
struct Source {
    /// Seen from the root.
    path: String,
    text: String,
}

impl Source {
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(number, line)| (number + 1, line))
    }

    /// Whether it is the tests of the module next door.
    fn is_tests(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("/tests/")
    }

    /// The lines before the unit tests, which may run programs and look at the process. A file of tests has none.
    fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().take_while(|(_, line)| !self.is_tests() && *line != "#[cfg(test)]")
    }

    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|it| it == "rs")
    }
}

/// The text files under a directory, without what no commit has.
fn sources(under: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&repository().join(under), &mut found);
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

fn collect(path: &Path, found: &mut Vec<Source>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ignored = [".git", "target", ".venv", ".prime", "__pycache__", "proptest-regressions"].contains(&&*name);
    if ignored || name.ends_with(".egg-info") {
        return;
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), found);
        }
    } else if let Ok(text) = fs::read_to_string(path) {
        found.push(Source { path: path.strip_prefix(repository()).unwrap().display().to_string(), text });
    }
}

fn rust(under: &str) -> impl Iterator<Item = Source> {
    sources(under).into_iter().filter(Source::is_rust)
}

#[track_caller]
fn assert_none(rule: &str, failures: &[String]) {
    assert!(failures.is_empty(), "{rule}:\n  {}", failures.join("\n  "));
}

/// `venv` of `src/venv/builder/mod.rs` and of `src/venv.rs`; nothing of `src/main.rs` and `src/lib.rs`.
fn top_level_module(path: &str) -> Option<&str> {
    let path = path.strip_prefix("src/")?;
    let module = path.split('/').next()?.trim_end_matches(".rs");
    (!["main", "lib"].contains(&module)).then_some(module)
}

/// How many `super::` lead from a file to the crate's root.
fn depth(path: &str) -> usize {
    let parts = path.split('/').count() - 1;
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The names that stand right behind each `start` in a line; all of a braced list.
fn names_behind<'a>(line: &'a str, start: &str) -> Vec<&'a str> {
    let behind = line.match_indices(start).filter(|(at, _)| !line[..*at].ends_with(is_name));
    let mut names = Vec::new();
    for rest in behind.map(|(at, _)| &line[at + start.len()..]) {
        let list = rest.strip_prefix('{').map_or(rest, |list| list.split('}').next().unwrap_or_default());
        let parts: Vec<&str> = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        names.extend(parts.into_iter().map(|part| part.trim().split(|it| !is_name(it)).next().unwrap_or_default()));
    }
    names
}

/// The top-level modules that a line mentions, by `crate::` or by climbing to the root.
fn mentioned(line: &str, depth: usize) -> Vec<&str> {
    let is_module = |name: &&str| EDGES.iter().any(|(module, _)| module == name);
    let climbed = names_behind(line, &"super::".repeat(depth)).into_iter().filter(is_module);
    names_behind(line, "crate::").into_iter().chain(climbed).collect()
}

#[test]
fn a_module_uses_only_what_stands_below_it() {
    let mut failures = Vec::new();
    for source in rust("src") {
        let Some(module) = top_level_module(&source.path) else { continue };
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == module) else {
            failures.push(format!("{}: `{module}` has no row in the table of edges", source.path));
            continue;
        };
        for (number, line) in source.lines() {
            let names = mentioned(line, depth(&source.path));
            for name in names.into_iter().filter(|name| *name != module && !allowed.contains(name)) {
                failures.push(format!("{}:{number}: `{module}` mentions `{name}`", source.path));
            }
        }
    }
    assert_none("modules look down only, one `crate::module::` a path", &failures);
}

#[test]
fn config_takes_only_version_types_from_python() {
    let mut failures = Vec::new();
    for source in rust("src/config") {
        for (number, line) in source.lines() {
            for name in names_behind(line, "crate::python::").into_iter().filter(|it| !VERSION_TYPES.contains(it)) {
                failures.push(format!("{}:{number}: takes `{name}`", source.path));
            }
        }
    }
    assert_none("`config` knows versions, not interpreters", &failures);
}

#[test]
fn everything_stays_in_its_place() {
    let mut failures = Vec::new();
    for source in rust("src") {
        for (number, line) in source.product_lines() {
            for (texts, places) in PLACES {
                let at_home = places.iter().any(|place| source.path.starts_with(place));
                for text in texts.iter().filter(|text| !at_home && has_word(line, text)) {
                    failures.push(format!("{}:{number}: `{text}` belongs to {}", source.path, places.join(", ")));
                }
            }
        }
    }
    assert_none("process, printing and parsers have one place each", &failures);
}

/// Whether a text stands in a line and is not the end of a longer name.
fn has_word(line: &str, text: &str) -> bool {
    let mut places = line.match_indices(text);
    places.any(|(at, _)| !text.starts_with(is_name) || !line[..at].ends_with(is_name))
}

#[test]
fn no_file_is_too_long() {
    let files = ["src", "tests", "benches"].into_iter().filter(|dir| repository().join(dir).exists()).flat_map(sources);
    // A test makes them, from the definition of the command line.
    let files = files.filter(|it| !it.path.starts_with("src/cli/completions/") || it.path.ends_with("/mod.rs"));
    let long = files.map(|it| (it.text.lines().count(), it.path)).filter(|(lines, _)| *lines > LINES);
    let failures: Vec<_> = long.map(|(lines, path)| format!("{path}:{lines}")).collect();
    assert_none(&format!("a file has at most {LINES} lines"), &failures);
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = rust("src").filter(|it| !it.is_tests() && !it.text.starts_with("//! "));
    let failures: Vec<_> = silent.map(|it| format!("{}:1", it.path)).collect();
    assert_none("a module opens with `//!`", &failures);
}

#[test]
fn the_direct_dependencies_are_few() {
    let manifest: toml::Table = fs::read_to_string(repository().join("Cargo.toml")).unwrap().parse().unwrap();
    let names: Vec<_> = manifest["dependencies"].as_table().unwrap().keys().collect();
    assert!(names.len() <= DEPENDENCIES, "{} direct dependencies, {DEPENDENCIES} allowed: {names:?}", names.len());
}

/// The names in the first column of the table under the heading "Environment variables".
fn documented_variables(readme: &str) -> BTreeSet<&str> {
    let is_heading =
        |line: &&str| line.starts_with('#') && line.trim_start_matches('#').trim() == "Environment variables";
    let section = readme.lines().skip_while(|line| !is_heading(line)).skip(1);
    let rows = section.take_while(|line| !line.starts_with('#')).filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

#[test]
fn the_readme_has_every_field_of_the_configuration() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let rows = readme.lines().skip_while(|line| *line != "| field | meaning | default |").skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let documented: Vec<&str> =
        rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    let known: BTreeSet<&str> = FIELDS.iter().map(|field| field.name).collect();
    assert_eq!(documented.len(), known.len(), "none twice: {documented:?}");
    assert_eq!(documented.into_iter().collect::<BTreeSet<_>>(), known);
}

#[test]
fn the_readme_lists_every_environment_variable() {
    let Ok(readme) = fs::read_to_string(repository().join("README.md")) else {
        skip::<()>("there is no README.md");
        return;
    };
    let known: BTreeSet<_> = VARIABLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(documented_variables(&readme), known, "README.md and src/host/names.rs name the same variables");
}

#[test]
fn shell_scripts_are_clean() {
    let Some(shellcheck) = require_program("shellcheck") else { return };
    let starts = ["#!/bin/sh", "#!/usr/bin/env bash", "# shellcheck shell="];
    let is_shell = |it: &Source| starts.iter().any(|start| it.text.starts_with(start));
    let scripts = sources("").into_iter().filter(is_shell).map(|it| it.path);
    let output = output(Command::new(shellcheck).current_dir(repository()).args(scripts)).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    // In pieces, or this file would be the first to be found.
    let mut needles: Vec<String> = ["/ro|ot/", "py|pi.org", "python|hosted.org", "anaconda|.org", "npm|js.org"]
        .iter()
        .map(|needle| needle.replace('|', ""))
        .collect();
    needles.push(format!("{}/", repository().display()));
    needles.extend(std::env::home_dir().filter(|it| it.as_os_str().len() > 1).map(|it| format!("{}/", it.display())));
    let mut failures = Vec::new();
    for source in sources("").iter().filter(|it| it.path != "Cargo.lock") {
        for (number, line) in source.lines() {
            for needle in needles.iter().filter(|needle| line.contains(needle.as_str())) {
                failures.push(format!("{}:{number}: `{needle}`", source.path));
            }
        }
    }
    assert_none("no path of one machine, no host of a package registry", &failures);
}

#[test]
fn the_scanners_see_what_they_look_for() {
    assert_eq!(names_behind("use crate::{host::Host, error::Kind};", "crate::"), ["host", "error"]);
    assert_eq!(names_behind("(crate::a::b, mycrate::c, crate::d)", "crate::"), ["a", "d"]);
    assert_eq!(mentioned("use super::super::ui; super::super::thing()", 2), ["ui"]);
    assert_eq!((depth("src/host/mod.rs"), depth("src/host/cmd.rs"), depth("src/error.rs")), (1, 2, 1));
    assert_eq!((top_level_module("src/venv/a/b.rs"), top_level_module("src/main.rs")), (Some("venv"), None));
    assert!(has_word("let x = toml::from_str()", "toml::") && !has_word("my_toml::x", "toml::"));
    assert!(has_word("command.exec()", ".exec(") && !has_word("eprint!(", "print!("));
    let readme =
        "## Environment variables\n\n| name | meaning |\n|---|---|\n| `A_B` | x |\n| `C` | `y` |\n## Next\n| `D` | |\n";
    assert_eq!(documented_variables(readme), BTreeSet::from(["A_B", "C"]));
}
