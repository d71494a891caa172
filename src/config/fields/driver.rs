//! What makes venvs, by its name in the configuration.

use std::fmt;

/// What makes a venv and installs into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenvDriver {
    /// `uv`.
    Uv,
    /// `pip`, in a venv of the interpreter's own making.
    Pip,
}

impl VenvDriver {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Uv, Self::Pip];

    /// The driver of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|driver| driver.name() == name)
    }

    /// The name in files and variables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uv => "venv_uv",
            Self::Pip => "venv_pip",
        }
    }
}

impl fmt::Display for VenvDriver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
