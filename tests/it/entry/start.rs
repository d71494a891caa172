//! `prime start`: each form is what a Python user knows under it.

use std::os::unix::fs::symlink;

use super::{SCRIPT, python, ready};
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

#[test]
fn a_script_and_a_module_see_what_python_alone_shows_them() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("tools/look.py", SCRIPT).file("tools/zip/__main__.py", SCRIPT);
    for words in [&["tools/look.py", "a", "-v"][..], &["-m", "hello.probe", "--", "-m"], &["./tools/zip", ""]] {
        let direct = sandbox.command(python(&sandbox)).args(words).output();
        assert_eq!((direct.code(), direct.stderr()), (0, String::new()));
        let started = sandbox.prime(["start"]).args(words);
        started.stdout(sandbox.redact(&direct.stdout())).run();
    }
}

#[test]
fn a_function_is_called_as_its_console_script_calls_it() {
    let Some(sandbox) = ready() else { return };
    // Where a module of the same name lies in the current directory, it is none of the function's business.
    let sandbox = sandbox.file("json.py", "raise SystemExit('the wrong one')");
    let lib = sandbox.command(python(&sandbox)).args(["-c", "import sys; print(sys.path[1])"]).output().stdout();
    let lib = sandbox.redact(lib.trim_end());
    let run = sandbox.prime(["start", "hello.probe:see", "-v", "--help"]);
    run.stdout(format!("[b'hello.probe:see', b'-v', b'--help']\n{lib} [REPO]/.venv hello.probe None\n[]\n")).run();
    sandbox.prime(["start", "json.tool:main"]).stdin("[1]").stdout("[\n    1\n]\n").run();
    sandbox.prime(["start", "hello.probe:Thing.method"]).stdout("a method\n").code(5).run();
}

#[test]
fn what_a_function_returns_or_exits_with_is_the_status() {
    let Some(sandbox) = ready() else { return };
    let cases = [
        ("None", 0, ""),
        ("0", 0, ""),
        ("True", 1, ""),
        ("7", 7, ""),
        ("255", 255, ""),
        ("256", 0, ""),
        ("300", 44, ""),
        ("-1", 255, ""),
        ("'text'", 1, "text\n"),
        ("[1]", 1, "[1]\n"),
    ];
    for function in ["give", "leave"] {
        for (value, code, said) in cases {
            let run = sandbox.prime(["start", &format!("hello.probe:{function}"), value]);
            run.code(code).stderr(said).run();
        }
    }
    let run = sandbox.prime(["boot", "--main", "hello.probe:Thing.method"]).stdout("a method\n");
    run.code(5).run();
}

#[test]
fn a_program_of_the_environment_is_found_there_and_nowhere_else() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.script("../bin/other", "#!/bin/sh\necho wrong\n").script("here", "#!/bin/sh\necho wrong\n");
    let greeting = crate::support::hello::GREETING;
    sandbox.prime(["start", "hello"]).stdout(greeting).run();
    sandbox.prime(["start", "python", "-c", "import sys; print(sys.prefix)"]).stdout("[REPO]/.venv\n").run();
    let missing = "error: there is no program `other` in `[REPO]/.venv/bin`\n";
    let hint = "hint: is the package that has it a dependency?\n";
    sandbox.prime(["start", "other"]).code(127).stderr(format!("{missing}{hint}")).run();
    let missing = "error: there is no program `here` in `[REPO]/.venv/bin`\nhint: `./here` is the file of that name\n";
    sandbox.prime(["start", "here"]).code(127).stderr(missing).run();
    let run = sandbox.prime(["start", "activate"]).output();
    assert_eq!(run.code(), 126, "{}", run.stderr());
}

#[test]
fn the_repository_is_the_scripts_own_whatever_the_current_directory() {
    let Some(sandbox) = ready() else { return };
    let sandbox = sandbox.file("tools/look", SCRIPT).file("../elsewhere/pyproject.toml", "[tool.prime]\n");
    let sandbox = sandbox.file("../elsewhere/look", SCRIPT);
    let script = sandbox.repo().join("tools/look");
    let link = sandbox.home().join("look");
    symlink(&script, &link).unwrap();
    let prefix = |sandbox: &Sandbox, run: Run| {
        assert_eq!(run.code(), 0, "{}", run.stderr());
        sandbox.redact(&run.stdout()).lines().nth(1).unwrap().to_owned()
    };
    for path in [script.as_os_str(), link.as_os_str()] {
        let run = sandbox.prime(["start"]).args([path]).current_dir("../elsewhere").output();
        assert_eq!(prefix(&sandbox, run), "[REPO]/tools [REPO]/.venv hello.probe None");
    }
    // A path goes the way the system goes it.
    symlink(sandbox.repo().join("src/hello"), sandbox.root().join("elsewhere/hello")).unwrap();
    let sandbox = sandbox.file("src/beside", SCRIPT);
    for words in [&["start", "hello/../beside"][..], &["hello/../beside"]] {
        let run = sandbox.prime(words).current_dir("../elsewhere").output();
        assert_eq!(prefix(&sandbox, run), "[REPO]/src [REPO]/.venv hello.probe None");
    }
    let other = sandbox.prime(["start", "../elsewhere/look"]).output();
    assert_eq!(other.code(), 78);
    assert!(sandbox.redact(&other.stderr()).contains("`[ROOT]/elsewhere` is not ready"), "{}", other.stderr());
    // Who names one gets that one.
    let run = sandbox.prime(["-C", ".", "start", "../elsewhere/look"]).output();
    assert_eq!(prefix(&sandbox, run), "[ROOT]/elsewhere [REPO]/.venv hello.probe None");
}

#[test]
fn a_leaked_stage_is_no_part_of_a_start() {
    let Some(sandbox) = ready() else { return };
    for stage in ["stride_py_required", "stride_src_updated", "nonsense"] {
        let run = sandbox.prime(["start", "hello.probe:see"]).env("PROTOPRIMER_PY_EXEC", stage).output();
        assert!(run.code() == 0 && run.stdout().ends_with("\n[]\n"), "{stage}: {} {}", run.stdout(), run.stderr());
    }
}
