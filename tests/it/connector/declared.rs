//! Declarative manifests at work: the real program that runs them, and a loopback API with pages behind a token.

use serde_json::{Value, json};

use super::connector;
use crate::support::http::{Request, Response, Server};
use crate::support::machine;
use crate::support::pythons;
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;

const MANIFEST: &str = include_str!("declared.yaml");
/// What makes it one with code of its own.
const TRANSFORMATION: &str = "  transformations:
  - type: CustomTransformation
    class_name: source_declarative_manifest.components.Loud
  retriever:
";
const COMPONENTS: &str = "
from airbyte_cdk.sources.declarative.transformations import RecordTransformation


class Loud(RecordTransformation):
    def __init__(self, **_):
        pass

    def transform(self, record, config=None, stream_state=None, stream_slice=None):
        record['name'] = record['name'].upper()
";

/// Seven people, three a page, for whoever has the token; and the manifest with code, for everybody.
fn api(request: &Request) -> Response {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    match path {
        "/m.yaml" => return Response::new(200, "text/yaml", with_code()),
        "/components.py" => return Response::new(200, "text/plain", COMPONENTS),
        _ => {}
    }
    if request.header("authorization") != Some("Bearer t0k3n") {
        return Response::status(401);
    }
    let page = query.split('&').find_map(|it| it.strip_prefix("page=")).and_then(|it| it.parse().ok()).unwrap_or(1);
    let people: Vec<Value> =
        (0..7).skip(3 * (page - 1)).take(3).map(|id| json!({ "id": id, "name": format!("p{id}") })).collect();
    Response::new(200, "application/json", json!({ "people": people }).to_string())
}

fn with_code() -> String {
    MANIFEST.replacen("  retriever:\n", TRANSFORMATION, 1)
}

fn names(text: &str) -> Vec<String> {
    let name = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["record"]["data"]["name"].as_str().unwrap().to_owned()
    };
    text.lines().map(name).collect()
}

#[test]
fn a_manifest_reads_all_pages_with_its_token_and_with_code_of_its_own() {
    let Some(python) = pythons::python("3.11").or_else(|| crate::support::skip("no python 3.11")) else { return };
    let (Some(uv), Some(_)) = (real_uv(), machine::default_index(&python.executable)) else { return };
    let server = Server::start(api);
    let sandbox = Sandbox::new().link_uv(uv).link_python(python).online().file("m.yaml", MANIFEST);
    let sandbox = sandbox.file("code/m.yaml", with_code()).file("code/components.py", COMPONENTS).env("TOKEN", "t0k3n");
    let config = json!({ "url": server.url(), "token": "secret_reference::TOKEN" }).to_string();
    let asked = |command, manifest: &str, rest: &[&str]| {
        let words = [command, "people", "--source-manifest", manifest];
        let (code, stdout, stderr) = connector(&sandbox, &[&words, rest].concat());
        assert!(!stderr.contains("t0k3n"), "{stderr}");
        (code, stdout, stderr)
    };
    let (code, _, stderr) = asked("install", "m.yaml", &[]);
    assert!(code == 0 && stderr.contains("install  airbyte-cdk "), "{stderr}");
    let (code, stdout, stderr) = asked("check", "m.yaml", &["--config", &config]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    let (code, stdout, stderr) = asked("discover", "m.yaml", &["--config", &config]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["streams"][0]["name"], "people");
    let plain: Vec<String> = (0..7).map(|id| format!("p{id}")).collect();
    let loud: Vec<String> = plain.iter().map(|name| name.to_uppercase()).collect();
    let url = format!("{}/m.yaml", server.url());
    for (manifest, expected) in [("m.yaml", &plain), ("code/m.yaml", &loud), (&url, &loud)] {
        let (code, stdout, stderr) = asked("read", manifest, &["--config", &config, "--streams", "people"]);
        assert_eq!((code, &names(&stdout)), (0, expected), "{manifest}: {stderr}");
    }
    let pages = server.requests().iter().filter(|it| it.target.starts_with("/people?page=3")).count();
    assert_eq!(pages, 3, "each read goes through all pages");
    let wrong = config.replace("secret_reference::TOKEN", "wr0ng");
    let (code, _, stderr) = asked("check", "m.yaml", &["--config", &wrong]);
    assert!(code == 1 && stderr.contains("401") && !stderr.contains("wr0ng"), "{stderr}");
}
