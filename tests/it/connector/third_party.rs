//! Connectors of third parties, whose names have the party before them: `thirdparty/source-x`.

use std::fs;

use super::{connector, index, sandbox};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;

const REGISTRY: &str = r#"{"sources": [
  {"dockerRepository": "thirdparty/source-x", "dockerImageTag": "2.0", "language": "java",
   "spec": {"connectionSpecification": {"type": "object"}}},
  {"dockerRepository": "thirdparty/source-y", "dockerImageTag": "3.0", "language": "manifest-only"},
  {"dockerRepository": "thirdparty/source-z", "language": "python",
   "remoteRegistries": {"pypi": {"enabled": true, "packageName": "z"}}}
]}"#;
const NO_ENVIRONMENT: &str = "` cannot have an environment of its own, because of the `/` in its name\n";
/// An engine that has every image, and connectors that answer `spec`.
const ENGINE: &str = r#"[ "$1" != run ] || echo '{"type": "SPEC", "spec": {"connectionSpecification": {}}}'"#;

fn with_registry(sandbox: Sandbox) -> Sandbox {
    sandbox.file("r.json", REGISTRY).env("AIRBYTE_LOCAL_REGISTRY", "r.json")
}

#[test]
fn what_needs_no_directory_of_its_name_is_run() {
    // What lies there by chance is no program on `PATH`.
    let sandbox = with_registry(Sandbox::new()).fake("docker", ENGINE).script("thirdparty/source-x", "exit 3");
    let said = |words: &[&str]| {
        let (code, stdout, stderr) = connector(&sandbox, words);
        assert_eq!((code, stderr.as_str()), (0, ""), "{words:?}: {stdout}");
        stdout
    };
    assert!(said(&["spec", "thirdparty/source-x", "--no-executor"]).contains("\"object\""));
    for options in [&["--docker-image", "true"][..], &["--use-python", "false"], &[]] {
        let which = [&["which", "thirdparty/source-x"], options].concat();
        assert_eq!(said(&which), "thirdparty/source-x:latest\n", "{options:?}");
    }
    assert_eq!(said(&["which", "thirdparty/source-x", "--local-executable", "/bin/sh"]), "/bin/sh\n");
    fs::remove_dir_all(sandbox.repo().join("thirdparty")).unwrap();
    assert!(said(&["spec", "thirdparty/source-x"]).contains("connectionSpecification"));
    let journal = sandbox.redact(&sandbox.journal());
    assert!(journal.contains(" --volume [REPO]/thirdparty/source-x:/local "), "{journal}");
    assert!(journal.lines().any(|line| line.ends_with(" thirdparty/source-x:latest spec")), "{journal}");
}

#[test]
fn a_manifest_of_one_runs_in_the_environment_of_all_manifests() {
    let kit = Wheel::new("airbyte-cdk", "7.0").file("runner.py", "def main():\n    pass\n");
    let index = index([kit.script("source-declarative-manifest", "runner:main").build()]);
    let Some(sandbox) = sandbox(&index).map(with_registry) else { return };
    let manifest = "version: 1.0.0\nspec:\n  connection_specification:\n    title: of-the-third\n";
    let sandbox = sandbox.file("metadata/thirdparty/source-y/latest/manifest.yaml", manifest);
    for options in [&["--source-manifest", "true"][..], &[]] {
        let spec = [&["spec", "thirdparty/source-y"], options].concat();
        let (code, stdout, stderr) = connector(&sandbox, &spec);
        assert!(code == 0 && stdout.contains("of-the-third"), "{stderr}");
    }
    let venv = sandbox.repo().join(".venv-source-declarative-manifest");
    assert!(!venv.exists(), "a manifest tells its spec by itself");
    let (code, _, stderr) = connector(&sandbox, &["ensure", "thirdparty/source-y", "--source-manifest", "true"]);
    assert!(code == 0 && venv.join("pyvenv.cfg").is_file(), "{stderr}");
}

#[test]
fn an_environment_of_its_own_is_refused() {
    let sandbox = with_registry(Sandbox::new());
    for (name, options) in [
        ("thirdparty/source-x", "--pip-url x"),
        ("thirdparty/source-x", "--use-python true"),
        ("thirdparty/source-x", "--registry false"),
        ("thirdparty/source-z", ""),
    ] {
        let words = ["install", name].into_iter().chain(options.split_whitespace());
        let (code, _, stderr) = connector(&sandbox, &words.collect::<Vec<_>>());
        let message = format!("error: connector `{name}{NO_ENVIRONMENT}hint: run it by ");
        assert!(code == 2 && stderr.starts_with(&message), "{options}: {stderr}");
    }
    for command in ["uninstall", "version"] {
        assert_eq!(connector(&sandbox, &[command, "thirdparty/source-x"]).0, 2, "{command}");
    }
    let (code, _, stderr) = connector(&sandbox, &["which", "thirdparty/source-x", "--local-executable", "true"]);
    let message =
        "error: the connector's executable `thirdparty/source-x` was not found\n  cause: no program on `PATH`";
    assert!(code == 127 && stderr.starts_with(message), "{stderr}");
    let names: Vec<_> = fs::read_dir(sandbox.repo()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["r.json"]);
}

#[test]
fn a_table_may_be_for_one() {
    let table = "[connectors.\"thirdparty/source-x\"]\ndocker_image = true\nensure = true\n";
    let sandbox = Sandbox::new().fake("docker", ENGINE).file("prime.toml", table);
    assert_eq!(connector(&sandbox, &["which", "thirdparty/source-x"]).1, "thirdparty/source-x:latest\n");
    let listed = "thirdparty/source-x -  (an image; its engine is not asked; `prime.toml` line 1)\n";
    assert_eq!(connector(&sandbox, &["list"]).1, listed);
    let refused = |text: &str| {
        fs::write(sandbox.repo().join("prime.toml"), text).unwrap();
        let run = sandbox.prime(["eval"]).output();
        (run.code(), sandbox.redact(&run.stderr()))
    };
    for name in ["a/b/c", "/a", "../a", "a/.b"] {
        let (code, stderr) = refused(&format!("[connectors.\"{name}\"]\n"));
        assert!(code == 78 && stderr.contains("the name of a connector, such as `source-faker`"), "{stderr}");
    }
    let (_, stderr) = refused("[connectors.\"a/b\"]\n");
    assert!(!stderr.contains("connector"), "{stderr}");
    let check = sandbox.prime(["connector", "list"]).output();
    assert!(check.stdout().starts_with("a/b -  (connector `a/b` cannot have an environment"), "{}", check.stdout());
}
