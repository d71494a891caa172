//! `prime shell` at a terminal: the user's own start-up files first, the environment on top of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::ready;
use crate::support::require_program;
use crate::support::sandbox::Sandbox;
use crate::support::terminal::Shown;

const PRIME: &str = env!("CARGO_BIN_EXE_prime");

/// The user's own: another `python` in front, a prompt, something that is set.
const FILES: [(&str, &str); 5] = [
    (".bashrc", "PATH=$HOME/front:$PATH\nPS1='own> '\nMINE=bashrc\nexport PYTHONHOME=/nowhere\n"),
    (".zshenv", "PATH=$HOME/front:$PATH\nENVIRONMENT=zshenv\n"),
    (".zshrc", "PATH=$HOME/front:$PATH\nPS1='own> '\nMINE=zshrc$ENVIRONMENT\n"),
    ("env", "PATH=$HOME/front:$PATH\nexport PATH\nPS1='own> '\nMINE=env\n"),
    (
        ".config/fish/config.fish",
        "set -gx PATH $HOME/front $PATH\nfunction fish_greeting; end\nfunction fish_prompt; echo 'own> '; end\nset MINE fish\n",
    ),
];

fn with_files(sandbox: Sandbox) -> Sandbox {
    let sandbox =
        FILES.into_iter().fold(sandbox, |sandbox, (name, text)| sandbox.file(&format!("../home/{name}"), text));
    let env = sandbox.home().join("env");
    sandbox.script("../home/front/python", "#!/bin/sh\necho 'not this one'\n").env("ENV", env)
}

/// The shells that are here: the name, the path, and what `MINE` is in it.
fn shells(sandbox: &Sandbox) -> Vec<(&'static str, PathBuf, &'static str)> {
    let all = [("bash", "bashrc"), ("zsh", "zshrczshenv"), ("fish", "fish"), ("dash", "env"), ("sh", "env")];
    let mut found: Vec<_> =
        all.into_iter().filter_map(|(name, mine)| Some((name, require_program(name)?, mine))).collect();
    if let Some(busybox) = require_program("busybox") {
        let link = sandbox.root().join("busybox/ash");
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&busybox, &link).unwrap();
        found.push(("ash", link, "env"));
    }
    found
}

fn typed(sandbox: &Sandbox, shell: &Path, dialog: &[(&str, &str)]) -> Shown {
    sandbox.at_terminal(&[PRIME, "shell"], dialog, |run| run.env("SHELL", shell)).unwrap()
}

/// The prompt's name of an environment is the project's, or the directory's.
fn prompt(sandbox: &Sandbox) -> String {
    let name = sandbox.prime(["env", "--shell", "json"]).output().stdout();
    let value: serde_json::Value = serde_json::from_str(&name).unwrap();
    format!("({}) own> ", value["VIRTUAL_ENV_PROMPT"].as_str().unwrap())
}

#[test]
fn the_users_files_come_first_and_the_environment_on_top() {
    let Some(sandbox) = ready().map(with_files) else { return };
    let prompt = prompt(&sandbox);
    for (name, shell, mine) in shells(&sandbox) {
        let print = r#"python -c 'import os, sys; print("prefix", sys.prefix, os.environ["VIRTUAL_ENV"])'"#;
        let dialog = [
            (prompt.as_str(), format!("{print}\n")),
            (&prompt, "echo mine=$MINE\n".to_owned()),
            (&prompt, "env | grep -i prime | grep -v ^PATH= | grep -v VIRTUAL_ENV | grep -v ^_=; hello\n".to_owned()),
            (&prompt, "exit 7\n".to_owned()),
        ];
        let dialog: Vec<_> = dialog.iter().map(|(shown, typed)| (*shown, typed.as_str())).collect();
        let shown = typed(&sandbox, &shell, &dialog);
        assert_eq!(shown.status, 7, "{name}: {}", shown.text);
        for expected in ["\nprefix [REPO]/.venv [REPO]/.venv\n", &format!("mine={mine}\n"), "Hello from prime"] {
            assert!(shown.text.contains(expected), "{name}: no {expected}: {}", shown.text);
        }
        for never in ["not this one", "PROTOPRIMER", "_PRIME", "_prime"] {
            assert!(!shown.text.contains(never), "{name}: {never}: {}", shown.text);
        }
    }
}

#[test]
fn the_prompt_is_left_alone_where_that_is_asked_for() {
    let Some(sandbox) = ready().map(with_files) else { return };
    let prompt = prompt(&sandbox);
    let sandbox = sandbox.env("VIRTUAL_ENV_DISABLE_PROMPT", "1");
    for (name, shell, _) in shells(&sandbox) {
        let shown = typed(&sandbox, &shell, &[("own> ", "echo $VIRTUAL_ENV; exit\n")]);
        assert!(shown.status == 0 && !shown.text.contains(&prompt), "{name}: {}", shown.text);
        assert!(shown.text.contains("\n[REPO]/.venv\n"), "{name}: {}", shown.text);
    }
}

#[test]
fn without_any_file_of_the_users_own_it_is_the_same() {
    let Some(sandbox) = ready() else { return };
    let name = prompt(&sandbox).replace(" own> ", "");
    for (shell_name, shell, _) in shells(&sandbox) {
        let shown = typed(&sandbox, &shell, &[(&name, "command -v python; exit 3\n")]);
        assert_eq!(shown.status, 3, "{shell_name}: {}", shown.text);
        assert!(shown.text.contains("\n[REPO]/.venv/bin/python\n"), "{shell_name}: {}", shown.text);
    }
}

#[test]
fn zsh_keeps_the_directory_of_its_files_and_its_history() {
    let (Some(sandbox), Some(zsh)) = (ready().map(with_files), require_program("zsh")) else { return };
    let prompt = prompt(&sandbox);
    let print = "echo dir=${ZDOTDIR-unset} history=$HISTFILE mine=$MINE; exit\n";
    let history = "HISTFILE=${ZDOTDIR:-$HOME}/.zsh_history\n";
    let sandbox = sandbox.file("../home/.zshrc", format!("{}{history}", FILES[2].1));
    let shown = typed(&sandbox, &zsh, &[(&prompt, print)]);
    let expected = "dir=unset history=[HOME]/.zsh_history mine=zshrczshenv\n";
    assert!(shown.text.contains(expected), "{}", shown.text);
    // Once from outside, once by the user's own `.zshenv`.
    let moved = sandbox.home().join("zdot");
    let rc = format!("PS1='own> '\nMINE=moved\n{history}");
    let sandbox = sandbox.file("../home/zdot/.zshrc", &rc).file("../home/zdot/.zshenv", "");
    let sandbox = sandbox.file("../home/.zshenv", "ZDOTDIR=$HOME/zdot\n");
    for variable in ["ZDOTDIR", "UNUSED"] {
        let dialog = [(prompt.as_str(), print)];
        let run = sandbox.at_terminal(&[PRIME, "shell"], &dialog, |it| it.env("SHELL", &zsh).env(variable, &moved));
        let run = run.unwrap();
        let expected = "dir=[HOME]/zdot history=[HOME]/zdot/.zsh_history mine=moved\n";
        assert!(run.text.contains(expected), "{variable}: {}", run.text);
    }
}

#[test]
fn a_shell_within_a_shell_is_noticed() {
    let (Some(sandbox), Some(bash)) = (ready().map(with_files), require_program("bash")) else { return };
    let prompt = prompt(&sandbox);
    let dialog = [
        (prompt.as_str(), "prime shell\n"),
        ("is active in this shell already", ""),
        (&prompt, "echo level $SHLVL; exit 4\n"),
        (&prompt, "echo back $?; exit 5\n"),
    ];
    let shown = typed(&sandbox, &bash, &dialog);
    assert_eq!(shown.status, 5, "{}", shown.text);
    let notice = "warning: `[REPO]/.venv` is active in this shell already; `exit` comes back to it\n";
    assert_eq!(shown.text.matches(notice).count(), 1, "{}", shown.text);
    assert!(shown.text.contains("back 4\n") && !shown.text.contains(&format!("({prompt}")), "{}", shown.text);
}

#[test]
fn what_shells_read_is_kept_where_it_can_be_written() {
    let Some(sandbox) = ready().map(with_files) else { return };
    let prompt = prompt(&sandbox);
    for (name, shell, _) in shells(&sandbox) {
        let shown = typed(&sandbox, &shell, &[(&prompt, "exit\n")]);
        assert_eq!(shown.status, 0, "{name}: {}", shown.text);
    }
    // fish leaves a directory of its own.
    let left = fs::read_dir(sandbox.root().join("tmp")).unwrap().map(|it| it.unwrap().file_name());
    assert_eq!(left.filter(|it| !it.to_string_lossy().starts_with("fish.")).collect::<Vec<_>>(), [""; 0]);
    // Where the repository cannot be written it is the cache, and where that cannot either the shell starts all the same.
    for (cache, warned) in [(sandbox.cache(), false), ("/proc/none".into(), true)] {
        fs::remove_dir_all(sandbox.repo().join(".prime/shell")).ok();
        fs::write(sandbox.repo().join(".prime/shell"), "").unwrap();
        for (name, shell, _) in shells(&Sandbox::new()).into_iter().filter(|(name, ..)| *name != "fish") {
            let dialog = [("own> ", "echo in $VIRTUAL_ENV; exit 6\n")];
            let shown = sandbox
                .at_terminal(&[PRIME, "shell"], &dialog, |it| it.env("SHELL", &shell).env("XDG_CACHE_HOME", &cache));
            let shown = shown.unwrap();
            assert!(shown.status == 6 && shown.text.contains("in [REPO]/.venv\n"), "{name}: {}", shown.text);
            assert_eq!(shown.text.contains("warning: there is no place"), warned, "{name}: {}", shown.text);
            assert_eq!(shown.text.contains(&prompt), !warned, "{name}: {}", shown.text);
        }
        fs::remove_file(sandbox.repo().join(".prime/shell")).unwrap();
    }
}
