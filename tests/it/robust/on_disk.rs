//! Something of the wrong kind, or unreadable, where a file of the repository or of `prime` belongs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::index::Index;
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program};

/// A repo that boots, with a uv and a python on `PATH`.
fn repo(index: &Index) -> Option<Sandbox> {
    let (uv, python) = (real_uv()?, pythons::newest()?);
    Some(Sandbox::new().index(index).link_uv(uv).link_python(python).project("app", "1", &[]))
}

fn make_pipe(path: &Path) -> Option<()> {
    let mkfifo = require_program("mkfifo")?;
    output(Command::new(mkfifo).arg(path)).unwrap();
    Some(())
}

#[test]
fn a_directory_where_a_file_belongs_is_named() {
    let index = Index::start();
    for (path, code, message, hint) in [
        ("prime.toml", 78, "`prime.toml` is a directory, expected a file", ""),
        (
            "constraints.txt",
            78,
            "`constraints.txt` is a directory, expected a file",
            "the pins are kept there; move it away, or choose another `version_constraints_file_basename`",
        ),
        (".prime/stamp.json", 73, "cannot write `[REPO]/.prime/stamp.json`", IN_THE_WAY),
        (".prime/lock", 73, "cannot write `[REPO]/.prime/lock`", IN_THE_WAY),
        (".prime/.gitignore", 73, "cannot write `[REPO]/.prime/.gitignore`", IN_THE_WAY),
    ] {
        let Some(sandbox) = repo(&index) else { return };
        // Not empty: it is somebody's.
        let sandbox = sandbox.file(&format!("{path}/file"), "");
        let run = sandbox.prime(["boot"]).output();
        let talk = sandbox.redact(&run.stderr());
        assert_eq!(run.code(), code, "{talk}");
        assert!(talk.contains(&format!("error: {message}\n")), "{talk}");
        assert!(hint.is_empty() || talk.ends_with(&format!("hint: {hint}\n")), "{talk}");
        assert!(sandbox.repo().join(path).join("file").exists());
        fs::remove_dir_all(sandbox.repo().join(path)).unwrap();
        sandbox.prime(["-q", "run", "--", "app"]).stdout("this is app\n").run();
    }
}

const IN_THE_WAY: &str = "something of another kind is in its place; move that away";

#[test]
fn a_file_where_a_directory_belongs_is_named() {
    let index = Index::start();
    for path in [".prime", ".prime/log"] {
        let Some(sandbox) = repo(&index) else { return };
        let sandbox = sandbox.file(path, "somebody's");
        let run = sandbox.prime(["boot"]).code(73);
        let expected = format!(
            "error: cannot write `[REPO]/{path}`\n  \
             cause: File exists\nhint: {IN_THE_WAY}\n"
        );
        run.stderr(expected).run();
        assert_eq!(sandbox.read(path), "somebody's");
    }
}

#[test]
fn a_directory_of_that_name_is_no_version_file() {
    let index = Index::start();
    let Some(sandbox) = repo(&index) else { return };
    let sandbox = sandbox.file(".python-version/file", "");
    let run = sandbox.prime(["run", "--", "app"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{}", run.stderr());
}

#[test]
fn a_stamp_that_says_nothing_means_that_nothing_is_ready() {
    let index = Index::start();
    for stamp in ["", "no JSON", "{}", "[1]", "{\"format\": 999}", "\u{0}"] {
        let Some(sandbox) = repo(&index) else { return };
        let sandbox = sandbox.file(".prime/stamp.json", stamp);
        let run = sandbox.prime(["run", "--", "app"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{stamp}: {}", run.stderr());
        let sandbox = sandbox.file(".prime/stamp.json", stamp);
        let run = sandbox.prime(["run", "--", "app"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{stamp}: {}", run.stderr());
        assert!(run.stderr().contains("nothing says what it was made from"), "{stamp}: {}", run.stderr());
        sandbox.prime(["boot"]).run();
    }
}

#[test]
fn a_pipe_where_a_file_belongs_holds_nobody_up() {
    let index = Index::start();
    for (path, message) in [
        ("prime.toml", "`prime.toml` is not a regular file"),
        ("pyproject.toml", "`pyproject.toml` is not a regular file"),
        ("constraints.txt", "`constraints.txt` is not a regular file"),
    ] {
        let Some(sandbox) = repo(&index) else { return };
        let file = sandbox.repo().join(path);
        let _ = fs::remove_file(&file);
        if make_pipe(&file).is_none() {
            return;
        }
        let run = sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 78, "{}", run.stderr());
        assert!(run.stderr().starts_with(&format!("error: {message}\n")), "{}", run.stderr());
    }
    for path in [".python-version", ".prime/stamp.json"] {
        let Some(sandbox) = repo(&index) else { return };
        fs::create_dir_all(sandbox.repo().join(".prime")).unwrap();
        make_pipe(&sandbox.repo().join(path));
        let run = sandbox.prime(["run", "--", "app"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, "this is app\n"), "{path}: {}", run.stderr());
    }
}

/// How to run something as nobody in particular: for the superuser every file is readable.
fn as_nobody(sandbox: &Sandbox) -> Option<(PathBuf, Vec<String>)> {
    let prime = env!("CARGO_BIN_EXE_prime").to_owned();
    let private = sandbox.repo().join("probe");
    fs::write(&private, "").unwrap();
    fs::set_permissions(&private, fs::Permissions::from_mode(0o000)).unwrap();
    let superuser = fs::read(&private).is_ok();
    fs::remove_file(&private).unwrap();
    if !superuser {
        return Some((prime.into(), Vec::new()));
    }
    let setpriv = require_program("setpriv")?;
    // Where the target directory lies may be closed to others.
    let copy = sandbox.bin().join("prime");
    fs::copy(&prime, &copy).unwrap();
    output(Command::new("chown").args(["-R", "65534:65534"]).arg(sandbox.root())).unwrap();
    let options = ["--reuid=65534", "--regid=65534", "--clear-groups"].map(str::to_owned);
    Some((setpriv, options.into_iter().chain([copy.display().to_string()]).collect()))
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    for (path, code, message) in [
        ("prime.toml", 78, "cannot read `prime.toml`: permission denied"),
        ("pyproject.toml", 78, "cannot read `pyproject.toml`: permission denied"),
        (".python-version", 74, "cannot read `[REPO]/.python-version`"),
        ("constraints.txt", 74, "cannot read `[REPO]/constraints.txt`"),
    ] {
        let sandbox = Sandbox::new().project("app", "1", &[]).fake_python("python3.12", "3.12.1").fake_uv("9.8.7");
        let sandbox = if path == "pyproject.toml" { sandbox } else { sandbox.file(path, "") };
        let Some((program, args)) = as_nobody(&sandbox) else { return };
        fs::set_permissions(sandbox.repo().join(path), fs::Permissions::from_mode(0o000)).unwrap();
        let run = sandbox.command(program).args(args).args(["boot"]).output();
        let talk = sandbox.redact(&run.stderr());
        assert_eq!(run.code(), code, "{path}: {talk}");
        assert!(talk.contains(&format!("error: {message}\n")), "{path}: {talk}");
    }
}
