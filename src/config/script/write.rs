//! Writes values as TOML, each table in one line and its keys in order, so that the same values are the same text.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::path::Path;

use crate::config::document::{Entry, Node, Value};

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A value in one line.
pub(super) fn inline(node: &Node) -> String {
    match &node.value {
        Value::Null => quoted(""),
        Value::Boolean(value) => value.to_string(),
        Value::Number(text) | Value::Datetime(text) => text.clone(),
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Table(entries) => {
            let mut pairs: Vec<String> =
                entries.iter().map(|entry| format!("{} = {}", quoted(&entry.key), inline(&entry.node))).collect();
            pairs.sort();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// The same settings of uv with the paths that are seen from the script made absolute.
pub(super) fn with_absolute_paths(node: &Node, dir: &Path) -> Node {
    of_key("", node, dir)
}

fn of_key(key: &str, node: &Node, dir: &Path) -> Node {
    let value = match &node.value {
        Value::String(text) if is_place(key) && is_relative_path(text) => {
            Value::String(crate::host::fs::normalize(&dir.join(text)).to_string_lossy().into_owned())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| of_key(key, item, dir)).collect()),
        Value::Table(entries) => Value::Table(
            entries.iter().map(|entry| Entry { node: of_key(&entry.key, &entry.node, dir), ..entry.clone() }).collect(),
        ),
        other => other.clone(),
    };
    Node { value, position: node.position }
}

/// The paths that [`with_absolute_paths`] changes: each as it becomes, and as it is written; inner ones first.
pub(super) fn changed_paths(node: &Node, dir: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(node, &of_key("", node, dir), &mut found);
    found.sort_by_key(|(absolute, _)| Reverse(absolute.len()));
    found
}

fn collect(written: &Node, absolute: &Node, found: &mut Vec<(String, String)>) {
    match (&written.value, &absolute.value) {
        (Value::String(written), Value::String(absolute)) if written != absolute => {
            found.push((absolute.clone(), written.clone()));
        }
        (Value::Array(written), Value::Array(absolute)) => {
            written.iter().zip(absolute).for_each(|(written, absolute)| collect(written, absolute, found));
        }
        (Value::Table(written), Value::Table(absolute)) => {
            written.iter().zip(absolute).for_each(|(one, other)| collect(&one.node, &other.node, found));
        }
        _ => {}
    }
}

/// Keys whose values are URLs or paths. `index` of a source is a name.
fn is_place(key: &str) -> bool {
    ["path", "url", "index-url", "extra-index-url", "find-links"].contains(&key)
}

fn is_relative_path(text: &str) -> bool {
    !text.is_empty() && !text.contains("://") && !text.starts_with("file:") && !text.starts_with('/')
}
