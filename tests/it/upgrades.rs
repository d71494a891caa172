//! The python under an environment is upgraded, removed or replaced: the next run notices, a ready one as well, and heals.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::support::fakes;
use crate::support::index::Index;
use crate::support::mirror::unpack;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::write;

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

const VERSION: [&str; 5] = ["run", "--", "python", "-c", "import app, sys; print('%d.%d.%d' % sys.version_info[:3])"];

/// Where a version manager installs, `[V]` for the version, and its link that names no patch version. The versions are
/// called 9.9.1 and 9.9.2, whatever they are.
struct Layout {
    name: &'static str,
    installation: &'static str,
    link: &'static str,
}

const PYENV: Layout = Layout { name: "pyenv", installation: "versions/[V]", link: "versions/9.9" };
const UV: Layout =
    Layout { name: "uv", installation: "uv/cpython-[V]-linux-x86_64-gnu", link: "uv/cpython-9.9-linux-x86_64-gnu" };
const HOMEBREW: Layout =
    Layout { name: "Homebrew", installation: "brew/Cellar/python@9.9/[V]", link: "brew/opt/python@9.9" };

/// A repo whose python is one of a version manager's, with a link that names no patch version.
struct Managed {
    layout: &'static Layout,
    sandbox: Sandbox,
    _index: Index,
    old: &'static Interpreter,
    new: &'static Interpreter,
}

impl Managed {
    fn booted(driver: &str, layout: &'static Layout) -> Option<Self> {
        let (uv, (old, new)) = (real_uv()?, pythons::upgrade()?);
        let index = Index::start();
        let sandbox = Sandbox::new().index(&index).link_uv(uv).project("app", "1", &[]);
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver);
        let managed = Self { layout, sandbox, _index: index, old, new };
        managed.install(old, "9.9.1");
        managed.link_minor("9.9.1");
        symlink(managed.link().join("bin/python3"), managed.sandbox.bin().join("python3")).unwrap();
        managed.assert_runs(old, "at first");
        Some(managed)
    }

    fn installation(&self, version: &str) -> PathBuf {
        self.sandbox.root().join(self.layout.installation.replace("[V]", version))
    }

    fn link(&self) -> PathBuf {
        self.sandbox.root().join(self.layout.link)
    }

    /// Puts an interpreter into the place of a version, and under the old one's names, as a patch version has them.
    fn install(&self, python: &Interpreter, version: &str) {
        let unpacked = self.sandbox.root().join("unpacked");
        unpack(python, &unpacked);
        let installation = self.installation(version);
        let _ = fs::remove_dir_all(&installation);
        fs::create_dir_all(installation.parent().unwrap()).unwrap();
        fs::rename(unpacked.join("python"), &installation).unwrap();
        let name = installation.join("bin").join(self.old.basename());
        if !name.exists() {
            symlink("python3", name).unwrap();
        }
    }

    fn link_minor(&self, version: &str) {
        let _ = fs::remove_file(self.link());
        fs::create_dir_all(self.link().parent().unwrap()).unwrap();
        symlink(self.installation(version), self.link()).unwrap();
    }

    /// Runs, and then once more without anything left to do; what was said.
    #[track_caller]
    fn assert_runs(&self, python: &Interpreter, what: &str) -> String {
        let run = self.sandbox.prime(VERSION).output();
        let expected = format!("{}\n", python.version);
        assert_eq!((run.code(), run.stdout()), (0, expected.clone()), "{what}: {}", run.stderr());
        self.sandbox.prime(VERSION).stdout(expected).run();
        self.sandbox.redact(&run.stderr())
    }

    /// What made the environment be made anew.
    #[track_caller]
    fn reason(&self, python: &Interpreter, what: &str) -> String {
        let said = self.assert_runs(python, what);
        let line = said.lines().next().unwrap_or_default();
        line.strip_prefix("remove   .venv: ").unwrap_or_else(|| panic!("{what}: {said}")).to_owned()
    }
}

#[test]
fn an_environment_leads_to_the_path_that_names_no_patch_version() {
    for layout in [&PYENV, &UV, &HOMEBREW] {
        for driver in DRIVERS {
            let Some(managed) = Managed::booted(driver, layout) else { return };
            let home = format!("home = {}\n", managed.link().join("bin").display());
            let cfg = fs::read_to_string(managed.sandbox.repo().join(".venv/pyvenv.cfg")).unwrap();
            assert!(cfg.contains(&home), "{}, {driver}: {cfg}", layout.name);
        }
    }
}

/// What becomes of the old version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Old {
    /// It stays beside the new one, to which the link leads from now on.
    Kept,
    /// It is removed.
    Removed,
    /// The new one takes its very place, as with a package manager.
    Replaced,
}

#[test]
fn a_patch_upgrade_in_place_is_noticed_and_healed() {
    let mut upgrades = 0;
    let ways = [
        (&PYENV, Old::Kept),
        (&PYENV, Old::Removed),
        (&PYENV, Old::Replaced),
        (&UV, Old::Kept),
        (&HOMEBREW, Old::Removed),
    ];
    for (layout, old) in ways {
        for driver in DRIVERS {
            let Some(managed) = Managed::booted(driver, layout) else { return };
            match old {
                Old::Replaced => managed.install(managed.new, "9.9.1"),
                Old::Kept | Old::Removed => {
                    managed.install(managed.new, "9.9.2");
                    managed.link_minor("9.9.2");
                }
            }
            if old == Old::Removed {
                fs::remove_dir_all(managed.installation("9.9.1")).unwrap();
            }
            let what = format!("{}, {old:?}, {driver}", layout.name);
            let expected = format!("its python was {} and is {} now  [TIME]", managed.old.version, managed.new.version);
            assert_eq!(managed.reason(managed.new, &what), expected, "{what}");
            upgrades += 1;
        }
    }
    if let Some((old, new)) = pythons::upgrade() {
        eprintln!("upgrades from {} to {} in place: {upgrades}, each noticed and healed", old.version, new.version);
    }
}

#[test]
fn a_python_that_is_removed_or_that_nothing_leads_to_any_more_is_replaced() {
    for driver in DRIVERS {
        for what in ["removed", "the link is gone", "the link leads nowhere"] {
            let Some(managed) = Managed::booted(driver, &PYENV) else { return };
            match what {
                "removed" => fs::remove_dir_all(managed.installation("9.9.1")).unwrap(),
                "the link is gone" => fs::remove_file(managed.link()).unwrap(),
                _ => managed.link_minor("9.9.7"),
            }
            symlink(&managed.new.executable, managed.sandbox.bin().join("python")).unwrap();
            let path = managed.link().join("bin").join(managed.old.basename());
            let path = managed.sandbox.redact(&path.display().to_string());
            let expected = format!("its python {} at `{path}` is gone  [TIME]", managed.old.version);
            assert_eq!(managed.reason(managed.new, what), expected, "{driver}, {what}");
        }
    }
}

#[test]
fn another_implementation_in_the_place_of_the_python_is_noticed() {
    for driver in DRIVERS {
        let Some(managed) = Managed::booted(driver, &PYENV) else { return };
        let python = managed.installation("9.9.1").join("bin").join(managed.old.basename());
        let script = fakes::python(managed.sandbox.root(), &managed.old.basename(), &managed.old.version);
        let script = script.replace("\"implementation\": \"cpython\"", "\"implementation\": \"pypy\"");
        fs::remove_file(&python).unwrap();
        write(&python, script.as_bytes(), 0o755);
        symlink(&managed.new.executable, managed.sandbox.bin().join("python")).unwrap();
        let expected = format!("it has python PyPy {}, and `>=3.8` is required  [TIME]", managed.old.version);
        assert_eq!(managed.reason(managed.new, "PyPy"), expected, "{driver}");
    }
}
