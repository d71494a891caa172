//! A repository that was moved, copied, linked or checked out beside itself runs what is its own, and nobody else's.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::index::Index;
use crate::support::monorepo::{ENVS, Monorepo, bytes, changes};
use crate::support::pythons;
use crate::support::real_uv::{real_uv, succeed};
use crate::support::require_program;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// The programs that a venv owns: a project's and a dependency's. Each says which environment it runs in.
const TOOLS: [&str; 2] = ["app", "tool"];

const MAIN: &str = "import sys\n\n\ndef main():\n    print('own, of', sys.prefix)\n";

/// A booted repo, the index it installs from, and on `PATH` others' programs of the same names.
fn booted(driver: &str) -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, pythons::newest()?);
    let tool = Wheel::new("the-tool", "1.0").file("the_tool.py", MAIN).script("tool", "the_tool:main");
    let index = Index::start().add(tool.build());
    let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python).project("app", "1", &["the-tool"]);
    let sandbox = TOOLS.into_iter().fold(sandbox, |sandbox, name| sandbox.fake(name, "echo somebody else"));
    // What python itself would leave is none of `prime`'s.
    let sandbox = sandbox.file("src/app.py", MAIN).env("PYTHONDONTWRITEBYTECODE", "1");
    let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver);
    let run = sandbox.prime(["boot"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert_runs_its_own(&sandbox, &sandbox.repo(), "at first");
    Some((sandbox, index))
}

fn copy(from: &Path, to: &Path) {
    succeed(Command::new("cp").arg("-a").args([from, to])).unwrap();
}

/// Runs each tool in a directory, from within another environment whose programs come first on `PATH`; what was said.
#[track_caller]
fn run_its_own(sandbox: &Sandbox, repo: &Path, foreign: &Path, what: &str) -> String {
    let path = format!("{}:{}", foreign.join("bin").display(), sandbox.bin().display());
    let runs = TOOLS.map(|tool| {
        let run = sandbox.prime(["run", "--", tool]).current_dir(repo);
        let run = run.env("VIRTUAL_ENV", foreign).env("PATH", &path).output();
        let expected = format!("own, of {}\n", repo.join(".venv").display());
        assert_eq!((run.code(), run.stdout()), (0, expected), "{what}, {tool}: {}", run.stderr());
        sandbox.redact(&run.stderr())
    });
    runs.concat()
}

/// As [`run_its_own`], of an environment that is ready.
#[track_caller]
fn assert_runs_its_own(sandbox: &Sandbox, repo: &Path, what: &str) {
    assert_eq!(run_its_own(sandbox, repo, &repo.join(".venv"), what), "", "{what}");
}

#[test]
fn a_copy_and_its_original_live_side_by_side_and_a_moved_one_is_itself_again() {
    let mut places = 0;
    for driver in DRIVERS {
        let Some((sandbox, _index)) = booted(driver) else { return };
        let original = sandbox.repo();
        let before = bytes(&original);
        for name in ["copy", "two wörds ☃"] {
            let place = sandbox.root().join(name);
            copy(&original, &place);
            // Also where the original's environment is active.
            let said = run_its_own(&sandbox, &place, &original.join(".venv"), name);
            assert!(said.contains("create   .venv (python "), "{driver}, {name}: {said}");
            assert_runs_its_own(&sandbox, &place, name);
            places += 1;
        }
        assert_eq!(changes(&before, &bytes(&original)), [""; 0], "{driver}");
        assert_runs_its_own(&sandbox, &original, "the original");
        let moved = sandbox.root().join("moved");
        fs::rename(&original, &moved).unwrap();
        run_its_own(&sandbox, &moved, &sandbox.root().join("copy/.venv"), "moved");
        assert_runs_its_own(&sandbox, &moved, "moved");
        let renamed = sandbox.root().join("re named");
        fs::rename(&moved, &renamed).unwrap();
        run_its_own(&sandbox, &renamed, &moved.join(".venv"), "renamed");
        assert_runs_its_own(&sandbox, &renamed, "renamed");
        places += 2;
    }
    eprintln!("places: {places} copies and moves, each runs its own programs");
}

#[test]
fn what_a_copy_took_along_is_not_run_even_when_nothing_can_be_made() {
    let Some((sandbox, index)) = booted("venv_uv") else { return };
    let place = sandbox.root().join("copy");
    copy(&sandbox.repo(), &place);
    drop(index);
    let run = sandbox.prime(["run", "--", "tool"]).current_dir(&place);
    let run = run.env("UV_CACHE_DIR", place.join("empty")).env("UV_HTTP_RETRIES", "0").output();
    assert_eq!((run.code(), run.stdout()), (69, String::new()), "{}", run.stderr());
    assert_runs_its_own(&sandbox, &sandbox.repo(), "the original");
}

#[test]
fn a_path_through_a_link_is_the_same_environment_and_nothing_is_made_again() {
    for driver in DRIVERS {
        let Some((sandbox, index)) = booted(driver) else { return };
        let link = sandbox.root().join("link");
        symlink(sandbox.repo(), &link).unwrap();
        let (before, asked) = (bytes(&sandbox.repo()), index.requests().len());
        let expected = "own, of [REPO]/.venv\n";
        sandbox.prime(["run", "--", "tool"]).current_dir(&link).env("PWD", &link).stdout(expected).run();
        sandbox.prime(["-C", link.to_str().unwrap(), "run", "--", "tool"]).stdout(expected).run();
        sandbox.prime(["boot"]).current_dir(link.join("src")).env("PWD", link.join("src")).run();
        assert_eq!(changes(&before, &bytes(&sandbox.repo())), [""; 0], "{driver}");
        assert_eq!(index.requests().len(), asked, "{driver}");
        eprintln!("paths through a link: 3 with {driver}, each the same environment, nothing made again");
    }
}

#[test]
fn a_worktree_has_an_environment_of_its_own() {
    let Some(git) = require_program("git") else { return };
    for driver in DRIVERS {
        let Some((sandbox, _index)) = booted(driver) else { return };
        let (repo, tree) = (sandbox.repo(), sandbox.root().join("tree"));
        let run = |args: &[&str]| {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"];
            succeed(Command::new(&git).arg("-C").arg(&repo).args(identity).args(args)).unwrap();
        };
        run(&["init", "-q"]);
        run(&["add", "."]);
        run(&["commit", "-q", "-m", "all"]);
        run(&["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "other"]);
        assert!(!tree.join(".venv").exists() && !tree.join(".prime").exists(), "{driver}");
        let before = bytes(&repo.join(".venv"));
        let said = run_its_own(&sandbox, &tree, &repo.join(".venv"), "a worktree");
        assert!(said.contains("create   .venv (python "), "{driver}: {said}");
        assert_runs_its_own(&sandbox, &tree, "a worktree");
        assert_eq!(changes(&before, &bytes(&repo.join(".venv"))), [""; 0], "{driver}");
        assert_runs_its_own(&sandbox, &repo, "the main tree");
        eprintln!("worktrees: 1 with {driver}, with an environment of its own");
    }
}

#[test]
fn every_environment_of_a_copy_is_its_own() {
    const PREFIX: [&str; 3] = ["python", "-c", "import sys, mono_core; print(sys.prefix, mono_core.__file__)"];
    for driver in DRIVERS {
        let Some(repo) = Monorepo::new() else { return };
        let vars = [("PROTOPRIMER_VENV_DRIVER", driver), ("PYTHONDONTWRITEBYTECODE", "1")];
        let sandbox = vars.into_iter().fold(repo.sandbox, |sandbox, (name, value)| sandbox.env(name, value));
        for env in ENVS {
            assert_eq!(sandbox.prime(["-q", "--env", env]).output().code(), 0);
        }
        let run = |root: &Path, env: &str, venv: &str| -> String {
            let args = ["--env", env, "--no-link", "run", "--"].into_iter().chain(PREFIX);
            let run = sandbox.prime(args).current_dir(root).output();
            let module = root.join("core/src/mono_core/__init__.py");
            let expected = format!("{} {}\n", root.join(venv).display(), module.display());
            assert_eq!((run.code(), run.stdout()), (0, expected), "{driver}, {env}: {}", run.stderr());
            run.stderr()
        };
        let original = sandbox.repo();
        let before = bytes(&original);
        let place: PathBuf = sandbox.root().join("copy");
        copy(&original, &place);
        for (env, venv) in ENVS.into_iter().zip([".venv", ".venv-oldest"]) {
            assert_ne!(run(&place, env, venv), "", "{driver}, {env}");
            assert_eq!(run(&place, env, venv), "", "{driver}, {env}");
            assert_eq!(run(&original, env, venv), "", "{driver}, {env}: the original is ready");
        }
        assert_eq!(changes(&before, &bytes(&original)), [""; 0], "{driver}");
        let moved = sandbox.root().join("moved");
        fs::rename(&original, &moved).unwrap();
        // The link says which one is selected, wherever the repository lies.
        let selected = sandbox.prime(["-q", "run", "--"].into_iter().chain(PREFIX)).current_dir(&moved).output();
        let prefix = moved.join(".venv-oldest").display().to_string();
        assert!(selected.stdout().starts_with(&prefix), "{driver}: {} {}", selected.stdout(), selected.stderr());
        assert_ne!(run(&moved, ENVS[0], ".venv"), "", "{driver}");
        eprintln!("environments of a copy and of a moved repository: {} with {driver}, each its own", ENVS.len() + 1);
    }
}
