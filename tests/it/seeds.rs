//! `prime init` and `prime schema`: what a repository starts from.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::support::pair::Pair;
use crate::support::sandbox::Sandbox;
use crate::support::{repository, require_program};

/// What is said of a launcher where the index has no `prime`.
const LAUNCHER: &str = "write    prime\n\
    warning: `prime` pins no sha256 yet and can start only where prime is: no wheel of `prime-bootstrap` [VERSION] with a \
    sha256 in `file://[ROOT]/index`; `prime init --update` pins what there is then\n\
    put      [CACHE]/prime/bin/prime-[VERSION]\n";

/// A sandbox with an index that has nothing.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let index = sandbox.root().join("index");
    fs::create_dir(&index).unwrap();
    sandbox.env("PRIME_INDEX_URL", format!("file://{}", index.display()))
}

/// A repository with a project and a stand-in for a python.
fn project() -> Sandbox {
    sandbox().project("one", "1.0", &[]).fake_python("python3.12", "3.12.1")
}

/// The lines of an `init` that writes a launcher as well.
fn with_launcher(lines: &str) -> String {
    let (files, warnings) = lines.split_at(lines.find("warning: ").unwrap_or(lines.len()));
    let launcher = LAUNCHER.replace("[VERSION]", env!("CARGO_PKG_VERSION"));
    let (launcher, warning) = launcher.split_at(launcher.find("warning: ").unwrap());
    [files, launcher, warnings, warning].concat()
}

#[test]
fn a_repository_is_seeded_once_and_what_is_there_is_kept() {
    let sandbox = project();
    let written = "write    prime.toml\nwrite    .gitignore\nwrite    .python-version\n";
    sandbox.prime(["init"]).stderr(with_launcher(written)).run();
    assert_eq!(sandbox.read(".gitignore"), "/.prime/\n/.venv*/\n");
    assert_eq!(sandbox.read(".python-version"), "3.12\n");
    assert!(sandbox.read("prime.toml").contains("\n# local_venv_dir_rel_path = \".venv\"\n"));
    let sandbox = sandbox.file("prime.toml", "venv_driver = \"venv_pip\"\n");
    sandbox.prime(["init"]).stderr("keep     prime.toml\nkeep     .gitignore\nkeep     prime\n").run();
    assert_eq!(sandbox.read("prime.toml"), "venv_driver = \"venv_pip\"\n");
    let said =
        with_launcher("replace  prime.toml\nkeep     .gitignore\n").replace("write    prime\n", "keep     prime\n");
    sandbox.prime(["init", "--force"]).stderr(said).run();
    assert!(sandbox.read("prime.toml").starts_with("# The configuration of this repository."));
}

#[test]
fn the_largest_layout_boots_and_selects_its_environment() {
    let Some(pair) = Pair::new() else { return };
    fs::remove_file(pair.path("prime.toml")).unwrap();
    fs::copy(pair.path("one/pyproject.toml"), pair.path("pyproject.toml")).unwrap();
    pair.write("src/one.py", "version = '1.0'\n");
    let written =
        "write    dst/default_env/prime.toml\nwrite    gconf/prime.toml\nwrite    prime.toml\nwrite    .gitignore\n";
    let written = with_launcher(written).replace("file://[ROOT]/index", "[INDEX]/simple/");
    pair.sandbox.prime(["init", "--layout", "max"]).stderr(written).run();
    assert_eq!(pair.sandbox.read(".gitignore"), "/.prime/\n/.venv*/\n/lconf\n");
    pair.sandbox.prime(["run", "--", "python", "-c", "import left"]).env("PROTOPRIMER_STDERR_LOG_LEVEL", "ERROR").run();
    assert_eq!(fs::read_link(pair.path("lconf")).unwrap().to_str(), Some("dst/default_env"));
    assert_eq!(pair.sandbox.read("dst/default_env/constraints.txt"), "left==2.0\n");
    assert_eq!(pair.sandbox.prime(["check"]).output().code(), 0);
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let sandbox = project().file(".gitignore", "/.prime/\n*.log");
    let before: Vec<_> = fs::read_dir(sandbox.repo()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let run = sandbox.prime(["init", "--dry-run"]).output();
    let said = with_launcher("");
    let warning = &said[said.find("warning: ").unwrap()..said.find("put ").unwrap()];
    assert_eq!((run.code(), sandbox.redact(&run.stderr()).as_str()), (0, warning));
    let shown = run.stdout();
    assert!(shown.starts_with("==> write prime.toml\n# The configuration of this repository."), "{shown}");
    let rest = "==> append .gitignore\n\n/.venv*/\n==> write .python-version\n3.12\n==> write prime\n#!/bin/sh\n";
    assert!(shown.contains(rest), "{shown}");
    let put = format!("\n==> put {}/prime/bin/prime-", sandbox.cache().display());
    assert!(shown.contains(&put), "{shown}");
    assert!(!sandbox.cache().join("prime").exists());
    let after: Vec<_> = fs::read_dir(sandbox.repo()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(before, after);
    assert_eq!(sandbox.read(".gitignore"), "/.prime/\n*.log");
    sandbox.prime(["-q", "init"]).run();
    assert_eq!(sandbox.read(".gitignore"), "/.prime/\n*.log\n/.venv*/\n");
}

#[test]
fn the_python_is_one_that_the_project_takes() {
    let requires = |text: &str| {
        let pyproject = format!("[project]\nname = \"x\"\nversion = \"1\"\nrequires-python = \"{text}\"\n");
        let sandbox = sandbox().file("pyproject.toml", pyproject);
        sandbox.fake_python("python3.12", "3.12.1").fake_python("python3.78", "3.78.4").fake_python("python3", "3.78.4")
    };
    let sandbox = requires("<3.13");
    sandbox.prime(["-q", "init"]).run();
    assert_eq!(sandbox.read(".python-version"), "3.12\n");
    let sandbox = requires(">=3.90");
    let said = "write    prime.toml\nwrite    .gitignore\n\
                warning: there is no python matching `>=3.90` to write into `.python-version`\n";
    sandbox.prime(["init"]).stderr(with_launcher(said)).run();
    // Somebody has said it already.
    let sandbox = requires("<3.13").file("prime.toml", "required_python_version = \"3.11\"\n");
    sandbox.prime(["init"]).stderr(with_launcher("keep     prime.toml\nwrite    .gitignore\n")).run();
}

#[test]
fn what_is_in_the_way_is_told_before_anything_is_written() {
    let fault = |sandbox: &Sandbox, what: &str, hint: &str| {
        let said = format!("error: cannot write {what}\nhint: {hint}\n");
        sandbox.prime(["init", "--layout", "max"]).code(73).stderr(said).run();
        assert!(!sandbox.repo().join(".gitignore").exists() && !sandbox.repo().join(".python-version").exists());
    };
    let sandbox = project();
    fs::create_dir_all(sandbox.repo().join("gconf/prime.toml")).unwrap();
    fault(&sandbox, "`gconf/prime.toml`: it is a directory", "move it away");
    let sandbox = project().file("dst", "");
    fault(&sandbox, "`dst/default_env/prime.toml`: `dst` is not a directory", "move it away");
    let sandbox = project();
    symlink("/", sandbox.repo().join("gconf")).unwrap();
    fault(&sandbox, "`gconf/prime.toml`: `gconf` leads out of the repository", "move it away");
    let sandbox = project();
    symlink("nowhere", sandbox.repo().join("gconf")).unwrap();
    fault(&sandbox, "`gconf/prime.toml`: `gconf` is a link that leads nowhere", "move it away");
    let sandbox = project();
    let _socket = UnixListener::bind(sandbox.repo().join("prime.toml")).unwrap();
    fault(&sandbox, "`prime.toml`: it is not a regular file", "move it away");
    let sandbox = project();
    symlink("elsewhere", sandbox.repo().join("prime.toml")).unwrap();
    fault(&sandbox, "`prime.toml`: it is a link", "move it away, or edit what it leads to");
}

#[test]
fn a_gitignore_that_is_no_file_is_told_before_anything_is_written() {
    let sandbox = project().file(".gitignore/file", "");
    let said = "error: cannot write `.gitignore`: it is a directory\nhint: move it away\n";
    sandbox.prime(["init"]).code(73).stderr(said).run();
    assert!(!sandbox.repo().join("prime.toml").exists());
}

#[test]
fn a_directory_that_cannot_be_written_is_told_before_anything_is_written() {
    let sandbox = project();
    let conf = sandbox.repo().join("gconf");
    fs::create_dir(&conf).unwrap();
    fs::set_permissions(&conf, fs::Permissions::from_mode(0o555)).unwrap();
    let said = "error: cannot write `gconf/prime.toml`: `gconf` cannot be written\nhint: make it writable\n";
    // Permissions do not hold for the superuser, who can mount the directory read-only instead.
    if fs::write(conf.join("probe"), "").is_err() {
        sandbox.prime(["init", "--layout", "max"]).code(73).stderr(said).run();
    } else if let Some(unshare) = require_program("unshare") {
        let script = "mount --bind gconf gconf && mount -o remount,bind,ro gconf && exec \"$0\" init --layout max";
        let run = sandbox.command(unshare).args(["--mount", "/bin/sh", "-c", script, env!("CARGO_BIN_EXE_prime")]);
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", sandbox.bin().display());
        run.env("PATH", path).code(73).stderr(said).run();
    }
    assert!(!sandbox.repo().join("prime.toml").exists() && !sandbox.repo().join("dst").exists());
    fs::set_permissions(&conf, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_of_all_leaps_is_not_kept_beside_new_ones_of_the_later_leaps() {
    for (text, cause) in [
        (
            "venv_driver = \"venv_pip\"\n",
            "`venv_driver` in `prime.toml` line 1 is a field of `leap_client` or `leap_env`, and this file is \
             `leap_primer`",
        ),
        (
            "global_conf_dir_rel_path = \"conf\"\n",
            "`global_conf_dir_rel_path` in `prime.toml` line 1 is `conf`, where `gconf/prime.toml` would not be found",
        ),
    ] {
        let sandbox = project().file("prime.toml", text).file("conf/notes", "");
        let said = format!(
            "error: `prime.toml` is there and does not fit this layout\n  cause: {cause}\n\
             hint: change what is named, or let `--force` write the file anew\n"
        );
        sandbox.prime(["init", "--layout", "max"]).code(78).stderr(said).run();
        assert!(!sandbox.repo().join("gconf").exists() && !sandbox.repo().join(".gitignore").exists());
        sandbox.prime(["-q", "init", "--layout", "max", "--force"]).run();
        assert_eq!(sandbox.prime(["eval"]).output().code(), 0);
        // All files of the layout are there, whatever is in them.
        let sandbox = sandbox.file("prime.toml", text);
        assert_eq!(sandbox.prime(["init", "--layout", "max"]).output().code(), 0);
        assert_eq!(sandbox.read("prime.toml"), text);
    }
}

#[test]
fn what_a_replaced_file_said_of_the_python_no_longer_counts() {
    let sandbox = project().file("prime.toml", "required_python_version = \"3.11\"\n");
    let said = "replace  prime.toml\nwrite    .gitignore\nwrite    .python-version\n";
    sandbox.prime(["init", "--force"]).stderr(with_launcher(said)).run();
    assert_eq!(sandbox.read(".python-version"), "3.12\n");
}

#[test]
fn what_is_for_the_whole_repository_is_written_at_its_ref_root() {
    let sandbox = project().file("cmd/prime.toml", "ref_root_dir_rel_path = \"..\"\n");
    let said = "keep     prime.toml\nwrite    .gitignore\nwrite    .python-version\n";
    sandbox.prime(["init", "cmd"]).stderr(with_launcher(said)).run();
    assert_eq!(sandbox.read(".gitignore"), "/.prime/\n/.venv*/\n");
    assert_eq!(sandbox.read(".python-version"), "3.12\n");
    assert!(!sandbox.repo().join("cmd/.gitignore").exists());
}

#[test]
fn the_directory_is_named_once_and_is_there() {
    let sandbox = project();
    let said = "error: `-C` and DIR exclude each other\nhint: name the directory once\n";
    sandbox.prime(["-C", "src", "init", "src"]).code(2).stderr(said).run();
    let said = "error: `gone` is not a directory\nhint: make it first\n";
    sandbox.prime(["init", "gone"]).code(2).stderr(said).run();
    // A variable that is wrong is no reason to take another directory.
    let said = "error: the variable `PROTOPRIMER_PROTO_CODE` is `prime`, expected an absolute path\n\
                hint: unset it: `unset PROTOPRIMER_PROTO_CODE`\n";
    sandbox.prime(["init"]).env("PROTOPRIMER_PROTO_CODE", "prime").code(2).stderr(said).run();
    assert!(!sandbox.repo().join("prime.toml").exists());
}

#[test]
fn a_repository_that_another_file_configures_is_left_alone() {
    for (name, text) in [("proto_kernel.json", "{}"), ("pyproject.toml", "[tool.prime]\n")] {
        let sandbox = sandbox().file(name, text).file(".python-version", "3.12\n");
        let said = format!(
            "error: `{name}` configures this repository already\nhint: `--force` writes `prime.toml`, which takes its place\n"
        );
        sandbox.prime(["init"]).code(78).stderr(said).run();
        sandbox.prime(["init", "--force"]).stderr(with_launcher("write    prime.toml\nwrite    .gitignore\n")).run();
        assert_eq!(sandbox.read(name), text);
    }
}

#[test]
fn a_directory_that_is_no_repository_becomes_one() {
    let sandbox = project();
    fs::create_dir(sandbox.root().join("fresh")).unwrap();
    let sandbox = sandbox.file(".python-version", "3.12\n");
    let said = "write    prime.toml\nwrite    .gitignore\nwrite    .python-version\n";
    sandbox.prime(["init"]).current_dir(sandbox.root().join("fresh")).stderr(with_launcher(said)).run();
    assert!(sandbox.root().join("fresh/prime.toml").exists());
    // In a repository, its root is meant; and `-C` names one.
    fs::create_dir(sandbox.repo().join("src/deep")).unwrap();
    let said = "write    prime.toml\nwrite    .gitignore\n";
    sandbox.prime(["init"]).current_dir(sandbox.repo().join("src/deep")).stderr(with_launcher(said)).run();
    sandbox.prime(["-C", "src", "init"]).stderr(with_launcher("write    prime.toml\nwrite    .gitignore\n")).run();
    assert!(sandbox.repo().join("src/prime.toml").exists() && sandbox.repo().join("prime.toml").exists());
}

#[test]
fn the_schema_takes_every_configuration_of_this_repository() {
    let sandbox = project();
    let run = sandbox.prime(["schema", "config"]).output();
    assert_eq!((run.code(), run.stderr()), (0, String::new()));
    let schema: Json = serde_json::from_str(&run.stdout()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let check = |text: &str, path: &Path| {
        let table: toml::Table = text.parse().unwrap();
        let table = serde_json::to_value(table).unwrap();
        let faults = validator.iter_errors(&table).map(|it| it.to_string());
        assert_eq!(faults.collect::<Vec<_>>(), [""; 0], "{}", path.display());
    };
    let mut roots = vec![repository().join("prime.toml"), repository().join("examples")];
    for layout in ["min", "max"] {
        let dir = sandbox.root().join(layout);
        fs::create_dir(&dir).unwrap();
        sandbox.prime(["-q", "init", "--layout", layout]).current_dir(&dir).run();
        roots.push(dir);
    }
    let mut found = Vec::new();
    for root in &roots {
        collect(root, &mut found);
    }
    for path in &found {
        check(&fs::read_to_string(path).unwrap(), path);
    }
    assert!(found.len() >= 9, "{found:?}");
}

/// The configuration files at or below a path.
fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() && !path.ends_with(".venv") {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), found);
        }
    } else if path.ends_with("prime.toml") {
        found.push(path.to_owned());
    }
}
