//! Connectors that are declarative manifests.

use std::fs;
use std::io::{Cursor, Write as _};
use std::time::Duration;

use prime::connector::files::Readers;
use prime::connector::{Executor, Files, Options, Setting, Verb};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{chosen, connector, index, sandbox};
use crate::support::http::{Response, Server};
use crate::support::sandbox::Sandbox;
use crate::support::wheel::{Package, Wheel};

const MANIFEST: &str = "version: 1.4.0\nspec:\n  connection_specification:\n    required: [key]\n";
const WITH_CODE: &str = "version: 1.5.0\nstreams:\n- class_name: source_declarative_manifest.components.X\n\
                         spec:\n  connection_specification: {}\n";

/// What stands for the program that runs manifests: it tells its arguments and what is in the files that they name.
const RUNNER: &str = r#"
import os, sys

def main():
    print("unsafe", os.environ.get("AIRBYTE_ENABLE_UNSAFE_CODE"))
    print(*[arg for arg in sys.argv[1:] if not arg.startswith("/")])
    for arg in sys.argv[1:]:
        if arg.startswith("/"):
            print(os.path.basename(arg), repr(open(arg).read()[:14]))
"#;

fn runner(version: &str) -> Package {
    let wheel = Wheel::new("airbyte-cdk", version).file("runner.py", RUNNER);
    wheel.script("source-declarative-manifest", "runner:main").build()
}

fn named(sandbox: &Sandbox, manifest: &str) -> Box<dyn Executor> {
    chosen(sandbox, |options: &mut Options| options.source_manifest = Some(Setting::parse(manifest))).unwrap()
}

fn said(executor: &dyn Executor, sandbox: &Sandbox) -> String {
    let mut files = Files::new(&sandbox.root().join("tmp"), Readers::User).unwrap();
    files.config = Some(files.write("config.json", b"{\"key\": 1}").unwrap());
    let command = executor.command(Verb::Check, &files).unwrap();
    let captured = command.capture(Duration::from_secs(60)).unwrap();
    assert!(captured.status.success(), "{}", String::from_utf8_lossy(&captured.stderr));
    String::from_utf8(captured.stdout).unwrap()
}

#[test]
fn the_spec_is_told_without_any_python() {
    let sandbox = Sandbox::new().file("m.yaml", MANIFEST);
    let executor = named(&sandbox, "m.yaml");
    assert_eq!(executor.known_spec().unwrap().unwrap()["connectionSpecification"]["required"][0], "key");
    assert_eq!(executor.version(false).unwrap().as_deref(), Some("1.4.0"));
    assert_eq!(connector(&sandbox, &["version", "source-tiny", "--source-manifest", "m.yaml"]).1, "1.4.0\n");
    assert_eq!(connector(&sandbox, &["which", "source-tiny", "--source-manifest", "m.yaml"]).1, "[REPO]/m.yaml\n");
}

#[test]
fn what_is_no_manifest_is_told() {
    let sandbox = Sandbox::new().file("list.yaml", "- 1\n").file("bad.yaml", "a: [\n");
    for (file, reason) in [("list.yaml", "it is no mapping"), ("bad.yaml", "it is no YAML")] {
        let (code, _, stderr) = connector(&sandbox, &["which", "source-tiny", "--source-manifest", file]);
        let message = format!("error: `[REPO]/{file}` is not a declarative manifest: {reason}\n");
        assert!(code == 65 && stderr.starts_with(&message), "{stderr}");
    }
}

#[test]
fn it_is_run_by_the_program_of_the_kit_in_an_environment_of_its_own() {
    let index = index([runner("6.48.0"), runner("6.60.1")]);
    let Some(sandbox) = sandbox(&index) else { return };
    let sandbox =
        sandbox.file("m.yaml", MANIFEST).file("code/m.yaml", WITH_CODE).file("code/components.py", "class X: 1\n");
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--source-manifest", "m.yaml"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("install  airbyte-cdk 6.60.1 ([REPO]/.venv-source-declarative-manifest)"), "{stderr}");
    let plain = "unsafe None\ncheck --config --manifest-path\nconfig.json '{\"key\": 1}'\nm.yaml 'version: 1.4.0'\n";
    let executor = named(&sandbox, "m.yaml");
    executor.ensure(false).unwrap();
    assert_eq!(said(executor.as_ref(), &sandbox), plain);
    let with_code = "unsafe true\ncheck --config --manifest-path --components-path\nconfig.json '{\"key\": 1}'\n\
                     m.yaml 'version: 1.5.0'\ncomponents.py 'class X: 1\\n'\n";
    let other = named(&sandbox, "code/m.yaml");
    assert_eq!(said(other.as_ref(), &sandbox), with_code);
    let code = sandbox.repo().join("code/components.py");
    let inputs = other.inputs();
    assert!(inputs.iter().all(|input| input.change().is_none()), "{inputs:?}");
    for file in [code, sandbox.repo().join("code/m.yaml")] {
        fs::write(&file, "other").unwrap();
        let changed: Vec<_> = inputs.iter().filter_map(prime::deps::Input::change).collect();
        assert!(changed.contains(&format!("`{}` has changed", file.display())), "{changed:?}");
    }
    // It serves others, and stays.
    let (code, _, stderr) = connector(&sandbox, &["uninstall", "source-tiny", "--source-manifest", "m.yaml"]);
    assert!(code == 0 && stderr.starts_with("kept     [REPO]/m.yaml"), "{stderr}");
    assert_eq!(connector(&sandbox, &["uninstall", "source-declarative-manifest"]).0, 0);
}

#[test]
fn one_of_a_url_and_one_of_the_registry_are_fetched() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("components.py", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"class X: 2\n").unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let registry = r#"{"sources": [{"dockerRepository": "airbyte/source-tiny", "language": "manifest-only"}]}"#;
    let server = Server::start(move |request| match request.target.as_str() {
        "/files/registries/v0/oss.json" => Response::new(200, "application/json", registry),
        "/files/metadata/airbyte/source-tiny/latest/manifest.yaml" => Response::new(200, "text/yaml", WITH_CODE),
        "/files/metadata/airbyte/source-tiny/latest/components.zip" => {
            Response::new(200, "application/zip", zip.clone())
        }
        "/m.yaml" | "/files/metadata/airbyte/source-tiny/1.0/manifest.yaml" => {
            Response::new(200, "text/yaml", MANIFEST)
        }
        _ => Response::status(404),
    });
    let index = index([runner("6.60.1")]);
    let Some(sandbox) = sandbox(&index) else { return };
    let sandbox = sandbox.env("AIRBYTE_LOCAL_REGISTRY", format!("{}/files/registries/v0/oss.json", server.url()));
    let url = format!("{}/m.yaml", server.url());
    let executor = named(&sandbox, &url);
    executor.ensure(true).unwrap();
    assert!(said(executor.as_ref(), &sandbox).ends_with("manifest.yaml 'version: 1.4.0'\n"));
    let executor = chosen(&sandbox, |_| ()).unwrap();
    assert_eq!(executor.version(false).unwrap().as_deref(), Some("1.5.0"));
    assert!(said(executor.as_ref(), &sandbox).ends_with("components.py 'class X: 2\\n'\n"));
    let executor = chosen(&sandbox, |options| options.version = Some("v1.0".to_owned())).unwrap();
    assert_eq!(executor.version(false).unwrap().as_deref(), Some("1.4.0"));
    let missing = chosen(&sandbox, |options| options.version = Some("9".to_owned())).err().unwrap();
    assert!(missing.to_string().starts_with("there is no manifest at `source-tiny 9 of http://"), "{missing}");
}
