//! `--repair`: an environment whose interpreter was moved or upgraded is pointed to where it is now, and keeps all it has.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Maker, venv};
use crate::support::mirror::unpack;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::tree::{Entry, Tree};
use crate::support::write;

/// Says where the environment and its base are, and imports what is installed.
const PROOF: &str = "import mine, sys; print(sys.prefix, sys.base_prefix, '%d.%d.%d' % sys.version_info[:3])";

/// An interpreter that can be moved, and the environment that was made for it.
struct Broken {
    sandbox: Sandbox,
    version: String,
    /// Where the interpreter is after it was moved.
    moved: PathBuf,
}

impl Broken {
    /// Makes an environment at `env` in the repo, installs something, and moves the interpreter.
    fn new(python: &Interpreter, make: impl FnOnce(&Sandbox, &Path)) -> Self {
        let sandbox = Sandbox::new().redact_as("[VERSION]", &python.version);
        let executable = unpack(python, &sandbox.root().join("old"));
        make(&sandbox, &executable);
        let packages = format!("repo/env/lib/{}/site-packages", python.basename());
        write(&sandbox.root().join(packages).join("mine.py"), b"", 0o644);
        fs::rename(sandbox.root().join("old"), sandbox.root().join("new")).unwrap();
        let moved = sandbox.root().join("new/python/bin").join(python.basename());
        Self { sandbox, version: python.version.clone(), moved }
    }

    fn env(&self) -> PathBuf {
        self.sandbox.repo().join("env")
    }

    fn cfg(&self, key: &str) -> Option<String> {
        let text = fs::read_to_string(self.env().join("pyvenv.cfg")).unwrap();
        let mut pairs = text.lines().filter_map(|line| line.split_once(" = "));
        pairs.find(|(known, _)| *known == key).map(|(_, value)| value.to_owned())
    }

    #[track_caller]
    fn repair(&self) {
        let run = venv(&self.sandbox, &self.moved, &["--repair", "env"]).output();
        let said = self.sandbox.redact(&run.stderr());
        assert_eq!((run.code(), run.stdout()), (0, String::new()), "{said}");
        assert!(said.starts_with("repair   [REPO]/env (python [VERSION]"), "{said}");
        assert!(!self.env().join(".prime-unfinished").exists());
    }

    /// Its python runs by every name, from the new place, and has what was installed.
    #[track_caller]
    fn assert_good(&self) {
        let dir = self.moved.parent().unwrap();
        for name in ["python", "python3"] {
            let run = self.sandbox.command(self.env().join("bin").join(name)).args(["-c", PROOF]).output();
            let base = dir.parent().unwrap().display();
            let expected = format!("{} {base} {}\n", self.env().display(), self.version);
            assert_eq!((run.stdout(), run.stderr()), (expected, String::new()), "{name}");
        }
        assert_eq!(self.cfg("home"), Some(dir.display().to_string()));
        let executable = self.cfg("executable");
        assert!(executable.is_none_or(|it| Path::new(&it) == self.moved.canonicalize().unwrap()));
    }

    #[track_caller]
    fn assert_pip_works(&self) {
        let run = self.sandbox.command(self.env().join("bin/pip")).args(["check"]).output();
        assert_eq!(run.code(), 0, "{}{}", run.stdout(), run.stderr());
    }
}

/// Makes the environment `env` by one of the makers.
fn made_by(maker: Maker, options: &'static [&'static str]) -> impl Fn(&Sandbox, &Path) {
    move |sandbox, python| {
        let line = maker.command_line(python);
        let run = sandbox.command(line[0].as_str()).args(&line[1..]).args(options.iter().copied()).args(["env"]);
        let run = run.output();
        assert_eq!(run.code(), 0, "{maker:?}: {}", run.stderr());
    }
}

#[test]
fn an_environment_follows_its_interpreter_and_keeps_its_packages() {
    for python in pythons::extremes() {
        for maker in [Maker::Prime, Maker::Python] {
            let broken = Broken::new(python, made_by(maker, &["--prompt", "P", "--system-site-packages"]));
            let before = Tree::of(&broken.env());
            let kept = ["prompt", "include-system-site-packages"].map(|key| broken.cfg(key));
            broken.repair();
            broken.assert_good();
            broken.assert_pip_works();
            assert_eq!(
                ["prompt", "include-system-site-packages"].map(|key| broken.cfg(key)),
                kept,
                "{python} {maker:?}"
            );
            // Nothing but the links to the interpreter and the configuration is touched.
            let is_touched =
                |path: &Path| path == Path::new("pyvenv.cfg") || path.to_string_lossy().starts_with("bin/python");
            let after = Tree::of(&broken.env()).without_contents(is_touched);
            let changes = before.without_contents(is_touched).differences(&after);
            let unexpected: Vec<_> = changes.iter().filter(|change| !change.starts_with("`bin/python")).collect();
            assert!(unexpected.is_empty(), "{python} {maker:?}: {unexpected:#?}");
            // Twice is no harm.
            broken.repair();
            broken.assert_good();
        }
    }
}

#[test]
fn copies_are_copied_anew() {
    for python in pythons::extremes() {
        let broken = Broken::new(python, made_by(Maker::Prime, &["--copies", "--without-pip"]));
        broken.repair();
        broken.assert_good();
        let tree = Tree::of(&broken.env());
        let program = fs::read(&broken.moved).unwrap();
        for name in ["bin/python", "bin/python3"] {
            let is_copy = matches!(tree.get(name), Some(Entry::File { content, mode: 0o755 }) if *content == program);
            assert!(is_copy, "{python}: {name}");
        }
    }
}

#[test]
fn an_environment_of_uvs_is_repaired_and_keeps_what_uv_wrote() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let broken = Broken::new(python, |sandbox, python| {
        let run = sandbox.command(&uv.executable).args(["venv", "--offline", "--prompt", "P", "--python"]);
        let run = run.args([python, Path::new("env")]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
    });
    let kept = || ["uv", "prompt", "include-system-site-packages"].map(|key| broken.cfg(key));
    let before = kept();
    broken.repair();
    broken.assert_good();
    assert!(before[0].is_some());
    assert_eq!(kept(), before);
}

#[test]
fn an_interpreter_of_another_minor_version_is_no_repair() {
    let known: Vec<_> = pythons::all().filter(|it| it.minor >= 7).collect();
    let [.., other, python] = known[..] else { return };
    let broken = Broken::new(python, made_by(Maker::Prime, &["--without-pip"]));
    let before = Tree::of(&broken.env());
    let run = venv(&broken.sandbox, &other.executable, &["--repair", "env"]).output();
    assert_eq!(run.code(), 78, "{}", run.stderr());
    let said = run.stderr();
    assert!(said.starts_with("error: ") && said.contains(&python.series()) && said.contains(&other.series()), "{said}");
    assert!(before.differences(&Tree::of(&broken.env())).is_empty(), "{said}");
}

#[test]
fn another_patch_version_is_taken_and_written_down() {
    let system = pythons::of_the_system();
    let pair = system.and_then(|system| Some((system, pythons::all().find(|it| it.minor == system.minor)?)));
    let Some((system, python)) = pair.filter(|(system, python)| system.version != python.version) else { return };
    let sandbox = Sandbox::new();
    made_by(Maker::Prime, &[])(&sandbox, &python.executable);
    let run = venv(&sandbox, &system.executable.canonicalize().unwrap(), &["--repair", "env"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(sandbox.read("env/pyvenv.cfg").contains(&format!("version = {}\n", system.version)));
    let said = sandbox.command(sandbox.repo().join("env/bin/python")).args(["--version"]).output().stdout();
    assert_eq!(said, format!("Python {}\n", system.version));
}

#[test]
fn what_is_no_environment_is_not_repaired() {
    let Some(python) = pythons::newest() else { return };
    for sandbox in [Sandbox::new(), Sandbox::new().file("env/bin/python", "mine"), Sandbox::new().file("env", "a file")]
    {
        let before = Tree::of(&sandbox.repo());
        let run = venv(&sandbox, &python.executable, &["--repair", "env"]).output();
        assert_eq!(run.code(), 78, "{}", run.stderr());
        assert!(sandbox.redact(&run.stderr()).starts_with("error: `[REPO]/env` "), "{}", run.stderr());
        assert!(before.differences(&Tree::of(&sandbox.repo())).is_empty());
    }
}

#[test]
fn the_keys_of_virtualenv_are_written_in_its_form() {
    let Some(python) = pythons::newest() else { return };
    let keys = |sandbox: &Sandbox, python: &Path| {
        made_by(Maker::Prime, &["--without-pip"])(sandbox, python);
        let base = python.parent().and_then(Path::parent).unwrap().display().to_string();
        let executable = python.display();
        let text = format!(
            "home = {base}/bin\nimplementation = CPython\nversion_info = 3.1.2.final.0\nvirtualenv = 20.1\n\
             include-system-site-packages = false\nbase-prefix = {base}\nbase-exec-prefix = {base}\n\
             base-executable = {executable}\n"
        );
        let text = text.replace("3.1.2", &format!("{}.0", Interpreter::series(pythons::newest().unwrap())));
        write(&sandbox.repo().join("env/pyvenv.cfg"), text.as_bytes(), 0o644);
    };
    let broken = Broken::new(python, keys);
    broken.repair();
    broken.assert_good();
    let base = broken.moved.parent().and_then(Path::parent).unwrap().display().to_string();
    for (key, expected) in [
        ("version_info", format!("{}.final.0", broken.version)),
        ("base-prefix", base.clone()),
        ("base-exec-prefix", base),
        ("base-executable", broken.moved.canonicalize().unwrap().display().to_string()),
        ("virtualenv", "20.1".to_owned()),
    ] {
        assert_eq!(broken.cfg(key), Some(expected), "{key}");
    }
}

#[test]
fn links_that_others_have_made_are_left_as_they_are() {
    let Some(python) = pythons::newest() else { return };
    let broken = Broken::new(python, |sandbox, python| {
        made_by(Maker::Prime, &["--without-pip"])(sandbox, python);
        let bin = sandbox.repo().join("env/bin");
        for (name, target) in
            [("python-config", "/nowhere/python-config"), ("python2", "/nowhere/python2"), ("tool", "python")]
        {
            symlink(target, bin.join(name)).unwrap();
        }
    });
    broken.repair();
    broken.assert_good();
    let target = |name: &str| fs::read_link(broken.env().join("bin").join(name)).unwrap();
    assert_eq!(target("python-config"), Path::new("/nowhere/python-config"));
    assert_eq!(target("python2"), Path::new("/nowhere/python2"));
    assert_eq!(target("tool"), Path::new("python"));
}

#[test]
fn a_repair_waits_for_whoever_makes_the_environment() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    let start = |args: &[&str]| venv(&sandbox, &python.executable, args).spawn();
    assert_eq!(start(&["env"]).wait().code(), 0);
    for _ in 0..5 {
        let running = [start(&["--clear", "env"]), start(&["--repair", "env"]), start(&["--clear", "env"])];
        let codes = running.map(|running| running.wait().code());
        // It may meet an environment that has just been cleared.
        assert!([codes[0], codes[2]] == [0, 0] && [0, 78].contains(&codes[1]), "{codes:?}");
        assert!(!sandbox.repo().join("env/.prime-unfinished").exists());
        let pip = sandbox.command(sandbox.repo().join("env/bin/pip")).args(["check"]).output();
        assert_eq!(pip.code(), 0, "{}{}", pip.stdout(), pip.stderr());
    }
}
