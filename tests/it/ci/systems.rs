//! `prime ci` on the other systems.

use std::fs;

use super::pipeline::Machine;
use crate::support::pair::Pair;
use crate::support::run::Invocation;

fn said(pair: &Pair, run: &Invocation, code: i32) -> String {
    let run = run.output();
    assert_eq!((run.code(), run.stdout()), (code, String::new()), "{}", run.stderr());
    pair.sandbox.redact(&run.stderr())
}

/// What a shell has that sources the file, where nothing is active.
fn sourced(pair: &Pair) -> String {
    let script = "PATH=/usr/bin:/bin && . .prime/ci.env && command -v python && echo \"$VIRTUAL_ENV\" && \
                  echo \"$PRIME_PYTHON_VERSION $PRIME_CACHE_HIT\" && python -c 'import one, two'";
    let run = pair.sandbox.command("/bin/sh").args(["-c", script]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    pair.sandbox.redact(&run.stdout())
}

#[test]
fn everywhere_a_file_is_there_to_be_sourced() {
    for (name, value, system) in [
        ("CI", "true", "continuous integration"),
        ("NOTHING", "", "continuous integration"),
        ("JENKINS_URL", "https://jenkins.example/", "Jenkins"),
        ("BUILDKITE", "true", "Buildkite"),
    ] {
        let Some(pair) = Pair::booted("venv_uv") else { return };
        let said = said(&pair, &pair.sandbox.prime(["ci"]).env(name, value), 0);
        assert_eq!(said, format!("publish  .prime/ci.env ({system})\n"));
        assert_eq!(sourced(&pair), "[REPO]/.venv/bin/python\n[REPO]/.venv\n[X.Y.Z] true\n");
        let written = fs::metadata(pair.path(".prime/ci.env")).unwrap().modified().unwrap();
        assert_eq!(pair.sandbox.prime(["ci"]).output().code(), 0);
        let again = fs::metadata(pair.path(".prime/ci.env")).unwrap().modified().unwrap();
        assert_eq!(written, again, "what is the same is not written again");
    }
}

/// A repo with two environments, each with a directory of its own.
fn two_environments() -> Option<Pair> {
    let pair = Pair::new()?;
    let config = fs::read_to_string(pair.path("prime.toml")).unwrap();
    pair.write("prime.toml", &format!("local_conf_symlink_rel_path = 'env'\ndefault_env_dir_rel_path = 'a'\n{config}"));
    pair.write("a/prime.toml", "");
    pair.write("b/prime.toml", "");
    Some(pair)
}

#[test]
fn environments_beside_each_other_have_a_file_each() {
    let Some(pair) = two_environments() else { return };
    let venv = |file: &str| {
        let script = format!("unset VIRTUAL_ENV; . '{file}' && echo \"$VIRTUAL_ENV\"");
        pair.sandbox.redact(&pair.sandbox.command("/bin/sh").args(["-c", &script]).output().stdout())
    };
    let own = |env: &str| format!(".prime/env/{env}/ci.env");
    for (env, dir) in [("a", "[REPO]/.venv\n"), ("b", "[REPO]/.venv-b\n"), ("a", "[REPO]/.venv\n")] {
        let log = said(&pair, &pair.sandbox.prime(["-e", env, "ci"]), 0);
        let files = format!("publish  .prime/env/{env}/ci.env, .prime/ci.env (continuous integration)\n");
        assert!(log.ends_with(&files), "{log}");
        assert_eq!((venv(&own(env)).as_str(), venv(".prime/ci.env").as_str()), (dir, dir), "the last one is for all");
    }
    assert_eq!(venv(&own("b")), "[REPO]/.venv-b\n", "and each has its own still");
    pair.write("b/prime.toml", "x = 1\n");
    said(&pair, &pair.sandbox.prime(["-e", "b", "ci"]), 78);
    let there = |path: &str| pair.path(path).exists();
    assert!(
        !there(&own("b")) && !there(".prime/ci.env") && there(&own("a")),
        "what failed has none, the other one has"
    );
    let log = said(&pair, &pair.sandbox.prime(["-e", "a", "ci", "--system", "gitlab"]), 0);
    assert!(there(".prime/env/a/ci.dotenv") && there(".prime/ci.dotenv"), "{log}");
}

#[test]
fn elsewhere_the_file_is_named_as_it_is_typed_there() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let run = pair.sandbox.prime(["ci"]).current_dir("one");
    assert_eq!(said(&pair, &run, 0), "publish  [REPO]/.prime/ci.env (continuous integration)\n");
}

#[test]
fn gitlab_has_sections_and_a_report() {
    let Some(pair) = Pair::new() else { return };
    let run = pair.sandbox.prime(["ci"]).env("CI", "true").env("GITLAB_CI", "true").output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let log = run.stderr();
    // Each marker stands at the beginning of a line, and a section has one name and two times.
    let markers = log.lines().filter_map(|line| line.strip_prefix("\x1b[0Ksection_"));
    let parts = markers.map(|marker| {
        let (marker, title) = marker.split_once("\r\x1b[0K").unwrap();
        let [kind, time, name] = marker.splitn(3, ':').collect::<Vec<_>>()[..] else { panic!("{marker}") };
        assert!(time.parse::<u64>().unwrap() > 1_700_000_000, "{marker}");
        format!("{kind} {name} {title}")
    });
    let expected = [
        "start prime_venv[collapsed=true] prime: make the environment",
        "end prime_venv ",
        "start prime_install[collapsed=true] prime: install what is required",
        "end prime_install ",
    ];
    assert_eq!(parts.collect::<Vec<_>>(), expected, "{log}");
    let report = pair.sandbox.read(".prime/ci.dotenv");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[..2], ["VIRTUAL_ENV=[REPO]/.venv", "PRIME_PYTHON_VERSION=[X.Y.Z]"]);
    assert!(lines[2].starts_with("PRIME_CACHE_KEY=") && lines[3..] == ["PRIME_CACHE_HIT=false"], "{report}");
    assert!(report.len() < 5 * 1024 && report.ends_with('\n'));
    assert!(log.contains("publish  .prime/ci.env, .prime/ci.dotenv (GitLab CI/CD)"), "{log}");
    assert_eq!(sourced(&pair), "[REPO]/.venv/bin/python\n[REPO]/.venv\n[X.Y.Z] false\n");
}

#[test]
fn azure_is_told_in_the_log() {
    let Some(pair) = Pair::new() else { return };
    let pair = pair.env("TF_BUILD", "True");
    let log = said(&pair, &pair.sandbox.prime(["ci"]), 0);
    let commands: Vec<&str> = log.lines().filter(|line| line.starts_with("##")).collect();
    let expected = [
        "##[group]prime: make the environment",
        "##[endgroup]",
        "##[group]prime: install what is required",
        "##[endgroup]",
        "##vso[task.setvariable variable=VIRTUAL_ENV][REPO]/.venv",
        "##vso[task.setvariable variable=PRIME_PYTHON_VERSION][X.Y.Z]",
    ];
    assert_eq!(commands[..6], expected, "{log}");
    assert!(commands[6].starts_with("##vso[task.setvariable variable=PRIME_CACHE_KEY]"), "{log}");
    let last = ["##vso[task.setvariable variable=PRIME_CACHE_HIT]false", "##vso[task.prependpath][REPO]/.venv/bin"];
    assert_eq!(commands[7..], last, "{log}");
    pair.write("prime.toml", "\nvenv_driver = 3\n");
    let run = pair.sandbox.prime(["ci"]).env("BUILD_SOURCESDIRECTORY", pair.path(""));
    let log = said(&pair, &run, 78);
    let issue = log.lines().find(|line| line.starts_with("##vso[task.logissue")).unwrap();
    assert!(issue.starts_with("##vso[task.logissue type=error;sourcepath=prime.toml;linenumber=2;]"), "{issue}");
    assert!(issue.contains("%0Ahint: "), "{issue}");
}

#[test]
fn azure_s_agent_is_told_first_what_not_to_show() {
    const PASSWORD: &str = "hidden;word%";
    const ENCODED: &str = "hidden%3Bword%25";
    let Some(pair) = Pair::new() else { return };
    let pair = Pair { index: pair.index.credentials("the-user", PASSWORD), ..pair };
    let url = pair.index.url().replace("://", &format!("://the-user:{ENCODED}@"));
    let pair = pair.env("PIP_INDEX_URL", &url);
    let mut machine = Machine::new(&pair.sandbox);
    let job = machine.run(&format!("steps:\n- script: '{} -vvv ci'\n", env!("CARGO_BIN_EXE_prime")));
    assert_eq!(job, Ok(()), "{}", machine.log());
    assert_eq!(machine.masked, [ENCODED, PASSWORD], "once, by the first stage");
    let log = machine.log();
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[..2].iter().all(|line| line.starts_with("##vso[task.setsecret]")), "before anything else: {log}");
    let rest = lines[2..].join("\n");
    assert!(!rest.contains(PASSWORD) && !rest.contains(ENCODED), "{rest}");
}

#[test]
fn buildkite_opens_the_group_that_failed_and_gets_an_annotation() {
    let Some(pair) = Pair::new() else { return };
    let agent = "printf '%s\\n' \"$@\" >\"$0.told\"";
    let sandbox = pair.sandbox.fake("buildkite-agent", agent).env("BUILDKITE", "true");
    let pair = Pair { sandbox: sandbox.env("BUILDKITE_JOB_ID", "42"), ..pair };
    let log = said(&pair, &pair.sandbox.prime(["ci"]), 0);
    let headings: Vec<&str> = log.lines().filter(|line| line.starts_with("--- ") || line.starts_with("^^^")).collect();
    assert_eq!(headings, ["--- prime: make the environment", "--- prime: install what is required"], "{log}");
    let told = pair.sandbox.bin().join("buildkite-agent.told");
    assert!(!told.exists(), "what went well needs no annotation");
    pair.project("one", &["left==9"], "");
    let log = said(&pair, &pair.sandbox.prime(["ci"]), 78);
    let opened = log.find("^^^ +++\n").unwrap();
    assert!(log.find("--- prime: install").unwrap() < opened && opened < log.find("\nerror: ").unwrap(), "{log}");
    let told = fs::read_to_string(told).unwrap();
    let expected = "annotate\n--style\nerror\n--context\nprime-42\n`prime ci` failed: `unsatisfiable`\n\n    ";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn an_option_says_which_system_it_is_and_the_last_word_is_the_option_s() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let run = pair.sandbox.prime(["ci", "--system", "plain"]).env("GITHUB_ACTIONS", "true");
    assert_eq!(said(&pair, &run, 0), "publish  .prime/ci.env (continuous integration)\n");
    let unknown = pair.sandbox.prime(["ci", "--system", "travis"]).output();
    assert!(unknown.code() == 2 && unknown.stderr().contains("travis"), "{}", unknown.stderr());
}

#[test]
fn what_was_damaged_is_no_hit() {
    let Some(pair) = Pair::booted("venv_uv") else { return };
    let hit = |pair: &Pair| {
        assert_eq!(pair.sandbox.prime(["ci"]).output().code(), 0);
        pair.sandbox.read(".prime/ci.env").contains("export PRIME_CACHE_HIT='true'\n")
    };
    assert!(hit(&pair));
    let site = pair.path(&format!(".venv/lib/{}/site-packages", pair.python.basename()));
    fs::remove_file(site.join("left.py")).unwrap();
    assert!(!hit(&pair), "it was mended first");
    assert!(site.join("left.py").exists() && hit(&pair));
}
