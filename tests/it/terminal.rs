//! What a person sees: on a terminal, in a pipe, at every verbosity; and what the log keeps.

use std::fs;
use std::path::Path;

use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::index::Index;
use crate::support::real_uv::{real_uv, uv_wheel};
use crate::support::require_program;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

const STAGES: [&str; 5] =
    ["stride_py_arbitrary", "stride_py_required", "stride_py_venv", "stride_deps_updated", "stride_src_updated"];

/// A repo that has to fetch uv first.
fn without_uv() -> Option<(Sandbox, Index)> {
    let (uv, python) = (real_uv()?, hello_python()?);
    let index = hello_index().add(uv_wheel(uv));
    Some((hello(python).index(&index), index))
}

fn on_a_terminal(sandbox: &Sandbox, arguments: &str) -> Option<Run> {
    let script = require_program("script")?;
    let command = format!("'{}' {arguments}", env!("CARGO_BIN_EXE_prime"));
    let log = sandbox.root().join("typescript");
    let run = sandbox.command(script).args(["-q", "-e", "-c", &command]).args([log.as_os_str()]);
    Some(run.env("TERM", "xterm").env("SHELL", "/bin/sh").output())
}

#[test]
fn a_terminal_shows_the_download_and_the_tools_own_progress() {
    let Some((sandbox, _index)) = without_uv() else { return };
    let Some(run) = on_a_terminal(&sandbox, "boot") else { return };
    assert_eq!(run.code(), 0, "{}", run.stdout());
    let seen = run.stdout();
    assert!(seen.contains('\r') && seen.contains("uv  ") && seen.contains("MiB/"), "the bar: {seen:?}");
    assert!(seen.contains("Installed") && seen.contains("humanize"), "uv's own: {seen:?}");
    assert!(seen.contains("\u{1b}[1m"), "colour: {seen:?}");
}

#[test]
fn nothing_moves_in_continuous_integration_or_when_quiet() {
    for (arguments, variable) in [("boot", "CI"), ("-q boot", "UNUSED"), ("ci", "UNUSED")] {
        let Some((sandbox, _index)) = without_uv() else { return };
        let sandbox = sandbox.env(variable, "true").env("NO_COLOR", "1");
        let Some(run) = on_a_terminal(&sandbox, arguments) else { return };
        assert_eq!(run.code(), 0, "{}", run.stdout());
        let seen = run.stdout().replace("\r\n", "\n");
        assert!(!seen.contains('\r') && !seen.contains('\u{1b}') && !seen.contains("Installed"), "{seen:?}");
        assert_eq!(seen.is_empty(), arguments.contains("-q"), "{seen:?}");
    }
}

#[test]
fn each_v_says_more() {
    let said = |arguments: &[&str], level: &str| {
        let (uv, python) = (real_uv()?, hello_python()?);
        let index = hello_index();
        let sandbox = hello(python).index(&index).link_uv(uv).env("PROTOPRIMER_STDERR_LOG_LEVEL", level);
        let run = sandbox.prime(arguments.iter().copied()).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{}", run.stderr());
        Some(run.stderr())
    };
    let Some(plain) = said(&["boot"], "") else { return };
    let (decisions, commands, all) = (said(&["-v"], ""), said(&["-vv"], ""), said(&["-vvv"], ""));
    let [decisions, commands, all] = [decisions, commands, all].map(Option::unwrap_or_default);
    assert_eq!(
        plain.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(),
        ["create", "install", "pin"]
    );
    let has = |text: &str| {
        let switches = text.contains("stride_py_arbitrary -> stride_py_required");
        (switches, text.contains("] run "), text.contains("Wanted {"))
    };
    assert_eq!(has(&plain), (false, false, false), "{plain}");
    assert_eq!(has(&decisions), (true, false, false), "{decisions}");
    assert_eq!(has(&commands), (true, true, false), "{commands}");
    assert_eq!(has(&all), (true, true, true), "{all}");
    assert_eq!(has(&said(&["boot"], "info").unwrap_or_default()), (true, false, false));
    assert_eq!(said(&["boot"], "40").unwrap_or_default(), "");
    assert_eq!(said(&["-qq"], "DEBUG").unwrap_or_default(), "");
}

#[test]
fn a_run_has_one_log_with_every_stage_and_old_ones_go() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv);
    let dir = sandbox.repo().join(".prime/log");
    fs::create_dir_all(&dir).unwrap();
    for second in 10..40 {
        fs::write(dir.join(format!("prime.20200101T0000{second}Z.1.log")), "").unwrap();
    }
    sandbox.prime(["-q", "run", "--", "hello"]).stdout(GREETING).run();
    let logs = names(&dir);
    assert_eq!(logs.len(), 20);
    let newest = fs::read_to_string(dir.join(logs.last().unwrap())).unwrap();
    for stage in STAGES {
        assert!(newest.contains(&format!("[{stage}]")), "{stage}: {newest}");
    }
    assert!(newest.contains("install hello (editable)") && newest.contains("] run "), "{newest}");
    sandbox.prime(["boot"]).run();
    assert_eq!(names(&dir), logs, "a ready run leaves none");
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let (Some(uv), Some(python), Some(sh)) = (real_uv(), hello_python(), require_program("sh")) else { return };
    let index = hello_index();
    let sandbox = hello(python).index(&index).link_uv(uv);
    let prime = env!("CARGO_BIN_EXE_prime");
    let script = format!(
        "{{ '{prime}' -v boot 2>&1; echo $? >status; }} | /bin/true; '{prime}' --help | /bin/true; /bin/cat status"
    );
    let run = sandbox.command(sh).args(["-c", &script]).output();
    assert_eq!((run.stdout().as_str(), run.stderr().as_str()), ("0\n", ""));
}

#[test]
fn colour_is_as_asked_for() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    let index = hello_index();
    for (arguments, colour) in [(["boot", "--color=always"], true), (["--color=never", "boot"], false)] {
        let sandbox = hello(python).index(&index).link_uv(uv);
        let run = sandbox.prime(arguments).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        assert_eq!(run.stderr().contains("\u{1b}[1m"), colour, "{}", run.stderr());
    }
}
