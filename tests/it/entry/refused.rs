//! What cannot be started is said in one line with its remedy, and nothing is made on the way.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{SCRIPT, ready, unready};
use crate::support::tree::Tree;

#[test]
fn nothing_is_ever_installed() {
    let Some((sandbox, _index)) = unready() else { return };
    let before = Tree::of(&sandbox.repo());
    let message = "error: the environment of `[REPO]` is not ready: there is no environment yet\n";
    for words in [&["start", "hello"][..], &["start", "hello.probe:see"], &["start", "-m", "hello"], &["env"]] {
        sandbox.prime(words).code(78).stderr(format!("{message}hint: make it with `prime`\n")).run();
    }
    let run = sandbox.prime(["start", "hello"]).current_dir("src").code(78);
    run.stderr(format!("{message}hint: make it with `prime -C [REPO]`\n")).run();
    assert_eq!(before.differences(&Tree::of(&sandbox.repo())), Vec::<String>::new());
    let sandbox = sandbox.script("prime", "#!/bin/sh\n");
    let run = sandbox.prime(["start", "hello"]).code(78);
    run.stderr(format!("{message}hint: make it with `prime`\n")).run();
    let sandbox = sandbox.script("prime", super::launcher());
    let run = sandbox.prime(["start", "hello"]).code(78);
    run.stderr(format!("{message}hint: make it with `./prime`\n")).run();
    let run = sandbox.prime(["start", "hello"]).current_dir("src").code(78);
    run.stderr(format!("{message}hint: make it with `[REPO]/prime`\n")).run();
}

#[test]
fn an_environment_that_is_stale_or_gone_is_not_ready() {
    let Some(sandbox) = ready() else { return };
    let refused = || {
        let run = sandbox.prime(["start", "hello"]).output();
        assert_eq!((run.code(), run.stdout()), (78, String::new()));
        sandbox.redact(&run.stderr())
    };
    let project = fs::read_to_string(sandbox.repo().join("pyproject.toml")).unwrap();
    let touched = |text: &str| fs::write(sandbox.repo().join("pyproject.toml"), text).unwrap();
    touched(&format!("{project}\n# later\n"));
    assert!(refused().contains("`[REPO]/pyproject.toml` has changed"), "{}", refused());
    touched(&project);
    sandbox.prime(["start", "hello"]).stdout(crate::support::hello::GREETING).run();
    fs::rename(sandbox.repo().join(".venv"), sandbox.root().join("moved")).unwrap();
    assert!(refused().starts_with("error: the environment of `[REPO]` is not ready: "), "{}", refused());
}

#[test]
fn a_script_that_cannot_be_run_is_told_before_python_is_started() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("dir/x", "");
    let run = |words: &[&str], code: i32, said: &str| {
        sandbox.prime(["start"]).args(words).code(code).stderr(said.to_owned()).run();
    };
    run(&["./none.py"], 127, "error: `./none.py` does not exist\n");
    run(&["dir/x/y"], 127, "error: `dir/x/y` does not exist\n");
    run(&["./dir"], 126, "error: `./dir` is a directory without a `__main__.py`\n");
    if !nix::unistd::geteuid().is_root() {
        let sandbox = sandbox.file("closed.py", SCRIPT);
        fs::set_permissions(sandbox.repo().join("closed.py"), fs::Permissions::from_mode(0o000)).unwrap();
        let run = sandbox.prime(["start", "closed.py"]).code(126);
        run.stderr("error: `closed.py` cannot be read\n").run();
    }
}

#[test]
fn a_script_outside_of_any_repository_says_how_to_name_one() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("../loose.py", SCRIPT);
    let message = "error: `../loose.py` lies in no repository\n";
    let hint = "hint: name the one whose environment it needs: `prime -C DIR start FILE`\n";
    sandbox.prime(["start", "../loose.py"]).code(78).stderr(format!("{message}{hint}")).run();
    // A launcher says which one it means.
    let sandbox = sandbox.script("prime", "#!/bin/sh\n");
    let launcher = sandbox.repo().join("prime");
    let run = sandbox.prime(["start", "../loose.py"]).env("PROTOPRIMER_PROTO_CODE", launcher).output();
    assert!(run.code() == 0 && run.stdout().ends_with("\n[]\n"), "{}", run.stderr());
}

#[test]
fn a_target_that_is_none_is_a_usage_error() {
    let Some(sandbox) = ready() else { return };
    let hint = "hint: give `module:function`, `-m module`, a script with its path, or a program of the environment\n";
    for (word, message) in [
        ("-m", "`-m` needs the name of a module"),
        ("-x", "`-x` is nothing that could be started"),
        ("", "`` is nothing that could be started"),
        ("a:b:c", "`a:b:c` is not of the form `module:function`"),
        ("m:__import__('os')", "`m:__import__('os')` is not of the form `module:function`"),
    ] {
        sandbox.prime(["start", "--", word]).code(2).stderr(format!("error: {message}\n{hint}")).run();
    }
    let run = sandbox.prime(["boot", "--main", "nothing"]).output();
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("not of the form `module:function`"), "{}", run.stderr());
}

#[test]
fn what_python_cannot_import_python_says() {
    let Some(sandbox) = ready() else { return };
    for (target, said) in [
        ("no_such_module:main", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("hello:no_such", "ImportError: cannot import name 'no_such' from 'hello'"),
        ("hello.probe:Thing.none", "AttributeError: type object 'Thing' has no attribute 'none'"),
    ] {
        let run = sandbox.prime(["start", target]).output();
        assert_eq!((run.code(), run.stdout()), (1, String::new()));
        assert!(run.stderr().contains(said), "{}", run.stderr());
    }
}

#[test]
fn options_of_boot_are_not_taken_for_those_of_a_start() {
    let Some(sandbox) = ready() else { return };
    for option in [&["-c", "true"][..], &["--main", "a:b"]] {
        let run = sandbox.prime(option).args(["start", "hello"]).code(2);
        let message = format!("error: before a command `{}` is an option of `boot` and `reboot`\n", option[0]);
        run.stderr(format!("{message}hint: give the options of a command behind it\n")).run();
    }
    let run = sandbox.prime(["--main", "a:b", "run", "hello"]).code(2);
    run.stderr("error: `--main` and `run` exclude each other\nhint: use `prime -c 'CMD'` or `prime run -- CMD`\n")
        .run();
    assert_eq!(sandbox.prime(["boot", "--main", "a:b", "-c", "x"]).output().code(), 2);
}
