//! Disks that are read-only, full, or cannot link: the error says so and leaves nothing half made, or there is a way round.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::{Maker, venv};
use crate::robust::full::can_mount;
use crate::support::pythons::{self, Interpreter};
use crate::support::require_program;
use crate::support::run::{Invocation, Run};
use crate::support::sandbox::Sandbox;
use crate::support::tree::{Entry, Tree};

const SYSTEM_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs `prime venv` below a directory that is read-only to it, by permissions or, for the superuser, by a mount.
fn in_a_closed_directory(sandbox: &Sandbox, python: &Interpreter, args: &[&str]) -> Option<Run> {
    let closed = sandbox.repo().join("closed");
    fs::create_dir_all(&closed).unwrap();
    let line = Maker::Prime.command_line(&python.executable);
    if sandbox.root().metadata().unwrap().uid() != 0 {
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
        return Some(sandbox.command(line[0].as_str()).args(&line[1..]).args(args.iter().copied()).output());
    }
    if !can_mount() {
        return None;
    }
    let script = "mount --bind closed closed && mount -o remount,bind,ro closed && exec \"$0\" \"$@\"";
    let run = sandbox.command(require_program("unshare")?).args(["--mount", "/bin/sh", "-c", script]);
    Some(run.args(line).args(args.iter().copied()).env("PATH", SYSTEM_PATH).output())
}

#[test]
fn a_parent_that_cannot_be_written_is_named() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    for args in [&["closed/env"][..], &["--without-pip", "closed/a/b/env"], &["--clear", "closed/env"]] {
        let Some(run) = in_a_closed_directory(&sandbox, python, args) else { return };
        assert_eq!(fs::read_dir(sandbox.repo().join("closed")).unwrap().count(), 0);
        assert_eq!((run.code(), run.stdout()), (73, String::new()), "{}", run.stderr());
        let said = sandbox.redact(&run.stderr());
        assert!(said.starts_with("error: cannot write `[REPO]/closed/"), "{said}");
        assert!(said.contains("Read-only file system") || said.contains("Permission denied"), "{said}");
    }
}

/// Mounts a small file system over `$SMALL`, leaves `$ROOM` KiB free, runs the command and looks what is left; then makes
/// room, and runs it again.
const FULL: &str = r#"
set -eu
mount -t tmpfs -o size=16m tmpfs "$SMALL"
[ -z "$BEFORE" ] || mkdir "$BEFORE"
free=$(df -Pk "$SMALL" | tail -n 1 | awk '{ print $4 }')
head -c $(((free - ROOM) * 1024)) /dev/zero >"$SMALL/filler"
code=0
PATH=$TOOLS "$@" || code=$?
echo "code $code"
rm "$SMALL/filler"
find "$SMALL" -mindepth 1 >"$LEFT"
mount -o remount,size=200m "$SMALL"
PATH=$TOOLS "$@" 2>/dev/null
"$ENV_DIR/bin/pip" --version
"#;

/// What came of a run on a full disk.
struct Full {
    code: i32,
    stderr: String,
    /// The paths on it after the failure.
    left: Vec<String>,
}

/// Makes an environment with pip where only so many KiB are free, with the small file system over `small`; afterwards, with
/// room again, the same makes a good one.
#[track_caller]
fn full(sandbox: &Sandbox, python: &Interpreter, small: &str, (room, before): (u32, &str)) -> Option<Full> {
    let small = sandbox.root().join(small);
    fs::create_dir_all(&small).unwrap();
    let env = sandbox.root().join("place/env");
    let left = sandbox.root().join("left");
    let line = Maker::Prime.command_line(&python.executable);
    let run = sandbox.command(require_program("unshare")?);
    let run = run.args(["--mount", "--map-root-user", "/bin/sh", "-c", FULL, "sh"]).args(line).args([&env]);
    let run = run.env("SMALL", &small).env("TOOLS", sandbox.bin()).env("ROOM", room.to_string()).env("LEFT", &left);
    let run = run.env("BEFORE", before).env("ENV_DIR", &env).env("PATH", SYSTEM_PATH).output();
    let (stdout, stderr) = (run.stdout(), sandbox.redact(&run.stderr()));
    let (code, pip) = stdout.split_once('\n').unwrap_or_default();
    assert!(run.code() == 0 && pip.starts_with("pip "), "{room} KiB, then room again: {stdout}{stderr}");
    let code = code.trim_start_matches("code ").parse().unwrap();
    let left = fs::read_to_string(left).unwrap().lines().map(|path| sandbox.redact(path)).collect();
    Some(Full { code, stderr, left })
}

#[test]
fn on_a_full_disk_nothing_half_made_stays() {
    let Some(python) = pythons::newest().filter(|_| can_mount()) else { return };
    let mut full_ones = 0;
    for (room, is_there) in [(0, false), (0, true), (16, false), (64, false), (64, true), (1000, false), (6000, true)] {
        let sandbox = Sandbox::new();
        let env = sandbox.root().join("place/env").display().to_string();
        let Some(Full { code, stderr, left }) =
            full(&sandbox, python, "place", (room, if is_there { &env } else { "" }))
        else {
            return;
        };
        if code == 0 {
            continue;
        }
        assert_eq!(code, 74, "{room} KiB: {stderr}");
        assert!(stderr.contains("[ROOT]/place/env") && stderr.contains("No space left on device"), "{stderr}");
        assert_eq!(left, if is_there { vec!["[ROOT]/place/env"] } else { Vec::new() }, "{room} KiB: {stderr}");
        full_ones += 1;
    }
    assert_ne!(full_ones, 0);
    eprintln!("full disks: {full_ones}, each named, and mended with room again");
}

#[test]
fn a_full_cache_costs_speed_and_no_environment() {
    let Some(python) = pythons::newest().filter(|_| can_mount()) else { return };
    let mut full_ones = 0;
    for room in [0, 64, 3000] {
        let sandbox = Sandbox::new();
        let Some(Full { code, stderr, .. }) = full(&sandbox, python, "cache", (room, "")) else { return };
        assert_eq!(code, 0, "{room} KiB: {stderr}");
        full_ones += 1;
    }
    eprintln!("full caches: {full_ones}, and an environment each");
}

#[test]
fn two_environments_share_their_files_with_the_cache() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new().file("from", "some content");
    let reflink = sandbox.command("/bin/cp").args(["--reflink=always", "from", "to"]).output();
    if reflink.code() == 0 {
        eprintln!("skipped: copies share their blocks here, and are files of their own");
        return;
    }
    let inode = |env: &str| {
        let run = venv(&sandbox, &python.executable, &[env]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let file = format!("{env}/lib/{}/site-packages/pip/__init__.py", python.basename());
        let meta = sandbox.repo().join(file).metadata().unwrap();
        (meta.dev(), meta.ino())
    };
    assert_eq!(inode("one"), inode("other"));
}

/// Runs `prime venv` while some calls of the system fail, as `strace` makes them.
fn injected<'a>(sandbox: &'a Sandbox, python: &Path, injection: &str, args: &[&str]) -> Option<Invocation<'a>> {
    let strace = require_program("strace")?;
    let line = Maker::Prime.command_line(python);
    let run = sandbox.command(strace).args(["-f", "-qq", "-o", "/dev/null", "-e", injection]);
    Some(run.args(line).args(args.iter().copied()))
}

#[test]
fn where_no_symlink_can_be_made_there_are_copies() {
    // `lib64` is there already: CPython's own `venv` gives up without it.
    for python in pythons::for_environments() {
        let sandbox = Sandbox::new();
        fs::create_dir_all(sandbox.repo().join("env/lib64")).unwrap();
        let injection = "inject=?symlink,?symlinkat:error=EPERM";
        let Some(run) = injected(&sandbox, &python.executable, injection, &["--without-pip", "env"]) else { return };
        let run = run.output();
        assert_eq!(run.code(), 0, "{python}: {}", run.stderr());
        let tree = Tree::of(&sandbox.repo().join("env"));
        let links: Vec<_> = tree.paths().filter(|path| matches!(tree.get(path), Some(Entry::Link { .. }))).collect();
        assert_eq!(links, [] as [&Path; 0]);
        assert!(run.stderr().contains("warning: "), "{}", run.stderr());
        for name in ["python", "python3"] {
            let code = "import sys; print(sys.prefix)";
            let run = sandbox.command(sandbox.repo().join("env/bin").join(name)).args(["-c", code]).output();
            assert_eq!(sandbox.redact(&run.stdout()), "[REPO]/env\n", "{python}: {}", run.stderr());
        }
    }
}

#[test]
fn where_no_symlink_can_be_made_an_environment_does_without_lib64() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    let injection = "inject=?symlink,?symlinkat:error=EPERM";
    let Some(run) = injected(&sandbox, &python.executable, injection, &["env"]) else { return };
    let run = run.output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let run = sandbox.command(sandbox.repo().join("env/bin/pip")).args(["--version"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
}

#[test]
fn where_files_cannot_be_shared_with_the_cache_they_are_copied() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = Sandbox::new();
    let all = "?link,?linkat,?copy_file_range";
    let failures = [(all, "EXDEV"), (all, "EPERM"), (all, "EOPNOTSUPP"), ("?link,?linkat", "EMLINK")];
    for (number, (calls, error)) in failures.into_iter().enumerate() {
        let env = format!("env{number}");
        let injection = format!("inject={calls}:error={error}");
        let Some(run) = injected(&sandbox, &python.executable, &injection, &[&env]) else { return };
        let run = run.output();
        assert_eq!(run.code(), 0, "{error}: {}", run.stderr());
        let run = sandbox.command(sandbox.repo().join(&env).join("bin/pip")).args(["check"]).output();
        assert_eq!(run.code(), 0, "{error}: {}{}", run.stdout(), run.stderr());
    }
}
