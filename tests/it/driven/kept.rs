//! Manifests from a URL that cannot be asked again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::http::{Response, Server};
use crate::support::sandbox::Sandbox;

/// A manifest that looks as if it brought code.
const MANIFEST: &str = "version: 1.0.0\nclass_name: CustomX\nspec:\n  connection_specification: {type: object}\n";

#[test]
fn a_manifest_that_brings_no_code_serves_when_nobody_answers_any_more() {
    let is_up = Arc::new(AtomicBool::new(true));
    let of_server = Arc::clone(&is_up);
    let server = Server::start(move |request| match request.target.as_str() {
        _ if !of_server.load(Ordering::SeqCst) => Response::status(503),
        "/m.yaml" => Response::new(200, "text/yaml", MANIFEST),
        _ => Response::status(404),
    });
    let sandbox = Sandbox::new();
    let url = format!("{}/m.yaml", server.url());
    let spec = |rest: &[&str], variable: &str| {
        let words = ["connector", "spec", "tiny", "--source-manifest", &url];
        let run = sandbox.prime(words.into_iter().chain(rest.iter().copied())).env("AIRBYTE_OFFLINE_MODE", variable);
        let run = run.output();
        (run.code(), run.stdout().contains("connectionSpecification"), run.stderr())
    };
    assert_eq!(spec(&["--offline"], "").0, 69, "nothing is kept");
    assert_eq!(spec(&[], "True").0, 69, "nor may it be asked for");
    assert_eq!(server.requests().len(), 0);
    assert_eq!(spec(&[], ""), (0, true, String::new()));
    let asked = server.requests().len();
    assert_eq!(spec(&["--offline"], ""), (0, true, String::new()));
    assert_eq!(spec(&[], "1"), (0, true, String::new()));
    assert_eq!(server.requests().len(), asked);
    is_up.store(false, Ordering::SeqCst);
    let (code, has_spec, stderr) = spec(&[], "");
    assert_eq!((code, has_spec), (0, true), "{stderr}");
}

#[test]
fn a_manifest_that_is_missed_for_a_while_is_not_forgotten() {
    let is_there = Arc::new(AtomicBool::new(true));
    let of_server = Arc::clone(&is_there);
    let server = Server::start(move |request| match request.target.as_str() {
        "/m.yaml" if of_server.load(Ordering::SeqCst) => Response::new(200, "text/yaml", MANIFEST),
        _ => Response::status(404),
    });
    let sandbox = Sandbox::new();
    let url = format!("{}/m.yaml", server.url());
    let spec = |more: &[&str]| {
        let words = ["connector", "spec", "tiny", "--source-manifest", &url];
        sandbox.prime(words.into_iter().chain(more.iter().copied())).output().code()
    };
    assert_eq!(spec(&[]), 0);
    is_there.store(false, Ordering::SeqCst);
    assert_ne!(spec(&[]), 0, "it is not there");
    assert_eq!(spec(&["--offline"]), 0);
}
