//! `prime script`: scripts with metadata of their own.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::support::hello::{hello_index, hello_python};
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::write;

const SCRIPT: &str = "#!/usr/bin/env -S prime script\n# /// script\n# requires-python = '>=3.8'\n\
    # dependencies = ['humanize']\n# ///\nimport os, sys\nimport humanize\n\
    print(humanize.apnumber(2), [os.fsencode(word) for word in sys.argv], sys.path[0])\n\
    print(os.environ['VIRTUAL_ENV'] == sys.prefix)\n\
    print([name for name in os.environ if name.startswith(('PROTOPRIMER', 'PRIME'))])\n";

/// A script in a directory that is no repository.
pub fn sandbox() -> Option<(Sandbox, Index)> {
    with_index(hello_index())
}

fn with_index(index: Index) -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let sandbox = Sandbox::new().index(&index).link_uv(uv).link_python(python);
    let sandbox = sandbox.link("prime", env!("CARGO_BIN_EXE_prime").as_ref()).script("tools/look", SCRIPT);
    Some((sandbox, index))
}

/// The directories of the environments there are.
pub fn environments(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = fs::read_dir(sandbox.cache().join("prime/script")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_first_start_makes_the_environment_and_the_second_does_nothing_but_start() {
    let Some((sandbox, index)) = sandbox() else { return };
    let run = sandbox.prime(["script", "tools/look", "a", "--help"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let seen = "two [b'tools/look', b'a', b'--help'] [REPO]/tools\nTrue\n[]\n";
    assert_eq!(sandbox.redact(&run.stdout()), seen);
    assert!(run.stderr().starts_with("create   .venv (python "), "{}", run.stderr());
    let [dir] = environments(&sandbox).try_into().unwrap();
    let times =
        || ["used", ".prime/stamp.json", ".prime"].map(|it| dir.join(it).metadata().unwrap().modified().unwrap());
    let (before, requests) = (times(), index.paths().len());
    // Neither the tool nor the index is there any more.
    fs::remove_file(sandbox.bin().join("uv")).unwrap();
    for _ in 0..2 {
        sandbox.prime(["script", "tools/look", "a", "--help"]).stdout(seen).run();
    }
    assert_eq!((times(), index.paths().len()), (before, requests));
    assert!(sandbox.cache().join("prime/CACHEDIR.TAG").exists());
}

#[test]
fn it_starts_by_its_first_line_from_anywhere_and_through_links() {
    let Some((sandbox, _index)) = sandbox() else { return };
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    let link = sandbox.home().join("link");
    symlink(sandbox.repo().join("tools/look"), &link).unwrap();
    sandbox.prime(["-q", "script", "tools/look"]).output();
    let run = sandbox.command(&link).args(["", "-v", "--", "a\nb"]).current_dir("/").env("PATH", path);
    run.stdout("two [b'[HOME]/link', b'', b'-v', b'--', b'a\\nb'] [REPO]/tools\nTrue\n[]\n").run();
}

#[test]
fn scripts_with_the_same_metadata_share_an_environment_and_others_do_not() {
    let Some((sandbox, _index)) = sandbox() else { return };
    let sandbox = sandbox
        .file("other", "# /// script\n# dependencies = [ \"humanize\" , ]\n# requires-python = \">=3.8\"\n# ///\n");
    let sandbox = sandbox.file("none.py", "import sys\nprint(sys.prefix != sys.base_prefix)\n");
    for (script, count) in [("tools/look", 1), ("other", 1), ("none.py", 2)] {
        let run = sandbox.prime(["-q", "script", script]).output();
        assert_eq!((run.code(), environments(&sandbox).len()), (0, count), "{script}: {}", run.stderr());
    }
}

#[test]
fn what_is_damaged_is_mended_once_a_day_or_when_asked() {
    let Some((sandbox, _index)) = sandbox() else { return };
    sandbox.prime(["-q", "script", "tools/look"]).output();
    let [dir] = environments(&sandbox).try_into().unwrap();
    let mut library = fs::read_dir(dir.join(".venv/lib")).unwrap();
    let module = library.next().unwrap().unwrap().path().join("site-packages/humanize.py");
    for is_asked in [true, false] {
        fs::remove_file(&module).unwrap();
        assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 1);
        if !is_asked {
            let used = File::options().write(true).open(dir.join("used")).unwrap();
            used.set_modified(SystemTime::now() - Duration::from_secs(90_000)).unwrap();
        }
        let words: &[&str] = if is_asked { &["script", "--verify", "size"] } else { &["script"] };
        let run = sandbox.prime(words.iter().chain(&["tools/look"]).copied()).output();
        assert!(run.stderr().starts_with("repair   humanize 4.99.0: "), "{}", run.stderr());
        assert_eq!(run.code(), 0);
    }
    let age = dir.join("used").metadata().unwrap().modified().unwrap().elapsed().unwrap();
    assert!(age < Duration::from_secs(3600), "the use is noted");
}

#[test]
fn an_environment_that_was_left_half_made_is_made_anew() {
    let Some((sandbox, _index)) = sandbox() else { return };
    sandbox.prime(["-q", "script", "tools/look"]).output();
    let [dir] = environments(&sandbox).try_into().unwrap();
    for gone in [".prime/stamp.json", "pyproject.toml", ".venv/bin/python", ""] {
        let path = dir.join(gone);
        if gone.is_empty() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        let run = sandbox.prime(["script", "tools/look"]).output();
        assert_eq!((run.code(), &run.stdout()[..3]), (0, "two"), "{gone}: {}", run.stderr());
        // What is written from the script itself is no work worth a word.
        assert_eq!(run.stderr().is_empty(), gone == "pyproject.toml", "{gone}: {}", run.stderr());
        assert!(dir.join("pyproject.toml").exists() && dir.join(".prime/stamp.json").exists());
    }
}

#[test]
fn the_indexes_that_it_names_are_honoured_by_either_driver() {
    let Some((sandbox, index)) = sandbox() else { return };
    let sandbox = sandbox.env_remove("PIP_INDEX_URL");
    let text = format!(
        "# /// script\n# dependencies = ['humanize']\n# [[tool.uv.index]]\n# url = '{}'\n# default = true\n# ///\nimport humanize\n",
        index.url()
    );
    let sandbox = sandbox.file("named.py", &text);
    for driver in ["venv_uv", "venv_pip"] {
        let before = index.paths().len();
        let run = sandbox.prime(["script", "named.py"]).env("PROTOPRIMER_VENV_DRIVER", driver).output();
        assert_eq!(run.code(), 0, "{driver}: {}", run.stderr());
        assert!(index.paths().len() > before, "{driver}");
    }
    assert_eq!(environments(&sandbox).len(), 2);
    let sandbox =
        sandbox.file("own.py", "# /// script\n# dependencies = ['x']\n# tool.uv.sources.x.path = 'x'\n# ///\n");
    let run = sandbox.prime(["script", "own.py"]).env("PROTOPRIMER_VENV_DRIVER", "venv_pip").output();
    let said = "error: `tool.uv.sources` in `own.py` line 3 is for uv alone, and pip makes the environment\n";
    assert_eq!((run.code(), run.stderr().starts_with(said)), (78, true), "{}", run.stderr());
}

#[test]
fn what_cannot_be_run_is_told_with_its_place() {
    let Some((sandbox, _index)) = sandbox() else { return };
    write(&sandbox.repo().join("dir/x"), b"", 0o644);
    for (words, content, code, said) in [
        (&["script", "-"][..], "", 2, "error: a script from standard input has no place"),
        (&["-C", ".", "script", "f"], "", 2, "error: `-C`, `-e` and `--no-link` are of repositories"),
        (&["script", "gone"], "", 127, "error: `gone` does not exist"),
        (&["script", "dir"], "", 126, "error: `dir` is a directory without a `__main__.py`"),
        (
            &["script", "f"],
            "# /// script\n# ///\n\n# /// script\n# ///\n",
            78,
            "error: `f` has two `script` blocks, in line 1 and in line 4",
        ),
        (
            &["script", "f"],
            "# /// script\n# a = [\n# ///\n",
            78,
            "error: `f` line 2, column 8 is not TOML: unclosed array",
        ),
        (
            &["script", "f"],
            "# /// script\n# requires-python = '==3.99.*'\n# ///\n",
            78,
            "error: no python matching `==3.99.*` (`requires-python` in `f` line 2) found, and uv cannot provide one",
        ),
        (&["script", "f"], "# /// script\n# dependencies = ['no-such-thing']\n# ///\n", 78, "error: "),
        (&["--offline", "script", "f"], "# /// script\n# dependencies = ['wcwidth']\n# ///\n", 69, "error: "),
    ] {
        write(&sandbox.repo().join("f"), content.as_bytes(), 0o644);
        let run = sandbox.prime(words.iter().copied()).env("UV_PYTHON_DOWNLOADS", "never").output();
        let error = run.stderr().lines().find(|line| line.starts_with("error: ")).unwrap_or_default().to_owned();
        assert!(error.starts_with(said), "{words:?}: {}", run.stderr());
        assert_eq!(run.code(), code, "{words:?}: {}", run.stderr());
    }
}

#[test]
fn of_several_that_start_at_once_one_makes_the_environment() {
    let Some((sandbox, _index)) = sandbox() else { return };
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| sandbox.prime(["script", "tools/look"]).output());
        let started: Vec<_> = (0..4).map(|_| start()).collect();
        started.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(outputs.iter().all(|run| run.code() == 0 && run.stdout().starts_with("two ")));
    let made = outputs.iter().filter(|run| run.stderr().contains("create   ")).count();
    assert_eq!((made, environments(&sandbox).len()), (1, 1));
}

#[test]
fn whenever_the_making_is_killed_the_next_start_goes_on() {
    for driver in ["venv_uv", "venv_pip"] {
        let gate = Gate::default();
        let index = hello_index().fault("/files/humanize", Fault::Held(gate.clone()));
        let Some((sandbox, index)) = with_index(index) else { return };
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver);
        let is_there = |path: &str| made(&sandbox).is_some_and(|dir| dir.join(path).exists());
        let is_asked = || index.paths().iter().any(|path| path.starts_with("/files/humanize"));
        let moments: [&dyn Fn() -> bool; 3] = [&|| is_there("used"), &|| is_there(".venv/pyvenv.cfg"), &is_asked];
        for (number, has_come) in moments.iter().enumerate() {
            let mut running = sandbox.prime(["script", "tools/look"]).spawn();
            assert!(running.wait_until(|_| has_come()), "{driver} {number}");
            assert_eq!(running.kill().code(), 137, "{driver} {number}");
        }
        gate.open();
        let run = sandbox.prime(["script", "tools/look"]).output();
        assert_eq!((run.code(), run.stdout().starts_with("two ")), (0, true), "{driver}: {}", run.stderr());
        let again = sandbox.prime(["script", "tools/look"]).output();
        assert_eq!((again.code(), again.stderr().as_str()), (0, ""), "{driver}");
        assert_eq!(environments(&sandbox).len(), 1, "{driver}");
    }
}

/// The only environment there is.
fn made(sandbox: &Sandbox) -> Option<PathBuf> {
    let entries = fs::read_dir(sandbox.cache().join("prime/script")).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.is_dir())
}

#[test]
fn an_index_that_is_down_is_told_and_a_ready_script_needs_none() {
    let Some((sandbox, index)) = sandbox() else { return };
    let sandbox = sandbox.file("new.py", "# /// script\n# dependencies = ['wcwidth']\n# ///\nimport wcwidth\n");
    assert_eq!(sandbox.prime(["-q", "script", "tools/look"]).output().code(), 0);
    drop(index);
    for driver in ["venv_uv", "venv_pip"] {
        let run =
            sandbox.prime(["script", "new.py"]).env("PROTOPRIMER_VENV_DRIVER", driver).env("UV_HTTP_RETRIES", "0");
        let run = run.env("PIP_RETRIES", "0").output();
        assert_eq!((run.code(), run.stdout().as_str()), (69, ""), "{driver}: {}", run.stderr());
        assert!(run.stderr().contains("\nerror: ") && run.stderr().contains("\nhint: "), "{driver}: {}", run.stderr());
    }
    let lock = sandbox.prime(["script", "--lock", "tools/look"]).env("UV_HTTP_RETRIES", "0").output();
    assert_eq!(lock.code(), 69, "{}", lock.stderr());
    assert!(!sandbox.repo().join("tools/look.lock").exists());
    assert!(sandbox.prime(["script", "tools/look"]).output().stdout().starts_with("two "));
}
