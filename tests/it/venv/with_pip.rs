//! Environments with pip in them: the same files as `ensurepip` leaves, and a pip that works, lists, checks, installs and
//! can be uninstalled in the same way.

use std::fmt::Write as _;
use std::path::Path;

use super::bases::identity;
use super::comparison::{Case, Comparison, Total, case};
use crate::support::index::Index;
use crate::support::pythons::{self, Interpreter};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;
use crate::support::{bundled, skip};

const PLAIN: Case = case(&[&["env"]]);

const COPIES_WITH_THE_SYSTEMS: Case =
    case(&[&["--copies", "--system-site-packages", "--prompt", "two words", "with some spaces/env"]]).umask("077");

/// Existing things and pip, for one interpreter only.
const MORE: [Case; 4] = [
    case(&[&[
        "a/directory/whose/path/is/so/long/that/the/system/would/not/take/it/in/the/first/line/of/a/script/but/cuts/it\
              /off/env",
    ]]),
    case(&[&["env"]]).before("\"$PY\" -m venv --without-pip env && printf x >env/bin/pip3 && printf x >env/bin/mine"),
    case(&[&["--upgrade", "env"]]).before("\"$PY\" -m venv --without-pip env"),
    case(&[&["--clear", "env"]]).before("\"$PY\" -m venv --without-pip env && printf x >env/bin/pip"),
];

const UPGRADED: Case = case(&[&["--upgrade-deps", "env"]]);

/// An index with a package that has a script.
fn index() -> Index {
    let wheel = Wheel::new("one", "1.0").file("one.py", "def main():\n    print('this is one')\n");
    Index::start().add(wheel.script("one", "one:main").build())
}

fn sandbox(index: &Index) -> Sandbox {
    Sandbox::new().index(index).env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
}

/// What pip says when it is used, and what is left when it is gone.
fn use_of_pip(sandbox: &Sandbox, env: &Path) -> String {
    let mut said = identity(sandbox, env);
    let steps: [(&str, &[&str]); 7] = [
        ("pip", &["--version"]),
        ("pip3", &["check"]),
        ("pip", &["list", "--format=json"]),
        ("python", &["-m", "pip", "install", "--quiet", "one"]),
        ("one", &[]),
        ("pip", &["uninstall", "--quiet", "--yes", "pip"]),
        ("python", &["-c", "import pip"]),
    ];
    for (program, args) in steps {
        let run = sandbox.command(env.join("bin").join(program)).args(args.iter().copied()).output();
        let _ = write!(said, "{program} {args:?}: {}\n{}{}", run.code(), run.stdout(), run.stderr());
    }
    let _ = write!(said, "left: {:?}", left(env));
    said
}

/// The names in the environment's `bin` and `site-packages`, byte code among them.
fn left(env: &Path) -> Vec<String> {
    let library = std::fs::read_dir(env.join("lib")).unwrap().next().unwrap().unwrap().path();
    let entries = [env.join("bin"), library.join("site-packages")].into_iter().flat_map(|dir| dir.read_dir().unwrap());
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn pip_is_what_ensurepip_leaves_and_works_and_goes() {
    let (index, mut total) = (index(), Total::default());
    for python in pythons::for_environments() {
        let sandbox = sandbox(&index);
        let mut comparison = Comparison::new(&sandbox, python);
        comparison.compare(&PLAIN, &|place| use_of_pip(&sandbox, &place.join("env")));
        total.add(comparison);
    }
    total.end("with pip");
}

#[test]
fn pip_among_copies_and_spaces_and_the_systems_packages_is_what_ensurepip_leaves() {
    let (index, mut total) = (index(), Total::default());
    for python in pythons::for_environments() {
        let sandbox = sandbox(&index);
        let mut comparison = Comparison::new(&sandbox, python);
        comparison.compare(&COPIES_WITH_THE_SYSTEMS, &|place| {
            let env = place.join("with some spaces/env");
            let run = sandbox.command(env.join("bin/pip")).args(["--version"]).output();
            format!("{}{}{}", run.stdout(), run.stderr(), identity(&sandbox, &env))
        });
        total.add(comparison);
    }
    total.end("with pip and copies");
}

#[test]
fn pip_comes_into_what_is_there_as_ensurepip_brings_it() {
    let Some(python) = pythons::newest() else { return };
    let index = index();
    let sandbox = sandbox(&index);
    let mut comparison = Comparison::new(&sandbox, python);
    comparison.compare_all(&MORE);
    let mut total = Total::default();
    total.add(comparison);
    total.end("pip and what was there");
}

/// Interpreters that can upgrade what they brought along from an index with what this machine has.
fn upgradable() -> Vec<&'static Interpreter> {
    let known = pythons::supported().into_iter().filter(|it| it.minor >= 9);
    let (with_setuptools, without): (Vec<_>, Vec<_>) = known.partition(|it| it.minor <= 11);
    let found: Vec<_> = with_setuptools.into_iter().next().into_iter().chain(without.into_iter().next()).collect();
    if found.is_empty() {
        skip::<()>("no Python 3.9 or newer on this machine");
    }
    found
}

#[test]
fn dependencies_are_upgraded_from_the_index_last_of_all() {
    let index = bundled::packages().into_iter().fold(index(), Index::add);
    let mut total = Total::default();
    for python in upgradable() {
        let sandbox = sandbox(&index);
        let mut comparison = Comparison::new(&sandbox, python);
        comparison.compare(&UPGRADED, &|_| String::new());
        total.add(comparison);
    }
    assert!(index.paths().iter().any(|path| path == "/simple/pip/"), "{:?}", index.paths());
    total.end("upgraded dependencies");
}
