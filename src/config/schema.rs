//! The JSON Schema of the configuration, made from the table of the fields (JSON Schema, draft 2020-12).
//!
//! An editor completes and checks `prime.toml` by it. It says less than the decoder does (a path may lead out of the
//! repository), and never more: what the decoder takes, the schema takes.

use serde_json::{Map, Value, json};

use super::fields::{FIELDS, FieldKind, FieldSpec, ItemSpec, VenvDriver};

/// Keys that begin so are comments.
const COMMENTS: &str = "^__";
/// Letters, digits and, between them, `.`, `_`, `-`: the names of PEP 508.
const PACKAGE_NAME: &str = "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$";
/// The names that connectors may have: a third party's has the party before it.
const CONNECTOR_NAME: &str = "^([A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*$";
const SPACE_ALONE: &str = "^\\s*$";
/// A control character that is not at an end, where space is taken off.
const CONTROL_INSIDE: &str = "\\S[\\s\\S]*[\\x00-\\x1f\\x7f-\\x9f][\\s\\S]*\\S";
/// A text that the system can pass on.
const NO_NUL: &str = "^[^\\x00]*$";

/// The schema of a configuration file.
pub fn schema() -> Value {
    let properties: Map<String, Value> = FIELDS.iter().map(|field| (field.name.to_owned(), of_field(field))).collect();
    let comments = Map::from_iter([(COMMENTS.to_owned(), json!({ "description": "a comment" }))]);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "prime.toml",
        "description": "The configuration of prime",
        "type": "object",
        "properties": properties,
        "patternProperties": comments,
        "additionalProperties": false,
    })
}

fn of_field(field: &FieldSpec) -> Value {
    let leaps: Vec<String> = field.leaps.iter().map(ToString::to_string).collect();
    let description = format!("{} ({}). Default: {}.", field.meaning, leaps.join(", "), field.default);
    // In JSON files, `null` means the default.
    let kinds = [of_kind(field.kind), json!({ "type": "null" })];
    let mut schema = json!({ "description": description, "anyOf": kinds });
    if let Some(default) = literal(field.default) {
        schema["default"] = default;
    }
    schema
}

/// The default where it is a value and not words.
fn literal(default: &str) -> Option<Value> {
    serde_json::from_str(default).ok()
}

fn of_kind(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Path => json!({ "type": "string", "minLength": 1, "pattern": "^[^/\\x00][^\\x00]*$" }),
        FieldKind::FileName => {
            json!({ "type": "string", "pattern": "^[^/\\x00]+$", "not": { "enum": [".", ".."] } })
        }
        FieldKind::Text => {
            let wrong = [SPACE_ALONE, CONTROL_INSIDE].map(|pattern| json!({ "pattern": pattern }));
            json!({ "type": "string", "not": { "anyOf": wrong } })
        }
        FieldKind::PackageName => json!({ "type": "string", "pattern": PACKAGE_NAME }),
        FieldKind::Argument => json!({ "type": "string", "pattern": NO_NUL }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Count => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        FieldKind::Driver => json!({ "enum": VenvDriver::ALL.map(VenvDriver::name) }),
        FieldKind::List(item) => json!({ "type": "array", "items": of_kind(*item) }),
        FieldKind::Table { fields, required } => of_table(fields, required),
        FieldKind::Named(kind) => json!({
            "type": "object",
            "patternProperties": { COMMENTS: { "description": "a comment" } },
            "additionalProperties": of_kind(*kind),
            "minProperties": 1,
            // With comments in it, the keys cannot be counted.
            "if": { "propertyNames": { "not": { "pattern": COMMENTS } } },
            "then": { "maxProperties": 1 },
        }),
        FieldKind::ByConnector(kind) => json!({
            "type": "object",
            "patternProperties": { COMMENTS: { "description": "a comment" }, CONNECTOR_NAME: of_kind(*kind) },
            "additionalProperties": false,
        }),
        FieldKind::AnyPath => json!({ "type": "string", "pattern": "^[^\\x00]+$" }),
        FieldKind::Switch => any_of(&[FieldKind::Boolean, FieldKind::Text]),
        FieldKind::Positive => json!({ "type": "integer", "minimum": 1 }),
        FieldKind::OneOf(words) => json!({ "enum": words }),
        FieldKind::TextOrList => any_of(&[FieldKind::Text, FieldKind::List(&FieldKind::Text)]),
        FieldKind::PathOrTable => json!({ "anyOf": [of_kind(FieldKind::AnyPath), { "type": "object" }] }),
    }
}

fn any_of(kinds: &[FieldKind]) -> Value {
    json!({ "anyOf": kinds.iter().map(|kind| of_kind(*kind)).collect::<Vec<_>>() })
}

fn of_table(fields: &[ItemSpec], required: bool) -> Value {
    let property = |field: &ItemSpec, null: bool| {
        let kinds = if null { vec![of_kind(field.kind), json!({ "type": "null" })] } else { vec![of_kind(field.kind)] };
        (field.name.to_owned(), json!({ "description": field.meaning, "anyOf": kinds }))
    };
    let is_required = |index: usize| required && index == 0;
    let properties = fields.iter().enumerate().map(|(index, field)| property(field, !is_required(index)));
    let names: Vec<&str> = fields.iter().take(usize::from(required)).map(|field| field.name).collect();
    json!({
        "type": "object",
        "properties": properties.collect::<Map<_, _>>(),
        "patternProperties": { COMMENTS: { "description": "a comment" } },
        "additionalProperties": false,
        "required": names,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::document::{Document, Format, Source};
    use crate::config::parse::decode;
    use crate::config::{Leap, Selection, Settings, discover, evaluate};
    use crate::host::Host;

    /// Whether the schema and the decoder take a JSON text.
    fn verdicts(text: &str) -> (bool, bool) {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        (validator.is_valid(&serde_json::from_str(text).unwrap()), is_taken(text))
    }

    /// Whether the decoder takes it.
    fn is_taken(text: &str) -> bool {
        let document = Document::parse(Source::new("/r/prime.json", Path::new("/r")), Format::Json, text.as_bytes());
        let document = document.unwrap();
        decode(&document.source, Format::Json, &document.root, &Leap::FILES).faults.is_empty()
    }

    /// A value that the decoder takes for a field of this kind.
    fn sample(kind: FieldKind) -> Value {
        match kind {
            FieldKind::Path | FieldKind::FileName | FieldKind::Text | FieldKind::PackageName => json!("a-b"),
            FieldKind::Argument => json!("--quiet"),
            FieldKind::Boolean | FieldKind::Switch => json!(false),
            FieldKind::Count => json!(5),
            FieldKind::Driver => json!("venv_pip"),
            FieldKind::List(item) => json!([sample(*item)]),
            FieldKind::Table { fields, .. } => {
                fields.iter().map(|field| (field.name.to_owned(), sample(field.kind))).collect::<Map<_, _>>().into()
            }
            FieldKind::Named(kind) | FieldKind::ByConnector(kind) => json!({ "name": sample(*kind) }),
            FieldKind::Positive => json!(7),
            FieldKind::OneOf(words) => json!(words[0]),
            FieldKind::AnyPath | FieldKind::TextOrList => json!("/a"),
            FieldKind::PathOrTable => json!({ "a": [1] }),
        }
    }

    #[test]
    fn the_schema_is_one() {
        assert!(jsonschema::meta::is_valid(&schema()));
    }

    #[test]
    fn every_field_is_in_it_with_its_type_meaning_and_default() {
        for field in FIELDS {
            for value in [sample(field.kind), Value::Null] {
                assert_eq!(verdicts(&json!({ field.name: value }).to_string()), (true, true), "{}", field.name);
            }
            let number = if field.kind == FieldKind::Count { json!(-1) } else { json!(1) };
            // Only names that the user gives may be none.
            let table = if matches!(field.kind, FieldKind::ByConnector(_)) { json!({ "-": {} }) } else { json!({}) };
            for wrong in [number, table, json!([1]), json!("")] {
                assert_eq!(
                    verdicts(&json!({ field.name: wrong }).to_string()),
                    (false, false),
                    "{} {wrong}",
                    field.name
                );
            }
            let described = schema()["properties"][field.name]["description"].clone();
            assert!(described.as_str().unwrap().starts_with(field.meaning));
        }
        assert_eq!(schema()["properties"]["local_venv_dir_rel_path"]["default"], ".venv");
        assert_eq!(schema()["properties"]["project_descriptors"].get("default"), None);
    }

    /// Any value of a few levels.
    fn value() -> impl Strategy<Value = Value> {
        let texts = vec!["", " ", ".", "..", "/", "a/b", "a", "-a", "venv_uv", "\0", "a\0", "a\tb", "é\n", "\u{1c}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            prop::sample::select(texts).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let descriptor = ["build_root_dir_rel_path", "install_extras", "editable"];
            let connector = ["use_python", "streams", "config", "limit", "format", "output", "registry"];
            let key = [&descriptor[..], &connector[..], &["a", "__", "", "-a"]].concat();
            let key = prop::sample::select(key);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
                prop::collection::hash_map(key.prop_map(str::to_owned), inner, 0..3)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_the_decoder_takes_the_schema_takes(value in value()) {
            let validator = jsonschema::draft202012::new(&schema()).unwrap();
            for field in FIELDS {
                let whole = json!({ field.name: value });
                if is_taken(&whole.to_string()) {
                    prop_assert!(validator.is_valid(&whole), "{}", whole);
                }
            }
        }
    }

    /// What the table says is the default is what holds without the field.
    #[test]
    fn a_default_that_is_said_changes_nothing() {
        let values = |text: Option<&str>| {
            let dir = tempfile::Builder::new().prefix("prime-test-").tempdir().unwrap();
            if let Some(text) = text {
                std::fs::write(dir.path().join("prime.toml"), text).unwrap();
            }
            let host = Host { args: vec!["prime".into()], current_dir: dir.path().into(), ..Host::default() };
            let repo = discover(&host, Some(dir.path())).unwrap();
            let settings = evaluate(&host, &repo, &Selection::default());
            assert_eq!(settings.faults, []);
            let Settings { ref_root_dir, venv_dir, log_dir, tmp_dir, cache_dir, run_dir, .. } = &settings.settings;
            let dirs = [ref_root_dir, venv_dir, log_dir, tmp_dir, cache_dir, run_dir];
            let root = repo.seed_dir.value.clone();
            let dirs = dirs.map(|setting| setting.value.strip_prefix(&root).unwrap().to_owned());
            let pins = settings.settings.constraints_file.value.strip_prefix(&root).unwrap().to_owned();
            let Settings { update_launcher, native_venv, reboot_keep_count, .. } = &settings.settings;
            (dirs, pins, update_launcher.value, native_venv.value, reboot_keep_count.value)
        };
        let plain: Vec<_> = FIELDS.iter().filter(|field| literal(field.default).is_some()).collect();
        let text: String = plain.iter().flat_map(|field| [field.name, " = ", field.default, "\n"]).collect();
        assert_eq!(plain.len(), 10, "{text}");
        assert_eq!(values(Some(&text)), values(None));
    }

    #[test]
    fn schema_and_decoder_agree() {
        let taken = [
            "{}",
            r#"{"__comment__": [1], "install_specs": [{"__": 1, "a": {}}]}"#,
            r#"{"project_descriptors": [{"build_root_dir_rel_path": ".", "install_group": null}]}"#,
            r#"{"ref_root_dir_rel_path": "../.."}"#,
            r#"{"required_python_version": "\n>=3.9, <3.13 \n"}"#,
            r#"{"connectors": {}}"#,
            r#"{"connectors": {"a/b": {}}}"#,
            r#"{"connectors": {"__": 1, "x": {"use_python": true, "streams": ["a"], "config": {"a": [null]}, "limit": 1}}}"#,
            r#"{"connectors": {"x": {"use_python": "3", "streams": "*", "config": "/c", "output": "o", "format": null}}}"#,
        ];
        let refused = [
            "[]",
            r#"{"venv_drver": "venv_uv"}"#,
            r#"{"venv_driver": "uv"}"#,
            r#"{"local_venv_dir_rel_path": "/abs"}"#,
            r#"{"version_constraints_file_basename": "a/b"}"#,
            r#"{"version_constraints_file_basename": ".."}"#,
            r#"{"project_descriptors": [{}]}"#,
            r#"{"project_descriptors": [{"build_root_dir_rel_path": null}]}"#,
            r#"{"project_descriptors": [{"build_root_dir_rel_path": ".", "extras": []}]}"#,
            r#"{"project_descriptors": [{"build_root_dir_rel_path": ".", "install_extras": ["-x"]}]}"#,
            r#"{"install_specs": [{}]}"#,
            r#"{"install_specs": [{"a": {}, "b": {}}]}"#,
            r#"{"install_specs": [{"a": {"extra_command_args": ["a\u0000"]}}]}"#,
            r#"{"local_log_dir_rel_path": "a\u0000"}"#,
            r#"{"required_python_version": "3\t12"}"#,
            r#"{"install_specs": [{"a": {"args": []}}]}"#,
            r#"{"required_python_version": "  "}"#,
            r#"{"connectors": {"../x": {}}}"#,
            r#"{"connectors": {"a/b/c": {}}}"#,
            r#"{"connectors": {"/x": {}}}"#,
            r#"{"connectors": {"x": {"use_python": 3.11}}}"#,
            r#"{"connectors": {"x": {"limit": 0}}}"#,
            r#"{"connectors": {"x": {"format": "xml"}}}"#,
            r#"{"connectors": {"x": {"config": []}}}"#,
            r#"{"connectors": {"x": {"versoin": "1"}}}"#,
        ];
        for text in taken {
            assert_eq!(verdicts(text), (true, true), "{text}");
        }
        for text in refused {
            assert_eq!(verdicts(text), (false, false), "{text}");
        }
    }
}
