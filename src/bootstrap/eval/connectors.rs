//! The rows of the tables of connectors, one for each field that is said.

use serde_json::{Value as Json, json};

use super::{Row, Rows, row};
use crate::config::document::{Value, as_json};
use crate::config::{Said, SaidField, Settings};

/// The field that has the tables.
pub(super) const FIELD: &str = "connectors";
/// The field whose value may have secrets in it.
const CONFIG: &str = "config";
/// How a text begins that names a secret and is none.
const REFERENCE: &str = "secret_reference::";
/// What stands in the place of what is not shown.
const MASK: &str = "****";

/// What stands in a file.
pub(super) fn said(field: &SaidField) -> Vec<Row> {
    let one = |name: String, node| row(field.leap, &name, node, &field.source.place(field.entry.position));
    let Value::Table(connectors) = &field.entry.node.value else {
        return vec![one(FIELD.to_owned(), shown(FIELD, as_json(&field.entry.node)))];
    };
    let rows = connectors.iter().flat_map(|connector| {
        let name = format!("{FIELD}.{}", connector.key);
        let Value::Table(fields) = &connector.node.value else {
            return vec![one(name, shown(&connector.key, as_json(&connector.node)))];
        };
        let of_field = |said: &crate::config::document::Entry| {
            let value = shown(&said.key, as_json(&said.node));
            row(field.leap, &format!("{name}.{}", said.key), value, &field.source.place(said.position))
        };
        fields.iter().map(of_field).collect()
    });
    rows.collect()
}

/// What holds.
pub(super) fn derived(settings: &Settings, rows: &mut Rows<'_>) {
    for connector in &settings.connectors {
        for (name, said) in connector.all() {
            let value = shown(name, plain(&said.value));
            rows.add(&format!("{FIELD}.{}.{name}", connector.name), FIELD, value, &said.origin);
        }
    }
}

fn plain(said: &Said) -> Json {
    match said {
        Said::Flag(flag) => json!(flag),
        Said::Count(count) => json!(count),
        Said::Text(text) => json!(text),
        Said::Path(path) => json!(path.to_string_lossy()),
        Said::List(texts) => json!(texts),
        Said::Table(table) => table.clone(),
    }
}

/// A value without what may be a secret: of a connector's configuration only the names are shown, and what refers to a
/// secret instead of being one. Its name may be misspelt and its table of another kind, so this goes for any object.
fn shown(name: &str, value: Json) -> Json {
    match &value {
        Json::Object(_) => masked(value),
        Json::Array(items) if name == CONFIG || !items.iter().all(Json::is_string) => masked(value),
        Json::String(text) if text.trim_start().starts_with('{') => json!(MASK),
        _ => value,
    }
}

fn masked(value: Json) -> Json {
    match value {
        Json::Object(fields) => fields.into_iter().map(|(key, value)| (key, masked(value))).collect(),
        Json::Array(items) => items.into_iter().map(masked).collect(),
        Json::String(text) if !text.starts_with(REFERENCE) => json!(MASK),
        Json::Number(_) => json!(MASK),
        other => other,
    }
}
