//! The causes of failures by name, for programs: finer than the exit codes, and as public as they are.
//!
//! The same cause has the same name whichever tool ran into it. The README lists them; a test compares.

use super::Kind;

/// One table, from which the type, the names, the exit codes and the list are made.
macro_rules! codes {
    ($(#[doc = $meaning:literal] $variant:ident = $name:literal, $kind:expr;)*) => {
        /// What went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All of them, by exit code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name by which programs know it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The kind that it belongs to.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => $kind,)* }
            }

            /// What it says.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }.trim()
            }
        }
    };
}

codes! {
    /// The command line, or a variable that only `prime` sets
    Usage = "usage", Kind::Usage;
    /// Data is not what it claims to be
    BadData = "bad_data", Kind::Data;
    /// A file has another digest than the one that was promised
    HashMismatch = "hash_mismatch", Kind::Data;
    /// Something cannot be had
    Unavailable = "unavailable", Kind::Unavailable;
    /// An index or a mirror does not answer, or with a failure of its own
    IndexUnreachable = "index_unreachable", Kind::Unavailable;
    /// The other side's certificate is signed by nobody who is trusted
    UntrustedCertificate = "untrusted_certificate", Kind::Unavailable;
    /// What is asked for does not exist at the other side
    NotFound = "not_found", Kind::Unavailable;
    /// The network would be needed and must not be used
    Offline = "offline", Kind::Unavailable;
    /// A fault in `prime` itself
    Bug = "bug", Kind::Bug;
    /// A file or directory cannot be made: something is in its place
    CannotCreate = "cannot_create", Kind::CannotCreate;
    /// A file or directory cannot be written: read-only, or no permission
    ReadOnly = "read_only", Kind::CannotCreate;
    /// Reading or writing failed
    InputOutput = "input_output", Kind::InputOutput;
    /// The disk is full, or a quota used up
    DiskFull = "disk_full", Kind::InputOutput;
    /// Somebody else was at it meanwhile
    TryAgain = "try_again", Kind::TryAgain;
    /// Another `prime` works on the repository for longer than one may wait
    LockTimeout = "lock_timeout", Kind::TryAgain;
    /// The other side wants credentials, or others than it got
    Unauthorized = "unauthorized", Kind::NotAllowed;
    /// The settings cannot be met
    Config = "config", Kind::Config;
    /// A configuration file cannot be read: its syntax, its encoding, what it is
    BadToml = "bad_toml", Kind::Config;
    /// A field of the configuration is unknown, or has a value that it cannot have
    BadField = "bad_field", Kind::Config;
    /// There is no repository here
    NoRepository = "no_repository", Kind::Config;
    /// Nothing says what is wanted: no python version, no index
    MissingConfiguration = "missing_configuration", Kind::Config;
    /// No python matches
    NoPython = "no_python", Kind::Config;
    /// No python matches, and the settings forbid to download one
    PythonDownloadBlocked = "python_download_blocked", Kind::Config;
    /// The selector script failed
    SelectorFailed = "selector_failed", Kind::Config;
    /// The python has no `venv` or no `ensurepip`
    NoVenvModule = "no_venv_module", Kind::Config;
    /// The requirements and the pins cannot be met together
    Unsatisfiable = "unsatisfiable", Kind::Config;
    /// No index has a project of the name that a requirement has
    NoSuchProject = "no_such_project", Kind::Config;
    /// A project does not build
    BuildFailed = "build_failed", Kind::Config;
    /// The environment is not ready, for a command that never makes one
    NotReady = "not_ready", Kind::Config;
    /// A tool failed, for a reason that is not known to `prime`
    ToolFailed = "tool_failed", Kind::Config;
    /// A program was found and cannot be executed
    CommandNotExecutable = "command_not_executable", Kind::CannotExecute;
    /// A program was not found
    CommandMissing = "command_missing", Kind::NotFound;
    /// A signal ended the work; the exit code tells which
    Signal = "signal", Kind::Signal(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        for code in Code::ALL {
            assert_eq!(code.kind().code().kind(), code.kind(), "{code:?}");
            assert_eq!(Code::ALL.iter().filter(|other| other.name() == code.name()).count(), 1, "{code:?}");
        }
    }
}
