//! What tools say is passed on without secrets, whatever they say themselves: to a pipe and to a terminal.

use super::{PASSWORD, USER, WAYS, holding, repo, shows};
use crate::support::index::Index;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::{fakes, write};

/// All that is shown, at every verbosity that shows it and at a terminal.
fn shown(sandbox: &Sandbox, code: i32) -> Vec<String> {
    let piped = ["-v", "-vvv"].map(|option| {
        let run = sandbox.prime([option, "reboot"]).output();
        assert_eq!(run.code(), code, "{}", run.stderr());
        run.stdout() + &run.stderr()
    });
    let at_terminal = sandbox.at_terminal(&[env!("CARGO_BIN_EXE_prime"), "reboot"], &[], |run| run).unwrap();
    assert_eq!(at_terminal.status, code, "{}", at_terminal.text);
    piped.into_iter().chain([at_terminal.text]).collect()
}

#[test]
fn a_tool_that_says_them_is_not_repeated() {
    // A bar, a line that waits for its end, and one that another process goes on with.
    const SAYING: &str = r#"
case " $words " in *' pip install '*)
  printf 'asked http://the-user:hidden-w@rd@host/simple\n50%%\r' >&2
  printf '\033[36mfetched git+https://hidden-w%%40rd' >&2
  /bin/sleep 0.05
  printf '%s' "'x@host/r.git" >&2
  printf '\033[0m\r100%%\nasked http://the-user:hidden-w@rd@last' >&2 ;;
esac
"#;
    let sandbox = Sandbox::new().fake_python("python3.12", "3.12.1").file(".python-version", "3.12\n");
    let script = fakes::uv(sandbox.root(), "9.8.7") + SAYING;
    write(&sandbox.bin().join("uv"), script.as_bytes(), 0o755);
    let sandbox = sandbox.project("app", "1", &[]).env("PIP_INDEX_URL", "http://127.0.0.1:9/");
    for said in shown(&sandbox, 0) {
        assert!(!shows(&said), "{said}");
        for line in ["asked http://****@host/simple", "50%", "fetched git+https://****@host/r.git", "http://****@last"]
        {
            assert!(said.contains(line), "{line}: {said}");
        }
    }
    assert_eq!(holding(&sandbox.repo()), Vec::<String>::new());
}

#[test]
fn a_build_that_says_them_is_not_repeated() {
    let Some(uv) = real_uv() else { return };
    for driver in WAYS {
        let index = Index::start().add(uv_wheel(uv));
        let Some(sandbox) = repo(driver) else { return };
        let told = format!("index http://{USER}:x'{PASSWORD}@host and git+https://{PASSWORD}@host/r.git at hand");
        let pyproject = "[project]\nname = 'app'\nversion = '1'\n\n\
                         [build-system]\nrequires = ['tinybackend']\nbuild-backend = 'tinybackend'\n\n";
        let pyproject = format!("{pyproject}[tool.tinybackend]\nfail = {told:?}\n");
        let sandbox = sandbox.index(&index).file("pyproject.toml", pyproject).env("PIP_RETRIES", "0");
        for said in shown(&sandbox, 78) {
            assert!(!shows(&said), "{driver}: {said}");
            assert!(said.contains("git+https://****@host/r.git at hand"), "{driver}: {said}");
        }
        let config = sandbox.repo().join("pyproject.toml").display().to_string();
        assert_eq!(holding(&sandbox.repo()), [config], "{driver}");
    }
}
