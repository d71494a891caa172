//! Where pip comes from: a bundled wheel that is not what it should be is refused whole, and an interpreter that has none
//! gets pip from the index.

use std::fs;
use std::path::PathBuf;

use super::venv;
use crate::support::http::refused_url;
use crate::support::index::{Fault, Index};
use crate::support::mirror::unpack;
use crate::support::pythons::{self, Interpreter};
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;
use crate::support::wheel::Wheel;
use crate::support::{bundled, write};

/// An interpreter in the sandbox, whose wheels can be replaced.
pub struct Own {
    pub sandbox: Sandbox,
    pub executable: PathBuf,
    ensurepip: PathBuf,
    /// The version of pip that `ensurepip` names.
    pip: String,
}

impl Own {
    fn new(python: &Interpreter, sandbox: Sandbox) -> Self {
        let executable = unpack(python, &sandbox.root().join("own"));
        let ensurepip = sandbox.root().join("own/python/lib").join(python.basename()).join("ensurepip");
        let pip = bundled::version(python, "pip").unwrap();
        Self { sandbox, executable, ensurepip, pip }
    }

    /// A wheel of pip that is small and good.
    fn wheel(&self) -> Wheel {
        let main = "def main():\n    print('a pip')\n";
        let wheel = Wheel::new("pip", &self.pip).file("pip/__init__.py", main);
        wheel.file("pip/__main__.py", "from pip import main\nmain()\n").script("pip", "pip:main")
    }

    /// Puts it in the place of the bundled one.
    pub fn bundle(&self, content: &[u8]) {
        let wheel = self.ensurepip.join("_bundled").join(format!("pip-{}-py3-none-any.whl", self.pip));
        assert!(wheel.exists());
        write(&wheel, content, 0o644);
    }

    fn run(&self) -> Run {
        venv(&self.sandbox, &self.executable, &["env"]).output()
    }

    /// Twice the same refusal, which leaves nothing in the repo nor where the wheel wanted to write.
    #[track_caller]
    fn refuses(&self, name: &str) {
        let state = || {
            let names = ["repo", "tmp", "home", "bin"].map(|name| Tree::of(&self.sandbox.root().join(name)));
            (names, fs::read_dir(self.sandbox.root()).unwrap().count())
        };
        let before = state();
        for time in ["first", "second"] {
            let run = self.run();
            let said = self.sandbox.redact(&run.stderr());
            assert_eq!((run.code(), run.stdout()), (65, String::new()), "{name}, the {time} time: {said}");
            assert!(said.starts_with("error: ") && said.contains("pip-"), "{name} names the wheel: {said}");
            assert_eq!(state(), before, "{name}: {said}");
        }
    }
}

pub fn newest(sandbox: Sandbox) -> Option<Own> {
    pythons::newest().map(|python| Own::new(python, sandbox))
}

#[test]
fn a_small_wheel_that_is_good_is_installed() {
    let Some(own) = newest(Sandbox::new()) else { return };
    own.bundle(&own.wheel().build().content);
    let run = own.run();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let run = own.sandbox.command(own.sandbox.repo().join("env/bin/pip")).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "a pip\n"), "{}", run.stderr());
}

#[test]
fn a_member_that_leads_out_of_the_environment_is_refused() {
    let Some(own) = newest(Sandbox::new()) else { return };
    let outside = own.sandbox.root().join("evil.py").display().to_string();
    for path in [&outside, "../../../../evil.py", "pip/../../../../../evil.py", "../evil.py", "pip/../../evil.py", ".."]
    {
        own.bundle(&own.wheel().file(path, "evil").build().content);
        own.refuses(path);
    }
    for path in ["data/../../../../evil.py", "scripts/../../../evil.py", "scripts/../python", "purelib/../../evil.py"] {
        let path = format!("pip-{}.data/{path}", own.pip);
        own.bundle(&own.wheel().file(&path, "evil").build().content);
        own.refuses(&path);
    }
}

#[test]
fn a_member_that_is_a_link_is_refused() {
    let Some(own) = newest(Sandbox::new()) else { return };
    for (path, target) in
        [("pip/link", "../../../../.."), ("pip/link.py", "/etc/passwd"), ("pip/link.py", "__init__.py")]
    {
        own.bundle(&own.wheel().link(path, target).build().content);
        own.refuses(&format!("{path} -> {target}"));
    }
    let wheel = own.wheel().link("pip/out", "../../../../..").file("pip/out/evil.py", "evil");
    own.bundle(&wheel.build().content);
    own.refuses("a file below a link");
}

/// A wheel where the second name was replaced by the first, of the same length, in all headers.
fn twice(content: &[u8], first: &str, second: &str) -> Vec<u8> {
    assert_eq!(first.len(), second.len());
    let mut content = content.to_vec();
    let places: Vec<usize> =
        (0..content.len() - second.len()).filter(|at| content[*at..].starts_with(second.as_bytes())).collect();
    assert_eq!(places.len(), 2, "the local header and the directory");
    for at in places {
        content[at..at + first.len()].copy_from_slice(first.as_bytes());
    }
    content
}

#[test]
fn a_member_that_is_there_twice_is_refused() {
    let Some(own) = newest(Sandbox::new()) else { return };
    let wheel = own.wheel().file("pip/one_a.py", "good = 1\n").file("pip/one_b.py", "evil = 1\n");
    own.bundle(&twice(&wheel.build().content, "pip/one_a.py", "pip/one_b.py"));
    own.refuses("a member that is there twice");
    let wheel = own.wheel().file("pip/thing", "good").file("pip/thing/evil.py", "evil");
    own.bundle(&wheel.build().content);
    own.refuses("a file that is a directory as well");
}

#[test]
fn a_script_in_the_place_of_the_interpreter_is_refused() {
    let Some(own) = newest(Sandbox::new()) else { return };
    let series = pythons::newest().map(Interpreter::basename).unwrap_or_default();
    for name in ["python", "python3", &series, "activate", "../evil", "a/b", ".."] {
        own.bundle(&own.wheel().script(name, "pip:main").build().content);
        own.refuses(&format!("the entry point `{name}`"));
    }
    for name in ["python", "python3", &series, "activate"] {
        own.bundle(&own.wheel().program(name, "#!/bin/sh\necho evil\n").build().content);
        own.refuses(&format!("the script `{name}`"));
    }
}

#[test]
fn a_wheel_that_is_damaged_is_refused() {
    let Some(own) = newest(Sandbox::new()) else { return };
    own.bundle(&own.wheel().misrecorded("pip/evil.py", "evil = 1\n", "good = 1\n").build().content);
    own.refuses("another content than recorded");
    own.bundle(&own.wheel().misrecorded("pip/evil.py", "evil = 1\n", "longer than that").build().content);
    own.refuses("another size than recorded");
    let good = own.wheel().build().content;
    own.bundle(&good[..good.len() / 2]);
    own.refuses("half a wheel");
    own.bundle(b"");
    own.refuses("an empty file");
    own.bundle("no archive at all\n".repeat(100).as_bytes());
    own.refuses("no archive");
    let mut changed = good.clone();
    let at = (0..good.len()).find(|at| good[*at..].starts_with(b"pip/__init__.py")).unwrap() + 20;
    changed[at] ^= 0xff;
    own.bundle(&changed);
    own.refuses("a changed byte");
}

/// An interpreter as some systems ship it.
pub fn without_ensurepip(sandbox: Sandbox) -> Option<Own> {
    let own = newest(sandbox)?;
    fs::remove_dir_all(&own.ensurepip).unwrap();
    Some(own)
}

#[test]
fn an_interpreter_without_ensurepip_gets_pip_from_the_index() {
    let index = bundled::packages().into_iter().fold(Index::start(), Index::add);
    let Some(own) = without_ensurepip(Sandbox::new().index(&index)) else { return };
    let run = own.run();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    for args in [["--version"], ["check"]] {
        let run = own.sandbox.command(own.sandbox.repo().join("env/bin/pip")).args(args).output();
        assert_eq!(run.code(), 0, "{}{}", run.stdout(), run.stderr());
    }
    assert!(index.paths().iter().any(|path| path.starts_with("/files/pip-")), "{:?}", index.paths());
    let run = own.sandbox.command(own.sandbox.repo().join("env/bin/pip")).args(["uninstall", "-y", "pip"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
}

#[test]
fn pip_from_the_index_is_verified() {
    let index = bundled::packages().into_iter().fold(Index::start(), Index::add).fault("pip-", Fault::WrongHash);
    let Some(own) = without_ensurepip(Sandbox::new().index(&index)) else { return };
    own.refuses("another digest than the index tells");
    let sandbox = Sandbox::new();
    let outside = Wheel::new("pip", "99.0").file("../../../../evil.py", "evil").build();
    let index = Index::start().add(outside);
    let Some(own) = without_ensurepip(sandbox.index(&index)) else { return };
    own.refuses("a member that leads out, from the index");
}

#[test]
fn without_ensurepip_and_index_it_is_said_what_is_missing() {
    let url = format!("{}/simple/", refused_url());
    let sandbox = Sandbox::new().env("PIP_INDEX_URL", &url).env("PIP_RETRIES", "0");
    let Some(own) = without_ensurepip(sandbox) else { return };
    let before = Tree::of(&own.sandbox.repo());
    let run = own.run();
    assert_eq!((run.code(), run.stdout()), (69, String::new()), "{}", run.stderr());
    for fact in ["error: ", "brings no pip", "package index", &url, "hint: "] {
        assert!(run.stderr().contains(fact), "{fact}: {}", run.stderr());
    }
    assert_eq!(Tree::of(&own.sandbox.repo()), before);
    let run = venv(&own.sandbox, &own.executable, &["--without-pip", "env"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
}
