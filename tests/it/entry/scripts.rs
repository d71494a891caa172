//! Scripts whose first line names `prime`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::symlink;

use super::{SCRIPT, ready};
use crate::support::write;

/// Both first lines.
const FIRST_LINES: [&str; 2] = ["#!/usr/bin/env -S prime start", "#!/usr/bin/env prime"];

fn script(line: &str) -> String {
    format!("{line}\n{SCRIPT}")
}

#[test]
fn a_script_runs_in_its_repository_from_anywhere_through_links_and_without_an_extension() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("../other/prime.toml", "").file("../other/requirements.txt", "");
    for (number, line) in FIRST_LINES.into_iter().enumerate() {
        let path = sandbox.repo().join(format!("tools/look{number}"));
        write(&path, script(line).as_bytes(), 0o755);
        let (first, second) = (sandbox.home().join(format!("a{number}")), sandbox.home().join(format!("b{number}")));
        symlink(&path, &first).unwrap();
        symlink(&first, &second).unwrap();
        for dir in [".", "src", "../other", "/"] {
            for path in [&path, &first, &second] {
                let run = sandbox.command(path).args(["one"]).current_dir(dir);
                let argv = format!("[b'{}', b'one']", sandbox.redact(&path.display().to_string()));
                run.stdout(format!("{argv}\n[REPO]/tools [REPO]/.venv hello.probe None\n[]\n")).run();
            }
        }
    }
}

#[test]
fn a_script_is_found_on_path_by_its_name() {
    let Some(sandbox) = ready() else { return };
    for line in FIRST_LINES {
        write(&sandbox.repo().join("tools/by-name"), script(line).as_bytes(), 0o755);
        let path = format!("{}:{}:/usr/bin:/bin", sandbox.repo().join("tools").display(), sandbox.bin().display());
        let run = sandbox.command("/bin/sh").args(["-c", "cd / && exec by-name x"]).env("PATH", path);
        let seen = "[b'[REPO]/tools/by-name', b'x']\n[REPO]/tools [REPO]/.venv hello.probe None\n[]\n";
        run.stdout(seen).run();
    }
}

#[test]
fn its_arguments_are_its_own_byte_for_byte() {
    let Some(sandbox) = ready() else { return };
    let words: [&[u8]; 14] = [
        b"",
        b" ",
        b"a\nb",
        b"\xff\xfe",
        b"--",
        b"-v",
        b"--help",
        b"-C",
        b"/nowhere",
        b"--version",
        b"-m",
        b"start",
        b"$HOME'\"\\",
        "é".as_bytes(),
    ];
    let shown = r#"b'', b' ', b'a\nb', b'\xff\xfe', b'--', b'-v', b'--help', b'-C', b'/nowhere', b'--version', b'-m', b'start', b'$HOME\'"\\', b'\xc3\xa9'"#;
    for line in FIRST_LINES {
        write(&sandbox.repo().join("look"), script(line).as_bytes(), 0o755);
        let words = words.into_iter().map(|word| OsString::from_vec(word.to_vec()));
        let run = sandbox.command(sandbox.repo().join("look")).args(words).output();
        let expected = format!("[b'{}', {shown}]\n", sandbox.repo().join("look").display());
        assert!(run.stdout().starts_with(&expected), "{}\n{expected}", run.stdout());
        for option in ["--help", "-v", "--version", "--"] {
            let run = sandbox.command(sandbox.repo().join("look")).args([option]).output();
            assert!(run.stdout().contains(&format!("', b'{option}']\n")), "{}", run.stdout());
        }
    }
}

#[test]
fn a_command_is_never_a_script_and_an_option_never_a_file() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("eval", "raise SystemExit(9)").file("-v", "raise SystemExit(9)");
    let sandbox = sandbox.file("plain", "raise SystemExit(9)").file("-x/y", "raise SystemExit(9)");
    assert_eq!(sandbox.prime(["eval"]).output().code(), 0);
    let sandbox = sandbox.file("reset", "raise SystemExit(9)").file("help", "raise SystemExit(9)");
    assert_eq!(sandbox.prime(["help"]).output().code(), 2);
    assert_eq!(sandbox.prime(["reset", "--undo"]).output().code(), 2);
    assert_eq!(sandbox.prime(["-v"]).output().code(), 0);
    assert_eq!(sandbox.prime(["plain"]).output().code(), 9);
    assert_eq!(sandbox.prime(["./eval"]).output().code(), 9);
    assert_eq!(sandbox.prime(["start", "--", "-x/y"]).output().code(), 9);
    assert_eq!(sandbox.prime(["tools"]).output().code(), 2);
}

#[test]
fn a_script_that_runs_prime_or_itself_again_does_not_go_round() {
    let Some(sandbox) = ready() else { return };
    let code = "import os, subprocess, sys\nif len(sys.argv) < 3:\n    \
                subprocess.run([sys.argv[0], 'again', str(len(sys.argv))], check=True)\n    \
                for words in (['-q'], ['run', 'hello'], ['start', 'hello'], ['-c', 'hello']):\n        \
                subprocess.run(['prime', *words], check=True)\nelse:\n    print(sys.argv[1:], flush=True)\n";
    for line in FIRST_LINES {
        let path = sandbox.repo().join("again");
        write(&path, format!("{line}\n{code}").as_bytes(), 0o755);
        let greeting = crate::support::hello::GREETING.repeat(3);
        sandbox.command(&path).stdout(format!("['again', '1']\n{greeting}")).run();
    }
}

#[test]
fn any_path_will_do() {
    let Some(sandbox) = ready() else { return };
    for line in FIRST_LINES {
        for name in ["with space", "ünï ☃.py", "new\nline", "it's \"$HOME\" `x`;", "-dash", "a:b", "start"] {
            let path = sandbox.repo().join("dir").join(name);
            write(&path, script(line).as_bytes(), 0o755);
            let run = sandbox.command(&path).args(["x"]).current_dir("/").output();
            assert_eq!((run.code(), run.stderr()), (0, String::new()), "{name:?}");
            assert!(run.stdout().contains(", b'x']\n"), "{name:?}: {}", run.stdout());
            // As seen from beside it.
            let beside = OsString::from_vec([b"./", name.as_bytes()].concat());
            let run = sandbox.prime([OsStr::from_bytes(b"start"), &beside]).current_dir("dir").output();
            assert_eq!((run.code(), run.stderr()), (0, String::new()), "{name:?}");
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn it_is_never_booted_by_being_run() {
    let Some((sandbox, _index)) = super::unready() else { return };
    for line in FIRST_LINES {
        write(&sandbox.repo().join("look"), script(line).as_bytes(), 0o755);
        let run = sandbox.command(sandbox.repo().join("look")).current_dir("/").code(78);
        let message = "error: the environment of `[REPO]` is not ready: there is no environment yet\n";
        run.stderr(format!("{message}hint: make it with `prime -C [REPO]`\n")).run();
    }
    assert!(!sandbox.repo().join(".prime").exists() && !sandbox.repo().join(".venv").exists());
}
