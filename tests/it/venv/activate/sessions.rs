//! Activate, look, activate again, deactivate: the same for every name.

use super::shell::{Mode, Shell};
use super::{Environment, HARMLESS, HOSTILE, Templates, distinct, is_pwned};

/// All templates in one shell: what it sees with a hostile name is what it sees with a harmless one.
fn sessions(shell: &'static str) {
    let Some(shell) = Shell::new(shell) else { return };
    for templates in distinct(&shell) {
        for mode in [Mode::Usual, Mode::Strict, Mode::NoPrompt].into_iter().filter(|it| shell.has(*it)) {
            let expected = session(&shell, templates, HARMLESS, mode);
            // The modes differ in what they do, not in how they read it.
            let names = if mode == Mode::Usual { &HOSTILE[..] } else { &HOSTILE[1..3] };
            for name in names {
                let seen = session(&shell, templates, name, mode);
                if templates.can(shell.name, name) {
                    assert_eq!(seen, expected, "{} {mode:?} {name:?} {templates:?}", shell.name);
                }
            }
        }
    }
}

fn session(shell: &Shell, templates: &Templates, name: &str, mode: Mode) -> String {
    let root = tempfile::tempdir().unwrap();
    let parent = root.path().join("environments");
    let environment = Environment::new(templates, &parent, name);
    let seen = shell.session(&shell.script(&environment.dir.join("bin")), root.path(), mode);
    assert!(!is_pwned(root.path()) && !is_pwned(&parent), "{} {name:?} {templates:?}: {seen:?}", shell.name);
    let report = seen.report(&environment);
    if matches!(templates, Templates::Own) {
        assert_eq!((seen.status, seen.errors.as_str()), (Some(0), ""), "{} {mode:?} {name:?}", shell.name);
        assert_eq!(seen.changes(1), seen.changes(2), "{} does not stack", shell.name);
        assert!(
            seen.changes(3).is_empty() && seen.set.is_empty() && seen.left.trim().is_empty(),
            "{}: {report}",
            shell.name
        );
    }
    report
}

#[test]
fn bash_sees_the_same_whatever_the_name() {
    sessions("bash");
}

#[test]
fn zsh_sees_the_same_whatever_the_name() {
    sessions("zsh");
}

#[test]
fn dash_sees_the_same_whatever_the_name() {
    sessions("dash");
}

#[test]
fn ash_sees_the_same_whatever_the_name() {
    sessions("busybox");
}

#[test]
fn fish_sees_the_same_whatever_the_name() {
    sessions("fish");
}

#[test]
fn tcsh_sees_the_same_whatever_the_name() {
    sessions("tcsh");
}
