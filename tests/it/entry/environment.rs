//! `prime env`: what is printed comes back, whoever reads it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::{ready, unready};
use crate::support::require_program;

/// A `PATH` that no reader can take for anything but itself.
const HOSTILE: &str =
    "/a b:/it's:/\"q\":/$(touch PWNED)`touch PWNED`$HOME:/back\\slash\\n:/#no comment:/ünï ☃:/end-*?[x]";

#[test]
fn a_shell_that_evaluates_it_is_in_the_environment() {
    let Some(sandbox) = ready() else { return };
    for (shell, format) in [("sh", "sh"), ("dash", "sh"), ("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let Some(shell) = require_program(shell) else { continue };
        let source = match format {
            "fish" => "prime env --shell fish | source",
            format => &format!("eval \"$(prime env --shell {format})\""),
        };
        let script = format!("{source}; {source}; command -v hello; env");
        let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
        let run = sandbox.command(&shell).args(["-c", &script]).env("PATH", &path).env("PYTHONHOME", "/nowhere");
        let run = run.env("PYTHONPATH", "/nowhere").env("VIRTUAL_ENV", "/other").output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()), "{}", shell.display());
        let text = sandbox.redact(&run.stdout());
        let has = |line: &str| text.lines().any(|it| it == line);
        assert!(text.starts_with("[REPO]/.venv/bin/hello\n") && has("VIRTUAL_ENV=[REPO]/.venv"), "{text}");
        assert!(has("PATH=[REPO]/.venv/bin:[BIN]:/usr/bin:/bin") && !text.contains("PYTHON"), "{text}");
    }
}

#[test]
fn every_value_comes_back_from_every_shell() {
    let Some(sandbox) = ready() else { return };
    let hostile = format!("{HOSTILE}:/new\nline");
    for (shell, format) in [("sh", "sh"), ("dash", "sh"), ("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let Some(shell) = require_program(shell) else { continue };
        let code = sandbox.prime(["env", "--shell", format]).env("PATH", &hostile).output();
        assert_eq!(code.code(), 0);
        let print = if format == "fish" { "string join : -- $PATH" } else { "printf '%s\\n' \"$PATH\"" };
        let script = format!("{}\n{print}", code.stdout());
        let run = sandbox.command(&shell).args(["-c", &script]);
        run.stdout(format!("[REPO]/.venv/bin:{hostile}\n")).run();
    }
    assert!(!sandbox.repo().join("PWNED").exists());
}

#[test]
fn json_dotenv_and_github_are_read_as_their_readers_read_them() {
    let Some(sandbox) = ready() else { return };
    let hostile = format!("{HOSTILE}:/new\nline\nend-0\nX=1");
    let printed = |format: &str, path: &str| {
        let run = sandbox.prime(["env", "--shell", format]).env("PATH", path).output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()));
        run.stdout()
    };
    let expected = format!("{}/.venv/bin:{hostile}", sandbox.repo().display());
    let json: serde_json::Value = serde_json::from_str(&printed("json", &hostile)).unwrap();
    assert_eq!((json["PATH"].as_str(), json["PYTHONPATH"].is_null()), (Some(&*expected), true));
    // What is quoted at all is quoted as sh quotes.
    for path in [&hostile, HOSTILE, "/it's:/$x`\"\\", "/plain:/b", "/with space\\n:/$x"] {
        let script = format!("set -a\n{}printf '%s\\n' \"$PATH\"", printed("dotenv", path));
        let run = sandbox.command("/bin/sh").args(["-c", &script]);
        run.stdout(format!("[REPO]/.venv/bin:{path}\n")).run();
    }
    assert!(printed("dotenv", "/plain").contains("/.venv/bin:/plain\n"));
    let (first, second) = (printed("github", &hostile), printed("github", &hostile));
    assert_ne!(first, second, "the delimiter is made up each time");
    assert_eq!(from_github(&first)["PATH"], expected);
    assert_eq!(from_github(&first)["VIRTUAL_ENV"], format!("{}/.venv", sandbox.repo().display()));
}

/// The variables of such a file, read by the rules of its documentation.
fn from_github(text: &str) -> std::collections::BTreeMap<String, String> {
    let (mut found, mut lines) = (std::collections::BTreeMap::new(), text.lines());
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|it| *it != delimiter).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}

#[test]
fn bytes_that_are_no_text_are_kept_where_that_is_possible() {
    let Some(sandbox) = ready() else { return };
    let path = OsString::from_vec(b"/\xff\xfe".to_vec());
    let run = sandbox.prime(["env", "--shell", "sh"]).env("PATH", &path).output();
    assert!(run.stdout.windows(4).any(|it| it == b"/\xff\xfe'"), "{}", run.stdout());
    let run = sandbox.prime(["env", "--shell", "json"]).env("PATH", &path).code(65);
    run.stderr("error: `PATH` is not UTF-8, which JSON would need\nhint: use `--shell sh`\n").run();
}

#[test]
fn it_prints_nothing_unless_the_environment_is_ready_and_boots_when_told_to() {
    let Some((sandbox, _index)) = unready() else { return };
    let run = sandbox.prime(["env", "--shell", "sh"]).output();
    assert_eq!((run.code(), run.stdout()), (78, String::new()));
    let run = sandbox.prime(["-q", "env", "--shell", "sh", "--boot"]).output();
    assert_eq!((run.code(), run.stderr()), (0, String::new()));
    assert_eq!(run.stdout(), sandbox.prime(["env", "--shell", "sh"]).output().stdout());
    let fish = sandbox.prime(["env"]).env("SHELL", "/usr/bin/fish").output().stdout();
    assert!(fish.starts_with("set -gx VIRTUAL_ENV"), "{fish}");
    for shell in ["/bin/zsh", ""] {
        assert_eq!(sandbox.prime(["env"]).env("SHELL", shell).output().stdout(), run.stdout());
    }
}
