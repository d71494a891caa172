//! Where credentials could be seen or kept: what is said at every verbosity, documents, scripts and their locks.

use std::fs;

use super::{PASSWORD, USER, WAYS, holding, repo, shows};
use crate::support::index::Index;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::remove_dir;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::trace::Trace;
use crate::support::wheel::Wheel;

fn private_index() -> Option<Index> {
    let index = Index::start().add(Wheel::new("left", "1.0").file("left.py", "").build()).add(uv_wheel(real_uv()?));
    Some(index.credentials(USER, PASSWORD))
}

/// Neither the run nor anything of ours on disk shows them.
#[track_caller]
fn assert_silent(sandbox: &Sandbox, args: &[&str], code: i32, what: &str) {
    let Some((run, trace)) = sandbox.traced("execve", args) else { return };
    assert_told_nobody(sandbox, (&run, &trace), code, what);
}

#[track_caller]
fn assert_told_nobody(sandbox: &Sandbox, (run, trace): (&Run, &Trace), code: i32, what: &str) {
    assert_eq!(run.code(), code, "{what}: {}{}", run.stdout(), run.stderr());
    assert!(!shows(&(run.stdout() + &run.stderr())), "{what}: {}{}", run.stdout(), run.stderr());
    let told: Vec<&String> = trace.calls.iter().filter(|call| shows(call)).collect();
    assert!(told.is_empty(), "{what}: {told:#?}");
    for dir in [sandbox.repo(), sandbox.root().join("tmp"), sandbox.cache().join("prime"), sandbox.home()] {
        if dir.exists() {
            assert_eq!(holding(&dir), Vec::<String>::new(), "{what}");
        }
    }
}

/// Nothing, all that is said, and a document: what is said at other verbosities is a part of the second.
const SAYING: [&str; 3] = ["-q", "-vvv", "--json"];

#[test]
fn no_verbosity_and_no_document_shows_them() {
    for driver in WAYS {
        let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
        let sandbox = sandbox.env("PIP_INDEX_URL", index.url_with(USER, PASSWORD));
        for (option, command) in SAYING.into_iter().flat_map(|it| ["reboot", "check", "eval"].map(|of| (it, of))) {
            assert_silent(&sandbox, &[option, command], 0, &format!("{driver}, {option}, {command}"));
        }
    }
}

#[test]
fn no_failure_shows_them_at_any_verbosity() {
    for driver in WAYS {
        let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
        let sandbox = sandbox.project("app", "1", &["nobody"]).env("PIP_RETRIES", "0").env("UV_HTTP_RETRIES", "0");
        for option in SAYING {
            let right = index.url_with(USER, PASSWORD);
            let refused = index.url_with("another", PASSWORD);
            for (url, code) in [(right, 78), (refused, 77)] {
                remove_dir(&sandbox.cache());
                fs::create_dir(sandbox.cache()).unwrap();
                let trace = sandbox.traced_with("execve", &[option, "boot"], |run| run.env("PIP_INDEX_URL", &url));
                let Some((run, trace)) = trace else { return };
                assert_told_nobody(&sandbox, (&run, &trace), code, &format!("{driver}, {option}, {code}"));
            }
        }
    }
}

/// How a script gets at the index.
type Set = fn(Sandbox, &Index) -> Sandbox;

const SCRIPTS: [(&str, Set); 3] = [
    ("PIP_INDEX_URL", |sandbox, index| script(sandbox, "").env("PIP_INDEX_URL", index.url_with(USER, PASSWORD))),
    ("UV_DEFAULT_INDEX", |sandbox, index| script(sandbox, "").env("UV_DEFAULT_INDEX", index.url_with(USER, PASSWORD))),
    ("UV_INDEX_OWN_PASSWORD", |sandbox, index| {
        let sandbox = script(sandbox, "").env("UV_DEFAULT_INDEX", format!("own={}", index.url()));
        sandbox.env("UV_INDEX_OWN_USERNAME", USER).env("UV_INDEX_OWN_PASSWORD", PASSWORD)
    }),
];

fn script(sandbox: Sandbox, more: &str) -> Sandbox {
    let text = format!("# /// script\n# dependencies = [\"left\"]\n{more}# ///\nimport left\n");
    sandbox.file("tool.py", text)
}

#[test]
fn a_script_its_lock_and_its_environment_hold_none() {
    for (place, set) in SCRIPTS {
        for driver in WAYS {
            let (Some(index), Some(sandbox)) = (private_index(), repo(driver)) else { return };
            let sandbox = set(sandbox, &index);
            for args in
                [&["-vvv", "script", "tool.py"][..], &["-vvv", "script", "--lock", "tool.py"], &["script", "tool.py"]]
            {
                assert_silent(&sandbox, args, 0, &format!("{place}, {driver}, {args:?}"));
            }
            assert!(sandbox.read("tool.py.lock").contains("left"), "{place}, {driver}");
        }
    }
}

#[test]
fn what_a_script_says_of_its_index_does_not_get_into_the_lock() {
    let (Some(index), Some(sandbox)) = (private_index(), repo("venv_uv")) else { return };
    let url = index.url_with(USER, PASSWORD);
    let more = format!("# [[tool.uv.index]]\n# name = \"own\"\n# url = \"{url}\"\n# default = true\n");
    let sandbox = script(sandbox, &more).env("PIP_INDEX_URL", &url);
    for args in [&["script", "--lock", "tool.py"][..], &["-vvv", "script", "tool.py"]] {
        let Some((run, trace)) = sandbox.traced("execve", args) else { return };
        assert_eq!(run.code(), 0, "{args:?}: {}", run.stderr());
        assert!(!shows(&run.stderr()) && !trace.calls.iter().any(|call| shows(call)), "{args:?}: {}", run.stderr());
    }
    let holders = holding(&sandbox.repo());
    assert_eq!(holders, [sandbox.repo().join("tool.py").display().to_string()]);
}
