//! A line of JSON as it is written: where its members are and where they end.
//!
//! A parser that makes values costs several times what a record costs to be passed on, and most of
//! what it makes is only written out again. So each byte is looked at once here, eight at a time where a string goes on,
//! and nothing is made. What RFC 8259 forbids is refused, but for the numbers that are none and that Python's `json` writes: `NaN`,
//! `Infinity` and `-Infinity`. The text is expected to be UTF-8.

pub mod document;

use memchr::arch::all::{is_equal, is_prefix};

const ONES: u64 = u64::MAX / 0xff;
const HIGHS: u64 = ONES << 7;
const QUOTES: u64 = ONES * b'"' as u64;
const BACKSLASHES: u64 = ONES * b'\\' as u64;
const COMMAS: u64 = ONES * b',' as u64;
const SPACES: u64 = ONES * b' ' as u64;
/// As many objects and lists as may be within each other: no data is deeper, and a stack has an end.
const DEEPEST: usize = 512;

/// What a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `null`.
    #[default]
    Null,
    /// A number, `NaN` and the like, `true` or `false`.
    Plain,
    /// A text that is written as it is.
    Text,
    /// One with a comma in it.
    Listing,
    /// A text with something that is written otherwise: `\n`.
    Escaped,
    /// An object or a list.
    Nested,
}

/// A value, and its place in the line; that of a text has the quotes in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub form: Form,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A place in a line. Each step is `None` where the line is no JSON.
#[derive(Debug)]
pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of a line.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Where it is.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is written in a place.
    pub fn text(&self, span: Span) -> &'a [u8] {
        &self.text[span.start..span.end]
    }

    /// Whether nothing else comes.
    pub fn is_at_end(&mut self) -> bool {
        self.space();
        self.at == self.text.len()
    }

    /// Goes behind `expected` where that comes next.
    pub fn skip(&mut self, expected: &[u8]) -> bool {
        let is_next = self.text.get(self.at..).is_some_and(|rest| is_prefix(rest, expected));
        if is_next {
            self.at += expected.len();
        }
        is_next
    }

    /// Goes into an object; whether it has any members.
    pub fn enter(&mut self) -> Option<bool> {
        self.expect(b'{')?;
        let is_empty = self.space() == b'}';
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    /// Goes behind a member's name and the colon.
    pub fn name(&mut self) -> Option<Span> {
        if self.space() != b'"' {
            return None;
        }
        let start = self.at;
        let form = self.string()?;
        let end = self.at;
        self.expect(b':')?;
        self.space();
        Some(Span { form, start, end })
    }

    /// Goes on behind a member's value; whether another member comes.
    pub fn goes_on(&mut self) -> Option<bool> {
        self.comma_or(b'}')
    }

    /// Goes into a list; whether it has any values.
    pub fn enter_list(&mut self) -> Option<bool> {
        self.expect(b'[')?;
        let is_empty = self.space() == b']';
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    /// Goes on behind a value of a list; whether another one comes.
    pub fn goes_on_in_list(&mut self) -> Option<bool> {
        self.comma_or(b']')
    }

    /// Goes behind the rest of an object, from the end of a member's value.
    pub fn leave(&mut self) -> Option<()> {
        while self.goes_on()? {
            self.name()?;
            self.value()?;
        }
        Some(())
    }

    /// Goes behind the value that comes next. What is more than a word is returned through memory, where reading it at
    /// once takes longer than finding it.
    pub fn value(&mut self) -> Option<Form> {
        match self.space() {
            b'"' => self.string(),
            first @ (b'{' | b'[') => self.nested(first),
            b'n' => self.word(b"null", Form::Null),
            b't' => self.word(b"true", Form::Plain),
            b'f' => self.word(b"false", Form::Plain),
            b'N' => self.word(b"NaN", Form::Plain),
            b'I' => self.word(b"Infinity", Form::Plain),
            _ => self.number(),
        }
    }

    fn nested(&mut self, first: u8) -> Option<Form> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        if first == b'[' {
            self.list()?;
        } else if self.enter()? {
            self.name()?;
            self.value()?;
            self.leave()?;
        }
        self.depth -= 1;
        Some(Form::Nested)
    }

    fn list(&mut self) -> Option<()> {
        let mut goes_on = self.enter_list()?;
        while goes_on {
            self.value()?;
            goes_on = self.goes_on_in_list()?;
        }
        Some(())
    }

    fn comma_or(&mut self, end: u8) -> Option<bool> {
        let byte = self.space();
        self.at += 1;
        if byte == b',' { Some(true) } else { (byte == end).then_some(false) }
    }

    fn word(&mut self, word: &[u8], form: Form) -> Option<Form> {
        let end = self.at + word.len();
        let is_there = is_equal(self.text.get(self.at..end)?, word);
        self.at = end;
        is_there.then_some(form)
    }

    fn number(&mut self) -> Option<Form> {
        self.at += usize::from(self.peek() == b'-');
        match self.peek() {
            b'0' => self.at += 1,
            b'I' => return self.word(b"Infinity", Form::Plain),
            _ => self.digits()?,
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        Some(Form::Plain)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<Form> {
        self.at += 1;
        let mut form = if self.ordinary() { Form::Listing } else { Form::Text };
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Some(form);
                }
                b'\\' => {
                    form = Form::Escaped;
                    self.escape()?;
                    self.ordinary();
                }
                _ => return None,
            }
        }
    }

    /// Goes to the next quote, backslash or control character, or to the end; whether there is a comma before.
    ///
    /// A byte is 0 in the difference to what it is compared with where it is that, and only there the subtraction of 1
    /// borrows; a borrow may tell of a byte behind as well, so that the first counts.
    fn ordinary(&mut self) -> bool {
        let mut commas = 0;
        while let Some(word) = self.text.get(self.at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(*word);
            let (quotes, backslashes, listed) = (word ^ QUOTES, word ^ BACKSLASHES, word ^ COMMAS);
            let is_quote = quotes.wrapping_sub(ONES) & !quotes;
            let is_backslash = backslashes.wrapping_sub(ONES) & !backslashes;
            let is_control = word.wrapping_sub(SPACES) & !word;
            let is_comma = listed.wrapping_sub(ONES) & !listed;
            let found = (is_quote | is_backslash | is_control) & HIGHS;
            if found != 0 {
                let before = (found & found.wrapping_neg()) - 1;
                self.at += found.trailing_zeros() as usize / 8;
                return (commas | is_comma & before) & HIGHS != 0;
            }
            commas |= is_comma;
            self.at += 8;
        }
        let start = self.at;
        while !matches!(self.peek(), b'"' | b'\\' | ..b' ') {
            self.at += 1;
        }
        commas & HIGHS != 0 || self.text[start..self.at].contains(&b',')
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        let kind = self.peek();
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_next = self.space() == byte;
        self.at += 1;
        is_next.then_some(())
    }

    /// Goes to what is no space, and says what that is; 0, which no JSON has, at the end.
    #[expect(clippy::inline_always, reason = "there is none most often, and a call takes longer than a look")]
    #[inline(always)]
    pub fn space(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' { byte } else { self.spaces() }
    }

    fn spaces(&mut self) -> u8 {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.peek()
    }

    #[expect(clippy::inline_always, reason = "each byte is looked at by this")]
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
