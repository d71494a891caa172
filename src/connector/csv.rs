//! Records as lines of CSV (RFC 4180): a column for each property of the stream's schema, values as they are written.
//!
//! A text is written as what it means, a number as the connector wrote it, an object or a list as JSON. Nothing at all is
//! `null`, or a property that the record does not have; `""` is the empty text.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

use memchr::memchr3;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The columns of a stream.
#[derive(Debug, Default)]
pub struct Table {
    /// Those of the schema, else of the first record.
    columns: Vec<String>,
    is_begun: bool,
    /// Properties of records that are no column.
    left_out: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    record: Record<'a>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    data: Fields<'a>,
}

/// An object's properties in their order.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    fields.push((key, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl Table {
    /// A table of these columns; of none, the first record gives them.
    pub fn new(columns: Vec<String>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Writes the record in a line; the first one is preceded by the names of the columns, unless `has_header`.
    ///
    /// Fails with [`io::ErrorKind::InvalidData`] where the line is no record.
    pub fn write(&mut self, line: &[u8], has_header: bool, out: &mut impl Write) -> io::Result<()> {
        let Line { record: Record { data: Fields(fields) } } = serde_json::from_slice(line)?;
        if !self.is_begun {
            self.is_begun = true;
            if self.columns.is_empty() {
                self.columns = fields.iter().map(|(key, _)| key.to_string()).collect();
            }
            if !has_header {
                row(out, self.columns.iter().map(|name| Cell::Text(Cow::Borrowed(name))))?;
            }
        }
        let mut values: Vec<Option<&str>> = vec![None; self.columns.len()];
        let mut likely = 0;
        for (key, value) in &fields {
            let is_likely = self.columns.get(likely).is_some_and(|name| name == key);
            let found = if is_likely { Some(likely) } else { self.columns.iter().position(|name| name == key) };
            match found {
                Some(index) => (values[index], likely) = (Some(value.get()), index + 1),
                None if !self.left_out.contains(&**key) => drop(self.left_out.insert(key.to_string())),
                None => {}
            }
        }
        row(out, values.into_iter().map(Cell::of))
    }

    /// The properties that records had and the table has not.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.left_out.iter().map(String::as_str)
    }
}

enum Cell<'a> {
    Nothing,
    Text(Cow<'a, str>),
    Plain(&'a str),
}

impl<'a> Cell<'a> {
    fn of(value: Option<&'a str>) -> Self {
        match value {
            None | Some("null") => Self::Nothing,
            Some(text) if text.starts_with('"') => {
                Self::Text(serde_json::from_str::<Key<'_>>(text).map_or(Cow::Borrowed(text), |key| key.0))
            }
            Some(other) => Self::Plain(other),
        }
    }
}

fn row<'a>(out: &mut impl Write, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Nothing => {}
            Cell::Text(text) => quoted(out, &text, text.is_empty())?,
            Cell::Plain(text) => quoted(out, text, false)?,
        }
    }
    out.write_all(b"\n")
}

fn quoted(out: &mut impl Write, text: &str, always: bool) -> io::Result<()> {
    let bytes = text.as_bytes();
    if !always && memchr3(b',', b'"', b'\n', bytes).is_none() && !bytes.contains(&b'\r') {
        return out.write_all(bytes);
    }
    out.write_all(b"\"")?;
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(table: &mut Table, records: &[serde_json::Value]) -> String {
        let mut out = Vec::new();
        for data in records {
            let line = json!({ "type": "RECORD", "record": { "stream": "s", "data": data } }).to_string();
            table.write(line.as_bytes(), false, &mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_keep_their_meaning() {
        let mut table = Table::new(["a", "b", "c", "d"].map(str::to_owned).into());
        let first = json!({ "a": "x,\"y\"\n", "b": 1.50, "c": null, "d": "" });
        let second = json!({ "d": { "e": [1, "t"] }, "b": true, "a": "é\\", "new": 1 });
        let expected = "a,b,c,d\n\"x,\"\"y\"\"\n\",1.5,,\"\"\né\\,true,,\"{\"\"e\"\":[1,\"\"t\"\"]}\"\n";
        assert_eq!(written(&mut table, &[first, second]), expected);
        assert_eq!(table.left_out().collect::<Vec<_>>(), ["new"]);
    }

    #[test]
    fn without_a_schema_the_first_record_gives_the_columns() {
        let mut table = Table::default();
        assert_eq!(written(&mut table, &[json!({ "b": 1, "a": 2 }), json!({ "a": 3 })]), "b,a\n1,2\n,3\n");
        let line = br#"{"type":"RECORD","record":{"stream":"s","data":1}}"#;
        assert_eq!(table.write(line, false, &mut Vec::new()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
