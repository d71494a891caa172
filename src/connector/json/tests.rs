//! What a cursor makes of a line.

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

/// The value of a line, where the line is one.
fn value(line: &str) -> Option<Span> {
    let mut cursor = Cursor::new(line.as_bytes());
    cursor.space();
    let start = cursor.at();
    let form = cursor.value()?;
    let end = cursor.at();
    cursor.is_at_end().then_some(Span { form, start, end })
}

/// The same by the library.
fn library(line: &str) -> Option<&str> {
    serde_json::from_str::<&RawValue>(line).ok().map(RawValue::get)
}

fn agree(line: &str) -> Result<(), TestCaseError> {
    let own = value(line).map(|it| &line[it.start..it.end]);
    prop_assert_eq!(own, library(line), "{}", line);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_is_written_is_json_for_the_library_too(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\"a\"", "\"long enough for a word\"", "\\u00e9", "\\n", "é", "1", "0",
            "-", ".", "e+", "E", "true", "null", "false", " ", "\t", "\u{1f}", "\u{7f}", "x",
        ]), 0..12)
    ) {
        agree(&parts.concat())?;
    }

    #[test]
    fn what_the_library_writes_is_understood_and_what_is_cut_off_is_not(
        text in ".{0,20}", number in any::<f64>().prop_filter("JSON has no others", |it| it.is_finite()), cut in 0_usize..200,
    ) {
        let line = serde_json::json!({ "a": [text, number, { text.clone(): null }], "b": true }).to_string();
        agree(&line)?;
        prop_assert_eq!(value(&line), Some(Span { form: Form::Nested, start: 0, end: line.len() }));
        let cut = (0..=cut.min(line.len() - 1)).rev().find(|at| line.is_char_boundary(*at)).unwrap();
        agree(&line[..cut])?;
    }
}

#[test]
fn each_form_is_told() {
    let forms = [
        ("null", Form::Null),
        ("-1.5e-3", Form::Plain),
        ("false", Form::Plain),
        ("\"plain é\"", Form::Text),
        ("\"one, two\"", Form::Listing),
        ("\"at its end,\"", Form::Listing),
        ("\"a\\tb, c\"", Form::Escaped),
        ("[]", Form::Nested),
    ];
    for (text, form) in forms {
        let expected = Span { form, start: 1, end: text.len() + 1 };
        assert_eq!(value(&format!(" {text} ")), Some(expected), "{text}");
    }
}

#[test]
fn the_numbers_that_are_none_are_those_of_python() {
    for text in ["NaN", "Infinity", "-Infinity"] {
        let expected = Span { form: Form::Plain, start: 0, end: text.len() };
        assert_eq!(value(text), Some(expected), "{text}");
    }
    for text in ["-NaN", "nan", "Infinit", "-Inf", "+Infinity", "NaNs", "--Infinity", "-InfinityE1"] {
        assert_eq!(value(text), None, "{text}");
    }
}

#[test]
fn what_is_too_deep_is_refused_and_no_stack_overflows() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(value(&nested(DEEPEST)).is_some() && value(&nested(DEEPEST + 1)).is_none());
    assert!(value(&"[".repeat(1 << 20)).is_none());
}

#[test]
fn members_are_gone_through_one_by_one() {
    let line = br#"{"a": {"b": 1, "c": [2]}, "d": 3}"#;
    let mut cursor = Cursor::new(line);
    assert_eq!(cursor.enter(), Some(true));
    assert!(cursor.skip(b"\"a\":") && !cursor.skip(b"x"));
    assert_eq!(cursor.enter(), Some(true));
    let name = cursor.name().unwrap();
    assert_eq!(cursor.text(name), b"\"b\"");
    assert_eq!((cursor.value(), cursor.at()), (Some(Form::Plain), 13));
    assert_eq!((cursor.leave(), cursor.leave()), (Some(()), Some(())));
    assert!(cursor.is_at_end());
}
