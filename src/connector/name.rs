//! What a connector may be called: its name becomes a file name, a program's name and part of a package's.

use std::fmt;

use crate::error::{Fault, Kind, Result};

/// A connector's name, such as `source-faker`: one component of a path, and no option. A third party's has the party before
/// it, as in `thirdparty/source-x`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectorName(String);

impl ConnectorName {
    /// Checks a name.
    ///
    /// Fails with [`Kind::Usage`] where it is empty, an option, another path than a third party's name, or has characters that
    /// no package has.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let parts: Vec<&str> = text.split('/').collect();
        let wrong = || parts.iter().find_map(|part| wrong(part));
        let why = match parts.len() {
            _ if text.is_empty() => "it is empty",
            1 | 2 => match wrong() {
                None => return Ok(Self(text.to_owned())),
                Some(why) => why,
            },
            _ => "it is a path",
        };
        let message = format!("`{text}` is no name of a connector: {why}");
        Err(Fault::new(Kind::Usage, message).hint("name it as the registry does, such as `source-faker`"))
    }

    /// Whether it is a third party's: it is no name of a file then, nor of a program or a package.
    pub fn is_third_party(&self) -> bool {
        self.0.contains('/')
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectorName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is wrong with a component of a name.
fn wrong(part: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    Some(match part {
        "" => "it is a path",
        _ if part.starts_with('-') => "it begins like an option",
        _ if part.contains('\\') => "it is a path",
        _ if part.starts_with('.') => "it begins with a dot",
        _ if !part.chars().all(is_plain) => "it has other characters than letters, digits, `-`, `_` and `.`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_component_or_two_of_a_third_partys() {
        let names =
            [("source-faker", false), ("destination-duckdb", false), ("a", false), ("x_1.2", false), ("a/b", true)];
        for (name, is_third_party) in names {
            let parsed = ConnectorName::parse(name).unwrap();
            assert_eq!((parsed.as_str(), parsed.is_third_party()), (name, is_third_party));
        }
        let paths = ["/", "/a", "a/", "a//b", "a/b/c", "../a", "a/..", "a/.b", "./a", "a/-b", "a\\b", "a/b\\c"];
        let others = ["", "-x", "--help", "..", ".", ".venv", "a b", "a/b c", "a'); import os", "naïve", "a\n"];
        for name in paths.into_iter().chain(others) {
            assert_eq!(ConnectorName::parse(name).unwrap_err().kind, Kind::Usage, "{name}");
        }
    }
}
