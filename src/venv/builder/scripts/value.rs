//! How a value is written at a place in a script, so that it is data there and nothing else.
//!
//! A value without any character that means something at that place is written as it is; that is what CPython does with
//! every value in its older templates, and what makes the common result the same to the byte. CPython's newer templates
//! have no quotes round their placeholders, and it quotes the values itself, for `sh` in all languages but PowerShell
//! ([gh-124651](https://github.com/python/cpython/issues/124651)); here each language has its own rules.

use std::borrow::Cow;

use super::language::Language;
use super::python;
use super::scan::Context;
use crate::host::quote::Dialect;

/// Stands for what cannot be shown or written.
const BLANK: u8 = b'_';

/// A value for a prompt. Shells expand prompts again when they show them, each another set of characters, and none of them
/// could be escaped for one shell without being wrong in the next: the prompt shows a harmless character in their place.
/// The variables have the exact value.
pub(super) fn for_prompt(language: Language, value: &[u8]) -> Vec<u8> {
    let expanded: &[u8] = if language == Language::Csh { b"$`\\!%^" } else { b"$`\\!%" };
    blanked(value, |it| it.is_ascii_control() || expanded.contains(&it))
}

/// A value at a place of this kind.
pub(super) fn write<'v>(language: Language, context: Context<'_>, value: &'v [u8]) -> Cow<'v, [u8]> {
    use Language::{Batch, Csh, Fish, Other, PowerShell, Python, Sh};
    Cow::Owned(match (language, context) {
        (PowerShell, Context::Comment) => blanked(value, |it| it.is_ascii_control() || it == b'>'),
        // Python does not read a program that is not UTF-8, not even past a comment.
        (Python, Context::Comment) if str::from_utf8(value).is_err() => {
            blanked(value, |it| !(b' '..=b'~').contains(&it))
        }
        (_, Context::Comment) => blanked(value, |it| it.is_ascii_control()),
        (_, Context::Unclear) => blanked(value, |it| !(is_word(it) || it >= 0x80)),
        (Batch, _) => blanked(value, |it| it.is_ascii_control() || b"\"%!&|<>^".contains(&it)),
        (Other, Context::Single | Context::Double) => {
            blanked(value, |it| it.is_ascii_control() || b"\"'`$\\".contains(&it))
        }
        (Python, Context::Literal(open)) => python::in_literal(open, value),
        (PowerShell, Context::Bare) => Dialect::PowerShell.quoted(value),
        _ if context == Context::Bare && is_plain_word(value) => return Cow::Borrowed(value),
        (Python, _) => python::literal(value, false),
        (Sh | Fish | Csh | Other, Context::Bare) => dialect(language).quoted(value),
        (_, Context::Single) => dialect(language).between_quotes(value),
        // Nothing escapes in csh's double quotes.
        (Csh, _) if value.iter().any(|it| b"$`\"\\!\n".contains(it)) => {
            [b"\"", &dialect(language).quoted(value)[..], b"\""].concat()
        }
        (Csh, _) => return Cow::Borrowed(value),
        (Fish, _) => escaped(value, b'\\', b"$\"\\"),
        (PowerShell, _) => escaped_for_powershell(value),
        _ => escaped(value, b'\\', b"$`\"\\"),
    })
}

fn dialect(language: Language) -> Dialect {
    match language {
        Language::Fish => Dialect::Fish,
        Language::Csh => Dialect::Csh,
        Language::PowerShell => Dialect::PowerShell,
        _ => Dialect::Posix,
    }
}

/// What Python's `shlex.quote` leaves alone.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte)
}

/// A word that needs no quotes. In zsh `=ls` is the path of `ls`, and a `%` in front names a job.
fn is_plain_word(value: &[u8]) -> bool {
    value.iter().all(|it| is_word(*it)) && !matches!(value.first(), None | Some(b'=' | b'%'))
}

fn blanked(value: &[u8], is_harmful: impl Fn(u8) -> bool) -> Vec<u8> {
    value.iter().map(|it| if is_harmful(*it) { BLANK } else { *it }).collect()
}

fn escaped(value: &[u8], escape: u8, special: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for byte in value {
        if special.contains(byte) {
            out.push(escape);
        }
        out.push(*byte);
    }
    out
}

/// PowerShell takes three more characters for a double quote, U+201C to U+201E.
fn escaped_for_powershell(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for (at, byte) in value.iter().enumerate() {
        let quote = matches!(value[at..], [0xE2, 0x80, 0x9C..=0x9E, ..]);
        if quote || b"$`\"".contains(byte) {
            out.push(b'`');
        }
        out.push(*byte);
    }
    out
}
