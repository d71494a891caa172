//! What a command has to say when it is done: to people as text, to programs as data.
//!
//! A command makes both and prints neither. Which of them reaches standard output is decided in one place, for all
//! commands (`cli::outcome`).

use serde_json::Value as Json;

use crate::error::kind_of;

/// The answer of a command that ends here.
#[derive(Debug, Default)]
pub struct Answer {
    /// The exit code.
    pub code: u8,
    /// What people read on standard output.
    pub text: Text,
    /// The same for programs.
    pub data: Json,
    /// What is wrong, in the order in which it is told. The first is the cause where the exit code says that it failed.
    pub failures: Vec<anyhow::Error>,
    /// Whether people have been told of the failures already.
    pub is_told: bool,
}

/// A text for standard output.
#[derive(Debug)]
pub enum Text {
    /// With colours, which only a terminal gets.
    Styled(String),
    /// Just these bytes.
    Raw(Vec<u8>),
}

impl Default for Text {
    fn default() -> Self {
        Self::Raw(Vec::new())
    }
}

impl Answer {
    /// The work is done, and there is this to say.
    pub fn new(text: impl Into<String>, data: Json) -> Self {
        Self { text: Text::Styled(text.into()), data, ..Self::default() }
    }

    /// The work is done; people have been told on the way.
    pub fn data(data: Json) -> Self {
        Self { data, ..Self::default() }
    }

    /// It has failed.
    pub fn failed(error: anyhow::Error) -> Self {
        Self { code: kind_of(&error).exit_code(), failures: vec![error], ..Self::default() }
    }
}
