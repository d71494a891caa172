//! A CI's machine, simulated: each run has a fresh clone at the same place and a fresh home, and before it starts comes
//! back what an earlier run kept.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, io, thread};

use crate::support::output;
use crate::support::sandbox::Sandbox;

/// What a run starts from.
pub struct Runner {
    root: PathBuf,
    repo: PathBuf,
    /// What the repository is in a fresh clone.
    committed: PathBuf,
    /// What was kept.
    pub kept: PathBuf,
}

impl Runner {
    /// The repository as it is now is what is committed.
    pub fn new(sandbox: &Sandbox) -> Self {
        let root = sandbox.root().to_owned();
        let (committed, kept) = (root.join("committed.tar"), root.join("kept.tar"));
        let runner = Self { repo: sandbox.repo(), committed, kept, root };
        runner.commit();
        runner
    }

    /// Commits the repository as it is now.
    pub fn commit(&self) {
        tar(
            &["--exclude=./.prime", "--exclude=./.venv*", "--exclude=./lconf", "-cf"],
            &self.committed,
            &self.repo,
            &["."],
        );
    }

    /// Keeps what `prime cache paths` says, as far as it is there.
    #[track_caller]
    pub fn keep(&self, sandbox: &Sandbox, options: &[&str]) {
        let run = sandbox.prime([options, &["cache", "paths"]].concat()).output();
        assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
        let said = run.stdout();
        let paths: Vec<&str> = said.lines().filter(|path| Path::new(path).symlink_metadata().is_ok()).collect();
        assert!(paths.iter().all(|path| Path::new(path).is_absolute()), "{paths:?}");
        let verb = if self.kept.exists() { "-rPf" } else { "-cPf" };
        tar(&[verb], &self.kept, &self.root, &paths);
    }

    /// Another machine: a fresh clone at the same place, a fresh home, nothing in any cache.
    pub fn start_afresh(&self) {
        for name in ["repo", "home", "cache", "tmp"] {
            let dir = self.root.join(name);
            // What compiles in the background may write there still.
            while fs::remove_dir_all(&dir).is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
                thread::sleep(Duration::from_millis(10));
            }
            fs::create_dir(&dir).unwrap();
        }
        tar(&["-xmf"], &self.committed, &self.repo, &[]);
    }

    /// Brings back what was kept.
    pub fn restore(&self, options: &[&str]) {
        tar(&[options, &["-xPf"]].concat(), &self.kept, &self.root, &[]);
    }

    /// A run on another machine, with what was kept.
    pub fn start_warm(&self) {
        self.start_afresh();
        self.restore(&[]);
    }
}

#[track_caller]
fn tar(options: &[&str], archive: &Path, dir: &Path, members: &[&str]) {
    let mut tar = Command::new("tar");
    let tar = tar.args(options).arg(archive).arg("-C").arg(dir).args(members);
    let said = output(tar).unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
