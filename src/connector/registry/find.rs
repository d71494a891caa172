//! Finds connectors in the text of a registry, of which it notes only where in it each one is.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use strsim::damerau_levenshtein;

/// The prefix of the repositories that are the registry's own; those of others keep theirs.
const OWN: &str = "airbyte/";
/// How many letters a name may be off to be taken for a slip.
const SLIP: usize = 3;

/// What was found.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// The entry.
    Entry(Box<Json>),
    /// None: the nearest name, and how many there are.
    Nothing {
        /// The nearest name, if one is near.
        near: Option<String>,
        /// How many connectors there are.
        count: usize,
    },
}

/// The text of a registry, and where its entries are.
#[derive(Debug)]
pub struct Listing {
    content: Vec<u8>,
    entries: Vec<(String, Range<usize>)>,
}

/// What has to be known of an entry to tell whose it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    #[serde(borrow)]
    docker_repository: Cow<'a, str>,
}

impl Listing {
    /// Reads a registry. The error is why the text is none.
    pub fn parse(content: Vec<u8>) -> Result<Self, String> {
        let mut noted = Noted { content: &content, entries: Vec::new(), lists: 0 };
        let mut deserializer = serde_json::Deserializer::from_slice(&content);
        deserializer.deserialize_map(Document(&mut noted)).map_err(|error| error.to_string())?;
        if noted.lists == 0 {
            return Err("it has neither `sources` nor `destinations`".to_owned());
        }
        let entries = noted.entries;
        Ok(Self { content, entries })
    }

    /// Looks for a connector.
    pub fn find(&self, name: &str) -> Found {
        let entry = self.entries.iter().find(|(it, _)| it == name).map(|(_, place)| &self.content[place.clone()]);
        if let Some(entry) = entry.and_then(|text| serde_json::from_slice(text).ok()) {
            return Found::Entry(Box::new(entry));
        }
        let distances = self.entries.iter().map(|(it, _)| (damerau_levenshtein(it, name), it));
        let near = distances.filter(|(distance, _)| *distance <= SLIP).min_by_key(|(distance, _)| *distance);
        Found::Nothing { near: near.map(|(_, name)| name.clone()), count: self.entries.len() }
    }
}

/// What was noted so far.
struct Noted<'a> {
    content: &'a [u8],
    entries: Vec<(String, Range<usize>)>,
    lists: usize,
}

impl Noted<'_> {
    fn note(&mut self, entry: &RawValue) {
        let text = entry.get();
        let Ok(Named { docker_repository }) = serde_json::from_str(text) else { return };
        let name = docker_repository.strip_prefix(OWN).unwrap_or(&docker_repository).to_owned();
        // It is part of the content, since it borrows from it.
        let start = text.as_ptr().addr() - self.content.as_ptr().addr();
        self.entries.push((name, start..start + text.len()));
    }
}

/// The whole of it: two lists among other things.
struct Document<'s, 'a>(&'s mut Noted<'a>);

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with `sources` and `destinations`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if ["sources", "destinations"].contains(&key.as_str()) {
                self.0.lists += 1;
                map.next_value_seed(List(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// A list of entries; `null` is an empty one.
struct List<'s, 'a>(&'s mut Noted<'a>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of connectors")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<&RawValue>()? {
            self.0.note(entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn look(text: &str, name: &str) -> Result<Found, String> {
        Listing::parse(text.into()).map(|listing| listing.find(name))
    }

    #[test]
    fn one_bad_entry_and_a_missing_list_harm_no_other() {
        let entry = json!({"dockerRepository": "airbyte/source-x", "n": 1});
        let bad = r#"{"sources": [{}, null, 3, {"dockerRepository": 5}, "#.to_owned() + &entry.to_string() + "]}";
        assert_eq!(look(&bad, "source-x"), Ok(Found::Entry(Box::new(entry.clone()))));
        let other = format!(r#"{{"sources": null, "more": {{"a": []}}, "destinations": [{entry}]}}"#);
        assert_eq!(look(&other, "source-x"), Ok(Found::Entry(Box::new(entry))));
    }

    #[test]
    fn what_is_not_there_is_told_with_the_nearest() {
        let text =
            r#"{"sources": [{"dockerRepository": "airbyte/source-faker"}, {"dockerRepository": "third/source-y"}]}"#;
        let nothing = |near: Option<&str>| Ok(Found::Nothing { near: near.map(str::to_owned), count: 2 });
        assert_eq!(look(text, "source-fakir"), nothing(Some("source-faker")));
        assert_eq!(look(text, "destination-s3"), nothing(None));
        assert!(matches!(look(text, "third/source-y"), Ok(Found::Entry(_))));
        assert!(matches!(look(text, "source-faker"), Ok(Found::Entry(_))));
    }

    #[test]
    fn what_is_no_registry_is_told_why() {
        assert_eq!(look("{}", "x"), Err("it has neither `sources` nor `destinations`".to_owned()));
        for (text, part) in [("[]", "expected an object"), ("<html>", "expected value"), (r#"{"sources": 1}"#, "list")]
        {
            assert!(look(text, "x").unwrap_err().contains(part), "{text}: {:?}", look(text, "x"));
        }
    }
}
