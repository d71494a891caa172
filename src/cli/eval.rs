//! `prime eval`: the effective configuration as a table for people or as one JSON object.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::bootstrap::Request;
use crate::bootstrap::eval::{Effective, Row, Wrong, effective};
use crate::config::Leap;
use crate::error::{Fault, Result, code_of, kind_of};
use crate::fetch::settings::Listed;
use crate::host::redact::{redact, redacted};
use crate::host::{Answer, Host, Outcome};
use crate::ui::{Ui, style};

const LEAPS: [Leap; 5] = [Leap::Input, Leap::Primer, Leap::Client, Leap::Env, Leap::Derived];
/// A value that is longer does not make the column wider.
const WIDEST: usize = 48;

/// Shows the effective configuration.
pub fn run(host: &Host, ui: Ui, request: &Request) -> Result<Outcome> {
    let effective = effective(host, ui, request)?;
    effective.warnings.iter().for_each(|warning| ui.warn(warning));
    let (text, data) = (table(&effective), object(&effective));
    let failures: Vec<_> = effective.wrong.into_iter().map(|wrong| wrong.error).collect();
    let code = failures.first().map_or(0, |error| kind_of(error).exit_code());
    Ok(Answer { code, failures, ..Answer::new(text, data) }.into())
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

/// The object for programs: the values by leap, then where they come from, then what is odd or wrong.
fn object(effective: &Effective) -> Json {
    let rows = |leap: Leap| effective.rows.iter().filter(move |row| row.leap == leap);
    let mut parts = Map::new();
    for leap in LEAPS {
        let values = rows(leap).map(|row| (row.field.clone(), redacted(&row.value)));
        let mut values: Map<String, Json> = values.collect();
        if leap == Leap::Derived {
            values.insert("index_settings".to_owned(), index(effective));
        }
        parts.insert(leap.to_string(), Json::Object(values));
    }
    let origins = LEAPS.map(|leap| {
        let origins = rows(leap).map(|row| (row.field.clone(), Json::String(redact(&row.origin))));
        (leap.to_string(), Json::Object(origins.collect()))
    });
    parts.insert("origins".to_owned(), Json::Object(Map::from_iter(origins)));
    let warnings = effective.warnings.iter().map(|warning| Json::String(redact(warning)));
    parts.insert("warnings".to_owned(), warnings.collect());
    parts.insert("errors".to_owned(), effective.wrong.iter().map(error).collect());
    Json::Object(parts)
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
        "code": code_of(&wrong.error).name(),
        "exit_code": kind_of(&wrong.error).exit_code(),
        "message": redact(&wrong.error.to_string()),
        "causes": causes.collect::<Vec<_>>(),
        "hint": hint.map(|hint| redact(&hint)),
    })
}
