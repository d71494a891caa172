//! Looks one connector up in the text of a registry, keeping nothing else of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
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

/// Looks for a connector. The error is why the text is no registry.
pub fn find(content: &[u8], name: &str) -> Result<Found, String> {
    let mut search = Search { name, entry: None, near: None, count: 0, lists: 0 };
    let mut deserializer = serde_json::Deserializer::from_slice(content);
    search.read(&mut deserializer).map_err(|error| error.to_string())?;
    if search.lists == 0 {
        return Err("it has neither `sources` nor `destinations`".to_owned());
    }
    Ok(match search.entry {
        Some(entry) => Found::Entry(Box::new(entry)),
        None => Found::Nothing { near: search.near.map(|(_, name)| name), count: search.count },
    })
}

struct Search<'a> {
    name: &'a str,
    entry: Option<Json>,
    near: Option<(usize, String)>,
    count: usize,
    lists: usize,
}

impl Search<'_> {
    fn read<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(Document(self))
    }

    fn look(&mut self, entry: Json) {
        let repository = entry.get("dockerRepository").and_then(Json::as_str);
        let Some(repository) = repository else { return };
        let name = repository.strip_prefix(OWN).unwrap_or(repository);
        self.count += 1;
        if name == self.name {
            self.entry.get_or_insert(entry);
            return;
        }
        let distance = damerau_levenshtein(name, self.name);
        if distance <= SLIP && self.near.as_ref().is_none_or(|(least, _)| distance < *least) {
            self.near = Some((distance, name.to_owned()));
        }
    }
}

/// The whole of it: two lists among other things.
struct Document<'s, 'a>(&'s mut Search<'a>);

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
struct List<'s, 'a>(&'s mut Search<'a>);

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
        while let Some(entry) = list.next_element::<Json>()? {
            self.0.look(entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn look(text: &str, name: &str) -> Result<Found, String> {
        find(text.as_bytes(), name)
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
