//! YAML as PyYAML reads it (`safe_load`), as JSON.
//!
//! The parser is a library's. What a plain word means is decided here, because it differs from one version of YAML to the
//! next: manifests are written for YAML 1.1, in which `yes` is true and `012` is ten. Times stay texts, as JSON has none.

use std::collections::HashMap;

use serde_json::{Map, Number, Value as Json};
use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::TScalarStyle;

/// More values than any manifest has: aliases of aliases make many out of few lines.
const MOST: usize = 1_000_000;
const TOO_MANY: &str = "it has too many values";
/// More collections within each other than any manifest has; a stack has an end.
const DEEPEST: usize = 256;
const TOO_DEEP: &str = "it is nested too deeply";
/// The key that takes over what another mapping has.
const MERGE: &str = "<<";
/// The tag of a text.
const STRING: &str = "str";

/// Reads the first document. The error is why it is none.
pub fn parse(text: &str) -> Result<Json, String> {
    let mut parser = Parser::new_from_str(text);
    let mut reader = Reader::default();
    loop {
        // One by one: the parser's own way to a whole document goes as deep as that, on the stack.
        let (event, mark) = parser.next_token().map_err(|error| error.to_string())?;
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
            return Ok(reader.document.unwrap_or(Json::Null));
        }
        reader.read(event).map_err(|reason| format!("{reason} at line {}", mark.line()))?;
    }
}

/// A collection that has not ended.
enum Open {
    List(Vec<Json>),
    Mapping { map: Map<String, Json>, key: Option<Key>, merged: Vec<Json> },
}

/// A key, once it is read.
enum Key {
    Named(String),
    Merge,
}

#[derive(Default)]
struct Reader {
    open: Vec<(Open, usize)>,
    /// What an alias stands for.
    anchors: HashMap<usize, (Json, Size)>,
    document: Option<Json>,
    count: usize,
}

impl Reader {
    fn read(&mut self, event: Event) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = tag.is_some_and(|tag| tag.suffix == STRING);
                let plain = style == TScalarStyle::Plain && !tagged;
                let is_merge = plain && text == MERGE;
                self.put(if plain { resolve(&text) } else { Json::String(text) }, anchor, is_merge)
            }
            Event::SequenceStart(anchor, _) => self.begin(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                self.begin(Open::Mapping { map: Map::new(), key: None, merged: Vec::new() }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let size =
                    self.anchors.get(&anchor).map(|(_, size)| *size).ok_or("an alias within what it stands for")?;
                self.charge(size)?;
                let value = self.anchors[&anchor].0.clone();
                self.put(value, 0, false)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, collection: Open, anchor: usize) -> Result<(), &'static str> {
        self.open.push((collection, anchor));
        if self.open.len() > DEEPEST { Err(TOO_DEEP) } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), &'static str> {
        match self.open.pop() {
            Some((Open::List(list), anchor)) => self.put(Json::Array(list), anchor, false),
            Some((Open::Mapping { mut map, merged, .. }, anchor)) => {
                for other in merged {
                    for (key, value) in mappings(other) {
                        map.entry(key).or_insert(value);
                    }
                }
                self.put(Json::Object(map), anchor, false)
            }
            None => Ok(()),
        }
    }

    fn put(&mut self, value: Json, anchor: usize, is_merge: bool) -> Result<(), &'static str> {
        self.charge(Size { values: 1, depth: 0 })?;
        if anchor != 0 {
            // What an alias may stand for is there twice.
            let size = Size::of(&value);
            self.charge(size)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut() {
            None => self.document = self.document.take().or(Some(value)),
            Some((Open::List(list), _)) => list.push(value),
            Some((Open::Mapping { map, key, merged }, _)) => match key.take() {
                None if is_merge => *key = Some(Key::Merge),
                None => *key = Some(Key::Named(name(value))),
                Some(Key::Merge) => merged.push(value),
                Some(Key::Named(name)) => {
                    map.insert(name, value);
                }
            },
        }
        Ok(())
    }

    /// Takes account of values that come to those that are there, where the document goes on.
    fn charge(&mut self, size: Size) -> Result<(), &'static str> {
        self.count = self.count.saturating_add(size.values);
        if self.count > MOST {
            Err(TOO_MANY)
        } else if self.open.len() + size.depth > DEEPEST {
            Err(TOO_DEEP)
        } else {
            Ok(())
        }
    }
}

/// How many values a value has, and how many collections are within each other.
#[derive(Clone, Copy)]
struct Size {
    values: usize,
    depth: usize,
}

impl Size {
    fn of(value: &Json) -> Self {
        let of_all = |values: &mut dyn Iterator<Item = &Json>| {
            let size = values.map(Self::of).fold(Self { values: 0, depth: 0 }, |sum, it| Self {
                values: sum.values + it.values,
                depth: sum.depth.max(it.depth),
            });
            Self { values: size.values + 1, depth: size.depth + 1 }
        };
        match value {
            Json::Array(list) => of_all(&mut list.iter()),
            Json::Object(map) => of_all(&mut map.values()),
            _ => Self { values: 1, depth: 0 },
        }
    }
}

/// The pairs of a mapping, or of several.
fn mappings(value: Json) -> Vec<(String, Json)> {
    match value {
        Json::Object(map) => map.into_iter().collect(),
        Json::Array(list) => list.into_iter().flat_map(mappings).collect(),
        _ => Vec::new(),
    }
}

/// A key of any type as the text that JSON has for it.
fn name(key: Json) -> String {
    match key {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

/// What a plain word means.
fn resolve(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Json::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Json::Bool(false),
        _ => {}
    }
    let number = integer(text).map(Number::from).or_else(|| float(text).and_then(Number::from_f64));
    number.map_or_else(|| Json::String(text.to_owned()), Json::Number)
}

fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        [b'0'..=b'9', ..] => (10, digits),
        _ => return None,
    };
    let parts: Vec<&str> = digits.split(':').collect();
    if parts.len() > 1 && radix != 10 {
        return None;
    }
    // Minutes and seconds, in the sixties.
    let value = parts.iter().enumerate().try_fold(0_i64, |sum, (at, part)| {
        let part = i64::from_str_radix(&part.replace('_', ""), radix).ok()?;
        let fits = part >= 0 && (at == 0 || part < 60);
        fits.then_some(sum.checked_mul(60)?.checked_add(part)?)
    })?;
    Some(if negative { -value } else { value })
}

/// A number with a point; without one `1e3` is a text.
fn float(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let is_number = mantissa.contains('.')
        && mantissa.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && mantissa.bytes().any(|byte| byte.is_ascii_digit())
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || b"._".contains(&byte))
        && exponent.is_none_or(|exponent| exponent.starts_with(['-', '+']));
    if !is_number {
        return None;
    }
    text.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_mean_what_pyyaml_makes_of_them() {
        for (text, expected) in [
            ("yes", json!(true)),
            ("'yes'", json!("yes")),
            ("!!str yes", json!("yes")),
            ("Off", json!(false)),
            ("y", json!("y")),
            ("~", json!(null)),
            ("''", json!("")),
            ("012", json!(10)),
            ("0o12", json!("0o12")),
            ("09", json!("09")),
            ("0x1F", json!(31)),
            ("-1_000", json!(-1000)),
            ("1:30", json!(90)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1e3", json!("1e3")),
            ("1.0e+3", json!(1000.0)),
            ("1.2.3", json!("1.2.3")),
            ("2020-01-01", json!("2020-01-01")),
            ("-", json!([null])),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anchors_merges_and_blocks_are_followed() {
        let text =
            "g: &x {k: [1, two], m: 0}\nh: *x\ni:\n  <<: *x\n  m: 3\nj:\n  <<: [*x, {n: 1}]\n1: one\nv: |\n  x\n   y\n";
        let x = json!({"k": [1, "two"], "m": 0});
        let expected = json!({"g": x, "h": x, "i": {"k": [1, "two"], "m": 3},
            "j": {"k": [1, "two"], "m": 0, "n": 1}, "1": "one", "v": "x\n y\n"});
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn what_is_no_yaml_is_refused() {
        for text in ["a: [", "a: *b", "\"x", "a: &a [*a]"] {
            assert!(parse(text).is_err(), "{text}");
        }
        let lines = (1..9).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")));
        let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned() + &lines.collect::<String>();
        assert_eq!(parse(&bomb), Err(format!("{TOO_MANY} at line 6")));
    }

    #[test]
    fn what_is_too_deep_is_refused_and_no_stack_overflows() {
        let deep = |depth: usize| "- ".repeat(depth) + "x";
        assert!(parse(&deep(DEEPEST)).is_ok());
        for depth in [DEEPEST + 1, 100_000] {
            assert_eq!(parse(&format!("# x\n{}", deep(depth))), Err(format!("{TOO_DEEP} at line 2")), "{depth}");
        }
        // Of aliases each may add to what the one before has.
        let lines = (1..99).map(|n| format!("- &a{n} {}*a{}{}\n", "[".repeat(99), n - 1, "]".repeat(99)));
        let chain = "- &a0 x\n".to_owned() + &lines.collect::<String>();
        assert_eq!(parse(&chain), Err(format!("{TOO_DEEP} at line 4")));
        let anchors: Vec<String> = (0..200).map(|n| format!("&a{n} [")).collect();
        let nested = anchors.concat() + &"x, ".repeat(10_000) + &"]".repeat(200);
        assert_eq!(parse(&nested), Err(format!("{TOO_MANY} at line 1")));
    }
}
