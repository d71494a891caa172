//! Strings and comments of Python, and how a value becomes part of them.

use super::scan::Context;

/// Reads a program from its beginning on.
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    context: Context<'t>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, context: Context::Bare }
    }

    pub(super) fn context(&self) -> Context<'t> {
        self.context
    }

    pub(super) fn skip(&mut self, to: usize) {
        self.at = to;
    }

    pub(super) fn advance(&mut self, to: usize) {
        while self.at < to {
            self.at += self.step();
        }
    }

    fn step(&mut self) -> usize {
        let rest = &self.text[self.at..];
        match (self.context, rest[0]) {
            (Context::Bare, b'#') => self.context = Context::Comment,
            (Context::Bare, b'\'' | b'"') => return self.open(),
            (Context::Comment, b'\n') => self.context = Context::Bare,
            // In a raw string as well it keeps a quote from ending it.
            (Context::Literal(_), b'\\') => return 2,
            (Context::Literal(open), _) => {
                let quotes = quotes(open);
                if rest.starts_with(quotes) {
                    self.context = Context::Bare;
                    return quotes.len();
                }
                if rest[0] == b'\n' && quotes.len() == 1 {
                    self.context = Context::Bare;
                }
            }
            _ => {}
        }
        1
    }

    fn open(&mut self) -> usize {
        let rest = &self.text[self.at..];
        let quotes = if rest.len() > 2 && rest[..3] == [rest[0]; 3] { 3 } else { 1 };
        let before = &self.text[..self.at];
        let prefix = before.iter().rev().take_while(|it| it.is_ascii_alphanumeric() || **it == b'_').count();
        let known = |prefix: &[u8]| prefix.len() <= 2 && prefix.iter().all(|it| b"rbfutRBFUT".contains(it));
        let prefix = if known(&before[self.at - prefix..]) { prefix } else { 0 };
        self.context = Context::Literal(&self.text[self.at - prefix..self.at + quotes]);
        quotes
    }
}

/// The quotes of the beginning of a string, without its prefix.
fn quotes(open: &[u8]) -> &[u8] {
    let start = open.iter().position(|it| matches!(it, b'\'' | b'"')).unwrap_or_default();
    &open[start..]
}

/// A value in a string that begins like this. One that the string cannot hold as it is becomes a string of its own, which
/// the parser joins with the two that are left.
pub(super) fn in_literal(open: &[u8], value: &[u8]) -> Vec<u8> {
    let quotes = quotes(open);
    let prefix = &open[..open.len() - quotes.len()];
    let is_plain = |it: &u8| !it.is_ascii_control() && !matches!(it, b'\'' | b'"' | b'\\' | b'{' | b'}');
    let bytes = prefix.iter().any(|it| matches!(it, b'b' | b'B'));
    if value.iter().all(is_plain) && (if bytes { value.is_ascii() } else { str::from_utf8(value).is_ok() }) {
        return value.to_vec();
    }
    [quotes, b" ", &literal(value, bytes), b" ", open].concat()
}

/// A string with this value. Bytes that are not UTF-8 are written as `os.fsdecode` reads them.
pub(super) fn literal(value: &[u8], bytes: bool) -> Vec<u8> {
    let mut out = if bytes { b"b'".to_vec() } else { b"'".to_vec() };
    let surrogate: &[u8] = if bytes { br"\x" } else { br"\udc" };
    for chunk in value.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            match byte {
                b'\'' | b'\\' => out.extend([b'\\', byte]),
                _ if byte.is_ascii_control() || (bytes && !byte.is_ascii()) => escape(&mut out, br"\x", byte),
                _ => out.push(byte),
            }
        }
        chunk.invalid().iter().for_each(|byte| escape(&mut out, surrogate, *byte));
    }
    out.push(b'\'');
    out
}

fn escape(out: &mut Vec<u8>, start: &[u8], byte: u8) {
    let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
    out.extend(start);
    out.extend([digit(byte >> 4), digit(byte & 15)]);
}

/// The first lines of a program whose interpreter has a path that the kernel does not take: `sh` reads a command, and
/// Python reads a string that it does not use. pip and uv begin their scripts like this.
pub(super) fn first_lines(interpreter: &[u8], arguments: &[u8]) -> Vec<u8> {
    // Python would take a backslash for the beginning of an escape; two of them are one for both.
    let parts: Vec<_> = interpreter.split(|it| *it == b'\\').map(quoted).collect();
    [b"#!/bin/sh\n'''exec' ", &parts.join(&br#""\\""#[..])[..], arguments, b" \"$0\" \"$@\"\n' '''"].concat()
}

fn quoted(part: &[u8]) -> Vec<u8> {
    // As `sh` has it, but without three quotes in a row.
    let parts: Vec<_> = part
        .split(|it| *it == b'\'')
        .map(|it| if it.is_empty() { Vec::new() } else { [b"'", it, b"'"].concat() })
        .collect();
    parts.join(&br#""'""#[..])
}
