//! What a CI brought back that is stale, of elsewhere, or not all of what was kept: the next `prime` finds it and heals.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use super::runner::Runner;
use crate::support::index::Index;
use crate::support::mirror::unpack;
use crate::support::monorepo::bytes;
use crate::support::pair::Pair;
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{output, remove_dir, write};

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];
const PINS: &str = "left==1.0\nright==2.0\n";
const STAMP: &str = ".prime/stamp.json";

/// A repo that was made and kept by an earlier run.
fn kept(driver: &str) -> Option<(Pair, Runner)> {
    let pair = Pair::new()?.env("PROTOPRIMER_VENV_DRIVER", driver);
    pair.write("constraints.txt", PINS);
    let runner = Runner::new(&pair.sandbox);
    pair.boot();
    runner.keep(&pair.sandbox, &[]);
    Some((pair, runner))
}

/// Runs `prime`, which must make everything right: what is installed works, and the next run finds nothing to do.
#[track_caller]
fn heals(pair: &Pair, what: &str) -> String {
    let run = pair.sandbox.prime(["boot"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{what}: {}", run.stderr());
    let proof = pair.sandbox.prime(["boot", "--verify=hash"]).output();
    assert_eq!((proof.code(), proof.stderr().as_str()), (0, ""), "{what}: {}", run.stderr());
    let code = "import one, two, left, right; print(left.version, right.version)";
    let program = pair.sandbox.prime(["run", "--", "python", "-c", code]).output();
    assert_eq!((program.code(), program.stdout().as_str()), (0, "1.0 2.0\n"), "{what}: {}", program.stderr());
    assert_eq!(fs::read_to_string(pair.path("constraints.txt")).unwrap(), PINS, "{what}");
    pair.sandbox.redact(&run.stderr())
}

fn site(pair: &Pair) -> PathBuf {
    pair.path(&format!(".venv/lib/{}/site-packages", pair.python.basename()))
}

fn cut(path: &Path) {
    let size = path.metadata().unwrap().len();
    File::options().write(true).open(path).unwrap().set_len(size / 2).unwrap();
}

fn edit_stamp(pair: &Pair, edit: impl FnOnce(&mut Json)) {
    let mut stamp: Json = serde_json::from_slice(&fs::read(pair.path(STAMP)).unwrap()).unwrap();
    edit(&mut stamp);
    write(&pair.path(STAMP), &serde_json::to_vec(&stamp).unwrap(), 0o644);
}

/// What is wrong with what came back, and what is said of it first.
type Damage = (&'static str, &'static str, fn(&Pair));

const MENDED: &str = "repair   left 1.0: ";
const DAMAGES: [Damage; 17] = [
    ("a file is missing", MENDED, |it| fs::remove_file(site(it).join("left.py")).unwrap()),
    ("a file is cut", MENDED, |it| cut(&site(it).join("left.py"))),
    ("a file has another content of its size", MENDED, |it| {
        let path = site(it).join("left.py");
        let other = fs::read_to_string(&path).unwrap().replace("1.0", "9.9");
        // Whatever else shares the file is left as it is.
        fs::remove_file(&path).unwrap();
        fs::write(&path, other).unwrap();
    }),
    ("a RECORD is cut", MENDED, |it| cut(&site(it).join("left-1.0.dist-info/RECORD"))),
    ("a RECORD is empty", MENDED, |it| write(&site(it).join("left-1.0.dist-info/RECORD"), b"", 0o644)),
    ("a RECORD is missing", MENDED, |it| fs::remove_file(site(it).join("left-1.0.dist-info/RECORD")).unwrap()),
    ("the METADATA is cut", MENDED, |it| write(&site(it).join("left-1.0.dist-info/METADATA"), b"", 0o644)),
    ("a distribution is missing", MENDED, |it| {
        fs::remove_file(site(it).join("left.py")).unwrap();
        fs::remove_dir_all(site(it).join("left-1.0.dist-info")).unwrap();
    }),
    ("its packages are missing", "", |it| fs::remove_dir_all(site(it)).unwrap()),
    ("its configuration is cut", "", |it| cut(&it.path(".venv/pyvenv.cfg"))),
    ("its configuration is missing", "", |it| fs::remove_file(it.path(".venv/pyvenv.cfg")).unwrap()),
    ("its python is missing", "repair   .venv: ", |it| fs::remove_file(it.path(".venv/bin/python")).unwrap()),
    ("a script for activation is cut", "repair   .venv: ", |it| cut(&it.path(".venv/bin/activate"))),
    ("the stamp is cut", "remove   .venv: ", |it| cut(&it.path(STAMP))),
    ("the stamp is missing", "remove   .venv: ", |it| fs::remove_file(it.path(STAMP)).unwrap()),
    ("the stamp is there alone", "create   .venv ", |it| fs::remove_dir_all(it.path(".venv")).unwrap()),
    ("a directory that is empty", "create   .venv ", |it| {
        fs::remove_dir_all(it.path(".venv")).unwrap();
        fs::create_dir(it.path(".venv")).unwrap();
    }),
];

#[test]
fn half_of_what_was_kept_is_found_and_mended() {
    for driver in DRIVERS {
        let Some((pair, runner)) = kept(driver) else { return };
        for (what, said, damage) in DAMAGES {
            runner.start_warm();
            damage(&pair);
            // Newer than all that came back.
            let _ = File::options()
                .append(true)
                .open(pair.path(STAMP))
                .map(|it| it.set_modified(std::time::SystemTime::now()));
            let told = heals(&pair, &format!("{driver}, {what}"));
            assert!(told.starts_with(said), "{driver}, {what}: {told}");
            let is_made = told.contains("create   .venv ");
            assert_eq!(told.contains("adopt    .venv (restored, "), !is_made, "{driver}, {what}: {told}");
        }
    }
}

#[test]
fn an_archive_that_ends_early_is_healed_wherever_it_was_cut() {
    for driver in DRIVERS {
        let Some((pair, runner)) = kept(driver) else { return };
        // What comes first comes back whole, be it the environment or the stamp.
        for first in [".venv", STAMP] {
            let members = [first, if first == STAMP { ".venv" } else { STAMP }];
            let archive = pair.sandbox.root().join("part.tar");
            runner.start_warm();
            let said = output(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(pair.path(".")).args(members));
            assert!(said.unwrap().status.success());
            let whole = fs::read(&archive).unwrap();
            for part in [1, 3, 5, 8, 11, 13, 15] {
                runner.start_afresh();
                fs::write(&archive, &whole[..whole.len() * part / 16 + 100]).unwrap();
                let said = output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(pair.path("."))).unwrap();
                // Where it ends between two members, `tar` takes it for whole.
                let what = format!("{driver}, {part} of 16 parts, {first} first, {:?}", said.status);
                assert!(!heals(&pair, &what).is_empty(), "{what}");
            }
        }
    }
}

#[test]
fn caches_that_came_back_in_part_are_fetched_anew() {
    for driver in DRIVERS {
        let Some((pair, runner)) = kept(driver) else { return };
        let archive = pair.sandbox.root().join("part.tar");
        runner.start_warm();
        let said = output(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(pair.sandbox.cache()).arg("."));
        assert!(said.unwrap().status.success());
        let whole = fs::read(&archive).unwrap();
        for part in [3, 8, 13] {
            runner.start_afresh();
            fs::write(&archive, &whole[..whole.len() * part / 16 + 100]).unwrap();
            output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(pair.sandbox.cache())).unwrap();
            heals(&pair, &format!("{driver}, {part} of 16 parts"));
        }
        for (name, damage) in [("cut", cut as fn(&Path)), ("emptied", |path| write(path, b"", 0o644))] {
            runner.start_warm();
            for left in [".venv", ".prime"] {
                remove_dir(&pair.path(left));
            }
            let caches = bytes(&pair.sandbox.cache());
            caches.into_keys().filter(|path| path.is_file() && !path.is_symlink()).for_each(|path| damage(&path));
            heals(&pair, &format!("{driver}, each file is {name}"));
        }
    }
}

#[test]
fn one_that_was_made_for_another_c_library_is_made_anew() {
    for driver in DRIVERS {
        let Some((pair, runner)) = kept(driver) else { return };
        let glibc = |version: &str| json!({ "glibc": version });
        for (part, value, is_kept) in [
            ("libc", json!("musl"), false),
            ("libc", glibc("2.999"), false),
            ("libc", glibc("2.4"), true),
            ("abi", json!("cp311d"), false),
            ("architecture", json!("linux-aarch64, 64 bits"), false),
        ] {
            if cfg!(target_os = "macos") && part == "libc" {
                continue;
            }
            runner.start_warm();
            edit_stamp(&pair, |stamp| stamp["target"][part] = value.clone());
            let told = heals(&pair, &format!("{driver}, {value}"));
            let first = if is_kept { "adopt    .venv (restored, " } else { "remove   .venv: it was made for " };
            assert!(told.starts_with(first), "{driver}, {value}: {told}");
        }
        runner.start_warm();
        edit_stamp(&pair, |stamp| {
            stamp.as_object_mut().unwrap().retain(|name, _| !["target", "provided", "pins_found"].contains(&&**name));
        });
        let told = heals(&pair, "of an earlier prime");
        assert!(told.starts_with("adopt    .venv (restored, "), "{told}");
    }
}

#[test]
fn one_whose_python_is_of_another_patch_release_or_is_gone_is_made_anew() {
    let (Some(uv), Some((old, new))) = (real_uv(), pythons::upgrade()) else { return };
    for driver in DRIVERS {
        let index = Index::start();
        let sandbox = Sandbox::new().index(&index).link_uv(uv).project("app", "1", &[]);
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver);
        let place = sandbox.root().join("python");
        let install = |python: &pythons::Interpreter| {
            let unpacked = sandbox.root().join("unpacked");
            unpack(python, &unpacked);
            let _ = fs::remove_dir_all(&place);
            fs::rename(unpacked.join("python"), &place).unwrap();
            for name in [old.basename(), "python3".to_owned()] {
                let name = place.join("bin").join(name);
                if !name.exists() {
                    symlink(python.basename(), name).unwrap();
                }
            }
        };
        install(old);
        symlink(place.join("bin/python3"), sandbox.bin().join("python3")).unwrap();
        let runner = Runner::new(&sandbox);
        let key = || sandbox.prime(["cache", "key"]).output().stdout();
        assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
        runner.keep(&sandbox, &[]);
        let of_old = key();
        for (python, is_gone) in [(new, false), (new, true), (old, false)] {
            install(python);
            if is_gone {
                fs::remove_file(place.join("bin").join(old.basename())).unwrap();
            }
            runner.start_warm();
            let was_there = place.join("bin").join(old.basename()).exists();
            let run =
                sandbox.prime(["run", "--", "python", "-c", "import app, sys; print(sys.version.split()[0])"]).output();
            let told = sandbox.redact(&run.stderr());
            assert_eq!(run.code(), 0, "{told}");
            // Where it is gone, whatever is found serves.
            assert!(is_gone || run.stdout() == format!("{}\n", python.version), "{told}{}", run.stdout());
            let said = match (python.version == old.version, was_there) {
                (true, _) => "adopt    .venv (restored, ".to_owned(),
                (false, true) => format!("remove   .venv: its python was {} and is {} now", old.version, new.version),
                (false, false) => format!("remove   .venv: its python {} at ", old.version),
            };
            assert!(told.starts_with(&said), "{driver}, {is_gone}: {told}");
            assert_eq!(key() == of_old, python.version == old.version || is_gone && run.stdout().trim() == old.version);
            sandbox.prime(["boot"]).run();
        }
    }
}

#[test]
fn one_that_came_to_another_path_is_made_anew_there() {
    for driver in DRIVERS {
        let Some((pair, runner)) = kept(driver) else { return };
        runner.start_warm();
        let elsewhere = pair.sandbox.root().join("elsewhere");
        fs::rename(pair.sandbox.repo(), &elsewhere).unwrap();
        fs::create_dir(pair.sandbox.repo()).unwrap();
        let run = pair.sandbox.prime(["boot"]).current_dir("../elsewhere").output();
        let told = run.stderr();
        assert!(run.code() == 0 && told.starts_with("remove   .venv: ") && told.contains("create   .venv "), "{told}");
        let code = "import one, sys; print(one.__file__, sys.prefix)";
        let run = pair.sandbox.prime(["run", "--", "python", "-c", code]).current_dir("../elsewhere").output();
        let root = elsewhere.display();
        assert_eq!(run.stdout(), format!("{root}/one/src/one.py {root}/.venv\n"), "{}", run.stderr());
        pair.sandbox.prime(["boot"]).current_dir("../elsewhere").run();
    }
}

#[test]
fn one_that_is_somebody_elses_proves_nothing() {
    for driver in DRIVERS {
        let Some((pair, runner)) = kept(driver) else { return };
        if pair.sandbox.root().metadata().unwrap().uid() != 0 {
            return;
        }
        runner.start_warm();
        let owned = [pair.path(".venv"), pair.path(".prime"), pair.sandbox.cache()];
        assert!(output(Command::new("chown").args(["-R", "4711"]).args(owned)).unwrap().status.success());
        let told = heals(&pair, driver);
        assert!(told.starts_with("remove   .venv: nothing says what it was made from"), "{told}");
    }
}
