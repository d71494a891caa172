//! Prompts are expanded when they are shown, long after the script was read.

use super::shell::Shell;
use super::{Environment, HARMLESS, HOSTILE, distinct, is_pwned};
use crate::support::write;

fn shown(shell: &'static str, expanded: &str) {
    let Some(shell) = Shell::new(shell) else { return };
    for templates in distinct(&shell) {
        for name in HOSTILE {
            let root = tempfile::tempdir().unwrap();
            let parent = root.path().join("environments");
            let environment = Environment::new(templates, &parent, name);
            let link = root.path().join("link");
            std::os::unix::fs::symlink(environment.dir.join("bin"), &link).unwrap();
            let script = shell.script(&link);
            let source = if shell.name == "tcsh" { "source" } else { "." };
            let typed = format!("{source} {}\necho one\necho two\ndeactivate\nexit\n", script.display());
            let seen = shell.interactive(root.path(), &typed);
            let at = format!("{} {name:?} {templates:?}: {seen}", shell.name);
            assert!(!is_pwned(root.path()) && !is_pwned(&parent), "{at}");
            let blank = |it: char| it.is_ascii_control() || expanded.contains(it);
            let prompt = name.replace(blank, "_");
            assert!(seen.contains(&prompt) || !templates.can(shell.name, name), "the prompt is not shown: {at}");
        }
    }
}

#[test]
fn bash_shows_a_prompt_and_runs_nothing() {
    shown("bash", "$`\\!%");
}

#[test]
fn zsh_shows_a_prompt_and_runs_nothing() {
    shown("zsh", "$`\\!%");
}

#[test]
fn dash_shows_a_prompt_and_runs_nothing() {
    shown("dash", "$`\\!%");
}

#[test]
fn ash_shows_a_prompt_and_runs_nothing() {
    shown("busybox", "$`\\!%");
}

#[test]
fn tcsh_shows_a_prompt_and_runs_nothing() {
    shown("tcsh", "$`\\!%^");
}

/// Or the other tests would show nothing.
#[test]
fn where_nothing_is_quoted_the_names_do_run_something() {
    for (shell, line) in [("bash", "PS1"), ("dash", "PS1"), ("zsh", "PS1"), ("tcsh", "setenv X")] {
        let Some(shell) = Shell::new(shell) else { continue };
        let root = tempfile::tempdir().unwrap();
        let environment = Environment::new(&super::Templates::Own, root.path(), HARMLESS);
        let script = shell.script(&environment.dir.join("bin"));
        let text = if line == "PS1" {
            format!("PS1='{}'\n", HOSTILE[1])
        } else {
            format!("{line} \"{}\"\n", HOSTILE[1].replace('$', ""))
        };
        write(&script, text.as_bytes(), 0o644);
        let source = if shell.name == "tcsh" { "source" } else { "." };
        shell.interactive(root.path(), &format!("{source} {}\necho one\nexit\n", script.display()));
        assert!(is_pwned(root.path()), "{}", shell.name);
    }
}
