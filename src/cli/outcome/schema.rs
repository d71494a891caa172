//! The JSON Schema of the document that `--json` asks for (JSON Schema, draft 2020-12).

use clap::CommandFactory as _;
use serde_json::{Map, Value as Json, json};

use super::{Cli, SCHEMA};
use crate::error::{Code, Fault, Result};

/// The schema of every command's document.
pub fn of_all() -> Json {
    let command = json!({ "type": ["string", "null"], "description": "the command, where the command line tells it" });
    document("The outcome of a command of prime", &command, None)
}

/// The schema of one command's document.
///
/// Fails with [`Code::Usage`] where there is no such command.
pub fn of(command: &str) -> Result<Json> {
    let definition = Cli::command();
    let mut words = command.split(' ');
    let known = words.try_fold(&definition, |it, word| it.get_subcommands().find(|it| it.get_name() == word));
    if known.is_none() {
        let names: Vec<_> = definition.get_subcommands().map(|it| format!("`{}`", it.get_name())).collect();
        let fault = Fault::of(Code::Usage, format!("`{command}` is no command"));
        return Err(fault.hint(format!("commands: {}", names.join(", "))).into());
    }
    let data = data(command);
    Ok(document(
        &format!("The outcome of `prime {command}`"),
        &json!({ "const": command }),
        data.map(|it| with_timings(it, command)),
    ))
}

/// With `--timings`, where the files are: it is there only if that was asked for.
fn with_timings(mut data: Json, command: &str) -> Json {
    if super::super::timings::NAMED_BY.contains(&command) {
        let text = || json!({ "type": "string" });
        data["properties"]["timings"] = object(&[("page", text()), ("document", text())]);
    }
    data
}

fn document(title: &str, command: &Json, data: Option<Json>) -> Json {
    let codes: Vec<Json> =
        Code::ALL.iter().map(|code| json!({ "const": code.name(), "description": code.meaning() })).collect();
    let text = json!({ "type": ["string", "null"] });
    let cause = object(&[
        ("code", json!({ "oneOf": codes })),
        ("detail", json!({ "type": "string" })),
        ("file", text.clone()),
        ("line", json!({ "type": ["integer", "null"], "minimum": 1 })),
    ]);
    let mut schema = object(&[
        ("schema", json!({ "const": SCHEMA })),
        ("command", command.clone()),
        ("status", json!({ "enum": ["ok", "found", "error"] })),
        ("exit_code", json!({ "type": "integer", "minimum": 0, "maximum": 255 })),
        ("stage", text.clone()),
        ("cause", json!({ "anyOf": [cause, { "type": "null" }] })),
        ("hint", text.clone()),
        ("log", text),
        ("data", data.map_or(json!({}), |data| json!({ "anyOf": [data, help(), { "type": "null" }] }))),
    ]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    let says = |status: &str| json!({ "properties": { "status": { "const": status } } });
    let has = |code: Json, cause: &str| json!({ "properties": { "exit_code": code, "cause": { "type": cause } } });
    schema["allOf"] = json!([
        { "if": says("ok"), "then": has(json!({ "const": 0 }), "null") },
        { "if": says("ok"), "then": { "properties": { "data": { "type": "object" } } } },
        { "if": says("found"), "then": has(json!({ "const": 1 }), "null") },
        { "if": says("error"), "then": has(json!({ "minimum": 2 }), "object") },
    ]);
    schema
}

/// What a command says that is asked for help.
fn help() -> Json {
    object(&[("text", json!({ "type": "string" }))])
}

/// What a command has to say, where it is not done or has failed `null`. `None` leaves it open.
fn data(command: &str) -> Option<Json> {
    let (text, flag) = (|| json!({ "type": "string" }), || json!({ "type": "boolean" }));
    let list = |items: Json| json!({ "type": "array", "items": items });
    Some(match command {
        "boot" | "reboot" => object(&[("venv", text()), ("bin", text()), ("python_version", text())]),
        "check" => object(&[("ready", flag()), ("facts", list(fact()))]),
        "ci" => {
            let texts = ["system", "venv", "bin", "python_version", "cache_key"].map(|name| (name, text()));
            let rest = [("cache_hit", flag()), ("published", list(text()))];
            object(&texts.into_iter().chain(rest).collect::<Vec<_>>())
        }
        "eval" => {
            let any = || json!({ "type": "object" });
            let leaps = ["leap_input", "leap_primer", "leap_client", "leap_env", "leap_derived", "origins"];
            let rest = [("warnings", list(text())), ("errors", list(any()))];
            object(&leaps.map(|leap| (leap, any())).into_iter().chain(rest).collect::<Vec<_>>())
        }
        "init" => {
            let file = object(&[("name", text()), ("change", text())]);
            object(&[("dry_run", flag()), ("files", list(file)), ("warnings", list(text()))])
        }
        "wrap start" | "wrap boot" => object(&[("script", text()), ("change", json!({ "enum": ["write", "keep"] }))]),
        // The script itself has standard output for its own.
        "script" => object(&[("lock", text())]),
        "cache prune" => {
            let fate = json!({ "enum": ["removed", "would_be_removed", "kept"] });
            let bytes = json!({ "type": "integer", "minimum": 0 });
            let because = json!({ "type": ["string", "null"] });
            let row = [("path", text()), ("why", text()), ("bytes", bytes), ("fate", fate), ("because", because)];
            object(&[("dry_run", flag()), ("items", list(object(&row)))])
        }
        "cache dir" => object(&[("dir", text())]),
        "cache key" => {
            let names =
                ["python", "implementation", "abi", "architecture", "libc", "venv", "pins", "configuration", "format"];
            object(&[("key", text()), ("parts", object(&names.map(|name| (name, text()))))])
        }
        "cache size" => {
            let number = json!({ "type": "integer", "minimum": 0 });
            object(&[("bytes", json!({ "type": "object", "additionalProperties": number }))])
        }
        "cache paths" => {
            let inside = json!({ "type": ["string", "null"] });
            object(&[("paths", list(object(&[("what", text()), ("path", text()), ("inside", inside)])))])
        }
        "completions" => object(&[("script", text())]),
        "env" => json!({ "type": "object", "additionalProperties": { "type": ["string", "null"] } }),
        "venv" => object(&[("environments", list(json!({ "type": "object", "required": ["env_dir", "version"] })))]),
        _ => return connector(command),
    })
}

/// The same of what connectors are asked. What they say of themselves is theirs.
fn connector(command: &str) -> Option<Json> {
    let nullable = || json!({ "type": ["string", "null"] });
    let (text, list) = (|| json!({ "type": "string" }), |items: Json| json!({ "type": "array", "items": items }));
    let one = |more: &[(&str, Json)]| object(&[&[("name", text()), ("executor", text())], more].concat());
    Some(match command.strip_prefix("connector ")? {
        "install" | "ensure" | "uninstall" => one(&[]),
        "version" => one(&[("version", text())]),
        "which" => one(&[("location", text())]),
        "list" => {
            let row = ["version", "package", "dir", "problem", "configured", "detail"].map(|name| (name, nullable()));
            let status = json!({ "enum": ["ok", "missing", "stale", "damaged", null] });
            let ensure = json!({ "type": ["boolean", "null"] });
            let first = [("name", text()), ("status", status), ("ensure", ensure)];
            object(&[("connectors", list(object(&first.into_iter().chain(row).collect::<Vec<_>>())))])
        }
        "check" => object(&[("succeeded", json!({ "type": "boolean" })), ("message", nullable())]),
        "read" => {
            let number = || json!({ "type": "integer", "minimum": 0 });
            let stream = object(&[("stream", text()), ("records", number()), ("bytes", number())]);
            object(&[("streams", list(stream)), ("warnings", list(text()))])
        }
        _ => return None,
    })
}

fn fact() -> Json {
    let text = || json!({ "type": ["string", "null"] });
    let rest = ["detail", "before", "after", "path", "code", "action"].map(|name| (name, text()));
    let first = [
        ("subject", json!({ "type": "string" })),
        ("name", json!({ "type": "string" })),
        ("status", json!({ "enum": ["ok", "missing", "stale", "damaged"] })),
    ];
    object(&first.into_iter().chain(rest).collect::<Vec<_>>())
}

/// An object with just these keys.
fn object(properties: &[(&str, Json)]) -> Json {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Json> = properties.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}
