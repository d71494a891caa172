//! `prime -c`: a command line in the user's own shell, with the environment active.

use std::path::PathBuf;

use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::real_uv::real_uv;
use crate::support::require_program;
use crate::support::sandbox::Sandbox;

/// Puts another `python` in front, in every language.
const STARTUP_FILES: [(&str, &str); 9] = [
    (".zshenv", "PATH=$HOME/front:$PATH; export PATH"),
    (".zprofile", "PATH=$HOME/front:$PATH; export PATH"),
    (".zshrc", "PATH=$HOME/front:$PATH; export PATH"),
    (".profile", "PATH=$HOME/front:$PATH; export PATH"),
    (".bashrc", "PATH=$HOME/front:$PATH; export PATH"),
    (".bash_profile", "PATH=$HOME/front:$PATH; export PATH"),
    ("bash_env", "PATH=$HOME/front:$PATH; export PATH"),
    ("env", "PATH=$HOME/front:$PATH; export PATH"),
    (".config/fish/config.fish", "set -gx PATH $HOME/front $PATH\nfunction fish_greeting; echo welcome; end"),
];

/// A ready repo, and a home whose start-up files put another `python` in front.
fn ready() -> Option<Sandbox> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv);
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    let home = sandbox.home();
    let at_home = |sandbox: Sandbox, name: &str, text: &str| sandbox.file(&format!("../home/{name}"), text);
    let sandbox = STARTUP_FILES.into_iter().fold(sandbox, |sandbox, (name, text)| at_home(sandbox, name, text));
    let sandbox = sandbox.script("../home/front/python", "#!/bin/sh\necho 'not this one'\n");
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    let sandbox = sandbox.env("PATH", path).env("BASH_ENV", home.join("bash_env")).env("ENV", home.join("env"));
    Some(sandbox)
}

/// The shells that are here, each by the path that `SHELL` would have.
fn shells(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut found: Vec<_> = ["bash", "zsh", "fish", "dash", "sh"].into_iter().filter_map(require_program).collect();
    if let Some(busybox) = require_program("busybox") {
        // Which of its shells it is it knows by its name.
        for name in ["sh", "ash"] {
            let link = sandbox.root().join("busybox").join(name);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(&busybox, &link).unwrap();
            found.push(link);
        }
    }
    found
}

#[test]
fn the_environments_python_is_first_whatever_the_start_up_files_do() {
    let Some(sandbox) = ready() else { return };
    for shell in shells(&sandbox) {
        let command = "command -v python; python -c 'import sys; print(sys.prefix)'; hello";
        let expected = format!("[REPO]/.venv/bin/python\n[REPO]/.venv\n{GREETING}");
        sandbox.prime(["-c", command]).env("SHELL", &shell).stdout(expected).run();
    }
}

#[test]
fn the_start_up_files_are_otherwise_the_users() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("../home/.zshenv", "export MINE=1").file("../home/bash_env", "export MINE=1");
    let sandbox = sandbox.file("../home/.config/fish/config.fish", "set -gx MINE 1");
    for name in ["bash", "zsh", "fish"] {
        let Some(shell) = require_program(name) else { continue };
        sandbox.prime(["-c", "echo $MINE"]).env("SHELL", shell).stdout("1\n").run();
    }
}

#[test]
fn the_status_of_the_command_passes() {
    let Some(sandbox) = ready() else { return };
    for shell in shells(&sandbox) {
        let own_pid = if shell.ends_with("fish") { "$fish_pid" } else { "$$" };
        for (command, code) in [("true", 0), ("exit 7", 7), (&format!("kill -TERM {own_pid}"), 143), ("false", 1)] {
            sandbox.prime(["-c", command]).env("SHELL", &shell).code(code).run();
        }
        let missing = sandbox.prime(["-c", "no-such-command"]).env("SHELL", &shell).output();
        assert_eq!(missing.code(), 127, "{}: {}", shell.display(), missing.stderr());
    }
}

#[test]
fn the_status_passes_from_a_cold_boot_too() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    for (args, code) in [(["-q", "-c", "exit 7"], 7), (["-q", "-c", "hello >/dev/null"], 0)] {
        let sandbox = hello(python).index(&index).link_uv(uv).env("SHELL", "/bin/sh");
        sandbox.prime(args).code(code).run();
    }
}

#[test]
fn input_reaches_the_command() {
    let Some(sandbox) = ready() else { return };
    for shell in shells(&sandbox) {
        let cat = sandbox.prime(["-c", "cat"]).env("SHELL", &shell).stdin("one\ntwo\n");
        cat.stdout("one\ntwo\n").run();
        let python = sandbox.prime(["-c", "python -c 'print(input())'"]).env("SHELL", &shell).stdin("a b\n");
        python.stdout("a b\n").run();
    }
}

#[test]
fn the_command_reaches_the_shell_unharmed() {
    let Some(sandbox) = ready() else { return };
    let home = sandbox.home().display().to_string();
    for (command, expected) in [
        (r#"echo '"$HOME"' "$HOME" "a  b""#, format!("\"$HOME\" {home} a  b\n")),
        (r#"echo "it's" \$x '\n' # no comment"#, "it's $x \\n\n".to_owned()),
        ("echo one\necho two", "one\ntwo\n".to_owned()),
        ("echo one; echo two && echo three || echo four", "one\ntwo\nthree\n".to_owned()),
        ("echo '%s' '*' '~' | cat", "%s * ~\n".to_owned()),
        ("  echo spaces  ", "spaces\n".to_owned()),
        ("echo zwölf ☃", "zwölf ☃\n".to_owned()),
        ("# nothing but a comment", String::new()),
    ] {
        for shell in shells(&Sandbox::new()) {
            let run = sandbox.prime(["-c", command]).env("SHELL", &shell).output();
            // echo may take `\n` for a line break.
            let said = if expected.contains("\\n") { run.stdout().replace(" \n\n", " \\n\n") } else { run.stdout() };
            assert_eq!((said, run.stderr()), (expected.clone(), String::new()), "{}: {command}", shell.display());
        }
    }
}

#[test]
fn none_of_our_variables_is_seen_and_the_environment_is_active() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", "venv_uv").env("PYTHONHOME", "/nowhere").env("KEPT", "yes");
    // The stamp knows no such variable: the first run makes it ready again.
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    for shell in shells(&sandbox) {
        let run = sandbox.prime(["-c", "env"]).env("SHELL", &shell).output();
        assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
        let text = sandbox.redact(&run.stdout());
        assert!(!text.contains("PROTOPRIMER") && !text.contains("PYTHONHOME"), "{}: {text}", shell.display());
        assert!(text.contains("VIRTUAL_ENV=[REPO]/.venv\n") && text.contains("KEPT=yes\n"), "{text}");
    }
}

#[test]
fn a_shell_that_is_unknown_or_not_there_is_replaced() {
    let Some(sandbox) = ready() else { return };
    for shell in ["/bin/nu", "/nowhere/zsh", "", "busybox", "/usr/bin/busybox", "python"] {
        let run = sandbox.prime(["-c", "python -c 'print(1)'; exit 3"]).env("SHELL", shell);
        run.stdout("1\n").code(3).run();
    }
    sandbox.prime(["-c", "echo unset"]).env_remove("SHELL").stdout("unset\n").run();
}

#[test]
fn a_shell_by_its_name_alone_is_looked_up() {
    let Some(sandbox) = ready() else { return };
    if require_program("bash").is_none() {
        return;
    }
    sandbox.prime(["-c", "echo ${BASH_VERSION:+bash}"]).env("SHELL", "bash").stdout("bash\n").run();
}

#[test]
fn dash_c_belongs_to_boot_and_not_to_run() {
    let Some(sandbox) = ready() else { return };
    sandbox.prime(["boot", "-c", "echo boot"]).env("SHELL", "/bin/sh").stdout("boot\n").run();
    let run = sandbox.prime(["-c", "echo", "run", "--", "hello"]).code(2);
    run.stderr("error: `-c` and `run` exclude each other\nhint: use `prime -c 'CMD'` or `prime run -- CMD`\n").run();
}
