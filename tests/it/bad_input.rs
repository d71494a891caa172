//! Bad input: each has its own exit code and message, and the message is compared whole.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use prime::deps::{Phase, Stamp};
use snapbox::str;

use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::http::refused_url;
use crate::support::index::Fault;
use crate::support::pythons::Interpreter;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::require_program;
use crate::support::sandbox::Sandbox;

/// A repo that has nothing wrong with it, and a uv and a python on `PATH`.
fn repo() -> Option<(Sandbox, &'static Interpreter)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    Some((hello(python).link_uv(uv).redact_as("[X.Y]", &python.series()), python))
}

#[test]
fn broken_toml() {
    let sandbox = Sandbox::new().fake_python("python3", "3.12.1").file("prime.toml", "venv_driver = \n");
    sandbox
        .prime(["boot"])
        .code(78)
        .stderr(str![[r#"
error: `prime.toml` line 1, column 15 is not TOML: string values must be quoted, expected literal string

"#]])
        .run();
}

#[test]
fn an_unknown_field_suggests_the_nearest() {
    let sandbox = Sandbox::new().file("prime.toml", "venv_drivr = \"venv_uv\"\n");
    sandbox
        .prime(["boot"])
        .code(78)
        .stderr(str![[r#"
error: unknown field `venv_drivr` in `prime.toml` line 1
hint: did you mean `venv_driver`?

"#]])
        .run();
}

#[test]
fn a_wrong_type_names_what_was_expected() {
    let sandbox = Sandbox::new().file("prime.toml", "\nlocal_venv_dir_rel_path = 3\n");
    sandbox
        .prime(["boot"])
        .code(78)
        .stderr(str![[r#"
error: `local_venv_dir_rel_path` in `prime.toml` line 2 is a number, expected a string
hint: write it in quotes: `"3"`

"#]])
        .run();
}

#[test]
fn no_python_version_anywhere() {
    let sandbox = Sandbox::new().file("pyproject.toml", "[project]\nname = \"app\"\nversion = \"1\"\n");
    sandbox.prime(["boot"]).code(78).stderr(str![[r#"
error: nothing says which python `[REPO]` requires
hint: write a version such as `3.12` into `.python-version`, or give `requires-python` in `pyproject.toml` or `required_python_version` in `prime.toml`

"#]]).run();
}

#[test]
fn no_python_matches_and_pip_cannot_help() {
    let sandbox = Sandbox::new().project("app", "1", &[]).file(".python-version", "3.77\n");
    let sandbox = sandbox.fake_python("python3.12", "3.12.1").env("PROTOPRIMER_VENV_DRIVER", "venv_pip");
    sandbox
        .prime(["boot"])
        .code(78)
        .stderr(str![[r#"
error: no python matching `3.77` found (`.python-version` line 1)
  cause: `[BIN]/python3.12` is 3.12.1
...
hint: install it, or let uv provide it with `venv_driver = "venv_uv"`

"#]])
        .run();
}

#[test]
fn the_index_refuses_the_connection() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let origin = refused_url();
    let sandbox = hello(python).env("PIP_INDEX_URL", format!("{origin}/simple/")).redact_as("[INDEX]", &origin);
    let sandbox = sandbox.link_uv(uv).redact_as("[X.Y.Z]", &python.version);
    sandbox
        .prime(["boot"])
        .code(69)
        .stderr(str![[r#"
create   .venv (python [X.Y.Z], uv)  [TIME]
error: `uv pip install` failed: the index cannot be reached
  cause: error: Request failed after 3 retries in [TIME]
      cause: Failed to fetch: [INDEX]/simple/[..]/
      cause: error sending request for url ([INDEX]/simple/[..]/)
      cause: client error (Connect)
      cause: tcp connect error
      cause: Connection refused
hint: check the network, the proxy (`HTTPS_PROXY`) and the index settings (`-v` shows them)

"#]])
        .run();
    let with_pip = sandbox.prime(["boot"]).env("PROTOPRIMER_VENV_DRIVER", "venv_pip").env("PIP_RETRIES", "0").output();
    assert_eq!(with_pip.code(), 69, "{}", with_pip.stderr());
    assert!(with_pip.stderr().contains(": the connection is refused\n"), "{}", with_pip.stderr());
}

#[test]
fn the_index_wants_credentials_and_the_wrong_ones_do_not_leak() {
    let Some(python) = hello_python() else { return };
    let index = hello_index().credentials("me", "right");
    let sandbox = hello(python).index(&index).env("PIP_INDEX_URL", index.url_with("me", "wrong"));
    for driver in ["", "venv_uv", "venv_pip"] {
        let run = sandbox.prime(["-vvv", "boot"]).env("PROTOPRIMER_VENV_DRIVER", driver).output();
        assert_eq!(run.code(), 77, "`{driver}`: {}", run.stderr());
        assert!(!run.stderr().contains("wrong"), "{}", run.stderr());
    }
}

#[test]
fn the_wheel_of_uv_is_not_what_the_index_says() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index().add(uv_wheel(uv)).fault("uv-", Fault::WrongHash);
    let sandbox = hello(python).index(&index).redact_as("[X.Y]", &python.series());
    sandbox.prime(["boot"]).code(65).stderr(str![[r#"
error: sha256 of `[INDEX]/files/uv-[..].whl` differs: expected 0000000000000000000000000000000000000000000000000000000000000000, found [..]
  cause: `uv-[..].whl` is listed on `[INDEX]/simple/uv/`
hint: the file was changed on its way or on the index; try another index

"#]]).run();
}

#[test]
fn the_project_directory_is_missing() {
    let sandbox = Sandbox::new().file(".python-version", "3.12\n");
    let sandbox = sandbox.file("prime.toml", "[[project_descriptors]]\nbuild_root_dir_rel_path = \"gone\"\n");
    sandbox.prime(["boot"]).code(78).stderr(str![[r#"
error: `project_descriptors[0].build_root_dir_rel_path` in `prime.toml` line 2 is `gone`, expected a directory that exists

"#]]).run();
}

#[test]
fn a_dependency_does_not_resolve() {
    let Some((sandbox, python)) = repo() else { return };
    let index = hello_index();
    let sandbox = sandbox.index(&index).project("app", "1", &["no-such-thing>=1"]);
    let sandbox = sandbox.redact_as("[X.Y.Z]", &python.version);
    sandbox.prime(["boot"]).code(78).stderr(str![[r#"
create   .venv (python [X.Y.Z], uv)  [TIME]
error: `uv pip install` failed: a requirement has a name that no index knows
  cause: error: No solution found when resolving dependencies
      cause: Because no-such-thing was not found in the package registry and app==1 depends on no-such-thing>=1, we can conclude that app==1 cannot be used.
             And because only app==1 is available and you require app, we can conclude that your requirements are unsatisfiable.
hint: check the name of the requirement, and the URL of the package index

"#]]).run();
}

#[test]
fn a_build_that_fails_shows_its_last_lines() {
    let Some((sandbox, python)) = repo() else { return };
    let index = hello_index();
    let sandbox = sandbox.index(&index).project("app", "1", &[]).redact_as("[X.Y.Z]", &python.version);
    let pyproject = sandbox.read("pyproject.toml") + "[tool.tinybackend]\nfail = \"the compiler is on holiday\"\n";
    let sandbox = sandbox.file("pyproject.toml", pyproject);
    sandbox
        .prime(["boot"])
        .code(78)
        .stderr(str![[r#"
create   .venv (python [X.Y.Z], uv)  [TIME]
error: `uv pip install` failed: a project does not build
  cause: Resolved 1 package in [TIME]
       Building app @ file://[REPO]
    error: Failed to build `app @ file://[REPO]`
      cause: The build backend returned an error
      cause: Call to `tinybackend.build_editable` failed (exit status: 1)
             [stderr]
             the compiler is on holiday
    hint: Build failures usually indicate a problem with the package or the build environment
hint: mend the project: the last lines above are its build's own

"#]])
        .run();
}

#[test]
fn a_command_is_missing_or_cannot_be_executed() {
    let Some((sandbox, _)) = repo() else { return };
    let index = hello_index();
    let sandbox = sandbox.index(&index).file("data", "no program\n");
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    sandbox
        .prime(["run", "--", "no-such-command"])
        .code(127)
        .stderr(str![[r#"
error: command not found: `no-such-command`
hint: it is in no directory on `PATH`, the environment's own included; is the package that has it a dependency?

"#]])
        .run();
    sandbox
        .prime(["run", "--", "./data"])
        .code(126)
        .stderr(str![[r#"
error: `[REPO]/data` is not executable
hint: make it executable: `chmod +x [REPO]/data`

"#]])
        .run();
}

#[test]
fn something_stands_where_the_environment_belongs() {
    let Some((sandbox, _)) = repo() else { return };
    let index = hello_index();
    let sandbox = sandbox.index(&index).file("file", "mine\n");
    let sandbox = sandbox.file("prime.toml", "local_venv_dir_rel_path = \"file/venv\"\n");
    sandbox
        .prime(["boot"])
        .code(73)
        .stderr(str![[r#"
error: cannot write `[REPO]/file/venv`
  cause: Not a directory
hint: something of another kind is in its place; move that away

"#]])
        .run();
}

#[test]
fn the_repo_cannot_be_written_to() {
    let Some((sandbox, _)) = repo() else { return };
    let index = hello_index();
    let sandbox = sandbox.index(&index);
    let mode = |mode| fs::set_permissions(sandbox.repo(), fs::Permissions::from_mode(mode)).unwrap();
    let refused = |why: &str| {
        format!(
            "error: cannot write `[REPO]/.prime`\n  cause: {why}\n\
             hint: make it writable, or use a copy of the repository that is\n"
        )
    };
    mode(0o555);
    // Permissions do not hold for the superuser, who can mount the repository read-only instead.
    if fs::write(sandbox.repo().join("probe"), "").is_err() {
        sandbox.prime(["boot"]).code(73).stderr(refused("Permission denied")).run();
    } else if let Some(unshare) = require_program("unshare") {
        let script = "mount --bind . . && mount -o remount,bind,ro . && cd \"$PWD\" && exec \"$0\" boot";
        let run = sandbox.command(unshare).args(["--mount", "/bin/sh", "-c", script, env!("CARGO_BIN_EXE_prime")]);
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", sandbox.bin().display());
        run.env("PATH", path).code(73).stderr(refused("Read-only file system")).run();
    }
    mode(0o755);
}

#[test]
fn the_environment_is_to_stand_where_something_would_be_lost() {
    for (place, fact) in [
        (".git", "keeps the history of the repository"),
        (".git/venv", "keeps the history of the repository"),
        ("link/venv", "is outside of the repository, through a link"),
    ] {
        let sandbox = Sandbox::new().file(".python-version", "3.12\n").file(".git/HEAD", "ref: refs/heads/main\n");
        let sandbox = sandbox.file("prime.toml", format!("local_venv_dir_rel_path = \"{place}\"\n"));
        std::os::unix::fs::symlink(sandbox.home(), sandbox.repo().join("link")).unwrap();
        let expected = format!(
            "error: the venv's directory `{place}` (`prime.toml` line 1) {fact}\nhint: choose another `local_venv_dir_rel_path`\n"
        );
        sandbox.prime(["boot"]).code(78).stderr(expected).run();
        assert_eq!(sandbox.read(".git/HEAD"), "ref: refs/heads/main\n");
    }
}

#[test]
fn a_stamp_that_came_with_the_clone_proves_nothing() {
    let Some((sandbox, _)) = repo() else { return };
    let index = hello_index();
    let sandbox = sandbox.index(&index).script("evil/bin/hello", "#!/bin/sh\necho somebody else\n");
    let repo = sandbox.repo();
    let mut stamp = Stamp::creating(&repo, &repo, &repo.join("evil"));
    // Whoever committed it could not know what the directory would be here.
    (stamp.phase, stamp.birth, stamp.seed, stamp.environment.is_default) = (Phase::Ready, None, repo.clone(), true);
    stamp.driver = "venv_uv".to_owned();
    stamp.save(&repo.join(".prime/stamp.json")).unwrap();
    let run = sandbox.prime(["-q", "run", "--", "hello"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{}", run.stderr());
}
