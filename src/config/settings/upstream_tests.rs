//! Protoprimer's layouts with its JSON files as they are. What they come to is what upstream's rules say, for every field;
//! where ours differ by design, a comment says so.

use std::ffi::OsString;
use std::fmt::Write as _;

use super::tests::Tree;
use super::*;
use crate::config::discover::discover;
use crate::config::document::shown;
use crate::config::leap::Origin;
use crate::host::names;

pub(super) const KERNEL: &str = "cmd/proto_code/proto_kernel.py";

const PRIMER: &str = r#"{
    "__comment__": "how to get to the root",
    "ref_root_dir_rel_path": "../..",
    "global_conf_dir_rel_path": "gconf"
}"#;

const CLIENT: &str = r#"{
    "__comment__": ["what holds everywhere"],
    "local_conf_symlink_rel_path": "lconf",
    "default_env_dir_rel_path": "dst/default_env",
    "__comment__": "once more",
    "required_python_version": "3.12.1",
    "python_selector_file_rel_path": "cmd/proto_code/python_selector.py",
    "local_venv_dir_rel_path": "venv",
    "local_log_dir_rel_path": "log",
    "local_tmp_dir_rel_path": "tmp",
    "local_cache_dir_rel_path": "cache",
    "local_run_dir_rel_path": "run",
    "venv_driver": "venv_uv",
    "version_constraints_file_basename": "pins.txt",
    "project_descriptors": [
        { "build_root_dir_rel_path": "src/app", "install_extras": ["test"], "install_group": "late" },
        { "build_root_dir_rel_path": "src/lib", "install_extras": [], "install_group": null },
        { "build_root_dir_rel_path": "src/base", "install_extras": [], "install_group": "early" }
    ],
    "install_specs": [
        { "early": { "extra_command_args": ["--no-deps"] } },
        { "late": { "__comment__": "nothing more" } }
    ]
}"#;

const SPECIAL: &str = r#"{
    "__comment__": "another python, two projects, nothing else",
    "required_python_version": "3.10",
    "python_selector_file_rel_path": null,
    "local_venv_dir_rel_path": "venv",
    "local_tmp_dir_rel_path": "tmp/special",
    "venv_driver": "venv_pip",
    "version_constraints_file_basename": null,
    "project_descriptors": [
        { "build_root_dir_rel_path": "src/lib", "install_extras": [] },
        { "build_root_dir_rel_path": "src/app", "install_extras": ["test"] }
    ],
    "install_specs": []
}"#;

const PROJECT: &str = "[project]\nname = 'x'\n[project.optional-dependencies]\ntest = []\n";

pub(super) fn max() -> Tree {
    let tree = Tree::new(&[
        (KERNEL, ""),
        ("cmd/proto_code/proto_kernel.json", PRIMER),
        ("cmd/proto_code/python_selector.py", ""),
        ("gconf/proto_kernel.json", CLIENT),
        ("dst/default_env/proto_kernel.json", r#"{ "__comment__": "as the client says" }"#),
        ("dst/special_env/proto_kernel.json", SPECIAL),
        ("src/app/pyproject.toml", PROJECT),
        ("src/lib/pyproject.toml", PROJECT),
        ("src/base/pyproject.toml", PROJECT),
        (".git/HEAD", ""),
    ]);
    std::os::unix::fs::symlink("dst/default_env", tree.path("lconf")).unwrap();
    tree
}

/// How `prime` is started.
pub(super) enum Start<'a> {
    /// In this directory.
    In(&'a str),
    /// With `-C` and this directory.
    Argument(&'a str),
    /// By a launcher that names itself in the variable.
    Variable(&'a str),
    /// By the path of the launcher, or of a copy of the binary.
    Launcher(&'a str),
}

pub(super) fn started(tree: &Tree, start: &Start<'_>, env: Option<&str>) -> Evaluation {
    let mut host = Host { args: vec!["prime".into()], current_dir: tree.path(""), ..Host::default() };
    let mut repo_dir = None;
    match start {
        Start::In(dir) => host.current_dir = tree.path(dir),
        Start::Argument(dir) => repo_dir = Some(tree.path(dir)),
        Start::Variable(file) => host.vars.push((names::PROTO_CODE.into(), tree.path(file).into())),
        Start::Launcher(file) => host.args = vec![OsString::from(tree.path(file))],
    }
    let repo = discover(&host, repo_dir.as_deref()).unwrap();
    evaluate(&host, &repo, &Selection { env: env.map(PathBuf::from), link: true })
}

/// Everything that is derived, a line for each field: its value, and where it is from.
fn derived(tree: &Tree, Evaluation { settings, faults, .. }: Evaluation) -> String {
    assert_eq!((faults, &settings.warnings), (vec![], &vec![]));
    let root = tree.path("");
    let mut text = String::new();
    let mut line = |name: &str, value: &str, origin: &Origin| {
        let origin = origin.to_string().replace(&format!("{}/", root.display()), "");
        writeln!(text, "{name}: {value} ({origin})").unwrap();
    };
    let s = &settings;
    for (name, path) in [
        ("ref_root", &s.ref_root_dir),
        ("global_conf", &s.global_conf_dir),
        ("env", &s.env_dir),
        ("default_env", &s.default_env_dir),
        ("venv", &s.venv_dir),
        ("log", &s.log_dir),
        ("tmp", &s.tmp_dir),
        ("cache", &s.cache_dir),
        ("run", &s.run_dir),
        ("constraints", &s.constraints_file),
    ] {
        line(name, &shown(&path.value, &root), &path.origin);
    }
    if let Some(python) = &s.required_python {
        line("python", &python.value, &python.origin);
    }
    if let Some(selector) = &s.python_selector_file {
        line("selector", &shown(&selector.value, &root), &selector.origin);
    }
    line("driver", s.venv_driver.value.map_or("any", VenvDriver::name), &s.venv_driver.origin);
    for Group { name, extra_args, projects } in &s.groups {
        let projects = projects.iter().map(|index| &s.projects[*index]);
        let projects: Vec<_> = projects.map(|it| format!("{}{:?}", it.rel_path, it.extras)).collect();
        writeln!(text, "{}: {} {}", name.as_deref().unwrap_or("-"), extra_args.join(" "), projects.join(" ")).unwrap();
    }
    text
}

const DEFAULT_ENV: &str = "\
ref_root: . (`proto_kernel.json` line 3)
global_conf: gconf (`proto_kernel.json` line 4)
env: dst/default_env (link `lconf`)
default_env: dst/default_env (`gconf/proto_kernel.json` line 4)
venv: venv (`gconf/proto_kernel.json` line 8)
log: log (`gconf/proto_kernel.json` line 9)
tmp: tmp (`gconf/proto_kernel.json` line 10)
cache: cache (`gconf/proto_kernel.json` line 11)
run: run (`gconf/proto_kernel.json` line 12)
constraints: dst/default_env/pins.txt (`gconf/proto_kernel.json` line 14)
python: 3.12.1 (`gconf/proto_kernel.json` line 6)
selector: cmd/proto_code/python_selector.py (`gconf/proto_kernel.json` line 7)
driver: venv_uv (`gconf/proto_kernel.json` line 13)
early: --no-deps src/base[]
late:  src/app[\"test\"]
-:  src/lib[]
";

#[test]
fn the_max_layout_comes_to_what_upstream_says_for_every_field() {
    let tree = max();
    for start in [
        Start::Argument("cmd/proto_code"),
        Start::Variable(KERNEL),
        Start::Launcher(KERNEL),
        Start::In("cmd/proto_code"),
    ] {
        assert_eq!(derived(&tree, started(&tree, &start, None)), DEFAULT_ENV);
    }
    // From the root the primer's file is not seen; what it says is what is usual.
    let usual = DEFAULT_ENV.replace("(`proto_kernel.json` line 3)", "(default)");
    let usual = usual.replace("(`proto_kernel.json` line 4)", "(default)");
    for start in [Start::Argument(""), Start::In(""), Start::In("src/app"), Start::In("cmd")] {
        assert_eq!(derived(&tree, started(&tree, &start, None)), usual);
    }
}

#[test]
fn an_environment_that_repeats_the_clients_venv_has_one_of_its_own() {
    let tree = max();
    // Upstream: `venv`, which both would share.
    let expected = "\
ref_root: . (`proto_kernel.json` line 3)
global_conf: gconf (`proto_kernel.json` line 4)
env: dst/special_env (argument `--env`)
default_env: dst/default_env (`gconf/proto_kernel.json` line 4)
venv: venv-special_env (`dst/special_env/proto_kernel.json` line 5, and the environment's name)
log: log (`gconf/proto_kernel.json` line 9)
tmp: tmp/special (`dst/special_env/proto_kernel.json` line 6)
cache: cache (`gconf/proto_kernel.json` line 11)
run: run (`gconf/proto_kernel.json` line 12)
constraints: dst/special_env/constraints.txt (default)
python: 3.10 (`dst/special_env/proto_kernel.json` line 3)
driver: venv_pip (`dst/special_env/proto_kernel.json` line 7)
-:  src/lib[] src/app[\"test\"]
";
    for env in ["dst/special_env", "dst/../dst/special_env/"] {
        assert_eq!(derived(&tree, started(&tree, &Start::Variable(KERNEL), Some(env))), expected);
    }
}

/// One file beside the kernel.
const ONE_FILE: &str = r#"{
    "global_conf_dir_rel_path": ".",
    "required_python_version": "3.11",
    "local_venv_dir_rel_path": "venv",
    "venv_driver": "venv_pip",
    "project_descriptors": [ { "build_root_dir_rel_path": ".", "install_extras": ["test"], "install_group": null } ]
}"#;

#[test]
fn the_min_layout_has_all_leaps_in_one_file_beside_the_kernel() {
    // Upstream's defaults: `log`, `tmp`, `cache`; ours lie in one directory that version control ignores.
    let expected = "\
ref_root: . (default)
global_conf: . (`proto_kernel.json` line 2)
env: . (default)
default_env: . (default)
venv: venv (`proto_kernel.json` line 4)
log: .prime/log (default)
tmp: .prime/tmp (default)
cache: .prime/cache (default)
run: .prime/run (default)
constraints: constraints.txt (default)
python: 3.11 (`proto_kernel.json` line 3)
driver: venv_pip (`proto_kernel.json` line 5)
-:  .[\"test\"]
";
    let files = [("proto_kernel.py", ""), ("pyproject.toml", PROJECT), ("src/x.py", "")];
    let starts = || {
        let file = "proto_kernel.py";
        [Start::Argument(""), Start::Variable(file), Start::Launcher(file), Start::In(""), Start::In("src")]
    };
    let tree = Tree::new(&[&files[..], &[("proto_kernel.json", ONE_FILE)]].concat());
    for start in starts() {
        assert_eq!(derived(&tree, started(&tree, &start, None)), expected);
    }
    // Upstream takes the one file for the client only where it is told so; ours where there is no other.
    let unsaid = ONE_FILE.replace("\"global_conf_dir_rel_path\": \".\"", "\"__comment__\": \"\"");
    let tree = Tree::new(&[&files[..], &[("protoprimer.json", &unsaid)]].concat());
    let expected = expected.replace("(`proto_kernel.json` line 2)", "(default)");
    for start in starts() {
        let derived = derived(&tree, started(&tree, &start, None)).replace("protoprimer.json", "proto_kernel.json");
        assert_eq!(derived, expected);
    }
}

#[test]
fn the_instant_layout_has_no_file_at_all() {
    let tree = Tree::new(&[("proto_kernel.py", ""), ("pyproject.toml", PROJECT), (".python-version", "3.11.7\n")]);
    // Upstream's defaults: `venv`, `log`, `tmp`, `cache`, `gconf` though it is not there, and `venv_uv`.
    let expected = "\
ref_root: . (default)
global_conf: . (default)
env: . (default)
default_env: . (default)
venv: .venv (default)
log: .prime/log (default)
tmp: .prime/tmp (default)
cache: .prime/cache (default)
run: .prime/run (default)
constraints: constraints.txt (default)
driver: any (default)
-:  .[]
";
    for start in
        [Start::In(""), Start::Argument(""), Start::Variable("proto_kernel.py"), Start::Launcher("proto_kernel.py")]
    {
        assert_eq!(derived(&tree, started(&tree, &start, None)), expected);
    }
}

#[test]
fn the_name_that_was_found_is_looked_for_in_every_leap() {
    let client = CLIENT.replace("3.12.1", "3.9");
    let tree = max();
    for dir in ["gconf", "dst/default_env"] {
        std::fs::write(tree.path(dir).join("protoprimer.json"), &client).unwrap();
        std::fs::write(tree.path(dir).join("prime.toml"), "no = 'configuration'").unwrap();
    }
    assert_eq!(derived(&tree, started(&tree, &Start::Variable(KERNEL), None)), DEFAULT_ENV);
    // The kernel's own name comes before the usual ones.
    std::fs::copy(tree.path(KERNEL), tree.path("cmd/proto_code/boot.py")).unwrap();
    for (from, to) in [("cmd/proto_code", ""), ("gconf", ""), ("dst/default_env", "")] {
        let dir = tree.path(from).join(to);
        std::fs::rename(dir.join("proto_kernel.json"), dir.join("boot.json")).unwrap();
    }
    let derived = derived(&tree, started(&tree, &Start::Variable("cmd/proto_code/boot.py"), None));
    assert_eq!(derived.replace("boot.json", "proto_kernel.json"), DEFAULT_ENV);
}
