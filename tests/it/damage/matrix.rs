//! Every kind of damage, for both drivers: it is named, it is mended, and only what it concerns is touched.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::repo::{DRIVERS, Repo};

type Act = fn(&Repo);

/// A damage, what is said of it, and whose files may be others afterwards.
struct Damage {
    what: &'static str,
    act: Act,
    said: &'static str,
    touches: Touches,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Touches {
    Tool,
    App,
    OnlyModes,
}

use Touches::{App, OnlyModes, Tool};

const MATRIX: [Damage; 21] = [
    Damage {
        what: "a module is deleted",
        act: |it| fs::remove_file(it.site("tool/__init__.py")).unwrap(),
        said: "repair   tool 1.0: `[SITE]/tool/__init__.py` is missing  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a package is deleted",
        act: |it| fs::remove_dir_all(it.site("tool")).unwrap(),
        said: "repair   tool 1.0: `[SITE]/tool/__init__.py` is missing, and 1 more  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a file is replaced by a longer one",
        act: |it| replace(it, "tool/data.txt", "much longer data\n"),
        said: "repair   tool 1.0: `[SITE]/tool/data.txt` has 17 bytes instead of 10  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a file is replaced by an empty one",
        act: |it| replace(it, "tool/__init__.py", ""),
        said: "repair   tool 1.0: `[SITE]/tool/__init__.py` has 0 bytes instead of 38  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a file is replaced by an empty directory",
        act: |it| {
            fs::remove_file(it.site("tool/data.txt")).unwrap();
            fs::create_dir(it.site("tool/data.txt")).unwrap();
        },
        said: "repair   tool 1.0: `[SITE]/tool/data.txt` is not a file  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a file is replaced by a link to nowhere",
        act: |it| {
            fs::remove_file(it.site("tool/data.txt")).unwrap();
            symlink("/nonexistent", it.site("tool/data.txt")).unwrap();
        },
        said: "repair   tool 1.0: `[SITE]/tool/data.txt` is missing  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "RECORD is deleted",
        act: |it| fs::remove_file(it.site("tool-1.0.dist-info/RECORD")).unwrap(),
        said: "repair   tool 1.0: `[SITE]/tool-1.0.dist-info/RECORD` is missing  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "RECORD is garbled",
        act: |it| replace(it, "tool-1.0.dist-info/RECORD", "\0\0\0\0"),
        said: "repair   tool 1.0: `[SITE]/tool-1.0.dist-info/RECORD` is damaged in line 1  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "RECORD has lost its last line",
        act: |it| {
            let text = fs::read_to_string(it.site("tool-1.0.dist-info/RECORD")).unwrap();
            let end = text.trim_end().rfind('\n').unwrap();
            replace(it, "tool-1.0.dist-info/RECORD", &text[..=end]);
        },
        said: "repair   tool 1.0: `[SITE]/tool-1.0.dist-info/RECORD` does not list all that was installed  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "METADATA is deleted",
        act: |it| fs::remove_file(it.site("tool-1.0.dist-info/METADATA")).unwrap(),
        said: "repair   tool 1.0: `[SITE]/tool-1.0.dist-info/METADATA` is missing  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "METADATA is garbled",
        act: |it| {
            let length = fs::read(it.site("tool-1.0.dist-info/METADATA")).unwrap().len();
            replace(it, "tool-1.0.dist-info/METADATA", &"\0".repeat(length));
        },
        said: "repair   tool 1.0: `[SITE]/tool-1.0.dist-info/METADATA` does not tell the name and version that it \
               should  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "the metadata of a package is deleted",
        act: |it| fs::remove_dir_all(it.site("tool-1.0.dist-info")).unwrap(),
        said: "repair   tool 1.0: is not installed any more  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "another version lies beside it",
        act: |it| {
            let copy = it.site("tool-0.9.dist-info");
            fs::create_dir(&copy).unwrap();
            fs::write(copy.join("METADATA"), "Name: tool\nVersion: 0.9\n").unwrap();
            fs::write(copy.join("RECORD"), "tool-0.9.dist-info/METADATA,,\ntool-0.9.dist-info/RECORD,,\n").unwrap();
        },
        said: "repair   tool 1.0: `[SITE]/tool-0.9.dist-info` is there beside another version  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a script is deleted",
        act: |it| fs::remove_file(it.venv("bin/tool")).unwrap(),
        said: "repair   tool 1.0: `bin/tool` is missing  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "a script is not executable",
        act: |it| fs::set_permissions(it.venv("bin/tool"), Permissions::from_mode(0o644)).unwrap(),
        said: "repair   tool 1.0: `bin/tool` is not executable  [TIME]\n",
        touches: OnlyModes,
    },
    Damage {
        what: "a program is not executable",
        act: |it| fs::set_permissions(it.venv("bin/native"), Permissions::from_mode(0o644)).unwrap(),
        said: "repair   tool 1.0: `bin/native` is not executable  [TIME]\n",
        touches: OnlyModes,
    },
    Damage {
        what: "a script is run by another python",
        act: |it| {
            let text = fs::read_to_string(it.venv("bin/tool")).unwrap();
            fs::write(it.venv("bin/tool"), text.replacen("/.venv/", "/.vanv/", 1)).unwrap();
        },
        said: "repair   tool 1.0: `bin/tool` is not run by this environment's python  [TIME]\n",
        touches: Tool,
    },
    Damage {
        what: "the link to the project's sources is deleted",
        act: |it| fs::remove_file(it.site("__editable__app-1.0.pth")).unwrap(),
        said: "repair   app 1.0: `[SITE]/__editable__app-1.0.pth` is missing  [TIME]\n",
        touches: App,
    },
    Damage {
        what: "the link to the project's sources leads to where nothing is",
        act: |it| {
            let text = fs::read_to_string(it.site("__editable__app-1.0.pth")).unwrap();
            replace(it, "__editable__app-1.0.pth", &text.replace("/src\n", "/scr\n"));
        },
        said: "repair   app 1.0: `[SITE]/__editable__app-1.0.pth` leads to `[REPO]/scr`, which is not there  [TIME]\n",
        touches: App,
    },
    Damage {
        what: "the project's script is deleted",
        act: |it| fs::remove_file(it.venv("bin/app")).unwrap(),
        said: "repair   app 1.0: `bin/app` is missing  [TIME]\n",
        touches: App,
    },
    Damage {
        what: "the project's metadata is deleted",
        act: |it| fs::remove_dir_all(it.site("app-1.0.dist-info")).unwrap(),
        said: "repair   app 1.0: is not installed any more  [TIME]\n",
        touches: App,
    },
];

/// Puts another file in the place of one: the tool's cache may have the same file.
fn replace(repo: &Repo, path: &str, content: &str) {
    fs::remove_file(repo.site(path)).unwrap();
    fs::write(repo.site(path), content).unwrap();
}

/// Whether a file is one that the repair of this damage may touch.
fn is_of(path: &str, touches: Touches) -> bool {
    let starts: &[&str] = match touches {
        Tool => &["[SITE]/tool/", "[SITE]/tool-", "bin/tool", "bin/native"],
        App => &["[SITE]/app-", "[SITE]/__editable__app-1.0.pth", "bin/app"],
        OnlyModes => &[],
    };
    starts.iter().any(|start| path.starts_with(start))
}

#[test]
fn what_is_damaged_is_named_and_mended_and_nothing_else_is_touched() {
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        repo.assert_whole(driver);
        repo.assert_found(&[], "", "whole");
        for Damage { what, act, said, touches } in &MATRIX {
            let before = repo.inodes();
            act(&repo);
            repo.assert_found(&[], said, what);
            assert_eq!(repo.said(what), *said, "{driver}: {what}");
            let touched: Vec<_> = repo.changed_since(&before).into_iter().filter(|it| !is_of(it, *touches)).collect();
            assert_eq!(touched, Vec::<String>::new(), "{driver}: {what}");
            repo.assert_whole(&format!("{driver}: {what}"));
        }
        eprintln!("{} kinds of damage found by `check` and mended with {driver}", MATRIX.len());
    }
}

#[test]
fn a_change_that_keeps_the_size_is_found_by_its_content() {
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        replace(&repo, "tool/data.txt", "same size\n");
        repo.assert_found(&[], "", driver);
        assert_eq!(repo.said(driver), "");
        let said = "repair   tool 1.0: `[SITE]/tool/data.txt` has another content  [TIME]\n";
        repo.assert_found(&["--verify=hash"], said, driver);
        repo.sandbox.prime(["--verify", "hash"]).stderr(said).run();
        repo.assert_whole(driver);
    }
}

#[test]
fn a_program_is_handed_over_to_without_a_proof() {
    let Some(repo) = Repo::booted("venv_uv") else { return };
    fs::remove_file(repo.site("tool/data.txt")).unwrap();
    repo.sandbox.prime(["run", "--", "other"]).stdout("this is other\n").run();
    let said = "repair   tool 1.0: `[SITE]/tool/data.txt` is missing  [TIME]\n";
    repo.sandbox.prime(["-c", "other"]).stdout("this is other\n").stderr(said).run();
    repo.assert_whole("after the proof");
}

#[test]
fn much_damage_is_counted() {
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        for entry in fs::read_dir(repo.site("")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        let said = repo.said(driver);
        assert!(said.lines().all(|line| line.ends_with("is not installed any more  [TIME]")), "{said}");
        assert!(said.contains("repair   app 1.0: "), "{said}");
        repo.assert_whole(driver);
    }
}

#[test]
fn what_the_user_put_in_the_place_of_a_file_is_kept() {
    let Some(repo) = Repo::booted("venv_uv") else { return };
    fs::remove_file(repo.site("tool/data.txt")).unwrap();
    fs::create_dir(repo.site("tool/data.txt")).unwrap();
    fs::write(repo.site("tool/data.txt/notes"), "mine").unwrap();
    fs::write(repo.site("tool/mine.py"), "mine").unwrap();
    let said = repo.said("a directory");
    let (moved, rest) = said.split_once('\n').unwrap();
    assert!(moved.starts_with("move     .venv/[SITE]/tool/data.txt to .prime/tmp/kept."), "{said}");
    assert!(moved.ends_with("/data.txt: it stood where a file belongs"), "{said}");
    assert_eq!(rest, "repair   tool 1.0: `[SITE]/tool/data.txt` is not a file  [TIME]\n");
    let kept = fs::read_dir(repo.path(".prime/tmp")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(kept.join("data.txt/notes")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(repo.site("tool/mine.py")).unwrap(), "mine");
    repo.assert_whole("a directory");
}

#[test]
fn what_the_environment_itself_has_is_written_again() {
    let damages: [(Act, &str); 6] = [
        (|it| fs::remove_file(it.venv("bin/activate")).unwrap(), "bin/activate` is gone"),
        (|it| fs::write(it.venv("bin/activate.fish"), "").unwrap(), "bin/activate.fish` has changed"),
        (|it| fs::remove_file(it.venv("bin/python3")).unwrap(), "bin/python3` is gone"),
        (
            |it| {
                fs::remove_file(it.venv("bin/python")).unwrap();
                symlink("/nonexistent/python", it.venv("bin/python")).unwrap();
            },
            "bin/python` has changed",
        ),
        (|it| fs::remove_file(it.venv("pyvenv.cfg")).unwrap(), "pyvenv.cfg` is gone"),
        (|it| fs::write(it.venv("pyvenv.cfg"), "\0\nprime = 1\n").unwrap(), "pyvenv.cfg` has changed"),
    ];
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        for (act, why) in damages {
            let before = repo.inodes();
            act(&repo);
            let said = format!("repair   .venv: `[REPO]/.venv/{why}  [TIME]\n");
            repo.assert_found(&[], &said, why);
            assert_eq!(repo.said(why), said, "{driver}");
            let touched = repo.changed_since(&before);
            assert_eq!(touched.iter().find(|path| path.contains("SITE")), None, "{driver}: {why}");
            repo.assert_whole(why);
        }
        eprintln!(
            "{} kinds of damage to the environment's own files found by `check` and mended with {driver}",
            damages.len()
        );
    }
    let Some(repo) = Repo::booted("venv_uv") else { return };
    // Nothing tells any more that it is ours.
    fs::write(repo.venv("pyvenv.cfg"), "\0").unwrap();
    let said = repo.said("a garbled configuration");
    let moved = "move     .venv to .prime/tmp/venv.before.[RUN_ID]: it is an environment that something else made\n";
    assert!(said.starts_with(moved), "{said}");
    repo.assert_whole("a garbled configuration");
}
