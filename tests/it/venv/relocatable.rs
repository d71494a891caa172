//! `--relocatable`: the environment can be moved, and its programs and its activation go with it.

use std::fs;
use std::path::PathBuf;

use super::venv;
use crate::support::index::Index;
use crate::support::pythons::{self, Interpreter};
use crate::support::require_program;
use crate::support::sandbox::Sandbox;

/// Activates by the path in `$1`, from another directory, and tells what came of it.
const ACTIVATE: &str = r#"
cd /
before=$PATH
. "$1/bin/activate"
printf '%s\n' "$VIRTUAL_ENV"
command -v python
python -c 'import sys; print(sys.prefix)'
pip --version >/dev/null || echo 'pip does not run'
deactivate
[ "$PATH" = "$before" ] || echo "PATH is $PATH"
printf '%s\n' "${VIRTUAL_ENV-unset}"
"#;

/// An environment that was moved after it was made, twice, into a directory with a space.
fn moved(python: &Interpreter) -> (Sandbox, PathBuf) {
    let index = Index::start();
    let sandbox = Sandbox::new().index(&index);
    // Its scripts find their own place by the usual programs.
    let path = format!("{}:/usr/bin:/bin", sandbox.bin().display());
    let sandbox = sandbox.env("PATH", path);
    let run = venv(&sandbox, &python.executable, &["--relocatable", "env"]).output();
    assert_eq!(run.code(), 0, "{python}: {}", run.stderr());
    let place = sandbox.root().join("another place");
    fs::create_dir(&place).unwrap();
    fs::rename(sandbox.repo().join("env"), place.join("first")).unwrap();
    fs::rename(place.join("first"), place.join("moved")).unwrap();
    (sandbox, place.join("moved"))
}

#[test]
fn programs_run_where_the_environment_was_moved_to() {
    for python in pythons::extremes() {
        let (sandbox, env) = moved(python);
        for name in ["python", "python3"] {
            let run = sandbox.command(env.join("bin").join(name)).args(["-c", "import sys; print(sys.prefix)"]);
            assert_eq!(run.output().stdout(), format!("{}\n", env.display()), "{python}");
        }
        for name in ["pip", "pip3", &format!("pip{}", python.series())] {
            let run = sandbox.command(env.join("bin").join(name)).args(["--version"]).output();
            assert_eq!(run.code(), 0, "{python} {name}: {}", run.stderr());
            assert!(run.stdout().contains(&env.display().to_string()), "{python} {name}: {}", run.stdout());
        }
        // Through a link, and from elsewhere.
        sandbox_link(&sandbox, &env);
        let run = sandbox.command(sandbox.bin().join("linked-pip")).args(["--version"]).current_dir("/").output();
        assert_eq!(run.code(), 0, "{python}: {}", run.stderr());
    }
}

fn sandbox_link(sandbox: &Sandbox, env: &std::path::Path) {
    std::os::unix::fs::symlink(env.join("bin/pip"), sandbox.bin().join("linked-pip")).unwrap();
}

#[test]
fn activation_finds_the_environment_where_it_was_moved_to() {
    for python in pythons::extremes() {
        let (sandbox, env) = moved(python);
        for shell in ["sh", "bash", "zsh"] {
            let Some(program) = require_program(shell) else { continue };
            let run = sandbox.command(program).args(["-eu", "-c", ACTIVATE, "sh"]).args([&env]);
            let run = run.env("PATH", "/usr/bin:/bin").output();
            let env = env.display();
            let expected = format!("{env}\n{env}/bin/python\n{env}\nunset\n");
            assert_eq!((run.stdout(), run.stderr()), (expected, String::new()), "{python} {shell}");
        }
    }
}
