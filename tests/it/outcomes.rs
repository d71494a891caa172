//! `--json`: one document on standard output for every command, whether it succeeds or fails, as its schema says.

use std::collections::BTreeSet;
use std::fs;

use clap::{Command, CommandFactory as _};
use jsonschema::validator_for;
use prime::cli::args::Cli;
use prime::error::Code;
use serde_json::{Value as Json, json};

use crate::support::pair::Pair;
use crate::support::repository;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

mod causes;

/// The document of a run, which has nothing else on standard output, held against the schema of its command.
#[track_caller]
pub fn document(sandbox: &Sandbox, run: &Run) -> Json {
    let document: Json =
        serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout(), run.stderr()));
    let of = document["command"].as_str().map_or(vec![], |command| vec!["--of", command]);
    for of in [of, vec![]] {
        let schema = sandbox.prime([&["schema", "outcome"], &of[..]].concat()).output();
        let schema: Json = serde_json::from_slice(&schema.stdout).unwrap();
        let errors: Vec<String> =
            validator_for(&schema).unwrap().iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{document:#}");
    }
    assert_eq!(document["exit_code"], run.code(), "{document:#}");
    document
}

/// The commands that have no others in them, by their names.
fn commands(of: &Command, before: &str) -> Vec<String> {
    let name = |it: &Command| format!("{before}{}", it.get_name());
    let inner = |it: &Command| {
        if it.has_subcommands() { commands(it, &format!("{} ", name(it))) } else { vec![name(it)] }
    };
    of.get_subcommands().flat_map(inner).collect()
}

/// Command lines that fail without a python or a uv anywhere, with their exit code and cause.
const FAILURES: [(&str, &str, u8, &str); 33] = [
    ("--json", "boot", 78, "missing_configuration"),
    ("boot --json", "boot", 78, "missing_configuration"),
    ("reboot --json", "reboot", 78, "missing_configuration"),
    ("--json run -- true", "run", 78, "missing_configuration"),
    ("--json shell -c true", "shell", 78, "missing_configuration"),
    ("--json start m:f", "start", 78, "not_ready"),
    ("env --json", "env", 78, "not_ready"),
    ("eval --json -e none", "eval", 2, "usage"),
    ("check --json -C none", "check", 2, "usage"),
    ("ci --json", "ci", 78, "missing_configuration"),
    ("init --json none", "init", 2, "usage"),
    ("wrap start -s prime.toml -m m:f --json", "wrap start", 65, "bad_data"),
    ("wrap boot -s prime.toml --json", "wrap boot", 65, "bad_data"),
    ("venv --json --python ./none v", "venv", 78, "no_python"),
    ("schema outcome --of nothing --json", "schema", 2, "usage"),
    ("completions --json nothing", "completions", 2, "usage"),
    ("--json boot --nothing", "boot", 2, "usage"),
    ("--json script none.py", "script", 127, "command_missing"),
    ("cache prune --older-than 1 --json", "cache prune", 2, "usage"),
    ("cache size --nothing --json", "cache size", 2, "usage"),
    ("cache dir --nothing --json", "cache dir", 2, "usage"),
    ("cache key --json", "cache key", 78, "missing_configuration"),
    ("cache paths --json", "cache paths", 78, "missing_configuration"),
    ("connector install ../x --json", "connector install", 2, "usage"),
    ("connector ensure x --local-executable ./none --json", "connector ensure", 127, "command_missing"),
    ("connector uninstall ../x --json", "connector uninstall", 2, "usage"),
    ("connector version x --json", "connector version", 78, "config"),
    ("connector list --nothing --json", "connector list", 2, "usage"),
    ("connector which x --version 1 --pip-url y --json", "connector which", 2, "usage"),
    ("connector spec --json", "connector spec", 2, "usage"),
    ("connector check x --json", "connector check", 2, "usage"),
    ("connector discover x --json", "connector discover", 2, "usage"),
    ("connector read x --json", "connector read", 2, "usage"),
];

#[test]
fn every_command_tells_its_failure() {
    let mut seen = BTreeSet::new();
    for (words, command, code, cause) in FAILURES {
        let sandbox = Sandbox::new().file("prime.toml", "reboot_keep_count = 1\n");
        let run = sandbox.prime(words.split(' ')).output();
        let document = document(&sandbox, &run);
        assert_eq!(document["command"], command, "{words}");
        assert_eq!((run.code(), &document["cause"]["code"]), (code.into(), &json!(cause)), "{words}: {document:#}");
        assert!(run.stderr().starts_with("error"), "{words}: people are told as well: {}", run.stderr());
        let detail = document["cause"]["detail"].as_str().unwrap();
        let first = run.stderr().lines().next().unwrap().trim_start_matches("error: ").to_owned();
        assert!(detail.starts_with(&first), "{words}: {detail}");
        seen.insert(command.to_owned());
    }
    assert_eq!(seen, BTreeSet::from_iter(commands(&Cli::command(), "")), "a row for every command");
}

/// A script with metadata of its own.
const ALONE: &str = "# /// script\n# dependencies = ['left']\n# ///\n";
/// A connector that answers to each verb.
const CONNECTOR: &str = "#!/bin/sh\ncase $1 in\n\
    spec) echo '{\"type\":\"SPEC\",\"spec\":{\"connectionSpecification\":{\"type\":\"object\"}}}' ;;\n\
    check) echo '{\"type\":\"CONNECTION_STATUS\",\"connectionStatus\":{\"status\":\"SUCCEEDED\"}}' ;;\n\
    discover) echo '{\"type\":\"CATALOG\",\"catalog\":{\"streams\":[]}}' ;;\nesac\n";

/// Command lines that succeed in a booted repository.
const SUCCESSES: [&str; 31] = [
    "--json",
    "boot --json",
    "check --json",
    "eval --json",
    "env --json",
    "env --json --boot",
    "ci --json",
    "init --json",
    "cache dir --json",
    "cache key --json",
    "cache paths --json",
    "cache size --json",
    "connector list --json",
    "init --json --dry-run",
    "schema config --json",
    "completions zsh --json",
    "--json --help",
    "boot --help --json",
    "reboot --json",
    "wrap start -s a -m m:f --json",
    "wrap boot -s b --json",
    "--json --version",
    "reboot --undo --json",
    "--json script --lock alone.py",
    "cache prune --dry-run --json",
    "cache prune --json",
    "connector ensure x --local-executable ./connector --json",
    "connector which x --local-executable ./connector --json",
    "connector spec x --local-executable ./connector --json",
    "connector check x --local-executable ./connector --config {} --json",
    "connector discover x --local-executable ./connector --config {} --json",
];
/// What takes over has standard output for itself; the rest of the connectors' is with their tests.
const ELSEWHERE: [&str; 7] =
    ["run", "shell", "start", "connector install", "connector uninstall", "connector version", "connector read"];

#[test]
fn every_command_that_ends_here_tells_its_success() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let python = pair.python.executable.display().to_string();
    let venv = ["--json", "venv", "--without-pip", "--python", &python, "v"];
    let sandbox = pair.sandbox.file("alone.py", ALONE).script("connector", CONNECTOR);
    let lines = SUCCESSES.iter().map(|line| line.split(' ').collect::<Vec<_>>());
    let mut seen = BTreeSet::new();
    for words in lines.chain([venv.to_vec()]) {
        let run = sandbox.prime(words.clone()).output();
        let document = document(&sandbox, &run);
        let told = (run.code(), &document["status"], &document["cause"]);
        assert_eq!(told, (0, &json!("ok"), &Json::Null), "{words:?}: {document:#}");
        assert!(document["data"].is_object(), "{words:?}: {document:#}");
        seen.extend(document["command"].as_str().map(str::to_owned));
    }
    seen.extend(ELSEWHERE.map(str::to_owned));
    assert_eq!(seen, BTreeSet::from_iter(commands(&Cli::command(), "")), "a line for every command");
}

#[test]
fn what_takes_over_has_standard_output_for_itself() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let text = pair.sandbox.prime(["env", "--shell", "json"]).output();
    let data = document(&pair.sandbox, &pair.sandbox.prime(["env", "--json"]).output())["data"].clone();
    assert_eq!(data, serde_json::from_slice::<Json>(&text.stdout).unwrap());
    let boot = document(&pair.sandbox, &pair.sandbox.prime(["--json"]).output());
    assert_eq!(boot["data"]["python_version"], Json::from(pair.python.version.clone()));
    let run = pair.sandbox.prime(["--json", "run", "--", "python", "-c", "print('mine')"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, "mine\n"));
    let run = pair.sandbox.prime(["run", "nothing-of-that-name", "--json"]).output();
    assert_eq!((run.code(), run.stdout().as_str()), (127, ""), "the option is the program's");
    for (words, code, cause) in [("nothing", 127, "command_missing"), ("./prime.toml", 126, "command_not_executable")] {
        let run = pair.sandbox.prime(["--json", "run", words]).output();
        let document = document(&pair.sandbox, &run);
        assert_eq!((run.code(), &document["cause"]["code"]), (code, &json!(cause)));
    }
}

/// How a boot fails: what is written into the repo, under which variables, with what exit code and cause.
const CAUSES: [(&str, &str, &str, i32, &str); 6] = [
    ("constraints.txt", "left==9\n", "", 78, "unsatisfiable"),
    ("one/pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'none'\n", "", 78, "build_failed"),
    ("prime.toml", "a = \n", "", 78, "bad_toml"),
    ("prime.toml", "a = 1\n", "", 78, "bad_field"),
    (".python-version", "3.77\n", "", 78, "no_python"),
    ("note", "", "http://127.0.0.1:9/simple/", 69, "index_unreachable"),
];

#[test]
fn the_same_cause_has_the_same_code_with_both_drivers() {
    for (file, text, index, code, cause) in CAUSES {
        for driver in ["venv_uv", "venv_pip"] {
            let Some(pair) = Pair::new() else { return };
            pair.write(file, text);
            let mut boot = pair.sandbox.prime(["--json"]).env("PROTOPRIMER_VENV_DRIVER", driver);
            boot = boot.env("PIP_RETRIES", "0").env("UV_HTTP_RETRIES", "0");
            if !index.is_empty() {
                boot = boot.env("PIP_INDEX_URL", index).env("UV_DEFAULT_INDEX", index).env("UV_INDEX_URL", index);
            }
            let said = document(&pair.sandbox, &boot.output());
            let told = (&said["exit_code"], &said["cause"]["code"]);
            assert_eq!(told, (&json!(code), &json!(cause)), "{driver}, {file}: {said:#}");
        }
    }
}

#[test]
fn a_boot_that_does_something_names_its_log_and_the_stage_in_which_it_ended() {
    let Some(pair) = Pair::new() else { return };
    let run = pair.sandbox.prime(["--json"]).output();
    let said = document(&pair.sandbox, &run);
    assert_eq!(said["stage"], "stride_src_updated");
    assert!(fs::read_to_string(said["log"].as_str().unwrap()).unwrap().contains("install "), "{said:#}");
    pair.project("one", &["left==9"], "");
    let said = document(&pair.sandbox, &pair.sandbox.prime(["--json"]).output());
    assert_eq!((&said["stage"], &said["cause"]["code"]), (&json!("stride_py_venv"), &json!("unsatisfiable")));
    assert!(said["log"].is_string() && said["data"].is_null(), "{said:#}");
}

#[test]
fn a_fault_in_a_file_names_the_file_and_the_line() {
    for (text, line, cause) in [
        ("# a\nx = \n", 2, "bad_toml"),
        ("venv_drver = 'x'\n", 1, "bad_field"),
        ("\n\nvenv_driver = 1\n", 3, "bad_field"),
        ("venv_driver = 'none'\n", 1, "bad_field"),
    ] {
        let sandbox = Sandbox::new().file("prime.toml", text);
        for command in ["boot", "eval"] {
            let said = document(&sandbox, &sandbox.prime([command, "--json"]).output());
            let file = sandbox.repo().join("prime.toml").display().to_string();
            let expected = json!({ "code": cause, "file": file, "line": line, "detail": said["cause"]["detail"] });
            assert_eq!((&said["cause"], &said["exit_code"]), (&expected, &json!(78)), "{text}");
        }
    }
}

/// Files, and of which one the fault is on which line, with its cause.
type Broken = (&'static [(&'static str, &'static [u8])], &'static str, Option<usize>, &'static str);

const PROJECT: &str = "[project]\nname = 'app'\nversion = '1'\n";

const BROKEN: [Broken; 16] = [
    (&[("pip.conf", b"[global]\ntimeout = 5\nnonsense\n")], "pip.conf", Some(3), "bad_toml"),
    (&[("pip.conf", b"[global]\n\xff = 5\n")], "pip.conf", Some(2), "bad_toml"),
    (&[("pip.conf", b"[global]\nretries = 1\ntimeout = soon\n")], "pip.conf", Some(3), "config"),
    (&[("uv.toml", b"\nindex-url = \n")], "uv.toml", Some(2), "bad_toml"),
    (&[("uv.toml", b"\nno-index = 'x'\n")], "uv.toml", Some(2), "bad_field"),
    (&[("uv.toml", b"# x\nindex-url = 'ftp://host/'\n")], "uv.toml", Some(2), "config"),
    (&[("pyproject.toml", b"[tool.uv]\n\noffline = 'x'\n")], "pyproject.toml", Some(3), "bad_field"),
    (&[(".python-version", b"# x\n3.\xff\n")], ".python-version", Some(2), "bad_toml"),
    (&[("prime.toml", b"\nrequired_python_version = 'x'\n")], "prime.toml", Some(2), "config"),
    (
        &[("pyproject.toml", b"[project]\nname = 'app'\nversion = '1'\nrequires-python = '^3'\n")],
        "pyproject.toml",
        Some(4),
        "config",
    ),
    (
        &[(".python-version", b"3.12\n"), ("pyproject.toml", b"[project]\nname = 'app'\nrequires-python = '<3.9'\n")],
        "pyproject.toml",
        Some(3),
        "config",
    ),
    (
        &[("prime.toml", b"[[project_descriptors]]\nbuild_root_dir_rel_path = '.'\ndependency_groups = ['x']\n")],
        "prime.toml",
        Some(3),
        "config",
    ),
    (
        &[
            ("prime.toml", b"[[project_descriptors]]\nbuild_root_dir_rel_path = '.'\ndependency_groups = ['a']\n"),
            ("pyproject.toml", b"[dependency-groups]\na = [\n  'x',\n  {include-group = 'b'},\n]\n"),
        ],
        "pyproject.toml",
        Some(4),
        "config",
    ),
    (
        &[
            ("prime.toml", b"[[project_descriptors]]\nbuild_root_dir_rel_path = '.'\ndependency_groups = ['a']\n"),
            ("pyproject.toml", b"[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n"),
        ],
        "pyproject.toml",
        Some(3),
        "config",
    ),
    (&[("prime.toml", b"\npython_selector_file_rel_path = 'none'\n")], "prime.toml", Some(2), "config"),
    (&[("prime.toml", b"# x\nlocal_venv_dir_rel_path = '.git/v'\n")], "prime.toml", Some(2), "config"),
];

#[test]
fn so_does_one_in_a_file_of_others() {
    for (files, file, line, cause) in BROKEN {
        let sandbox = Sandbox::new().fake_python("python3.12", "3.12.1").file(".python-version", "3.12\n");
        let sandbox = sandbox.file("pyproject.toml", PROJECT).env("PIP_INDEX_URL", "http://127.0.0.1:9/");
        let sandbox = files.iter().fold(sandbox, |sandbox, (path, text)| sandbox.file(path, text));
        let conf = sandbox.repo().join("pip.conf");
        let sandbox = if conf.exists() { sandbox.env("PIP_CONFIG_FILE", conf) } else { sandbox };
        let run = sandbox.prime(["boot", "--json"]).output();
        let said = document(&sandbox, &run);
        let path = sandbox.repo().join(file).display().to_string();
        let expected = json!({ "code": cause, "file": path, "line": line, "detail": said["cause"]["detail"] });
        assert_eq!(said["cause"], expected, "{}", String::from_utf8_lossy(files[0].1));
    }
}

#[test]
fn check_tells_what_it_found_as_no_failure() {
    let Some(pair) = Pair::new() else { return };
    let said = document(&pair.sandbox, &pair.sandbox.prime(["check", "--json"]).output());
    assert_eq!(
        (&said["status"], &said["exit_code"], &said["data"]["ready"]),
        (&json!("found"), &json!(1), &json!(false))
    );
}

#[test]
fn a_command_line_that_cannot_be_parsed_is_told_too() {
    let sandbox = Sandbox::new();
    for (words, command) in [
        ("nothing --json", Json::Null),
        ("--json check --nothing", json!("check")),
        ("-e ci boot --nope --json", json!("boot")),
        ("--env ci -C check boot --nope --json", json!("boot")),
        ("--env=ci --timings cache --nope key --json", json!("cache key")),
        ("connector check --config read --nope --json", json!("connector check")),
    ] {
        let run = sandbox.prime(words.split(' ')).output();
        let said = document(&sandbox, &run);
        assert_eq!((&said["command"], &said["cause"]["code"]), (&command, &json!("usage")), "{words}");
    }
    assert_eq!(sandbox.prime(["nothing"]).output().stdout(), "");
}

#[test]
fn what_cannot_be_written_to_standard_output_is_a_failure() {
    let sandbox = Sandbox::new().file("prime.toml", "x = 1\n");
    for (words, code) in
        [("cache dir", 74), ("cache dir --json", 74), ("--help", 74), ("schema config", 74), ("boot --json", 78)]
    {
        let script = ["-c", "exec \"$0\" \"$@\" >/dev/full", env!("CARGO_BIN_EXE_prime")];
        let run = sandbox.command("/bin/sh").args(script.into_iter().chain(words.split(' '))).output();
        assert_eq!(run.code(), code, "{words}: {}", run.stderr());
        assert!(
            run.stderr().contains("error: cannot write to standard output\n  cause: No space left"),
            "{}",
            run.stderr()
        );
    }
}

#[test]
fn no_secret_is_in_the_document() {
    let sandbox = Sandbox::new()
        .file(".python-version", "3.12\n")
        .file("pyproject.toml", "[project]\nname = 'x'\nversion = '1'\n");
    let sandbox = sandbox.env("PRIME_INDEX_URL", "http://me:hidden@127.0.0.1:9/simple");
    for command in ["boot", "eval", "check"] {
        let run = sandbox.prime([command, "--json"]).output();
        document(&sandbox, &run);
        assert!(!run.stdout().contains("hidden"), "{}", run.stdout());
    }
}

#[test]
fn the_readme_lists_every_cause() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    for code in Code::ALL {
        let row = format!("| {} | `{}` | {} |", exit_code(*code), code.name(), code.meaning());
        assert!(readme.contains(&row), "{row}");
    }
}

fn exit_code(code: Code) -> String {
    if code == Code::Signal { "128+n".to_owned() } else { code.kind().exit_code().to_string() }
}
