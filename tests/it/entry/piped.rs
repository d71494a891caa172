//! `prime shell` for commands: from a pipe, from a file, and with `-c`.

use std::fs;
use std::path::PathBuf;

use super::ready;
use crate::support::hello::GREETING;
use crate::support::require_program;
use crate::support::sandbox::Sandbox;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "dash", "sh"];

/// Start-up files that put another `python` in front, for shells without a terminal.
fn with_files(sandbox: Sandbox) -> Sandbox {
    let text = "PATH=$HOME/front:$PATH\nexport PATH MINE=1\n";
    let sandbox = sandbox.file("../home/.zshenv", text).file("../home/bash env", text);
    let sandbox = sandbox.file("../home/.config/fish/config.fish", "set -gx PATH $HOME/front $PATH; set -gx MINE 1\n");
    // bash takes it for a word with variables.
    sandbox.script("../home/front/python", "#!/bin/sh\necho 'not this one'\n").env("BASH_ENV", "${HOME}/bash env")
}

fn shells() -> impl Iterator<Item = PathBuf> {
    SHELLS.into_iter().filter_map(require_program)
}

#[test]
fn commands_from_a_pipe_run_in_the_environment_and_their_status_is_the_status() {
    let Some(sandbox) = ready().map(with_files) else { return };
    for shell in shells() {
        let script = "command -v python\npython -c 'import sys; print(sys.prefix)'\nhello\nexit 7\n";
        let run = sandbox.prime(["shell"]).env("SHELL", &shell).stdin(script).code(7);
        run.stdout(format!("[REPO]/.venv/bin/python\n[REPO]/.venv\n{GREETING}")).run();
        for (script, code) in [("", 0), ("true\n", 0), ("sh -c 'exit 9'", 9), ("false\n", 1)] {
            sandbox.prime(["shell"]).env("SHELL", &shell).stdin(script).code(code).run();
        }
    }
}

#[test]
fn the_users_files_count_and_their_variables_are_as_they_were() {
    let Some(sandbox) = ready().map(with_files) else { return };
    for shell in shells() {
        let run = sandbox.prime(["shell"]).env("SHELL", &shell).stdin("env\n").output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()));
        let text = sandbox.redact(&run.stdout());
        let has = |line: &str| text.lines().any(|it| it == line);
        let name = shell.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(has("MINE=1"), !["sh", "dash"].contains(&&*name), "{name}: {text}");
        assert!(has("BASH_ENV=${HOME}/bash env") && !has("ZDOTDIR"), "{name}: {text}");
        assert!(has("VIRTUAL_ENV=[REPO]/.venv") && text.contains("\nVIRTUAL_ENV_PROMPT="), "{name}: {text}");
        for ours in ["PROTOPRIMER", "_PRIME", "_prime"] {
            assert!(!text.contains(ours), "{name}: {text}");
        }
    }
}

#[test]
fn a_command_may_read_what_follows_it_in_the_pipe() {
    let Some(sandbox) = ready() else { return };
    // dash reads ahead.
    for shell in ["bash", "zsh"].into_iter().filter_map(require_program) {
        let run = sandbox.prime(["shell"]).env("SHELL", &shell).stdin("read line\nsome words\necho \"<$line>\"\n");
        run.stdout("<some words>\n").run();
    }
}

#[test]
fn a_command_line_runs_as_with_boot() {
    let Some(sandbox) = ready().map(with_files) else { return };
    for shell in shells() {
        let run = sandbox.prime(["shell", "-c", "hello; cat; exit 5"]).env("SHELL", &shell).stdin("input\n").code(5);
        run.stdout(format!("{GREETING}input\n")).run();
    }
}

#[test]
fn a_shell_boots_first_where_the_environment_is_not_ready() {
    let Some((sandbox, _index)) = super::unready() else { return };
    let run = sandbox.prime(["-q", "shell"]).env("SHELL", "/bin/sh").stdin("hello\nexit 3\n");
    run.stdout(GREETING).code(3).run();
}

#[test]
fn which_shell_it_is() {
    let Some(sandbox) = ready() else { return };
    let unknown = "warning: `/usr/bin/env` is no shell that `prime` knows; `sh` is started in its stead\n";
    let run = sandbox.prime(["shell"]).env("SHELL", "/usr/bin/env").stdin("echo ${BASH_VERSION-sh}\n");
    assert_eq!((run.output().code(), run.output().stderr().as_str()), (0, unknown));
    // The login shell of whoever runs this, else sh.
    for shell in ["/nowhere/zsh", ""] {
        sandbox.prime(["shell"]).env("SHELL", shell).stdin("exit 4\n").code(4).run();
    }
    sandbox.prime(["shell"]).env_remove("SHELL").env_remove("HOME").stdin("exit 4\n").code(4).run();
    let Some(bash) = require_program("bash") else { return };
    let run = sandbox.prime(["shell"]).env("SHELL", "bash").stdin("echo ${BASH_VERSION:+bash}\n");
    run.stdout("bash\n").run();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let uid = nix::unistd::getuid().to_string();
    let of_user = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|it| it.get(2) == Some(&&*uid));
    if of_user.and_then(|it| it.last().copied().map(str::to_owned)).is_some_and(|it| it.ends_with("/bash")) {
        let run = sandbox.prime(["shell"]).env_remove("SHELL").stdin("echo ${BASH_VERSION:+bash}\n");
        run.stdout("bash\n").run();
    }
    assert!(bash.is_file());
}

#[test]
fn a_hostile_path_of_the_repository_is_a_path() {
    let Some(sandbox) = ready() else { return };
    let Some(uv) = crate::support::real_uv::real_uv() else { return };
    let root = sandbox.root().join("it's a \"path\" $(touch PWNED) `x`;ünï☃");
    fs::create_dir(&root).unwrap();
    for (name, text) in [(".python-version", sandbox.read(".python-version")), ("requirements.txt", String::new())] {
        fs::write(root.join(name), text).unwrap();
    }
    let dir = root.to_str().unwrap();
    let boot = sandbox.prime(["-q", "-C", dir]).env("PRIME_UV", &uv.executable).output();
    assert_eq!((boot.code(), boot.stderr()), (0, String::new()));
    for shell in shells() {
        let script = "python -c 'import sys; print(sys.prefix)'; exit 2\n";
        let run = sandbox.prime(["-C", dir, "shell"]).env("SHELL", &shell).stdin(script).output();
        assert_eq!((run.code(), run.stdout()), (2, format!("{dir}/.venv\n")), "{}", run.stderr());
    }
    assert!(!sandbox.repo().join("PWNED").exists());
}
