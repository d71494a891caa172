use crate::support::mirror::Mirror;
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;

#[test]
fn uv_installs_a_python_from_the_mirror() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let mirror = Mirror::of(python);
    let sandbox = Sandbox::new().mirror(&mirror).link_uv(uv);
    let run = sandbox.command(&uv.executable).args(["python", "install", &python.series()]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let targets: Vec<_> = mirror.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/downloads.json", "/python.tar.gz"]);
    let found = sandbox.command(&uv.executable).args(["python", "find", &python.series()]).output().stdout();
    assert!(found.starts_with(sandbox.home().to_str().unwrap()), "{found}");
    let code = "import sys, ssl, sqlite3, ensurepip; print('%d.%d.%d' % sys.version_info[:3], sys.prefix)";
    let run = sandbox.command(found.trim()).args(["-c", code]).output();
    let expected = format!("{} [HOME]/", python.version);
    assert!(sandbox.redact(&run.stdout()).starts_with(&expected), "{} {}", run.stdout(), run.stderr());
    sandbox.command(&uv.executable).args(["venv", "--quiet", "--python", &python.series()]).run();
    let version = format!("Python {}\n", python.version);
    sandbox.command(sandbox.repo().join(".venv/bin/python")).args(["-V"]).stdout(version).run();
}

#[test]
fn a_python_that_the_mirror_lacks_is_not_had() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let mirror = Mirror::of(python);
    let sandbox = Sandbox::new().mirror(&mirror);
    let run = sandbox.command(&uv.executable).args(["python", "install", "3.99"]).output();
    assert_eq!(run.code(), 2, "{}", run.stderr());
    assert!(run.stderr().contains("3.99") && run.stderr().contains("No download found"), "{}", run.stderr());
    assert!(mirror.origin().starts_with("http://127.0.0.1:"));
}

#[test]
fn every_interpreter_has_a_version_of_its_own() {
    let versions: Vec<_> = pythons::all().map(|it| it.version.clone()).collect();
    for python in pythons::supported() {
        assert!(python.version.starts_with(&format!("{}.", python.series())), "{python}");
        assert_eq!(pythons::python(&python.series()), Some(python));
        assert_eq!(versions.iter().filter(|it| **it == python.version).count(), 1);
    }
}
