//! The streams that a connector has, and the configured catalog that says which of them are read and how.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use strsim::jaro_winkler;

use crate::error::{Fault, Kind};

/// How alike two names must be for the one to have been meant by the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// The content of a CATALOG message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog(Vec<Value>);

/// Which streams are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// Those of these names.
    Named(BTreeSet<String>),
}

impl Selection {
    /// `*`, or names with commas between them.
    pub fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Self::All;
        }
        Self::Named(text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
    }
}

impl Catalog {
    /// The `catalog` of a message.
    ///
    /// Fails with [`Kind::Data`] where it has no list of streams, or one has no name.
    pub fn from_value(value: &Value) -> Result<Self, Fault> {
        let fault = |what: &str| {
            let message = format!("the connector's catalog is not usable: {what}");
            Fault::new(Kind::Data, message).hint("this is the connector's fault; is it of another version?")
        };
        let streams = value.get("streams").and_then(Value::as_array).ok_or_else(|| fault("it has no `streams`"))?;
        if streams.iter().any(|stream| name(stream).is_none()) {
            return Err(fault("one of its streams has no `name`"));
        }
        Ok(Self(streams.clone()))
    }

    /// The names of the streams, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(name)
    }

    /// The catalog that says what to read: of each stream that is selected all that the connector said of it, read
    /// incrementally where it can be and `full_refresh` does not say otherwise, with the cursor and the primary key that the
    /// connector names.
    ///
    /// Fails with [`Kind::Usage`] where a stream is not there, or none is selected.
    pub fn configured(&self, selection: &Selection, full_refresh: bool) -> Result<Value, Fault> {
        let is_selected = |stream: &&Value| match selection {
            Selection::All => true,
            Selection::Named(names) => name(stream).is_some_and(|name| names.contains(name)),
        };
        if let Selection::Named(names) = selection
            && let Some(unknown) = names.iter().find(|name| self.names().all(|known| known != *name))
        {
            return Err(self.unknown(unknown));
        }
        let streams: Vec<Value> = self.0.iter().filter(is_selected).map(|it| configured(it, full_refresh)).collect();
        if streams.is_empty() {
            return Err(self.none_selected());
        }
        Ok(json!({ "streams": streams }))
    }

    /// The fault for having been told of no stream.
    pub fn none_selected(&self) -> Fault {
        Fault::new(Kind::Usage, "no stream is selected")
            .hint(format!("name some with `--streams`, or `'*'`: {}", self.listed()))
    }

    fn unknown(&self, unknown: &str) -> Fault {
        let alike = self.names().map(|name| (jaro_winkler(name, unknown), name)).filter(|(score, _)| *score > ALIKE);
        let nearest = alike.max_by(|one, other| one.0.total_cmp(&other.0));
        let hint = match nearest {
            Some((_, name)) => format!("did you mean `{name}`? there are {}", self.listed()),
            None => format!("there are {}", self.listed()),
        };
        Fault::new(Kind::Usage, format!("the connector has no stream `{unknown}`")).hint(hint)
    }

    fn listed(&self) -> String {
        self.names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }
}

fn name(stream: &Value) -> Option<&str> {
    stream.get("name").and_then(Value::as_str)
}

fn configured(stream: &Value, full_refresh: bool) -> Value {
    let modes: Vec<&str> = stream
        .get("supported_sync_modes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_full = modes.contains(&"full_refresh") && (full_refresh || !modes.contains(&"incremental"));
    let mut configured = Map::new();
    configured.insert("stream".to_owned(), stream.clone());
    configured.insert("sync_mode".to_owned(), if is_full { "full_refresh" } else { "incremental" }.into());
    configured.insert("destination_sync_mode".to_owned(), "overwrite".into());
    for (key, from) in [("cursor_field", "default_cursor_field"), ("primary_key", "source_defined_primary_key")] {
        if let Some(value) = stream.get(from).filter(|it| !it.is_null()) {
            configured.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(configured)
}

/// A stream of a configured catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// Where it is from, where the connector has several such places.
    pub namespace: Option<String>,
    /// Whether it is read as a whole, whatever is known of it.
    pub is_full: bool,
    /// The names of its properties, in the order of its schema.
    pub columns: Vec<String>,
}

/// The streams of a configured catalog.
pub fn streams(configured: &Value) -> Vec<Stream> {
    let streams = configured.get("streams").and_then(Value::as_array).into_iter().flatten();
    let of = |configured: &Value| {
        let stream = configured.get("stream")?;
        let properties = stream.pointer("/json_schema/properties").and_then(Value::as_object);
        Some(Stream {
            name: name(stream)?.to_owned(),
            namespace: stream.get("namespace").and_then(Value::as_str).map(str::to_owned),
            is_full: configured.get("sync_mode").is_some_and(|mode| mode == "full_refresh"),
            columns: properties.into_iter().flat_map(Map::keys).cloned().collect(),
        })
    };
    streams.filter_map(of).collect()
}

/// The names that several streams have, each in a namespace of its own.
pub fn ambiguous(streams: &[Stream]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    streams.iter().filter(|stream| !names.insert(stream.name.as_str())).map(|stream| stream.name.clone()).collect()
}

/// The streams by what they are called: by their names, and [qualified] where others have the same one.
pub fn called<'a>(streams: &'a [Stream], ambiguous: &BTreeSet<String>) -> Vec<(String, &'a Stream)> {
    let namespace = |it: &'a Stream| it.namespace.as_deref().filter(|_| ambiguous.contains(&it.name));
    streams.iter().map(|stream| (qualified(namespace(stream), &stream.name), stream)).collect()
}

/// Fails with [`Kind::Usage`] where two streams are called the same.
pub fn check_distinct(called: &[(String, &Stream)]) -> Result<(), Fault> {
    let mut seen: BTreeMap<&str, &Stream> = BTreeMap::new();
    for (key, stream) in called {
        let other = seen.insert(key, stream);
        if other.is_some_and(|other| (&other.namespace, &other.name) != (&stream.namespace, &stream.name)) {
            let message = format!("two streams of different namespaces are both called `{key}`");
            let hint = "read them one by one, with `--streams` or a `--catalog` that has one of them";
            return Err(Fault::new(Kind::Usage, message).hint(hint));
        }
    }
    Ok(())
}

/// How a stream is called where others have its name: with its namespace.
pub fn qualified(namespace: Option<&str>, name: &str) -> String {
    namespace.filter(|it| !it.is_empty()).map_or_else(|| name.to_owned(), |namespace| format!("{namespace}.{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        Catalog::from_value(&json!({ "streams": [
            { "name": "users", "supported_sync_modes": ["full_refresh", "incremental"], "default_cursor_field": ["at"],
              "source_defined_primary_key": [["id"]], "json_schema": { "properties": { "id": {}, "at": {} } } },
            { "name": "orders", "supported_sync_modes": ["full_refresh"], "default_cursor_field": null },
        ] }))
        .unwrap()
    }

    #[test]
    fn what_is_selected_is_configured_as_the_connector_says() {
        let all = catalog().configured(&Selection::parse("*"), false).unwrap();
        let of = |index: usize, key: &str| all["streams"][index][key].clone();
        assert_eq!((of(0, "sync_mode"), of(1, "sync_mode")), ("incremental".into(), "full_refresh".into()));
        assert_eq!((of(0, "cursor_field"), of(0, "primary_key")), (json!(["at"]), json!([["id"]])));
        assert_eq!((of(1, "cursor_field"), of(1, "destination_sync_mode")), (Value::Null, "overwrite".into()));
        assert_eq!(of(0, "stream"), catalog().0[0]);
        let full = catalog().configured(&Selection::parse(" users ,users"), true).unwrap();
        assert_eq!(full["streams"].as_array().map(Vec::len), Some(1));
        assert_eq!(full["streams"][0]["sync_mode"], "full_refresh");
        let streams = streams(&all);
        assert_eq!((streams[0].name.as_str(), &streams[0].columns), ("users", &vec!["id".to_owned(), "at".to_owned()]));
        assert_eq!((streams[0].is_full, streams[1].is_full), (false, true));
    }

    #[test]
    fn a_stream_that_is_not_there_is_told_with_those_that_are() {
        let fault = catalog().configured(&Selection::parse("user"), false).unwrap_err();
        assert_eq!((fault.kind, fault.message.as_str()), (Kind::Usage, "the connector has no stream `user`"));
        assert_eq!(fault.hint.unwrap(), "did you mean `users`? there are `users`, `orders`");
        let fault = catalog().configured(&Selection::parse(","), false).unwrap_err();
        assert_eq!(fault.message, "no stream is selected");
        for broken in [json!({}), json!({ "streams": [{}] })] {
            assert_eq!(Catalog::from_value(&broken).unwrap_err().kind, Kind::Data);
        }
    }
}
