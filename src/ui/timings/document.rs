//! The same for programs: one JSON document, and its schema.

use serde_json::{Map, Value as Json, json};

use super::time::utc;
use crate::ui::record::{Kind, Record, Span, Status};

/// The form of the document; counted up when a key changes its meaning.
pub const SCHEMA: u32 = 1;

/// The document of a run.
pub fn document(record: &Record) -> Json {
    let (run, end) = (&record.run, record.end.as_ref());
    json!({
        "schema": SCHEMA,
        "run_id": run.run_id,
        "prime": run.version,
        "command": run.command,
        "status": status(record),
        "exit_code": end.and_then(|end| end.exit_code),
        "cause": end.and_then(|end| end.cause.as_ref()),
        "detail": end.and_then(|end| end.detail.as_ref()),
        "started": utc(run.started),
        "total_us": record.total(),
        "spans": record.spans.iter().map(|span| of_span(record, span)).collect::<Vec<_>>(),
    })
}

fn of_span(record: &Record, span: &Span) -> Json {
    json!({
        "kind": span.kind.name(),
        "name": span.name,
        "detail": span.detail,
        "stage": span.stage,
        "pid": span.pid,
        "start_us": span.start.saturating_sub(record.run.started),
        "took_us": span.took(),
        "bytes": span.bytes,
        "outcome": span.outcome,
    })
}

/// How the run ended, in a word.
pub fn status(record: &Record) -> &'static str {
    match record.end.as_ref().map(|end| end.status) {
        Some(Status::Ok) => "ok",
        Some(Status::Found) => "found",
        Some(Status::HandedOver) => "handed_over",
        Some(Status::Error) => "error",
        None => "unfinished",
    }
}

/// The schema of the document (JSON Schema, draft 2020-12).
pub fn schema() -> Json {
    let (text, number) = (|| json!({ "type": "string" }), || json!({ "type": "integer", "minimum": 0 }));
    let perhaps = |kind: &str| json!({ "type": [kind, "null"] });
    let kinds = Kind::ALL.map(|(_, name)| name);
    let span = object(&[
        ("kind", json!({ "enum": kinds })),
        ("name", text()),
        ("detail", text()),
        ("stage", text()),
        ("pid", number()),
        ("start_us", number()),
        ("took_us", number()),
        ("bytes", perhaps("integer")),
        ("outcome", perhaps("string")),
    ]);
    let mut schema = object(&[
        ("schema", json!({ "const": SCHEMA })),
        ("run_id", text()),
        ("prime", text()),
        ("command", text()),
        ("status", json!({ "enum": ["ok", "found", "handed_over", "error", "unfinished"] })),
        ("exit_code", perhaps("integer")),
        ("cause", perhaps("string")),
        ("detail", perhaps("string")),
        ("started", json!({ "type": "string", "format": "date-time" })),
        ("total_us", number()),
        ("spans", json!({ "type": "array", "items": span })),
    ]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Where the time of a run of prime went");
    schema
}

/// An object with just these keys.
fn object(properties: &[(&str, Json)]) -> Json {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Json> = properties.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}
