//! `prime eval` and `prime check`: what is shown is true, and nothing is changed by showing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::support::pair::Pair;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

const CLIENT: &str = "\
local_conf_symlink_rel_path = \"lconf\"
default_env_dir_rel_path = \"dst/one\"
required_python_version = \"3.12\"
";

/// Two environments, nothing to install, no program anywhere.
fn two_environments() -> Sandbox {
    Sandbox::new()
        .file("prime.toml", "global_conf_dir_rel_path = \"gconf\"\n")
        .file("gconf/prime.toml", CLIENT)
        .file("dst/one/prime.toml", "")
        .file("dst/two/prime.toml", "required_python_version = \"3.77\"\nlocal_log_dir_rel_path = \"log\"\n")
}

/// Every file under a directory with what tells whether somebody touched it.
fn tree(dir: &Path) -> BTreeMap<String, String> {
    fn walk(dir: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let meta = entry.metadata().unwrap();
            let content = if meta.is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
            let times = format!("{:?} {content:?}", meta.modified().unwrap());
            found.insert(entry.path().display().to_string(), times);
            if meta.is_dir() {
                walk(&entry.path(), found);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(dir, &mut found);
    found
}

fn json(run: &Run) -> Json {
    let document: Json =
        serde_json::from_str(&run.stdout()).unwrap_or_else(|error| panic!("{error}: {}", run.stdout()));
    document["data"].clone()
}

#[test]
fn every_value_is_shown_with_its_leap_and_its_origin() {
    let sandbox = two_environments().env("PRIME_INDEX_URL", "https://me:secret@index.test/simple");
    let run = sandbox.prime(["eval", "--env", "dst/two"]).output();
    assert_eq!((run.code(), run.stderr()), (0, String::new()));
    let lines: Vec<String> = sandbox.redact(&run.stdout()).lines().map(squeezed).collect();
    let expected = "\
leap_input
seed_dir_abs_path|[REPO]|current directory
env|dst/two|argument `--env`
PRIME_INDEX_URL|https://****@index.test/simple|variable `PRIME_INDEX_URL`

leap_primer
global_conf_dir_rel_path|gconf|`prime.toml` line 1

leap_client
local_conf_symlink_rel_path|lconf|`gconf/prime.toml` line 1
default_env_dir_rel_path|dst/one|`gconf/prime.toml` line 2
required_python_version|3.12|`gconf/prime.toml` line 3

leap_env
required_python_version|3.77|`dst/two/prime.toml` line 1
local_log_dir_rel_path|log|`dst/two/prime.toml` line 2

leap_derived
ref_root_dir_abs_path|[REPO]|default
global_conf_dir_abs_path|[REPO]/gconf|`prime.toml` line 1
selected_env_dir_rel_path|dst/two|argument `--env`
required_python_version|3.77|`dst/two/prime.toml` line 1
selected_python_file_abs_path|-|not known before something is started
selected_python_version|-|not known before something is started
venv_driver|venv_uv|default, where uv can be had
local_venv_dir_abs_path|[REPO]/.venv-two|default, and the environment's name
local_log_dir_abs_path|[REPO]/log|`dst/two/prime.toml` line 2
local_tmp_dir_abs_path|[REPO]/.prime/tmp|default
local_cache_dir_abs_path|[REPO]/.prime/cache|default
local_run_dir_abs_path|[REPO]/.prime/run|default
reboot_keep_count|3|default
native_venv|true|default
version_constraints_file_basename|constraints.txt|default
project_descriptors|[]|default
install_specs|[]|the groups in their order
update_launcher|true|default

index
prime index|https://****@index.test/simple|PRIME_INDEX_URL";
    assert_eq!(lines.join("\n"), expected);
}

/// The columns of a line.
fn squeezed(line: &str) -> String {
    let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    columns.join("|")
}

#[test]
fn one_json_object_has_the_leaps_in_their_order() {
    let sandbox = two_environments();
    let run = sandbox.prime(["eval", "--json"]).output();
    assert_eq!((run.code(), run.stderr()), (0, String::new()));
    let text = run.stdout();
    let keys =
        ["leap_input", "leap_primer", "leap_client", "leap_env", "leap_derived", "origins", "warnings", "errors"];
    let places: Vec<usize> = keys.iter().map(|key| text.find(&format!("\n    \"{key}\": ")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
    let object = json(&run);
    assert_eq!(object.as_object().unwrap().len(), keys.len());
    let derived = &object["leap_derived"];
    assert_eq!(derived["selected_env_dir_rel_path"], "dst/one");
    assert_eq!(derived["local_venv_dir_abs_path"], Json::from(sandbox.repo().join(".venv").display().to_string()));
    assert_eq!(derived["selected_python_version"], Json::Null);
    assert_eq!(derived["index_settings"], Json::Array(Vec::new()));
    assert_eq!(object["leap_env"], serde_json::json!({}));
    assert_eq!(object["origins"]["leap_derived"]["required_python_version"], "`gconf/prime.toml` line 3");
    assert_eq!((&object["errors"], &object["warnings"]), (&serde_json::json!([]), &serde_json::json!([])));
}

#[test]
fn what_is_wrong_is_shown_beside_what_is_right() {
    let sandbox = two_environments().file(
        "dst/one/prime.toml",
        "required_python_version = 3.12\nlocal_log_dir_rel_path = \"log\"\nvenv_drver = 1\n",
    );
    let run = sandbox.prime(["eval"]).output();
    assert_eq!(run.code(), 78);
    let expected = "\
error: `required_python_version` in `dst/one/prime.toml` line 1 is a number, expected a string
hint: write it in quotes: `\"3.12\"`
error: unknown field `venv_drver` in `dst/one/prime.toml` line 3
hint: did you mean `venv_driver`?
";
    assert_eq!(run.stderr(), expected);
    let lines: Vec<String> = sandbox.redact(&run.stdout()).lines().map(squeezed).collect();
    for line in ["required_python_version|wrong", "local_log_dir_abs_path|[REPO]/log|`dst/one/prime.toml` line 2"] {
        assert!(lines.iter().any(|it| it == line), "{line}: {lines:#?}");
    }
    let run = sandbox.prime(["eval", "--json"]).output();
    let object = json(&run);
    assert_eq!((run.code(), run.stderr().as_str()), (78, expected));
    assert_eq!(object["leap_env"]["required_python_version"], serde_json::json!(3.12));
    assert_eq!(object["leap_derived"]["required_python_version"], Json::Null);
    assert_eq!(object["leap_derived"]["local_venv_dir_abs_path"], sandbox.repo().join(".venv").display().to_string());
    let expected = serde_json::json!([
        {
            "field": "required_python_version",
            "code": "bad_field", "exit_code": 78,
            "message": "`required_python_version` in `dst/one/prime.toml` line 1 is a number, expected a string",
            "causes": [],
            "hint": "write it in quotes: `\"3.12\"`",
        },
        {
            "field": "venv_drver",
            "code": "bad_field", "exit_code": 78,
            "message": "unknown field `venv_drver` in `dst/one/prime.toml` line 3",
            "causes": [],
            "hint": "did you mean `venv_driver`?",
        },
    ]);
    assert_eq!(object["errors"], expected);
}

#[test]
fn a_file_that_cannot_be_read_at_all_leaves_the_others() {
    let sandbox = two_environments().file("dst/one/prime.toml", "a = \n");
    let run = sandbox.prime(["eval", "--json"]).output();
    let object = json(&run);
    assert_eq!((run.code(), &object["errors"][0]["field"]), (78, &Json::Null));
    assert_eq!(object["leap_derived"]["required_python_version"], "3.12");
    assert_eq!(object["leap_client"]["default_env_dir_rel_path"], "dst/one");
}

#[test]
fn showing_starts_nothing_and_changes_nothing() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    pair.write("one/pyproject.toml", &(pair.sandbox.read("one/pyproject.toml") + "\n[tool.later]\n"));
    let before = (tree(&pair.sandbox.repo()), tree(&pair.sandbox.cache()), tree(&pair.sandbox.home()));
    let asked = pair.index.requests().len();
    for (args, code) in [(&["eval"][..], 0), (&["eval", "--json"], 0), (&["check"], 1), (&["check", "--json"], 1)] {
        let Some((run, trace)) = pair.sandbox.traced("execve,connect", args) else { return };
        assert_eq!((run.code(), run.stderr()), (code, String::new()), "{args:?}");
        assert_eq!(trace.of("execve").count(), 1, "{args:?}: {:#?}", trace.calls);
        assert_eq!(trace.addresses(), [""; 0]);
    }
    let after = (tree(&pair.sandbox.repo()), tree(&pair.sandbox.cache()), tree(&pair.sandbox.home()));
    assert_eq!(before, after);
    assert_eq!(pair.index.requests().len(), asked);
}

/// The facts that are not as they should be.
fn found(pair: &Pair) -> Vec<String> {
    let run = pair.sandbox.prime(["check"]).output();
    let lines: Vec<String> = pair.sandbox.redact(&run.stdout()).lines().map(squeezed).collect();
    let odd: Vec<String> = lines.into_iter().filter(|line| !line.starts_with("ok")).collect();
    assert_eq!((run.code(), run.stderr()), (i32::from(!odd.is_empty()), String::new()));
    odd
}

#[test]
fn a_check_says_what_a_boot_finds_and_does() {
    let Some(pair) = Pair::new() else { return };
    let missing = [
        "missing|venv|.venv|there is none",
        "prime would make it",
        "missing|project|./one|not installed",
        "prime would install it",
        "missing|project|./two|not installed",
        "prime would install it",
        "missing|pins|constraints.txt|nothing is pinned yet",
        "prime would write what is installed",
    ];
    assert_eq!(found(&pair), missing);
    pair.boot();
    assert_eq!(found(&pair), [""; 0]);
    pair.project("one", &["left", "extra"], "");
    let odd = found(&pair);
    assert_eq!(
        odd[..2],
        ["stale|project|./one|what it was installed from has changed", "prime would install it again"]
    );
    let change = odd[2].strip_prefix("stale|input|one/pyproject.toml|`one/pyproject.toml` has changed (sha256 ");
    assert!(change.is_some_and(|change| change.contains(" -> sha256 ")), "{odd:#?}");
    assert_eq!((odd[3].as_str(), odd.len()), ("prime would look at it again, and install what it concerns", 4));
    pair.boot();
    assert_eq!(found(&pair), [""; 0]);
    fs::write(pair.path(".venv/pyvenv.cfg"), "prime = 1\nhome = /nowhere\n").unwrap();
    let odd = found(&pair);
    let again = ["damaged|venv|.venv|`[REPO]/.venv/pyvenv.cfg` has changed", "prime would write its own files again"];
    assert_eq!(odd, again);
    pair.boot();
    assert_eq!(found(&pair), [""; 0]);
    fs::remove_file(pair.path("constraints.txt")).unwrap();
    let odd = found(&pair);
    assert!(odd.iter().any(|line| line.starts_with("stale|pins|constraints.txt|")), "{odd:#?}");
    pair.boot();
    fs::rename(pair.path(".venv"), pair.path("mine")).unwrap();
    fs::create_dir(pair.path(".venv")).unwrap();
    pair.write(".venv/notes", "mine");
    let moved = [
        "damaged|venv|.venv|it is a directory that is no environment",
        "prime would move it into `.prime/tmp` and make a new one",
    ];
    assert_eq!(found(&pair)[..2], moved);
}

#[test]
fn a_check_names_each_damaged_file_with_its_distribution() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let site = pair.path(".venv/lib").read_dir().unwrap().next().unwrap().unwrap().path().join("site-packages");
    fs::remove_file(site.join("left.py")).unwrap();
    fs::write(site.join("right.py"), "version = '6.0'\n").unwrap();
    let name = site.join("left.py").strip_prefix(pair.path(".venv")).unwrap().display().to_string();
    let found_by_size = format!("damaged|distribution|left 2.0|`{name}` is missing");
    assert_eq!(found(&pair)[..2], [found_by_size.as_str(), "prime would install it again, and nothing else"]);
    assert!(!found(&pair).iter().any(|line| line.contains("right")));
    let run = pair.sandbox.prime(["check", "--json", "--verify=hash"]).output();
    let facts = json(&run)["facts"].as_array().unwrap().clone();
    let damaged: Vec<_> = facts.iter().filter(|fact| fact["subject"] == "distribution").collect();
    let codes: Vec<_> =
        damaged.iter().map(|fact| (fact["name"].as_str().unwrap(), fact["code"].as_str().unwrap())).collect();
    assert_eq!(codes, [("left 2.0", "missing"), ("right 2.0", "content")]);
    assert_eq!(damaged[1]["path"], site.join("right.py").display().to_string());
    pair.sandbox.prime(["-q", "--verify=hash"]).run();
    assert_eq!(found(&pair), [""; 0]);
}

#[test]
fn a_configuration_that_is_wrong_is_a_finding() {
    let sandbox = two_environments().file("gconf/prime.toml", "venv_driver = \"conda\"\n");
    let expected = "\
damaged  configuration  `venv_driver` in `gconf/prime.toml` line 1 is `conda`, expected `venv_uv` or `venv_pip`
                        prime would fail: correct it
";
    sandbox.prime(["check"]).code(1).stdout(expected).run();
}

#[test]
fn the_link_is_a_finding_of_its_own() {
    let sandbox = two_environments();
    let run = sandbox.prime(["check", "--json"]).output();
    let link = |run: &Run| {
        let object = json(run);
        let facts = object["facts"].as_array().unwrap().clone();
        let fact = facts.into_iter().find(|fact| fact["subject"] == "link").unwrap();
        [fact["status"].clone(), fact["action"].clone()].map(|it| it.as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(link(&run), ["missing", "link it to `dst/one`"]);
    std::os::unix::fs::symlink("dst/one", sandbox.repo().join("lconf")).unwrap();
    assert_eq!(link(&sandbox.prime(["check", "--json"]).output()), ["ok", "-"]);
    let run = sandbox.prime(["check", "--json", "-e", "dst/two"]).output();
    assert_eq!(link(&run), ["stale", "link it to `dst/two`"]);
    let run = sandbox.prime(["check", "--json", "-e", "dst/two", "--no-link"]).output();
    assert_eq!(link(&run), ["ok", "-"]);
}
