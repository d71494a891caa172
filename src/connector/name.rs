//! What a connector may be called: its name becomes a file name, a program's name and part of a package's.

use std::fmt;

use crate::error::{Fault, Kind, Result};

/// A connector's name, such as `source-faker`: one component of a path, and no option.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectorName(String);

impl ConnectorName {
    /// Checks a name.
    ///
    /// Fails with [`Kind::Usage`] where it is empty, an option, a path, or has characters that no package has.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let why = match text {
            "" => "it is empty",
            _ if text.starts_with('-') => "it begins like an option",
            _ if text.contains(['/', '\\']) => "it is a path",
            _ if text.starts_with('.') => "it begins with a dot",
            _ if !text.chars().all(is_plain) => "it has other characters than letters, digits, `-`, `_` and `.`",
            _ => return Ok(Self(text.to_owned())),
        };
        let message = format!("`{text}` is no name of a connector: {why}");
        Err(Fault::new(Kind::Usage, message).hint("name it as the registry does, such as `source-faker`"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_component() {
        for name in ["source-faker", "destination-duckdb", "a", "x_1.2"] {
            assert_eq!(ConnectorName::parse(name).unwrap().as_str(), name);
        }
        for name in
            ["", "-x", "--help", "a/b", "../a", "..", ".", ".venv", "a\\b", "a b", "a'); import os", "naïve", "a\n"]
        {
            assert_eq!(ConnectorName::parse(name).unwrap_err().kind, Kind::Usage, "{name}");
        }
    }
}
