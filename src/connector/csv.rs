//! Records as lines of CSV (RFC 4180): a column for each property of the stream's schema, values as they are written.
//!
//! A text is written as what it means, a number as the connector wrote it, an object or a list as JSON. Nothing at all is
//! `null`, or a property that the record does not have; `""` is the empty text, and in a table of one column `null` too, since
//! readers skip a line with nothing in it.
//!
//! One record is like the next: its line begins alike, and its properties come in the same order. What was found out of
//! one is tried first with the next.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::json::document::decoded;
use super::json::{Cursor, Form, Span};
use super::sink::Sink;

/// Where a property is that is no column.
const NOWHERE: usize = usize::MAX;
/// As many properties without a column as are named: a connector may make their names of its data.
const MOST_NAMED: usize = 20;

/// The columns of a stream.
#[derive(Debug, Default)]
pub struct Table {
    /// Those of the schema, else of the first record.
    columns: Vec<String>,
    /// Where they are.
    places: BTreeMap<String, usize>,
    is_begun: bool,
    /// Properties of records that are no column, the first of them.
    left_out: BTreeSet<String>,
    /// Whether there were others.
    has_more: bool,
    /// What stood before the data of the last record.
    beginning: Vec<u8>,
    /// The properties of records before, in their order.
    expected: Vec<Expected>,
    /// The values of the record at hand, column by column.
    cells: Vec<Span>,
}

/// A property as it was met.
#[derive(Debug, Default)]
struct Expected {
    /// Its name with the quotes, and the colon: `"id":`.
    written: Vec<u8>,
    /// Its place among the columns, or [`NOWHERE`].
    column: usize,
}

impl Table {
    /// A table of these columns; of none, the first record gives them.
    pub fn new(columns: Vec<String>) -> Self {
        let places = columns.iter().enumerate().rev().map(|(place, name)| (name.clone(), place)).collect();
        Self { columns, places, ..Self::default() }
    }

    /// Writes the record in a line; the first one is preceded by the names of the columns, unless `has_header`.
    ///
    /// Fails with [`io::ErrorKind::InvalidData`] where the line is no record.
    pub fn write(&mut self, line: &[u8], has_header: bool, sink: &mut Sink) -> io::Result<()> {
        if !self.is_begun && self.columns.is_empty() {
            let names = names(line).ok_or(io::ErrorKind::InvalidData)?;
            *self = Self::new(names);
        }
        self.take(line).ok_or(io::ErrorKind::InvalidData)?;
        if self.columns.is_empty() {
            // A row of no column says nothing, and a record to come may have some.
            return Ok(());
        }
        if !self.is_begun {
            self.is_begun = true;
            if !has_header {
                self.header(sink)?;
            }
        }
        for (index, cell) in self.cells.iter().enumerate() {
            if index > 0 {
                sink.byte(b',');
            }
            write(line, *cell, sink);
        }
        if let [Span { form: Form::Null, .. }] = self.cells[..] {
            // A line with nothing in it is no row for those who read it.
            text("", sink);
        }
        sink.end()
    }

    /// The properties that records had and the table has not, or the first of them.
    pub fn left_out(&self) -> Vec<&str> {
        let others = self.has_more.then_some("and others");
        self.left_out.iter().map(String::as_str).chain(others).collect()
    }

    fn header(&self, sink: &mut Sink) -> io::Result<()> {
        for (index, name) in self.columns.iter().enumerate() {
            if index > 0 {
                sink.byte(b',');
            }
            text(name, sink);
        }
        sink.end()
    }

    /// Takes the values of a line, which is JSON to its end.
    fn take(&mut self, line: &[u8]) -> Option<()> {
        self.cells.clear();
        self.cells.resize(self.columns.len(), Span::default());
        let mut cursor = Cursor::new(line);
        if self.beginning.is_empty() || !cursor.skip(&self.beginning) {
            find_data(&mut cursor)?;
            self.beginning.clear();
            self.beginning.extend_from_slice(&line[..cursor.at()]);
        }
        let mut goes_on = cursor.enter()?;
        let mut number = 0;
        while goes_on {
            let column = self.column(&mut cursor, number)?;
            cursor.space();
            let start = cursor.at();
            let form = cursor.value()?;
            if let Some(cell) = self.cells.get_mut(column) {
                *cell = Span { form, start, end: cursor.at() };
            }
            number += 1;
            goes_on = cursor.goes_on()?;
        }
        is_whole(&mut cursor).then_some(())
    }

    /// The place of the property that comes next, as the so many-th of its record, among the columns.
    fn column(&mut self, cursor: &mut Cursor<'_>, number: usize) -> Option<usize> {
        cursor.space();
        if let Some(expected) = self.expected.get(number)
            && cursor.skip(&expected.written)
        {
            return Some(expected.column);
        }
        let written = cursor.name()?;
        let name = decoded(cursor.text(written), written.form);
        let column = self.places.get(&*name).copied().unwrap_or(NOWHERE);
        if column == NOWHERE && !self.left_out.contains(&*name) {
            if self.left_out.len() < MOST_NAMED {
                self.left_out.insert(name.into_owned());
            } else {
                self.has_more = true;
            }
        }
        if self.expected.len() <= number {
            self.expected.resize_with(number + 1, Expected::default);
        }
        let expected = &mut self.expected[number];
        expected.column = column;
        expected.written.clear();
        expected.written.extend_from_slice(cursor.text(written));
        expected.written.push(b':');
        Some(column)
    }
}

/// Goes to the data of a record.
fn find_data(cursor: &mut Cursor<'_>) -> Option<()> {
    for name in ["record", "data"] {
        let mut goes_on = cursor.enter()?;
        loop {
            if !goes_on {
                return None;
            }
            let written = cursor.name()?;
            if decoded(cursor.text(written), written.form) == name {
                break;
            }
            cursor.value()?;
            goes_on = cursor.goes_on()?;
        }
    }
    Some(())
}

/// Whether the rest of the record, from behind its data, and of the message is there.
fn is_whole(cursor: &mut Cursor<'_>) -> bool {
    cursor.leave().and_then(|()| cursor.leave()).is_some() && cursor.is_at_end()
}

/// The names of a record's properties.
fn names(line: &[u8]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut cursor = Cursor::new(line);
    find_data(&mut cursor)?;
    let mut goes_on = cursor.enter()?;
    while goes_on {
        let written = cursor.name()?;
        names.push(decoded(cursor.text(written), written.form).into_owned());
        cursor.value()?;
        goes_on = cursor.goes_on()?;
    }
    is_whole(&mut cursor).then_some(names)
}

fn write(line: &[u8], Span { form, start, end }: Span, sink: &mut Sink) {
    match form {
        Form::Null => {}
        Form::Nested => sink.cell(line, start, end),
        Form::Escaped => text(&decoded(&line[start..end], Form::Escaped), sink),
        // A text has nothing in it that a value of CSV has in another way: its quotes are those of CSV.
        Form::Plain | Form::Listing => sink.part(line, start, end),
        Form::Text if end - start == 2 => sink.part(line, start, end),
        Form::Text => sink.part(line, start + 1, end - 1),
    }
}

fn text(text: &str, sink: &mut Sink) {
    match text.as_bytes() {
        [] => sink.part(b"\"\"", 0, 2),
        bytes => sink.cell(bytes, 0, bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Seek as _};

    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn line(data: &Value) -> Vec<u8> {
        json!({ "type": "RECORD", "record": { "stream": "s", "data": data, "emitted_at": 1 } }).to_string().into_bytes()
    }

    /// What is written of these lines.
    fn lines_written(table: &mut Table, lines: &[Vec<u8>]) -> String {
        let mut file = tempfile::tempfile().unwrap();
        let mut sink = Sink::new(File::try_clone(&file).unwrap());
        for line in lines {
            table.write(line, false, &mut sink).unwrap();
        }
        sink.flush().unwrap();
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    fn written(table: &mut Table, records: &[Value]) -> String {
        lines_written(table, &records.iter().map(line).collect::<Vec<_>>())
    }

    #[test]
    fn values_keep_their_meaning() {
        let mut table = Table::new(["a", "b", "c", "d"].map(str::to_owned).into());
        let first = json!({ "a": "x,\"y\"\n", "b": 1.50, "c": null, "d": "" });
        let second = json!({ "d": { "e": [1, "t"] }, "b": true, "a": "é\\", "new": 1 });
        let expected = "a,b,c,d\n\"x,\"\"y\"\"\n\",1.5,,\"\"\né\\,true,,\"{\"\"e\"\":[1,\"\"t\"\"]}\"\n";
        assert_eq!(written(&mut table, &[first, second]), expected);
        assert_eq!(table.left_out(), ["new"]);
    }

    #[test]
    fn of_properties_without_a_column_only_the_first_are_kept() {
        let mut table = Table::new(vec!["a".to_owned()]);
        let records: Vec<Value> = (0..50).map(|id| json!({ "a": id, format!("id{id:02}"): 1 })).collect();
        written(&mut table, &records);
        let named: Vec<String> =
            (0..MOST_NAMED).map(|id| format!("id{id:02}")).chain(["and others".to_owned()]).collect();
        assert_eq!(table.left_out(), named);
    }

    #[test]
    fn without_a_schema_the_first_record_gives_the_columns() {
        let mut table = Table::default();
        assert_eq!(written(&mut table, &[json!({ "b": 1, "a": 2 }), json!({ "a": 3 })]), "b,a\n1,2\n,3\n");
    }

    #[test]
    fn what_is_broken_or_has_no_property_gives_no_columns() {
        let mut table = Table::default();
        let mut sink = Sink::new(tempfile::tempfile().unwrap());
        for rest in ["", "}", "}} x", r#"},"type":"#] {
            let broken = format!(r#"{{"record":{{"stream":"s","data":{{"x":1}}{rest}"#);
            let refused = table.write(broken.as_bytes(), false, &mut sink).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{broken}");
        }
        let records = [json!({}), json!({ "a": 1, "b": 2 }), json!({})];
        assert_eq!(written(&mut table, &records), "a,b\n1,2\n,\n");
        assert!(table.left_out().is_empty());
    }

    #[test]
    fn a_row_of_one_column_is_never_an_empty_line() {
        let records = [json!({ "a": null }), json!({}), json!({ "a": "" }), json!({ "a": 1 })];
        assert_eq!(written(&mut Table::default(), &records), "a\n\"\"\n\"\"\n\"\"\n1\n");
    }

    #[test]
    fn a_number_that_is_none_is_written_as_python_writes_it() {
        let line = r#"{"record":{"data":{"a":NaN,"b":-Infinity,"c":[Infinity, NaN]}}}"#;
        let expected = "a,b,c\nNaN,-Infinity,\"[Infinity, NaN]\"\n";
        assert_eq!(lines_written(&mut Table::default(), &[line.into()]), expected);
    }

    #[test]
    fn what_is_no_record_is_refused_and_leaves_no_trace() {
        let mut table = Table::new(vec!["a".to_owned()]);
        let good = line(&json!({ "a": 1 }));
        let mut sink = Sink::new(tempfile::tempfile().unwrap());
        table.write(&good, true, &mut sink).unwrap();
        for bad in [
            r#"{"type":"RECORD","record":{"stream":"s","data":1}}"#,
            r#"{"type":"RECORD","record":{"stream":"s"}}"#,
            r#"{"type":"RECORD","record":{"stream":"s","data":{"a":1}}"#,
            r#"{"type":"RECORD","record":{"stream":"s","data":{"a":01}}}"#,
            r#"{"type":"RECORD","record":{"stream":"s","data":{"a":1}}} x"#,
            "",
        ] {
            let refused = table.write(bad.as_bytes(), true, &mut sink).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{bad}");
        }
        assert_eq!(lines_written(&mut table, &[good.clone(), good]), "1\n1\n");
    }

    #[test]
    fn where_the_data_is_in_the_line_does_not_matter() {
        let lines = [
            r#"{"type":"RECORD","record":{"stream":"s","data":{"a":1}}}"#,
            r#"{"type": "RECORD", "record": {"stream": "s", "data": {"a": 2}, "emitted_at": 1}}"#,
            r#"{"record":{"data":{"a" : 3},"stream":"s"},"type":"RECORD"}"#,
            r#"{"record":{"\u0064ata":{"\u0061":4}}}"#,
        ];
        let mut table = Table::default();
        assert_eq!(lines_written(&mut table, &lines.map(|it| it.as_bytes().to_vec())), "a\n1\n2\n3\n4\n");
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = "[a,\"\\\\\n\ré \t]{0,12}";
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.prop_map(Value::from),
            proptest::collection::vec(text, 0..3).prop_map(Value::from),
        ]
    }

    /// What a cell has to be, by the library.
    fn cell(value: Option<&Value>) -> String {
        let text = match value {
            None | Some(Value::Null) => return String::new(),
            Some(Value::String(text)) if text.is_empty() => return "\"\"".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    }

    proptest! {
        #[test]
        fn any_records_are_written_as_the_library_reads_them(
            records in proptest::collection::vec(proptest::collection::vec((0..5_usize, value()), 0..6), 1..8),
        ) {
            let names = ["a", "b", "c,d", "é", "x\"y"];
            let records: Vec<Value> = records.into_iter().map(|record| {
                Value::Object(record.into_iter().map(|(at, value)| (names[at].to_owned(), value)).collect::<Map<_, _>>())
            }).collect();
            let columns = ["é", "a", "x\"y"];
            let rows = records.iter().map(|record| columns.map(|name| cell(record.get(name))).join(",") + "\n");
            let expected = "é,a,\"x\"\"y\"\n".to_owned() + &rows.collect::<String>();
            prop_assert_eq!(written(&mut Table::new(columns.map(str::to_owned).into()), &records), expected);
        }
    }
}
