//! Texts that nobody is to see, taken out of what is shown or logged.
//!
//! A connector prints a secret in many ways: as it is, as JSON or Python writes a text, as a part of a URL, a key of several
//! lines one by one.

use std::fmt::Write as _;

use serde_json::Value;

use crate::fetch::url::{is_unreserved, percent_encode};

/// Shorter texts are in too many words to be taken out of them.
const SHORTEST: usize = 3;
/// Shorter numbers are in too many others.
const SHORTEST_NUMBER: usize = 4;
/// Shorter lines of a longer secret may stand in any text.
const SHORTEST_LINE: usize = 8;
/// What stands in the place of a secret.
const MASK: &str = "****";

/// Texts that nobody is to see.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Adds a text, in the ways in which it may be printed.
    pub fn add(&mut self, text: &str) {
        if text.len() < SHORTEST {
            return;
        }
        let json = Value::from(text).to_string();
        let json = &json[1..json.len() - 1];
        for way in [text, text.trim(), json, &ascii(json), &as_python(text)] {
            self.insert(way, SHORTEST);
        }
        for way in in_url(text) {
            self.insert(&way, SHORTEST);
        }
        let lines = text.lines().map(str::trim);
        lines.filter(|line| line.len() < text.trim().len()).for_each(|line| self.insert(line, SHORTEST_LINE));
    }

    /// Adds a number, as it is written.
    pub fn add_number(&mut self, number: &str) {
        self.insert(number, SHORTEST_NUMBER);
    }

    fn insert(&mut self, text: &str, shortest: usize) {
        if text.len() >= shortest && !self.0.iter().any(|it| it == text) {
            self.0.push(text.to_owned());
            // One that has another one in it goes first.
            self.0.sort_by_key(|it| std::cmp::Reverse(it.len()));
        }
    }

    /// A text without them.
    pub fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

/// JSON as Python writes it: ASCII alone.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// The inside of what Python's `repr` makes of a text that has no quotes.
fn as_python(text: &str) -> String {
    [("\\", r"\\"), ("\n", r"\n"), ("\r", r"\r"), ("\t", r"\t")]
        .into_iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The ways in which it is part of a URL: what Python's `quote` makes of it in a path and in general, and `quote_plus` in a
/// query.
fn in_url(text: &str) -> [String; 3] {
    let encoded = |kept: &[u8]| percent_encode(text.as_bytes(), |byte| is_unreserved(byte) || kept.contains(&byte));
    [encoded(b"/"), encoded(b""), encoded(b" ").replace(' ', "+")]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n\t9w0BAQ\"EF\\AASC\n}\n-----END KEY-----\n";

    fn scrubbed(secret: &str, text: &str) -> String {
        let mut secrets = Secrets::default();
        secrets.add(secret);
        secrets.scrub(text)
    }

    #[test]
    fn a_secret_of_several_lines_is_taken_out_however_it_is_printed() {
        assert_eq!(scrubbed(KEY, &format!("<{KEY}>")), "<****>");
        assert_eq!(scrubbed(KEY, &format!("<{}>", KEY.trim())), "<****>");
        assert_eq!(scrubbed(KEY, &serde_json::json!({ "key": KEY }).to_string()), r#"{"key":"****"}"#);
        let repr = r#"bad key '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n\t9w0BAQ"EF\\AASC\n}\n-----END KEY-----\n'"#;
        assert_eq!(scrubbed(KEY, repr), "bad key '****'");
        for line in KEY.lines().filter(|line| line.len() > 1) {
            assert_eq!(scrubbed(KEY, &format!("INFO {line}")).replace('\t', ""), "INFO ****", "{line}");
        }
        assert_eq!(scrubbed(KEY, "{}"), "{}", "a line that is in any text stays");
    }

    #[test]
    fn letters_beyond_ascii_are_found_as_json_escapes_them() {
        assert_eq!(scrubbed("pä😀ss", r#"{"key": "p\u00e4\ud83d\ude00ss"}"#), r#"{"key": "****"}"#);
        assert_eq!(scrubbed("pä😀ss", "pä😀ss"), "****");
    }

    #[test]
    fn it_is_found_as_part_of_a_url() {
        for way in ["p%C3%A4/s%2B%20s%26", "p%C3%A4%2Fs%2B%20s%26", "p%C3%A4%2Fs%2B+s%26"] {
            let text = format!("401 for url: http://localhost/?key={way}&page=1");
            assert_eq!(scrubbed("pä/s+ s&", &text), "401 for url: http://localhost/?key=****&page=1");
        }
    }

    #[test]
    fn what_is_short_stays() {
        let mut secrets = Secrets::default();
        secrets.add("ab");
        secrets.add_number("123");
        secrets.add_number("1234");
        assert_eq!(secrets.scrub("ab 123 1234"), "ab 123 ****");
    }
}
