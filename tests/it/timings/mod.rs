//! `--timings`: every stage, program and download of a run is on its page and in its document, however the run ends.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use jsonschema::validator_for;
use prime::ui::record::{Kind, Record};
use serde_json::Value as Json;

use crate::support::STAGES;
use crate::support::hello::hello_python;
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

mod browser;

const USER: &str = "the-user";
const PASSWORD: &str = "hidden-word";

/// An index that wants credentials, and has a dependency and uv.
fn index() -> Option<Index> {
    let left = Wheel::new("left", "1.0").file("left.py", "version = 1\n").build();
    Some(Index::start().add(left).add(uv_wheel(real_uv()?)).credentials(USER, PASSWORD))
}

/// A repo with a project that is built and one dependency, a python and no uv.
fn repo(driver: &str, index: &Index) -> Option<Sandbox> {
    let python = hello_python()?;
    let sandbox = Sandbox::new().link_python(python).file(".python-version", python.series() + "\n");
    let sandbox = sandbox.project("app", "1", &["left"]).env("PROTOPRIMER_VENV_DRIVER", driver);
    Some(sandbox.env("PIP_INDEX_URL", index.url_with(USER, PASSWORD)))
}

/// The document of a run, as its schema has it.
#[track_caller]
fn document(sandbox: &Sandbox, path: &str) -> Json {
    let document: Json = serde_json::from_str(&sandbox.read(path)).unwrap();
    let schema: Json = serde_json::from_slice(&sandbox.prime(["schema", "timings"]).output().stdout).unwrap();
    let errors: Vec<String> =
        validator_for(&schema).unwrap().iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0], "{document:#}");
    document
}

/// Name and detail of the spans of a kind.
fn spans<'d>(document: &'d Json, kind: &str) -> Vec<(&'d str, &'d str)> {
    let spans = document["spans"].as_array().unwrap().iter().filter(|span| span["kind"] == kind);
    spans.map(|span| (span["name"].as_str().unwrap(), span["detail"].as_str().unwrap())).collect()
}

/// The names of what lies in a directory and ends like this.
fn ending(dir: &Path, end: &str) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).filter(|name| name.ends_with(end)).collect()
}

#[test]
fn a_cold_boot_is_told_stage_by_stage_with_each_driver_and_without_secrets() {
    for (driver, install) in [("venv_uv", ("uv", "pip install")), ("venv_pip", ("python", "-m pip install"))] {
        let Some(index) = index() else { return };
        let Some(sandbox) = repo(driver, &index) else { return };
        let run = sandbox.prime(["--timings"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let said = sandbox.redact(&run.stderr());
        assert!(said.ends_with("timings  [REPO]/.prime/log/timings.html\n"), "{said}");
        let document = document(&sandbox, ".prime/log/timings.json");
        assert_eq!((&document["status"], &document["command"]), (&"ok".into(), &"boot".into()), "{driver}");
        assert_eq!(spans(&document, "stage"), STAGES.map(|stage| (stage, "")), "{driver}");
        let children = spans(&document, "child");
        assert!(children.iter().any(|it| it.0 == install.0 && it.1 == install.1), "{driver}: {children:?}");
        let steps: Vec<&str> = spans(&document, "step").iter().map(|it| it.0).collect();
        assert!(["create", "install", "pin"].iter().all(|step| steps.contains(step)), "{driver}: {steps:?}");
        if driver == "venv_uv" {
            assert_downloaded(&document);
        }
        let page = sandbox.read(".prime/log/timings.html");
        let document = sandbox.read(".prime/log/timings.json");
        assert!(STAGES.iter().all(|stage| page.contains(stage)) && page.contains(install.1), "{driver}");
        assert!(![&page, &document].iter().any(|text| text.contains(PASSWORD)), "{driver}");
        assert_eq!(ending(&sandbox.repo().join(".prime/log"), ".jsonl"), [""; 0], "{driver}");
    }
}

/// The wheel of uv is there, with the size that it has.
#[track_caller]
fn assert_downloaded(document: &Json) {
    let spans = document["spans"].as_array().unwrap().iter();
    let of_wheel = |span: &&Json| {
        span["kind"] == "download"
            && span["name"].as_str().is_some_and(|it| Path::new(it).extension() == Some("whl".as_ref()))
    };
    let wheels: Vec<&Json> = spans.filter(of_wheel).collect();
    assert_eq!(wheels.len(), 1, "{document:#}");
    assert!(wheels[0]["bytes"].as_u64() > Some(1 << 20) && wheels[0]["outcome"] == "ok", "{}", wheels[0]);
}

#[test]
fn a_run_that_fails_is_told_up_to_where_it_failed() {
    let Some(index) = index() else { return };
    let index = index.fault("/left", Fault::Status(404));
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    let run = sandbox.prime(["--timings=out/t.html", "boot"]).output();
    assert_eq!(run.code(), 78, "{}", run.stderr());
    let document = document(&sandbox, "out/t.json");
    assert_eq!((&document["status"], &document["exit_code"]), (&"error".into(), &78.into()));
    assert!(document["cause"].is_string() && document["detail"].is_string(), "{document:#}");
    assert_eq!(spans(&document, "stage"), STAGES[..4].iter().map(|it| (*it, "")).collect::<Vec<_>>());
    let page = sandbox.read("out/t.html");
    assert!(page.contains("failed, exit code 78") && page.contains(document["cause"].as_str().unwrap()));
}

#[test]
fn a_ready_run_has_one_stage_and_what_it_did_not_need() {
    let Some(index) = index() else { return };
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
    let run = sandbox.prime(["boot", "--timings=t.html", "--json"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let told: Json = serde_json::from_slice(&run.stdout).unwrap();
    let files = &told["data"]["timings"];
    assert_eq!(files["page"], sandbox.repo().join("t.html").display().to_string());
    assert_eq!(files["document"], sandbox.repo().join("t.json").display().to_string());
    let schema: Json =
        serde_json::from_slice(&sandbox.prime(["schema", "outcome", "--of", "boot"]).output().stdout).unwrap();
    assert!(validator_for(&schema).unwrap().is_valid(&told), "{told:#}");
    let document = document(&sandbox, "t.json");
    assert_eq!(spans(&document, "stage"), [("stride_py_unknown", "")]);
    let skipped = spans(&document, "skipped");
    assert!(matches!(skipped[..], [("all", why)] if why.contains("is ready")), "{skipped:?}");
    assert_eq!(spans(&document, "child"), []);
}

#[test]
fn what_takes_over_finds_the_page_written_and_nothing_of_the_record() {
    let Some(index) = index() else { return };
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    let script = "test -s t.html && test -s t.json && env | grep -c PRIME_RECORD; ls";
    let run =
        sandbox.prime(["run", "--timings=t.html", "--", "/bin/sh", "-c", script]).env("PATH", path(&sandbox)).output();
    let said = run.stdout();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((run.code(), lines[0]), (0, "0"), "{}", run.stderr());
    assert!(!lines.iter().any(|name| name.contains(".jsonl")), "{said}");
    assert_eq!(document(&sandbox, "t.json")["status"], "handed_over");
    assert!(sandbox.read("t.html").contains("handed over to sh"));
}

fn path(sandbox: &Sandbox) -> String {
    format!("{}:/usr/bin:/bin", sandbox.bin().display())
}

#[test]
fn what_was_killed_leaves_a_record_that_says_what_it_was_at() {
    let Some(index) = index() else { return };
    let gate = Gate::default();
    let index = index.fault("left-1.0", Fault::Held(gate.clone()));
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    let record = || {
        let name = ending(&sandbox.repo(), ".jsonl").pop()?;
        Record::load(&sandbox.repo().join(name))
    };
    let is_installing = |record: &Record| {
        record.spans.iter().any(|span| span.kind == Kind::Child && span.detail == "pip install" && span.end.is_none())
    };
    let mut running = sandbox.prime(["--timings=t.html"]).spawn();
    assert!(running.wait_until(|_| record().is_some_and(|it| is_installing(&it))), "{}", running.stderr());
    assert_eq!(running.kill().code(), 137);
    let left = record().unwrap();
    assert!(left.end.is_none() && is_installing(&left), "{left:#?}");
    let stages: Vec<_> = left.spans.iter().filter(|it| it.kind == Kind::Stage).map(|it| it.end.is_some()).collect();
    assert_eq!(stages, [true, true, true, false]);
    assert!(!sandbox.repo().join("t.html").exists());
    gate.open();
    for is_old in [false, true] {
        let [name] = ending(&sandbox.repo(), ".jsonl").try_into().unwrap();
        if is_old {
            let record = fs::File::options().append(true).open(sandbox.repo().join(name)).unwrap();
            record.set_modified(SystemTime::now() - Duration::from_secs(25 * 60 * 60)).unwrap();
        }
        let run = sandbox.prime(["--timings=t.html"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        assert_eq!(document(&sandbox, "t.json")["status"], "ok");
    }
    assert_eq!(ending(&sandbox.repo(), ".jsonl"), [""; 0], "the run after a day takes it away");
}

#[test]
fn a_record_that_is_not_of_this_run_is_left_alone_and_one_that_is_lost_stops_nothing() {
    let Some(index) = index() else { return };
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    let sandbox = sandbox.file("mine", "mine\n");
    let run = sandbox.prime(["boot", "--timings=t.html"]).env("PRIME_RECORD", sandbox.repo().join("mine")).output();
    assert_eq!((run.code(), sandbox.read("mine").as_str()), (0, "mine\n"), "{}", run.stderr());
    assert_eq!(document(&sandbox, "t.json")["status"], "ok");
    fs::remove_dir_all(sandbox.repo().join(".venv")).unwrap();
    let lost = sandbox.prime(["boot", "--timings=t.html"]).env("PRIME_RECORD", "/nonexistent/record");
    let run = lost.env("PROTOPRIMER_PY_EXEC", "stride_py_arbitrary").output();
    let told = run.stderr().contains("warning: the record of this run cannot be gone on with: ");
    assert!(run.code() == 0 && told && sandbox.repo().join(".venv/pyvenv.cfg").exists(), "{}", run.stderr());
}

#[test]
fn a_page_that_cannot_be_is_refused_before_anything_is_done() {
    let sandbox = Sandbox::new().file("prime.toml", "").file("dir/x", "").project("app", "1", &[]);
    for (args, code, message) in [
        (&["--timings=prime.toml/t.html"][..], 73, "cannot write"),
        (&["--timings=dir"], 2, "is a directory"),
        (&["--timings=t.json"], 2, "is where the document would be"),
        (&["script", "--timings", "x.py"], 2, "there is none"),
    ] {
        let run = sandbox.prime(args.iter().copied()).output();
        assert_eq!(run.code(), code, "{args:?}: {}", run.stderr());
        assert!(run.stderr().contains(message) && run.stderr().contains("hint: "), "{}", run.stderr());
    }
    assert!(!sandbox.repo().join(".venv").exists() && !sandbox.repo().join(".prime").exists());
}

#[test]
fn a_page_that_cannot_be_written_in_the_end_takes_nothing_from_the_run() {
    let Some(index) = index() else { return };
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    let sandbox = sandbox.file("t.json/in-the-way", "");
    let run = sandbox.prime(["--timings=t.html"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(run.stderr().contains("warning: the timings are not written: cannot write"), "{}", run.stderr());
    assert!(sandbox.repo().join(".venv/pyvenv.cfg").exists());
    assert_eq!(ending(&sandbox.repo(), ".jsonl").len(), 1);
}
