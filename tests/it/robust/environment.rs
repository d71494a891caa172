//! A strange environment: variables that are missing, empty, wrong, or left over from another run.

use std::fs;

use snapbox::str;

use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::index::Index;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::{STAGES, require_program};

/// The example, with uv named by a variable, so that no `PATH` is needed to find it.
fn example(index: &Index) -> Option<Sandbox> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let sandbox = hello(python).index(index).env("PRIME_UV", &uv.executable);
    Some(sandbox.redact_as("[X.Y.Z]", &python.version))
}

#[test]
fn neither_path_nor_home_need_be_set() {
    let index = hello_index();
    for (name, value) in [("PATH", None), ("PATH", Some("")), ("HOME", None), ("HOME", Some("")), ("HOME", Some("rel"))]
    {
        let Some(mut sandbox) = example(&index) else { return };
        if name == "PATH" {
            // Where `PATH` says nothing, the usual places have a python, but perhaps not this one.
            fs::remove_file(sandbox.repo().join(".python-version")).unwrap();
        } else {
            sandbox = sandbox.env_remove("XDG_CACHE_HOME");
        }
        let sandbox = match value {
            Some(value) => sandbox.env(name, value),
            None => sandbox.env_remove(name),
        };
        let run = sandbox.prime(["run", "--", "hello"]).output();
        let none_here = name == "PATH" && run.stderr().contains("no python matching");
        if !none_here {
            assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{name} {value:?}: {}", run.stderr());
            sandbox.prime(["boot"]).run();
        }
        assert!(!sandbox.repo().join("rel").exists());
    }
}

#[test]
fn a_home_that_is_none_is_not_used_and_not_made() {
    let Some(uv) = real_uv() else { return };
    let index = hello_index().add(uv_wheel(uv));
    for home in ["/dev/null", "[ROOT]/nonexistent/home", "[ROOT]/home"] {
        let Some(sandbox) = example(&index) else { return };
        let home = home.replace("[ROOT]", &sandbox.root().display().to_string());
        let sandbox = sandbox.env("HOME", &home).env_remove("XDG_CACHE_HOME").env_remove("PRIME_UV");
        let run = sandbox.prime(["run", "--", "hello"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{home}: {}", run.stderr());
        let usable = home.ends_with("/home") && !home.contains("nonexistent");
        assert_eq!(sandbox.repo().join(".prime/cache/uv").exists(), !usable, "{home}");
        assert!(!sandbox.root().join("nonexistent").exists());
    }
}

#[test]
fn a_current_directory_that_was_removed_is_told() {
    let Some(sh) = require_program("sh") else { return };
    let sandbox = Sandbox::new().file("sub/file", "");
    let script = format!("rm -r ../sub; exec {} boot", env!("CARGO_BIN_EXE_prime"));
    let run = sandbox.command(sh).args(["-c", &script]).env("PATH", "/usr/bin:/bin").current_dir("sub").code(74);
    run.stderr(str![[r#"
error: cannot tell the current directory
  cause: No such file or directory
hint: change into a directory that exists

"#]])
        .run();
}

#[test]
fn a_stage_that_nobody_knows_is_a_usage_error() {
    let index = hello_index();
    let Some(sandbox) = example(&index) else { return };
    sandbox
        .prime(["boot"])
        .env("PROTOPRIMER_PY_EXEC", "stride_py_bogus")
        .code(2)
        .stderr(str![[r#"
error: `PROTOPRIMER_PY_EXEC` is `stride_py_bogus`, which is no stage
hint: unset `PROTOPRIMER_PY_EXEC`

"#]])
        .run();
    assert!(!sandbox.repo().join(".prime").exists());
}

#[test]
fn a_stage_that_leaked_ends_well_or_with_the_remedy_and_never_hangs() {
    let index = hello_index();
    for (number, stage) in STAGES.into_iter().enumerate() {
        let Some(sandbox) = example(&index) else { return };
        let cold = sandbox.prime(["run", "--", "hello"]).env("PROTOPRIMER_PY_EXEC", stage).output();
        // From the third on a stage needs what the one before it leaves.
        if number < 3 {
            assert_eq!((cold.code(), cold.stdout().as_str()), (0, GREETING), "{stage}: {}", cold.stderr());
        } else {
            let why = if number == 3 { "it is not made" } else { "there is no environment" };
            let expected = format!(
                "error: stage `{stage}` was reached, but the environment is not ready for it: {why}\n\
                 hint: start again; if `PROTOPRIMER_PY_EXEC` is set where you start, unset it\n"
            );
            assert_eq!((cold.code(), cold.stderr()), (2, expected));
            assert!(!sandbox.repo().join(".venv").exists());
            assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
        }
        // On a ready repository nothing is left to be done from any stage.
        let warm = sandbox.prime(["run", "--", "hello"]).env("PROTOPRIMER_PY_EXEC", stage);
        warm.stdout(GREETING).run();
    }
}

#[test]
fn a_stage_that_leaked_into_another_repository_never_boots_the_first_one() {
    let index = hello_index();
    let (Some(one), Some(other)) = (example(&index), example(&index)) else { return };
    assert_eq!(one.prime(["-q"]).output().code(), 0);
    for stage in STAGES {
        let run = other.prime(["run", "--", "python", "-c", "import sys; print(sys.prefix)"]);
        let run = run.env("PROTOPRIMER_PY_EXEC", stage).env("VIRTUAL_ENV", one.repo().join(".venv")).output();
        let own = format!("{}\n", other.repo().join(".venv").display());
        assert!(run.stdout() == own || run.code() == 2, "{stage}: {} {}", run.stdout(), run.stderr());
        fs::remove_dir_all(other.repo().join(".prime")).unwrap();
        let _ = fs::remove_dir_all(other.repo().join(".venv"));
    }
}

#[test]
fn a_run_id_that_is_no_file_name_is_a_usage_error() {
    let index = hello_index();
    for id in ["a/b", "../../x", "..", ".hidden", "a b"] {
        let Some(sandbox) = example(&index) else { return };
        let run = sandbox.prime(["boot"]).env("PROTOPRIMER_START_ID", id).code(2);
        run.stderr(format!(
            "error: `PROTOPRIMER_START_ID` is `{id}`, which cannot be part of a file's name\n\
             hint: unset `PROTOPRIMER_START_ID`, or set it to letters, digits, `.`, `_` and `-`\n"
        ))
        .run();
        assert!(!sandbox.repo().join(".prime").exists());
    }
    let Some(sandbox) = example(&index) else { return };
    assert_eq!(sandbox.prime(["-q"]).env("PROTOPRIMER_START_ID", "my-own_1.id").output().code(), 0);
    assert!(sandbox.repo().join(".prime/log/prime.my-own_1.id.log").exists());
}

#[test]
fn a_log_level_that_nobody_knows_is_a_warning() {
    let index = hello_index();
    let Some(sandbox) = example(&index) else { return };
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    let with_level = |args: &[&str]| sandbox.prime(args.iter().copied()).env("PROTOPRIMER_STDERR_LOG_LEVEL", "LOUD");
    with_level(&["run", "--", "hello"])
        .stdout(GREETING)
        .stderr(str![[r#"
warning: `PROTOPRIMER_STDERR_LOG_LEVEL` is `LOUD`, which is none of `NOTSET`, `DEBUG`, `INFO`, `WARN`, `WARNING`, `ERROR`, `CRITICAL`, `FATAL` or a number

"#]])
        .run();
    with_level(&["-q"]).run();
    fs::remove_dir_all(sandbox.repo().join(".prime")).unwrap();
    let warnings = with_level(&[]).output().stderr().matches("warning: `PROTOPRIMER_STDERR_LOG_LEVEL`").count();
    assert_eq!(warnings, 1, "once, not for each stage");
}
