//! What `prime venv` says and does beyond Python's `venv`: its lines and its JSON, company, no process and no network.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use snapbox::str;

use super::comparison::{Case, Comparison, Total, case};
use super::{Maker, venv};
use crate::support::http::refused_url;
use crate::support::pythons::{self, Interpreter};
use crate::support::run::Running;
use crate::support::sandbox::Sandbox;
use crate::support::tree::Tree;
use crate::support::{bundled, write};

/// A sandbox whose redactions know the versions.
fn sandbox(python: &Interpreter) -> Sandbox {
    let pip = bundled::version(python, "pip").unwrap_or_default();
    Sandbox::new().redact_as("[VERSION]", &python.version).redact_as("[PIP]", &pip)
}

#[test]
fn a_line_tells_of_each_environment() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let python = &python.executable;
    venv(&sandbox, python, &["one", "two three"])
        .stderr(str![[r#"
create   [REPO]/one (python [VERSION], pip [PIP])  [TIME]
create   [REPO]/two three (python [VERSION], pip [PIP])  [TIME]

"#]])
        .run();
    venv(&sandbox, python, &["--without-pip", "bare"])
        .stderr(str![[r#"
create   [REPO]/bare (python [VERSION])  [TIME]

"#]])
        .run();
    venv(&sandbox, python, &["--upgrade", "one"])
        .stderr(str![[r#"
upgrade  [REPO]/one (python [VERSION])  [TIME]

"#]])
        .run();
    venv(&sandbox, python, &["--clear", "--with-pip", "one"])
        .stderr(str![[r#"
create   [REPO]/one (python [VERSION], pip [PIP])  [TIME]

"#]])
        .run();
    venv(&sandbox, python, &["-q", "silent"]).run();
    assert!(sandbox.repo().join("silent/bin/pip").exists());
}

#[test]
fn an_environment_needs_no_interpreter_to_be_named() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python).link_python(python).link("python3", &python.executable);
    for args in [&["venv", "by-default"][..], &["venv", "--python", &python.series(), "by-series"]] {
        let run = sandbox.prime(args.iter().copied()).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let env = sandbox.repo().join(args[args.len() - 1]);
        let code = "import sys; print(sys.prefix, '%d.%d.%d' % sys.version_info[:3])";
        let said = sandbox.command(env.join("bin/python")).args(["-c", code]).output().stdout();
        assert_eq!(said, format!("{} {}\n", env.display(), python.version));
    }
}

#[test]
fn of_two_options_about_pip_the_last_counts() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    for (options, has_pip) in [(["--without-pip", "--with-pip"], true), (["--with-pip", "--without-pip"], false)] {
        let run = venv(&sandbox, &python.executable, &[&options[..], &["--clear", "env"]].concat()).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        assert_eq!(sandbox.repo().join("env/bin/pip").exists(), has_pip, "{options:?}");
    }
}

#[test]
fn the_newest_pip_is_not_to_be_had_offline() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    venv(&sandbox, &python.executable, &["--offline", "--upgrade-deps", "env"])
        .code(69)
        .stderr(str![[r#"
error: `--upgrade-deps` asks the package index, and `--offline` forbids that
hint: leave one of them out

"#]])
        .run();
    assert!(!sandbox.repo().join("env").exists());
}

/// The document on standard output.
#[track_caller]
fn document(sandbox: &Sandbox, python: &Path, args: &[&str], code: i32) -> Value {
    let run = venv(sandbox, python, args).output();
    assert_eq!(run.code(), code, "{args:?}: {}", run.stderr());
    let document: Value = serde_json::from_slice(&run.stdout).unwrap();
    let head = [&document["schema"], &document["command"], &document["exit_code"]];
    assert_eq!(head, [&json!(1), &json!("venv"), &json!(code)]);
    document
}

#[test]
fn json_tells_what_was_made() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let document = document(&sandbox, &python.executable, &["--json", "--prompt", "P", "one", "sub/two"], 0);
    assert_eq!(document["status"], "ok");
    assert!(document.get("cause").is_none_or(Value::is_null), "{document}");
    let made = document["data"]["environments"].as_array().unwrap();
    assert_eq!(made.len(), 2);
    for (found, name) in made.iter().zip(["one", "sub/two"]) {
        let env = sandbox.repo().join(name);
        let path = |below: &str| json!(env.join(below));
        let library = format!("lib/{}/site-packages", python.basename());
        for (key, expected) in [
            ("env_dir", json!(env)),
            ("env_name", json!(env.file_name().unwrap().to_str().unwrap())),
            ("version", json!(python.version)),
            ("bin_path", path("bin")),
            ("env_exe", path(&format!("bin/{}", python.basename()))),
            ("lib_path", path(&library)),
            ("inc_path", path(&format!("include/{}", python.basename()))),
            ("cfg_path", path("pyvenv.cfg")),
            ("pip", json!(bundled::version(python, "pip"))),
        ] {
            assert_eq!(found[key], expected, "{key}: {found}");
        }
        assert!(found["prompt"].as_str().unwrap().contains('P'), "{found}");
        assert!(found["executable"].is_string() && found["python"].is_string(), "{found}");
    }
}

#[test]
fn json_has_no_pip_where_there_is_none() {
    let Some(python) = pythons::newest() else { return };
    let document = document(&sandbox(python), &python.executable, &["--json", "--without-pip", "env"], 0);
    assert_eq!(document["data"]["environments"][0]["pip"], Value::Null, "{document}");
}

#[test]
fn json_tells_why_nothing_was_made() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python).file("env", "a file").file("full/thing", "");
    for args in [&["--json", "env"][..], &["--json", "--clear", "full"]] {
        let document = document(&sandbox, &python.executable, args, 73);
        assert_eq!(document["status"], "error");
        let cause = &document["cause"];
        assert!(cause["code"].is_string(), "{document}");
        let name = format!("[REPO]/{}", args[args.len() - 1]);
        assert!(sandbox.redact(cause["detail"].as_str().unwrap()).contains(&name), "{document}");
        assert!(document["hint"].is_string(), "{document}");
    }
}

/// What is not the same in environments at different paths is left out: the files that know their path.
fn shape(env: &Path) -> Tree {
    Tree::of(env)
        .without_contents(|path| path.starts_with("bin") || path.ends_with("RECORD") || path.ends_with("pyvenv.cfg"))
}

#[test]
fn twenty_at_once_fill_an_empty_cache_and_make_the_same() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let start = |number: usize| venv(&sandbox, &python.executable, &[&format!("env{number}")]).spawn();
    let count = 20;
    let running: Vec<Running> = (0..count).map(start).collect();
    for (number, running) in running.into_iter().enumerate() {
        let run = running.wait();
        assert_eq!(run.code(), 0, "{number}: {}", run.stderr());
    }
    let env = |number: usize| sandbox.repo().join(format!("env{number}"));
    let first = shape(&env(0));
    for number in 0..count {
        let differences = first.differences(&shape(&env(number)));
        assert!(differences.is_empty(), "{number}: {}", differences.join("\n"));
        let pip = sandbox.command(env(number).join("bin/pip")).args(["--version"]).output();
        assert_eq!(pip.code(), 0, "{number}: {}", pip.stderr());
    }
}

#[test]
fn five_at_once_in_the_same_directory_leave_one_good_environment() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let one = || venv(&sandbox, &python.executable, &["env"]);
    assert_eq!(one().output().code(), 0);
    let expected = Tree::of(&sandbox.repo().join("env"));
    fs::rename(sandbox.repo().join("env"), sandbox.root().join("aside")).unwrap();
    let running: Vec<Running> = (0..5).map(|_| one().spawn()).collect();
    let runs: Vec<_> = running.into_iter().map(Running::wait).collect();
    let codes: Vec<i32> = runs.iter().map(crate::support::run::Run::code).collect();
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 75].contains(code)), "{codes:?}: {}", runs[4].stderr());
    let differences = expected.differences(&Tree::of(&sandbox.repo().join("env")));
    assert!(differences.is_empty(), "{codes:?}: {}", differences.join("\n"));
    let pip = sandbox.command(sandbox.repo().join("env/bin/pip")).args(["check"]).output();
    assert_eq!(pip.code(), 0, "{}{}", pip.stdout(), pip.stderr());
}

#[test]
fn the_second_use_of_an_interpreter_starts_no_process() {
    for python in pythons::for_environments() {
        let sandbox = sandbox(python);
        let executable = python.executable.display().to_string();
        // What is left to compile for the next one goes on behind its back, and `strace` waits for that.
        let Some((run, _)) = sandbox.traced("execve", &["venv", "--python", &executable, "first"]) else { return };
        assert_eq!(run.code(), 0, "{python}: {}", run.stderr());
        for options in [&["second"][..], &["--without-pip", "--copies", "third"], &["--clear", "first"]] {
            let args: Vec<&str> =
                ["venv", "--python", &executable].into_iter().chain(options.iter().copied()).collect();
            let Some((run, trace)) = sandbox.traced("execve,execveat,socket,connect", &args) else { return };
            assert_eq!(run.code(), 0, "{python}: {}", run.stderr());
            let calls: Vec<_> = trace.of("execve").chain(trace.of("execveat")).collect();
            assert_eq!(calls.len(), 1, "{python}: {calls:#?}");
            assert_eq!(trace.addresses(), [] as [String; 0], "{python}");
        }
    }
}

#[test]
fn the_bundled_wheel_needs_no_network_on_its_first_use_either() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let executable = python.executable.display().to_string();
    for args in [&["venv", "--python", &executable, "env"][..], &["--offline", "venv", "--python", &executable, "off"]]
    {
        let Some((run, trace)) = sandbox.traced("connect", args) else { return };
        assert_eq!((run.code(), trace.addresses()), (0, Vec::new()), "{}", run.stderr());
    }
}

const PLAIN: Case = case(&[&["env"]]);

#[test]
fn pips_own_settings_do_not_matter_for_what_is_bundled() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python).file("pip.conf", "[global]\nno-install = 1\ntarget = /nowhere\nindex-url = x\n");
    let config = sandbox.repo().join("pip.conf");
    write(&sandbox.home().join(".config/pip/pip.conf"), b"[install]\nuser = true\n", 0o644);
    let settings = [("PIP_NO_INDEX", "1"), ("PIP_USER", "1"), ("PIP_TARGET", "/nowhere"), ("PIP_ROOT", "/nowhere")];
    let sandbox = settings.into_iter().fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value));
    let sandbox = sandbox.env("PIP_INDEX_URL", refused_url()).env("PIP_CONFIG_FILE", config);
    let mut comparison = Comparison::new(&sandbox, python);
    comparison.compare(&PLAIN, &|_| String::new());
    let mut total = Total::default();
    total.add(comparison);
    total.end("settings of pip's");
}

#[test]
fn pips_scripts_run_whatever_the_path_is() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    let long = "long/".repeat(30) + "env";
    for name in ["with some spaces", "ünï 环境 \u{1f40d}", "it's (mine) & [yours]; #1", "~", "a=b,c%d+e@f", &long] {
        let run = venv(&sandbox, &python.executable, &[name]).output();
        assert_eq!(run.code(), 0, "{name}: {}", run.stderr());
        for script in ["pip", "pip3", &format!("pip{}", python.series())] {
            let run = sandbox.command(sandbox.repo().join(name).join("bin").join(script)).args(["--version"]);
            let run = run.env("LC_ALL", "C.UTF-8").output();
            assert_eq!(run.code(), 0, "{name}/{script}: {}", run.stderr());
            assert!(run.stdout().contains(name), "{name}/{script}: {}", run.stdout());
        }
    }
}

#[test]
fn what_python_made_is_taken_over_and_the_other_way_round() {
    let Some(python) = pythons::newest() else { return };
    let sandbox = sandbox(python);
    for (first, second) in [(Maker::Python, Maker::Prime), (Maker::Prime, Maker::Python)] {
        let env = format!("{first:?}");
        for maker in [first, second] {
            let line = maker.command_line(&python.executable);
            let run = sandbox.command(line[0].as_str()).args(&line[1..]).args([&env]).output();
            assert_eq!(run.code(), 0, "{maker:?} after {first:?}: {}", run.stderr());
        }
        let pip = sandbox.command(sandbox.repo().join(&env).join("bin/pip")).args(["check"]).output();
        assert_eq!(pip.code(), 0, "{}{}", pip.stdout(), pip.stderr());
        assert!(!sandbox.repo().join(&env).join(".prime-unfinished").exists());
    }
}
