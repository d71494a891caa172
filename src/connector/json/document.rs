//! What is where in a document of JSON. Nothing is made of it: a number of thirty digits stays what it is, and so does what
//! Python writes where JSON has no number.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
use serde_json::Value;

use super::{Cursor, Form};

/// The members of an object that have these names, where the text is one to its end.
pub fn members<'a, const N: usize>(text: &'a [u8], names: [&str; N]) -> Option<[Option<&'a [u8]>; N]> {
    let mut found = [None; N];
    let mut cursor = Cursor::new(text);
    let mut goes_on = cursor.enter()?;
    while goes_on {
        let written = cursor.name()?;
        let name = decoded(cursor.text(written), written.form);
        let value = value(&mut cursor)?;
        if let Some(place) = names.iter().position(|it| *it == name) {
            found[place] = Some(&text[value]);
        }
        goes_on = cursor.goes_on()?;
    }
    cursor.is_at_end().then_some(found)
}

/// Where a path of names leads within an object, where the text is one to its end.
pub fn find<'a>(text: &'a [u8], path: &[&str]) -> Option<&'a [u8]> {
    path.iter().try_fold(text, |text, name| members(text, [name])?[0])
}

/// The members of an object with their names, where the text is one to its end.
pub fn pairs(text: &[u8]) -> Option<Vec<(Cow<'_, str>, &[u8])>> {
    let mut pairs = Vec::new();
    let mut cursor = Cursor::new(text);
    let mut goes_on = cursor.enter()?;
    while goes_on {
        let written = cursor.name()?;
        pairs.push((decoded(cursor.text(written), written.form), &text[value(&mut cursor)?]));
        goes_on = cursor.goes_on()?;
    }
    cursor.is_at_end().then_some(pairs)
}

/// The values of a list, where the text is one to its end.
pub fn items(text: &[u8]) -> Option<Vec<&[u8]>> {
    let mut items = Vec::new();
    let mut cursor = Cursor::new(text);
    let mut goes_on = cursor.enter_list()?;
    while goes_on {
        items.push(&text[value(&mut cursor)?]);
        goes_on = cursor.goes_on_in_list()?;
    }
    cursor.is_at_end().then_some(items)
}

/// What a value means that is a text.
pub fn meaning(value: &[u8]) -> Option<Cow<'_, str>> {
    let form = if memchr(b'\\', value).is_some() { Form::Escaped } else { Form::Text };
    value.starts_with(b"\"").then(|| decoded(value, form))
}

/// What a text means; itself where it means nothing, half a pair of UTF-16.
pub fn decoded(written: &[u8], form: Form) -> Cow<'_, str> {
    let inside = String::from_utf8_lossy(written.get(1..written.len() - 1).unwrap_or_default());
    if form == Form::Escaped { serde_json::from_slice(written).map_or(inside, Cow::Owned) } else { inside }
}

/// Each text among the values of a document, by its JSON pointer, with its quotes; `None` where it is no JSON.
pub fn texts(text: &[u8]) -> Option<Vec<(String, Range<usize>)>> {
    let mut found = Vec::new();
    // It is not deeper than a cursor goes.
    let mut cursor = Cursor::new(text);
    value(&mut cursor)?;
    if !cursor.is_at_end() {
        return None;
    }
    look(&mut Cursor::new(text), "", &mut found)?;
    Some(found)
}

fn look(cursor: &mut Cursor<'_>, pointer: &str, found: &mut Vec<(String, Range<usize>)>) -> Option<()> {
    match cursor.space() {
        b'{' => {
            let mut goes_on = cursor.enter()?;
            while goes_on {
                let written = cursor.name()?;
                let name = decoded(cursor.text(written), written.form);
                look(cursor, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found)?;
                goes_on = cursor.goes_on()?;
            }
        }
        b'[' => {
            let mut goes_on = cursor.enter_list()?;
            for index in 0.. {
                if !goes_on {
                    break;
                }
                look(cursor, &format!("{pointer}/{index}"), found)?;
                goes_on = cursor.goes_on_in_list()?;
            }
        }
        b'"' => found.push((pointer.to_owned(), value(cursor)?)),
        _ => drop(cursor.value()?),
    }
    Some(())
}

/// The document as a value, with the nearest number there is in the place of what is none: what is not to be changed is
/// not written from it.
pub fn parse(text: &str) -> serde_json::Result<Value> {
    let parsed = serde_json::from_str(text);
    let is_json = || texts(text.as_bytes()).is_some();
    if parsed.is_err() && is_json() { serde_json::from_str(&with_numbers(text)).or(parsed) } else { parsed }
}

/// A document of JSON with numbers alone where numbers are.
fn with_numbers(text: &str) -> String {
    let (mut strict, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => 1 + end_of_text(&rest.as_bytes()[1..]),
            '-' | '0'..='9' | 'I' | 'N' => rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(end);
        strict.push_str(match token {
            "NaN" => "0",
            number if !number.starts_with('"') && number.parse().is_ok_and(|it: f64| it.is_infinite()) => {
                if number.starts_with('-') { "-1e308" } else { "1e308" }
            }
            other => other,
        });
        rest = behind;
    }
    strict
}

/// Where a text ends, from behind its first quote to behind its last.
fn end_of_text(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Goes behind the value that comes next: its place.
fn value(cursor: &mut Cursor<'_>) -> Option<Range<usize>> {
    cursor.space();
    let start = cursor.at();
    cursor.value()?;
    Some(start..cursor.at())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_found_is_as_it_is_written() {
        let text = br#" {"a": {"b" : 1234567890123456789012345678901, "\u0063":[NaN, "x\/y"]}, "a/~": 1e400} "#;
        let found = |path: &[&str]| find(text, path).map(|it| String::from_utf8_lossy(it).into_owned());
        assert_eq!(found(&["a", "b"]).as_deref(), Some("1234567890123456789012345678901"));
        assert_eq!(found(&["a/~"]).as_deref(), Some("1e400"));
        assert_eq!(found(&["a", "c"]).as_deref(), Some(r#"[NaN, "x\/y"]"#));
        assert_eq!((found(&["b"]), found(&["a/~", "b"])), (None, None));
        let list = items(find(text, &["a", "c"]).unwrap()).unwrap();
        assert_eq!((meaning(list[0]), meaning(list[1]).as_deref()), (None, Some("x/y")));
        for broken in ["", "[", "[1] x", "[1,]", "{}"] {
            assert_eq!(items(broken.as_bytes()), None, "{broken}");
        }
        assert_eq!((members(b"{", ["a"]), members(br#"{"a":1}]"#, ["a"])), (None, None));
        assert_eq!((items(b"[ ]"), pairs(b"{ }")), (Some(Vec::new()), Some(Vec::new())));
        let all: Vec<_> = pairs(find(text, &["a"]).unwrap()).unwrap();
        assert_eq!(all.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn texts_are_told_by_their_pointers() {
        let text = r#"{"a": ["x", {"b/~": "y"}, [1, "z"]], "": "e"}"#;
        let found = texts(text.as_bytes()).unwrap();
        let shown: Vec<_> = found.iter().map(|(pointer, place)| (pointer.as_str(), &text[place.clone()])).collect();
        let expected = [("/a/0", "\"x\""), ("/a/1/b~1~0", "\"y\""), ("/a/2/1", "\"z\""), ("/", "\"e\"")];
        assert_eq!(shown, expected);
        for (pointer, place) in found {
            assert_eq!(parse(text).unwrap().pointer(&pointer), Some(&parse(&text[place]).unwrap()));
        }
        assert_eq!(texts(b"{\"a\": x}"), None);
    }

    #[test]
    fn numbers_that_are_none_are_the_nearest_that_there_are() {
        let text = r#"{"a": [NaN,-Infinity , Infinity], "b": 1e400, "c": "NaN \" 1e400", "d": 1.5, "e": -1e999}"#;
        let expected = json!({ "a": [0, -1e308, 1e308], "b": 1e308, "c": "NaN \" 1e400", "d": 1.5, "e": -1e308 });
        assert_eq!(parse(text).unwrap(), expected);
        for broken in ["NaNs", "{\"a\": 01e999}", "[1e400", "-NaN", ""] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }
}
