//! Repositories that carry protoprimer's files boot as they are, from wherever they are started.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::pythons::Interpreter;
use crate::support::real_uv::real_uv;
use crate::support::run::Invocation;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// The kernel is what names itself in the variable; here it is never run.
const KERNEL: &str = "cmd/proto_code/proto_kernel.py";

const PRIMER: &str = r#"{
    "__comment__": "how to get to the root",
    "ref_root_dir_rel_path": "../..",
    "global_conf_dir_rel_path": "gconf"
}
"#;

const CLIENT: &str = r#"{
    "local_conf_symlink_rel_path": "lconf",
    "default_env_dir_rel_path": "dst/default_env",
    "__comment__": "the python that is required",
    "required_python_version": "X.Y",
    "python_selector_file_rel_path": "cmd/proto_code/python_selector.py",
    "local_venv_dir_rel_path": "venv",
    "local_log_dir_rel_path": "log",
    "local_tmp_dir_rel_path": "tmp",
    "local_cache_dir_rel_path": "cache",
    "venv_driver": "venv_uv",
    "version_constraints_file_basename": "constraints.txt",
    "project_descriptors": [
        { "build_root_dir_rel_path": "src/app", "install_extras": ["test"], "install_group": "late" },
        { "build_root_dir_rel_path": "src/lib", "install_extras": [] }
    ],
    "install_specs": [ { "late": { "extra_command_args": ["--no-compile"] } } ]
}
"#;

const SPECIAL: &str = r#"{
    "__comment__": "only the library, with pip",
    "local_venv_dir_rel_path": "venv",
    "python_selector_file_rel_path": null,
    "venv_driver": "venv_pip",
    "project_descriptors": [ { "build_root_dir_rel_path": "src/lib" } ],
    "install_specs": []
}
"#;

const SELECTOR: &str = "def select_python_file_abs_path(required_version):\n    print('talk')\n";

/// A repository, what it installs from, and the files that it began with.
struct Repo {
    sandbox: Sandbox,
    _index: Index,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Repo {
    fn new(build: impl FnOnce(Sandbox, &Interpreter) -> Sandbox) -> Option<Self> {
        let (uv, python) = (real_uv()?, hello_python()?);
        let index = Index::start().add(Wheel::new("left", "1.0").file("left.py", "").build());
        let sandbox = Sandbox::new().link_uv(uv).link_python(python).redact_as("[X.Y.Z]", &python.version);
        let sandbox = build(sandbox.index(&index), python);
        let mut files = Vec::new();
        collect(&sandbox.repo(), &mut files);
        Some(Self { sandbox, _index: index, files })
    }

    /// The ways to start in this repository, and their names.
    fn ways<'a>(&'a self, kernel: &str) -> Vec<(&'static str, Invocation<'a>)> {
        let kernel = Path::new(kernel);
        let dir = kernel.parent().unwrap();
        let prime = || self.sandbox.prime([""; 0]);
        let beside = if dir == Path::new("") { Path::new(".") } else { dir };
        vec![
            ("by the variable", prime().env("PROTOPRIMER_PROTO_CODE", self.sandbox.repo().join(kernel))),
            (
                "by the variable, elsewhere",
                prime().env("PROTOPRIMER_PROTO_CODE", self.sandbox.repo().join(kernel)).current_dir(".."),
            ),
            ("by the argument", prime().args(["-C".as_ref(), beside.as_os_str()])),
            ("beside the kernel", prime().current_dir(beside)),
            ("in the root", prime()),
            ("below the root", prime().current_dir("src")),
        ]
    }

    fn is_unchanged(&self) -> bool {
        self.files.iter().all(|(path, content)| fs::read(path).unwrap() == *content)
    }

    /// The state directories.
    fn states(&self) -> Vec<String> {
        let mut found = Vec::new();
        find(&self.sandbox.repo(), ".prime", &mut found);
        found.iter().map(|path| self.sandbox.redact(&path.display().to_string())).collect()
    }
}

fn collect(dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

fn find(dir: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == *name {
            found.push(entry.path());
        } else if entry.file_type().unwrap().is_dir() {
            find(&entry.path(), name, found);
        }
    }
}

/// A project in a directory of the repository.
fn project(sandbox: Sandbox, dir: &str, name: &str, extras: &str) -> Sandbox {
    let pyproject = format!(
        "[project]\nname = \"{name}\"\nversion = \"1.0\"\n{extras}\n\
         [build-system]\nrequires = [\"tinybackend\"]\nbuild-backend = \"tinybackend\"\n"
    );
    sandbox.file(&format!("{dir}pyproject.toml"), pyproject).file(&format!("{dir}src/{name}.py"), "")
}

const TEST_EXTRA: &str = "[project.optional-dependencies]\ntest = [\"left\"]\n";

fn max(sandbox: Sandbox, python: &Interpreter) -> Sandbox {
    let sandbox = sandbox.file(KERNEL, "raise SystemExit('not run')\n").file(".git/HEAD", "ref: refs/heads/main\n");
    let sandbox = sandbox
        .file("cmd/proto_code/proto_kernel.json", PRIMER)
        .file("cmd/proto_code/python_selector.py", SELECTOR)
        .file("gconf/proto_kernel.json", CLIENT.replace("X.Y", &python.series()))
        .file("dst/default_env/proto_kernel.json", "{ \"__comment__\": \"as the client says\" }\n")
        .file("dst/special_env/proto_kernel.json", SPECIAL);
    let sandbox = project(sandbox, "src/app/", "app", TEST_EXTRA);
    project(sandbox, "src/lib/", "lib", "")
}

/// One file beside the kernel, which is in the root.
fn min(sandbox: Sandbox, python: &Interpreter) -> Sandbox {
    let config = format!(
        "{{\n    \"global_conf_dir_rel_path\": \".\",\n    \"required_python_version\": \"{}\",\n    \
         \"venv_driver\": \"venv_uv\",\n    \"project_descriptors\": [\n        \
         {{ \"build_root_dir_rel_path\": \".\", \"install_extras\": [\"test\"], \"install_group\": null }}\n    ]\n}}\n",
        python.series()
    );
    project(sandbox, "", "app", TEST_EXTRA).file("proto_kernel.py", "").file("proto_kernel.json", config)
}

/// No file at all.
fn instant(sandbox: Sandbox, python: &Interpreter) -> Sandbox {
    let sandbox = project(sandbox, "", "app", "").file("proto_kernel.py", "");
    sandbox.file(".python-version", format!("{}\n", python.version))
}

/// Boots by the variable, by the argument and in the root: the first says `expected`, and then no other way finds
/// anything to do or to say.
fn boots(build: fn(Sandbox, &Interpreter) -> Sandbox, kernel: &str, expected: &str) {
    for first in [0, 2, 4] {
        let Some(repo) = Repo::new(build) else { return };
        let mut ways = repo.ways(kernel);
        let (name, invocation) = ways.swap_remove(first);
        let run = invocation.output();
        assert_eq!((run.code(), repo.sandbox.redact(&run.stderr())), (0, expected.to_owned()), "{name}");
        for (next, invocation) in ways {
            let run = invocation.output();
            assert_eq!((run.code(), run.stderr().as_str()), (0, ""), "{name}, then {next}");
        }
        assert_eq!(repo.states(), ["[REPO]/.prime"], "{name}");
        assert!(repo.is_unchanged(), "{name}");
    }
}

#[test]
fn the_max_layout_boots_as_it_is_from_wherever_it_is_started() {
    let expected = "\
link     lconf to dst/default_env
create   venv (python [X.Y.Z], uv)  [TIME]
install  app (editable)  [TIME]
install  lib (editable)  [TIME]
pin      dst/default_env/constraints.txt (1 version)  [TIME]
";
    boots(max, KERNEL, expected);
}

#[test]
fn the_min_layout_boots_as_it_is_from_wherever_it_is_started() {
    let expected = "\
create   .venv (python [X.Y.Z], uv)  [TIME]
install  app (editable)  [TIME]
pin      constraints.txt (1 version)  [TIME]
";
    boots(min, "proto_kernel.py", expected);
}

#[test]
fn the_instant_layout_boots_as_it_is_from_wherever_it_is_started() {
    let expected = "\
create   .venv (python [X.Y.Z], uv)  [TIME]
install  app (editable)  [TIME]
";
    boots(instant, "proto_kernel.py", expected);
}

#[test]
fn the_other_environment_of_the_max_layout_is_apart_and_both_stay_ready() {
    let Some(repo) = Repo::new(max) else { return };
    assert_eq!(repo.sandbox.prime(["-q"]).output().code(), 0);
    let said = "\
link     lconf to dst/special_env (was `dst/default_env`)
create   venv-special_env (python [X.Y.Z], pip)  [TIME]
install  lib (editable)  [TIME]
";
    repo.sandbox.prime(["-C", "cmd/proto_code", "--env", "dst/special_env"]).stderr(said).run();
    repo.sandbox.prime(["boot"]).run();
    repo.sandbox.prime(["--env", "dst/default_env", "--no-link"]).run();
    assert!(repo.is_unchanged());
}
