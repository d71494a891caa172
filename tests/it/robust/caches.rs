//! What `prime` keeps for itself: damaged, of another version or somebody else's it counts as absent, and nobody else may
//! write it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use crate::support::index::Index;
use crate::support::pythons;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::skip;

/// What becomes of a file's content.
type Damage = fn(&[u8]) -> Vec<u8>;

/// A user that nobody is.
const STRANGER: u32 = 4711;

/// A booted repo whose uv came from the index.
fn booted(umask: &str) -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, pythons::newest()?);
    let index = Index::start().add(uv_wheel(uv));
    let sandbox = Sandbox::new().index(&index).link_python(python).project("app", "1", &[]);
    let script = format!("umask {umask}; exec '{}' boot", env!("CARGO_BIN_EXE_prime"));
    let run = sandbox.command("/bin/sh").args(["-c", &script]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    Some((sandbox, index))
}

/// Everything in a directory, the directory included, without the programs.
fn everything(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![dir.to_owned()];
    for entry in fs::read_dir(dir).into_iter().flatten().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(everything(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// The files that `prime` reads again, but for the logs and the program of uv.
fn kept(sandbox: &Sandbox) -> Vec<PathBuf> {
    let all = everything(&sandbox.cache().join("prime")).into_iter().chain(everything(&sandbox.repo().join(".prime")));
    let read =
        |path: &PathBuf| path.is_file() && path.file_name() != Some("uv".as_ref()) && !path.ends_with(".gitignore");
    let files: Vec<PathBuf> = all.filter(read).filter(|path| path.extension() != Some("log".as_ref())).collect();
    for name in ["stamp.json", "lock", "uv.size", "interpreters"] {
        assert!(files.iter().any(|path| path.display().to_string().contains(name)), "{name}: {files:?}");
    }
    files
}

#[track_caller]
fn runs(sandbox: &Sandbox, what: &str) -> String {
    let run = sandbox.prime(["run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{what}: {}", run.stderr());
    sandbox.prime(["run", "--", "app"]).stdout("this is app\n").run();
    run.stderr()
}

#[test]
fn what_is_damaged_is_absent() {
    let Some((sandbox, _index)) = booted("022") else { return };
    let damages: [(&str, Damage); 5] = [
        ("empty", |_| Vec::new()),
        ("truncated", |content| content[..content.len() / 2].to_vec()),
        ("garbage", |_| b"\0\xff no JSON \n".to_vec()),
        ("of another version", |content| {
            let text = String::from_utf8_lossy(content).replace("\"format\":", "\"format\":1000");
            text.into_bytes()
        }),
        ("another document", |_| b"{}".to_vec()),
    ];
    for (what, damage) in damages {
        for path in kept(&sandbox) {
            let content = fs::read(&path).unwrap();
            fs::write(&path, damage(&content)).unwrap();
        }
        let said = runs(&sandbox, what);
        assert!(said.contains("nothing says what it was made from"), "{what}: {said}");
    }
}

fn is_superuser(sandbox: &Sandbox) -> bool {
    let can = sandbox.root().metadata().unwrap().uid() == 0;
    can || skip::<()>("only the superuser can give files away").is_some()
}

fn give_away(paths: impl IntoIterator<Item = PathBuf>) {
    paths.into_iter().for_each(|path| chown(path, Some(STRANGER), Some(STRANGER)).unwrap());
}

#[test]
fn what_is_somebody_elses_is_absent() {
    let Some((sandbox, index)) = booted("022") else { return };
    if !is_superuser(&sandbox) {
        return;
    }
    let fetched = || index.paths().iter().filter(|path| path.starts_with("/files/uv-")).count();
    give_away([sandbox.repo().join(".prime/stamp.json")]);
    assert!(runs(&sandbox, "the stamp").contains("nothing says what it was made from"));
    assert_eq!(fetched(), 1);
    give_away(everything(&sandbox.cache().join("prime/uv")));
    fs::remove_dir_all(sandbox.repo().join(".venv")).unwrap();
    runs(&sandbox, "the files of the cache");
    assert_eq!(fetched(), 2);
    give_away([sandbox.cache().join("prime")]);
    fs::remove_dir_all(sandbox.repo().join(".venv")).unwrap();
    runs(&sandbox, "the cache");
    assert_eq!(fetched(), 3);
    assert!(sandbox.repo().join(".prime/cache/uv").is_dir(), "the repository's own serves");
    // Whoever owns the repository has written what is in it.
    give_away(everything(&sandbox.repo()));
    sandbox.prime(["run", "--", "app"]).stdout("this is app\n").run();
}

#[test]
fn nobody_else_may_write_what_is_kept_whatever_the_umask() {
    for umask in ["000", "077"] {
        let Some((sandbox, _index)) = booted(umask) else { return };
        let state = sandbox.repo().join(".prime");
        let all: Vec<PathBuf> =
            everything(&sandbox.cache().join("prime")).into_iter().chain(everything(&state)).collect();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        for path in &all {
            assert_eq!(mode(path) & 0o002, 0, "{umask}: {}", path.display());
        }
        let is_private =
            |path: &&PathBuf| path.extension() == Some("log".as_ref()) || path.display().to_string().ends_with("lock");
        let private: Vec<_> = all.iter().filter(is_private).collect();
        assert!(private.len() >= 3, "{private:?}");
        for path in private {
            assert_eq!(mode(path), 0o600, "{umask}: {}", path.display());
        }
        assert_eq!(fs::read_dir(sandbox.root().join("tmp")).unwrap().count(), 0, "nothing is left behind");
    }
}

#[test]
fn a_state_directory_that_is_a_link_is_not_followed() {
    let Some((sandbox, _index)) = booted("022") else { return };
    let (state, elsewhere) = (sandbox.repo().join(".prime"), sandbox.root().join("elsewhere"));
    fs::rename(&state, &elsewhere).unwrap();
    symlink(&elsewhere, &state).unwrap();
    let files = everything(&elsewhere).len();
    let refused = "error: `[REPO]/.prime` is a symbolic link\n\
                   hint: remove the link; what `prime` keeps of a repository has to lie in it\n";
    for args in [&["boot"][..], &["run", "--", "app"]] {
        sandbox.prime(args.iter().copied()).code(73).stderr(refused).run();
    }
    let check = sandbox.prime(["check"]).output();
    assert_eq!(check.code(), 1);
    let fact = "damaged  state          .prime  `[REPO]/.prime` is a symbolic link\n";
    assert!(sandbox.redact(&check.stdout()).contains(fact), "{}", check.stdout());
    assert_eq!(everything(&elsewhere).len(), files);
    fs::remove_file(&state).unwrap();
    runs(&sandbox, "without the link");
}
