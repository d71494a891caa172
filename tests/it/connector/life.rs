//! From the installation to the removal.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use super::{connector, index, is_empty, sandbox, says, tiny, venv};
use crate::support::index::Fault;
use crate::support::run::Running;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

/// By uv, and by pip.
const NO_UV: [&str; 2] = ["0", "true"];
/// How many at once.
const CROWD: usize = 8;

#[test]
fn a_connector_is_installed_told_and_removed() {
    for no_uv in NO_UV {
        let index = index([tiny("1.0").build()]);
        let Some(sandbox) = sandbox(&index) else { return };
        let journal = sandbox.root().join("calls");
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv).env("TINY_JOURNAL", &journal);
        // Usual in images; a connector's python compiles all the same, and just once.
        let sandbox = sandbox.env("PYTHONDONTWRITEBYTECODE", "1");
        let (code, stdout, stderr) = connector(&sandbox, &["install", "source-tiny"]);
        assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
        assert_eq!(stderr, "install  airbyte-source-tiny 1.0 ([REPO]/.venv-source-tiny)  [TIME]\n");
        assert_eq!(fs::read_to_string(&journal).unwrap(), "spec\n");
        let site = prime::venv::Venv::new(venv(&sandbox)).site_packages().remove(0);
        let mut compiled = fs::read_dir(site.join("__pycache__")).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(compiled.any(|name| name.to_string_lossy().starts_with("source_tiny.")), "{no_uv}");
        assert_eq!(says(&sandbox).as_deref(), Some("1.0"));
        let asked = index.paths().len();
        assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]), (0, String::new(), String::new()));
        for args in [&["version", "source-tiny"][..], &["version", "source-tiny", "--recheck"]] {
            assert_eq!(connector(&sandbox, args), (0, "1.0\n".into(), String::new()));
        }
        assert_eq!(connector(&sandbox, &["list"]), (0, "source-tiny 1.0\n".into(), String::new()));
        let program = "[REPO]/.venv-source-tiny/bin/source-tiny\n".to_owned();
        assert_eq!(connector(&sandbox, &["which", "source-tiny"]), (0, program, String::new()));
        assert_eq!(index.paths().len(), asked, "what is there is asked for nowhere");
        let (code, _, stderr) = connector(&sandbox, &["uninstall", "source-tiny"]);
        assert_eq!((code, stderr.as_str()), (0, "remove   [REPO]/.venv-source-tiny  [TIME]\n"));
        assert!(is_empty(&sandbox));
        let absent = (0, String::new(), "absent   [REPO]/.venv-source-tiny\n".to_owned());
        assert_eq!(connector(&sandbox, &["uninstall", "source-tiny"]), absent);
    }
}

#[test]
fn programs_read_what_is_installed() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let root = sandbox.root().join("elsewhere");
    let sandbox = sandbox.env("AIRBYTE_INSTALL_DIR", &root);
    assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
    assert!(root.join(".venv-source-tiny/pyvenv.cfg").is_file() && is_empty(&sandbox));
    let json = |args: &[&str]| -> Value { serde_json::from_str(&connector(&sandbox, args).1).unwrap() };
    assert_eq!(json(&["version", "source-tiny", "--json"])["data"]["version"], "1.0");
    assert_eq!(json(&["which", "source-tiny", "--json"])["data"]["executor"], "venv");
    let listed = &json(&["list", "--json"])["data"]["connectors"];
    assert_eq!((&listed[0]["name"], &listed[0]["package"]), (&"source-tiny".into(), &"airbyte-source-tiny".into()));
    assert_eq!(connector(&sandbox, &["list", "--install-root", "."]).1, "");
}

#[test]
fn only_environments_that_a_connector_may_have_are_listed() {
    let sandbox = Sandbox::new();
    let cfg = |name: &str| format!(".venv-{name}/pyvenv.cfg");
    let sandbox = sandbox.file(&cfg("ci"), "home = /x\nprime = 1\n").file(&cfg("a b"), "home = /x\n");
    let sandbox = sandbox.file(&cfg("source-other"), "home = /x\n").file(".venv-file", "").file(".venv-", "");
    symlink(sandbox.repo().join(".venv-source-other"), sandbox.repo().join(".venv-linked")).unwrap();
    assert_eq!(connector(&sandbox, &["list"]).1, "source-other -  (without its python)\n");
}

#[test]
fn a_failed_install_leaves_nothing_and_a_failed_upgrade_the_old_one() {
    for no_uv in NO_UV {
        let index = index([tiny("1.0").build(), tiny("2.0").requires("is-nowhere").build()]);
        let Some(sandbox) = sandbox(&index) else { return };
        let sandbox = sandbox.env("AIRBYTE_NO_UV", no_uv);
        let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--version", "2.0"]);
        assert_eq!(code, 78, "{stderr}");
        assert!(stderr.contains("is-nowhere"), "{stderr}");
        assert!(is_empty(&sandbox), "{no_uv}");
        assert_eq!(connector(&sandbox, &["install", "source-tiny", "--version", "1.0"]).0, 0);
        for command in ["install", "ensure"] {
            assert_eq!(connector(&sandbox, &[command, "source-tiny", "--version", "2.0"]).0, 78);
            assert_eq!(says(&sandbox).as_deref(), Some("1.0"));
            assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]), (0, String::new(), String::new()));
        }
    }
}

#[test]
fn another_version_is_installed_once_and_the_newest_is_found() {
    let index = index([tiny("1.0").build(), tiny("1.5").build(), tiny("2.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let version = || connector(&sandbox, &["version", "source-tiny"]).1;
    for (wanted, found) in [("1.0", "1.0\n"), ("latest", "2.0\n"), ("v1.5", "1.5\n"), ("1.5.0", "1.5\n")] {
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny", "--version", wanted]);
        assert_eq!((code, version().as_str()), (0, found), "{stderr}");
        assert_eq!(stderr.is_empty(), wanted == "1.5.0", "{stderr}");
    }
    let (code, _, stderr) = connector(&sandbox, &["ensure", "--no-fix", "source-tiny", "--version", "2.0"]);
    let expected = "\
error: connector `source-tiny` is 1.5, which does not match the version 2.0 that is wanted
hint: `prime connector ensure source-tiny --version 2.0` installs it
";
    assert_eq!((code, stderr.as_str()), (78, expected));
    // The version holds whatever says which python it is.
    let python = ["ensure", "source-tiny", "--version", "1.0", "--use-python", "true"];
    assert_eq!((connector(&sandbox, &python).0, version().as_str()), (0, "1.0\n"));
}

#[test]
fn a_program_of_another_name_is_found_by_its_entry_point() {
    let odd = Wheel::new("odd-tiny", "3.1").file("odd.py", "def main():\n    pass\n").script("odd-program", "odd:main");
    let two = Wheel::new("two", "1")
        .file("two.py", "def main():\n    pass\n")
        .script("a", "two:main")
        .script("b", "two:main");
    let none = Wheel::new("none", "1").file("none.py", "").build();
    let index = index([odd.build(), two.build(), none]);
    let Some(sandbox) = sandbox(&index) else { return };
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--pip-url", "odd-tiny"]);
    assert_eq!(code, 0, "{stderr}");
    // It cannot say what its configuration looks like, and is installed all the same.
    assert!(stderr.contains("warning: connector `source-tiny` does not answer `spec`: it says nothing\n"), "{stderr}");
    assert_eq!(connector(&sandbox, &["which", "source-tiny"]).1, "[REPO]/.venv-source-tiny/bin/odd-program\n");
    assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "3.1\n");
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--pip-url", "two"]);
    assert_eq!(code, 127);
    assert!(stderr.contains("has no `source-tiny`, and which of `a`, `b` is the connector is not known"), "{stderr}");
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--pip-url", "none"]);
    assert_eq!(code, 127);
    assert!(stderr.contains("error: the connector's executable `source-tiny` is not in `[REPO]/.venv-source-tiny`"));
    // The one that worked is there still.
    assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "3.1\n");
}

#[test]
fn what_is_broken_is_mended_in_the_version_that_it_had() {
    let index = index([tiny("1.0").build(), tiny("2.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    assert_eq!(connector(&sandbox, &["install", "source-tiny", "--version", "1.0"]).0, 0);
    let dir = venv(&sandbox);
    let site = prime::venv::Venv::new(&dir).site_packages().remove(0);
    let breaks: [(&str, &dyn Fn()); 5] = [
        ("the python of", &|| {
            fs::remove_file(dir.join("bin/python")).unwrap();
            symlink("/nowhere/python", dir.join("bin/python")).unwrap();
        }),
        ("is not in", &|| fs::remove_file(dir.join("bin/source-tiny")).unwrap()),
        ("`bin/source-tiny` has 10 bytes", &|| fs::write(dir.join("bin/source-tiny"), "#!/bin/sh\n").unwrap()),
        ("is damaged", &|| fs::write(site.join("source_tiny.py"), "").unwrap()),
        ("there is no", &|| fs::remove_dir_all(&dir).unwrap()),
    ];
    for (reason, break_it) in breaks {
        break_it();
        let (code, _, stderr) = connector(&sandbox, &["ensure", "--no-fix", "source-tiny"]);
        assert!(code == 78 && stderr.contains(reason), "{reason}: {stderr}");
        let no_install = connector(&sandbox, &["ensure", "--no-install", "source-tiny"]);
        assert_eq!((no_install.0, no_install.2), (78, stderr));
        let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny"]);
        assert_eq!(code, 0, "{reason}: {stderr}");
        // Nobody knows any more which one it was.
        let version = if reason == "there is no" { "2.0" } else { "1.0" };
        assert_eq!(says(&sandbox).as_deref(), Some(version), "{reason}");
    }
}

#[test]
fn an_environment_of_somebody_elses_serves_and_what_is_none_stays() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    assert_eq!(connector(&sandbox, &["install", "source-tiny"]).0, 0);
    // As PyAirbyte leaves one.
    fs::remove_file(venv(&sandbox).join("prime-connector.json")).unwrap();
    let cfg = venv(&sandbox).join("pyvenv.cfg");
    let text = fs::read_to_string(&cfg).unwrap();
    let text = text.lines().filter(|line| !line.starts_with("prime-connector = ")).map(|line| format!("{line}\n"));
    fs::write(&cfg, text.collect::<String>()).unwrap();
    let asked = index.paths().len();
    assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]), (0, String::new(), String::new()));
    assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "1.0\n");
    assert_eq!(connector(&sandbox, &["list"]).1, "source-tiny -  (not installed by prime)\n");
    assert_eq!(index.paths().len(), asked);
    fs::rename(venv(&sandbox), sandbox.root().join("aside")).unwrap();
    crate::support::write(&venv(&sandbox).join("pyvenv.cfg"), b"home = /x\nprime = 1\n", 0o644);
    let of_repository = connector(&sandbox, &["install", "source-tiny"]);
    assert!(
        of_repository.0 == 73 && of_repository.2.contains("is the environment of a repository"),
        "{of_repository:?}"
    );
    fs::remove_dir_all(venv(&sandbox)).unwrap();
    let expected = |what: &str| {
        format!("error: `[REPO]/.venv-source-tiny` is {what}\nhint: move it away, or choose another `--install-root`\n")
    };
    let check = |what: &str| {
        for command in ["install", "ensure", "uninstall"] {
            let (code, _, stderr) = connector(&sandbox, &[command, "source-tiny"]);
            assert_eq!((code, stderr), (73, expected(what)), "{command}");
        }
    };
    let file = venv(&sandbox).join("precious");
    crate::support::write(&file, b"mine", 0o644);
    check("a directory that is no environment");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    fs::remove_dir_all(venv(&sandbox)).unwrap();
    symlink(sandbox.root().join("aside"), venv(&sandbox)).unwrap();
    check("a symbolic link");
    assert!(sandbox.root().join("aside/pyvenv.cfg").is_file());
}

#[test]
fn requirements_are_words_with_more_of_them_and_constraints() {
    let pad = |version| Wheel::new("left-pad", version).file("left_pad.py", "").build();
    let index = index([tiny("1.0").build(), tiny("2.0").build(), pad("1.0"), pad("2.0")]);
    let Some(sandbox) = sandbox(&index) else { return };
    let sandbox = sandbox.file("limits.txt", "left-pad<2\n");
    let words = "'airbyte-source-tiny < 2' --no-cache";
    let args = ["ensure", "source-tiny", "--pip-url", words, "--with", "left-pad", "--constraints", "limits.txt"];
    let (code, _, stderr) = connector(&sandbox, &args);
    assert_eq!((code, says(&sandbox).as_deref()), (0, Some("1.0")), "{stderr}");
    assert_eq!(prime::venv::Venv::new(venv(&sandbox)).version_of("left_pad").as_deref(), Some("1.0"));
    // The same again is what is there; so is nothing in particular.
    assert_eq!(connector(&sandbox, &args), (0, String::new(), String::new()));
    assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]), (0, String::new(), String::new()));
    let other = ["ensure", "source-tiny", "--pip-url", "airbyte-source-tiny"];
    assert_eq!((connector(&sandbox, &other).0, says(&sandbox).as_deref()), (0, Some("2.0")));
    let (code, _, stderr) = connector(&sandbox, &["ensure", "source-tiny", "--pip-url", "it's"]);
    let expected = "error: `--pip-url` cannot be taken apart: `it's`\nhint: close every quote\n";
    assert_eq!((code, stderr.as_str()), (2, expected));
}

#[test]
fn credentials_of_a_requirement_are_no_argument_of_a_child_and_in_no_stamp() {
    for driver in ["", "1"] {
        let index = index([tiny("1.0").build()]).credentials("the-user", "hidden-word");
        let Some(sandbox) = sandbox(&index) else { return };
        let origin = index.origin().replace("://", "://the-user:hidden-word@");
        let requirement =
            format!("'airbyte-source-tiny @ {origin}/files/airbyte_source_tiny-1.0-py3-none-any.whl' --no-cache");
        let sandbox = sandbox.env("AIRBYTE_NO_UV", driver);
        // Not on the command line of `prime`, where a person has put it.
        let table = format!("[connectors.source-tiny]\npip_url = \"{requirement}\"\n");
        let sandbox = sandbox.file("prime.toml", table);
        let Some((run, trace)) = sandbox.traced("execve", &["-vvv", "connector", "ensure", "source-tiny"]) else {
            return;
        };
        assert_eq!((run.code(), says(&sandbox).as_deref()), (0, Some("1.0")), "{driver}: {}", run.stderr());
        let told: Vec<&String> = trace.calls.iter().filter(|call| call.contains("hidden-word")).collect();
        assert!(told.is_empty(), "{driver}: {told:#?}");
        assert!(!run.stderr().contains("hidden-word"), "{driver}: {}", run.stderr());
        let found = sandbox.command("/bin/grep").args(["-rl", "hidden-word", "."]).output();
        assert_eq!(found.stdout(), "./prime.toml\n", "{driver}");
        let again = connector(&sandbox, &["ensure", "source-tiny"]);
        assert_eq!(again, (0, String::new(), String::new()), "{driver}");
    }
}

#[test]
fn a_project_that_is_linked_is_run_from_its_environment() {
    let index = index([]);
    let Some(sandbox) = sandbox(&index) else { return };
    let sandbox = sandbox.project("my-connector", "0.3", &[]);
    let args = |words| ["install", "source-tiny", "--pip-url", words];
    let (code, _, stderr) = connector(&sandbox, &args("--editable ."));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(connector(&sandbox, &["which", "source-tiny"]).1, "[REPO]/.venv-source-tiny/bin/my-connector\n");
    assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "0.3\n");
}

#[test]
fn a_crowd_does_the_work_once() {
    for command in ["ensure", "install"] {
        let index = index([tiny("1.0").build()]);
        let Some(sandbox) = sandbox(&index) else { return };
        let journal = sandbox.root().join("calls");
        let sandbox = sandbox.env("TINY_JOURNAL", &journal);
        let start = || sandbox.prime(["connector", command, "source-tiny"]).spawn();
        let runs: Vec<_> = (0..CROWD).map(|_| start()).collect::<Vec<_>>().into_iter().map(Running::wait).collect();
        for run in &runs {
            assert_eq!(run.code(), 0, "{}", run.stderr());
        }
        let installed = runs.iter().filter(|run| run.stderr().contains("install  ")).count();
        assert_eq!((installed, fs::read_to_string(&journal).unwrap().as_str()), (1, "spec\n"), "{command}");
        assert_eq!(says(&sandbox).as_deref(), Some("1.0"));
    }
}

#[test]
fn an_index_that_cannot_be_had_is_told_and_leaves_nothing() {
    let index = index([]).fault("airbyte-source-tiny", Fault::Status(500));
    let Some(sandbox) = sandbox(&index) else { return };
    let sandbox = sandbox.env("UV_HTTP_RETRIES", "0");
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny"]);
    assert_eq!(code, 69, "{stderr}");
    assert!(is_empty(&sandbox));
}

#[test]
fn without_the_network_a_wrong_record_costs_nobody_the_cache() {
    let index = index([tiny("1.0").misrecorded("source_tiny_more.py", "more = 1\n", "").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny"]);
    assert_eq!(code, 0, "{stderr}");
    let asked = index.paths().len();
    for _ in 0..2 {
        assert_eq!(connector(&sandbox, &["uninstall", "source-tiny"]).0, 0);
        let run = sandbox.prime(["--offline", "connector", "install", "source-tiny", "--version", "1.0"]).output();
        let said = "error: what uv has in its cache of `airbyte-source-tiny` is damaged\n";
        assert_eq!(run.code(), 69, "{}", run.stderr());
        assert!(run.stderr().starts_with(said), "{}", run.stderr());
    }
    assert_eq!(index.paths().len(), asked);
}
