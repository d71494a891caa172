use proptest::prelude::*;

use super::*;
use crate::error::Kind;

fn parse(format: Format, bytes: impl AsRef<[u8]>) -> Result<Node, String> {
    let name = if format == Format::Json { "f.json" } else { "f.toml" };
    let source = Source::new(format!("/repo/{name}"), Path::new("/repo"));
    Document::parse(source, format, bytes.as_ref()).map(|it| it.root).map_err(|fault| {
        assert_eq!(fault.kind, Kind::Config);
        fault.message
    })
}

/// The tree without places, for comparison.
fn plain_text(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Number(text) | Value::Datetime(text) => text.clone(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => format!("[{}]", items.iter().map(plain_text).collect::<Vec<_>>().join(",")),
        Value::Table(entries) => {
            let entry = |entry: &Entry| format!("{:?}:{}", entry.key, plain_text(&entry.node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn both_formats_give_the_same_tree() {
    let toml = "b = \"x\\u00e9\"\na = [1, 2.50, true]\n[t.u]\nz = []\ny = {}\n";
    let json = r#"{"b": "xé", "a": [1, 2.50, true], "t": {"u": {"z": [], "y": {}}}}"#;
    let expected = r#"{"b":"xé","a":[1,2.50,true],"t":{"u":{"z":[],"y":{}}}}"#;
    assert_eq!(plain_text(&parse(Format::Toml, toml).unwrap()), expected);
    assert_eq!(plain_text(&parse(Format::Json, json).unwrap()), expected);
}

#[test]
fn every_key_and_value_knows_its_place() {
    let toml = "# é\nname = 'v'\n\n[[list]]\nk = [\n  'é', 1,\n]\n[[list]]\n";
    let root = parse(Format::Toml, toml).unwrap();
    let place = |line, column| Position { line, column };
    let name = root.entry("name").unwrap();
    assert_eq!((name.position, name.node.position), (place(2, 1), place(2, 8)));
    let Value::Array(tables) = &root.at(&["list"]).unwrap().value else { panic!("{root:?}") };
    assert_eq!(tables.iter().map(|table| table.position.line).collect::<Vec<_>>(), [4, 8]);
    let Value::Array(items) = &tables[0].at(&["k"]).unwrap().value else { panic!("{root:?}") };
    assert_eq!(items.iter().map(|item| item.position).collect::<Vec<_>>(), [place(6, 3), place(6, 8)]);

    let root = parse(Format::Json, "{\n  \"é\": 1, \"k\":\n    [null]}").unwrap();
    let entry = root.entry("k").unwrap();
    assert_eq!((root.position, entry.position, entry.node.position), (place(1, 1), place(2, 11), place(3, 5)));
}

#[test]
fn json_that_is_none_is_an_error_with_its_place() {
    for (text, expected) in [
        ("", "`f.json` line 1, column 1 is not JSON: expected a value, found the end of the file"),
        ("{} x", "`f.json` line 1, column 4 is not JSON: expected the end of the file, found `x`"),
        ("{\n \"a\": 1,\n \"a\": 2}", "`f.json` line 3, column 2 is not JSON: the key `a` is already given in line 2"),
        (
            "{\"\\u0007\": 1, \"\\u0007\": 2}",
            "`f.json` line 1, column 15 is not JSON: the key `\\u{7}` is already given in line 1",
        ),
        ("[NaN]", "`f.json` line 1, column 2 is not JSON: `NaN` is not a value"),
        ("[Infinity]", "`f.json` line 1, column 2 is not JSON: `Infinity` is not a value"),
        ("[-Infinity]", "`f.json` line 1, column 3 is not JSON: expected a digit, found `I`"),
        ("{'a': 1}", "`f.json` line 1, column 2 is not JSON: expected a key in double quotes, found `'`"),
        ("{\"a\": 1,}", "`f.json` line 1, column 9 is not JSON: expected a key in double quotes, found `}`"),
        ("[1,]", "`f.json` line 1, column 4 is not JSON: expected a value, found `]`"),
        ("[01]", "`f.json` line 1, column 3 is not JSON: expected `,` or `]`, found `1`"),
        ("// no", "`f.json` line 1, column 1 is not JSON: expected a value, found `/`"),
        ("\"a\nb\"", "`f.json` line 1, column 3 is not JSON: expected the closing quote of a string, found `\\n`"),
        (r#""\q""#, "`f.json` line 1, column 2 is not JSON: `\\q` is not an escape"),
        (r#""\ud800x""#, "`f.json` line 1, column 2 is not JSON: `\\ud800` is half of a character"),
        (r#""\u12""#, "`f.json` line 1, column 4 is not JSON: expected four hexadecimal digits"),
    ] {
        assert_eq!(parse(Format::Json, text).unwrap_err(), expected, "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(
        parse(Format::Json, deep).unwrap_err(),
        "`f.json` line 1, column 128 is not JSON: nested deeper than 127 levels"
    );
}

#[test]
fn toml_that_is_none_is_an_error_with_its_place() {
    for (text, expected) in [
        ("a = 1\na = 2", "`f.toml` line 2, column 1 is not TOML: duplicate key"),
        ("a = 1\nb", "`f.toml` line 2, column 2 is not TOML: key with no value, expected `=`"),
        ("a = 'x", "`f.toml` line 1, column 7 is not TOML: invalid literal string, expected `'`"),
    ] {
        assert_eq!(parse(Format::Toml, text).unwrap_err(), expected, "{text}");
    }
    for deep in [format!("a = {}", "[".repeat(100_000)), format!("{}b = 1", "a.".repeat(100_000))] {
        let message = parse(Format::Toml, deep).unwrap_err();
        assert!(message.contains("is not TOML") && message.contains("recur"), "{message}");
    }
}

#[test]
fn a_wrong_encoding_is_an_error_with_its_place() {
    for (bytes, expected) in [
        (b"\xEF\xBB\xBFa = 1".as_slice(), "`f.toml` line 1, column 1 is a byte order mark, expected plain UTF-8"),
        (b"\xFF\xFEa\0", "`f.toml` line 1, column 1 is the start of UTF-16, expected UTF-8"),
        (b"a = 1\nb = '\xE9'", "`f.toml` line 2, column 6 is not UTF-8"),
    ] {
        assert_eq!(parse(Format::Toml, bytes).unwrap_err(), expected);
    }
}

#[test]
fn a_comment_in_json_may_be_repeated() {
    assert!(parse(Format::Json, r#"{"__": 1, "__": 2, "__comment": "x", "__comment": "y"}"#).is_ok());
}

#[test]
fn what_is_not_a_readable_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let load = |name: &str| Document::load(Source::new(dir.path().join(name), dir.path()), Format::Toml).unwrap_err();
    fs::create_dir(dir.path().join("dir.toml")).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join("link.toml")).unwrap();
    assert_eq!(load("dir.toml").message, "`dir.toml` is a directory, expected a file");
    assert_eq!(load("link.toml").message, "`link.toml` is a link to a file that does not exist");
    assert_eq!(load("none.toml").message, "cannot read `none.toml`: no such file or directory");
}

/// Text that looks enough like either format to get past its first character.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "[[",
        "]]",
        ",",
        ":",
        "=",
        ".",
        "\"",
        "'",
        "\"\"\"",
        "\\",
        "\\u",
        "d83d",
        "\\ude00",
        "a",
        "__",
        "-",
        "+",
        "0",
        "12",
        "e",
        "E5",
        ".5",
        "true",
        "null",
        "NaN",
        "inf",
        " ",
        "\n",
        "\r\n",
        "\t",
        "#",
        "é",
        "\0",
        "😀",
        "1979-05-27T07:32:00Z",
        "\"k\":",
        "k = ",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

/// JSON values that are well formed.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        // `serde_json` reads and writes floats to within a last digit only.
        any::<i32>().prop_map(|number| (f64::from(number) / 8.0).into()),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::hash_map(".*", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (parse(Format::Toml, &bytes), parse(Format::Json, &bytes));
    }

    #[test]
    fn no_text_makes_it_panic_and_json_is_what_serde_json_takes(text in text()) {
        let _ = parse(Format::Toml, &text);
        let ours = parse(Format::Json, &text);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match &ours {
            Ok(_) => prop_assert!(theirs.is_ok() || theirs.unwrap_err().to_string().contains("out of range")),
            Err(message) => prop_assert!(theirs.is_err() || message.contains("already given"), "{} {}", text, message),
        }
    }

    #[test]
    fn what_serde_json_writes_is_read_back(value in json()) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let node = parse(Format::Json, &pretty).unwrap();
        prop_assert_eq!(plain_text(&node), plain_text(&parse(Format::Json, value.to_string()).unwrap()));
        prop_assert_eq!(to_serde(&node), value);
    }
}

fn to_serde(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(value) => (*value).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::String(text) | Value::Datetime(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(to_serde).collect(),
        Value::Table(entries) => entries.iter().map(|entry| (entry.key.clone(), to_serde(&entry.node))).collect(),
    }
}
