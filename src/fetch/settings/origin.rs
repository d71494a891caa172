//! A value together with where it comes from.

use std::fmt;
use std::path::PathBuf;

use crate::error::Place;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From what people know by this name: a variable, an option, a program.
    Named(String),
    /// From this line of a file.
    Line(PathBuf, usize),
}

impl Origin {
    /// The place in a file, where it is in one.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Named(_) => None,
            Self::Line(file, line) => Some(Place { file: file.clone(), line: Some(*line) }),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => formatter.write_str(name),
            Self::Line(file, line) => write!(formatter, "{}:{line}", file.display()),
        }
    }
}

impl From<&str> for Origin {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl From<String> for Origin {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

/// A value and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value from this origin.
    pub fn new(value: T, origin: impl Into<Origin>) -> Self {
        Self { value, origin: origin.into() }
    }

    /// Another value from the same origin.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), origin: self.origin }
    }
}
