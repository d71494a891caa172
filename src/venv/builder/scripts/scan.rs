//! Where in a script one stands: outside of quotes, inside, in a comment.
//!
//! This is no parser. It follows quotes, comments and nesting as far as the languages have them in common, and says
//! [`Context::Unclear`] of places where it takes more to know how a text is read: in backquotes, in `${…}`, in here
//! documents, in a `case` within parentheses. What is written there is made harmless rather than quoted, so that where this
//! is in doubt a value is spoilt and nothing is run.

use super::language::Language;
use super::python;

/// How a place is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context<'t> {
    /// Outside of quotes.
    Bare,
    /// In `'…'`.
    Single,
    /// In `"…"`.
    Double,
    /// In a string of Python that begins like this: prefix and quotes.
    Literal(&'t [u8]),
    /// In a comment.
    Comment,
    /// Somewhere that is not followed.
    Unclear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// The script itself, or a pair of parentheses.
    Bare,
    Single,
    Double,
    Comment,
    /// `<# … #>`.
    Block,
    /// `` `…` ``.
    Backquotes,
    /// `${…}`.
    Braces,
    /// `@"` or `@'`, by its quote.
    HereString(u8),
    /// `case … esac` in parentheses, which has others that come without their partners.
    Case,
    /// The lines behind a line with `<<`.
    HereDocument,
}

/// Reads a script from its beginning on.
pub(super) struct Scanner<'t> {
    language: Language,
    text: &'t [u8],
    at: usize,
    frames: Vec<Frame>,
    /// Where the current word began.
    word: usize,
    /// Where the current command began.
    command: usize,
    /// The lines that end the here documents which have been announced.
    ends: Vec<&'t [u8]>,
    python: python::Scanner<'t>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(language: Language, text: &'t [u8]) -> Self {
        let python = python::Scanner::new(text);
        Self { language, text, at: 0, frames: Vec::new(), word: 0, command: 0, ends: Vec::new(), python }
    }

    /// Reads on up to here.
    pub(super) fn advance(&mut self, to: usize) {
        if self.language == Language::Python {
            return self.python.advance(to);
        }
        while self.at < to {
            self.at += self.step(&self.text[self.at..]);
        }
    }

    /// Goes on behind what is replaced by something that leaves things as they are.
    pub(super) fn skip(&mut self, to: usize) {
        self.at = to;
        self.python.skip(to);
    }

    pub(super) fn context(&self) -> Context<'t> {
        if self.language == Language::Python {
            return self.python.context();
        }
        match self.frame() {
            Frame::Bare => Context::Bare,
            Frame::Single => Context::Single,
            Frame::Double => Context::Double,
            Frame::Comment | Frame::Block => Context::Comment,
            Frame::Backquotes | Frame::Braces | Frame::Case | Frame::HereString(_) | Frame::HereDocument => {
                Context::Unclear
            }
        }
    }

    /// Whether this is part of what the shell will take for its prompt, and read once more whenever it shows it.
    pub(super) fn is_prompt(&self) -> bool {
        let behind = |from: usize| self.text.get(from..self.at).unwrap_or_default().trim_ascii_start();
        let (start, names): (&[u8], &[&str]) = match self.language {
            Language::Sh => (behind(self.word), &["PS1", "PS2", "PS3", "PS4", "PROMPT", "prompt", "RPS1", "RPROMPT"]),
            // The templates of 3.8 and older put `env_name` into it.
            Language::Csh => {
                (behind(self.command).strip_prefix(b"set").unwrap_or_default(), &["prompt", "rprompt", "env_name"])
            }
            _ => return false,
        };
        // It may be in quotes.
        let is_name = |it: &u8| it.is_ascii_alphanumeric() || *it == b'_';
        let name = &start[start.iter().position(is_name).unwrap_or(start.len())..];
        let name = &name[..name.iter().position(|it| !is_name(it)).unwrap_or(name.len())];
        names.iter().any(|it| name == it.as_bytes())
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame::Bare)
    }

    /// Reads what is next, and says how much that was.
    fn step(&mut self, rest: &'t [u8]) -> usize {
        let (byte, next) = (rest[0], rest.get(1).copied().unwrap_or_default());
        match (self.frame(), byte) {
            (Frame::Bare, _) => return self.step_bare(rest),
            (Frame::Double, _) => return self.step_double(byte, next),
            (Frame::Single, b'\\') if self.language == Language::Fish => return 2,
            (Frame::Single, b'\\') if self.language == Language::Csh && next == b'\n' => return 2,
            (Frame::Single, b'\n') if self.language == Language::Csh => self.line(rest),
            (Frame::Backquotes, b'\\') => return 2,
            (Frame::Single, b'\'') | (Frame::Backquotes, b'`') | (Frame::Braces, b'}') => self.leave(),
            (Frame::Comment, b'\n') => {
                self.leave();
                return self.step_bare(rest);
            }
            (Frame::Block, b'#') if next == b'>' => self.leave(),
            (Frame::HereString(quote), b'\n') if rest[1..].starts_with(&[quote, b'@']) => {
                self.leave();
                return 3;
            }
            (Frame::Case, _) if rest.starts_with(b"esac") => self.leave(),
            (Frame::HereDocument, b'\n') => self.line(rest),
            _ => {}
        }
        1
    }

    fn step_bare(&mut self, rest: &'t [u8]) -> usize {
        let (byte, next) = (rest[0], rest.get(1).copied().unwrap_or_default());
        let escape = if self.language == Language::PowerShell { b'`' } else { b'\\' };
        match byte {
            _ if byte == escape => return 2,
            b'\'' => self.enter(Frame::Single),
            b'"' => self.enter(Frame::Double),
            b'`' if self.has_backquotes() => self.enter(Frame::Backquotes),
            b'$' if next == b'{' && self.language == Language::Sh => self.enter(Frame::Braces),
            b'c' if self.word == self.at && !self.frames.is_empty() && rest.starts_with(b"case") => {
                self.enter(Frame::Case);
            }
            b'#' if self.word == self.at => self.enter(Frame::Comment),
            b'<' if next == b'#' && self.language == Language::PowerShell => self.enter(Frame::Block),
            b'@' if matches!(next, b'"' | b'\'') && self.language == Language::PowerShell => {
                self.enter(Frame::HereString(next));
                return 2;
            }
            b'<' if next == b'<' && self.language == Language::Sh => return self.announce(rest),
            b'(' => {
                self.enter(Frame::Bare);
                self.word = self.at + 1;
            }
            b')' => {
                self.leave();
                self.word = self.at + 1;
            }
            b'\n' => self.line(rest),
            b';' | b'&' | b'|' => (self.word, self.command) = (self.at + 1, self.at + 1),
            _ if byte.is_ascii_whitespace() => self.word = self.at + 1,
            _ => {}
        }
        1
    }

    fn step_double(&mut self, byte: u8, next: u8) -> usize {
        let escape = match self.language {
            Language::PowerShell => byte == b'`',
            Language::Csh => byte == b'\\' && next == b'\n',
            _ => byte == b'\\',
        };
        match byte {
            _ if escape => return 2,
            b'"' => self.leave(),
            b'`' if self.has_backquotes() => self.enter(Frame::Backquotes),
            b'$' if next == b'{' && self.language == Language::Sh => self.enter(Frame::Braces),
            b'$' if next == b'(' && self.language != Language::Csh => {
                self.enter(Frame::Bare);
                self.word = self.at + 2;
                return 2;
            }
            b'\n' if self.language == Language::Csh => self.frames.clear(),
            _ => {}
        }
        1
    }

    fn has_backquotes(&self) -> bool {
        matches!(self.language, Language::Sh | Language::Csh | Language::Other)
    }

    fn enter(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    fn leave(&mut self) {
        self.frames.pop();
    }

    /// A line ends. In csh that ends all quotes; a here document begins or ends.
    fn line(&mut self, rest: &'t [u8]) {
        (self.word, self.command) = (self.at + 1, self.at + 1);
        if self.language == Language::Csh {
            self.frames.clear();
        }
        let Some(end) = self.ends.first().copied() else { return };
        if self.frame() != Frame::HereDocument {
            self.enter(Frame::HereDocument);
        }
        let next = rest[1..].split(|it| *it == b'\n').next().unwrap_or_default();
        if next.trim_ascii() == end {
            self.ends.remove(0);
            self.leave();
        }
    }

    /// `<<` announces a here document, which ends with a line that has just this word, less its quotes. A here string
    /// (`<<<`) has no lines.
    fn announce(&mut self, rest: &'t [u8]) -> usize {
        if rest.starts_with(b"<<<") {
            return 3;
        }
        let is_quote = |it: &u8| matches!(it, b'"' | b'\'' | b'\\');
        let behind = rest[2..].strip_prefix(b"-").unwrap_or(&rest[2..]).trim_ascii_start();
        let word = behind.split(|it| it.is_ascii_whitespace() || b";&|)".contains(it)).next().unwrap_or_default();
        let start = word.iter().position(|it| !is_quote(it)).unwrap_or(word.len());
        let end = word.iter().rposition(|it| !is_quote(it)).map_or(start, |last| last + 1);
        self.ends.push(&word[start..end]);
        2
    }
}
