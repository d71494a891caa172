//! What a ready repo costs: one process, nothing written, nobody asked. The proof is what the system saw.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;

use crate::support::pair::Pair;
use crate::support::trace::name_of;

/// What the system was asked for by a ready run, a call a line, whatever the process did with it.
fn calls(pair: &Pair, args: &[&str]) -> Option<Vec<String>> {
    let (run, trace) = pair.sandbox.traced("all", args)?;
    assert_eq!((run.code(), run.stdout(), run.stderr()), (0, String::new(), String::new()));
    Some(trace.calls)
}

/// Calls that start a process, change a file system, take a lock or reach for the network.
const NEVER: [&str; 31] = [
    "fork",
    "vfork",
    "clone",
    "clone3",
    "connect",
    "socket",
    "sendto",
    "bind",
    "flock",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "symlink",
    "symlinkat",
    "link",
    "linkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "utimensat",
    "truncate",
    "ftruncate",
    "creat",
    "mknod",
    "fsync",
];

#[track_caller]
fn assert_changes_nothing(calls: &[String]) {
    for call in calls {
        let opens_to_write = ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.contains(flag));
        let on_the_terminal = call.contains("/dev/null");
        assert!(!NEVER.contains(&name_of(call)), "{call}");
        assert!(!(name_of(call).starts_with("open") && opens_to_write && !on_the_terminal), "{call}");
        assert!(!call.contains("F_SETLK") && !call.contains("F_OFD_SETLK"), "{call}");
    }
}

#[test]
fn a_ready_prime_is_one_process_that_changes_nothing_and_asks_nobody() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let asked = pair.index.requests().len();
    let Some(calls) = calls(&pair, &[]) else { return };
    assert_changes_nothing(&calls);
    assert_eq!(calls.iter().filter(|call| name_of(call) == "execve").count(), 1, "{calls:#?}");
    let written = calls.iter().filter(|call| name_of(call).contains("write"));
    assert_eq!(written.collect::<Vec<_>>(), Vec::<&String>::new());
    let opens = |name: &str| calls.iter().any(|call| name_of(call).starts_with("open") && call.contains(name));
    assert!(opens("stamp.json"));
    for name in ["prime.toml", "pyproject.toml", "constraints.txt", ".python-version", "pyvenv.cfg"] {
        assert!(!opens(name), "{name} is opened");
        assert!(calls.iter().any(|call| call.contains(name)), "{name} is not even looked at");
    }
    assert_eq!(pair.index.requests().len(), asked);
}

#[test]
fn a_ready_run_becomes_the_program_and_does_nothing_else() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let Some(calls) = calls(&pair, &["run", "--", "/bin/true"]) else { return };
    assert_changes_nothing(&calls);
    let programs = calls.iter().filter(|call| name_of(call) == "execve");
    let programs: Vec<_> = programs.map(|call| call.split('"').nth(1).unwrap()).collect();
    assert_eq!(programs, [env!("CARGO_BIN_EXE_prime"), "/bin/true"]);
}

#[test]
fn every_other_way_in_does_as_little() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let pair = pair.env("SHELL", "/bin/sh");
    pair.write("tool", "#!/usr/bin/env -S prime start\n");
    let python = pair.path(".venv/bin/python").display().to_string();
    for (words, program) in [
        (&["start", "-m", "one"][..], python.as_str()),
        (&["start", "os:getpid"], &python),
        (&["./tool", "x"], &python),
        (&["--main", "one:main"], &python),
        (&["shell", "-c", "true"], "/bin/sh"),
        (&["shell"], "/bin/sh"),
    ] {
        let Some((_, trace)) = pair.sandbox.traced("all", words) else { return };
        let is_exec = |call: &&String| name_of(call) == "execve";
        let programs: Vec<_> = trace.calls.iter().filter(is_exec).map(|call| call.split('"').nth(1).unwrap()).collect();
        assert_eq!(programs, [env!("CARGO_BIN_EXE_prime"), program], "{words:?}");
        let second = trace.calls.iter().skip(1).position(|call| name_of(call) == "execve").unwrap();
        assert_changes_nothing(&trace.calls[..=second]);
    }
}

#[test]
fn the_program_is_the_same_process() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let prime = env!("CARGO_BIN_EXE_prime");
    // The shell's own id is printed, and the shell becomes `prime`, which becomes another shell.
    let script = format!("echo $$; exec '{prime}' run -- /bin/sh -c 'echo $$'");
    let run = pair.sandbox.command("/bin/sh").args(["-c", &script]).output();
    let stdout = run.stdout();
    let ids: Vec<&str> = stdout.lines().collect();
    assert_eq!((run.code(), ids.len()), (0, 2), "{}", run.stderr());
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn arguments_arrive_byte_for_byte_and_no_internal_variable_does() {
    let Some(pair) = Pair::new() else { return };
    let words: [&[u8]; 8] = [b"", b" ", b"a\nb", b"\xff\xfe", b"--", b"-v", b"$HOME'\"\\", "é".as_bytes()];
    let words = || words.into_iter().map(|word| OsString::from_vec(word.to_vec()));
    let code = "import os, sys\nprint([os.fsencode(word) for word in sys.argv[1:]])\n\
                print(sorted(name for name in os.environ if name.startswith(('PROTOPRIMER_', 'PRIME_'))))";
    let expected = "[b'', b' ', b'a\\nb', b'\\xff\\xfe', b'--', b'-v', b'$HOME\\'\"\\\\', b'\\xc3\\xa9']\n[]\n";
    // Once through all the stages and once the short way.
    for _ in 0..2 {
        let run = pair.sandbox.prime(["run", "--", "python", "-c", code]).args(words());
        let run = run.env("PROTOPRIMER_STDERR_LOG_LEVEL", "ERROR").env("PROTOPRIMER_VENV_DRIVER", "venv_uv").output();
        assert_eq!((run.code(), run.stdout(), run.stderr()), (0, expected.to_owned(), String::new()));
    }
}

#[test]
fn what_takes_over_starts_a_prime_of_its_own_afresh() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let prime = env!("CARGO_BIN_EXE_prime");
    let run = pair.sandbox.prime(["run", "--", prime, "run", "--", "python", "-c", "import one; print(one.version)"]);
    run.stdout("1\n").run();
    fs::remove_dir_all(pair.path(".venv")).unwrap();
    let again = pair.sandbox.prime(["-q", "run", "--", prime, "-v", "boot"]).output();
    assert_eq!(again.code(), 0);
    let said = pair.sandbox.redact(&again.stderr());
    assert_eq!(said, "[stride_py_unknown] ready: `[REPO]/.venv`, python [X.Y.Z]\n");
}
