//! Nothing may be written, nobody knows the user, and there is no home: what is ready runs, and what is not says where it
//! would have to write and which setting moves that.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::Command;

use crate::support::index::Index;
use crate::support::real_uv::real_uv;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::{output, program, require_program, skip};

/// Makes the whole machine read-only for what is run, and runs it.
const SCRIPT: &str = r#"
set -eu
for dir in / /tmp "$PLACE"; do
  mount --bind "$dir" "$dir"
  mount -o remount,bind,ro "$dir"
done
cd "$PLACE/repo"
if (: >probe) 2>/dev/null; then echo 'it can be written'; exit 99; fi
exec "$@"
"#;

const SYSTEM_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The system's own python, which every user may run.
fn everybodys_python() -> Option<PathBuf> {
    let python = PathBuf::from("/usr/bin/python3");
    let code = "import sys; sys.exit(sys.version_info < (3, 8) or sys.prefix != sys.base_prefix)";
    let can = output(Command::new(&python).args(["-c", code])).is_ok_and(|output| output.status.success());
    if can { Some(python) } else { skip("no python of the system's own") }
}

/// A booted repo with a `prime` in it that every user may run.
fn booted(environments: bool) -> Option<(Sandbox, Index)> {
    let (uv, python, index) = (real_uv()?, everybodys_python()?, Index::start());
    let sandbox = Sandbox::new().index(&index).link("python3", &python).link_uv(uv).project("app", "1", &[]);
    let sandbox = if environments {
        let config = "local_conf_symlink_rel_path = \"lconf\"\ndefault_env_dir_rel_path = \"envs/one\"\n";
        let sandbox = sandbox.file("prime.toml", config).file("envs/one/prime.toml", "");
        sandbox.file("envs/two/prime.toml", "")
    } else {
        sandbox
    };
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_prime"), sandbox.bin().join("prime")).unwrap();
    let envs = if environments { &["envs/two", "envs/one"][..] } else { &[][..] };
    let boots = envs.iter().map(|env| vec!["-q", "--env", env]).chain([vec!["-q"]]);
    for args in boots {
        let run = sandbox.prime(args).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
    }
    Some((sandbox, index))
}

/// Runs `prime` where nothing can be written, as a user that nobody knows where that is possible.
fn read_only(sandbox: &Sandbox, args: &[&str]) -> Option<Run> {
    let unshare = require_program("unshare")?;
    let prime = sandbox.bin().join("prime").display().to_string();
    let superuser = sandbox.root().metadata().unwrap().uid() == 0;
    let setpriv = program("setpriv").filter(|_| superuser);
    let user = setpriv
        .map(|it| [&it.display().to_string(), "--reuid=4711", "--regid=4711", "--clear-groups"].map(str::to_owned));
    let own_ids = if superuser { &[][..] } else { &["--map-root-user"][..] };
    let run =
        sandbox.command(unshare).args(["--mount"]).args(own_ids.iter().copied()).args(["/bin/sh", "-c", SCRIPT, "sh"]);
    let run = run.args(user.into_iter().flatten()).args([prime]).args(args.iter().copied());
    let path = format!("{}:{SYSTEM_PATH}", sandbox.bin().display());
    let run =
        run.env("PLACE", sandbox.root()).env("PATH", path).env_remove("XDG_CACHE_HOME").env_remove("HOME").output();
    if run.stderr().contains("mount:") {
        return skip(&format!("nothing can be mounted here: {}", run.stderr()));
    }
    Some(run)
}

#[test]
fn what_is_ready_runs_where_nothing_can_be_written() {
    for environments in [false, true] {
        let Some((sandbox, index)) = booted(environments) else { return };
        let asked = index.requests().len();
        let envs = if environments { &["envs/one", "envs/two"][..] } else { &[""][..] };
        for env in envs {
            let selected = ["--env", env, "--no-link"];
            let args: Vec<&str> = selected.into_iter().filter(|_| environments).chain(["run", "--", "app"]).collect();
            let Some(run) = read_only(&sandbox, &args) else { return };
            let expected = (0, "this is app\n".to_owned(), String::new());
            assert_eq!((run.code(), run.stdout(), run.stderr()), expected, "{env}");
        }
        let Some(run) = read_only(&sandbox, &["boot"]) else { return };
        assert_eq!((run.code(), run.stdout(), run.stderr()), (0, String::new(), String::new()));
        assert_eq!(index.requests().len(), asked);
    }
}

#[test]
fn what_is_not_ready_names_the_directory_and_the_setting_that_moves_it() {
    let Some((sandbox, _index)) = booted(false) else { return };
    let said = |sandbox: &Sandbox| {
        let run = read_only(sandbox, &["boot"])?;
        assert_eq!((run.code(), run.stdout()), (73, String::new()), "{}", run.stderr());
        Some(sandbox.redact(&run.stderr()))
    };
    let pyproject = sandbox.read("pyproject.toml");
    let sandbox = sandbox.file("pyproject.toml", format!("{pyproject}\n[tool.later]\n"));
    let Some(stale) = said(&sandbox) else { return };
    let expected = "error: cannot write `[REPO]/.prime/log/prime.[RUN_ID].log`\n  cause: Read-only file system\n\
                    hint: make it writable, or move it with `local_log_dir_rel_path`\n";
    assert_eq!(stale, expected);
    fs::remove_dir_all(sandbox.repo().join(".prime")).unwrap();
    let expected = "error: cannot write `[REPO]/.prime`\n  cause: Read-only file system\n\
                    hint: make it writable, or use a copy of the repository that is\n";
    assert_eq!(said(&sandbox).as_deref(), Some(expected));
}

#[test]
fn a_venv_that_cannot_be_made_where_it_belongs_names_its_setting() {
    let (Some(uv), Some(python)) = (real_uv(), everybodys_python()) else { return };
    let index = Index::start();
    let sandbox = Sandbox::new().index(&index).link("python3", &python).link_uv(uv).project("app", "1", &[]);
    let config = "local_venv_dir_rel_path = \"closed/venv\"\n";
    let sandbox = sandbox.file("prime.toml", config).file("closed/file", "");
    let closed = sandbox.repo().join("closed");
    if sandbox.root().metadata().unwrap().uid() == 0 {
        // Permissions do not hold for the superuser.
        let Some(unshare) = require_program("unshare") else { return };
        let script = "mount --bind closed closed && mount -o remount,bind,ro closed && exec \"$0\" boot";
        let run = sandbox.command(unshare).args(["--mount", "/bin/sh", "-c", script, env!("CARGO_BIN_EXE_prime")]);
        let path = format!("{}:{SYSTEM_PATH}", sandbox.bin().display());
        let run = run.env("PATH", path).output();
        if run.stderr().contains("mount:") {
            skip::<()>("nothing can be mounted here");
            return;
        }
        let expected = "error: cannot write `[REPO]/closed/venv`\n  cause: Read-only file system\n\
                        hint: make it writable, or move it with `local_venv_dir_rel_path`\n";
        assert_eq!((run.code(), sandbox.redact(&run.stderr())), (73, expected.to_owned()));
    } else {
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
        let expected = "error: cannot write `[REPO]/closed/venv`\n  cause: Permission denied\n\
                        hint: make it writable, or move it with `local_venv_dir_rel_path`\n";
        sandbox.prime(["boot"]).code(73).stderr(expected).run();
    }
}
