//! A newer `prime` among the dependencies: it becomes the launcher's, and does the rest of the run. Two real versions.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{UTILITIES, VERSION, link_all};
use crate::support::http::refused_url;
use crate::support::index::Index;
use crate::support::own_wheel::{own_wheel, wheel_of};
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::second_version::{next_version, second_version};
use crate::support::wheel::{Package, Wheel};
use crate::support::{require_program, write};

/// A repository whose launcher pins this version, and whose project depends on `prime`, of which the index has the next
/// version as well.
struct Upgrading {
    index: Index,
    sandbox: Sandbox,
    newer: Package,
}

impl Upgrading {
    fn new() -> Option<Self> {
        Self::with(wheel_of(&second_version(), &next_version()))
    }

    fn with(newer: Package) -> Option<Self> {
        let index = Index::start().add(own_wheel()).add(newer.clone());
        let sandbox = Sandbox::new().index(&index).link_python(pythons::newest()?).link_uv(real_uv()?);
        let sandbox = link_all(sandbox, UTILITIES.iter().chain(&["sh", "curl", "sha256sum"]))?;
        let sandbox = sandbox.project("app", "1", &["prime-bootstrap"]);
        let seeded = sandbox.prime(["-q", "init"]).output();
        assert_eq!((seeded.code(), seeded.stderr()), (0, String::new()));
        write(&sandbox.repo().join("prime"), sandbox.read("prime").as_bytes(), 0o750);
        Some(Self { index, sandbox, newer })
    }

    /// A run of the launcher; what it said.
    fn run(&self, args: &[&str], vars: &[(&str, &str)]) -> String {
        let start = self.sandbox.command(self.sandbox.repo().join("prime")).args(args.iter().copied());
        let run = vars.iter().fold(start, |start, (name, value)| start.env(name, value)).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let expected = if args.contains(&"app") { "this is app\n".to_owned() } else { String::new() };
        assert_eq!(run.stdout(), expected);
        self.sandbox.redact(&run.stderr())
    }

    fn launcher(&self) -> String {
        fs::read_to_string(self.sandbox.repo().join("prime")).unwrap()
    }

    fn says(&self, version: &str) {
        let start = self.sandbox.command(self.sandbox.repo().join("prime")).args(["--version"]);
        let run = start.output();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {version}\n")), "{}", run.stderr());
    }
}

#[test]
fn the_launcher_is_brought_to_the_newer_version_which_goes_on() {
    let (Some(repo), Some(strace)) = (Upgrading::new(), require_program("strace")) else { return };
    let before = repo.launcher();
    let log = repo.sandbox.root().join("strace");
    let traced = repo.sandbox.command(&strace).args(["-f", "-qq", "-e", "trace=execve", "-o"]).args([&log]);
    let run = traced.args([repo.sandbox.repo().join("prime")]).args(["-v", "run", "--", "app"]).output();
    let said = repo.sandbox.redact(&run.stderr());
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{said}");
    let next = next_version();
    for line in [
        format!(
            "[stride_deps_updated] `[REPO]/.venv/bin/prime` is prime {next}, newer than the launcher's {VERSION}\n"
        ),
        format!("update   prime (prime {VERSION} to {next})  "),
        "[stride_deps_updated] stride_deps_updated -> stride_src_updated\n".to_owned(),
        "[stride_deps_updated] `[REPO]/.venv/bin/prime` goes on\n".to_owned(),
        "[stride_src_updated] ready: `[REPO]/.venv`".to_owned(),
    ] {
        assert!(said.contains(&repo.sandbox.redact(&line)), "{line}: {said}");
    }
    let trace = fs::read_to_string(log).unwrap();
    let own = format!("execve(\"{}/.venv/bin/prime\", [\"", repo.sandbox.repo().display());
    let last: Vec<_> = trace.lines().filter(|line| line.contains(&own)).collect();
    // Once it was asked for its version, once it went on with the arguments of the first.
    assert_eq!(last.len(), 2, "{trace}");
    assert!(last[0].contains("\"--version\"") && last[1].contains("\"-v\", \"run\", \"--\", \"app\""), "{last:?}");
    // Only the lines of the pins are others.
    let (old, new) = (own_wheel(), &repo.newer);
    let pin = |wheel: &Package| format!("{}  {}", wheel.sha256, wheel.filename);
    let expected = before.replace(&format!("'{VERSION}'"), &format!("'{next}'")).replace(&pin(&old), &pin(new));
    assert_eq!(repo.launcher(), expected);
    assert_eq!(repo.sandbox.repo().join("prime").metadata().unwrap().permissions().mode() & 0o777, 0o750);
    // From now on it is what runs, and it was put where the launcher looks.
    let asked = repo.index.requests().len();
    repo.says(&next);
    assert_eq!(repo.run(&[], &[]), "");
    assert_eq!(repo.run(&["run", "--", "app"], &[]), "");
    assert_eq!((repo.index.requests().len(), repo.launcher()), (asked, expected));
    // The next change of something takes no further update.
    let sandbox = repo.sandbox.file("prime.toml", "# another\n");
    let repo = Upgrading { sandbox, ..repo };
    let said = repo.run(&["-v"], &[]);
    assert!(!said.contains("update ") && !said.contains("goes on"), "{said}");
}

#[test]
fn a_launcher_that_is_not_to_be_updated_stays_and_the_newer_version_goes_on_all_the_same() {
    let Some(repo) = Upgrading::new() else { return };
    let sandbox = repo.sandbox.file("prime.toml", "update_launcher = false\n");
    let repo = Upgrading { sandbox, ..repo };
    let before = repo.launcher();
    let said = repo.run(&["-v", "run", "--", "app"], &[]);
    assert!(said.contains("the launcher stays as it is: `update_launcher` is false (`prime.toml` line 1)\n"), "{said}");
    assert!(said.contains("`[REPO]/.venv/bin/prime` goes on\n") && !said.contains("update "), "{said}");
    assert_eq!(repo.launcher(), before);
    repo.says(VERSION);
    assert_eq!(repo.run(&["run", "--", "app"], &[]), "");
    // A reboot is done once: the newer version goes on where it is given the run.
    let said = repo.run(&["-v", "reboot"], &[]);
    assert_eq!(said.matches("\nmove     ").count(), 1, "{said}");
    assert!(said.contains("`[REPO]/.venv/bin/prime` goes on\n"), "{said}");
    assert_eq!(repo.launcher(), before);
}

#[test]
fn where_the_pins_cannot_be_had_or_written_the_launcher_stays_and_nothing_else_suffers() {
    let Some(repo) = Upgrading::new() else { return };
    let before = repo.launcher();
    repo.says(VERSION);
    let said = repo.run(&["run", "--", "app"], &[("PRIME_INDEX_URL", &refused_url())]);
    let fact = format!("warning: `prime` stays with prime {VERSION}: ");
    assert!(said.contains(&repo.sandbox.redact(&fact)), "{said}");
    assert_eq!(repo.launcher(), before);
    // The next run that has something to do tries again.
    let sandbox = repo.sandbox.file("prime.toml", "# another\n");
    let repo = Upgrading { sandbox, ..repo };
    assert!(repo.run(&[], &[]).contains("update   prime (prime "));
    repo.says(&next_version());
}

#[test]
fn a_newer_one_that_does_not_run_is_passed_over() {
    let broken = Wheel::new("prime-bootstrap", "99.0").program("prime", "#!/bin/sh\nexit 3\n").build();
    let Some(repo) = Upgrading::with(broken) else { return };
    let before = repo.launcher();
    let said = repo.run(&["-v", "run", "--", "app"], &[]);
    assert!(
        said.contains("warning: `[REPO]/.venv/bin/prime` does not run as prime 99.0, and is passed over\n"),
        "{said}"
    );
    assert!(!said.contains("goes on"), "{said}");
    assert_eq!(repo.launcher(), before);
}

#[test]
fn without_a_launcher_the_one_that_was_started_stays() {
    let Some(repo) = Upgrading::new() else { return };
    fs::remove_file(repo.sandbox.repo().join("prime")).unwrap();
    let run = repo.sandbox.prime(["-v", "run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
    assert!(!run.stderr().contains("goes on"), "{}", run.stderr());
    assert!(!repo.sandbox.repo().join("prime").exists());
}
