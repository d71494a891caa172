//! A connector's configuration: where it comes from, the secrets that are put into it, and whether it is what the
//! connector's `spec` asks for.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::json::document::{items, meaning, pairs, parse, texts};
pub use super::secrets::Secrets;
use super::spec::Spec;
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs};

/// How a text begins that stands for the value of a variable.
pub const SECRET_REFERENCE: &str = "secret_reference::";

/// A configuration with its secrets in it.
#[derive(Clone)]
pub struct ConnectorConfig {
    /// As it was given, but for the secrets: what the connector makes of a number is its affair.
    text: String,
    value: Value,
    secrets: Secrets,
}

impl ConnectorConfig {
    /// The configuration that is given: `-` for standard input, a JSON object, or a file with one.
    ///
    /// Fails with [`Kind::Config`] where it is no JSON object or names a secret that is not there; with
    /// [`Kind::InputOutput`] where it cannot be read.
    pub fn load(host: &Host, given: &str) -> Result<Self> {
        let (origin, text) = text(host, given)?;
        Self::parse(host, &origin, &text)
    }

    fn parse(host: &Host, origin: &str, text: &str) -> Result<Self> {
        let value = |text: &str| match parse(text) {
            Ok(value) if value.is_object() => Ok(value),
            Ok(_) => Err(no_object(origin, "it is no object")),
            Err(error) => Err(no_object(origin, &error.to_string())),
        };
        value(text)?;
        let mut secrets = Secrets::default();
        let text = hydrated(host, text, &mut secrets)?;
        Ok(Self { value: value(&text)?, text, secrets })
    }

    /// The configuration that is this object, without its secrets. `origin` is where it is from, for people.
    ///
    /// Fails with [`Kind::Config`] where it is none, or names a secret that is not there.
    pub fn from_value(host: &Host, origin: &str, value: impl Into<Value>) -> Result<Self> {
        Self::parse(host, origin, &value.into().to_string())
    }

    /// The text for the connector.
    pub fn to_json(&self) -> &str {
        &self.text
    }

    /// What is not to be seen of it; with a `spec`, what that calls secret as well.
    pub fn secrets(&self, spec: Option<&Spec>) -> Secrets {
        let mut secrets = self.secrets.clone();
        if let Some(spec) = spec {
            let schema = spec.connection_specification();
            let mut add = |value: &[u8]| {
                if let Some(text) = meaning(value) {
                    return secrets.add(&text);
                }
                // As it is written, and as a connector may write it.
                let number = String::from_utf8_lossy(value);
                secrets.add_number(&number);
                if let Ok(parsed) = parse(&number) {
                    secrets.add_number(&parsed.to_string());
                }
            };
            Search { root: schema, found: &mut add }.go_through(schema, self.text.trim().as_bytes(), false, &[]);
        }
        secrets
    }

    /// Holds it against the `spec`.
    ///
    /// Fails with [`Kind::Config`] and one line for each problem: where it is, as a JSON pointer, and what is expected. No
    /// value is shown, since it may be a secret.
    pub fn validate(&self, spec: &Spec) -> Result<()> {
        let schema = spec.connection_specification();
        // As PyAirbyte validates: a `format` is for those who read the schema.
        let validator = jsonschema::options()
            .should_validate_formats(false)
            .build(schema)
            .map_err(|error| anyhow::anyhow!("{error}").context(no_schema()))?;
        let problems: Vec<String> = validator.iter_errors(&self.value).map(|error| problem(&error)).collect();
        if problems.is_empty() {
            return Ok(());
        }
        let fault = Fault::new(Kind::Config, "the configuration is not what the connector asks for");
        let hint = "`prime connector spec NAME` shows what it asks for";
        Err(anyhow::anyhow!(problems.join("\n")).context(fault.hint(hint)))
    }
}

fn problem(error: &jsonschema::ValidationError<'_>) -> String {
    let pointer = error.instance_path().to_string();
    if pointer.is_empty() { error.masked().to_string() } else { format!("`{pointer}`: {}", error.masked()) }
}

fn no_schema() -> Fault {
    Fault::new(Kind::Data, "the connector's `spec` has no usable JSON Schema")
        .hint("this is the connector's fault; is it of another version?")
}

fn no_object(origin: &str, why: &str) -> Fault {
    Fault::new(Kind::Config, format!("{origin} is no JSON object: {why}"))
        .hint("give the configuration as one JSON object, such as `{\"count\": 10}`")
}

/// The text, and where it is from, for people.
fn text(host: &Host, given: &str) -> Result<(String, String)> {
    if given == "-" {
        let read = std::io::read_to_string(std::io::stdin());
        let fault = || Fault::new(Kind::InputOutput, "cannot read the configuration from standard input");
        return Ok(("standard input".to_owned(), read.with_context(fault)?));
    }
    if given.trim_start().starts_with('{') {
        return Ok(("`--config`".to_owned(), given.to_owned()));
    }
    let path = host.absolute(Path::new(given));
    let content = fs::read_file(&path).map_err(|error| {
        let fault = Fault::new(Kind::Config, format!("cannot read the configuration `{given}`"));
        anyhow::Error::new(error).context(fault.hint("give a file, `-` for standard input, or a JSON object"))
    })?;
    let text = String::from_utf8(content).map_err(|_| no_object(&format!("`{given}`"), "it is not UTF-8"))?;
    Ok((format!("`{given}`"), text))
}

/// The text with the values of variables in the place of what refers to them.
fn hydrated(host: &Host, text: &str, secrets: &mut Secrets) -> Result<String, Fault> {
    let (mut hydrated, mut copied) = (String::with_capacity(text.len()), 0);
    for (pointer, place) in texts(text.as_bytes()).into_iter().flatten() {
        let said = meaning(&text.as_bytes()[place.clone()]).unwrap_or_default();
        if let Some(name) = said.strip_prefix(SECRET_REFERENCE) {
            let secret = secret(host, name.trim(), &pointer)?;
            secrets.add(&secret);
            hydrated += &text[copied..place.start];
            hydrated += &Value::from(secret).to_string();
            copied = place.end;
        }
    }
    Ok(hydrated + &text[copied..])
}

fn secret(host: &Host, name: &str, pointer: &str) -> Result<String, Fault> {
    // One that is set and empty counts: it may be meant.
    let found = host.vars.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let Some(value) = found else {
        let message = format!("the secret `{name}` is not there, which `{pointer}` of the configuration refers to");
        return Err(Fault::new(Kind::Config, message).hint(format!("set the variable `{name}`")));
    };
    value.to_str().map(str::to_owned).ok_or_else(|| {
        Fault::new(Kind::Config, format!("the secret `{name}` is not UTF-8")).hint("a configuration is text")
    })
}

/// Finds the texts and numbers that a schema calls secret (`airbyte_secret`), under whichever alternative, as they are
/// written.
struct Search<'a> {
    root: &'a Value,
    found: &'a mut dyn FnMut(&[u8]),
}

impl<'a> Search<'a> {
    /// All that is in a secret value is secret. The references are those that led from this very value to the schema: one
    /// that is among them leads round in a circle.
    fn go_through(&mut self, schema: &'a Value, value: &[u8], is_in_secret: bool, references: &[&str]) {
        let is_secret = is_in_secret || schema.get("airbyte_secret").and_then(Value::as_bool) == Some(true);
        match value.first() {
            Some(b'{') => {
                for (key, field) in pairs(value).into_iter().flatten() {
                    for schema in or_none(of_field(schema, &key)) {
                        self.go_through(schema, field, is_secret, &[]);
                    }
                }
            }
            Some(b'[') => {
                for (index, item) in items(value).into_iter().flatten().enumerate() {
                    for schema in or_none(of_item(schema, index)) {
                        self.go_through(schema, item, is_secret, &[]);
                    }
                }
            }
            Some(b'n' | b't' | b'f') | None => {}
            Some(_) if is_secret => (self.found)(value),
            Some(_) => {}
        }
        for alternative in alternatives(schema) {
            self.go_through(alternative, value, is_secret, references);
        }
        let reference = schema.get("$ref").and_then(Value::as_str).filter(|it| !references.contains(it));
        let local = reference.and_then(|it| Some((it, self.root.pointer(it.strip_prefix('#')?)?)));
        if let Some((reference, schema)) = local {
            self.go_through(schema, value, is_secret, &[references, &[reference]].concat());
        }
    }
}

/// The schemas that say something of the same value, in whichever case.
fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
    let cases = ["if", "then", "else"].into_iter().filter_map(|key| schema.get(key));
    let of_others = ["dependentSchemas", "dependencies"].into_iter().filter_map(|key| schema.get(key)?.as_object());
    lists.flatten().chain(cases).chain(of_others.flat_map(Map::values))
}

/// The schemas, or where there are none, one that says nothing.
fn or_none(schemas: Vec<&Value>) -> Vec<&Value> {
    if schemas.is_empty() { vec![&Value::Null] } else { schemas }
}

fn of_field<'a>(schema: &'a Value, key: &str) -> Vec<&'a Value> {
    let of = |keyword: &str| schema.get(keyword);
    let property = of("properties").and_then(|it| it.get(key));
    let patterns = of("patternProperties").and_then(Value::as_object).into_iter().flatten();
    let named: Vec<&Value> =
        property.into_iter().chain(patterns.filter(|(it, _)| fits(it, key)).map(|(_, schema)| schema)).collect();
    let further = ["additionalProperties", "unevaluatedProperties"].into_iter().filter_map(of);
    if named.is_empty() { further.collect() } else { named }
}

fn of_item(schema: &Value, index: usize) -> Vec<&Value> {
    let of_place = |it: &'_ Value| it.as_array().is_some();
    let tuple = ["prefixItems", "items"].into_iter().filter_map(|key| schema.get(key)).find(|it| of_place(it));
    let further = ["items", "additionalItems"].into_iter().filter_map(|key| schema.get(key)).find(|it| !of_place(it));
    let any = ["contains", "unevaluatedItems"].into_iter().filter_map(|key| schema.get(key));
    tuple.and_then(|it| it.get(index)).or(further).into_iter().chain(any).collect()
}

/// Whether a key is one of those that a pattern means. One that cannot be read may mean any.
fn fits(pattern: &str, key: &str) -> bool {
    let validator = jsonschema::validator_for(&json!({ "pattern": pattern }));
    validator.map_or(true, |validator| validator.is_valid(&Value::from(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Host {
        Host { vars: vec![("KEY".into(), "s3cret".into()), ("EMPTY".into(), "".into())], ..Host::default() }
    }

    fn loaded(text: &str) -> Result<ConnectorConfig> {
        ConnectorConfig::parse(&host(), "`c.json`", text)
    }

    fn spec(schema: &Value) -> Spec {
        Spec::from_value(json!({ "connectionSpecification": schema })).unwrap()
    }

    #[test]
    fn secrets_are_put_in_wherever_they_are_referred_to() {
        let config = loaded(
            r#"{"a": "secret_reference::KEY", "b": [{"c": "secret_reference:: KEY "}], "d": "x secret_reference::KEY",
                "e": "secret_reference::EMPTY"}"#,
        )
        .unwrap();
        let expected = json!({"a": "s3cret", "b": [{"c": "s3cret"}], "d": "x secret_reference::KEY", "e": ""});
        assert_eq!(config.value, expected);
        assert_eq!(config.secrets(None).scrub("say s3cret"), "say ****");
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is_written() {
        let text = |key: &str| {
            format!("{{ \"a\": {key},\n \"b\" : [123456789012345678901234567890, 1e400,NaN], \"c\": 1.50}}\n")
        };
        assert_eq!(loaded(&text("\"\\u00e9\"")).unwrap().to_json(), text("\"\\u00e9\""));
        let config = loaded(&text("\"secret\\u005freference::KEY\"")).unwrap();
        assert_eq!(config.to_json(), text("\"s3cret\""));
        let number = json!({ "type": "array", "items": { "type": "number" } });
        config.validate(&spec(&json!({ "properties": { "b": number } }))).unwrap();
        assert!(config.validate(&spec(&json!({ "properties": { "b": { "maxItems": 2 } } }))).is_err());
    }

    #[test]
    fn what_is_no_object_or_has_no_secret_is_refused() {
        for (text, message) in [
            ("[1]", "`c.json` is no JSON object: it is no object"),
            (
                r#"{"a": [{"b": "secret_reference::NONE"}]}"#,
                "the secret `NONE` is not there, which `/a/0/b` of the configuration refers to",
            ),
            (
                r#"{"a/b": {"~": "secret_reference::NONE"}}"#,
                "the secret `NONE` is not there, which `/a~1b/~0` of the configuration refers to",
            ),
        ] {
            let error = loaded(text).err().unwrap();
            assert_eq!(error.downcast_ref::<Fault>().unwrap().message, message);
        }
        let error = loaded("{\n  \"a\": 1,\n}").err().unwrap().to_string();
        assert!(error.contains("line 3 column"), "{error}");
    }

    #[test]
    fn each_problem_is_told_by_its_place_and_without_a_value() {
        let spec = spec(&json!({
            "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["key"],
            "properties": { "count": { "type": "integer" }, "at": { "format": "date-time" }, "pin": { "pattern": "^(?=.*[0-9])[0-9]+$" } },
        }));
        let config = loaded(r#"{"count": "s3cret", "pin": "s3cret"}"#).unwrap();
        let error = format!("{:#}", config.validate(&spec).unwrap_err());
        for part in ["`/count`: ", "`/pin`: ", "\"key\" is a required property"] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("s3cret"), "{error}");
        let good = loaded(r#"{"count": 1.0, "at": "", "key": null, "pin": "12"}"#).unwrap();
        good.validate(&spec).unwrap();
    }

    #[test]
    fn what_the_schema_calls_secret_is_scrubbed() {
        let spec = spec(&json!({
            "properties": { "auth": { "oneOf": [
                { "properties": { "token": { "airbyte_secret": true } } },
                { "properties": { "user": {} } },
            ] } },
        }));
        let config = loaded(r#"{"auth": {"token": "t0ken", "user": "me!"}}"#).unwrap();
        assert_eq!(config.secrets(Some(&spec)).scrub("t0ken me!"), "**** me!");
        let spec = self::spec(&json!({ "properties": { "pin": { "type": "integer", "airbyte_secret": true } } }));
        for (pin, shown) in [
            ("482913", "482913"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1234.50", "1234.5"),
        ] {
            let config = loaded(&format!(r#" {{"pin": {pin}}}"#)).unwrap();
            let said = config.secrets(Some(&spec)).scrub(&format!("the pin {shown} is wrong: {pin}"));
            assert_eq!(said, "the pin **** is wrong: ****");
        }
    }

    #[test]
    fn all_that_is_in_a_secret_value_is_scrubbed() {
        let spec = spec(&json!({ "properties": {
            "keys": { "type": "array", "items": { "type": "string" }, "airbyte_secret": true },
            "pair": { "items": [{}, { "airbyte_secret": true }] },
            "login": { "airbyte_secret": true, "properties": { "token": {} } },
        } }));
        let config = loaded(
            r#"{"keys": ["k3y"], "pair": ["one", "tw0"], "login": {"token": "t0ken", "deep": [{"x": "d33p"}]}}"#,
        );
        let secrets = config.unwrap().secrets(Some(&spec));
        assert_eq!(secrets.scrub("k3y one tw0 t0ken d33p"), "**** one **** **** ****");
    }

    #[test]
    fn what_is_secret_in_one_case_is_scrubbed_in_any() {
        let secret = |key: &str| json!({ "properties": { key: { "airbyte_secret": true } } });
        let spec = spec(&json!({
            "$defs": { "hidden": secret("h") },
            "if": secret("a"), "then": secret("b"), "else": { "else": secret("c") },
            "dependentSchemas": { "x": secret("d") },
            "dependencies": { "x": secret("e"), "y": ["x"], "z": { "$ref": "#/$defs/hidden" } },
            "properties": {
                "list": { "contains": { "airbyte_secret": true } },
                "more": { "unevaluatedProperties": { "airbyte_secret": true } },
            },
        }));
        let config = loaded(
            r#"{"a": "one.a", "b": "one.b", "c": "one.c", "d": "one.d", "e": "one.e", "h": "one.h", "list": ["one.l"],
                "more": {"u": "one.u"}, "plain": "one.p"}"#,
        );
        let secrets = config.unwrap().secrets(Some(&spec));
        let shown = secrets.scrub("one.a one.b one.c one.d one.e one.h one.l one.u one.p");
        assert_eq!(shown, "**** ".repeat(8) + "one.p");
    }

    #[test]
    fn a_secret_is_found_by_reference_and_by_any_way_to_name_a_field() {
        let spec = spec(&json!({
            "definitions": {
                "token": { "airbyte_secret": true },
                "tree": { "properties": { "token": { "$ref": "#/definitions/token" }, "next": { "$ref": "#/definitions/tree" } } },
                "circle": { "anyOf": [{ "$ref": "#/definitions/circle" }, { "$ref": "#/definitions/token" }] },
            },
            "properties": { "tree": { "$ref": "#/definitions/tree" }, "circle": { "$ref": "#/definitions/circle" } },
            "patternProperties": { "^x-": { "airbyte_secret": true } },
            "additionalProperties": { "properties": { "pass": { "airbyte_secret": true } } },
        }));
        let config = loaded(
            r#"{"tree": {"token": "t0ken", "next": {"next": {"token": "d33p"}}}, "circle": "r0und", "x-a": "patt3rn",
                "b": {"pass": "w0rd", "user": "name"}, "y-x-": "plain"}"#,
        );
        let secrets = config.unwrap().secrets(Some(&spec));
        assert_eq!(secrets.scrub("t0ken d33p r0und patt3rn w0rd name plain"), "**** **** **** **** **** name plain");
    }
}
