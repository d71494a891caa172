//! Connectors whose options stand in the configuration.

use std::fs;

use serde_json::{Value, json};
use snapbox::str;

use super::{Tiny, ids};
use crate::outcomes::document;
use crate::support::run::Run;
use crate::support::sandbox::Sandbox;

/// The table of the connector, with these further lines.
fn table(lines: &str) -> String {
    format!("[connectors.tiny]\nlocal_executable = \"./source-tiny\"\n{lines}")
}

/// A repository whose configuration names the connector.
fn configured(lines: &str) -> Option<Tiny> {
    let tiny = Tiny::new()?;
    Some(Tiny { sandbox: tiny.sandbox.file("prime.toml", table(lines)).file("sub/dir/.keep", "") })
}

impl Tiny {
    /// A command without any option but these, in a directory below the repository's.
    fn named(&self, command: &str, rest: &[&str]) -> Run {
        let words = ["-q", "connector", command, "tiny"];
        self.sandbox.prime(words.into_iter().chain(rest.iter().copied())).current_dir("sub/dir").output()
    }
}

#[test]
fn a_read_needs_no_option_and_no_particular_directory() {
    let lines = "streams = ['users']\nlimit = 3\nconfig = { count = 40, key = 'secret_reference::KEY' }\n";
    let Some(tiny) = configured(lines) else { return };
    let missing = tiny.named("read", &[]);
    assert_eq!(missing.code(), 78);
    assert!(missing.stderr().contains("the secret `KEY` is not there"), "{}", missing.stderr());
    let tiny = Tiny { sandbox: tiny.sandbox.env("KEY", "hidden") };
    let read = tiny.named("read", &[]);
    assert_eq!((read.code(), ids(&read.stdout()), read.stderr()), (0, vec![0, 1, 2], String::new()));
    assert!(tiny.journal().contains("read 0o600 hidden\n"), "{}", tiny.journal());
    for command in ["spec", "discover", "check"] {
        assert_eq!(tiny.named(command, &[]).code(), 0, "{command}");
    }
    assert_eq!(tiny.sandbox.redact(&tiny.named("which", &[]).stdout()), "[REPO]/source-tiny\n");
}

#[test]
fn paths_of_the_configuration_are_seen_from_the_ref_root_and_those_of_options_from_where_one_is() {
    let lines = "streams = '*'\nconfig = 'conf/c.json'\nformat = 'csv'\noutput = 'out'\nstate = 'st.json'\nstate_out = 'st.json'\n";
    let Some(tiny) = configured(lines) else { return };
    let tiny = Tiny {
        sandbox: tiny.sandbox.file("conf/c.json", r#"{"count": 10}"#).file("sub/dir/2.json", r#"{"count": 2}"#),
    };
    // The first time there is nothing to go on from.
    assert_eq!(tiny.named("read", &[]).code(), 0);
    assert_eq!(tiny.sandbox.read("out/users.csv").lines().count(), 11);
    let state: Value = serde_json::from_str(&tiny.sandbox.read("st.json")).unwrap();
    assert_eq!(state[0]["stream"]["stream_state"], json!({ "next": 10 }));
    // The second time it goes on.
    fs::write(tiny.sandbox.repo().join("conf/c.json"), r#"{"count": 20}"#).unwrap();
    assert_eq!(tiny.named("read", &[]).code(), 0);
    let users = tiny.sandbox.read("out/users.csv");
    let read = users.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect::<Vec<_>>();
    assert_eq!(read, (0..20).map(|id| id.to_string()).collect::<Vec<_>>());
    assert!(users.lines().last().unwrap().contains("incremental"), "{users}");
    let here = tiny.named("read", &["--config", "2.json", "--output", "here", "--full-refresh", "--format", "jsonl"]);
    assert_eq!((here.code(), here.stderr()), (0, String::new()));
    assert_eq!(ids(&tiny.sandbox.read("sub/dir/here/users.jsonl")), [0, 1]);
}

#[test]
fn an_option_wins_and_what_it_excludes_gives_way() {
    let Some(tiny) = configured("config = { count = 4 }\nstreams = ['orders']\nlimit = 2\nfull_refresh = true\n")
    else {
        return;
    };
    let streams = |rest: &[&str]| {
        let read = tiny.named("read", rest);
        assert_eq!(read.code(), 0, "{}", read.stderr());
        let of = |line: &str| serde_json::from_str::<Value>(line).unwrap()["record"]["stream"].to_string();
        (
            read.stdout().lines().next().map(of).unwrap(),
            read.stdout().lines().count(),
            read.stdout().contains("full_refresh"),
        )
    };
    assert_eq!(streams(&[]), ("\"orders\"".into(), 2, true));
    assert_eq!(streams(&["--streams", "users", "--limit", "3"]), ("\"users\"".into(), 3, true));
    // A yes of the configuration can be taken back.
    assert_eq!(streams(&["--streams", "users", "--full-refresh=false"]), ("\"users\"".into(), 2, false));
    let catalog = json!({ "streams": [{ "stream": { "name": "users" }, "sync_mode": "incremental" }] });
    fs::write(tiny.sandbox.repo().join("sub/dir/c.json"), catalog.to_string()).unwrap();
    assert_eq!(streams(&["--catalog", "c.json"]), ("\"users\"".into(), 2, false));
    // Another way to run it: the program of the configuration is not asked.
    let nothing = tiny.named("check", &["--no-executor", "--registry", "../../none.json"]);
    assert!(nothing.code() != 0 && nothing.stderr().contains("none.json"), "{}", nothing.stderr());
    let image = tiny.named("which", &["--docker-image", "a/b:1"]);
    assert_eq!((image.stdout().as_str(), image.code()), ("a/b:1\n", 0));
    // What names no way takes none away.
    let same = tiny.named("which", &["--docker-image", "false"]);
    assert_eq!(tiny.sandbox.redact(&same.stdout()), "[REPO]/source-tiny\n");
}

#[test]
fn the_environments_file_wins_field_by_field() {
    let Some(tiny) = configured("config = { count = 4 }\nstreams = ['users']\nlimit = 1\n") else { return };
    let client = format!(
        "local_conf_symlink_rel_path = 'lconf'\ndefault_env_dir_rel_path = 'dst/one'\n{}",
        table("config = { count = 4 }\nstreams = ['users']\nlimit = 1\n")
    );
    let sandbox = tiny
        .sandbox
        .file("prime.toml", client)
        .file("dst/one/prime.toml", "")
        .file("dst/two/prime.toml", "[connectors.tiny]\nlimit = 3\n");
    let tiny = Tiny { sandbox };
    let records = |rest: &[&str]| tiny.named("read", rest).stdout().lines().count();
    assert_eq!((records(&[]), records(&["--env", "../../dst/two", "--no-link"])), (1, 3));
    let none = tiny.named("read", &["--env", "../../dst/none"]);
    assert!(none.code() == 2 && none.stderr().contains("dst/none"), "{}", none.stderr());
}

#[test]
fn a_pyproject_serves_as_well() {
    let Some(tiny) = Tiny::new() else { return };
    let pyproject =
        "[tool.prime.connectors.tiny]\nlocal_executable = './source-tiny'\nstreams = ['*']\nconfig = { count = 1 }\n";
    let tiny = Tiny { sandbox: tiny.sandbox.file("pyproject.toml", pyproject).file("sub/dir/.keep", "") };
    let read = tiny.named("read", &[]);
    assert_eq!((read.code(), read.stdout().lines().count()), (0, 2), "{}", read.stderr());
}

#[test]
fn what_is_wrong_with_a_table_is_told_with_its_place() {
    for (lines, message) in [
        (
            "docker_image = 'x'",
            "`connectors.tiny.docker_image` in `prime.toml` line 3 excludes `local_executable` in `prime.toml` line 2",
        ),
        (
            "version = '1'",
            "`connectors.tiny.version` in `prime.toml` line 3 excludes `local_executable` in `prime.toml` line 2",
        ),
        (
            "catalog = 'c'\nstreams = '*'",
            "`connectors.tiny.streams` in `prime.toml` line 4 excludes `catalog` in `prime.toml` line 3",
        ),
    ] {
        let Some(tiny) = configured(lines) else { return };
        for command in ["which", "read"] {
            let run = tiny.named(command, &[]);
            assert_eq!(
                (run.code(), run.stderr()),
                (78, format!("error: {message}\nhint: keep one of them\n")),
                "{lines}"
            );
        }
        let eval = tiny.sandbox.prime(["eval"]).output();
        assert!(eval.code() == 78 && eval.stderr().contains(message), "{}", eval.stderr());
    }
    let Some(tiny) = configured("limti = 1") else { return };
    let unknown = "error: unknown field `connectors.tiny.limti` in `prime.toml` line 3\nhint: did you mean `limit`?\n";
    assert_eq!((tiny.named("read", &[]).code(), tiny.named("read", &[]).stderr().as_str()), (78, unknown));
    let Some(tiny) = configured("") else { return };
    let tiny =
        Tiny { sandbox: tiny.sandbox.file("prime.toml", "[connectors.tiny]\ndocker_image = 'a/b:1'\nversion = '2'\n") };
    let tagged = tiny.named("which", &[]);
    let message = "error: `connectors.tiny.version` in `prime.toml` line 3 excludes `docker_image` in `prime.toml` line 2: \
                   a version is not supported where the image has a tag already: `a/b:1`\n\
                   hint: keep one of them, or leave out the tag\n";
    assert_eq!((tagged.code(), tagged.stderr().as_str()), (78, message));
    let json = tiny.sandbox.prime(["connector", "which", "tiny", "--json"]).output();
    let cause = &serde_json::from_str::<Value>(&json.stdout()).unwrap()["cause"];
    assert_eq!((&cause["code"], &cause["line"]), (&json!("bad_field"), &json!(3)));
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_and_what_is_wrong_elsewhere_is_not() {
    let Some(tiny) = configured("config = { count = 1 }\n") else { return };
    let with = |text: String| {
        fs::write(tiny.sandbox.repo().join("prime.toml"), text).unwrap();
        let run = tiny.named("check", &[]);
        (run.code(), run.stderr())
    };
    let whole = table("config = { count = 1 }\n");
    assert_eq!(
        with(format!("project_descriptors = [{{ build_root_dir_rel_path = 'gone' }}]\n{whole}")),
        (0, String::new())
    );
    assert_eq!(with(format!("conectors = 1\n{whole}")).0, 78);
    assert_eq!(with(format!("{whole}=")).0, 78);
    // Nor is what its own configuration is not.
    let (code, stderr) = with(table("config = { count = 'x' }\n"));
    assert!(code == 78 && stderr.contains("`/count`: "), "{stderr}");
    let (code, stderr) = with(table("config = { key = 'secret_reference::NONE' }\n"));
    assert!(code == 78 && stderr.contains("`/key` of the configuration refers to"), "{stderr}");
}

#[test]
fn eval_shows_what_is_said_and_where_without_what_may_be_a_secret() {
    let Some(tiny) = configured(
        "limit = 3\nconfig = { key = 'hidden', pin = 1234, deep = [{ token = 'secret_reference::KEY' }] }\n",
    ) else {
        return;
    };
    let tiny = Tiny { sandbox: tiny.sandbox.file(".python-version", "3.12\n") };
    let eval = tiny.sandbox.prime(["eval"]).output().stdout();
    let rows: Vec<String> = eval
        .lines()
        .filter(|line| line.contains("connectors."))
        .map(|line| tiny.sandbox.redact(line).split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let config = r#"{"key":"****","pin":"****","deep":[{"token":"secret_reference::KEY"}]}"#;
    for expected in [
        "connectors.tiny.local_executable ./source-tiny `prime.toml` line 2".to_owned(),
        "connectors.tiny.local_executable [REPO]/source-tiny `prime.toml` line 2".to_owned(),
        "connectors.tiny.limit 3 `prime.toml` line 3".to_owned(),
        format!("connectors.tiny.config {config} `prime.toml` line 4"),
    ] {
        assert!(rows.contains(&expected), "{expected}: {rows:#?}");
    }
    let json = tiny.sandbox.prime(["eval", "--json"]).output().stdout();
    assert!(!json.contains("hidden") && !json.contains("1234"), "{json}");
}

#[test]
fn list_shows_what_is_configured_too() {
    let Some(tiny) = configured("[connectors.source-other]\nuse_python = true\n") else { return };
    let list = tiny.sandbox.prime(["connector", "list"]).current_dir("sub/dir");
    let expected = str![[r#"
source-other -  (not installed; `prime.toml` line 3)
tiny -  (`[REPO]/source-tiny`; `prime.toml` line 1)

"#]];
    list.stdout(expected).run();
    let other = tiny.sandbox.prime(["connector", "list", "--install-root", "."]).output();
    assert_eq!((other.code(), other.stdout().as_str()), (0, ""), "what is typed is what counts");
    let json: Value =
        serde_json::from_str(&tiny.sandbox.prime(["connector", "list", "--json"]).output().stdout()).unwrap();
    let first = &json["data"]["connectors"][0];
    assert_eq!(
        (&first["status"], &first["ensure"], &first["version"]),
        (&json!("missing"), &json!(false), &Value::Null)
    );
    assert_eq!(first["dir"], json!(tiny.sandbox.repo().join(".venv-source-other")));
}

#[test]
fn what_a_command_says_for_programs_is_as_its_schema_says() {
    let Some(tiny) = configured("config = { count = 2 }\nstreams = '*'\noutput = 'out'\n") else { return };
    for command in ["which", "spec", "check", "discover", "read"] {
        let run = tiny.sandbox.prime(["connector", command, "tiny", "--json"]).output();
        let document = document(&tiny.sandbox, &run);
        assert_eq!(
            (&document["status"], document["data"].is_object()),
            (&json!("ok"), true),
            "{command}: {document:#}"
        );
    }
    let list = document(&tiny.sandbox, &tiny.sandbox.prime(["connector", "list", "--json"]).output());
    assert_eq!(list["data"]["connectors"][0]["name"], "tiny");
}

#[test]
fn eval_shows_no_secret_where_the_table_is_wrong() {
    let config = "{ key = 'hidden', deep = [1234] }";
    for wrong in [
        format!("[[connectors.tiny]]\nconfig = {config}\n"),
        format!("[[connectors]]\nconfig = {config}\n"),
        format!("connectors = ['{{\"key\": \"hidden\"}}', {config}]\n"),
        format!("[connectors.tiny]\nconfg = {config}\n"),
        format!("[connectors.tiny]\nversion = {config}\n"),
        format!("[connectors.tiny]\nconfig = [{config}]\n"),
        "[connectors.tiny]\nconfig = ['hidden']\n".to_owned(),
        "[connectors.tiny]\nconfg = '{\"key\": \"hidden\"}'\n".to_owned(),
    ] {
        let sandbox = Sandbox::new().file(".python-version", "3.12\n").file("prime.toml", &wrong);
        for words in [&["eval"][..], &["eval", "--json"]] {
            let eval = sandbox.prime(words.iter().copied()).output();
            let said = eval.stdout() + &eval.stderr();
            assert!(said.contains("connectors") && said.contains("****"), "{wrong}: {said}");
            assert!(!said.contains("hidden") && !said.contains("1234"), "{wrong}: {said}");
        }
    }
}
