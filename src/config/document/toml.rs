//! TOML, read by the `toml` crate, as [`Node`]s.

use toml::de::{DeTable, DeValue};

use super::lines::Lines;
use super::{Entry, Node, Problem, Value};

pub(super) fn parse(text: &str, lines: &Lines<'_>) -> Result<Node, Problem> {
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        Problem { offset, message: error.message().trim_end().replace('\n', ", ") }
    })?;
    Ok(Node { position: lines.position(0), value: from_table(table.into_inner(), lines) })
}

fn from_table(table: DeTable<'_>, lines: &Lines<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| {
            let position = lines.position(key.span().start);
            let node =
                Node { position: lines.position(value.span().start), value: from_value(value.into_inner(), lines) };
            Entry { key: key.into_inner().into_owned(), position, node }
        })
        .collect();
    // The crate sorts by key.
    entries.sort_by_key(|entry| entry.position);
    Value::Table(entries)
}

fn from_value(value: DeValue<'_>, lines: &Lines<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Float(number) => Value::Number(number.to_string()),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(value) => Value::Datetime(value.to_string()),
        DeValue::Table(table) => from_table(table, lines),
        DeValue::Array(array) => Value::Array(
            array
                .into_iter()
                .map(|item| Node {
                    position: lines.position(item.span().start),
                    value: from_value(item.into_inner(), lines),
                })
                .collect(),
        ),
    }
}
