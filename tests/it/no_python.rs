//! Where no python will do, or the one that is there lacks something: who provides one, who provides uv, and what is said
//! when nobody can.

use std::fs;
use std::path::Path;

use crate::support::http::refused_url;
use crate::support::index::Index;
use crate::support::mirror::{Mirror, unpack};
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::{RealUv, real_uv, uv_wheel};
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::{Package, Wheel};

/// A repo that requires this version to the last number, so that no other will do.
fn repo(index: &Index, version: &str) -> Sandbox {
    Sandbox::new().index(index).project("app", "1", &[]).file(".python-version", format!("{version}\n"))
}

#[track_caller]
fn assert_runs(sandbox: &Sandbox) -> Run {
    let run = sandbox.prime(["run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    run
}

#[track_caller]
fn assert_fails(sandbox: &Sandbox, code: i32, facts: &[&str]) {
    let run = sandbox.prime(["boot"]).output();
    let talk = sandbox.redact(&run.stderr());
    assert_eq!(run.code(), code, "{talk}");
    for fact in facts {
        assert!(talk.contains(fact), "{fact}: {talk}");
    }
    assert!(!sandbox.repo().join(".venv").exists(), "{talk}");
}

#[test]
fn a_python_that_nobody_has_comes_from_the_mirror() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (Index::start().add(uv_wheel(uv)), Mirror::of(python));
    let sandbox = repo(&index, &python.version).mirror(&mirror);
    let run = assert_runs(&sandbox);
    let said = sandbox.redact(&run.stderr());
    for line in [format!("obtain   uv {} (index)", uv.version), format!("provide  python {} (uv)", python.version)] {
        assert!(said.contains(&line), "{line}: {said}");
    }
    let targets: Vec<_> = mirror.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/downloads.json", "/python.tar.gz"]);
    let code = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    sandbox.prime(["run", "--", "python", "-c", code]).stdout(format!("{}\n", python.version)).run();
    // Nothing is put in the way of the user's own command line.
    assert!(!sandbox.home().join(".local/bin").exists());
}

#[test]
fn an_older_python_on_path_does_not_stand_in_for_the_one_that_is_required() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (Index::start(), Mirror::of(python));
    let sandbox = repo(&index, &python.version).mirror(&mirror).link_uv(uv).fake_python("python3", "3.8.1");
    assert_runs(&sandbox);
    assert_eq!(mirror.requests().len(), 2);
}

#[test]
fn a_mirror_that_is_down_is_unavailable_and_what_was_found_is_told() {
    let Some(uv) = real_uv() else { return };
    let (index, origin) = (Index::start(), refused_url());
    let sandbox = repo(&index, "3.8.99").link_uv(uv).redact_as("[MIRROR]", &origin).fake_python("python3.12", "3.12.1");
    let sandbox = sandbox.env("UV_PYTHON_DOWNLOADS_JSON_URL", format!("{origin}/downloads.json"));
    let sandbox = sandbox.env("UV_HTTP_RETRIES", "0");
    assert_fails(
        &sandbox,
        69,
        &[
            "error: no python matching `3.8.99` (`.python-version` line 1) found, and uv cannot provide one\n",
            "`[BIN]/python3.12` is 3.12.1\n",
            "[MIRROR]/downloads.json",
            "hint: install it, or name a mirror of python builds in `UV_PYTHON_INSTALL_MIRROR` or `UV_PYTHON_DOWNLOADS_JSON_URL`\n",
        ],
    );
}

#[test]
fn a_mirror_without_this_python_is_a_matter_of_configuration() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (Index::start(), Mirror::of(python));
    let sandbox = repo(&index, "3.8.99").link_uv(uv).mirror(&mirror);
    let facts = ["no python matching `3.8.99` (`.python-version` line 1) found, and uv cannot provide one\n", "3.8.99"];
    assert_fails(&sandbox, 78, &facts);
}

#[test]
fn downloads_that_are_forbidden_are_not_made() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (Index::start(), Mirror::of(python));
    let sandbox = repo(&index, &python.version).link_uv(uv).mirror(&mirror).env("UV_PYTHON_DOWNLOADS", "never");
    let fact = format!("no python matching `{}` (`.python-version` line 1) found", python.version);
    assert_fails(&sandbox, 78, &[&fact, "UV_PYTHON_DOWNLOADS"]);
    assert!(!mirror.requests().iter().any(|request| request.target == "/python.tar.gz"), "{:?}", mirror.requests());
}

#[test]
fn uv_has_a_floor_and_an_error_names_it() {
    let index = Index::start();
    let sandbox = repo(&index, "3.7").fake_python("python3.7", "3.7.16").fake_uv("9.8.7");
    let pyproject = sandbox.read("pyproject.toml").replace(">=3.8", ">=3.7");
    let sandbox = sandbox.file("pyproject.toml", pyproject).env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    assert_fails(
        &sandbox,
        78,
        &[
            "error: `venv_uv` needs python 3.8 or newer, and python 3.7.16 is required\n",
            "hint: use `venv_pip` for such a python; the driver comes from variable `PROTOPRIMER_VENV_DRIVER`",
        ],
    );
    assert!(!sandbox.journal().contains("uv "), "{}", sandbox.journal());
}

#[test]
fn below_uvs_floor_pip_serves_without_being_asked_for() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::python("3.7")) else { return };
    let index = Index::start();
    let sandbox = repo(&index, "3.7").link_python(python).link_uv(uv);
    let pyproject = sandbox.read("pyproject.toml").replace(">=3.8", ">=3.7");
    let sandbox = sandbox.file("pyproject.toml", pyproject);
    let run = assert_runs(&sandbox);
    let made = format!("create   .venv (python {}, pip)", python.version);
    assert!(run.stderr().contains(&made), "{}", run.stderr());
}

/// The interpreter in the sandbox, on `PATH`, without a part of its standard library.
fn without(sandbox: Sandbox, python: &Interpreter, module: &str) -> Sandbox {
    let executable = unpack(python, &sandbox.root().join("lacking"));
    let library = executable.parent().unwrap().join("../lib").join(python.basename());
    fs::remove_dir_all(library.join(module)).unwrap();
    sandbox.link(&python.basename(), &executable)
}

#[test]
fn a_python_without_venv_serves_pip() {
    let Some(python) = pythons::hidden() else { return };
    let index = Index::start();
    let sandbox = without(repo(&index, &python.version), python, "venv");
    assert_runs(&sandbox.env("PROTOPRIMER_VENV_DRIVER", "venv_pip"));
}

#[test]
fn a_python_without_venv_or_ensurepip_cannot_serve_pip_where_its_own_venv_is_asked_for() {
    let Some(python) = pythons::hidden() else { return };
    for module in ["venv", "ensurepip"] {
        let index = Index::start();
        let sandbox = without(repo(&index, &python.version), python, module);
        let sandbox = sandbox.file("prime.toml", "native_venv = false\n");
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", "venv_pip");
        let run = sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 78, "{}", run.stderr());
        let facts = [
            format!("error: `python -m {module}` failed: this python lacks `venv` or `ensurepip`\n"),
            format!("No module named {module}\n"),
            "hint: install what your system calls `python3-venv`, or use `venv_driver = \"venv_uv\"`\n".to_owned(),
        ];
        assert!(facts.iter().all(|fact| run.stderr().contains(fact)), "{}", run.stderr());
        // What was half made is no environment.
        let again = sandbox.prime(["run", "--", "app"]).output();
        assert_eq!(again.code(), 78, "{}", again.stderr());
    }
}

#[test]
fn a_python_without_venv_and_ensurepip_serves_uv() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let index = Index::start();
    let sandbox = without(repo(&index, &python.version), python, "venv").link_uv(uv);
    fs::remove_dir_all(sandbox.root().join("lacking/python/lib").join(python.basename()).join("ensurepip")).unwrap();
    assert_runs(&sandbox);
}

/// A wheel of uv that is for no platform in particular, so that only pip installs it: a script that starts the real one.
fn script_wheel(uv: &RealUv) -> Package {
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", uv.executable.display());
    Wheel::new("uv", &uv.version).file("uv/__init__.py", "").program("uv", script).build()
}

fn kept(cache: &Path, uv: &RealUv) -> bool {
    cache.join("prime/uv").join(&uv.version).join("uv").is_file()
}

#[test]
fn uv_that_has_no_wheel_for_this_platform_is_installed_by_pip_and_kept() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let index = Index::start().add(script_wheel(uv));
    let sandbox = repo(&index, &python.version).link_python(python);
    let run = assert_runs(&sandbox);
    let obtained = format!("obtain   uv {} (index, by pip)", uv.version);
    assert!(run.stderr().contains(&obtained), "{}", run.stderr());
    assert!(kept(&sandbox.cache(), uv));
    let left = fs::read_dir(sandbox.cache().join("prime/uv")).unwrap().count();
    assert_eq!(left, 1, "the intermediate environment is gone");
    let asked = || index.paths().iter().filter(|path| path.contains("/uv")).count();
    let before = asked();
    let other = repo(&index, &python.version).link_python(python).env("XDG_CACHE_HOME", sandbox.cache());
    let run = assert_runs(&other);
    assert!(!run.stderr().contains("obtain"), "{}", run.stderr());
    assert_eq!(asked(), before);
}

#[test]
fn a_required_python_is_provided_by_a_uv_that_another_python_helped_to_get() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let Some(other) = pythons::supported().into_iter().find(|it| it.minor != python.minor) else { return };
    let (index, mirror) = (Index::start().add(script_wheel(uv)), Mirror::of(python));
    let sandbox = repo(&index, &python.version).link_python(other).mirror(&mirror);
    let run = assert_runs(&sandbox);
    for line in [format!("uv {} (index, by pip)", uv.version), format!("provide  python {} (uv)", python.version)] {
        assert!(run.stderr().contains(&line), "{line}: {}", run.stderr());
    }
}

#[test]
fn an_index_without_uv_leaves_it_to_pip_unless_uv_is_asked_for() {
    let Some(python) = pythons::hidden() else { return };
    let index = Index::start();
    let sandbox = repo(&index, &python.version).link_python(python);
    let run = assert_runs(&sandbox);
    let said = sandbox.redact(&run.stderr());
    assert!(
        said.starts_with("warning: uv cannot be had, so pip makes the environment: no uv in `[INDEX]/simple/"),
        "{said}"
    );
    assert!(said.contains(&format!("create   .venv (python {}, pip)", python.version)), "{said}");
    let asked_for = repo(&index, &python.version).link_python(python).env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    assert_fails(&asked_for, 69, &["error: no uv in `[INDEX]/simple/", "hint: install uv and name it in `PRIME_UV`"]);
}

#[test]
fn with_neither_python_nor_uv_to_be_had_the_error_says_so() {
    let index = Index::start();
    let sandbox = repo(&index, "3.8.99");
    assert_fails(
        &sandbox,
        69,
        &["error: no python matching `3.8.99` (`.python-version` line 1) found", "no uv in `[INDEX]/"],
    );
}
