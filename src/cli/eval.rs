//! `prime eval`: the effective configuration as a table for people or as one JSON object.

use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use super::args::ShowArgs;
use crate::bootstrap::Request;
use crate::bootstrap::eval::{Effective, Row, Wrong, effective};
use crate::config::Leap;
use crate::error::{Fault, Kind, Result, kind_of};
use crate::fetch::settings::Listed;
use crate::host::redact::redact;
use crate::host::{Host, Outcome};
use crate::ui::{self, Ui, report, style};

const LEAPS: [Leap; 5] = [Leap::Input, Leap::Primer, Leap::Client, Leap::Env, Leap::Derived];
/// A value that is longer does not make the column wider.
const WIDEST: usize = 48;

/// Shows the effective configuration.
pub fn run(host: &Host, ui: Ui, request: &Request, show: ShowArgs) -> Result<Outcome> {
    let effective = effective(host, ui, request)?;
    if show.json {
        ui::data(&format!("{}\n", serde_json::to_string_pretty(&document(&effective))?));
    } else {
        ui::data(&table(&effective));
        effective.warnings.iter().for_each(|warning| ui.warn(warning));
        effective.wrong.iter().for_each(|wrong| report::show(&wrong.error));
    }
    let kind = effective.wrong.first().map(|wrong| kind_of(&wrong.error));
    Ok(Outcome::Exit(kind.map_or(0, Kind::exit_code)))
}

/// The table for people: a heading for each leap, then field, value and origin.
fn table(effective: &Effective) -> String {
    let index = effective.index.iter().map(|listed| Row {
        leap: Leap::Derived,
        field: listed.name.clone(),
        value: Json::String(listed.value.clone()),
        origin: listed.origin.clone(),
        is_wrong: false,
    });
    let index: Vec<Row> = index.collect();
    let rows: Vec<Row> = effective.rows.iter().flat_map(lines).collect();
    let all = || rows.iter().chain(&index);
    let widths = (width(all().map(|row| row.field.clone())), width(all().map(|row| words(&row.value))));
    let mut text = String::new();
    for leap in LEAPS {
        let rows = rows.iter().filter(|row| row.leap == leap);
        section(&mut text, &leap.to_string(), rows, widths);
    }
    section(&mut text, "index", index.iter(), widths);
    text
}

/// A list of objects takes a line for each, without what is empty.
fn lines(row: &Row) -> Vec<Row> {
    let items = row.value.as_array().filter(|items| items.iter().any(Json::is_object));
    let Some(items) = items else { return vec![row.clone()] };
    let line = |(index, item): (usize, &Json)| Row {
        field: format!("{}[{index}]", row.field),
        value: without_empty(item),
        ..row.clone()
    };
    items.iter().enumerate().map(line).collect()
}

fn without_empty(item: &Json) -> Json {
    let is_empty = |value: &Json| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    match item {
        Json::Object(entries) => {
            let kept = entries.iter().filter(|(_, value)| !is_empty(value));
            Json::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

fn width(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
}

fn section<'a>(text: &mut String, name: &str, rows: impl Iterator<Item = &'a Row>, widths: (usize, usize)) {
    let (bold, dim, red) = (style::LABEL, style::DIM, style::ERROR);
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{bold}{name}{bold:#}");
    for row in rows {
        let (field, origin) = (&row.field, redact(&row.origin));
        let _ = if row.is_wrong {
            writeln!(text, "  {field:<0$}  {red}wrong{red:#}", widths.0)
        } else {
            let value = redact(&words(&row.value));
            writeln!(text, "  {field:<0$}  {value:<1$}  {dim}{origin}{dim:#}", widths.0, widths.1)
        };
    }
}

/// A value in one line: a text as it is, anything else as JSON.
fn words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// An object whose keys keep their order.
struct Object(Vec<(String, Part)>);

enum Part {
    Value(Json),
    Object(Object),
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, part) in &self.0 {
            match part {
                Part::Value(value) => map.serialize_entry(key, value)?,
                Part::Object(object) => map.serialize_entry(key, object)?,
            }
        }
        map.end()
    }
}

/// The object for programs: the values by leap, then where they come from, then what is odd or wrong.
fn document(effective: &Effective) -> Object {
    let rows = |leap: Leap| effective.rows.iter().filter(move |row| row.leap == leap);
    let mut parts: Vec<(String, Part)> = Vec::new();
    for leap in LEAPS {
        let values = rows(leap).map(|row| (row.field.clone(), Part::Value(without_secrets(&row.value))));
        let mut values: Vec<_> = values.collect();
        if leap == Leap::Derived {
            values.push(("index_settings".to_owned(), Part::Value(index(effective))));
        }
        parts.push((leap.to_string(), Part::Object(Object(values))));
    }
    let origins = LEAPS.map(|leap| {
        let origins = rows(leap).map(|row| (row.field.clone(), Part::Value(Json::String(redact(&row.origin)))));
        (leap.to_string(), Part::Object(Object(origins.collect())))
    });
    parts.push(("origins".to_owned(), Part::Object(Object(origins.into()))));
    let warnings = effective.warnings.iter().map(|warning| Json::String(redact(warning)));
    parts.push(("warnings".to_owned(), Part::Value(warnings.collect())));
    parts.push(("errors".to_owned(), Part::Value(effective.wrong.iter().map(error).collect())));
    Object(parts)
}

fn index(effective: &Effective) -> Json {
    let one =
        |listed: &Listed| serde_json::json!({ "name": listed.name, "value": listed.value, "origin": listed.origin });
    effective.index.iter().map(one).collect()
}

fn error(wrong: &Wrong) -> Json {
    let hint = wrong.error.downcast_ref::<Fault>().and_then(|fault| fault.hint.clone());
    let causes = wrong.error.chain().skip(1).map(|cause| redact(&cause.to_string()));
    serde_json::json!({
        "field": wrong.field,
        "exit_code": kind_of(&wrong.error).exit_code(),
        "message": redact(&wrong.error.to_string()),
        "causes": causes.collect::<Vec<_>>(),
        "hint": hint.map(|hint| redact(&hint)),
    })
}

fn without_secrets(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(redact(text)),
        Json::Array(items) => items.iter().map(without_secrets).collect(),
        Json::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), without_secrets(value))).collect(),
        other => other.clone(),
    }
}
