//! What the tool's cache has is damaged as well: it is fetched anew, and where that may not be, it is said why not.

use std::fs;
use std::path::{Path, PathBuf};

use super::repo::{DRIVERS, Repo, other, tool};
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::pythons;
use crate::support::remove_dir;

/// Truncates a file in place: where uv links, it is the cache's own.
fn truncate(repo: &Repo, path: &str) {
    fs::OpenOptions::new().write(true).truncate(true).open(repo.site(path)).unwrap();
}

#[test]
fn a_poisoned_cache_is_not_believed() {
    // Whether what is installed is the cache's own. pip copies always.
    for (driver, link_mode, is_linked) in [
        ("venv_uv", "hardlink", true),
        ("venv_uv", "symlink", true),
        ("venv_uv", "copy", false),
        ("venv_pip", "copy", false),
    ] {
        let Some(repo) = Repo::booted_in(driver, link_mode) else { return };
        let before = repo.inodes();
        truncate(&repo, "tool/data.txt");
        let said = repo.said(link_mode);
        let from_cache = "repair   tool 1.0: `[SITE]/tool/data.txt` has 0 bytes instead of 10  [TIME]\n";
        let anew = "repair   tool 1.0: `[SITE]/tool/data.txt` has 0 bytes instead of 10, fetched anew  [TIME]\n";
        let expected = if is_linked { format!("{from_cache}{anew}") } else { from_cache.to_owned() };
        assert_eq!(said, expected, "{driver} {link_mode}");
        assert!(repo.changed_since(&before).iter().all(|path| path.contains("tool") || path.ends_with("native")));
        repo.assert_whole(link_mode);
        // The next environment gets from the cache what is whole.
        fs::remove_dir_all(repo.path(".venv")).unwrap();
        let said = repo.said(link_mode);
        assert!(!said.contains("repair"), "{said}");
        repo.assert_whole(link_mode);
    }
}

#[test]
fn a_new_environment_from_a_poisoned_cache_is_mended_before_it_is_called_ready() {
    let Some(repo) = Repo::booted("venv_uv") else { return };
    truncate(&repo, "tool/__init__.py");
    fs::remove_dir_all(repo.path(".venv")).unwrap();
    let expected = "create   .venv (python [X.Y.Z], uv)  [TIME]\ninstall  app (editable)  [TIME]\n\
                    repair   tool 1.0: `[SITE]/tool/__init__.py` has 0 bytes instead of 38, fetched anew  [TIME]\n";
    assert_eq!(repo.said("a poisoned cache"), expected);
    repo.assert_whole("a poisoned cache");
}

#[test]
fn without_the_network_the_cache_serves_as_far_as_it_is_whole() {
    let Some(repo) = Repo::booted("venv_uv") else { return };
    fs::remove_file(repo.site("tool/data.txt")).unwrap();
    let asked = repo.index.requests().len();
    let said = "repair   tool 1.0: `[SITE]/tool/data.txt` is missing  [TIME]\n";
    repo.sandbox.prime(["--offline"]).stderr(said).run();
    assert_eq!(repo.index.requests().len(), asked);
    repo.assert_whole("from the cache");
    truncate(&repo, "tool/data.txt");
    let expected = "repair   tool 1.0: `[SITE]/tool/data.txt` has 0 bytes instead of 10  [TIME]\n\
                    error: what uv has in its cache of `tool` is damaged too\n\
                    hint: run `prime` without `--offline`, so that it is fetched anew\n";
    repo.sandbox.prime(["--offline"]).code(69).stderr(expected).run();
    let said = repo.said("with the network");
    assert!(said.ends_with("`[SITE]/tool/data.txt` has 0 bytes instead of 10, fetched anew  [TIME]\n"), "{said}");
    repo.assert_whole("with the network");
}

#[test]
fn what_cannot_be_had_again_leaves_the_rest_as_it_was() {
    let Some(repo) = Repo::booted("venv_pip") else { return };
    fs::remove_file(repo.site("tool/data.txt")).unwrap();
    let before = repo.inodes();
    for _ in 0..2 {
        let run = repo.sandbox.prime(["--offline"]).output();
        let said = repo.sandbox.redact(&run.stderr());
        assert_eq!(run.code(), 69, "{said}");
        let expected = "error: cannot mend `tool`\n  cause: `[INDEX]/simple/tool/` is needed, and the network must not be \
                        used (`--offline`)\n  cause: `pip install` failed: the requirements cannot be met together\n";
        assert!(said.starts_with(expected), "{said}");
        let hint = "hint: run it once without `--offline`, or name a directory that has the file in `PIP_FIND_LINKS`\n";
        assert!(said.ends_with(hint), "{said}");
        assert_eq!(repo.changed_since(&before), Vec::<String>::new());
    }
    assert_eq!(repo.said("online"), "repair   tool 1.0: `[SITE]/tool/data.txt` is missing  [TIME]\n");
    repo.assert_whole("online");
}

/// Every file below a directory of a cache, for which a condition holds.
fn cached(dir: &Path, counts: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path());
    let real = entries.filter(|path| !path.is_symlink());
    let found = real.flat_map(|path| if path.is_dir() { cached(&path, counts) } else { vec![path] });
    found.filter(|path| counts(path)).collect()
}

/// Damages what the tool has of archives, and says how many files; uv keeps them unpacked, pip keeps the answers of the
/// index.
fn break_archives(repo: &Repo, what: &str) -> usize {
    let archives =
        cached(&repo.sandbox.cache().join("uv/archive-v0"), &|path| what != "data alone" || path.ends_with("data.txt"));
    let answers = cached(&repo.sandbox.cache().join("pip"), &|path| fs::read(path).unwrap().starts_with(b"PK"));
    let broken: Vec<PathBuf> = archives.into_iter().chain(answers).collect();
    for path in &broken {
        let content = fs::read(path).unwrap();
        let content = match what {
            "cut" => content[..content.len() / 2].to_vec(),
            "of zeros" => vec![0; content.len()],
            _ => Vec::new(),
        };
        fs::write(path, content).unwrap();
    }
    broken.len()
}

#[test]
fn what_is_damaged_is_fetched_anew_where_the_archive_in_the_cache_is_broken_too() {
    for driver in DRIVERS {
        for what in ["cut", "emptied", "of zeros", "data alone"] {
            // The index says of what a tool has that it is as it was.
            let index = Index::start().add(tool().build()).add(other().build()).cacheable();
            let Some(python) = pythons::newest() else { return };
            let Some(repo) = Repo::of(python, driver, index) else { return };
            // Copies, so that the damage to the cache is none to the environment; and pip keeps nothing else.
            let sandbox = repo.sandbox.env("UV_LINK_MODE", "copy").env("PIP_TRUSTED_HOST", "127.0.0.1");
            let repo = Repo { sandbox, ..repo };
            let what = format!("{driver}, {what}");
            repo.said(&what);
            fs::remove_file(repo.site("tool/data.txt")).unwrap();
            let way = what.split_once(", ").unwrap().1;
            assert_ne!(break_archives(&repo, way), 0, "{what}");
            let said = repo.said(&what);
            let anew = ", fetched anew  [TIME]\n";
            assert!(said.starts_with("repair   tool 1.0: `[SITE]/tool/data.txt` is missing"), "{what}: {said}");
            assert!(said.ends_with(anew), "{what}: {said}");
            repo.assert_whole(&what);
            // The same for an environment that is made.
            break_archives(&repo, way);
            remove_dir(&repo.path(".venv"));
            let said = repo.said(&what);
            assert!(
                said.starts_with("create   .venv ") && said.contains("\ninstall  app (editable)"),
                "{what}: {said}"
            );
            repo.assert_whole(&what);
        }
    }
}

#[test]
fn a_repair_that_is_killed_is_done_by_the_next_run() {
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        fs::remove_file(repo.site("tool/data.txt")).unwrap();
        // So that it has to be fetched, and is not to be had.
        let cache = repo.sandbox.cache();
        remove_dir(&cache);
        fs::create_dir(&cache).unwrap();
        let gate = Gate::default();
        let repo = Repo { index: repo.index.fault("tool-1.0", Fault::Held(gate.clone())), ..repo };
        let mut running = repo.sandbox.prime(["boot"]).spawn();
        let is_installing =
            || fs::read_to_string(repo.path(".prime/stamp.json")).is_ok_and(|it| it.contains("installing"));
        assert!(running.wait_until(|_| is_installing() && !repo.site("tool-1.0.dist-info").exists()), "{driver}");
        assert_eq!(running.kill().code(), 137);
        gate.open();
        let run = repo.sandbox.prime(["run", "--", "tool"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is tool\n"), "{driver}: {}", run.stderr());
        repo.assert_whole(driver);
    }
}

#[test]
fn pip_itself_is_mended() {
    let Some(repo) = Repo::booted("venv_pip") else { return };
    for path in ["pip/__main__.py", "pip/_internal/cli/main.py"] {
        fs::remove_file(repo.site(path)).unwrap();
        let said = repo.said(path);
        assert!(said.starts_with("repair   pip ") && said.contains("is missing  [TIME]"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        repo.assert_whole(path);
    }
}

#[test]
fn without_the_network_pips_cache_serves_where_the_index_lets_it_keep_files() {
    let supported = pythons::supported();
    for python in supported.first().into_iter().chain(supported.last()) {
        let index = Index::start().add(tool().build()).add(other().build()).cacheable();
        let Some(repo) = Repo::of(python, "venv_pip", index) else { return };
        // pip keeps nothing that came over a connection that it does not trust.
        let repo = Repo { sandbox: repo.sandbox.env("PIP_TRUSTED_HOST", "127.0.0.1"), ..repo };
        assert_eq!(repo.sandbox.prime(["boot"]).output().code(), 0, "{python}");
        let pins = repo.sandbox.read("constraints.txt");
        fs::remove_file(repo.site("tool/data.txt")).unwrap();
        fs::remove_file(repo.site("other.py")).unwrap();
        let asked = repo.index.requests().len();
        let Some((run, trace)) = repo.sandbox.traced("connect", &["--offline"]) else { return };
        assert_eq!((run.code(), trace.addresses()), (0, Vec::new()), "{python}: {}", run.stderr());
        let said = repo.sandbox.redact(&run.stderr());
        assert!(said.contains("repair   tool 1.0: `[SITE]/tool/data.txt` is missing  [TIME]\n"), "{python}: {said}");
        assert_eq!((repo.index.requests().len(), repo.sandbox.read("constraints.txt")), (asked, pins), "{python}");
        assert!(!repo.site("tool-1.0.dist-info/direct_url.json").exists(), "{python}: as it was before");
        repo.assert_whole("from pip's cache");
        // What was taken away from there as well is not to be had.
        remove_dir(&repo.sandbox.cache().join("pip"));
        fs::remove_file(repo.site("tool/data.txt")).unwrap();
        let Some((run, trace)) = repo.sandbox.traced("connect", &["--offline"]) else { return };
        assert_eq!((run.code(), trace.addresses()), (69, Vec::new()), "{python}: {}", run.stderr());
        assert!(run.stderr().contains("cannot mend `tool`"), "{python}: {}", run.stderr());
        assert_eq!(repo.sandbox.prime(["boot"]).output().code(), 0, "{python}");
        repo.assert_whole("with the network");
    }
}

#[test]
fn a_repair_needs_no_temporary_directory_of_its_own() {
    let Some(repo) = Repo::booted("venv_uv") else { return };
    fs::remove_file(repo.site("tool/data.txt")).unwrap();
    let run = repo.sandbox.prime(["boot"]).env("TMPDIR", "/nonexistent").output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    repo.assert_whole("without a temporary directory");
}
