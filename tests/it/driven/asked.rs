//! `spec`, `check`, `discover`: one answer, and whatever can be wrong with it.

use serde_json::{Value, json};
use snapbox::str;

use super::Tiny;

#[test]
fn the_first_answer_counts_and_the_connector_is_not_waited_for() {
    let Some(tiny) = Tiny::new() else { return };
    let spec = tiny.ask("spec", "").output();
    let spec: Value = serde_json::from_slice(&spec.stdout).unwrap();
    assert_eq!(spec["connectionSpecification"]["required"], json!(["count"]));
    let said = "check    tiny works with this configuration: seen None  [TIME]\n";
    tiny.ask("check", r#"--config {"count":1}"#).stdout("").stderr(said).run();
    let catalog = tiny.ask("discover", r#"--config {"count":1}"#).output();
    let catalog: Value = serde_json::from_slice(&catalog.stdout).unwrap();
    assert_eq!(catalog["streams"][1]["name"], "orders");
    assert!(!tiny.journal().contains("slept"), "{}", tiny.journal());
    assert_eq!(tiny.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_secret_comes_from_a_variable_and_is_seen_nowhere() {
    let Some(tiny) = Tiny::new() else { return };
    let config = r#"--config {"count":1,"key":"secret_reference::KEY"}"#;
    let run = tiny.ask("check", &format!("{config} -vvv")).env("KEY", "s3cr3t-key").output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, ""));
    assert!(run.stderr().contains("seen ****"), "{}", run.stderr());
    assert!(!run.stderr().contains("s3cr3t-key"), "{}", run.stderr());
    assert!(tiny.journal().contains("check 0o600 s3cr3t-key"), "{}", tiny.journal());
    let expected = str![[r#"
error: the secret `KEY` is not there, which `/key` of the configuration refers to
hint: set the variable `KEY`

"#]];
    tiny.ask("check", config).code(78).stderr(expected).run();
}

#[test]
fn a_secret_of_several_lines_is_seen_nowhere_line_by_line() {
    let Some(tiny) = Tiny::new() else { return };
    let lines = ["-----BEGIN KEY-----", "c2Vjb25kIGxpbmU=", "dGhpcmQgbGluZQ=="];
    let tiny = Tiny { sandbox: tiny.sandbox.env("KEY", lines.join("\n")) };
    for what in ["", ",\"do\":\"trace\""] {
        let config = format!(r#"-vvv --config {{"count":1,"key":"secret_reference::KEY"{what}}}"#);
        let run = tiny.ask("check", &config).output();
        let shown = run.stdout() + &run.stderr();
        assert!(shown.contains("****") && lines.iter().all(|line| !shown.contains(line)), "{shown}");
    }
}

#[test]
fn what_the_schema_calls_secret_is_seen_nowhere_either() {
    let Some(tiny) = Tiny::new() else { return };
    let failed =
        tiny.ask("check", r#"--config - -vv"#).stdin(r#"{"count": 1, "key": "pl41n-key", "do": "trace"}"#).output();
    assert_eq!(failed.code(), 78, "a `config_error`: {}", failed.stderr());
    for part in ["`check` of `tiny` failed: exit status 1", "the key **** is old", "Traceback: ****"] {
        assert!(failed.stderr().contains(part), "{part}: {}", failed.stderr());
    }
    assert!(!failed.stderr().contains("pl41n-key"), "{}", failed.stderr());
}

#[test]
fn each_way_to_fail_has_its_code_and_says_what_to_do() {
    let Some(tiny) = Tiny::new() else { return };
    let invalid = str![[r#"
error: the configuration is not what the connector asks for
  cause: `/count`: value is not of type "integer"
hint: `prime connector spec NAME` shows what it asks for

"#]];
    tiny.ask("check", r#"--config {"count":"1"}"#).code(78).stderr(invalid).run();
    let missing = str![[r#"
error: the connector's configuration is missing
hint: give it with `--config FILE`, `--config -` for standard input, or `--config '{…}'`; or as `config` in the connector's table in `prime.toml`

"#]];
    tiny.ask("check", "").code(2).stderr(missing).run();
    let silent = str![[r#"
error: `check` of `tiny` ended without a status
hint: is it a connector at all? `-v` shows what it says

"#]];
    tiny.ask("check", r#"--config {"count":1,"do":"silent"}"#).code(65).stderr(silent).run();
    for (config, part) in
        [("--config none.json", "cannot read the configuration `none.json`"), ("--config {", "no JSON object")]
    {
        let run = tiny.ask("check", config).output();
        assert!(run.code() == 78 && run.stderr().contains(part), "{config}: {}", run.stderr());
    }
}

#[test]
fn a_check_that_fails_is_found_and_no_error() {
    let Some(tiny) = Tiny::new() else { return };
    let config = r#"--config {"count":1,"do":"fail","key":"k3y"}"#;
    let said = "warning: tiny does not work with this configuration: seen ****\n";
    tiny.ask("check", config).code(1).stderr(said).run();
    let run = tiny.ask("check", &format!("{config} --json")).output();
    let document: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(document["status"], "found");
    assert_eq!(document["data"], json!({ "succeeded": false, "message": "seen ****" }));
}
