//! What can go wrong, as far as a caller or a person needs to tell one failure from another.
//!
//! One carrier travels ([`anyhow::Error`]) and one type of ours sits in it, as the root or as a context: [`Fault`], which
//! has a [`Kind`] (the exit code), a message that states the fact, and perhaps a hint that states the remedy. What a
//! caller branches on is a return value, never an error.

use std::{error, fmt, io};

/// The result of everything that can fail.
pub type Result<T, E = anyhow::Error> = std::result::Result<T, E>;

/// The kinds of failure. Each has an exit code of its own, and the codes are public: they follow BSD's `sysexits.h`
/// where it has a fitting one, and the shell's 126, 127 and 128+n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line or an internal variable is wrong (2).
    Usage,
    /// Data is not what it claims to be: a digest that differs, an archive that is cut (65).
    Data,
    /// An index, a mirror or the network cannot be had (69).
    Unavailable,
    /// A fault in `prime` itself (70).
    Bug,
    /// A file or directory cannot be created: read-only, no permission, something else in its place (73).
    CannotCreate,
    /// Reading or writing failed, a full disk among the reasons (74).
    InputOutput,
    /// Somebody else is at it; later it may work (75).
    TryAgain,
    /// The other side wants credentials, or others than it got (77).
    NotAllowed,
    /// The repository's own settings cannot be met: a bad field, no such python, versions that do not resolve, a
    /// project that does not build (78).
    Config,
    /// A program was found and cannot be executed (126).
    CannotExecute,
    /// A program was not found (127).
    NotFound,
    /// A signal of this number ended the work (128+n).
    Signal(u8),
}

impl Kind {
    /// The exit code that stands for this kind.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Data => 65,
            Self::Unavailable => 69,
            Self::Bug => 70,
            Self::CannotCreate => 73,
            Self::InputOutput => 74,
            Self::TryAgain => 75,
            Self::NotAllowed => 77,
            Self::Config => 78,
            Self::CannotExecute => 126,
            Self::NotFound => 127,
            Self::Signal(number) => 128_u8.wrapping_add(number),
        }
    }

    /// The word that stands for this kind where programs read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Data => "data",
            Self::Unavailable => "unavailable",
            Self::Bug => "bug",
            Self::CannotCreate => "cannot_create",
            Self::InputOutput => "input_output",
            Self::TryAgain => "try_again",
            Self::NotAllowed => "not_allowed",
            Self::Config => "config",
            Self::CannotExecute => "cannot_execute",
            Self::NotFound => "not_found",
            Self::Signal(_) => "signal",
        }
    }
}

/// A failure with its kind, the fact, and the remedy where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What sort of failure it is.
    pub kind: Kind,
    /// The fact: lower case, no full stop, backticks round anything one could type.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// A failure of this kind with this message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// Adds the remedy.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl error::Error for Fault {}

/// The kind of an error, wherever in its chain that is told: by a [`Fault`], else by an [`io::Error`], else it is a bug.
pub fn kind_of(error: &anyhow::Error) -> Kind {
    if let Some(fault) = error.downcast_ref::<Fault>() {
        return fault.kind;
    }
    error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map_or(Kind::Bug, kind_of_io)
}

/// The kind that an operating system's refusal stands for.
pub fn kind_of_io(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Kind::CannotCreate,
        _ => Kind::InputOutput,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_fault_is_found_as_root_and_as_context() {
        let root = anyhow::Error::new(Fault::new(Kind::Data, "bad bytes"));
        assert_eq!(kind_of(&root), Kind::Data);
        assert_eq!(kind_of(&root.context("while reading")), Kind::Data);
        let refused = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(kind_of(&anyhow::Error::new(refused)), Kind::CannotCreate);
        let context: Result<()> =
            Err(io::Error::from(io::ErrorKind::NotFound)).context(Fault::new(Kind::Config, "no such field"));
        assert_eq!(kind_of(&context.unwrap_err()), Kind::Config);
        assert_eq!(kind_of(&anyhow::anyhow!("odd")), Kind::Bug);
    }
}
