//! What is set for pip or for uv (index, proxy) holds for our own fetch of uv and for whichever driver runs, and where
//! something is set nobody else is asked.

use std::fs;

use crate::support::hello::hello_python;
use crate::support::index::Index;
use crate::support::proxy::Proxy;
use crate::support::real_uv::{RealUv, real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::{Package, Wheel};
use crate::support::{pythons, write};

mod logged;

/// Who fetches: `prime` itself and then the uv that it got, or pip.
const WAYS: [&str; 2] = ["venv_uv", "venv_pip"];

/// How a policy is set: the sandbox, the index that has everything, and one that has next to nothing.
type Set = fn(Sandbox, &Index, &Index) -> Sandbox;

fn packages(uv: &RealUv) -> [Package; 2] {
    [Wheel::new("left", "1.0").file("left.py", "").build(), uv_wheel(uv)]
}

fn index(uv: &RealUv) -> Index {
    packages(uv).into_iter().fold(Index::start(), Index::add)
}

/// A repo that needs `left`, a python, no uv, and nothing set at all.
fn repo(driver: &str) -> Option<Sandbox> {
    let python = hello_python()?;
    let sandbox = Sandbox::new().link_python(python).file(".python-version", python.series() + "\n");
    let sandbox = sandbox.file("requirements.txt", "left\n");
    Some(sandbox.env("PROTOPRIMER_VENV_DRIVER", driver))
}

fn address(index: &Index) -> String {
    index.origin().replace("http://", "")
}

/// The repo boots with this policy in either way, and no connection is opened but to these two indexes.
#[track_caller]
fn assert_holds(policies: &[(&str, Set)]) {
    let Some(uv) = real_uv() else { return };
    for (name, set) in policies {
        for driver in WAYS {
            let Some(sandbox) = repo(driver) else { return };
            let (full, bare) = (index(uv), Index::start());
            let sandbox = set(sandbox, &full, &bare);
            let Some((run, trace)) = sandbox.traced("connect", &["boot"]) else { return };
            assert_eq!(run.code(), 0, "{name}, {driver}: {}", run.stderr());
            assert_eq!(sandbox.read("constraints.txt"), "left==1.0\n", "{name}, {driver}");
            let others = trace.addresses().into_iter().filter(|it| *it != address(&full) && *it != address(&bare));
            assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new(), "{name}, {driver}");
        }
    }
}

fn home_file(sandbox: Sandbox, path: &str, content: &str) -> Sandbox {
    write(&sandbox.home().join(path), content.as_bytes(), 0o644);
    sandbox
}

/// A directory with everything that the index has.
fn links(sandbox: Sandbox, value: fn(String) -> (&'static str, String)) -> Sandbox {
    let dir = sandbox.root().join("links");
    for package in packages(real_uv().unwrap()) {
        write(&dir.join(package.filename), &package.content, 0o644);
    }
    let (name, value) = value(dir.display().to_string());
    sandbox.env(name, value)
}

#[test]
fn the_index_that_is_set_for_pip_holds_everywhere() {
    assert_holds(&[
        ("PIP_INDEX_URL", |sandbox, full, _| sandbox.env("PIP_INDEX_URL", full.url())),
        ("PIP_EXTRA_INDEX_URL", |sandbox, full, bare| {
            sandbox.env("PIP_INDEX_URL", bare.url()).env("PIP_EXTRA_INDEX_URL", full.url())
        }),
        ("pip.conf", |sandbox, full, _| {
            let sandbox = sandbox.env_remove("PIP_CONFIG_FILE");
            home_file(sandbox, ".config/pip/pip.conf", &format!("[global]\nindex-url = {}\n", full.url()))
        }),
        ("PIP_CONFIG_FILE", |sandbox, full, _| {
            let content = format!("[install]\nindex-url = {}\n", full.url());
            let file = sandbox.home().join("own.conf");
            home_file(sandbox, "own.conf", &content).env("PIP_CONFIG_FILE", file)
        }),
    ]);
}

#[test]
fn no_index_and_links_that_are_set_for_pip_hold_everywhere() {
    assert_holds(&[
        ("PIP_NO_INDEX", |sandbox, _, _| links(sandbox, |dir| ("PIP_FIND_LINKS", dir)).env("PIP_NO_INDEX", "1")),
        ("PIP_FIND_LINKS", |sandbox, _, bare| {
            links(sandbox, |dir| ("PIP_FIND_LINKS", format!("file://{dir}"))).env("PIP_INDEX_URL", bare.url())
        }),
        ("UV_FIND_LINKS", |sandbox, _, _| {
            links(sandbox, |dir| ("UV_FIND_LINKS", dir)).file("uv.toml", "no-index = true\n")
        }),
    ]);
}

#[test]
fn the_index_that_is_set_for_uv_holds_everywhere() {
    assert_holds(&[
        ("UV_DEFAULT_INDEX", |sandbox, full, _| sandbox.env("UV_DEFAULT_INDEX", full.url())),
        ("UV_INDEX", |sandbox, full, bare| {
            sandbox.env("UV_DEFAULT_INDEX", bare.url()).env("UV_INDEX", format!("own={}", full.url()))
        }),
        ("UV_INDEX_URL", |sandbox, full, _| sandbox.env("UV_INDEX_URL", full.url())),
        ("uv.toml", |sandbox, full, _| {
            let index = format!("[[index]]\nurl = \"{}\"\ndefault = true\n", full.url());
            sandbox.file("uv.toml", index)
        }),
    ]);
}

#[test]
fn the_index_in_a_file_of_uv_or_of_ours_holds_everywhere() {
    assert_holds(&[
        ("[tool.uv]", |sandbox, full, _| {
            sandbox.file("pyproject.toml", format!("[[tool.uv.index]]\nurl = \"{}\"\ndefault = true\n", full.url()))
        }),
        ("the user's uv.toml", |sandbox, full, _| {
            home_file(sandbox, ".config/uv/uv.toml", &format!("[pip]\nindex-url = \"{}\"\n", full.url()))
        }),
        ("PRIME_INDEX_URL", |sandbox, full, _| sandbox.env("PRIME_INDEX_URL", full.url())),
        ("pip's setting for pip, uv's for uv", |sandbox, full, bare| {
            let driver = sandbox.vars().iter().find(|(name, _)| name == "PROTOPRIMER_VENV_DRIVER").unwrap().1.clone();
            let (for_pip, for_uv) = if driver == "venv_uv" { (bare, full) } else { (full, bare) };
            sandbox.env("PIP_INDEX_URL", for_pip.url()).env("UV_DEFAULT_INDEX", for_uv.url())
        }),
    ]);
}

#[test]
fn the_proxy_that_is_set_carries_everything() {
    let Some(uv) = real_uv() else { return };
    let variables = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "PIP_PROXY"];
    for (variable, driver) in variables.into_iter().flat_map(|name| WAYS.map(|driver| (name, driver))) {
        let Some(sandbox) = repo(driver) else { return };
        let (index, proxy) = (index(uv), Proxy::with_credentials("me", "hidden-word"));
        let url = proxy.url().replacen("://", "://me:hidden-word@", 1);
        let sandbox = sandbox.env("PIP_INDEX_URL", index.url()).env(variable, &url);
        let Some((run, trace)) = sandbox.traced("connect", &["boot", "-vvv"]) else { return };
        assert_eq!(run.code(), 0, "{variable}, {driver}: {}", run.stderr());
        assert!(!run.stderr().contains("hidden-word"), "{variable}, {driver}: {}", run.stderr());
        let own = proxy.url().replace("http://", "");
        assert_eq!(trace.addresses(), [own], "{variable}, {driver}");
        assert!(proxy.requests().iter().any(|request| request.target.contains("/left/")), "{variable}, {driver}");
    }
}

#[test]
fn hosts_without_a_proxy_are_reached_directly() {
    let Some(uv) = real_uv() else { return };
    for (variable, driver) in ["NO_PROXY", "no_proxy"].into_iter().flat_map(|name| WAYS.map(|driver| (name, driver))) {
        let Some(sandbox) = repo(driver) else { return };
        let (index, proxy) = (index(uv), Proxy::start());
        let sandbox = sandbox.env("PIP_INDEX_URL", index.url()).env("HTTP_PROXY", proxy.url());
        let sandbox = sandbox.env(variable, "example.invalid,127.0.0.1");
        let run = sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 0, "{variable}, {driver}: {}", run.stderr());
        assert!(proxy.requests().is_empty(), "{variable}, {driver}");
    }
}

#[test]
fn offline_opens_no_connection() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    for driver in WAYS {
        let Some(sandbox) = repo(driver) else { return };
        let index = index(uv);
        let sandbox = sandbox.link_uv(uv).env("PIP_INDEX_URL", index.url());
        let Some((run, trace)) = sandbox.traced("connect,sendto", &["boot", "--offline"]) else { return };
        assert_eq!(run.code(), 69, "{driver}, {python}: {}", run.stderr());
        assert_eq!(trace.addresses(), Vec::<String>::new(), "{driver}: {}", run.stderr());
        // What is here already serves: uv's cache, or links to a directory.
        let sandbox = if driver == "venv_uv" {
            assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
            fs::remove_dir_all(sandbox.repo().join(".venv")).unwrap();
            sandbox
        } else {
            links(sandbox, |dir| ("PIP_FIND_LINKS", dir))
        };
        let Some((run, trace)) = sandbox.traced("connect,sendto", &["boot", "--offline"]) else { return };
        assert_eq!(run.code(), 0, "{driver}: {}", run.stderr());
        assert_eq!(trace.addresses(), Vec::<String>::new(), "{driver}");
    }
}

#[test]
fn offline_does_not_fetch_a_uv_either() {
    let Some(uv) = real_uv() else { return };
    let Some(sandbox) = repo("venv_uv") else { return };
    let index = index(uv);
    let sandbox = sandbox.env("PIP_INDEX_URL", index.url());
    let Some((run, trace)) = sandbox.traced("connect,sendto", &["boot", "--offline"]) else { return };
    assert_eq!(run.code(), 69, "{}", run.stderr());
    assert_eq!((trace.addresses(), index.requests().len()), (Vec::new(), 0));
    assert!(run.stderr().contains("--offline"), "{}", run.stderr());
}
