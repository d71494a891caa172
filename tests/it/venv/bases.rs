//! An interpreter may be called by many names, from inside other environments, and from where it was moved to: the
//! environment that comes of it is always what `python -m venv` makes, and its python says the same of itself.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::Maker;
use super::comparison::{Case, Comparison, Total, case};
use crate::support::mirror::unpack;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;
use crate::support::write;

/// What an environment's python says of itself.
pub const IDENTITY: &str = "\
import json, site, sys, sysconfig
answers = {name: getattr(sys, name) for name in
    ('prefix', 'exec_prefix', 'base_prefix', 'base_exec_prefix', 'executable', 'path', 'version', 'flags')}
answers['base_executable'] = getattr(sys, '_base_executable', None)
answers['paths'] = sysconfig.get_paths()
answers['scheme'] = sysconfig._get_default_scheme() if sys.version_info < (3, 10) else sysconfig.get_default_scheme()
answers['sites'] = site.getsitepackages(), site.ENABLE_USER_SITE
answers['config'] = sysconfig.get_config_h_filename(), sysconfig.get_makefile_filename()
print(json.dumps(answers, sort_keys=True, indent=1, default=str))
";

const CASES: [Case; 2] =
    [case(&[&["--without-pip", "env"]]), case(&[&["--without-pip", "--copies", "--system-site-packages", "env"]])];

/// Asks the environment's python what it is.
pub fn identity(sandbox: &Sandbox, env: &Path) -> String {
    let run = sandbox.command(env.join("bin/python")).args(["-c", IDENTITY]).output();
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""), "{}", env.display());
    run.stdout()
}

/// Compares environments for an interpreter that is called by each of these.
fn compare(sandbox: &Sandbox, python: &Interpreter, calls: &[PathBuf], total: &mut Total) {
    for call in calls {
        let mut comparison = Comparison::new(sandbox, python).called(call);
        for case in &CASES {
            comparison.compare(case, &|place| identity(sandbox, &place.join("env")));
        }
        total.add(comparison);
    }
}

/// The names of the same program in its own directory.
fn own_names(python: &Interpreter) -> Vec<PathBuf> {
    let dir = python.executable.parent().unwrap();
    let names = ["python", "python3", &python.basename()].map(|name| dir.join(name));
    let same = |path: &PathBuf| path.canonicalize().ok() == python.executable.canonicalize().ok();
    names.into_iter().filter(same).collect()
}

/// Links, links to links and names on `PATH`, all from elsewhere.
fn links(sandbox: &Sandbox, python: &Interpreter) -> Vec<PathBuf> {
    let elsewhere = sandbox.root().join("else where");
    std::fs::create_dir(&elsewhere).unwrap();
    symlink(&python.executable, elsewhere.join("mypy")).unwrap();
    symlink("mypy", elsewhere.join("python")).unwrap();
    symlink(&elsewhere, sandbox.root().join("linked")).unwrap();
    symlink(&python.executable, sandbox.bin().join("a-python")).unwrap();
    let linked = sandbox.root().join("linked/python");
    vec![elsewhere.join("mypy"), elsewhere.join("python"), linked, PathBuf::from("a-python")]
}

/// A script that hands over to the interpreter, as pyenv's shims do.
fn wrapper(sandbox: &Sandbox, python: &Interpreter) -> PathBuf {
    let path = sandbox.root().join("wrapper/python");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", python.executable.display());
    write(&path, script.as_bytes(), 0o755);
    path
}

/// The pythons of environments that were made for the interpreter, and of an environment in an environment.
fn nested(sandbox: &Sandbox, python: &Interpreter) -> Vec<PathBuf> {
    let make = |python: &Path, options: &[&str], name: &str| {
        let line = Maker::Python.command_line(python);
        let run = sandbox.command(line[0].as_str()).args(&line[1..]).args(options.iter().copied());
        let env = sandbox.root().join(name);
        let run = run.args([&env]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        env.join("bin")
    };
    let linked = make(&python.executable, &["--without-pip"], "outer");
    let copied = make(&python.executable, &["--without-pip", "--copies"], "outer copy");
    let inner = make(&linked.join("python"), &["--without-pip"], "inner");
    vec![linked.join("python"), linked.join("python3"), copied.join("python"), inner.join("python")]
}

#[test]
fn an_interpreter_by_any_name_makes_what_it_makes_itself() {
    let mut total = Total::default();
    for python in pythons::for_environments() {
        let sandbox = Sandbox::new();
        let mut calls = own_names(python);
        calls.extend(links(&sandbox, python));
        calls.push(wrapper(&sandbox, python));
        compare(&sandbox, python, &calls, &mut total);
    }
    total.end("names of interpreters");
}

#[test]
fn an_environment_is_a_base_as_it_is_for_python() {
    let mut total = Total::default();
    for python in pythons::for_environments() {
        let sandbox = Sandbox::new();
        let calls = nested(&sandbox, python);
        compare(&sandbox, python, &calls, &mut total);
    }
    total.end("environments in environments");
}

#[test]
fn an_environment_of_uvs_is_a_base_as_it_is_for_python() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let sandbox = Sandbox::new();
    let outer = sandbox.root().join("outer");
    let run = sandbox.command(&uv.executable).args(["venv", "--offline", "--python"]);
    let run = run.args([&python.executable, &outer]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let mut total = Total::default();
    compare(&sandbox, python, &[outer.join("bin/python")], &mut total);
    total.end("an environment of uv's");
}

#[test]
fn an_interpreter_that_was_moved_makes_what_it_makes_there() {
    let mut total = Total::default();
    for python in pythons::all().filter(|it| it.minor >= 7) {
        let sandbox = Sandbox::new();
        let moved = unpack(python, &sandbox.root().join("moved here"));
        let by_short_name = moved.with_file_name("python");
        compare(&sandbox, python, &[moved, by_short_name], &mut total);
    }
    total.end("interpreters that were moved");
}

#[test]
fn where_nothing_is_named_it_is_the_python3_of_the_path() {
    for python in pythons::for_environments() {
        // What lies in the current directory is no program of the path.
        let sandbox = Sandbox::new().link("python3", &python.executable).script("python3", "#!/bin/sh\nexit 1\n");
        let made = |line: &[&str]| {
            let run = sandbox.command(line[0]).args(line[1..].iter().copied()).output();
            assert_eq!(run.code(), 0, "{python} {line:?}: {}", run.stderr());
            let env = sandbox.repo().join("env");
            let tree = (Tree::of(&env), identity(&sandbox, &env));
            std::fs::rename(env, sandbox.root().join(line[0].replace('/', "-"))).unwrap();
            tree
        };
        let by_name = sandbox.bin().join("python3").display().to_string();
        let expected = made(&[&by_name, "-m", "venv", "env"]);
        let found = made(&[env!("CARGO_BIN_EXE_prime"), "venv", "env"]);
        let differences = expected.0.differences(&found.0);
        assert!(differences.is_empty(), "{python}: {}", differences.join("\n"));
        assert_eq!(found.1, expected.1, "{python}");
    }
}
