//! `examples/direnv`: in bash, as direnv evaluates the file, and in direnv itself.

use crate::support::hello::{hello_index, hello_python};
use crate::support::index::Index;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{repository, require_program};

fn example() -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let index = hello_index();
    let sandbox = Sandbox::new().copy_of(&repository().join("examples/direnv")).link_python(python).link_uv(uv);
    let sandbox = sandbox.file(".python-version", python.series() + "\n").index(&index);
    let sandbox = sandbox.link("prime", env!("CARGO_BIN_EXE_prime").as_ref());
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    Some((sandbox.env("PATH", path), index))
}

#[test]
fn bash_evaluates_the_file() {
    let (Some((sandbox, _index)), Some(bash)) = (example(), require_program("bash")) else { return };
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    let script = "set -eu\nwatch_file() { :; }\n. ./.envrc\npython -c 'import humanize, sys; print(sys.prefix)'";
    sandbox.command(bash).args(["-c", script]).stdout("[REPO]/.venv\n").run();
}

#[test]
fn direnv_enters_and_leaves_and_looks_again_when_the_environment_was_made() {
    let (Some((sandbox, _index)), Some(direnv)) = (example(), require_program("direnv")) else { return };
    let (Some(bash), sandbox) = (require_program("bash"), sandbox.env("DIRENV_LOG_FORMAT", "")) else { return };
    assert_eq!(sandbox.command(&direnv).args(["allow"]).output().code(), 0);
    let script = "set -eu\nenter() { eval \"$(direnv export bash)\"; }\nenter\necho \"${VIRTUAL_ENV-none}\"\n\
                  prime -q\nenter\necho \"$VIRTUAL_ENV\"; command -v python\ncd /\nenter\necho \"${VIRTUAL_ENV-none}\"\n\
                  case $PATH in *venv*) echo \"$PATH\";; esac";
    let run = sandbox.command(bash).args(["-c", script]).output();
    let said = sandbox.redact(&run.stdout());
    assert_eq!(said, "none\n[REPO]/.venv\n[REPO]/.venv/bin/python\nnone\n", "{}", run.stderr());
    assert!(run.stderr().contains("make it with `prime`"), "{}", run.stderr());
}
