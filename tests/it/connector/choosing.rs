//! Which way a connector is run, and every error on the way there.

use std::fs;

use super::{chosen, connector, index, is_empty, sandbox, tiny};
use crate::support::http::{Response, Server, refused_url};
use crate::support::sandbox::Sandbox;

/// A registry beside the repo's other files.
const REGISTRY: &str = r#"{"sources": [
  {"dockerRepository": "airbyte/source-tiny", "dockerImageTag": "1.0", "language": "python",
   "remoteRegistries": {"pypi": {"enabled": true, "packageName": "airbyte-source-tiny"}}},
  {"dockerRepository": "airbyte/source-image", "dockerImageTag": "2.0", "language": "java",
   "spec": {"connectionSpecification": {"type": "object"}}},
  {"dockerRepository": "airbyte/source-yaml", "dockerImageTag": "3.0", "language": "manifest-only"},
  {"broken": true}
]}"#;

fn with_registry(sandbox: Sandbox) -> Sandbox {
    sandbox.file("registry.json", REGISTRY).env("AIRBYTE_LOCAL_REGISTRY", "registry.json")
}

/// Everything that is refused before anything is looked at: arguments after the name, exit code, message.
const REFUSED: [(&str, i32, &str); 19] = [
    ("--version 1 --pip-url x", 2, "cannot specify both a version and a pip URL"),
    ("--local-executable x --docker-image y", 2, "only one can be specified of"),
    ("--pip-url x --docker-image true", 2, "only one can be specified of"),
    ("--pip-url x --use-python false", 2, "only one can be specified of"),
    ("--use-python true --source-manifest m.yaml", 2, "only one can be specified of"),
    ("--source-manifest true --no-executor", 2, "only one can be specified of"),
    ("--local-executable x --version 1", 2, "a version is not supported with a local executable"),
    ("--docker-image a/b:1 --version 2", 2, "a version is not supported where the image has a tag already: `a/b:1`"),
    ("--source-manifest m.yaml --version 2", 2, "a version is not supported where the manifest itself is given"),
    ("--local-executable nowhere", 127, "the connector's executable `nowhere` was not found"),
    ("--local-executable ./nowhere", 127, "the connector's executable `./nowhere` was not found"),
    ("--local-executable ./plain.txt", 126, "`[REPO]/plain.txt` is not executable"),
    ("--install-root plain.txt --registry false", 73, "cannot write `[REPO]/plain.txt/.prime-connectors/source-tiny`"),
    ("--source-manifest nowhere.yaml", 127, "there is no manifest at `file://"),
    (
        "--source-manifest true --registry false",
        78,
        "the manifest of connector `source-tiny` comes from the connector registry, and none is set",
    ),
    (
        "--no-executor --registry false",
        78,
        "the `spec` of connector `source-tiny` comes from the connector registry, and none is set",
    ),
    ("--no-executor --registry nowhere.json", 69, "there is no connector registry at `file://"),
    ("--use-python 3.1 --registry false", 78, "no python matching `3.1` found"),
    ("--use-python ./nowhere --registry false", 78, "`[REPO]/nowhere` is no python that can be used"),
];

#[test]
fn what_contradicts_itself_or_is_not_there_is_refused() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let sandbox = sandbox.file("plain.txt", "plain");
    for (words, expected, message) in REFUSED {
        let args: Vec<&str> = ["install", "source-tiny"].into_iter().chain(words.split(' ')).collect();
        let (code, stdout, stderr) = connector(&sandbox, &args);
        assert_eq!((code, stdout.as_str()), (expected, ""), "{words}: {stderr}");
        assert!(stderr.contains(&format!("error: {message}")) && stderr.contains("\nhint: "), "{words}: {stderr}");
    }
    for name in ["", "../x", "a/b/c", "/a", "a/..", "a\\b", "..", ".x", "x'); import os; ('"] {
        let (code, _, stderr) = connector(&sandbox, &["uninstall", name]);
        assert_eq!(code, 2, "{name}");
        assert!(stderr.contains(&format!("`{name}` is no name of a connector: ")), "{stderr}");
    }
    assert_eq!(connector(&sandbox, &["install", "--", "-x"]).0, 2);
    fs::remove_file(sandbox.repo().join("plain.txt")).unwrap();
    assert!(is_empty(&sandbox));
}

#[test]
fn a_manifest_that_cannot_be_had_is_told() {
    let sandbox = Sandbox::new();
    let failing = Server::start(|_| Response::status(500));
    for (url, message) in
        [(format!("{}/m.yaml", failing.url()), "500"), (format!("{}/m.yaml", refused_url()), "127.0.0.1")]
    {
        let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--source-manifest", &url]);
        assert!(code == 69 && stderr.starts_with("error: ") && stderr.contains(message), "{code} {stderr}");
    }
    assert!(is_empty(&sandbox));
}

#[test]
fn what_the_registry_has_as_an_image_is_one_where_an_engine_answers() {
    let engine = "case $1 in run) echo '{\"type\": \"SPEC\", \"spec\": {\"connectionSpecification\": {}}}' ;; esac";
    let sandbox = with_registry(Sandbox::new()).fake("docker", engine);
    let elsewhere = sandbox.root().join("elsewhere");
    let sandbox = sandbox.env("AIRBYTE_PROJECT_DIR", &elsewhere);
    assert_eq!(
        connector(&sandbox, &["which", "source-image"]),
        (0, "airbyte/source-image:latest\n".into(), String::new())
    );
    assert_eq!(sandbox.journal(), "docker version --format {{.Server.Version}}\n");
    let (code, stdout, stderr) = connector(&sandbox, &["spec", "source-image", "--version", "1.0"]);
    assert!(code == 0 && stdout.contains("connectionSpecification"), "{stderr}");
    let run =
        sandbox.redact(&sandbox.journal()).lines().find(|line| line.starts_with("docker run ")).map(str::to_owned);
    let run = run.unwrap();
    assert!(run.contains(" --volume [ROOT]/elsewhere/source-image:/local "), "{run}");
    assert!(run.ends_with(" airbyte/source-image:1.0 spec"), "{run}");
    assert!(elsewhere.join("source-image").is_dir());
}

#[test]
fn the_files_of_a_call_lie_where_the_variable_says() {
    let code = r#"case $1 in
spec) echo '{"type": "SPEC", "spec": {"connectionSpecification": {}}}' ;;
*) echo '{"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED", "message": "'"$3"'"}}' ;;
esac"#;
    let sandbox = Sandbox::new().fake("source-tiny", code).file("first/.keep", "").file("second/.keep", "");
    let of = |vars: &[(&str, &str)]| {
        let run = sandbox.prime(["connector", "check", "source-tiny", "--config", "{}"]);
        let run = vars.iter().fold(run, |run, (name, value)| run.env(name, sandbox.repo().join(value))).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        sandbox.redact(&run.stderr())
    };
    let both = of(&[("AIRBYTE_TEMP_DIR", "first"), ("TMPDIR", "second")]);
    assert!(both.contains(" configuration: [REPO]/first/prime-connector-"), "{both}");
    assert!(of(&[("TMPDIR", "second")]).contains(" configuration: [REPO]/second/prime-connector-"));
}

#[test]
fn a_program_that_is_there_comes_before_the_registry() {
    let sandbox = Sandbox::new().fake("source-tiny", "echo ran").env("AIRBYTE_LOCAL_REGISTRY", "nowhere.json");
    let which = |args: &[&str]| connector(&sandbox, &[&["which", "source-tiny"], args].concat());
    assert_eq!(which(&[]), (0, "[BIN]/source-tiny\n".into(), String::new()));
    assert_eq!(which(&["--local-executable", "true"]).1, "[BIN]/source-tiny\n");
    assert_eq!(which(&["--local-executable", "../bin/source-tiny"]).1, "[REPO]/../bin/source-tiny\n");
    assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]), (0, String::new(), String::new()));
    for (command, what) in [("install", "installed"), ("uninstall", "uninstalled")] {
        let (code, _, stderr) = connector(&sandbox, &[command, "source-tiny", "--local-executable", "true"]);
        let message = format!("error: `[BIN]/source-tiny` cannot be {what}: it is not managed by `prime`\n");
        assert!(code == 2 && stderr.starts_with(&message), "{stderr}");
    }
    let (code, _, stderr) = which(&["--version", "1.0"]);
    assert!(code == 2 && stderr.contains("a version is not supported with a local executable"), "{stderr}");
    assert_eq!(sandbox.journal(), "");
}

#[test]
fn the_registry_says_how() {
    let index = index([tiny("1.0").build(), tiny("2.0").build()]);
    let Some(sandbox) = sandbox(&index).map(with_registry) else { return };
    // Newer ones of the index are not what the registry calls the latest.
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--version", "latest"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "1.0\n");
    let refused = |args: &[&str]| {
        let (code, _, stderr) = connector(&sandbox, args);
        (code, stderr)
    };
    let (code, stderr) = refused(&["install", "source-image"]);
    assert_eq!(code, 69, "{stderr}");
    let message =
        "connector `source-image` is only published as the image `airbyte/source-image`, and no Docker engine";
    assert!(stderr.contains(message), "{stderr}");
    let (code, stderr) = refused(&["install", "source-image", "--use-python", "true"]);
    let message = "connector `source-image` is in the registry, but not published as a python package";
    assert!(code == 78 && stderr.contains(message), "{stderr}");
    let (code, stderr) = refused(&["install", "source-tinny"]);
    let message = "connector `source-tinny` is not in the registry";
    assert!(code == 78 && stderr.contains(message) && stderr.contains("did you mean `source-tiny`?"), "{stderr}");
    let (code, stderr) = refused(&["install", "source-yaml"]);
    assert!(code == 127 && stderr.contains("there is no manifest at `source-yaml latest of"), "{stderr}");
}

#[test]
fn without_an_executor_only_the_spec_is_answered() {
    let sandbox = with_registry(Sandbox::new());
    let image = |options: &mut prime::connector::Options| {
        options.name = prime::connector::ConnectorName::parse("source-image").unwrap();
        options.no_executor = true;
    };
    let executor = chosen(&sandbox, image).unwrap();
    assert_eq!(executor.known_spec().unwrap().unwrap()["connectionSpecification"]["type"], "object");
    executor.ensure(true).unwrap();
    let entry = r#"{"spec": {"connectionSpecification": {"type": "array"}}}"#;
    let sandbox = sandbox.file("metadata/airbyte/source-image/1.0/oss.json", entry);
    let of = |version: &str| {
        chosen(&sandbox, |options| {
            image(options);
            options.version = Some(version.to_owned());
        })
    };
    for (version, expected) in [("1.0", "array"), ("2.0", "object"), ("latest", "object")] {
        let spec = of(version).unwrap().known_spec().unwrap().unwrap();
        assert_eq!(spec["connectionSpecification"]["type"], expected, "{version}");
    }
    let message = of("9").err().unwrap().to_string();
    assert!(message.starts_with("the registry `file://") && message.ends_with("has no `source-image` 9"), "{message}");
    for (command, what) in [("install", "be installed"), ("uninstall", "be uninstalled"), ("which", "be found")] {
        let (code, _, stderr) = connector(&sandbox, &[command, "source-image", "--no-executor"]);
        let message = format!("error: connector `source-image` cannot {what}: it has no executor\n");
        assert!(code == 2 && stderr.starts_with(&message), "{stderr}");
    }
}
