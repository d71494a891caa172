//! What can go wrong, as far as a caller or a person needs to tell one failure from another.
//!
//! One carrier travels ([`anyhow::Error`]) and one type of ours sits in it, as the root or as a context: [`Fault`], which
//! has a [`Kind`] (the exit code), a [`Code`] (the cause by its name), a message that states the fact, and perhaps a hint
//! that states the remedy and the place in a file that it is about. What a caller branches on is a return value, never an
//! error.

use std::path::PathBuf;
use std::{error, fmt, io};

mod code;

pub use code::Code;

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

    /// The cause, where no more than the kind is known.
    pub const fn code(self) -> Code {
        match self {
            Self::Usage => Code::Usage,
            Self::Data => Code::BadData,
            Self::Unavailable => Code::Unavailable,
            Self::Bug => Code::Bug,
            Self::CannotCreate => Code::CannotCreate,
            Self::InputOutput => Code::InputOutput,
            Self::TryAgain => Code::TryAgain,
            Self::NotAllowed => Code::Unauthorized,
            Self::Config => Code::Config,
            Self::CannotExecute => Code::CommandNotExecutable,
            Self::NotFound => Code::CommandMissing,
            Self::Signal(_) => Code::Signal,
        }
    }
}

/// What in a file a failure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, absolute.
    pub file: PathBuf,
    /// The line, from 1 on, where one can be told.
    pub line: Option<usize>,
}

/// A failure with its kind, the fact, and the remedy where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What sort of failure it is.
    pub kind: Kind,
    /// The cause, by its name.
    pub code: Code,
    /// The fact: lower case, no full stop, backticks round anything one could type.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What in which file it is about, where that is known.
    pub place: Option<Box<Place>>,
}

impl Fault {
    /// A failure of this kind with this message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, code: kind.code(), message: message.into(), hint: None, place: None }
    }

    /// A failure with this cause and this message.
    pub fn of(code: Code, message: impl Into<String>) -> Self {
        Self { code, ..Self::new(code.kind(), message) }
    }

    /// A failure with this message, of the same cause as another and with its remedy.
    pub fn like(error: &anyhow::Error, message: impl Into<String>) -> Self {
        let fault = error.downcast_ref::<Self>();
        let (hint, place) = fault.map(|fault| (fault.hint.clone(), fault.place.clone())).unwrap_or_default();
        Self { hint, place, code: code_of(error), ..Self::new(kind_of(error), message) }
    }

    /// Adds the place in a file that it is about.
    pub fn at(self, file: impl Into<PathBuf>, line: Option<usize>) -> Self {
        self.about(Some(Place { file: file.into(), line }))
    }

    /// Adds the place that it is about, where one is known.
    pub fn about(mut self, place: Option<Place>) -> Self {
        self.place = place.map(Box::new).or(self.place);
        self
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
    error.downcast_ref::<Fault>().map_or_else(|| code_of_io_in(error).kind(), |fault| fault.kind)
}

/// The cause of an error. A [`Fault`] that tells no more than its kind, with a refusal of the system behind it that says
/// which cause of this kind it is, has that cause.
pub fn code_of(error: &anyhow::Error) -> Code {
    let behind = code_of_io_in(error);
    match error.downcast_ref::<Fault>() {
        Some(fault) if fault.code == fault.kind.code() && behind.kind() == fault.kind => behind,
        Some(fault) => fault.code,
        None => behind,
    }
}

/// The same error, about this place, where one is known and its [`Fault`] tells none.
pub fn about(mut error: anyhow::Error, place: Option<Place>) -> anyhow::Error {
    if let (Some(fault), Some(place)) = (error.downcast_mut::<Fault>(), place) {
        fault.place.get_or_insert_with(|| Box::new(place));
    }
    error
}

/// The kind that an operating system's refusal stands for.
pub fn kind_of_io(error: &io::Error) -> Kind {
    code_of_io(error).kind()
}

/// The cause that an operating system's refusal stands for.
fn code_of_io(error: &io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Code::ReadOnly,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
        _ => Code::InputOutput,
    }
}

fn code_of_io_in(error: &anyhow::Error) -> Code {
    error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map_or(Code::Bug, code_of_io)
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

    #[test]
    fn what_the_system_says_is_the_cause_where_a_fault_says_no_more_than_its_kind() {
        let full = || anyhow::Error::new(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(code_of(&full()), Code::DiskFull);
        assert_eq!(code_of(&full().context(Fault::new(Kind::InputOutput, "cannot write"))), Code::DiskFull);
        assert_eq!(code_of(&full().context(Fault::new(Kind::Unavailable, "no index"))), Code::Unavailable);
        let told = full().context(Fault::of(Code::LockTimeout, "busy").hint("wait").at("/f", Some(3)));
        let like = Fault::like(&told, "later");
        assert_eq!((like.kind, like.code, like.hint.as_deref()), (Kind::TryAgain, Code::LockTimeout, Some("wait")));
        assert_eq!(like.place, Some(Box::new(Place { file: "/f".into(), line: Some(3) })));
        let elsewhere = || Some(Place { file: "/g".into(), line: None });
        let place = |error: anyhow::Error| about(error, elsewhere()).downcast::<Fault>().unwrap().place.unwrap().file;
        assert_eq!(
            [place(like.into()), place(Fault::new(Kind::Config, "odd").into())],
            ["/f", "/g"].map(PathBuf::from)
        );
    }
}
