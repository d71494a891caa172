//! `prime cache key`: it changes with each thing that decides what an environment is, and with nothing else.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use crate::support::fakes;
use crate::support::index::Index;
use crate::support::mirror::Mirror;
use crate::support::monorepo::{bytes, changes};
use crate::support::pair::Pair;
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::write;

/// The key, and its parts by their names.
#[track_caller]
fn key(sandbox: &Sandbox) -> (String, BTreeMap<String, String>) {
    let run = sandbox.prime(["cache", "key", "--json"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let said: Json = serde_json::from_slice(&run.stdout).unwrap();
    let key = said["data"]["key"].as_str().unwrap().to_owned();
    let run = sandbox.prime(["cache", "key"]).output();
    assert_eq!((run.stdout(), run.stderr()), (format!("{key}\n"), String::new()));
    (key, serde_json::from_value(said["data"]["parts"].clone()).unwrap())
}

/// The parts in which two keys differ. The keys themselves differ where and only where a part does.
#[track_caller]
fn differing(one: &(String, BTreeMap<String, String>), other: &(String, BTreeMap<String, String>)) -> Vec<String> {
    let names = one.1.keys().filter(|name| one.1[*name] != other.1[*name]);
    let names: Vec<String> = names.cloned().collect();
    assert_eq!(one.0 != other.0, !names.is_empty(), "{one:?} {other:?}");
    names
}

const PYTHON: &str = "python3.12";

fn repo() -> Sandbox {
    let pyproject = "[project]\nname = 'app'\nversion = '1'\ndependencies = ['left']\n\
                     [project.optional-dependencies]\nmore = ['right']\n";
    Sandbox::new().fake_python(PYTHON, "3.12.1").file(".python-version", "3.12\n").file("pyproject.toml", pyproject)
}

/// Puts a stand-in for the python in place whose facts are others.
fn with_python(sandbox: &Sandbox, version: &str, before: &str, after: &str) {
    let script = fakes::python(sandbox.root(), PYTHON, version);
    assert!(script.contains(before));
    write(&sandbox.bin().join(PYTHON), script.replace(before, after).as_bytes(), 0o755);
}

#[test]
fn each_part_changes_it() {
    type Change = fn(&Sandbox);
    let alterations: [(&[&str], Change); 15] = [
        (&["python"], |it| with_python(it, "3.12.2", "", "")),
        (&["abi"], |it| with_python(it, "3.12.1", r#""abi_flags": """#, r#""abi_flags": "d""#)),
        (&["abi"], |it| with_python(it, "3.12.1", r#""abi_flags": """#, r#""abi_flags": "m""#)),
        (&["architecture"], |it| with_python(it, "3.12.1", r#""pointer_bits": 64"#, r#""pointer_bits": 32"#)),
        (&["architecture"], |it| with_python(it, "3.12.1", r#""platform_tag": ""#, r#""platform_tag": "x"#)),
        (&["libc"], |it| with_python(it, "3.12.1", r#""libc": "glibc 2.36""#, r#""libc": "glibc 2.39""#)),
        (&["libc"], |it| with_python(it, "3.12.1", r#""libc": "glibc 2.36""#, r#""libc": "musl""#)),
        (&["venv"], |it| write(&it.repo().join("prime.toml"), b"local_venv_dir_rel_path = 'v'\n", 0o644)),
        (&["pins"], |it| write(&it.repo().join("constraints.txt"), b"left==1\n", 0o644)),
        (&["configuration"], |it| write(&it.repo().join("prime.toml"), b"venv_driver = 'venv_pip'\n", 0o644)),
        (&["configuration"], |it| write(&it.repo().join("prime.toml"), b"native_venv = false\n", 0o644)),
        (&["configuration"], |it| {
            write(&it.repo().join("prime.toml"), b"version_constraints_file_basename = 'pins.txt'\n", 0o644);
        }),
        (&["configuration"], |it| write(&it.repo().join(".python-version"), b"3.12.1\n", 0o644)),
        (&["configuration"], |it| {
            let text = "[[project_descriptors]]\nbuild_root_dir_rel_path = '.'\ninstall_extras = ['more']\n";
            write(&it.repo().join("prime.toml"), text.as_bytes(), 0o644);
        }),
        (&["configuration"], |it| {
            let text = fs::read_to_string(it.repo().join("pyproject.toml")).unwrap().replace("'left'", "'left>1'");
            write(&it.repo().join("pyproject.toml"), text.as_bytes(), 0o644);
        }),
    ];
    if cfg!(target_os = "macos") {
        return;
    }
    let sandbox = repo();
    let mut keys = vec![key(&sandbox)];
    for (expected, change) in alterations {
        let before = bytes(&sandbox.repo());
        let python = fs::read(sandbox.bin().join(PYTHON)).unwrap();
        change(&sandbox);
        let changed = key(&sandbox);
        assert_eq!(differing(&keys[0], &changed), expected);
        assert!(keys.iter().all(|key| key.0 != changed.0), "{changed:?}");
        keys.push(changed);
        // Back to what it was.
        for path in bytes(&sandbox.repo()).keys().filter(|path| !before.contains_key(*path)) {
            fs::remove_file(path).unwrap();
        }
        for (path, content) in repo_files() {
            write(&sandbox.repo().join(path), content.as_bytes(), 0o644);
        }
        write(&sandbox.bin().join(PYTHON), &python, 0o755);
        assert_eq!(key(&sandbox), keys[0]);
    }
}

fn repo_files() -> [(&'static str, String); 2] {
    let sandbox = repo();
    [".python-version", "pyproject.toml"].map(|name| (name, fs::read_to_string(sandbox.repo().join(name)).unwrap()))
}

#[test]
fn all_that_decides_is_a_part_and_so_is_the_form_of_the_stamp() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let (_, parts) = key(&pair.sandbox);
    let names: Vec<&str> = parts.keys().map(String::as_str).collect();
    let expected =
        ["abi", "architecture", "configuration", "format", "implementation", "libc", "pins", "python", "venv"];
    assert_eq!(names, expected);
    let stamp = fs::read_to_string(pair.path(".prime/stamp.json")).unwrap();
    let stamp: Json = serde_json::from_str(&stamp).unwrap();
    assert!(parts["format"].ends_with(&format!(".{}", stamp["format"])), "{parts:?}");
}

#[test]
fn another_implementation_is_a_part() {
    let sandbox = repo().file(".python-version", "pypy3.12\n");
    let script = fakes::python(sandbox.root(), "pypy3.12", "3.12.1").replace("\"cpython\"", "\"pypy\"");
    write(&sandbox.bin().join("pypy3.12"), script.as_bytes(), 0o755);
    let (of_pypy, of_cpython) = (key(&sandbox), key(&repo()));
    assert!(of_pypy.0.starts_with("prime-pypy-3.12.1-"), "{}", of_pypy.0);
    assert_eq!((of_pypy.1["implementation"].as_str(), of_pypy.1["abi"].as_str()), ("PyPy", "pypy312"));
    assert!(of_cpython.0.starts_with("prime-cpython-3.12.1-"), "{}", of_cpython.0);
    assert_eq!(of_cpython.1["abi"], "cp312");
}

#[test]
fn what_decides_nothing_does_not_change_it() {
    let config = "venv_driver = 'venv_uv'\nupdate_launcher = false\n";
    let sandbox = repo().file("prime.toml", config).file("constraints.txt", "left==1\nright==2\n");
    let first = key(&sandbox);
    let old = FileTimes::new().set_modified(SystemTime::now() - Duration::from_secs(86_400 * 400));
    for name in ["prime.toml", "pyproject.toml", ".python-version", "constraints.txt"] {
        File::options().write(true).open(sandbox.repo().join(name)).unwrap().set_times(old).unwrap();
    }
    let other =
        "# ours\nupdate_launcher = false\n\nvenv_driver = \"venv_uv\"\nlocal_log_dir_rel_path = '.prime/logs'\n";
    let sandbox = sandbox.file("prime.toml", other).file("constraints.txt", "# pins\nright==2\nleft==1\n");
    let sandbox = sandbox.file("README.md", "of no account\n").file(".python-version", "# a comment\n3.12\n");
    assert_eq!(key(&sandbox), first);
    let elsewhere = sandbox.root().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let sandbox = sandbox.env("HOME", &elsewhere).env("XDG_CACHE_HOME", elsewhere.join("cache")).env("USER", "other");
    let sandbox = sandbox.env("PIP_INDEX_URL", "https://me:token@host.invalid/simple").env("GITHUB_RUN_ID", "7");
    assert_eq!(key(&sandbox), first);
    let run = sandbox
        .prime(["cache", "key"])
        .env("PROTOPRIMER_VENV_DRIVER", "venv_uv")
        .current_dir("..")
        .args(["-C".into(), sandbox.repo().into_os_string()]);
    run.stdout(format!("{}\n", first.0)).run();
    let other = sandbox.prime(["cache", "key"]).env("PROTOPRIMER_VENV_DRIVER", "venv_pip").output();
    assert_ne!(other.stdout(), format!("{}\n", first.0));
}

#[test]
fn credentials_in_arguments_of_a_group_do_not_change_it() {
    let config = |url: &str| {
        format!(
            "[[project_descriptors]]\nbuild_root_dir_rel_path = '.'\ninstall_group = 'g'\n\n\
             [[install_specs]]\ng.extra_command_args = ['--extra-index-url={url}']\n"
        )
    };
    let sandbox = repo();
    let key_with = |url: &str| {
        write(&sandbox.repo().join("prime.toml"), config(url).as_bytes(), 0o644);
        key(&sandbox)
    };
    let first = key_with("https://me:token1@host.invalid/simple");
    assert_eq!(key_with("https://me:token2@host.invalid/simple"), first);
    assert_eq!(differing(&key_with("https://me:token1@other.invalid/simple"), &first), ["configuration"]);
}

#[test]
fn it_is_told_before_anything_is_made_and_leaves_no_trace() {
    let sandbox = repo().env("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
    // The stand-in for the python notes that it was asked.
    let all =
        || ["repo", "home", "cache", "tmp"].into_iter().flat_map(|name| bytes(&sandbox.root().join(name))).collect();
    let before = all();
    let (text, _) = key(&sandbox);
    assert_eq!(changes(&before, &all()), [""; 0]);
    assert!(text.len() < 512 && text.chars().all(|it| it.is_ascii_alphanumeric() || "._-".contains(it)), "{text}");
}

#[test]
fn where_a_boot_would_fail_for_want_of_a_python_it_fails_too() {
    let sandbox = repo().file(".python-version", "3.77\n");
    assert!(key(&sandbox).0.starts_with("prime-uv-3.77-"), "{}", key(&sandbox).0);
    let run = sandbox.prime(["cache", "key"]).env("PROTOPRIMER_VENV_DRIVER", "venv_pip").output();
    assert_eq!(run.code(), 78);
    assert!(run.stderr().starts_with("error: no python matching `3.77` found"), "{}", run.stderr());
}

/// Makes the repository what a fresh clone of it would be.
fn clone_anew(pair: &Pair, pins: Option<&str>) {
    for name in [".venv", ".prime"] {
        fs::remove_dir_all(pair.path(name)).unwrap();
    }
    let _ = fs::remove_file(pair.path("constraints.txt"));
    if let Some(pins) = pins {
        pair.write("constraints.txt", pins);
    }
}

#[test]
fn it_is_the_same_before_the_first_boot_and_after_it() {
    for driver in ["venv_uv", "venv_pip"] {
        for pins in [None, Some("left==1.0\n"), Some("left==1.0\nright==2.0\n")] {
            let Some(pair) = Pair::new() else { return };
            let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
            if let Some(pins) = pins {
                pair.write("constraints.txt", pins);
            }
            let first = key(&pair.sandbox);
            pair.boot();
            assert_eq!(key(&pair.sandbox), first, "{driver}, {pins:?}: after the boot that made it");
            pair.boot();
            fs::remove_file(pair.path(".venv/pyvenv.cfg")).unwrap();
            pair.boot();
            assert_eq!(key(&pair.sandbox), first, "{driver}, {pins:?}: after a repair");
            touch(&pair.path("constraints.txt"));
            assert_eq!(key(&pair.sandbox), first, "{driver}, {pins:?}: by another time");
            clone_anew(&pair, pins);
            assert_eq!(key(&pair.sandbox), first, "{driver}, {pins:?}: in a fresh clone");
        }
    }
}

fn touch(path: &Path) {
    let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
    File::options().write(true).open(path).unwrap().set_times(times).unwrap();
}

#[test]
fn pins_that_were_written_count_once_a_checkout_brings_them() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let without = key(&pair.sandbox);
    let pins = fs::read_to_string(pair.path("constraints.txt")).unwrap();
    clone_anew(&pair, Some(&pins));
    let with = key(&pair.sandbox);
    assert_eq!(differing(&without, &with), ["pins"]);
    pair.boot();
    assert_eq!(key(&pair.sandbox), with);
    // What a boot adds to them is none of what it found.
    pair.project("two", &["right", "extra"], "");
    let with_more = key(&pair.sandbox);
    pair.boot();
    assert_eq!((differing(&with, &with_more), key(&pair.sandbox)), (vec!["configuration".to_owned()], with_more));
    pair.sandbox.prime(["-q", "reboot"]).run();
    let rebooted = key(&pair.sandbox);
    clone_anew(&pair, Some(&fs::read_to_string(pair.path("constraints.txt")).unwrap()));
    assert_eq!(rebooted.1["configuration"], key(&pair.sandbox).1["configuration"]);
}

#[test]
fn what_was_made_in_another_place_says_nothing_of_the_pins() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let config = fs::read_to_string(pair.path("prime.toml")).unwrap();
    pair.write("prime.toml", &format!("local_venv_dir_rel_path = 'v'\n{config}"));
    let before = key(&pair.sandbox);
    pair.boot();
    assert_eq!(key(&pair.sandbox), before);
}

#[test]
fn a_python_that_uv_provides_counts_for_what_is_required() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::hidden()) else { return };
    let (index, mirror) = (Index::start().add(uv_wheel(uv)), Mirror::of(python));
    let sandbox = Sandbox::new().index(&index).project("app", "1", &[]).mirror(&mirror);
    let sandbox = sandbox.file(".python-version", format!("{}\n", python.version));
    let before = key(&sandbox);
    assert!(before.0.starts_with(&format!("prime-uv-{}-", python.version)), "{}", before.0);
    assert_eq!((index.paths(), mirror.requests().len()), (vec![], 0));
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    assert_eq!(key(&sandbox), before, "with the python that was provided");
    fs::remove_dir_all(sandbox.repo().join(".venv")).unwrap();
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    assert_eq!(key(&sandbox), before, "the provided python is found");
    fs::remove_dir_all(sandbox.repo().join(".prime")).unwrap();
    let found = key(&sandbox);
    assert_eq!(found.1["python"], python.version, "it is there, and nothing says that uv provided it");
}
