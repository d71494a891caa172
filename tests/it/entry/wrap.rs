//! `prime wrap`: entry scripts, and what becomes of those that are there.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use super::{launcher, ready, unready};
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program, write};

/// Where the entry scripts are started from in turn.
const DIRS: [&str; 3] = [".", "src", "/"];

fn wrap(sandbox: &Sandbox, words: &[&str], verb: &str) {
    let path = words[words.iter().position(|word| *word == "-s").unwrap() + 1];
    sandbox.prime(["wrap"]).args(words).stderr(format!("{verb:<8} {path}\n")).run();
}

#[test]
fn a_script_leads_to_its_function_from_anywhere() {
    let Some(mut sandbox) = ready() else { return };
    for has_launcher in [false, true] {
        if has_launcher {
            sandbox = sandbox.script("prime", launcher());
            fs::create_dir_all(sandbox.repo().join(".prime/bin")).unwrap();
            symlink(env!("CARGO_BIN_EXE_prime"), sandbox.repo().join(".prime/bin/prime")).unwrap();
            sandbox = sandbox.env("PATH", "/usr/bin:/bin");
        }
        for (name, kind) in [("cmd/new", "start"), ("cmd/new.py", "start"), ("a b/it's $x", "start"), ("top", "boot")] {
            fs::remove_file(sandbox.repo().join(name)).ok();
            wrap(&sandbox, &[kind, "-s", name, "-m", "hello.probe:see"], "write");
            wrap(&sandbox, &[kind, "-s", name, "-m", "hello.probe:see"], "keep");
            let text = fs::read_to_string(sandbox.repo().join(name)).unwrap();
            assert!(!text.contains(sandbox.root().to_str().unwrap()), "the path is relative: {text}");
            let link = sandbox.home().join("link");
            fs::remove_file(&link).ok();
            symlink(sandbox.repo().join(name), &link).unwrap();
            // The arguments of a script that boots are those of `prime`.
            let (words, seen) = match kind {
                "start" => (&["one", "-v", "", "a b"][..], "[b'hello.probe:see', b'one', b'-v', b'', b'a b']\n"),
                _ => (&["-q"][..], "[b'hello.probe:see']\n"),
            };
            for dir in DIRS {
                for path in [&sandbox.repo().join(name), &link] {
                    let run = sandbox.command(path).args(words).current_dir(dir).output();
                    assert_eq!((run.code(), run.stderr()), (0, String::new()), "{text}");
                    assert!(run.stdout().starts_with(seen) && run.stdout().ends_with("\n[]\n"), "{}", run.stdout());
                }
            }
        }
    }
}

#[test]
fn the_status_is_the_functions_and_nothing_is_installed_by_a_start() {
    let Some((sandbox, _index)) = unready() else { return };
    wrap(&sandbox, &["start", "-s", "give", "-m", "hello.probe:give"], "write");
    wrap(&sandbox, &["boot", "-s", "up", "-m", "hello.probe:Thing.method"], "write");
    wrap(&sandbox, &["boot", "-s", "only"], "write");
    let run = |name: &str, words: &[&str]| sandbox.command(sandbox.repo().join(name)).args(words).output();
    assert_eq!(run("give", &["3"]).code(), 78);
    let booted = run("up", &["-q"]);
    assert_eq!((booted.code(), booted.stdout()), (5, "a method\n".to_owned()), "{}", booted.stderr());
    assert_eq!(run("give", &["3"]).code(), 3);
    assert_eq!(run("only", &["run", "hello"]).stdout(), crate::support::hello::GREETING);
}

#[test]
fn text_outside_of_the_markers_stays_and_protoprimers_block_is_replaced() {
    let Some(sandbox) = ready() else { return };
    let upstream = "#!/usr/bin/env python3\n# Ours.\nprint('before', flush=True)\n\
                    # <<< BEGIN: FT_56_85_65_41.generated_boilerplate\nimport proto_kernel\n\
                    proto_kernel.start_app('old:main')\n# >>> END: FT_56_85_65_41.generated_boilerplate\n# The end.\n";
    let sandbox = sandbox.file("cmd/app", upstream);
    wrap(&sandbox, &["start", "-s", "cmd/app", "-m", "hello.probe:Thing.method"], "write");
    let text = fs::read_to_string(sandbox.repo().join("cmd/app")).unwrap();
    assert!(
        text.starts_with("#!/usr/bin/env python3\n# Ours.\nprint('before', flush=True)\n# <<< BEGIN: prime wrap\n")
    );
    assert!(text.ends_with("# >>> END: prime wrap\n# The end.\n") && !text.contains("proto_kernel"), "{text}");
    assert_eq!(text.lines().count(), 7);
    let mode = fs::metadata(sandbox.repo().join("cmd/app")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    let system = super::python(&sandbox).canonicalize().unwrap();
    let sandbox = sandbox.link("python3", &system);
    let run = sandbox.command(sandbox.repo().join("cmd/app")).stdout("before\na method\n").code(5);
    run.run();
    // Once more changes nothing, another function only the line.
    wrap(&sandbox, &["start_app", "-s", "cmd/app", "-m", "hello.probe:Thing.method"], "keep");
    wrap(&sandbox, &["start", "-s", "cmd/app", "-m", "hello.probe:see"], "write");
    let changed = fs::read_to_string(sandbox.repo().join("cmd/app")).unwrap();
    assert_eq!(changed.replace("hello.probe:see", "hello.probe:Thing.method"), text);
}

#[test]
fn a_script_behind_a_link_is_written_and_the_link_stays() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("cmd/real", "#!/bin/sh\n");
    symlink("cmd/real", sandbox.repo().join("link")).unwrap();
    wrap(&sandbox, &["start", "-s", "link", "-m", "hello.probe:Thing.method"], "write");
    assert!(sandbox.repo().join("link").is_symlink());
    sandbox.command("./link").stdout("a method\n").code(5).run();
}

#[test]
fn what_is_no_script_is_refused_and_left_as_it_is() {
    let Some(sandbox) = ready() else { return };
    let begin = "# <<< BEGIN: prime wrap\n";
    for (text, said) in [
        ("#!/usr/bin/perl\n", "error: `[REPO]/x` is neither in sh nor in Python\n"),
        ("just text\n", "error: `[REPO]/x` is neither in sh nor in Python\n"),
        (&format!("#!/bin/sh\n{begin}"), "error: the markers of `[REPO]/x` are no pair\n"),
    ] {
        write(&sandbox.repo().join("x"), text.as_bytes(), 0o644);
        let run = sandbox.prime(["wrap", "start", "-s", "x", "-m", "a:b"]).output();
        assert_eq!(run.code(), 65);
        assert!(sandbox.redact(&run.stderr()).starts_with(said), "{}", run.stderr());
        assert_eq!(sandbox.read("x"), text);
        assert_eq!(fs::metadata(sandbox.repo().join("x")).unwrap().permissions().mode() & 0o777, 0o644);
    }
    assert_eq!(sandbox.prime(["wrap", "start", "-s", "y", "-m", "no reference"]).output().code(), 2);
    assert_eq!(sandbox.prime(["wrap", "start", "-s", "y"]).output().code(), 2);
    assert!(!sandbox.repo().join("y").exists());
}

#[test]
fn what_is_written_is_clean_shell() {
    let (Some(sandbox), Some(shellcheck)) = (ready(), require_program("shellcheck")) else { return };
    wrap(&sandbox, &["start", "-s", "cmd/one", "-m", "hello.probe:see"], "write");
    let sandbox = sandbox.script("prime", launcher());
    wrap(&sandbox, &["boot", "-s", "it's/two"], "write");
    for name in ["cmd/one", "it's/two"] {
        let ran = output(Command::new(&shellcheck).arg(sandbox.repo().join(name))).unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    }
}

#[test]
fn the_launcher_is_no_entry_script_and_what_is_none_is_not_led_to() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.script("prime", launcher());
    let refused = "error: `prime` is the launcher itself\nhint: name another script\n";
    sandbox.prime(["wrap", "start", "-s", "prime", "-m", "m:f"]).code(2).stderr(refused).run();
    assert_eq!(sandbox.read("prime"), launcher());
    let sandbox = sandbox.script("prime", "#!/bin/sh\necho mine\n");
    wrap(&sandbox, &["start", "-s", "entry", "-m", "m:f"], "write");
    assert!(sandbox.read("entry").contains("exec prime -C "), "{}", sandbox.read("entry"));
}
