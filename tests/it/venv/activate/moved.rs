//! Our own scripts find their environment, wherever it went and however they are named.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::shell::{Mode, Seen, Shell};
use super::{Environment, HARMLESS, HOSTILE, Templates, distinct};

const SHELLS: [&str; 6] = ["bash", "zsh", "dash", "busybox", "fish", "tcsh"];

fn virtual_env(seen: &Seen) -> Option<&str> {
    let found = seen.env[1].get("VIRTUAL_ENV").map(String::as_str);
    let first = seen.env[1].get("PATH").and_then(|path| path.split(':').next());
    assert_eq!(found.map(|it| format!("{it}/bin")).as_deref(), first);
    found
}

fn shells() -> impl Iterator<Item = Shell> {
    SHELLS.into_iter().filter_map(Shell::new)
}

#[test]
fn an_environment_may_be_moved() {
    for shell in shells() {
        for name in ["moved", HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[6], HOSTILE[7]] {
            let root = tempfile::tempdir().unwrap();
            let environment = Environment::new(&Templates::Own, &root.path().join("environments"), HARMLESS);
            let moved = root.path().join(name);
            fs::rename(&environment.dir, &moved).unwrap();
            let seen = shell.session(&shell.script(&moved.join("bin")), root.path(), Mode::Usual);
            assert_eq!(virtual_env(&seen), moved.to_str(), "{}: {seen:?}", shell.name);
            assert_eq!(seen.pythons, ["venv\n", "base\n"]);
            assert!(!super::is_pwned(root.path()));
        }
    }
}

#[test]
fn a_copy_is_not_taken_for_what_it_is_a_copy_of() {
    for shell in shells() {
        let root = tempfile::tempdir().unwrap();
        let parent = root.path().join("environments");
        let environment = Environment::new(&Templates::Own, &parent, HARMLESS);
        let copy = Environment::new(&Templates::Own, &root.path().join("environments"), "copy").dir;
        for script in ["activate", "activate.fish", "activate.csh"] {
            fs::copy(environment.dir.join("bin").join(script), copy.join("bin").join(script)).unwrap();
        }
        let seen = shell.session(&shell.script(&copy.join("bin")), root.path(), Mode::Usual);
        assert_eq!(virtual_env(&seen), copy.to_str(), "{}: {seen:?}", shell.name);
    }
}

/// Ways to name a script from a directory, and where that leads once `old` has become `new`.
fn named(root: &Path, script: &str) -> Vec<(PathBuf, PathBuf, PathBuf)> {
    let new = root.join("new");
    symlink("new", root.join("linked")).unwrap();
    vec![
        (root.to_owned(), Path::new("new/bin").join(script), new.clone()),
        (new.join("bin"), Path::new(".").join(script), new.clone()),
        (root.to_owned(), Path::new("new//bin/../bin").join(script), new.clone()),
        (root.to_owned(), root.join("linked/bin").join(script), root.join("linked")),
    ]
}

#[test]
fn it_may_be_named_in_any_way() {
    for shell in shells() {
        let root = tempfile::tempdir().unwrap();
        let environment = Environment::new(&Templates::Own, root.path(), "old");
        fs::rename(&environment.dir, root.path().join("new")).unwrap();
        let script = shell.script(Path::new("")).to_str().unwrap().to_owned();
        for (dir, script, expected) in named(root.path(), &script) {
            let seen = shell.session(&script, &dir, Mode::Usual);
            // Some shells tell the path that was written, others where it leads.
            let found = virtual_env(&seen).map(Path::new).unwrap();
            let right = found == expected || found == expected.canonicalize().unwrap();
            assert!(right, "{} {}: {seen:?}", shell.name, script.display());
        }
    }
}

#[test]
fn where_it_was_made_it_has_the_name_that_was_recorded() {
    for shell in shells() {
        let root = tempfile::tempdir().unwrap();
        let environment = Environment::new(&Templates::Own, &root.path().join("environments"), HARMLESS);
        symlink(&environment.dir, root.path().join("linked")).unwrap();
        let scripts = [environment.dir.join("bin"), root.path().join("linked/bin")];
        for script in scripts.map(|bin| shell.script(&bin)) {
            let seen = shell.session(&script, root.path(), Mode::Usual);
            assert_eq!(virtual_env(&seen), environment.dir.to_str(), "{} {}", shell.name, script.display());
        }
    }
}

#[test]
fn a_link_to_the_script_alone_leads_to_what_was_recorded() {
    for shell in shells() {
        let root = tempfile::tempdir().unwrap();
        let environment = Environment::new(&Templates::Own, &root.path().join("environments"), HARMLESS);
        let link = shell.script(root.path());
        symlink(shell.script(&environment.dir.join("bin")), &link).unwrap();
        let seen = shell.session(&link, root.path(), Mode::Usual);
        assert_eq!(virtual_env(&seen), environment.dir.to_str(), "{}", shell.name);
    }
}

#[test]
fn one_environment_takes_the_place_of_another_whoever_made_it() {
    for shell in shells() {
        for other in distinct(&shell) {
            for templates in [[&Templates::Own, other], [other, &Templates::Own]] {
                let root = tempfile::tempdir().unwrap();
                let parent = root.path().join("environments");
                let bins = ["one", "two"].map(|name| parent.join(name).join("bin"));
                Environment::new(templates[0], &parent, "one");
                Environment::new(templates[1], &parent, "two");
                let source = if shell.name == "tcsh" { "source" } else { "." };
                let both = bins.map(|bin| format!("{source} {}\n", shell.script(&bin).display())).concat();
                let script = root.path().join("both");
                fs::write(&script, both).unwrap();
                let seen = shell.session(&script, root.path(), Mode::Usual);
                let at = format!("{} {templates:?}: {seen:?}", shell.name);
                assert_eq!(virtual_env(&seen), parent.join("two").to_str(), "{at}");
                assert_eq!(seen.changes(1).get("PATH"), seen.changes(2).get("PATH"), "{at}");
                assert!(!seen.changes(3).contains_key("PATH"), "{at}");
                assert_eq!(seen.prompt.matches("one").count(), 0, "{at}");
            }
        }
    }
}
