//! The oldest python that specifiers allow.

use pep440_rs::{Operator, Version};

use super::{OLDEST_USABLE, parse_specifiers};

/// The lower end of PEP 440 specifiers, where they have one; never older than our tools can live with.
pub fn lowest(text: &str) -> Option<String> {
    const LOWER_ENDS: [Operator; 5] =
        [Operator::GreaterThanEqual, Operator::GreaterThan, Operator::TildeEqual, Operator::Equal, Operator::EqualStar];
    let specifiers = parse_specifiers(text).ok()?;
    let ends = specifiers.iter().filter(|it| LOWER_ENDS.contains(it.operator())).map(|it| it.version().clone());
    let usable = Version::new([OLDEST_USABLE.major, OLDEST_USABLE.minor]);
    ends.max().map(|end| end.max(usable).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_end_is_the_highest_that_is_said() {
        for (text, expected) in [
            (">=3.9", Some("3.9")),
            (">3.8", Some("3.8")),
            ("<4,>=3.9,>=3.10.2", Some("3.10.2")),
            ("~=3.11", Some("3.11")),
            ("==3.12.*", Some("3.12")),
            (">=3.6", Some("3.8")),
            ("<4", None),
            ("", None),
            ("no", None),
        ] {
            assert_eq!(lowest(text).as_deref(), expected, "{text}");
        }
    }
}
