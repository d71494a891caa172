use std::fs;

use serde_json::Value;
use snapbox::str;

use crate::support::program;
use crate::support::sandbox::Sandbox;

#[test]
fn stand_ins_answer_and_write_the_journal() {
    let sandbox = Sandbox::new().fake_python("python3.12", "3.12.1").fake_uv("9.8.7").freeze("left==1.0\n");
    let python = sandbox.bin().join("python3.12");
    let uv = sandbox.bin().join("uv");
    let venv = sandbox.repo().join(".venv");
    sandbox.command(&python).args(["-V"]).stdout("Python 3.12.1\n").run();
    sandbox.command(&uv).args(["--version"]).stdout("uv 9.8.7\n").run();
    sandbox.command(&uv).args(["venv", "--python"]).args([&python, &venv]).run();
    sandbox.command(venv.join("bin/python")).args(["-m", "pip", "freeze"]).stdout("left==1.0\n").run();
    let expected = str![[r#"
python3.12 -V
uv --version
uv venv --python [BIN]/python3.12 [REPO]/.venv
python -m pip freeze

"#]];
    snapbox::assert_data_eq!(sandbox.journal(), expected);
}

#[test]
fn a_stand_in_for_python_says_what_it_is() {
    let sandbox = Sandbox::new().fake_python("python3.12", "3.12.1");
    let python = sandbox.bin().join("python3.12");
    let venv = sandbox.repo().join(".venv");
    let facts = |python| -> Value {
        let run = sandbox.command(python).args(["-I", "-c", "import sys\nprint()"]).output();
        assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
        serde_json::from_slice(&run.stdout).unwrap()
    };
    let base = facts(python.clone());
    assert_eq!(base["version_info"], serde_json::json!([3, 12, 1, "final", 0]));
    assert_eq!(base["executable"], python.to_str().unwrap());
    assert_eq!(base["prefix"], base["base_prefix"]);
    sandbox.command(&python).args(["-m", "venv"]).args([&venv]).run();
    let inside = facts(venv.join("bin/python"));
    assert_eq!(inside["prefix"], venv.to_str().unwrap());
    assert_eq!(inside["base_prefix"], base["base_prefix"]);
    assert_eq!(inside["base_executable"], python.to_str().unwrap());
    let text = fs::read_to_string(venv.join("pyvenv.cfg")).unwrap();
    assert_eq!(sandbox.redact(&text), "home = [BIN]\nversion = 3.12.1\n");
}

#[test]
fn the_environment_is_what_the_sandbox_gives() {
    let Some(env) = program("env") else { return };
    let sandbox = Sandbox::new().env("A", "1");
    let run = sandbox.command(env).env("B", "2").env_remove("TMPDIR").output();
    let text = sandbox.redact(&run.stdout());
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    let expected = ["A=1", "B=2", "HOME=[HOME]", "PATH=[BIN]", "PIP_CONFIG_FILE=/dev/null", "XDG_CACHE_HOME=[CACHE]"];
    assert_eq!(lines, expected);
}

#[test]
fn input_reaches_the_program_and_its_exit_code_comes_back() {
    let sandbox = Sandbox::new().script("sub/echo", "#!/bin/sh\nread -r line\necho \"$line in ${PWD##*/}\"\nexit 3\n");
    let program = sandbox.repo().join("sub/echo");
    sandbox.command(program).stdin("hello\n").current_dir("sub").stdout("hello in sub\n").code(3).run();
    let killed = Sandbox::new().fake("dies", "kill -9 $$");
    killed.command(killed.bin().join("dies")).code(137).run();
}

#[test]
#[should_panic(expected = "unexpected")]
fn talk_that_was_not_declared_fails_the_test() {
    let sandbox = Sandbox::new().fake("talks", "echo unexpected >&2");
    sandbox.command(sandbox.bin().join("talks")).run();
}
