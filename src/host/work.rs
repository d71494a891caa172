//! What takes time, told to whoever listens.
//!
//! Each piece of work is a `tracing` span of a target of its own. Where somebody asks for a record of the run, it is on
//! that (`ui::record`); no log has it, and where nobody asks, none is made.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use tracing::field::Empty;
use tracing::{Span, trace_span};

/// The target of these spans.
pub const TARGET: &str = "work";

/// How many words of a command line say what a program is to do.
const WORDS: usize = 2;
/// The longest of such words.
const WORD_LENGTH: usize = 24;

/// A piece of work that is being done; it ends when this is dropped.
#[derive(Debug)]
pub struct Work(Span);

impl Work {
    /// Something that this process does itself.
    pub fn step(name: &str, detail: impl fmt::Display) -> Self {
        Self(trace_span!(target: TARGET, "step", name, %detail, bytes = Empty, outcome = Empty))
    }

    /// A program with these arguments, of which only what it is to do is told.
    /// `purpose` says so where they do not.
    pub fn child(program: &Path, args: &[OsString], purpose: Option<&str>) -> Self {
        let (name, detail) = (Name(program), Purpose(args, purpose));
        Self(trace_span!(target: TARGET, "child", %name, %detail, bytes = Empty, outcome = Empty))
    }

    /// Something that comes over the network.
    pub fn download(name: impl fmt::Display, from: impl fmt::Display) -> Self {
        Self(trace_span!(target: TARGET, "download", %name, detail = %from, bytes = Empty, outcome = Empty))
    }

    /// The time until somebody else is done.
    pub fn wait(name: &str, detail: impl fmt::Display) -> Self {
        Self(trace_span!(target: TARGET, "wait", name, %detail, bytes = Empty, outcome = Empty))
    }

    /// How much it was, so far.
    pub fn bytes(&self, bytes: u64) {
        self.0.record("bytes", bytes);
    }

    /// How it ended.
    pub fn ended(self, outcome: impl fmt::Display) {
        self.0.record("outcome", tracing::field::display(outcome));
    }

    /// How a child ended, or why there is none.
    pub fn ended_with<E: fmt::Display>(self, status: Result<ExitStatus, &E>) {
        match status {
            Ok(status) => self.ended(End(status)),
            Err(error) => self.ended(error),
        }
    }
}

/// Tells what need not be done, and why.
pub fn skipped(name: &str, why: impl fmt::Display) {
    drop(trace_span!(target: TARGET, "skipped", name, detail = %why));
}

/// A body whose bytes are counted as they are read.
#[derive(Debug)]
pub struct Counted<'a, R> {
    inner: R,
    work: &'a Work,
    count: u64,
}

impl<'a, R> Counted<'a, R> {
    /// Counts for this piece of work, from nothing.
    pub fn new(inner: R, work: &'a Work) -> Self {
        Self { inner, work, count: 0 }
    }
}

impl<R: io::Read> io::Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

impl<R> Drop for Counted<'_, R> {
    fn drop(&mut self) {
        self.work.bytes(self.count);
    }
}

/// A program's name without its place.
struct Name<'a>(&'a Path);

impl fmt::Display for Name<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", Path::new(self.0.file_name().unwrap_or_default()).display())
    }
}

/// What a program is to do: its first plain words (`pip install`), a module that python runs (`-m pip install`). Values are
/// never among them.
struct Purpose<'a>(&'a [OsString], Option<&'a str>);

impl fmt::Display for Purpose<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(purpose) = self.1 {
            return formatter.write_str(purpose);
        }
        if let [option] = self.0
            && option == "--version"
        {
            return formatter.write_str("--version");
        }
        let is_flag = |word: &&str| word.len() == 2 && word.starts_with('-') && !["-m", "-c"].contains(word);
        let mut words = self.0.iter().map_while(|word| word.to_str()).skip_while(is_flag).peekable();
        let module = words.next_if(|word| ["-m", "-c"].contains(word));
        let is_plain = |word: &&str| {
            let plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_');
            plain && word.len() <= WORD_LENGTH && word.starts_with(|c: char| c.is_ascii_lowercase())
        };
        let words = words.take_while(is_plain).take(if module == Some("-c") { 0 } else { WORDS });
        let all: Vec<&str> = module.into_iter().chain(words).collect();
        formatter.write_str(&all.join(" "))
    }
}

/// How a child ended.
struct End(ExitStatus);

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.code(), self.0.signal()) {
            (Some(0), _) => formatter.write_str("ok"),
            (Some(code), _) => write!(formatter, "exit status {code}"),
            (None, Some(signal)) => write!(formatter, "signal {signal}"),
            (None, None) => formatter.write_str("an unknown end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_line_only_what_it_is_to_do_is_told() {
        for (args, expected) in [
            (&["pip", "install", "--index-url", "https://me:pw@host/simple", "x"][..], "pip install"),
            (&["-I", "-m", "pip", "install", "x"], "-m pip install"),
            (&["-E", "-s", "-c", "import secret"], "-c"),
            (&["venv", "--prompt=x"], "venv"),
            (&["get", "https://me@host/", "me"], "get"),
            (&["--password", "hunter"], ""),
            (&["3.12", "x"], ""),
            (&["--version"], "--version"),
            (&["--token"], ""),
            (&[], ""),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(Purpose(&args, None).to_string(), expected);
        }
        assert_eq!(Purpose(&["-c".into()], Some("probe")).to_string(), "probe");
        assert_eq!(Name(Path::new("/opt/bin/python3.12")).to_string(), "python3.12");
    }

    #[test]
    fn an_end_is_told_in_few_words() {
        let ends = [0, 3 << 8, 9].map(|raw| End(ExitStatus::from_raw(raw)).to_string());
        assert_eq!(ends, ["ok", "exit status 3", "signal 9"]);
    }
}
