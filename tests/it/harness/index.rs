use std::time::Duration;

use crate::support::http::refused_url;
use crate::support::index::{Fault, Format, Index};
use crate::support::proxy::Proxy;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::{RealUv, real_uv, uv_wheel};
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::{Package, Wheel};

fn greeting() -> Package {
    Wheel::new("Greeting", "1.2")
        .file("greeting.py", "def main():\n    print('good day')\n")
        .script("greet", "greeting:main")
        .requires("left_pad>=1")
        .requires_python(">=3.8")
        .build()
}

fn left_pad() -> Package {
    Wheel::new("left-pad", "1.0").file("left_pad.py", "").build()
}

fn tools() -> Option<(&'static RealUv, &'static Interpreter)> {
    Some((real_uv()?, pythons::newest()?))
}

/// `uv venv`, then `uv pip install WHAT` from the index.
fn install(sandbox: &Sandbox, index_url: &str, what: &[&str]) -> Run {
    let (uv, python) = tools().unwrap();
    let venv =
        sandbox.command(&uv.executable).args(["venv", "--quiet", "--clear", "--python"]).args([&python.executable]);
    assert_eq!(venv.output().code(), 0);
    sandbox.command(&uv.executable).env("UV_DEFAULT_INDEX", index_url).args(["pip", "install"]).args(what).output()
}

#[test]
fn uv_installs_from_every_format() {
    if tools().is_none() {
        return;
    }
    for format in [Format::Json, Format::Html, Format::HtmlAlways] {
        let index = Index::start().add(greeting()).add(left_pad()).format(format);
        let sandbox = Sandbox::new().index(&index);
        let run = install(&sandbox, &index.url(), &["greeting"]);
        assert_eq!(run.code(), 0, "{format:?}: {}", run.stderr());
        sandbox.command(sandbox.repo().join(".venv/bin/greet")).stdout("good day\n").run();
        assert!(index.paths().contains(&"/simple/left-pad/".to_owned()), "{:?}", index.paths());
    }
}

#[test]
fn the_format_follows_what_the_client_accepts() {
    let index = Index::start();
    let url = format!("{}tinybackend/", index.url());
    let ask = |accept: &str| match ureq::get(&url).header("Accept", accept).call() {
        Ok(response) => response.headers()["content-type"].to_str().unwrap().to_owned(),
        Err(error) => error.to_string(),
    };
    let json = "application/vnd.pypi.simple.v1+json";
    assert_eq!((ask(json).as_str(), ask("text/html").as_str()), (json, "text/html"));
    let index = index.format(Format::Html);
    assert_eq!((ask(json).as_str(), ask("text/html").as_str()), ("http status: 406", "text/html"));
    let _index = index.format(Format::HtmlAlways);
    assert_eq!(ask(json), "text/html");
}

#[test]
fn pip_and_uv_build_a_project_with_the_backend_of_the_index() {
    let Some((uv, python)) = tools() else { return };
    let index = Index::start().add(left_pad());
    let sandbox = Sandbox::new().index(&index).project("my-app", "0.3", &["left-pad"]);
    let sandbox = sandbox.link_uv(uv).link_python(python);
    let run = install(&sandbox, &index.url(), &["--editable", "."]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    sandbox.command(sandbox.repo().join(".venv/bin/my-app")).stdout("this is my-app\n").run();
    sandbox.command(&python.executable).args(["-m", "venv", "pip-venv"]).run();
    let pip = sandbox.command(sandbox.repo().join("pip-venv/bin/pip")).env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    let run = pip.args(["install", "--quiet", "--editable", "."]).output();
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
    sandbox.command(sandbox.repo().join("pip-venv/bin/my-app")).stdout("this is my-app\n").run();
}

#[test]
fn a_build_is_in_the_backends_journal_and_can_be_made_to_fail() {
    if tools().is_none() {
        return;
    }
    let index = Index::start();
    let sandbox = Sandbox::new().index(&index).project("app", "1", &[]);
    let pyproject = |setting: &str| sandbox.read("pyproject.toml") + "\n[tool.tinybackend]\n" + setting + "\n";
    let (works, fails) = (pyproject("journal = \"builds\""), pyproject("fail = \"cannot build this\""));
    let sandbox = sandbox.file("pyproject.toml", works);
    assert_eq!(install(&sandbox, &index.url(), &["--editable", "."]).code(), 0);
    assert!(sandbox.read("builds").ends_with("editable app\n"), "{}", sandbox.read("builds"));
    let sandbox = sandbox.file("pyproject.toml", fails);
    let run = install(&sandbox, &index.url(), &["."]);
    assert_eq!(run.code(), 1);
    assert!(run.stderr().contains("cannot build this"), "{}", run.stderr());
}

#[test]
fn faults_reach_the_client() {
    if tools().is_none() {
        return;
    }
    for (fault, said) in [
        (Fault::WrongHash, "Hash mismatch"),
        (Fault::Truncated(99), "end of file"),
        (Fault::Status(403), "403"),
        (Fault::Status(500), "500"),
    ] {
        let index = Index::start().add(left_pad()).fault("left_pad-1.0", fault.clone());
        let sandbox = Sandbox::new().env("UV_HTTP_RETRIES", "0");
        let run = install(&sandbox, &index.url(), &["left-pad", "--no-cache"]);
        assert_ne!(run.code(), 0, "{fault:?}");
        assert!(run.stderr().contains(said), "{fault:?}: {}", run.stderr());
    }
    let sandbox = Sandbox::new().env("UV_HTTP_RETRIES", "0");
    let run = install(&sandbox, &format!("{}/simple", refused_url()), &["left-pad"]);
    assert!(run.stderr().contains("refused"), "{}", run.stderr());
}

#[test]
fn faults_end_after_their_count() {
    let index = Index::start().add(left_pad());
    let index = index.fault("/files/", Fault::StatusTimes(503, 1)).fault("/files/", Fault::Truncated(1));
    let index = index.fault("/files/", Fault::Slow(Duration::from_millis(1)));
    let url = format!("{}/files/left_pad-1.0-py3-none-any.whl", index.origin());
    assert_eq!(ureq::get(&url).call().unwrap_err().to_string(), "http status: 503");
    assert!(ureq::get(&url).call().unwrap().body_mut().read_to_vec().is_err());
    let whole = ureq::get(&url).call().unwrap().body_mut().read_to_vec().unwrap();
    assert_eq!(whole, left_pad().content);
    let part = ureq::get(&url).header("Range", "bytes=4-9").call().unwrap().body_mut().read_to_vec().unwrap();
    assert_eq!(part, whole[4..=9]);
}

#[test]
fn credentials_are_wanted_and_taken() {
    if tools().is_none() {
        return;
    }
    let index = Index::start().add(left_pad()).credentials("me", "p w");
    let sandbox = Sandbox::new();
    assert_ne!(install(&sandbox, &index.url(), &["left-pad"]).code(), 0);
    let run = install(&sandbox, &index.url_with("me", "p%20w"), &["left-pad"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
}

#[test]
fn the_proxy_passes_on_and_tells() {
    if tools().is_none() {
        return;
    }
    let index = Index::start().add(left_pad());
    for (proxy, user) in [(Proxy::start(), ""), (Proxy::with_credentials("me", "secret"), "me:secret@")] {
        let url = proxy.url().replacen("://", &format!("://{user}"), 1);
        let sandbox = Sandbox::new().env("HTTP_PROXY", url);
        let run = install(&sandbox, &index.url(), &["left-pad"]);
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let targets: Vec<_> = proxy.requests().into_iter().map(|request| request.target).collect();
        assert!(targets.contains(&format!("{}left-pad/", index.url())), "{targets:?}");
    }
}

#[test]
fn the_wheel_of_uv_installs_and_runs() {
    let Some((uv, _)) = tools() else { return };
    let index = Index::start().add(uv_wheel(uv));
    let sandbox = Sandbox::new();
    let run = install(&sandbox, &index.url(), &["uv"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let run = sandbox.command(sandbox.repo().join(".venv/bin/uv")).args(["--version"]).output();
    assert!(run.stdout().starts_with(&format!("uv {}", uv.version)), "{}", run.stdout());
}
