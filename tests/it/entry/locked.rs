//! `prime script --lock`, and the runs that go by what it wrote.

use std::fs;

use super::metadata::{environments, sandbox};
use crate::support::index::Index;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

const LOCK: &str = "tools/look.lock";
const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

fn of_driver(driver: &'static str) -> Option<(Sandbox, Index)> {
    let (sandbox, index) = sandbox()?;
    Some((sandbox.env("PROTOPRIMER_VENV_DRIVER", driver), index))
}

/// The script's lock, made by this driver.
fn locked(driver: &'static str) -> Option<(Sandbox, Index)> {
    let (sandbox, index) = of_driver(driver)?;
    let run = sandbox.prime(["script", "--lock", "tools/look"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{driver}: {}", run.stderr());
    assert!(run.stderr().contains("\nlock     tools/look.lock  "), "{driver}: {}", run.stderr());
    Some((sandbox, index))
}

/// A file as it is, with the sandbox's own paths in it.
fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.repo().join(path)).unwrap()
}

/// A newer version than the lock has.
fn with_newer(index: Index) -> Index {
    index.add(Wheel::new("humanize", "5.0").file("humanize.py", "apnumber = 'newer {}'.format\n").build())
}

#[test]
fn every_run_goes_by_the_lock_until_it_is_made_anew() {
    for driver in DRIVERS {
        let Some((sandbox, index)) = locked(driver) else { return };
        let lock = read(&sandbox, LOCK);
        for part in ["lock-version = \"1.0\"", "name = \"humanize\"\nversion = \"4.99.0\"", "[tool.prime]\nscript = \""]
        {
            assert!(lock.contains(part), "{driver}: {lock}");
        }
        let _index = with_newer(index);
        let run = sandbox.prime(["script", "tools/look"]).output();
        assert_eq!((run.code(), run.stdout().starts_with("two ")), (0, true), "{driver}: {}", run.stderr());
        assert!(run.stderr().contains("install  tools/look (locked)  "), "{driver}: {}", run.stderr());
        assert!(!run.stderr().contains("warning"), "{driver}: {}", run.stderr());
        let again = sandbox.prime(["script", "tools/look"]).output();
        assert_eq!((again.code(), &again.stdout()[..4], again.stderr().as_str()), (0, "two ", ""), "{driver}");
        assert_eq!(environments(&sandbox).len(), 2, "the one that found the versions, and the locked one");
        fs::remove_dir_all(sandbox.cache().join("prime/script")).unwrap();
        assert_eq!(sandbox.prime(["-q", "script", "--lock", "tools/look"]).output().code(), 0);
        let run = sandbox.prime(["-q", "script", "tools/look"]).output();
        assert!(run.stdout().starts_with("newer 2 "), "{driver}: {}{}", run.stdout(), run.stderr());
        let left: Vec<_> =
            fs::read_dir(sandbox.repo().join("tools")).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "nothing is left beside the lock: {left:?}");
    }
}

#[test]
fn a_lock_of_either_tool_serves_the_other() {
    for (driver, other) in [("venv_uv", "venv_pip"), ("venv_pip", "venv_uv")] {
        let Some((sandbox, index)) = locked(driver) else { return };
        let (sandbox, _index) = (sandbox.env("PROTOPRIMER_VENV_DRIVER", other), with_newer(index));
        let run = sandbox.prime(["-q", "script", "tools/look"]).output();
        assert_eq!((run.code(), run.stdout().starts_with("two ")), (0, true), "{other}: {}", run.stderr());
    }
}

#[test]
fn another_digest_than_the_lock_has_is_bad_data() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = locked(driver) else { return };
        let lock = read(&sandbox, LOCK);
        let (before, digest) = lock.split_once("sha256 = \"").unwrap();
        let sandbox = sandbox.file(LOCK, format!("{before}sha256 = \"{}{}", "0".repeat(64), &digest[64..]));
        for _ in 0..2 {
            let run = sandbox.prime(["script", "tools/look"]).env("UV_NO_CACHE", "1").output();
            assert_eq!((run.code(), run.stdout().as_str()), (65, ""), "{driver}: {}", run.stderr());
        }
    }
}

#[test]
fn what_is_damaged_is_mended_by_the_lock() {
    for driver in DRIVERS {
        let Some((sandbox, index)) = locked(driver) else { return };
        let _index = with_newer(index);
        assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 0);
        let made = environments(&sandbox).into_iter().find(|dir| dir.join("pylock.toml").exists()).unwrap();
        let library = fs::read_dir(made.join(".venv/lib")).unwrap().next().unwrap().unwrap().path();
        fs::remove_file(library.join("site-packages/humanize.py")).unwrap();
        let run = sandbox.prime(["script", "--verify=size", "tools/look"]).output();
        assert_eq!((run.code(), run.stdout().starts_with("two ")), (0, true), "{driver}: {}", run.stderr());
        assert!(run.stderr().starts_with("repair   humanize 4.99.0: "), "{driver}: {}", run.stderr());
    }
}

#[test]
fn a_lock_of_other_metadata_is_refused_and_one_by_others_is_taken() {
    let Some((sandbox, index)) = locked("venv_uv") else { return };
    let _index = with_newer(index);
    let script = read(&sandbox, "tools/look");
    let sandbox = sandbox.script("tools/look", script.replace("['humanize']", "['humanize', 'wcwidth']"));
    let run = sandbox.prime(["script", "tools/look"]).output();
    let said = "error: `tools/look.lock` was made of other metadata than `tools/look` has now\n\
                hint: make it anew with `prime script --lock tools/look`\n";
    assert_eq!((run.code(), run.stderr().as_str()), (78, said));
    let foreign = read(&sandbox, LOCK);
    let sandbox = sandbox.file(LOCK, foreign.split("[tool.prime]").next().unwrap());
    let run = sandbox.prime(["-q", "script", "tools/look"]).output();
    assert_eq!((run.code(), run.stdout().starts_with("two ")), (0, true), "{}", run.stderr());
}

#[test]
fn what_is_no_lock_is_refused_and_never_written_over() {
    let Some((sandbox, _index)) = of_driver("venv_uv") else { return };
    for (content, said) in [
        (
            "version = 1\nrequires-python = '>=3'\n\n[[package]]\nname = 'x'\n",
            "error: `tools/look.lock` is a lock in uv's own form",
        ),
        ("a = 1\nb = [\n", "error: `tools/look.lock` line 2, column 6 is not TOML: "),
        ("a = 1\n", "error: `tools/look.lock` is no lock in the form of PEP 751"),
        ("lock-version = '9.0'\n", "error: `lock-version` in `tools/look.lock` line 1 is \"9.0\""),
    ] {
        fs::write(sandbox.repo().join(LOCK), content).unwrap();
        for words in [&["script", "tools/look"][..], &["script", "--lock", "tools/look"]] {
            let run = sandbox.prime(words.iter().copied()).output();
            assert!(run.stderr().starts_with(said), "{}", run.stderr());
            assert!(run.stderr().contains("\nhint: move it away, then make one with `prime script --lock tools/look`"));
            assert_eq!((run.code(), read(&sandbox, LOCK).as_str()), (78, content));
        }
    }
    let run = sandbox.prime(["script", "--lock", "tools/look", "x"]).output();
    assert_eq!(
        (run.code(), run.stderr().lines().next()),
        (2, Some("error: `x` is an argument for the script, and `--lock` does not run it"))
    );
}

#[test]
fn sources_in_the_script_are_locked_and_pip_refuses_what_has_no_digest() {
    let Some((sandbox, _index)) = of_driver("venv_uv") else { return };
    let script = "# /// script\n# dependencies = ['mine']\n# tool.uv.sources.mine.path = 'lib'\n# ///\n\
                  import mine\nprint(mine.__name__)\n";
    let sandbox = sandbox.file("tools/own.py", script).project("mine", "1.0", &[]);
    fs::create_dir_all(sandbox.repo().join("tools/lib/src")).unwrap();
    for path in ["pyproject.toml", "src"] {
        fs::rename(sandbox.repo().join(path), sandbox.repo().join("tools/lib").join(path)).ok();
    }
    assert_eq!(sandbox.prime(["-q", "script", "--lock", "tools/own.py"]).output().code(), 0);
    assert!(
        read(&sandbox, "tools/own.py.lock").contains("directory = { path = \"lib\""),
        "{}",
        read(&sandbox, "tools/own.py.lock")
    );
    let run = sandbox.prime(["-q", "script", "tools/own.py"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "mine\n"), "{}", run.stderr());
    let sandbox = sandbox.file("tools/own.py", script.replace("# tool.uv.sources.mine.path = 'lib'\n", ""));
    let lock = read(&sandbox, "tools/own.py.lock");
    let sandbox = sandbox.file("tools/own.py.lock", lock.split("[tool.prime]").next().unwrap());
    let run = sandbox.prime(["script", "tools/own.py"]).env("PROTOPRIMER_VENV_DRIVER", "venv_pip").output();
    let said = "error: `mine` in `tools/own.py.lock` has no sha256, and pip makes the environment\n";
    assert_eq!((run.code(), run.stderr().starts_with(said)), (78, true), "{}", run.stderr());
}
