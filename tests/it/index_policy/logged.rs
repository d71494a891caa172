//! A proxy that logs every request sees that no other index is asked than the one that is set, whatever is done.

use std::fs;

use super::WAYS;
use crate::support::bundled;
use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::proxy::Proxy;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;
use crate::venv::wheels::without_ensurepip;

const SCRIPT: &str = "# /// script\n# dependencies = [\"left\"]\n# ///\nimport left\n";

/// What is done one after the other, and whether everything that was fetched before is forgotten first.
const STEPS: [(&[&str], bool); 6] = [
    (&["boot"], false),
    (&["boot"], true),
    (&["reboot"], true),
    (&["script", "tool.py"], true),
    (&["script", "--lock", "tool.py"], true),
    (&["script", "tool.py"], true),
];

/// All that is fetched, and an interpreter that lacks even pip.
fn repo(driver: &str) -> Option<(Sandbox, Index)> {
    let left = Wheel::new("left", "1.0").file("left.py", "").build();
    let index = bundled::packages().into_iter().fold(Index::start(), Index::add).add(left).add(uv_wheel(real_uv()?));
    let own = without_ensurepip(Sandbox::new().index(&index))?;
    let name = own.executable.file_name().unwrap().to_str().unwrap().to_owned();
    let sandbox = own.sandbox.link(&name, &own.executable).env("PROTOPRIMER_VENV_DRIVER", driver);
    let series = name.trim_start_matches("python").to_owned();
    let sandbox = sandbox.project("app", "1", &["left"]).file(".python-version", series + "\n");
    Some((sandbox.file("tool.py", SCRIPT), index))
}

/// Takes a file of the environment away, and all that could bring it back without the network.
fn forget(sandbox: &Sandbox) {
    for dir in [sandbox.cache(), sandbox.home().join(".cache")] {
        let _ = fs::remove_dir_all(dir);
    }
    let python = fs::read_dir(sandbox.repo().join(".venv/lib")).unwrap().next().unwrap().unwrap();
    let _ = fs::remove_file(python.path().join("site-packages/left.py"));
}

#[test]
fn not_one_request_goes_to_another_index() {
    if hello_python().is_none() {
        return;
    }
    for driver in WAYS {
        let Some((sandbox, index)) = repo(driver) else { return };
        let proxy = Proxy::start();
        let variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
        let sandbox = variables.into_iter().fold(sandbox, |sandbox, name| sandbox.env(name, proxy.url()));
        for (number, (words, forgetful)) in STEPS.into_iter().enumerate() {
            let what = format!("{driver}, {number}: {words:?}");
            if forgetful {
                forget(&sandbox);
            }
            let before = proxy.requests().len();
            let Some((run, trace)) = sandbox.traced("connect", words) else { return };
            assert_eq!(run.code(), 0, "{what}: {}", run.stderr());
            assert_eq!(trace.addresses(), [proxy.url().replace("http://", "")], "{what}");
            let asked = &proxy.requests()[before..];
            assert!(asked.iter().any(|request| request.target.contains("/left")), "{what}: {asked:?}");
            let others = asked.iter().filter(|request| !request.target.starts_with(&format!("{}/", index.origin())));
            assert_eq!(others.map(|it| format!("{} {}", it.method, it.target)).collect::<Vec<_>>(), [""; 0], "{what}");
        }
        let all: String = proxy.requests().into_iter().map(|request| request.target + "\n").collect();
        let seeded = if driver == "venv_uv" { "/files/uv-" } else { "/files/pip-" };
        assert!(all.contains(seeded) && all.contains("/files/tinybackend-"), "{driver}: {all}");
    }
}
