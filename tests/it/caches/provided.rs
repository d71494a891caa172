//! A python that uv provided and that a CI brought back in part: the next `prime` finds it and has it installed anew.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::runner::Runner;
use crate::support::index::Index;
use crate::support::mirror::Mirror;
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;
use crate::support::{output, remove_dir};

/// A repo whose python uv has provided, as an earlier run has kept it.
struct Kept {
    sandbox: Sandbox,
    runner: Runner,
    mirror: Mirror,
    version: &'static str,
    _index: Index,
    /// The files of the python with their sizes, compiled ones apart.
    files: BTreeMap<PathBuf, u64>,
}

impl Kept {
    fn new() -> Option<Self> {
        let (uv, python) = (real_uv()?, pythons::hidden()?);
        let (index, mirror) = (Index::start().add(uv_wheel(uv)), Mirror::of(python));
        let sandbox = Sandbox::new().index(&index).project("app", "1", &[]).mirror(&mirror);
        let sandbox = sandbox.file(".python-version", format!("{}\n", python.version));
        let sandbox = sandbox.redact_as("[X.Y.Z]", &python.version);
        let runner = Runner::new(&sandbox);
        let run = sandbox.prime(["-q"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        runner.keep(&sandbox, &[]);
        let kept = Self { sandbox, runner, mirror, version: &python.version, _index: index, files: BTreeMap::new() };
        let files = files(&kept.dir());
        Some(Self { files, ..kept })
    }

    /// Where uv has put the python.
    fn dir(&self) -> PathBuf {
        let all = fs::read_dir(self.sandbox.home().join(".local/share/uv/python")).unwrap();
        let mut dirs = all.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir() && !path.is_symlink());
        dirs.find(|path| path.display().to_string().contains(self.version)).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        let found = self.files.keys().find(|path| path.ends_with(name));
        self.dir().join(found.unwrap_or_else(|| panic!("no {name}")))
    }

    /// Runs `prime`, which must make everything right; what it said.
    #[track_caller]
    fn heals(&self, what: &str) -> String {
        let run = self.sandbox.prime(["boot"]).output();
        let said = self.sandbox.redact(&run.stderr());
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{what}: {said}");
        let now = files(&self.dir());
        let lost: Vec<_> = self.files.iter().filter(|(path, size)| now.get(*path) != Some(size)).collect();
        assert!(lost.is_empty(), "{what}: {lost:?}: {said}");
        let code = "import json, app, sys; print('%d.%d.%d' % sys.version_info[:3])";
        let run = self.sandbox.prime(["run", "--", "python", "-c", code]).output();
        assert_eq!((run.code(), run.stdout()), (0, format!("{}\n", self.version)), "{what}: {}", run.stderr());
        self.sandbox.prime(["boot"]).run();
        said
    }
}

fn files(dir: &Path) -> BTreeMap<PathBuf, u64> {
    let (mut found, mut dirs) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(next) = dirs.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            let meta = path.symlink_metadata().unwrap();
            if !meta.is_dir() {
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), meta.len());
            } else if !path.ends_with("__pycache__") {
                dirs.push(path);
            }
        }
    }
    found
}

/// What is wrong with what came back, what is said of it, and how it gets so.
type Damage = (&'static str, &'static str, fn(&Kept));

#[test]
fn one_that_lost_a_part_is_installed_anew_and_the_environment_stays() {
    let Some(kept) = Kept::new() else { return };
    let damages: [Damage; 4] = [
        ("a module that no start needs is missing", "`lib/", |it| fs::remove_file(it.file("json/scanner.py")).unwrap()),
        ("a module is cut", "`lib/", |it| {
            File::options().write(true).open(it.file("json/decoder.py")).unwrap().set_len(100).unwrap();
        }),
        ("the interpreter is missing", "`bin/", |it| {
            fs::remove_file(it.dir().join("bin").join(format!("python3.{}", it.version.split('.').nth(1).unwrap())))
                .unwrap();
        }),
        ("the library is missing", "`lib/", |it| fs::remove_dir_all(it.dir().join("lib")).unwrap()),
    ];
    for (what, first, damage) in damages {
        kept.runner.start_warm();
        damage(&kept);
        let asked = kept.mirror.requests().len();
        let said = kept.heals(what);
        let mut lines = said.lines();
        let repaired = lines.next().unwrap();
        assert!(repaired.starts_with("repair   cpython-[X.Y.Z]") && repaired.contains(first), "{what}: {said}");
        assert!(repaired.ends_with(", installed anew  [TIME]"), "{what}: {said}");
        assert_eq!(lines.next(), Some("adopt    .venv (restored, 1 distribution proven)"), "{what}: {said}");
        assert!(kept.mirror.requests().len() > asked, "{what}");
    }
}

#[test]
fn an_archive_of_it_that_ends_early_is_healed_wherever_it_was_cut() {
    let Some(kept) = Kept::new() else { return };
    let archive = kept.sandbox.root().join("part.tar");
    let pythons = kept.sandbox.home().join(".local/share/uv");
    let said = output(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&pythons).arg("python"));
    assert!(said.unwrap().status.success());
    let whole = fs::read(&archive).unwrap();
    for part in [0, 2, 5, 7] {
        for is_alone in [false, true] {
            kept.runner.start_warm();
            remove_dir(&pythons);
            fs::create_dir(&pythons).unwrap();
            if is_alone {
                remove_dir(&kept.sandbox.repo().join(".prime"));
            }
            fs::write(&archive, &whole[..whole.len() * part / 8]).unwrap();
            output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&pythons)).unwrap();
            // What is not known to be of use is not proven; but what does not start is made to.
            if is_alone {
                let _ = fs::remove_dir_all(bin(&pythons));
            }
            kept.heals(&format!("{part} of 8 parts, alone {is_alone}"));
        }
    }
}

/// Where the interpreter is, of the one installation that is there.
fn bin(pythons: &Path) -> PathBuf {
    let all = fs::read_dir(pythons.join("python")).into_iter().flatten().map(|entry| entry.unwrap().path());
    all.filter(|path| path.is_dir() && !path.is_symlink()).map(|path| path.join("bin")).next().unwrap_or_default()
}

#[test]
fn without_the_network_it_is_said_what_is_missing() {
    let Some(kept) = Kept::new() else { return };
    kept.runner.start_warm();
    fs::remove_file(kept.file("json/scanner.py")).unwrap();
    let run = kept.sandbox.prime(["boot", "--offline"]).output();
    let said = kept.sandbox.redact(&run.stderr());
    assert_eq!(run.code(), 69, "{said}");
    let first = "error: `[HOME]/.local/share/uv/python/cpython-[X.Y.Z]";
    assert!(
        said.starts_with(first) && said.contains(" came back in part, and uv cannot install it anew: `lib/"),
        "{said}"
    );
    assert!(said.contains("json/scanner.py` is missing\n") && said.contains("\nhint: "), "{said}");
    kept.heals("with the network");
}

/// The list of its files.
fn list(kept: &Kept) -> PathBuf {
    kept.sandbox.repo().join(".prime/python.json")
}

#[test]
fn one_that_is_another_build_by_now_is_installed_once_and_taken_as_it_is() {
    let Some(kept) = Kept::new() else { return };
    let path = kept.file("json/scanner.py");
    let size = path.metadata().unwrap().len();
    let other =
        fs::read_to_string(list(&kept)).unwrap().replace(&format!("json/scanner.py\",{size}]"), "json/scanner.py\",1]");
    fs::write(list(&kept), other).unwrap();
    for is_first in [true, false] {
        remove_dir(&kept.sandbox.repo().join(".venv"));
        let said = kept.heals("another build");
        assert_eq!(said.starts_with("repair   cpython-[X.Y.Z]"), is_first, "{said}");
    }
}

#[test]
fn one_that_nothing_asks_for_any_more_is_left_as_it_is() {
    let Some(kept) = Kept::new() else { return };
    let is_other = |it: &&pythons::Interpreter| !kept.version.starts_with(&it.series());
    let Some(other) = pythons::supported().into_iter().find(is_other) else { return };
    kept.runner.start_warm();
    fs::remove_file(kept.file("json/scanner.py")).unwrap();
    symlink(&other.executable, kept.sandbox.root().join("bin").join(other.basename())).unwrap();
    fs::write(kept.sandbox.repo().join(".python-version"), other.series()).unwrap();
    let asked = kept.mirror.requests().len();
    let run = kept.sandbox.prime(["boot"]).output();
    let said = run.stderr();
    assert_eq!(
        (run.code(), said.contains("repair   cpython"), kept.mirror.requests().len()),
        (0, false, asked),
        "{said}"
    );
}

/// A repository whose connector has a python that uv has provided, as an earlier run has kept it.
fn with_connector() -> Option<(Sandbox, Runner, Index, Mirror)> {
    let (supported, uv) = (pythons::supported(), real_uv()?);
    let [.., older, newer] = supported.as_slice() else { return None };
    let code = "def main():\n    import json.scanner\n";
    let wheel = Wheel::new("airbyte-source-tiny", "1").file("source_tiny.py", code);
    let wheel = wheel.script("source-tiny", "source_tiny:main").requires_python(&format!("=={}.*", older.series()));
    let (index, mirror) = (Index::start().add(wheel.build()), Mirror::of(older));
    let sandbox = Sandbox::new().index(&index).mirror(&mirror).link_uv(uv).link_python(newer);
    let sandbox = sandbox.file(".python-version", newer.series()).redact_as("[X.Y.Z]", &older.version);
    let sandbox = sandbox.file("prime.toml", "[connectors.source-tiny]\nensure = true\n");
    let runner = Runner::new(&sandbox);
    let run = sandbox.prime(["boot"]).output();
    let said = run.stderr();
    assert!(run.code() == 0 && said.contains(&format!("provide  python {} (uv)\n", older.version)), "{said}");
    runner.keep(&sandbox, &[]);
    Some((sandbox, runner, index, mirror))
}

#[test]
fn that_of_a_connector_is_installed_anew_and_the_connector_stays() {
    let Some((sandbox, runner, _index, _mirror)) = with_connector() else { return };
    let venv = sandbox.repo().join(".venv-source-tiny");
    let interpreter = venv.join("bin/python").canonicalize().unwrap();
    let lib = interpreter.parent().unwrap().with_file_name("lib").join(interpreter.file_name().unwrap());
    let damages = [(lib.join("json/scanner.py"), true), (interpreter.clone(), true), (interpreter, false)];
    for (lost, is_known) in damages {
        runner.start_warm();
        fs::remove_file(&lost).unwrap();
        if !is_known {
            fs::remove_file(venv.join("prime-connector-python.json")).unwrap();
        }
        let check = sandbox.prime(["check"]).output();
        assert!(check.code() != 0, "{}", check.stdout());
        let run = sandbox.prime(["boot"]).output();
        let said = sandbox.redact(&run.stderr());
        assert_eq!(run.code(), 0, "{lost:?}: {said}");
        let has = |line: &str| said.lines().any(|it| it.starts_with(line));
        assert_eq!(has("repair   cpython-[X.Y.Z]"), is_known, "{lost:?}: {said}");
        assert_eq!(has("adopt    [REPO]/.venv-source-tiny (restored, "), is_known, "{lost:?}: {said}");
        assert_eq!(has("install  airbyte-source-tiny 1"), !is_known, "{lost:?}: {said}");
        let works = sandbox.command(venv.join("bin/source-tiny")).output();
        assert_eq!(works.code(), 0, "{lost:?}: {}", works.stderr());
        assert_eq!(sandbox.prime(["boot", "--verify=hash"]).output().stderr(), "", "{lost:?}");
    }
}
