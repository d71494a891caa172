//! The tables of `connectors`.

use std::path::PathBuf;

use super::Decoder;
use super::lists::names;
use crate::config::complain;
use crate::config::document::{Entry, Node, Value, ValueType, as_json, number};
use crate::config::fields::{CONNECTOR_FIELDS, ConnectorFields, Field, FieldKind, Said};
use crate::error::{Fault, Kind};

impl Decoder<'_> {
    pub(super) fn connectors(&self, name: &str, node: &Node) -> Result<Vec<ConnectorFields>, Fault> {
        self.entries(name, node)?.into_iter().map(|entry| self.connector(name, entry)).collect()
    }

    fn connector(&self, name: &str, entry: &Entry) -> Result<ConnectorFields, Fault> {
        let is_part = |text: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_plain)
        };
        let (party, name_of_party) = entry.key.split_once('/').unwrap_or(("x", &entry.key));
        if !is_part(party) || !is_part(name_of_party) {
            let expected = "the name of a connector, such as `source-faker`";
            return Err(complain::bad_value(self.source, entry.position, name, &entry.key, expected));
        }
        let name = format!("{name}.{}", entry.key);
        let mut connector = ConnectorFields::new(&entry.key, self.origin(entry.position));
        for entry in self.entries(&name, &entry.node)? {
            let path = format!("{name}.{}", entry.key);
            let Some(spec) = CONNECTOR_FIELDS.iter().find(|spec| spec.name == entry.key) else {
                return Err(complain::unknown_field(self.source, entry.position, &path, &names(&CONNECTOR_FIELDS)));
            };
            let said = self.field(entry, |decoder, _, node| decoder.said(spec.kind, &path, node))?;
            if spec.name == "registry" && matches!(&said, Field::Value(it) if it.value == Said::Flag(true)) {
                let expected = "`false`, a path or a URL";
                return Err(complain::bad_value(self.source, entry.node.position, &path, "true", expected));
            }
            connector.say(spec.name, said);
        }
        Ok(connector)
    }

    fn said(&self, kind: FieldKind, name: &str, node: &Node) -> Result<Said, Fault> {
        Ok(match (kind, &node.value) {
            (FieldKind::Boolean, _) | (FieldKind::Switch, Value::Boolean(_)) => Said::Flag(self.boolean(name, node)?),
            (FieldKind::Text, _) | (FieldKind::Switch | FieldKind::TextOrList, Value::String(_)) => {
                Said::Text(self.words(name, node)?)
            }
            (FieldKind::List(_), _) | (FieldKind::TextOrList, Value::Array(_)) => {
                let texts = self.each(name, node, Self::words)?;
                Said::List(texts.into_iter().map(|text| text.value).collect())
            }
            (FieldKind::AnyPath, _) => Said::Path(self.any_path(name, node)?),
            (FieldKind::PathOrTable, Value::String(_)) => {
                Said::Text(self.any_path(name, node)?.to_string_lossy().into_owned())
            }
            (FieldKind::PathOrTable, Value::Table(_)) => {
                self.check_numbers(name, node)?;
                Said::Table(as_json(node))
            }
            (FieldKind::Positive, _) => Said::Count(self.positive(name, node)?),
            (FieldKind::OneOf(words), _) => Said::Text(self.one_of(words, name, node)?),
            (kind, _) => return Err(self.none_of(kind, name, node)),
        })
    }

    /// The fault of a value that may be of several types, and is of none of them.
    fn none_of(&self, kind: FieldKind, name: &str, node: &Node) -> Fault {
        let types = match kind {
            FieldKind::Switch => [ValueType::Boolean, ValueType::String],
            FieldKind::TextOrList => [ValueType::String, ValueType::Array],
            FieldKind::PathOrTable => [ValueType::String, ValueType::Table],
            _ => return Fault::new(Kind::Bug, format!("the field `{name}` is known and not read")),
        };
        let fault = complain::none_of_types(self.source, self.format, name, node, &types);
        match &node.value {
            Value::Number(text) => fault.hint(format!("write it in quotes: `\"{text}\"`")),
            _ => fault,
        }
    }

    fn any_path(&self, name: &str, node: &Node) -> Result<PathBuf, Fault> {
        let text = self.string(name, node)?;
        if text.is_empty() || text.contains('\0') {
            return Err(complain::bad_value(self.source, node.position, name, text, "a path"));
        }
        Ok(PathBuf::from(text))
    }

    fn positive(&self, name: &str, node: &Node) -> Result<u64, Fault> {
        let Value::Number(text) = &node.value else {
            return Err(complain::wrong_type(self.source, self.format, name, node, ValueType::Number));
        };
        let expected = "a whole number from 1 on";
        number(text)
            .and_then(|number| number.as_u64())
            .filter(|count| *count > 0)
            .ok_or_else(|| complain::bad_value(self.source, node.position, name, text, expected))
    }

    fn one_of(&self, words: &[&str], name: &str, node: &Node) -> Result<String, Fault> {
        let text = self.string(name, node)?;
        if words.contains(&text) {
            return Ok(text.to_owned());
        }
        let expected = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
        let fault = complain::bad_value(self.source, node.position, name, text, &expected);
        Err(match complain::did_you_mean(text, words) {
            Some(hint) => fault.hint(hint),
            None => fault,
        })
    }

    /// A table that becomes JSON has no number that JSON has not.
    fn check_numbers(&self, name: &str, node: &Node) -> Result<(), Fault> {
        match &node.value {
            Value::Number(text) if number(text).is_none() => {
                Err(complain::bad_value(self.source, node.position, name, text, "a number that JSON can hold"))
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| self.check_numbers(&format!("{name}[{index}]"), item)),
            Value::Table(entries) => {
                entries.iter().try_for_each(|entry| self.check_numbers(&format!("{name}.{}", entry.key), &entry.node))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
