//! A value together with where it comes from.

use std::path::Path;

/// A value and its origin: the name of a variable, or a file and the line in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from, for people.
    pub origin: String,
}

impl<T> Sourced<T> {
    /// A value from this origin.
    pub fn new(value: T, origin: impl Into<String>) -> Self {
        Self { value, origin: origin.into() }
    }

    /// Another value from the same origin.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), origin: self.origin }
    }
}

/// The origin of what stands on a line of a file.
pub fn at_line(file: &Path, line: usize) -> String {
    format!("{}:{line}", file.display())
}
