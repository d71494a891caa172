//! The wheel that `examples/wheel` makes, as pip and uv see it.

use std::process::Command;

use super::VERSION;
use crate::support::example::example;
use crate::support::index::Index;
use crate::support::output;
use crate::support::own_wheel::own_wheel;
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;

#[test]
fn pip_and_uv_install_a_prime_that_runs() {
    let (Some(uv), Some(python)) = (real_uv(), pythons::newest()) else { return };
    let index = Index::start().add(own_wheel());
    let sandbox = Sandbox::new().index(&index).link_python(python).link_uv(uv);
    let (python, venv) = (sandbox.bin().join(python.basename()), sandbox.root().join("venv"));
    let run = sandbox.command(&python).args(["-m", "venv"]).args([&venv]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let pip = ["-m", "pip", "install", "--disable-pip-version-check", "prime-bootstrap"];
    let run = sandbox.command(venv.join("bin/python")).args(pip).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    sandbox.command(venv.join("bin/prime")).args(["--version"]).stdout("prime [VERSION]\n").run();
    let show = sandbox.command(venv.join("bin/python")).args(["-m", "pip", "show", "-f", "prime-bootstrap"]).output();
    assert!(show.stdout().contains("../../../bin/prime\n"), "{}", show.stdout());
    let other = sandbox.root().join("other");
    let run = sandbox.command(sandbox.bin().join("uv")).args(["venv", "--python"]).args([&python, &other]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let install = ["pip", "install", "--default-index", &index.url(), "prime-bootstrap", "--python"].map(str::to_owned);
    let run = sandbox.command(sandbox.bin().join("uv")).args(install).args([&other]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    sandbox.command(other.join("bin/prime")).args(["--version"]).stdout("prime [VERSION]\n").run();
}

#[test]
fn the_example_packs_a_binary_and_refuses_what_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let pack = |binary: &str| output(Command::new(example("wheel")).arg(binary).arg(dir.path())).unwrap();
    let packed = pack(env!("CARGO_BIN_EXE_prime"));
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let path = String::from_utf8(packed.stdout).unwrap();
    let expected =
        prime::launcher::wheel::build(&std::fs::read(env!("CARGO_BIN_EXE_prime")).unwrap(), VERSION).unwrap();
    assert_eq!(path.trim(), dir.path().join(&expected.file_name).to_str().unwrap());
    assert!(std::fs::read(path.trim()).unwrap() == expected.content, "byte for byte");
    for wrong in ["/dev/null", "/bin/sh", "/nowhere"] {
        assert!(!pack(wrong).status.success(), "{wrong}");
    }
}
