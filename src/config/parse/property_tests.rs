//! What holds whatever stands in a file.

use std::path::Path;

use proptest::prelude::*;

use super::tests::WHOLE;
use super::*;
use crate::config::document::Document;

/// Any tree of values under keys that are mostly known.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let mut keys: Vec<&'static str> = FIELDS.iter().map(|spec| spec.name).collect();
    keys.extend(["build_root_dir_rel_path", "install_extras", "extra_command_args", "editable", "x", "__x", "", "é"]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        prop::sample::select(vec!["", ".", "..", "/", "a", "venv_uv", "\0", "é\n"]).prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let key = prop::sample::select(keys.clone()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::hash_map(key, inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_tree_makes_it_panic(tree in tree()) {
        read(Format::Json, tree.to_string().as_bytes(), &Leap::FILES);
    }
}

/// Reads and decodes bytes as a file that is read for these leaps; what is wrong with it is told, and of the right kind.
fn read(format: Format, bytes: &[u8], leaps: &[Leap]) {
    let source = Source::new("/repo/prime", Path::new("/repo"));
    let faults = match Document::parse(source.clone(), format, bytes) {
        Ok(document) => decode(&source, format, &document.root, leaps).faults,
        Err(fault) => vec![fault.into()],
    };
    for Broken { fault, .. } in faults {
        assert_eq!(fault.kind, Kind::Config);
        assert!(!fault.message.is_empty() && !fault.message.contains(char::is_control), "{fault:?}");
    }
}

/// Text that looks enough like a configuration to get past the parser now and then.
fn lines() -> impl Strategy<Value = String> {
    let mut words: Vec<&'static str> = FIELDS.iter().map(|spec| spec.name).collect();
    words.extend([
        "=", ":", ",", "[", "]", "[[", "]]", "{", "}", "\"", "'", "\n", " ", ".", "#", "__", "\\u12", "\\u001b",
        "\u{e9}",
    ]);
    words.extend([
        "install_extras = ",
        "= 'venv_uv'\n",
        "\": null",
        "= [",
        "1",
        "true",
        "nan",
        "-inf",
        "1979-05-27",
        "\0",
    ]);
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|words| words.concat())
}

/// A file of which some bytes are others.
fn damaged(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let place = (0..text.len(), 0..8_usize, prop::collection::vec(any::<u8>(), 0..4));
    prop::collection::vec(place, 1..4).prop_map(|places| {
        let mut bytes = text.as_bytes().to_vec();
        for (start, length, other) in places {
            let start = start.min(bytes.len());
            bytes.splice(start..(start + length).min(bytes.len()), other);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn no_text_and_no_bytes_make_it_panic(
        text in lines(), bytes in damaged(WHOLE), noise in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        for leaps in [&Leap::FILES[..], &[Leap::Env], &[Leap::Primer]] {
            for content in [text.as_bytes(), &bytes, &noise] {
                read(Format::Toml, content, leaps);
                read(Format::Json, content, leaps);
            }
        }
    }
}
