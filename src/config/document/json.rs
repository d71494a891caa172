//! JSON (RFC 8259), strictly, as [`Node`]s with their places, which `serde_json` does not keep.

use super::lines::Lines;
use super::{Entry, Node, Problem, Value, visible};

/// How deep arrays and objects may lie in each other; `serde_json`'s limit.
const MAX_DEPTH: usize = 127;
/// Keys that start so are comments, and a comment may be repeated.
const COMMENT: &str = "__";

type Read<T> = Result<T, Problem>;

pub(super) fn parse(text: &str, lines: &Lines<'_>) -> Read<Node> {
    let mut reader = Reader { text, lines, offset: 0 };
    let root = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(root),
        Some(_) => Err(reader.unexpected("the end of the file")),
    }
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a Lines<'a>,
    offset: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes a character where it is the next one.
    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.offset += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.offset += end;
        &rest[..end]
    }

    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { offset: self.offset, message: message.into() }
    }

    fn unexpected(&self, expected: &str) -> Problem {
        match self.peek() {
            None => self.problem(format!("expected {expected}, found the end of the file")),
            Some(found) => {
                self.problem(format!("expected {expected}, found `{}`", visible(found.encode_utf8(&mut [0; 4]))))
            }
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node> {
        self.skip_space();
        let position = self.lines.position(self.offset);
        let value = match self.peek() {
            Some('{' | '[') if depth >= MAX_DEPTH => {
                return Err(self.problem(format!("nested deeper than {MAX_DEPTH} levels")));
            }
            Some('{') => Value::Table(self.object(depth + 1)?),
            Some('[') => Value::Array(self.array(depth + 1)?),
            Some('"') => Value::String(self.string()?),
            Some('-' | '0'..='9') => Value::Number(self.number()?),
            Some(c) if c.is_ascii_alphabetic() => self.word()?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node { value, position })
    }

    fn word(&mut self) -> Read<Value> {
        let start = self.offset;
        match self.take_while(|c| c.is_ascii_alphanumeric()) {
            "null" => Ok(Value::Null),
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            word => Err(Problem { offset: start, message: format!("`{word}` is not a value") }),
        }
    }

    fn array(&mut self, depth: usize) -> Read<Vec<Node>> {
        self.take('[');
        let mut items = Vec::new();
        self.skip_space();
        if self.take(']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.take(']') {
                return Ok(items);
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Read<Vec<Entry>> {
        self.take('{');
        let mut entries: Vec<Entry> = Vec::new();
        self.skip_space();
        if self.take('}') {
            return Ok(entries);
        }
        loop {
            let entry = self.entry(depth, &entries)?;
            entries.push(entry);
            self.skip_space();
            if self.take('}') {
                return Ok(entries);
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn entry(&mut self, depth: usize, before: &[Entry]) -> Read<Entry> {
        self.skip_space();
        let start = self.offset;
        if self.peek() != Some('"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        if let Some(first) = before.iter().find(|entry| entry.key == key && !key.starts_with(COMMENT)) {
            let (key, line) = (visible(&key), first.position.line);
            let message = format!("the key `{key}` is already given in line {line}");
            return Err(Problem { offset: start, message });
        }
        self.skip_space();
        if !self.take(':') {
            return Err(self.unexpected("`:`"));
        }
        Ok(Entry { key, position: self.lines.position(start), node: self.value(depth)? })
    }

    fn number(&mut self) -> Read<String> {
        let start = self.offset;
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        Ok(self.text[start..self.offset].to_owned())
    }

    fn digits(&mut self) -> Read<()> {
        if self.take_while(|c| c.is_ascii_digit()).is_empty() { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Read<String> {
        self.take('"');
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != '"' && c != '\\' && c >= ' '));
            match self.peek() {
                Some('"') => {
                    self.offset += 1;
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                _ => return Err(self.unexpected("the closing quote of a string")),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let start = self.offset;
        self.take('\\');
        let Some(letter) = self.peek() else {
            return Err(self.unexpected("an escape"));
        };
        self.offset += letter.len_utf8();
        match letter {
            '"' | '\\' | '/' => Ok(letter),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => self.unicode(start),
            _ => Err(Problem {
                offset: start,
                message: format!("`\\{}` is not an escape", visible(letter.encode_utf8(&mut [0; 4]))),
            }),
        }
    }

    /// What follows `\u`: four digits, and for a character beyond them a second escape.
    fn unicode(&mut self, start: usize) -> Read<char> {
        let first = self.four_digits()?;
        let lone = || Problem { offset: start, message: format!("`\\u{first:04x}` is half of a character") };
        let code = match first {
            0xD800..=0xDBFF => {
                if !(self.take('\\') && self.take('u')) {
                    return Err(lone());
                }
                let second = self.four_digits()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(lone());
                }
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(lone)
    }

    fn four_digits(&mut self) -> Read<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(code) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.problem("expected four hexadecimal digits"));
        };
        self.offset += 4;
        Ok(code)
    }
}
