//! How the registry is got, kept, and asked for again.

use std::sync::{Arc, Mutex};

use super::{connector, index, sandbox, tiny};
use crate::support::http::{Response, Server, refused_url};
use crate::support::index::Index;
use crate::support::sandbox::Sandbox;

const ENTRY: &str = r#"{"sources": [{"dockerRepository": "airbyte/source-tiny", "dockerImageTag": "1.0",
  "language": "python", "remoteRegistries": {"pypi": {"enabled": true, "packageName": "airbyte-source-tiny"}}}]}"#;

/// A registry whose version is the `ETag`; 0 fails.
fn serve(version: &Arc<Mutex<u32>>) -> Server {
    let version = Arc::clone(version);
    Server::start(move |request| {
        let tag = format!("\"{}\"", version.lock().unwrap());
        match request.header("if-none-match") {
            _ if tag == "\"0\"" => Response::status(500),
            Some(known) if known == tag => Response::status(304),
            _ => Response::new(200, "application/json", ENTRY).header("ETag", tag),
        }
    })
}

/// Removes what is installed, so that the registry is asked.
fn install(sandbox: &Sandbox) -> (i32, String) {
    connector(sandbox, &["uninstall", "source-tiny"]);
    let (code, _, stderr) = connector(sandbox, &["install", "source-tiny"]);
    (code, stderr)
}

#[test]
fn it_is_kept_and_sent_again_only_when_it_has_changed() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let version = Arc::new(Mutex::new(1));
    let server = serve(&version);
    let sandbox = sandbox.env("AIRBYTE_LOCAL_REGISTRY", format!("{}/registry.json", server.url()));
    let asked = |count: usize| {
        let requests = server.requests();
        assert_eq!(requests.len(), count, "{requests:?}");
        requests.last().unwrap().header("if-none-match").map(str::to_owned)
    };
    assert_eq!(install(&sandbox).0, 0);
    assert_eq!(asked(1), None);
    assert_eq!(install(&sandbox).0, 0);
    assert_eq!(asked(2).as_deref(), Some("\"1\""));
    *version.lock().unwrap() = 2;
    assert_eq!((install(&sandbox).0, install(&sandbox).0), (0, 0));
    assert_eq!(asked(4).as_deref(), Some("\"2\""));
    // What is installed needs none of it, nor does what says itself what it is.
    assert_eq!(connector(&sandbox, &["ensure", "source-tiny"]).0, 0);
    assert_eq!(connector(&sandbox, &["ensure", "source-tiny", "--pip-url", "airbyte-source-tiny==1.0"]).0, 0);
    assert_eq!(connector(&sandbox, &["uninstall", "source-tiny"]).0, 0);
    asked(4);
    let offline = sandbox.env("AIRBYTE_OFFLINE_MODE", "true");
    assert_eq!(install(&offline).0, 0);
    asked(4);
    // One that fails is none the worse for what is kept.
    *version.lock().unwrap() = 0;
    let online = offline.env_remove("AIRBYTE_OFFLINE_MODE");
    let (code, stderr) = install(&online);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn one_that_cannot_be_had_is_told() {
    let index = Index::start();
    let Some(sandbox) = sandbox(&index) else { return };
    let registry = |url: &str| connector(&sandbox, &["install", "source-tiny", "--registry", url]);
    let (code, _, stderr) = registry(&format!("{}/r.json", refused_url()));
    assert!(code == 69 && stderr.contains("127.0.0.1"), "{stderr}");
    for (status, body, expected, message) in [
        (404, "", 69, "there is no connector registry at `http://"),
        (200, "<html>", 65, "is no connector registry: expected value"),
        (200, "{}", 65, "is no connector registry: it has neither `sources` nor `destinations`"),
        (200, r#"{"sources": []}"#, 78, "connector `source-tiny` is not in the registry"),
        (403, "", 77, "403"),
    ] {
        let server = Server::start(move |_| Response::new(status, "application/json", body));
        let (code, _, stderr) = registry(&server.url());
        assert!(code == expected && stderr.contains(message), "{status} {body}: {code} {stderr}");
    }
    let sandbox =
        sandbox.file("bad.json", r#"{"destinations": [{"dockerRepository": "airbyte/source-tiny", "x": 1}]}"#);
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny", "--registry", "bad.json"]);
    assert!(code == 69 && stderr.contains("is only published as the image"), "{stderr}");
}

#[test]
fn offline_and_without_a_kept_one_there_is_none() {
    let index = index([tiny("1.0").build()]);
    let Some(sandbox) = sandbox(&index) else { return };
    let url = format!("{}/r.json", refused_url());
    let sandbox = sandbox.env("AIRBYTE_LOCAL_REGISTRY", url).env("AIRBYTE_OFFLINE_MODE", "1");
    let (code, _, stderr) = connector(&sandbox, &["install", "source-tiny"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(connector(&sandbox, &["version", "source-tiny"]).1, "1.0\n");
}

#[test]
fn the_variables_of_connectors_take_the_same_words_for_a_yes() {
    for (word, expected) in [("1", true), ("t", true), ("TRUE", true), ("Yes", true), ("0", false), ("y", false)] {
        let sandbox = Sandbox::new().env("AIRBYTE_NO_UV", word).env("AIRBYTE_OFFLINE_MODE", word);
        let host = super::host(&sandbox);
        let said = ["AIRBYTE_NO_UV", "AIRBYTE_OFFLINE_MODE"].map(|name| host.says_yes(name));
        assert_eq!(said, [expected; 2], "{word}");
    }
}
