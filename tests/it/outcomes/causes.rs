//! Each cause that comes from outside the command line, provoked through both drivers: the same exit code, the same name.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::json;

use super::document;
use crate::robust::full::can_mount;
use crate::support::http::Gate;
use crate::support::index::{Fault, Index};
use crate::support::pair::Pair;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::require_program;
use crate::support::run::{Invocation, Run};
use crate::support::tls::TlsIndex;
use crate::support::wheel::{Package, Wheel};

const DRIVERS: [&str; 2] = ["venv_uv", "venv_pip"];

/// What is done to a repo so that its boot fails.
type Provoke = fn(Pair) -> Pair;

/// Changes the index of a repo.
fn faulty(pair: Pair, part: &str, fault: Fault) -> Pair {
    Pair { index: pair.index.fault(part, fault), ..pair }
}

/// Has project `one` need another one, of which the index has this file.
fn needing(pair: Pair, name: &str, package: Option<Package>) -> Pair {
    pair.project("one", &[name], "");
    let index = package.into_iter().fold(pair.index, Index::add);
    Pair { index, ..pair }
}

/// A wheel whose digest is as promised and whose content is none.
fn garbage() -> Package {
    Wheel::new("garbage", "1.0").package(b"this is no archive".to_vec())
}

fn for_another_platform() -> Package {
    Wheel::new("foreign", "1.0").tag("py3-none-win_amd64").file("foreign.py", "").build()
}

/// What goes wrong at the index, with the exit code and the cause.
const AT_THE_INDEX: [(&str, Provoke, i32, &str); 10] = [
    ("wants credentials", |it| Pair { index: it.index.credentials("me", "secret"), ..it }, 77, "unauthorized"),
    ("forbids a page", |it| faulty(it, "/simple/left/", Fault::Status(403)), 77, "unauthorized"),
    ("forbids a file", |it| faulty(it, "/files/left", Fault::Status(403)), 77, "unauthorized"),
    ("lacks a file", |it| faulty(it, "/files/left", Fault::Status(404)), 69, "not_found"),
    ("lacks a project", |it| needing(it, "nobody", None), 78, "no_such_project"),
    ("lacks a wheel for here", |it| needing(it, "foreign", Some(for_another_platform())), 78, "unsatisfiable"),
    ("promises another digest", |it| faulty(it, "left", Fault::WrongHash), 65, "hash_mismatch"),
    ("has a broken archive", |it| needing(it, "garbage", Some(garbage())), 65, "bad_data"),
    ("fails for a file", |it| faulty(it, "/files/left", Fault::Status(500)), 69, "index_unreachable"),
    ("fails for a page", |it| faulty(it, "/simple/left/", Fault::Status(500)), 69, "index_unreachable"),
];

fn boot(pair: &Pair) -> Invocation<'_> {
    pair.sandbox.prime(["--json", "boot"]).env("PIP_RETRIES", "0").env("UV_HTTP_RETRIES", "0")
}

/// The run failed like this, and says so in its document.
#[track_caller]
fn assert_told(pair: &Pair, run: &Run, expected: (i32, &str), what: &str) {
    let said = document(&pair.sandbox, run);
    let told = (&said["exit_code"], &said["cause"]["code"]);
    assert_eq!(told, (&json!(expected.0), &json!(expected.1)), "{what}: {said:#}");
}

fn made_with(driver: &str) -> Option<Pair> {
    Some(Pair::new()?.env("PROTOPRIMER_VENV_DRIVER", driver))
}

#[test]
fn what_goes_wrong_at_the_index_has_the_same_name_with_both_drivers() {
    for (what, provoke, code, cause) in AT_THE_INDEX {
        for driver in DRIVERS {
            let Some(pair) = made_with(driver).map(provoke) else { return };
            let run = boot(&pair).output();
            assert_told(&pair, &run, (code, cause), &format!("{what}, {driver}"));
        }
    }
}

/// What goes wrong where `prime` fetches uv itself, with the exit code and the cause.
const BEFORE_THERE_IS_A_UV: [(&str, Provoke, i32, &str); 4] = [
    ("wants credentials", |it| Pair { index: it.index.credentials("me", "secret"), ..it }, 77, "unauthorized"),
    ("promises another digest", |it| faulty(it, "uv-", Fault::WrongHash), 65, "hash_mismatch"),
    ("fails for a file", |it| faulty(it, "/files/uv-", Fault::Status(500)), 69, "index_unreachable"),
    ("lacks the file", |it| faulty(it, "/files/uv-", Fault::Status(404)), 69, "not_found"),
];

#[test]
fn what_goes_wrong_before_there_is_a_uv_has_the_same_name() {
    let Some(uv) = real_uv() else { return };
    for (what, provoke, code, cause) in BEFORE_THERE_IS_A_UV {
        let Some(pair) = made_with("venv_uv") else { return };
        fs::remove_file(pair.sandbox.bin().join("uv")).unwrap();
        let pair = provoke(Pair { index: pair.index.add(uv_wheel(uv)), ..pair });
        assert_told(&pair, &boot(&pair).output(), (code, cause), what);
    }
}

#[test]
fn a_configuration_that_says_too_little_has_the_same_name_with_both_drivers() {
    for driver in DRIVERS {
        let Some(pair) = made_with(driver) else { return };
        fs::remove_file(pair.path(".python-version")).unwrap();
        for project in ["one", "two"] {
            pair.write(&format!("{project}/pyproject.toml"), "[project]\nname = \"x\"\nversion = \"1\"\n");
        }
        assert_told(&pair, &boot(&pair).output(), (78, "missing_configuration"), driver);
    }
}

#[test]
fn a_command_that_is_missing_or_no_program_has_the_same_name_with_both_drivers() {
    for driver in DRIVERS {
        let Some(pair) = Pair::booted(driver) else { return };
        pair.write("note", "no program\n");
        for (words, code, cause) in [
            ("run -- nothing", 127, "command_missing"),
            ("start nothing", 127, "command_missing"),
            ("run -- ./note", 126, "command_not_executable"),
        ] {
            let run = pair.sandbox.prime(["--json"].into_iter().chain(words.split(' '))).output();
            assert_told(&pair, &run, (code, cause), &format!("{driver}, {words}"));
        }
    }
}

#[test]
fn an_authority_that_nobody_named_has_the_same_name_with_both_drivers() {
    for driver in DRIVERS {
        let Some(pair) = made_with(driver) else { return };
        let Some(index) = TlsIndex::start(pair.python, &[Wheel::new("left", "1.0").build()]) else { return };
        let run = boot(&pair).env("PIP_INDEX_URL", index.url()).output();
        assert_told(&pair, &run, (69, "untrusted_certificate"), driver);
    }
}

#[test]
fn a_python_that_must_not_be_downloaded_has_the_same_name_with_both_drivers() {
    for driver in DRIVERS {
        let Some(pair) = made_with(driver) else { return };
        pair.write(".python-version", if pair.python.series() == "3.10" { "3.11\n" } else { "3.10\n" });
        let run = boot(&pair).env("UV_PYTHON_DOWNLOADS", "never").output();
        assert_told(&pair, &run, (78, "python_download_blocked"), driver);
    }
}

#[test]
fn a_lock_that_another_holds_and_a_request_to_stop_have_the_same_name_with_both_drivers() {
    for driver in DRIVERS {
        let gate = Gate::default();
        let Some(pair) = made_with(driver).map(|it| faulty(it, "/simple/left/", Fault::Held(gate.clone()))) else {
            return;
        };
        let mut working = boot(&pair).spawn();
        let asks = working.wait_until(|_| pair.index.paths().iter().any(|path| path.contains("/left/")));
        assert!(asks, "{driver}: {}", working.stderr());
        let waiting = pair.sandbox.prime(["--json", "--lock-timeout", "0", "boot"]).output();
        assert_told(&pair, &waiting, (75, "lock_timeout"), driver);
        let stopped = working.signal(Signal::SIGTERM);
        gate.open();
        assert_told(&pair, &stopped, (143, "signal"), driver);
    }
}

/// Boots where what `$MOUNT` does has been done to the directory `$PLACE`; seen by nobody else.
const MOUNTED: &str = r#"set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
eval "$MOUNT"
PATH=$TOOLS
exec "$PRIME" --json boot"#;

/// What is done to `$PLACE`.
const WITHOUT_ROOM: &str = "mount -t tmpfs -o size=16k tmpfs \"$PLACE\"";
const READ_ONLY: &str = "mount --bind \"$PLACE\" \"$PLACE\" && mount -o remount,bind,ro \"$PLACE\"";

fn boot_on(pair: &Pair, place: &str, mount: &str) -> Option<Run> {
    let unshare = require_program("unshare")?;
    let run = pair.sandbox.command(unshare).args(["--mount", "--map-root-user", "/bin/sh", "-c", MOUNTED]);
    let run = run.env("MOUNT", mount).env("PLACE", pair.path(place)).env("TOOLS", pair.sandbox.bin());
    Some(run.env("PRIME", env!("CARGO_BIN_EXE_prime")).output())
}

#[test]
fn a_disk_that_takes_nothing_has_the_same_name_with_both_drivers() {
    if !can_mount() {
        return;
    }
    for (mount, code, cause) in [(WITHOUT_ROOM, 74, "disk_full"), (READ_ONLY, 73, "read_only")] {
        for driver in DRIVERS {
            // Where the environment is to be made, `prime` writes.
            let Some(pair) = made_with(driver) else { return };
            fs::create_dir(pair.path(".venv")).unwrap();
            let Some(run) = boot_on(&pair, ".venv", mount) else { return };
            assert_told(&pair, &run, (code, cause), &format!("{mount}, {driver}"));
            // Where packages are to be installed, the tool writes.
            let Some(pair) = Pair::booted(driver) else { return };
            pair.project("one", &["left", "extra"], "");
            let site = format!(".venv/lib/{}/site-packages", pair.python.basename());
            let Some(run) = boot_on(&pair, &site, mount) else { return };
            assert_told(&pair, &run, (code, cause), &format!("{mount}, {driver}"));
        }
    }
}
