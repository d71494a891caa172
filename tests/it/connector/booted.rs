//! Connectors that a boot makes sure of.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{connector, index, says, tiny, venv};
use crate::outcomes::document;
use crate::support::index::Index;
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// Each driver of the bootstrap, with the same tool for the connectors.
pub(super) const DRIVERS: [(&str, &str); 2] = [("venv_uv", "0"), ("venv_pip", "1")];
/// How many kills a boot gets.
const KILLS: u32 = 6;

/// A table for the tests' connector, with these further lines.
pub(super) fn table(lines: &str) -> String {
    format!("[connectors.source-tiny]\nensure = true\n{lines}")
}

/// A repository with one dependency and this configuration, and an index that has the connector in two versions.
pub(super) fn repository(configuration: &str, driver: (&str, &str)) -> Option<(Sandbox, Index)> {
    let library = Wheel::new("library", "1").file("library.py", "").build();
    let index = index([library, tiny("1.0").build(), tiny("2.0").build()]);
    let python = pythons::newest()?;
    let sandbox = Sandbox::new().index(&index).link_uv(real_uv()?).link_python(python);
    let sandbox = sandbox.file("requirements.txt", "library\n").file("prime.toml", configuration);
    let sandbox = sandbox.file(".python-version", python.series() + "\n");
    let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver.0).env("AIRBYTE_NO_UV", driver.1);
    Some((sandbox.env("UV_PYTHON_DOWNLOADS", "never"), index))
}

pub(super) fn booted(configuration: &str) -> Option<(Sandbox, Index)> {
    let (sandbox, index) = repository(configuration, DRIVERS[0])?;
    let boot = boot(&sandbox);
    assert_eq!(boot.0, 0, "{}", boot.1);
    Some((sandbox, index))
}

/// A boot: how it ended, and what it said.
pub(super) fn boot(sandbox: &Sandbox) -> (i32, String) {
    told(sandbox, &sandbox.prime(["boot"]).output())
}

fn told(sandbox: &Sandbox, run: &Run) -> (i32, String) {
    assert_eq!(run.stdout(), "");
    (run.code(), sandbox.redact(&run.stderr()))
}

/// What `check` says of the connector: its status, its detail, what a boot would do.
fn checked(sandbox: &Sandbox) -> (i32, String, String) {
    let run = sandbox.prime(["check", "--json"]).output();
    let document: Value = serde_json::from_str(&run.stdout()).unwrap_or_else(|_| panic!("{}", run.stderr()));
    let facts = document["data"]["facts"].as_array().unwrap();
    let fact = facts.iter().find(|fact| fact["subject"] == "connector").unwrap();
    assert_eq!(fact["name"], "source-tiny");
    let is_of_it = |it: &&Value| it["name"].as_str().unwrap().starts_with(".venv-source-tiny/");
    let of_files = facts.iter().filter(|it| it["subject"] == "input" && it["status"] != "ok").find(is_of_it);
    assert_eq!(of_files, None, "its files are told with it");
    let text = |key: &str| sandbox.redact(fact[key].as_str().unwrap_or_default());
    (run.code(), format!("{}: {}", text("status"), text("detail")), text("action"))
}

const INSTALLED: &str = "install  airbyte-source-tiny 1.0 ([REPO]/.venv-source-tiny)  [TIME]\n";

fn is_ready(sandbox: &Sandbox) -> bool {
    sandbox.prime(["start", "-m", "library"]).output().code() == 0
}

#[test]
fn a_boot_installs_it_after_the_groups_and_only_when_needed() {
    for driver in DRIVERS {
        let Some((sandbox, index)) = repository(&table("version = '1.0'\n"), driver) else { return };
        assert_eq!(checked(&sandbox), (1, "missing: not installed".into(), "install it".into()));
        let (code, said) = boot(&sandbox);
        let verbs: Vec<&str> = said.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!((code, &verbs[..]), (0, &["create", "install", "pin", "install"][..]), "{said}");
        assert!(said.ends_with(INSTALLED), "{said}");
        assert_eq!(says(&sandbox).as_deref(), Some("1.0"));
        assert!(is_ready(&sandbox));
        let asked = index.paths().len();
        assert_eq!(boot(&sandbox), (0, String::new()));
        assert_eq!(checked(&sandbox), (0, "ok: 1.0".into(), String::new()));
        assert_eq!(connector(&sandbox, &["list"]).1, "source-tiny 1.0  (`prime.toml` line 1)\n");
        assert_eq!(index.paths().len(), asked, "what is ready asks nobody");
        let offline = sandbox.prime(["--offline"]).output();
        assert_eq!(told(&sandbox, &offline), (0, String::new()));
    }
}

#[test]
fn what_happens_to_it_is_healed_and_nothing_else_is_touched() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = repository(&table("version = '1.0'\n"), driver) else { return };
        assert_eq!(boot(&sandbox).0, 0);
        let dir = venv(&sandbox);
        let program = dir.join("bin/source-tiny");
        let damages: [(&str, &dyn Fn()); 3] = [
            ("missing", &|| fs::remove_dir_all(&dir).unwrap()),
            ("damaged", &|| fs::remove_file(&program).unwrap()),
            ("damaged", &|| {
                fs::remove_file(dir.join("prime-connector.json")).and_then(|()| fs::remove_file(&program)).unwrap();
            }),
        ];
        for (status, damage) in damages {
            damage();
            let start = sandbox.prime(["start", "-m", "library"]).output();
            assert_eq!(start.code(), 78, "{}", start.stderr());
            assert!(sandbox.redact(&start.stderr()).contains("[REPO]/.venv-source-tiny/"), "{}", start.stderr());
            let (code, fact, action) = checked(&sandbox);
            assert!(code == 1 && fact.starts_with(status) && action == "install it", "{fact}");
            assert_eq!(boot(&sandbox), (0, INSTALLED.to_owned()), "{status}");
            assert_eq!(says(&sandbox).as_deref(), Some("1.0"));
            assert_eq!(boot(&sandbox), (0, String::new()));
        }
        // Anybody may install it anew; that is proven, and there is nothing to do.
        assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
        assert_eq!(boot(&sandbox), (0, String::new()));
        assert!(is_ready(&sandbox));
    }
}

#[test]
fn a_failure_has_its_cause_and_the_repository_is_not_ready() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = repository(&table("version = '9.9'\n"), driver) else { return };
        let (code, said) = boot(&sandbox);
        assert_eq!(code, 78, "{said}");
        for part in ["error: connector `source-tiny` (`prime.toml` line 1) cannot be made ready\n", "  cause: ", "9.9"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!is_ready(&sandbox) && !venv(&sandbox).exists());
        // What the groups have come to stays.
        fs::write(sandbox.repo().join("prime.toml"), table("version = '1.0'\n")).unwrap();
        assert_eq!(boot(&sandbox), (0, INSTALLED.to_owned()));
        assert!(is_ready(&sandbox));
    }
}

#[test]
fn a_failed_reboot_that_only_lacks_a_connector_does_not_make_the_environment_again() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\n")) else { return };
    fs::write(sandbox.repo().join("prime.toml"), table("version = '9.9'\n")).unwrap();
    let reboot = sandbox.prime(["reboot"]).output();
    assert!(reboot.code() == 78 && reboot.stderr().contains("9.9"), "{}", reboot.stderr());
    assert_eq!(says(&sandbox).as_deref(), Some("1.0"), "the old one is kept");
    fs::write(sandbox.repo().join("prime.toml"), table("version = '2.0'\n")).unwrap();
    assert_eq!(boot(&sandbox), (0, INSTALLED.replace("1.0", "2.0")));
    assert!(is_ready(&sandbox));
}

#[test]
fn a_reboot_leaves_a_connector_that_is_as_it_should_be_and_so_does_the_way_back() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\n")) else { return };
    let stamp = fs::read(venv(&sandbox).join("prime-connector.json")).unwrap();
    let reboot = sandbox.prime(["reboot"]).output();
    assert!(reboot.code() == 0 && !reboot.stderr().contains("source-tiny"), "{}", reboot.stderr());
    let undo = sandbox.prime(["reboot", "--undo"]).output();
    assert_eq!(undo.code(), 0, "{}", undo.stderr());
    assert!(is_ready(&sandbox));
    assert_eq!(boot(&sandbox), (0, String::new()));
    assert_eq!(fs::read(venv(&sandbox).join("prime-connector.json")).unwrap(), stamp);
}

#[test]
fn a_change_of_the_table_is_carried_out() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\n")) else { return };
    let with = |text: &str| {
        fs::write(sandbox.repo().join("prime.toml"), text).unwrap();
        boot(&sandbox)
    };
    assert_eq!(with(&table("version = '2.0'\n")), (0, INSTALLED.replace("1.0", "2.0")));
    // What does not concern its environment is no reason to make it again.
    assert_eq!(with(&table("version = '2.0'\nlimit = 3\n")), (0, String::new()));
    let elsewhere = with(&table("version = '2.0'\ninstall_root = 'connectors'\n"));
    assert_eq!(
        elsewhere,
        (0, "install  airbyte-source-tiny 2.0 ([REPO]/connectors/.venv-source-tiny)  [TIME]\n".into())
    );
    let contradiction = with(&table("version = '2.0'\npip_url = 'x'\n"));
    let message = "error: `connectors.source-tiny.pip_url` in `prime.toml` line 4 excludes `version` in `prime.toml` line 3\n\
                   hint: keep one of them\n";
    assert_eq!(contradiction, (78, message.to_owned()));
    let taken = with(&format!("local_venv_dir_rel_path = '.venv-source-tiny'\n{}", table("")));
    let message = "error: the environment of connector `source-tiny` (`prime.toml` line 2) would be `[REPO]/.venv-source-tiny`, the venv\n";
    assert!(taken.0 == 78 && taken.1.starts_with(message), "{}", taken.1);
    // One that no boot makes sure of may be missing.
    assert_eq!(with("[connectors.source-tiny]\nversion = '1.0'\ninstall_root = 'none'\n"), (0, String::new()));
    let detail = "ok: not installed; no boot makes sure of it (`ensure`)";
    assert_eq!(checked(&sandbox), (0, detail.into(), String::new()));
}

#[test]
fn a_file_of_it_that_is_gone_is_found_by_what_proves_and_brought_back() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\n")) else { return };
    let found = fs::read_dir(venv(&sandbox).join("lib")).unwrap().next().unwrap().unwrap().path();
    let file = found.join("site-packages/source_tiny.py");
    fs::remove_file(&file).unwrap();
    let (code, fact, _) = checked(&sandbox);
    assert!(code == 1 && fact.starts_with("damaged"), "{fact}");
    assert!(is_ready(&sandbox), "the stamp is trusted");
    assert_eq!(boot(&sandbox), (0, INSTALLED.to_owned()));
    assert!(file.is_file());
    assert_eq!(boot(&sandbox), (0, String::new()));
}

#[test]
fn what_the_table_does_not_say_any_more_is_taken_back() {
    let more = Wheel::new("more", "1").file("more.py", "").build();
    let pip_url = "pip_url = 'airbyte-source-tiny==1.0'\n";
    let with = format!("with = ['./{}']\n", more.filename);
    let Some((sandbox, _index)) = repository("", DRIVERS[0]) else { return };
    let sandbox = sandbox.file(&more.filename, &more.content).file("limits.txt", "other<2\n");
    let (constraints, python) =
        ("constraints = 'limits.txt'\n", format!("use_python = '{}'\n", pythons::newest().unwrap().series()));
    let changed = |lines: &str| {
        fs::write(sandbox.repo().join("prime.toml"), table(lines)).unwrap();
        let (code, said) = boot(&sandbox);
        assert_eq!(boot(&sandbox), (0, String::new()), "{lines}");
        (code, said.contains("install  airbyte-source-tiny"), says(&sandbox).unwrap())
    };
    let installed = |version: &str| (0, true, version.to_owned());
    for lines in [pip_url, constraints, &with, &python] {
        let version = if lines == pip_url { "1.0" } else { "2.0" };
        assert_eq!(changed(lines), installed(version), "{lines}");
        assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]).2, "", "{lines}");
        assert_eq!(changed("# nothing\n"), installed("2.0"), "after {lines}");
    }
    assert_eq!(changed(constraints), installed("2.0"));
    fs::write(sandbox.repo().join("limits.txt"), "other<3\n").unwrap();
    assert_eq!(changed(constraints), installed("2.0"), "its content counts");
}

#[test]
fn what_its_files_of_requirements_include_counts_as_well() {
    for lines in ["with = ['-r', 'all.txt']\n", "constraints = 'all.txt'\n"] {
        let Some((sandbox, _index)) = repository(&table(&format!("version = '1.0'\n{lines}")), DRIVERS[0]) else {
            return;
        };
        let sandbox = sandbox.file("all.txt", "library<9\n-c limits.txt\n").file("limits.txt", "library<8\n");
        assert_eq!(boot(&sandbox).0, 0, "{lines}");
        assert!(is_ready(&sandbox), "{lines}");
        let key = || sandbox.prime(["cache", "key"]).output().stdout();
        let before = key();
        for file in ["all.txt", "limits.txt"] {
            fs::write(sandbox.repo().join(file), sandbox.read(file) + "library<7\n").unwrap();
            assert!(!is_ready(&sandbox), "{lines} {file}");
            assert_ne!(key(), before, "{lines} {file}");
            assert_eq!(boot(&sandbox), (0, INSTALLED.to_owned()), "{lines} {file}");
            assert!(is_ready(&sandbox), "{lines} {file}");
        }
    }
}

#[test]
fn a_version_of_a_program_that_is_there_is_refused_by_check_as_by_the_boot() {
    let Some((sandbox, _index)) = booted("") else { return };
    let sandbox = sandbox.fake("source-tiny", "exit 0");
    fs::write(sandbox.repo().join("prime.toml"), table("version = '1.0'\n")).unwrap();
    let why = "a version is not supported with a local executable";
    let (code, fact, _) = checked(&sandbox);
    assert_eq!((code, fact), (1, format!("damaged: {why}")));
    let (code, said) = boot(&sandbox);
    assert!(code == 2 && said.contains(why), "{code} {said}");
}

#[test]
fn where_the_variable_puts_it_counts() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\n")) else { return };
    let elsewhere = sandbox.root().join("elsewhere");
    let run = sandbox.prime(["boot"]).env("AIRBYTE_INSTALL_DIR", &elsewhere).output();
    assert!(run.code() == 0 && elsewhere.join(".venv-source-tiny/pyvenv.cfg").is_file(), "{}", run.stderr());
    assert_eq!(boot(&sandbox), (0, String::new()));
    fs::remove_dir_all(venv(&sandbox)).unwrap();
    assert_eq!(boot(&sandbox), (0, INSTALLED.to_owned()));
}

#[test]
fn a_program_that_is_gone_makes_the_repository_not_ready() {
    let text = "[connectors.tiny]\nensure = true\nlocal_executable = './tiny'\n";
    let Some((sandbox, _index)) = repository(text, DRIVERS[0]) else { return };
    let sandbox = sandbox.script("tiny", "#!/bin/sh\n");
    assert_eq!(boot(&sandbox).0, 0);
    assert_eq!(boot(&sandbox), (0, String::new()));
    fs::remove_file(sandbox.repo().join("tiny")).unwrap();
    let (code, said) = boot(&sandbox);
    let expected = "error: connector `tiny` (`prime.toml` line 1) cannot be made ready\n  cause: the connector's executable \
                    `[REPO]/tiny` was not found\n";
    assert!(code == 127 && said.starts_with(expected), "{said}");
    assert!(!is_ready(&sandbox));
}

#[test]
fn without_the_network_a_missing_one_is_an_error() {
    let Some((sandbox, _index)) = booted("") else { return };
    fs::write(sandbox.repo().join("prime.toml"), table("")).unwrap();
    let offline = sandbox.prime(["--offline"]).output();
    let (code, said) = told(&sandbox, &offline);
    assert!(code != 0 && said.contains("connector `source-tiny` (`prime.toml` line 1) cannot be made ready"), "{said}");
    assert!(!is_ready(&sandbox));
    assert_eq!(boot(&sandbox), (0, INSTALLED.replace("1.0", "2.0")));
}

#[test]
fn a_boot_that_is_killed_at_it_is_healed_by_the_next() {
    for driver in DRIVERS {
        let Some((sandbox, _index)) = repository("", driver) else { return };
        assert_eq!(boot(&sandbox).0, 0);
        fs::write(sandbox.repo().join("prime.toml"), table("version = '1.0'\n")).unwrap();
        assert_eq!(boot(&sandbox).0, 0);
        fs::remove_dir_all(venv(&sandbox)).unwrap();
        let start = Instant::now();
        assert_eq!(boot(&sandbox).0, 0);
        let whole = start.elapsed();
        let mut unready = 0;
        for number in 0..KILLS {
            fs::remove_dir_all(venv(&sandbox)).unwrap();
            let run = sandbox.prime(["boot"]).spawn();
            sleep(whole * number / KILLS + Duration::from_millis(5));
            run.kill();
            let ready = is_ready(&sandbox);
            assert!(!ready || says(&sandbox).is_some(), "{number}: it is called ready and is not");
            unready += u32::from(!ready);
            let (code, said) = boot(&sandbox);
            assert_eq!((code, says(&sandbox).as_deref()), (0, Some("1.0")), "{number}: {said}");
            assert!(!said.contains("library") && !said.contains("create"), "{number}: {said}");
            assert_eq!(boot(&sandbox), (0, String::new()));
        }
        assert!(unready > 0, "no kill hit a boot at work");
    }
}

#[test]
fn several_boots_at_once_install_it_once() {
    let Some((sandbox, _index)) = repository(&table("version = '1.0'\n"), DRIVERS[0]) else { return };
    let runs: Vec<_> = (0..4).map(|_| sandbox.prime(["boot"]).spawn()).collect();
    let ended: Vec<Run> = runs.into_iter().map(crate::support::run::Running::wait).collect();
    let said: String = ended.iter().map(Run::stderr).collect();
    assert!(ended.iter().all(|run| run.code() == 0), "{said}");
    assert_eq!(said.matches("install  airbyte-source-tiny").count(), 1, "{said}");
    assert!(is_ready(&sandbox));
}

#[test]
fn a_ready_run_reads_nothing_of_it() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\nconfig = 'c.json'\nsource_manifest = false\n"))
    else {
        return;
    };
    assert_eq!(says(&sandbox).as_deref(), Some("1.0"));
    let stamps = fs::read_dir(sandbox.repo().join(".prime")).unwrap().map(|it| it.unwrap().path());
    let stamps: String = stamps.filter_map(|path| fs::read_to_string(path).ok()).collect();
    let stamp = ".venv-source-tiny/prime-connector.json";
    assert!(stamps.contains(stamp), "{stamps}");
    // What trusts the stamp reads nothing of it; what proves it reads its stamp, and sees files without reading them.
    for (words, reads) in [(&["start", "-m", "library"][..], false), (&["boot"], true)] {
        let Some((run, trace)) = sandbox.traced("open,openat,execve", words) else { return };
        assert_eq!((run.code(), run.stderr()), (0, String::new()));
        let opened: Vec<_> = trace.calls.iter().filter(|call| !call.contains("= -1")).collect();
        let is_file_of_it = |call: &&&String| call.contains(".venv-source-tiny") && !call.contains("O_DIRECTORY");
        let of_it: Vec<_> = opened.iter().filter(is_file_of_it).collect();
        assert!(of_it.iter().all(|call| reads && (call.contains(stamp) || call.contains("/RECORD"))), "{of_it:#?}");
        assert_eq!(of_it.iter().any(|call| call.contains(stamp)), reads, "{of_it:#?}");
        assert!(opened.iter().all(|call| !call.contains("prime.toml")), "{opened:#?}");
    }
}

#[test]
fn what_a_command_says_for_programs_is_as_its_schema_says() {
    let Some((sandbox, _index)) = booted(&table("version = '1.0'\nconfig = { a = 1 }\n")) else { return };
    for command in ["install", "ensure", "version", "which", "spec", "check", "uninstall"] {
        let run = sandbox.prime(["connector", command, "source-tiny", "--json"]).output();
        let document = document(&sandbox, &run);
        assert_eq!(
            (&document["status"], document["data"].is_object()),
            (&"ok".into(), true),
            "{command}: {document:#}"
        );
    }
    for command in ["connector list", "check"] {
        let document = document(&sandbox, &sandbox.prime(command.split(' ').chain(["--json"])).output());
        assert!(document.to_string().contains("not installed"), "{document:#}");
    }
}
