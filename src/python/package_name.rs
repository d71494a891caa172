//! Names of packages, extras and dependency groups.
//!
//! They are written in many ways and mean the same: `Foo.Bar`, `foo_bar` and `foo-bar` are one name. The source is the
//! "Names and normalization" specification of packaging.python.org (PEP 503, 508, 685, 735).

/// Whether a text is a name: ASCII letters and digits, and between them also `.`, `_` and `-`.
pub fn is_valid(name: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    ends(name.bytes().next()) && ends(name.bytes().next_back()) && name.bytes().all(inner)
}

/// The form in which names are compared: lower case, every run of `.`, `_` and `-` a single `-`.
pub fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '.' | '_' | '-' if out.ends_with('-') => {}
            '.' | '_' | '-' => out.push('-'),
            _ => out.push(character.to_ascii_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_other_text() {
        for name in ["a", "A1", "foo.bar_baz-1", "a--b"] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["", "-a", "a-", "a b", "é", "a[b]", ".", "a\n"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn names_are_compared_in_one_form() {
        for name in ["Foo.Bar", "foo_bar", "foo-.-bar", "FOO-BAR"] {
            assert_eq!(normalize(name), "foo-bar");
        }
    }
}
