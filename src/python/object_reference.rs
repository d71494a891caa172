//! `module:function`: what a console script calls, and how Python is told to call it.
//!
//! Source: "Entry points specification" of packaging.python.org, which calls it an object reference.

use std::fmt;
use std::str::FromStr;

/// An object in a module, by names alone: it becomes a part of a program's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectReference {
    module: String,
    /// `function`, or `object.method`.
    attributes: String,
}

impl ObjectReference {
    /// The program, for `python -c`, that calls the object as its console script would: the value that it returns is the
    /// exit status, and the current directory is no place of modules.
    pub fn program(&self) -> String {
        let (module, attributes) = (&self.module, &self.attributes);
        let object = attributes.split('.').next().unwrap_or_default();
        format!(
            "import sys\nif sys.path[:1] == ['']: del sys.path[0]\nsys.argv[0] = '{self}'\n\
             from {module} import {object}\nsys.exit({attributes}())"
        )
    }
}

impl FromStr for ObjectReference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = |part: &str| {
            part.chars().all(|it| it.is_alphanumeric() || it == '_') && part.starts_with(|it: char| !it.is_numeric())
        };
        let is_dotted = |text: &str| text.split('.').all(is_name);
        match text.split_once(':') {
            Some((module, attributes)) if is_dotted(module) && is_dotted(attributes) => {
                Ok(Self { module: module.to_owned(), attributes: attributes.to_owned() })
            }
            _ => Err("not of the form `module:function`".to_owned()),
        }
    }
}

impl fmt::Display for ObjectReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.module, self.attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_two_dotted_names_and_nothing_else() {
        for text in ["m:f", "a.b_1:C.d.e", "_m:_f", "größe:länge"] {
            assert_eq!(text.parse::<ObjectReference>().unwrap().to_string(), text);
        }
        for text in ["", "m", ":", "m:", ":f", "m:f:g", "m:1f", "a..b:f", "m: f", "m:f()", "m:f [extra]", "m:'", "-m:f"]
        {
            assert!(text.parse::<ObjectReference>().is_err(), "{text}");
        }
    }
}
