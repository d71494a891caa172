//! How the launcher fetches: with what is there, once for all, and again where it was cut off.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::{Arc, Mutex};

use nix::sys::signal::Signal;

use super::{Launched, VERSION, names_in, shells};
use crate::support::http::{Gate, Response, Server};
use crate::support::index::{Fault, Format, Index};
use crate::support::own_wheel::own_wheel;
use crate::support::pythons;
use crate::support::run::Running;
use crate::support::{output, require_program, write};

const CROWD: usize = 30;
/// What the fetched files are called.
const WHEEL: &str = "/files/prime_bootstrap-";

#[track_caller]
fn assert_fetches(launched: &Launched, what: &str) {
    launched.forget();
    let run = launched.run(&["--version"]).output();
    let said = launched.sandbox.redact(&run.stderr());
    let expected = format!("obtain   prime {VERSION} ([INDEX])\n");
    assert_eq!(
        (run.code(), run.stdout(), said),
        (0, format!("prime {VERSION}\n"), launched.sandbox.redact(&expected)),
        "{what}"
    );
    assert_eq!(launched.kept(), [format!("prime-{VERSION}")], "{what}");
}

#[test]
fn every_shell_fetches_it_and_says_so_once() {
    let Some(launched) = Launched::new() else { return };
    for (number, shell) in shells().iter().enumerate() {
        launched.forget();
        let said = format!("obtain   prime {VERSION} ([INDEX])\n");
        let run = launched.run_by(shell, &["--version"]).output();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{shell:?}: {}", run.stderr());
        assert_eq!(launched.sandbox.redact(&run.stderr()), launched.sandbox.redact(&said), "{shell:?}");
        launched.run_by(shell, &["--version"]).stdout("prime [VERSION]\n").run();
        assert_eq!(
            (launched.fetched(), launched.kept()),
            (2 * number + 1, vec![format!("prime-{VERSION}")]),
            "{shell:?}"
        );
        launched.forget();
        let quiet = launched.run_by(shell, &["-q", "--version"]).output();
        assert_eq!((quiet.code(), quiet.stderr()), (0, String::new()), "{shell:?}");
        fs::remove_file(launched.cached()).unwrap();
    }
}

/// A repository whose launcher has this to download with, and this to digest with.
fn with(tools: &[&str]) -> Option<Launched> {
    let launched = Launched::with(Index::start().add(own_wheel()), &[])?;
    for name in tools {
        let program = match *name {
            "python3" => pythons::newest()?.executable.clone(),
            // Under this name busybox is a wget of its own.
            "busybox wget" => require_program("busybox")?,
            name => require_program(name)?,
        };
        symlink(program, launched.sandbox.bin().join(name.trim_start_matches("busybox "))).unwrap();
    }
    Some(launched)
}

#[test]
fn one_of_several_programs_downloads_and_one_digests() {
    for tools in [
        &["curl", "shasum", "perl"][..],
        &["curl", "openssl"],
        &["wget", "sha256sum"],
        &["busybox wget", "sha256sum"],
        &["python3"],
    ] {
        let Some(launched) = with(tools) else { continue };
        assert_fetches(&launched, &format!("{tools:?}"));
    }
}

#[test]
fn where_there_is_nothing_but_busybox_that_is_enough() {
    let Some(busybox) = require_program("busybox") else { return };
    let Some(launched) = Launched::with(Index::start().add(own_wheel()), &["wget", "sha256sum"]) else { return };
    let bin = launched.sandbox.bin();
    for name in names_in(&bin) {
        fs::remove_file(bin.join(&name)).unwrap();
        symlink(&busybox, bin.join(name)).unwrap();
    }
    launched.forget();
    let run = launched.run_by(&[bin.join("sh")], &["--version"]).output();
    assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
    assert_eq!(launched.kept(), [format!("prime-{VERSION}")]);
}

#[test]
fn a_connection_that_is_cut_and_a_server_that_fails_for_once_are_tried_again() {
    for tool in ["curl", "wget", "python3"] {
        for fault in [Fault::Truncated(2), Fault::StatusTimes(503, 1)] {
            // Neither wget nor Python tells a failure for once from one for good.
            if tool != "curl" && matches!(fault, Fault::StatusTimes(..)) {
                continue;
            }
            let Some(launched) = with(&[tool, "sha256sum"]) else { continue };
            let index = launched.index.fault(WHEEL, fault.clone());
            let launched = Launched { index, ..launched };
            assert_fetches(&launched, &format!("{tool}, {fault:?}"));
            assert!(launched.fetched() > 1, "{tool}, {fault:?}");
        }
    }
}

#[test]
fn pages_of_every_form_have_it() {
    for format in [Format::Json, Format::Html, Format::HtmlAlways] {
        let Some(launched) = Launched::of(Index::start().add(own_wheel()).format(format)) else { return };
        assert_fetches(&launched, &format!("{format:?}"));
    }
}

#[test]
fn many_at_once_fetch_once() {
    let Some(launched) = Launched::new() else { return };
    let runs: Vec<_> = (0..CROWD).map(|_| launched.run(&["--version"]).spawn()).collect();
    let runs: Vec<_> = runs.into_iter().map(Running::wait).collect();
    for run in &runs {
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
    }
    assert_eq!(runs.iter().filter(|run| !run.stderr().is_empty()).count(), 1);
    assert_eq!((launched.fetched(), launched.kept()), (1, vec![format!("prime-{VERSION}")]));
    eprintln!("launchers at once: {CROWD}, all well; fetched once");
}

/// A launcher that has begun to fetch and gets no further until the gate is opened.
fn stuck() -> Option<(Launched, Gate, Running)> {
    let launched = Launched::new()?;
    let gate = Gate::default();
    let index = launched.index.fault(WHEEL, Fault::Held(gate.clone()));
    let launched = Launched { index, ..launched };
    let mut run = launched.run(&["--version"]).spawn();
    assert!(run.wait_until(|_| launched.fetched() == 1), "{}", run.wait().stderr());
    Some((launched, gate, run))
}

#[test]
fn what_a_killed_one_left_is_removed_by_the_next() {
    let Some((launched, gate, run)) = stuck() else { return };
    assert_eq!(run.kill().code(), 137);
    assert!(!launched.cached().exists());
    assert_eq!(launched.kept().len(), 2, "the lock and what was begun: {:?}", launched.kept());
    gate.open();
    let run = launched.run(&["--version"]).output();
    assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
    assert_eq!(launched.kept(), [format!("prime-{VERSION}")]);
}

#[test]
fn one_that_is_killed_holds_up_none_of_those_that_wait_for_it() {
    let Some((launched, gate, run)) = stuck() else { return };
    let waiting: Vec<_> = (0..3).map(|_| launched.run(&["--version"]).spawn()).collect();
    assert_eq!(run.kill().code(), 137);
    gate.open();
    for run in waiting {
        let run = run.wait();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
    }
    assert_eq!(launched.kept(), [format!("prime-{VERSION}")]);
}

#[test]
fn one_that_is_stopped_leaves_nothing() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130), (Signal::SIGHUP, 129)] {
        let Some((launched, gate, run)) = stuck() else { return };
        let run = run.signal(signal);
        gate.open();
        assert_eq!((run.code(), run.stdout()), (code, String::new()), "{signal}");
        // The shell of the fetch may still be at it when the one that waits for it has gone.
        for _ in 0..500 {
            if launched.kept().is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(launched.kept(), [""; 0], "{signal}");
    }
}

#[test]
fn a_lock_that_a_dead_process_left_is_no_obstacle() {
    let Some(launched) = Launched::new() else { return };
    let node = output(Command::new("uname").arg("-n")).unwrap().stdout;
    let node = String::from_utf8(node).unwrap().trim_end().to_owned();
    fs::create_dir_all(launched.bin().join(format!(".new-{node}-999999999"))).unwrap();
    symlink(format!("999999999@{node}"), launched.bin().join(format!(".lock-{VERSION}"))).unwrap();
    let run = launched.run(&["--version"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert_eq!(names_in(&launched.bin()), [format!("prime-{VERSION}")]);
}

#[test]
fn what_is_unusable_in_the_cache_is_fetched_anew() {
    let Some(launched) = Launched::new() else { return };
    for (content, mode) in [("", 0o755), ("not a program", 0o644)] {
        launched.forget();
        write(&launched.cached(), content.as_bytes(), mode);
        let run = launched.run(&["--version"]).output();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{}", run.stderr());
    }
}

#[test]
fn of_several_files_of_the_name_the_pinned_one_is_taken() {
    let Some(launched) = Launched::new() else { return };
    let (own, asked) = (own_wheel(), Arc::new(Mutex::new(Vec::new())));
    let (name, log) = (own.filename.clone(), Arc::clone(&asked));
    let server = Server::start(move |request| {
        let path = request.target.clone();
        log.lock().unwrap().push(path.clone());
        let link = |place: &str, fragment: &str| format!("<a href=\"../../{place}/{name}{fragment}\">{name}</a>\n");
        let pinned = format!("#sha256={}", own.sha256);
        match path.split('/').nth(1).unwrap_or_default() {
            "simple" => {
                let links = [link("old", "#sha256=00"), link("none", ""), link("new", &pinned), link("last", "#md5=0")];
                Response::new(200, "text/html", links.concat())
            }
            "new" => Response::new(200, "application/octet-stream", own.content.clone()),
            _ => Response::new(200, "application/octet-stream", "another file"),
        }
    });
    for shell in shells() {
        let _ = fs::remove_file(launched.cached());
        asked.lock().unwrap().clear();
        let index = format!("{}/simple/", server.url());
        let run = launched.run_by(&shell, &["--version"]).env("PRIME_INDEX_URL", index).output();
        assert_eq!((run.code(), run.stdout()), (0, format!("prime {VERSION}\n")), "{shell:?}: {}", run.stderr());
        let paths = asked.lock().unwrap().clone();
        assert!(paths.len() == 2 && paths[1].starts_with("/new/"), "{shell:?}: {paths:?}");
    }
}
