//! `prime ci` in a step of GitHub Actions.

use std::fs;

use serde_json::Value as Json;

use super::runner::{Step, groups, told};
use crate::support::http::refused_url;
use crate::support::pair::Pair;
use crate::support::run::Run;

/// What the programs of a step before have left there, without the end of the line.
const LEFT: &str = "MINE=kept";

const INSTALL: [&str; 2] = ["prime: make the environment", "prime: install what is required"];

#[track_caller]
fn ci(pair: &Pair, step: &Step, args: &[&str]) -> Run {
    let run = step.within(pair.sandbox.prime(["ci"]).args(args.iter().copied())).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    run
}

#[test]
fn later_steps_have_the_environment_and_what_others_wrote_is_kept() {
    let Some(pair) = Pair::new() else { return };
    let (venv, state) = (pair.path(".venv").display().to_string(), pair.path(".prime"));
    for (number, hit) in ["false", "true"].into_iter().enumerate() {
        let step = Step::new(&pair.sandbox, &number.to_string());
        fs::write(step.file("GITHUB_ENV"), LEFT).unwrap();
        fs::write(step.file("GITHUB_PATH"), "/mine\n").unwrap();
        let run = ci(&pair, &step, &[]);
        assert_eq!(run.stdout(), "");
        let variables = step.values("GITHUB_ENV");
        assert_eq!(variables.len(), 2, "{variables:?}");
        assert_eq!((variables["MINE"].as_str(), &variables["VIRTUAL_ENV"]), ("kept", &venv));
        assert_eq!(step.path(), ["/mine".to_owned(), format!("{venv}/bin")]);
        let outputs = step.values("GITHUB_OUTPUT");
        let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
        assert_eq!(names, ["cache-hit", "cache-key", "python-version", "venv"]);
        assert_eq!((outputs["cache-hit"].as_str(), &outputs["venv"]), (hit, &venv));
        assert_eq!(outputs["python-version"], pair.python.version);
        let key = pair.sandbox.prime(["cache", "key"]).output().stdout();
        assert_eq!(outputs["cache-key"], key.trim_end());
        let expected = if hit == "true" { vec![] } else { INSTALL.to_vec() };
        assert_eq!(groups(&run.stderr()), expected);
        let said = run.stderr();
        assert!(
            said.contains("publish  .prime/ci.env, GITHUB_ENV, GITHUB_PATH, GITHUB_OUTPUT (GitHub Actions)"),
            "{said}"
        );
        let next = pair.sandbox.command(pair.path(".venv/bin/python")).args(["-c", "import one, left"]);
        assert_eq!(next.output().code(), 0);
    }
    assert!(state.join("ci.env").exists() && !state.join("ci.dotenv").exists());
}

#[test]
fn the_summary_has_what_each_stage_did_and_how_long_it_took() {
    let Some(pair) = Pair::new() else { return };
    for (name, rows) in [("cold", &["create", "install", "pin"][..]), ("warm", &[])] {
        let step = Step::new(&pair.sandbox, name);
        fs::write(step.file("GITHUB_STEP_SUMMARY"), "# Mine\n").unwrap();
        ci(&pair, &step, &[]);
        let page = step.text("GITHUB_STEP_SUMMARY");
        let heading = format!("# Mine\n### prime: python {} in <code>", pair.python.version);
        assert!(page.starts_with(&heading), "{page}");
        let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
        let cells: Vec<Vec<&str>> = cells.map(|line| line.split(" | ").collect()).collect();
        let verbs: Vec<&str> = cells.iter().map(|row| row[0]).filter(|verb| *verb != "prove").collect();
        let all = if rows.is_empty() { vec![] } else { [&["step"], rows, &["**all**"]].concat() };
        assert_eq!(verbs, all, "{page}");
        let last = |row: &[&str]| pair.sandbox.redact(row.last().unwrap().trim_start_matches("| "));
        assert!(cells.iter().skip(1).all(|row| last(row) == "[TIME]"), "{page}");
        let key = &step.values("GITHUB_OUTPUT")["cache-key"];
        let cache = if rows.is_empty() { "hit" } else { "miss" };
        assert!(!page.contains("Where the "), "nobody has asked for timings: {page}");
        assert!(page.contains(&format!("Cache {cache}: <code>{}</code>\n", key.replace('_', "&#95;"))), "{page}");
    }
    assert_eq!(records(&pair), [""; 0], "what was recorded for that is gone");
}

#[test]
fn with_timings_the_summary_says_where_their_page_is() {
    let Some(pair) = Pair::new() else { return };
    let step = Step::new(&pair.sandbox, "step");
    let run = ci(&pair, &step, &["--json", "--timings=t.html"]);
    let page = pair.path("t.html").display().to_string();
    let summary = pair.sandbox.redact(&step.text("GITHUB_STEP_SUMMARY"));
    assert!(summary.contains("Where the [TIME] went: <code>[REPO]/t.html</code>\n"), "{summary}");
    let document: Json = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(document["data"]["timings"]["page"], page);
    assert!(pair.path("t.html").exists() && pair.path("t.json").exists());
    pair.write("prime.toml", "x = 1\n");
    let failed = step.within(pair.sandbox.prime(["ci", "--timings"])).output();
    let errors = told(&failed.stderr()).into_iter().filter(|told| told.command == "error");
    assert_eq!((failed.code(), errors.count()), (78, 1), "{}", failed.stderr());
}

/// What is left of records.
fn records(pair: &Pair) -> Vec<String> {
    let names = fs::read_dir(pair.path(".prime")).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".jsonl")).collect()
}

#[test]
fn a_step_adds_to_its_files_and_never_makes_them_shorter() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let step = Step::new(&pair.sandbox, "step");
    ci(&pair, &step, &[]);
    let first = step.text("GITHUB_OUTPUT");
    ci(&pair, &step, &["-q"]);
    let both = step.text("GITHUB_OUTPUT");
    assert!(both.starts_with(&first) && both.len() == 2 * first.len(), "{both}");
    assert_ne!(&both[first.len()..], first, "each value ends with a line of its own");
}

#[test]
fn each_stage_closes_the_group_that_it_opened() {
    for driver in ["venv_uv", "venv_pip"] {
        let Some(pair) = Pair::new() else { return };
        let pair = pair.env("PROTOPRIMER_VENV_DRIVER", driver);
        let step = Step::new(&pair.sandbox, "step");
        let log = ci(&pair, &step, &["-v"]).stderr();
        assert_eq!(groups(&log), [&["prime: select a python"], &INSTALL[..]].concat(), "{log}");
        let lines: Vec<&str> = log.lines().collect();
        let place = |start: &str| lines.iter().position(|line| line.starts_with(start)).unwrap();
        let begun = |title: &str| place(&format!("::group::{title}"));
        assert!(begun(INSTALL[0]) < place("create ") && place("create ") < begun(INSTALL[1]), "{log}");
        assert!(begun(INSTALL[1]) < place("install ") && place("publish ") > place("pin "), "{log}");
        let last = lines.iter().rposition(|line| *line == "::endgroup::").unwrap();
        assert!(place("pin ") < last && last < place("publish "), "{log}");
        assert!(!log.contains('\r') && !log.contains('\x1b'), "{log:?}");
    }
}

#[test]
fn with_json_standard_output_is_one_document_and_the_runner_reads_the_other_stream() {
    let Some(pair) = Pair::new() else { return };
    let step = Step::new(&pair.sandbox, "step");
    let run = ci(&pair, &step, &["--json"]);
    let document: Json = serde_json::from_slice(&run.stdout).unwrap();
    let data = &document["data"];
    assert_eq!((data["system"].as_str(), data["cache_hit"].as_bool()), (Some("github"), Some(false)));
    assert_eq!(data["published"], serde_json::json!([".prime/ci.env", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"]));
    assert_eq!(document["stage"], "stride_src_updated");
    assert_eq!(groups(&run.stderr()), INSTALL);
}

#[test]
fn quiet_is_quiet_and_publishes_all_the_same() {
    let Some(pair) = Pair::new() else { return };
    let step = Step::new(&pair.sandbox, "step");
    assert_eq!(ci(&pair, &step, &["-q"]).stderr(), "");
    assert_eq!(step.values("GITHUB_OUTPUT").len(), 4);
}

#[test]
fn values_are_what_they_are_whatever_is_in_them() {
    for venv in ["a b", "ünï ☃", "=<<x", "%0A;error,x]", "it's $HOME`x`"] {
        let Some(pair) = Pair::new() else { return };
        let config = crate::support::pair::CONFIG;
        pair.write("prime.toml", &format!("local_venv_dir_rel_path = {}\n{config}", Json::from(venv)));
        let step = Step::new(&pair.sandbox, "step");
        let run = step.within(pair.sandbox.prime(["ci"])).output();
        assert_eq!(run.code(), 0, "{venv}: {}", run.stderr());
        let dir = pair.path(venv).display().to_string();
        assert_eq!((&step.values("GITHUB_ENV")["VIRTUAL_ENV"], &step.values("GITHUB_OUTPUT")["venv"]), (&dir, &dir));
        assert_eq!(step.path(), [format!("{dir}/bin")]);
        let script = "PATH=/bin && . .prime/ci.env && printf %s \"$VIRTUAL_ENV\"";
        let sourced = pair.sandbox.command("/bin/sh").args(["-c", script]).output();
        assert_eq!((sourced.stdout(), sourced.stderr()), (dir, String::new()));
    }
}

#[test]
fn credentials_are_masked_first_and_stand_nowhere_else() {
    const USER: &str = "the-user";
    const PASSWORD: &str = "hidden:word%";
    const ENCODED: &str = "hidden%3Aword%25";
    let Some(pair) = Pair::new() else { return };
    let pair = Pair { index: pair.index.credentials(USER, PASSWORD), ..pair };
    let url = pair.index.url().replace("://", &format!("://{USER}:{ENCODED}@"));
    let pair = pair.env("PIP_INDEX_URL", &url);
    let step = Step::new(&pair.sandbox, "step");
    let run = ci(&pair, &step, &["-vvv"]);
    let log = run.stderr();
    let masks: Vec<_> = told(&log).into_iter().filter(|told| told.command == "add-mask").collect();
    let masked: Vec<&str> = masks.iter().map(|told| told.message.as_str()).collect();
    assert_eq!(masked, [ENCODED, PASSWORD], "once, by the first stage");
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[..2].iter().all(|line| line.starts_with("::add-mask::")), "before anything else: {log}");
    let rest = lines[2..].join("\n") + &run.stdout();
    assert!(!rest.contains(PASSWORD) && !rest.contains(ENCODED), "{rest}");
    for (name, _) in super::runner::FILES {
        assert!(!step.text(name).contains("hidden"), "{name}");
    }
    // Who is no runner would show it.
    let other = step.within(pair.sandbox.prime(["ci", "--system", "github"])).env_remove("GITHUB_ACTIONS").output();
    assert!(other.code() == 0 && !other.stderr().contains("hidden"), "{}", other.stderr());
}

#[test]
fn what_a_keyring_tells_is_masked_by_whichever_process_gets_to_know_it() {
    const KEYRING: &str = "case \"$*\" in *' the-user') echo 'hidden word' ;; *) exit 1 ;; esac";
    for (driver, by_the_tool) in [("venv_uv", false), ("venv_pip", false), ("venv_uv", true), ("venv_pip", true)] {
        let Some(pair) = Pair::new() else { return };
        let pair = Pair { index: pair.index.credentials("the-user", "hidden word"), ..pair };
        let sandbox = pair.sandbox.fake("keyring", KEYRING).env("PROTOPRIMER_VENV_DRIVER", driver);
        let url = pair.index.url_of("the-user");
        let sandbox = match (by_the_tool, driver) {
            (false, _) => sandbox.env("PIP_INDEX_URL", url).env("PIP_KEYRING_PROVIDER", "subprocess"),
            (true, "venv_uv") => {
                let args = format!("['--index-url', '{url}', '--keyring-provider', 'subprocess']");
                let specs = format!("install_specs = [{{ g = {{ extra_command_args = {args} }} }}]\n");
                let one = "[[project_descriptors]]\nbuild_root_dir_rel_path = 'one'\ninstall_group = 'g'\n";
                sandbox.file("prime.toml", specs + one).env("PIP_INDEX_URL", refused_url())
            }
            (true, _) => {
                let one = "[[project_descriptors]]\nbuild_root_dir_rel_path = '.'\nrequirements_files = ['one.txt']\n";
                let sandbox = sandbox.file("prime.toml", one).file("one.txt", format!("--index-url {url}\nleft\n"));
                sandbox.env("PIP_KEYRING_PROVIDER", "subprocess").env("PIP_INDEX_URL", refused_url())
            }
        };
        let pair = Pair { sandbox, ..pair };
        let step = Step::new(&pair.sandbox, "step");
        let log = ci(&pair, &step, &["-vvv"]).stderr();
        let masked: Vec<_> = told(&log).into_iter().filter(|told| told.command == "add-mask").collect();
        for form in ["hidden word", "hidden%20word"] {
            assert!(masked.iter().any(|told| told.message == form), "{driver}, {by_the_tool}, {form}: {log}");
        }
        let rest: Vec<&str> = log.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        assert!(!rest.iter().any(|line| line.contains("hidden")), "{driver}, {by_the_tool}: {log}");
    }
}

#[test]
fn credentials_of_a_group_s_arguments_and_of_a_broken_configuration_are_masked() {
    let Some(pair) = Pair::new() else { return };
    let url = "https://me:of-a-group@h.example/";
    let specs = format!("install_specs = [{{ g = {{ extra_command_args = ['--extra-index-url', '{url}'] }} }}]\n");
    let config = "project_descriptors = [{ build_root_dir_rel_path = 'one', install_group = 'g' }]\n";
    for (config, set, expected) in [
        (format!("{specs}{config}"), ("UNUSED", ""), "of-a-group"),
        ("x = ".to_owned(), ("PIP_INDEX_URL", "https://me:of-pip@h.example/"), "of-pip"),
        (String::new(), ("PIP_CONFIG_FILE", "broken.conf"), "of-uv"),
    ] {
        pair.write("prime.toml", &config);
        pair.write("broken.conf", "[global\n");
        let step = Step::new(&pair.sandbox, "step");
        let run = step.within(pair.sandbox.prime(["ci", "--offline"])).env(set.0, set.1);
        let log = run.env("UV_INDEX", "https://me:of-uv@h.example/").output().stderr();
        let masked: Vec<_> = told(&log).into_iter().filter(|told| told.command == "add-mask").collect();
        assert!(masked.iter().any(|told| told.message == expected), "{expected}: {log}");
    }
}
