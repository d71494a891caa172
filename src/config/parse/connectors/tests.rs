use std::path::Path;

use serde_json::json;

use crate::config::document::{Document, Format, Source};
use crate::config::fields::{CONNECTOR_FIELDS, ConnectorFields, Field, Said};
use crate::config::leap::{Leap, Origin};
use crate::config::parse::{Decoded, decode};

fn decoded(name: &str, text: &str) -> Decoded {
    let path = format!("/r/{name}");
    let format = Format::of(Path::new(&path));
    let document = Document::parse(Source::new(path, Path::new("/r")), format, text.as_bytes()).unwrap();
    decode(&document.source, format, &document.root, &Leap::FILES)
}

fn read(name: &str, text: &str) -> Vec<ConnectorFields> {
    let decoded = decoded(name, text);
    assert_eq!(decoded.faults, []);
    decoded.fields.shared.connectors.value().unwrap().value
}

const WHOLE: &str = r#"
[connectors.source-x]
ensure = true
version = "1.2"
pip_url = "source-x"
with = ["a", "b"]
constraints = "c.txt"
use_python = "3.12"
install_root = "/opt/x"
no_install = false
no_fix = true
recheck = true
local_executable = true
docker_image = "a/b"
use_host_network = true
source_manifest = "m.yaml"
no_executor = false
registry = false
streams = ["users", "a,b"]
catalog = "c.json"
state = "s.json"
state_out = "s.json"
full_refresh = true
limit = 10
format = "csv"
output = "out"

[connectors.source-x.config]
count = 0xff
token = "secret_reference::TOKEN"
since = 2024-01-01
nested = [{ ratio = 1.5, on = true }]
"#;

#[test]
fn every_field_is_read_with_its_line() {
    let [connector] = &read("prime.toml", WHOLE)[..] else { panic!("one") };
    assert_eq!(connector.name, "source-x");
    let line = |origin: &Origin| match origin {
        Origin::File { line, leap: Leap::Client, .. } => *line,
        other => panic!("{other}"),
    };
    assert_eq!(line(&connector.origin), 2);
    let said: Vec<&str> = connector.all().map(|(name, _)| name).collect();
    let mut known: Vec<&str> = CONNECTOR_FIELDS.iter().map(|field| field.name).collect();
    known.sort_unstable();
    assert_eq!(said, known);
    assert_eq!(line(&connector.said("limit").unwrap().origin), 24);
    for (name, expected) in [
        ("ensure", Said::Flag(true)),
        ("with", Said::List(vec!["a".into(), "b".into()])),
        ("install_root", Said::Path("/opt/x".into())),
        ("local_executable", Said::Flag(true)),
        ("use_python", Said::Text("3.12".into())),
        ("streams", Said::List(vec!["users".into(), "a,b".into()])),
        ("limit", Said::Count(10)),
        ("format", Said::Text("csv".into())),
    ] {
        assert_eq!(connector.value(name), Some(&expected), "{name}");
    }
    let config = json!({ "count": 255, "token": "secret_reference::TOKEN", "since": "2024-01-01",
        "nested": [{ "ratio": 1.5, "on": true }] });
    assert_eq!(connector.value("config"), Some(&Said::Table(config)));
}

#[test]
fn json_says_the_same_and_null_is_the_default() {
    let text =
        r#"{"connectors": {"__": 1, "source-x": {"__": 1, "version": null, "streams": "*", "config": {"a": null}}}}"#;
    let [connector] = &read("prime.json", text)[..] else { panic!("one") };
    assert_eq!(connector.said("version"), None);
    assert_eq!(connector.value("streams"), Some(&Said::Text("*".into())));
    assert_eq!(connector.value("config"), Some(&Said::Table(json!({ "a": null }))));
    let nothing = decoded("prime.json", r#"{"connectors": null}"#);
    assert!(matches!(nothing.fields.shared.connectors, Field::Null(_)) && nothing.faults.is_empty());
}

/// Texts, and what is wrong with each.
const WRONG: [(&str, &str); 16] = [
    ("connectors = 1", "`connectors` in `prime.toml` line 1 is a number, expected a table"),
    ("connectors.x = 1", "`connectors.x` in `prime.toml` line 1 is a number, expected a table"),
    (
        "[connectors.x]\nversoin = '1'",
        "unknown field `connectors.x.versoin` in `prime.toml` line 2; did you mean `version`?",
    ),
    (
        "[connectors.'../x']",
        "`connectors` in `prime.toml` line 1 is `../x`, expected the name of a connector, such as `source-faker`",
    ),
    (
        "[connectors.x]\nversion = 1.2",
        "`connectors.x.version` in `prime.toml` line 2 is a number, expected a string; write it in quotes: `\"1.2\"`",
    ),
    (
        "[connectors.x]\nuse_python = 3.11",
        "`connectors.x.use_python` in `prime.toml` line 2 is a number, expected a boolean or a string; write it in quotes: `\"3.11\"`",
    ),
    (
        "[connectors.x]\nstreams = true",
        "`connectors.x.streams` in `prime.toml` line 2 is a boolean, expected a string or an array",
    ),
    (
        "[connectors.x]\nstreams = ['a', 1]",
        "`connectors.x.streams[1]` in `prime.toml` line 2 is a number, expected a string; write it in quotes: `\"1\"`",
    ),
    (
        "[connectors.x]\nconfig = []",
        "`connectors.x.config` in `prime.toml` line 2 is an array, expected a string or a table",
    ),
    (
        "[connectors.x]\nconfig = { a = [\n  nan] }",
        "`connectors.x.config.a[0]` in `prime.toml` line 3 is `nan`, expected a number that JSON can hold",
    ),
    ("[connectors.x]\nwith = 'a'", "`connectors.x.with` in `prime.toml` line 2 is a string, expected an array"),
    (
        "[connectors.x]\nlimit = 0",
        "`connectors.x.limit` in `prime.toml` line 2 is `0`, expected a whole number from 1 on",
    ),
    (
        "[connectors.x]\nformat = 'cvs'",
        "`connectors.x.format` in `prime.toml` line 2 is `cvs`, expected `jsonl` or `csv`; did you mean `csv`?",
    ),
    ("[connectors.x]\noutput = ''", "`connectors.x.output` in `prime.toml` line 2 is empty, expected a path"),
    (
        "[connectors.x]\nregistry = true",
        "`connectors.x.registry` in `prime.toml` line 2 is `true`, expected `false`, a path or a URL",
    ),
    ("[connectors.x]\nensure = 'yes'", "`connectors.x.ensure` in `prime.toml` line 2 is a string, expected a boolean"),
];

#[test]
fn what_is_wrong_is_told_with_its_place_and_its_remedy() {
    for (text, expected) in WRONG {
        let faults = decoded("prime.toml", text).faults;
        let [broken] = faults.as_slice() else { panic!("{text}: {faults:?}") };
        let hint = broken.fault.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        assert_eq!(format!("{}{hint}", broken.fault.message), expected);
        assert_eq!(broken.field.as_deref(), Some("connectors"));
        assert!(broken.fault.place.is_some(), "{text}");
    }
}
