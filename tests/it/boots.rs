//! From a fresh clone to a working environment, without network.

use std::fs;

use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::index::{Fault, Format};
use crate::support::mirror::Mirror;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::{pythons, require_program};

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

const STAGES: [&str; 6] =
    ["", "stride_py_arbitrary", "stride_py_required", "stride_py_venv", "stride_deps_updated", "stride_src_updated"];

#[test]
fn every_python_boots_the_example_with_both_drivers() {
    let Some(uv) = real_uv() else { return };
    let index = hello_index();
    for python in pythons::supported() {
        let mut pins = Vec::new();
        for driver in DRIVERS {
            let sandbox = hello(python).index(&index).link_uv(uv).env("PROTOPRIMER_VENV_DRIVER", driver);
            let run = sandbox.prime(["run", "--", "hello"]).output();
            assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{python}, {driver}: {}", run.stderr());
            let code = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
            let version = format!("{}\n", python.version);
            sandbox.prime(["run", "--", "python", "-c", code]).stdout(version).run();
            pins.push(sandbox.read("constraints.txt"));
        }
        assert_eq!(pins[0], "humanize==4.99.0\nwcwidth==0.99.0\n", "{python}");
        assert_eq!(pins[0], pins[1], "{python}");
    }
}

#[test]
fn neither_python_nor_uv_need_be_there() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    for format in [Format::Json, Format::Html, Format::HtmlAlways] {
        let index = hello_index().add(uv_wheel(uv)).format(format);
        let mirror = Mirror::of(python);
        let sandbox = hello(python).index(&index).mirror(&mirror);
        fs::remove_file(sandbox.bin().join(python.basename())).unwrap();
        let run = sandbox.prime(["run", "--", "hello"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{format:?}: {}", run.stderr());
        let again = hello(python).index(&index).mirror(&mirror).env("XDG_CACHE_HOME", sandbox.cache());
        let asked = || index.paths().iter().filter(|path| path.contains("/files/uv-")).count();
        let before = asked();
        assert_eq!(again.prime(["-q"]).output().code(), 0);
        assert_eq!(asked(), before, "the cache has a uv");
    }
}

#[test]
fn a_download_that_breaks_off_is_tried_again() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index().add(uv_wheel(uv)).fault("/files/uv-", Fault::Truncated(1));
    // Without the driver named, pip would serve where the download stays broken.
    let sandbox = hello(python).index(&index).env("PROTOPRIMER_VENV_DRIVER", "venv_uv");
    let run = sandbox.prime(["run", "--", "hello"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, GREETING), "{}", run.stderr());
    let asked = index.paths().iter().filter(|path| path.contains("/files/uv-")).count();
    assert_eq!(asked, 2, "{}", run.stderr());
}

#[test]
fn a_ready_repo_is_silent_and_asks_nobody() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv);
    assert_eq!(sandbox.prime(["boot"]).output().code(), 0);
    let asked = index.requests().len();
    sandbox.prime(["boot"]).run();
    sandbox.prime(["run", "--", "hello"]).stdout(GREETING).run();
    assert_eq!(index.requests().len(), asked);
}

#[test]
fn a_cold_boot_execs_once_a_stage_and_never_goes_back() {
    let (Some(uv), Some(python), Some(strace)) = (real_uv(), hello_python(), require_program("strace")) else { return };
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv);
    let log = sandbox.root().join("strace");
    let options = ["-f", "-v", "-s", "65536", "-e", "trace=execve", "-o"];
    let traced = sandbox.command(strace).args(options).args([log.as_os_str(), env!("CARGO_BIN_EXE_prime").as_ref()]);
    assert_eq!(traced.output().code(), 0);
    let text = fs::read_to_string(log).unwrap();
    let ours = text.lines().filter(|line| line.contains(&format!("[\"{}\"]", env!("CARGO_BIN_EXE_prime"))));
    let stage = |line: &str| {
        let value = line.split("\"PROTOPRIMER_PY_EXEC=").nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or_default().to_owned()
    };
    assert_eq!(ours.map(stage).collect::<Vec<_>>(), STAGES);
}

#[test]
fn the_programs_own_status_and_arguments_pass_through() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv).env("SHELL", "/bin/sh");
    assert_eq!(sandbox.prime(["-q"]).output().code(), 0);
    sandbox.prime(["-c", "exit 7"]).code(7).run();
    sandbox.prime(["-c", "kill -TERM $$"]).code(143).run();
    let code = "import os, sys; print(sys.argv[1:], [name for name in os.environ if name.startswith('PROTOPRIMER')])";
    let run = sandbox.prime(["run", "--", "python", "-c", code, "a b", "", "--", "-v", "$x"]);
    run.stdout("['a b', '', '--', '-v', '$x'] []\n").run();
}
