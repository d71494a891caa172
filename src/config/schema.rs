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
const SPACE_ALONE: &str = "^\\s*$";

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
        FieldKind::Path => json!({ "type": "string", "minLength": 1, "pattern": "^[^/\\u0000]" }),
        FieldKind::FileName => {
            json!({ "type": "string", "pattern": "^[^/\\u0000]+$", "not": { "enum": [".", ".."] } })
        }
        FieldKind::Text => json!({ "type": "string", "not": { "pattern": SPACE_ALONE } }),
        FieldKind::PackageName => json!({ "type": "string", "pattern": PACKAGE_NAME }),
        FieldKind::Argument => json!({ "type": "string" }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Driver => json!({ "enum": VenvDriver::ALL.map(VenvDriver::name) }),
        FieldKind::List(item) => json!({ "type": "array", "items": of_kind(*item) }),
        FieldKind::Table { fields, required } => of_table(fields, required),
        FieldKind::Named(kind) => json!({
            "type": "object",
            "patternProperties": { COMMENTS: { "description": "a comment" } },
            "additionalProperties": of_kind(*kind),
            "minProperties": 1,
        }),
    }
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

    use super::*;
    use crate::config::document::{Document, Format, Source};
    use crate::config::leap::Leap;
    use crate::config::parse::decode;

    /// Whether the schema and the decoder take a JSON text.
    fn verdicts(text: &str) -> (bool, bool) {
        let document = Document::parse(Source::new("/r/prime.json", Path::new("/r")), Format::Json, text.as_bytes());
        let document = document.unwrap();
        let decoded = decode(&document.source, Format::Json, &document.root, &Leap::FILES);
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        (validator.is_valid(&serde_json::from_str(text).unwrap()), decoded.faults.is_empty())
    }

    /// A value that the decoder takes for a field of this kind.
    fn sample(kind: FieldKind) -> Value {
        match kind {
            FieldKind::Path | FieldKind::FileName | FieldKind::Text | FieldKind::PackageName => json!("a-b"),
            FieldKind::Argument => json!("--quiet"),
            FieldKind::Boolean => json!(false),
            FieldKind::Driver => json!("venv_pip"),
            FieldKind::List(item) => json!([sample(*item)]),
            FieldKind::Table { fields, .. } => {
                fields.iter().map(|field| (field.name.to_owned(), sample(field.kind))).collect::<Map<_, _>>().into()
            }
            FieldKind::Named(kind) => json!({ "name": sample(*kind) }),
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
            for wrong in [json!(1), json!({}), json!([1]), json!("")] {
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

    #[test]
    fn schema_and_decoder_agree() {
        let taken = [
            "{}",
            r#"{"__comment__": [1], "install_specs": [{"__": 1, "a": {}}]}"#,
            r#"{"project_descriptors": [{"build_root_dir_rel_path": ".", "install_group": null}]}"#,
            r#"{"ref_root_dir_rel_path": "../.."}"#,
            r#"{"required_python_version": ">=3.9,<3.13"}"#,
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
            r#"{"install_specs": [{"a": {"args": []}}]}"#,
            r#"{"required_python_version": "  "}"#,
        ];
        for text in taken {
            assert_eq!(verdicts(text), (true, true), "{text}");
        }
        for text in refused {
            assert_eq!(verdicts(text), (false, false), "{text}");
        }
    }
}
