//! Programs on `PATH` that are not what they are named after: they are passed over within a limit, and told of.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::index::Index;
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::{fakes, write};

/// A directory of its own on `PATH` for each, in this order, and after them the sandbox's `bin`.
fn on_path(sandbox: Sandbox, name: &str, programs: &[(&str, String)]) -> Sandbox {
    let root = sandbox.root().to_owned();
    let dirs = programs.iter().map(|(dir, script)| {
        write(&root.join(dir).join(name), script.as_bytes(), 0o755);
        root.join(dir)
    });
    let dirs: Vec<_> = dirs.chain([sandbox.bin()]).collect();
    sandbox.env("PATH", std::env::join_paths(dirs).unwrap())
}

fn script(body: &str) -> String {
    format!("#!/bin/sh\n{body}\n")
}

#[track_caller]
fn said(sandbox: &Sandbox) -> String {
    let run = sandbox.prime(["-v", "run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    sandbox.prime(["run", "--", "app"]).stdout("this is app\n").run();
    sandbox.redact(&run.stderr())
}

#[test]
fn a_python_that_is_none_is_passed_over_with_its_reason() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let index = Index::start();
    let name = python.basename();
    let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("app", "1", &[]);
    let sandbox = sandbox.file(".python-version", python.series() + "\n");
    let programs = [
        ("hangs", script("exec /bin/sleep 600")),
        ("garbage", script("printf 'what\\000ever\\377\\n'; printf '{\"prime_probe\"'")),
        ("shim", script(&format!("echo '{name}: command not found' >&2; exit 127"))),
        ("killed", script("kill -KILL $$")),
    ];
    let sandbox = on_path(sandbox, &name, &programs);
    let said = said(&sandbox);
    for line in [
        format!("`[ROOT]/hangs/{name}` was skipped: no answer within [TIME]\n"),
        format!("`[ROOT]/garbage/{name}` was skipped: did not answer as a python does\n"),
        format!("`[ROOT]/shim/{name}` was skipped: exited with status 127: {name}: command not found\n"),
        format!("`[ROOT]/killed/{name}` was skipped: was ended by signal 9\n"),
    ] {
        assert!(said.contains(&line), "{line}: {said}");
    }
}

#[test]
fn the_venv_itself_is_never_the_python_that_it_is_made_anew_from() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    for driver in super::DRIVERS {
        let index = Index::start();
        let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("app", "1", &[]);
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver).file("prime.toml", "");
        said(&sandbox);
        let own = sandbox.repo().join(".venv/bin");
        let path = format!("{}:{}", own.display(), sandbox.bin().display());
        let venv = sandbox.repo().join(".venv");
        let sandbox = sandbox.env("PATH", path).env("VIRTUAL_ENV", venv);
        // Stale: it is made anew while it is active.
        fs::remove_file(sandbox.repo().join(".prime/stamp.json")).unwrap();
        said(&sandbox);
        assert!(leads_to(&own.join("python"), &python.executable), "{driver}");
        // Its own interpreter, by a link that does not say so.
        symlink(own.join("python"), sandbox.bin().join("python3")).unwrap();
        let bin = sandbox.bin();
        let sandbox = sandbox.env("PATH", bin).env_remove("VIRTUAL_ENV");
        fs::remove_file(sandbox.repo().join(".prime/stamp.json")).unwrap();
        said(&sandbox);
        assert!(leads_to(&own.join("python"), &python.executable), "{driver}");
    }
}

fn leads_to(path: &Path, target: &Path) -> bool {
    path.canonicalize().unwrap() == target.canonicalize().unwrap()
}

#[test]
fn a_uv_that_hangs_is_too_old_or_is_none_is_passed_over() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let index = Index::start().add(uv_wheel(uv));
    let sandbox = Sandbox::new().index(&index).link_python(python).project("app", "1", &[]);
    let old = fakes::uv(sandbox.root(), "0.6.9");
    let programs = [
        ("hangs", script("exec /bin/sleep 600")),
        ("old", old),
        ("garbage", script("echo ultraviolet")),
        ("shim", script("echo 'no version is set for uv' >&2; exit 127")),
    ];
    let said = said(&on_path(sandbox, "uv", &programs));
    for line in [
        "`[ROOT]/hangs/uv` is passed over: `[ROOT]/hangs/uv --version` does not answer\n",
        "`[ROOT]/old/uv` is uv 0.6.9; 0.7.0 or newer is needed\n",
        "`[ROOT]/garbage/uv` is passed over: `[ROOT]/garbage/uv --version` does not answer as uv does",
        "`[ROOT]/shim/uv` is passed over: `[ROOT]/shim/uv --version` does not answer as uv does",
        &format!("obtain   uv {} (index)", uv.version),
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn a_uv_that_is_named_and_hangs_is_an_error() {
    let Some(python) = pythons::newest() else { return };
    let sandbox =
        Sandbox::new().link_python(python).project("app", "1", &[]).script("uv", script("exec /bin/sleep 600"));
    let named = sandbox.repo().join("uv");
    let run = sandbox.prime(["boot"]).env("PRIME_UV", &named).code(78);
    run.stderr(
        "error: `PRIME_UV` names no usable uv\n  cause: `[REPO]/uv --version` does not answer\n\
         hint: name a working uv in it, or unset `PRIME_UV`\n",
    )
    .run();
}
