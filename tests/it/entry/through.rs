//! What every way in has in common: the program is started as if nobody had been in between. Signals, exit statuses,
//! standard input and the environment arrive as they are.

use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::signal::Signal;

use super::{launcher, python, unready};
use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;
use crate::support::write;

/// Does what the variable `MODE` says. `python` runs it as a module, as a script and as a function.
const PROGRAM: &str = r#"
import os, signal, stat, sys

def status():
    fields = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
    return [fields[name] for name in ("SigBlk", "SigIgn")]

def kind():
    mode = os.fstat(0).st_mode
    for test in ("FIFO", "REG", "CHR", "SOCK"):
        if getattr(stat, "S_IS" + test)(mode):
            return test

def main():
    mode, _, value = os.environ["MODE"].partition(" ")
    if mode == "exit":
        return int(value)
    if mode == "signals":
        print(status())
    if mode == "wait":
        print("waiting", flush=True)
        signal.pause()
    if mode == "stdin":
        print(kind(), sys.stdin.read())
    if mode == "terminal":
        print("tty", os.isatty(0), os.isatty(1), os.isatty(2), os.tcgetpgrp(0) == os.getpgrp(), os.get_terminal_size())
        print("typed", input())
    if mode == "names":
        print(sorted(name for name in os.environ if "PRIM" in name.upper()), os.environ.get("VIRTUAL_ENV"))

if __name__ == "__main__":
    sys.exit(main())
"#;

/// The commands come from a pipe, as dash has a text in place, and the program's standard input is the one from before.
const PIPED: &str = "if (exec 3<&0) 2>/dev/null; then exec 3<&0; else exec 3</dev/null; fi\n\
                     exec prime shell <<'END'\nexec python run.py <&3 3<&-\nEND\n";

/// A way in: its name, and the words of a command.
type Way = (&'static str, Vec<String>);

/// A ready repository with the program in every form, and all the ways to it.
fn ways() -> Option<(Sandbox, Vec<Way>)> {
    let (sandbox, _index) = unready()?;
    let project =
        sandbox.read("pyproject.toml").replace("hello:main\"", "hello:main\"\nprogram = \"hello.program:main\"");
    let sandbox = sandbox.file("pyproject.toml", project).file("src/hello/program.py", PROGRAM);
    let call = "import hello.program, sys\nsys.exit(hello.program.main())\n";
    let sandbox = sandbox.file("run.py", call).script("split", format!("#!/usr/bin/env -S prime start\n{call}"));
    let own = format!("# /// script\n# dependencies = ['humanize']\n# ///\nimport humanize\n{PROGRAM}");
    let sandbox = sandbox.file("own.py", &own).script("own", format!("#!/usr/bin/env -S prime script\n{own}"));
    let sandbox = sandbox.script("alone", format!("#!/usr/bin/env prime\n{call}")).env("SHELL", "/bin/sh");
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    let made = sandbox.prime(["-q", "script", "own.py"]).env("MODE", "none").output();
    assert_eq!(made.code(), 0, "{}", made.stderr());
    for (kind, name) in [("start", "wrapped"), ("start", "wrapped.py"), ("boot", "wrapped-boot")] {
        let run = sandbox.prime(["-q", "wrap", kind, "-s", name, "-m", "hello.program:main"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
    }
    // Below a directory of its own, since the others lead to `prime` on `PATH`.
    let sandbox = sandbox.script("by/launcher", launcher());
    fs::create_dir_all(sandbox.repo().join("by/.prime/bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_prime"), sandbox.repo().join("by/.prime/bin/prime")).unwrap();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let shell_command = "exec python run.py";
    let ways = vec![
        ("run", words("prime run -- python run.py")),
        ("start script", words("prime start run.py")),
        ("start module", words("prime start -m hello.program")),
        ("start function", words("prime start hello.program:main")),
        ("start program", words("prime start program")),
        ("script by env -S", words("./split")),
        ("script by env", words("./alone")),
        ("-c", [words("prime -c"), vec![shell_command.to_owned()]].concat()),
        ("shell -c", [words("prime shell -c"), vec![shell_command.to_owned()]].concat()),
        ("shell from a pipe", vec!["sh".into(), "-c".into(), PIPED.into()]),
        ("script", words("prime script own.py")),
        ("script by its first line", words("./own")),
        ("boot --main", words("prime boot --main hello.program:main")),
        ("launcher, run", words("by/launcher -C . run -- python run.py")),
        ("launcher, start", words("by/launcher -C . start run.py")),
        ("wrap start", words("./wrapped")),
        ("wrap start in Python", words("./wrapped.py")),
        ("wrap boot", words("./wrapped-boot")),
    ];
    Some((sandbox, ways))
}

fn command<'s>(sandbox: &'s Sandbox, words: &[String], mode: &str) -> Invocation<'s> {
    sandbox.command("/usr/bin/env").args(words).env("MODE", mode)
}

#[test]
fn every_exit_status_arrives() {
    let Some((sandbox, ways)) = ways() else { return };
    for (name, words) in ways {
        // All of them through one way of each kind: a script, a function, a shell, a program.
        let all = ["run", "start function", "script by env -S", "-c"].contains(&name);
        for status in (0..=255).filter(|it| all || it % 17 == 0 || [1, 2, 69, 78, 126, 127, 128, 130].contains(it)) {
            let run = command(&sandbox, &words, &format!("exit {status}")).output();
            assert_eq!((run.status.code(), run.stderr()), (Some(status), String::new()), "{name}");
        }
    }
}

#[test]
fn every_signal_ends_the_program_as_if_it_had_been_started_directly() {
    let Some((sandbox, ways)) = ways() else { return };
    let signals = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGKILL, Signal::SIGINT, Signal::SIGUSR1, Signal::SIGQUIT];
    for (name, words) in ways {
        for signal in signals {
            let mut running = command(&sandbox, &words, "wait").spawn();
            assert!(running.wait_until(|it| it.stdout() == "waiting\n"), "{name}");
            let run = running.signal(signal);
            assert_eq!((run.status.code(), run.code()), (None, 128 + signal as i32), "{name}: {}", run.stderr());
        }
    }
}

#[test]
fn what_is_blocked_and_ignored_stays_so() {
    let Some((sandbox, ways)) = ways() else { return };
    let set = "import os, signal as s, sys\nfor it in (s.SIGINT, s.SIGUSR1, s.SIGHUP): s.signal(it, s.SIG_IGN)\n\
               s.pthread_sigmask(s.SIG_BLOCK, [s.SIGUSR2, s.SIGALRM])\ns.signal(s.SIGPIPE, s.SIG_DFL)\n\
               os.execvp(sys.argv[1], sys.argv[1:])";
    let under = |words: &[String]| {
        let run = sandbox.command(python(&sandbox)).args(["-c", set]).args(words).env("MODE", "signals").output();
        assert_eq!((run.code(), run.stderr()), (0, String::new()));
        run.stdout()
    };
    let direct = under(&[python(&sandbox).display().to_string(), "run.py".to_owned()]);
    assert_ne!(direct, under_nothing(&sandbox), "something is blocked and ignored");
    for (name, words) in ways {
        assert_eq!(under(&words), direct, "{name}");
    }
}

fn under_nothing(sandbox: &Sandbox) -> String {
    sandbox.command(python(sandbox)).args(["run.py"]).env("MODE", "signals").output().stdout()
}

#[test]
fn standard_input_arrives_as_a_pipe_as_a_file_and_as_nothing() {
    let Some((sandbox, ways)) = ways() else { return };
    write(&sandbox.repo().join("input"), "of a file\n".as_bytes(), 0o644);
    for (name, words) in ways {
        let run = command(&sandbox, &words, "stdin").stdin("of a pipe\n").output();
        assert_eq!((run.code(), run.stdout()), (0, "FIFO of a pipe\n\n".to_owned()), "{name}: {}", run.stderr());
        for (redirection, seen) in [("<input", "REG of a file\n\n"), ("</dev/null", "CHR \n"), ("<&-", "CHR \n")] {
            let script = format!("exec \"$@\" {redirection}");
            let run = sandbox.command("/bin/sh").args(["-c", &script, "sh"]).args(&words).env("MODE", "stdin").output();
            assert_eq!((run.code(), run.stdout()), (0, seen.to_owned()), "{name} {redirection}: {}", run.stderr());
        }
    }
}

#[test]
fn the_terminal_arrives() {
    let Some((sandbox, ways)) = ways() else { return };
    let direct = vec![python(&sandbox).display().to_string(), "run.py".to_owned()];
    let at_terminal = |words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let dialog = [("tty", "some words\n")];
        sandbox.at_terminal(&words, &dialog, |run| run.env("MODE", "terminal")).unwrap()
    };
    let expected = at_terminal(&direct);
    assert!(expected.text.contains("tty True True True True") && expected.text.ends_with("typed some words\n"));
    for (name, words) in ways {
        let shown = at_terminal(&words);
        assert_eq!((shown.status, shown.text), (0, expected.text.clone()), "{name}");
    }
}

#[test]
fn ctrl_c_reaches_the_program_alone() {
    let Some((sandbox, ways)) = ways() else { return };
    for (name, words) in ways {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let shown = sandbox.at_terminal(&words, &[("waiting", "\x03")], |run| run.env("MODE", "wait")).unwrap();
        assert_eq!(shown.status, -(Signal::SIGINT as i32), "{name}: {}", shown.text);
        assert!(shown.text.contains("KeyboardInterrupt") && !shown.text.contains("error: "), "{name}: {}", shown.text);
    }
}

#[test]
fn the_program_sees_none_of_our_variables() {
    let Some((sandbox, ways)) = ways() else { return };
    let launcher = sandbox.repo().join("run.py");
    for (name, words) in ways {
        let run = command(&sandbox, &words, "names").env("PROTOPRIMER_STDERR_LOG_LEVEL", "ERROR");
        let run = run.env("PROTOPRIMER_PROTO_CODE", &launcher).env("PROTOPRIMER_START_ID", "id").output();
        let seen = sandbox.redact(&run.stdout());
        let ends = if name.starts_with("script by its") || name == "script" { "/.venv\n" } else { "[REPO]/.venv\n" };
        assert!(seen.starts_with("[] [") && seen.ends_with(ends), "{name}: {seen}");
        assert_eq!(run.code(), 0, "{name}: {}", run.stderr());
    }
    assert!(fs::metadata(launcher).is_ok());
}
