//! Takes secrets out of text before a person, a log or a file sees it.

use std::ops::Range;

use serde_json::Value as Json;

/// What stands in place of user information.
const HIDDEN: &str = "****";
/// What a user information stands behind.
const MARK: &[u8] = b"://";
/// What ends an authority (RFC 3986, section 3.2), and a user information with it. Nothing else in a line does: quotation
/// marks may stand in one, and blanks do in some that are taken all the same.
const ENDS: &[u8] = b"/?#";
/// A user information is no longer than this; what is, is let go.
const LONGEST: usize = 64 * 1024;

/// Replaces the user information of every URL in `text` by `****`: `https://me:pw@host/` becomes `https://****@host/`. Where
/// prose behind a URL without a path has an `@` before the line ends, all up to it goes.
pub fn redact(text: &str) -> String {
    let mut redactor = Redactor::default();
    let mut open = redactor.pass(text.as_bytes());
    open.extend(redactor.rest());
    String::from_utf8_lossy(&open).into_owned()
}

/// The same, but for the user of ssh where the first URL is of that: it is no secret, and the URL does not work without it.
/// Its password is hidden.
pub fn redact_but_ssh_user(text: &str) -> String {
    let open = redact(text);
    let Some((user, password)) = ssh_user(text) else { return open };
    let hidden = if password.is_empty() { String::new() } else { format!(":{HIDDEN}") };
    open.replacen(&format!("://{HIDDEN}@"), &format!("://{user}{hidden}@"), 1)
}

/// The user of the first URL, and what follows, where that is one of ssh.
fn ssh_user(text: &str) -> Option<(&str, &str)> {
    let (head, _) = text.split_once("://")?;
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let scheme = head.rsplit(|c| !is_of_scheme(c)).next()?;
    let is_ssh = scheme.rsplit('+').next().is_some_and(|it| it.eq_ignore_ascii_case("ssh"));
    let user_info = user_infos(text).next().filter(|range| is_ssh && range.start == head.len() + "://".len())?;
    let user_info = &text[user_info];
    let user = user_info.split(':').next().filter(|user| !user.is_empty())?;
    Some((user, &user_info[user.len()..]))
}

/// Whether a byte ends an authority, or the line that it is in.
fn ends(byte: u8) -> bool {
    ENDS.contains(&byte) || byte.is_ascii_control() && byte != b'\t'
}

/// Where the user information of each URL of a text is.
pub fn user_infos(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let authority = text[start..].split(|c: char| u8::try_from(c).is_ok_and(ends)).next()?;
        Some(start..start + authority.rfind('@')?)
    })
}

/// Whether [`redact`] or [`redact_but_ssh_user`] has taken something out of a text.
pub fn is_redacted(text: &str) -> bool {
    user_infos(text).any(|range| text[range].ends_with(HIDDEN))
}

/// The same in every text of a JSON value.
pub fn redacted(value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(redact(text)),
        Json::Array(items) => items.iter().map(redacted).collect(),
        Json::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), redacted(value))).collect(),
        other => other.clone(),
    }
}

/// The same for what comes in parts, as a program says it. A part is passed on at once, but for what follows `://` and may
/// turn out to be a user information: that waits for the end of its line at the longest, which a return of the carriage is
/// too. Sequences that control a terminal stand in no user information; they are passed on as they are, in whatever text.
#[derive(Debug, Default)]
pub struct Redactor {
    escape: Escape,
    /// How much of the mark has come.
    marked: usize,
    /// What has come behind the mark, and of each byte whether it is text.
    held: Vec<(u8, bool)>,
}

/// Where in a sequence that controls a terminal the text is (ECMA-48, section 5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Control,
}

/// What a byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Text,
    /// Text, or what begins or ends one of its own (such as the target of a link), behind which no user information goes on.
    End,
    /// A part of a sequence that controls a terminal.
    Control,
}

impl Escape {
    /// What the next byte is, and what it makes of the sequence.
    fn next(self, byte: u8) -> (Self, Role) {
        match (self, byte) {
            (_, 0x1b) => (Self::Begun, Role::Control),
            (Self::Begun, b'[') => (Self::Control, Role::Control),
            (Self::Begun, b'P' | b'X' | b']' | b'^' | b'_' | b'\\') => (Self::None, Role::End),
            (Self::Begun, b' '..=b'/') | (Self::Control, b' '..=b'?') => (self, Role::Control),
            (Self::Begun | Self::Control, b'0'..=b'~') => (Self::None, Role::Control),
            _ if ends(byte) => (Self::None, Role::End),
            _ => (Self::None, Role::Text),
        }
    }
}

impl Redactor {
    /// Takes the next part and gives what may be shown by now.
    pub fn pass(&mut self, part: &[u8]) -> Vec<u8> {
        let mut open = Vec::with_capacity(part.len());
        for &byte in part {
            let (escape, role) = self.escape.next(byte);
            self.escape = escape;
            if self.marked == MARK.len() {
                self.held.push((byte, role != Role::Control));
                if role == Role::End || self.held.len() > LONGEST {
                    let behind_colon = self.held.iter().rev().filter(|it| it.1).nth(1) == Some(&(MARK[0], true));
                    open.extend(self.rest());
                    self.marked = if behind_colon && byte == MARK[1] { 2 } else { usize::from(byte == MARK[0]) };
                }
                continue;
            }
            open.push(byte);
            if role != Role::Control {
                self.marked = if byte == MARK[self.marked] { self.marked + 1 } else { usize::from(byte == MARK[0]) };
            }
        }
        open
    }

    /// What was held back, when nothing comes any more that could tell what it is.
    pub fn rest(&mut self) -> Vec<u8> {
        self.marked = 0;
        let held = std::mem::take(&mut self.held);
        let Some(at) = held.iter().rposition(|it| *it == (b'@', true)) else {
            return held.into_iter().map(|(byte, _)| byte).collect();
        };
        let (secret, rest) = held.split_at(at);
        let controls = secret.iter().filter(|(_, is_text)| !is_text);
        HIDDEN.as_bytes().iter().chain(controls.chain(rest).map(|(byte, _)| byte)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_goes_and_all_else_stays() {
        for (text, expected) in [
            ("https://me:pw@host/simple", "https://****@host/simple"),
            ("a https://u:p%40@h/x, http://token@h?q=a@b end", "a https://****@h/x, http://****@h?q=a@b end"),
            ("git+ssh://git@host/x", "git+ssh://****@host/x"),
            ("https://host/a@b", "https://host/a@b"),
            ("user@host", "user@host"),
            (
                "'https://me:p'w@h/' \"https://me:p\"w@h\" `https://me:`w@h/`",
                "'https://****@h/' \"https://****@h\" `https://****@h/`",
            ),
            ("https://me:p |<w> ,@h/s", "https://****@h/s"),
            ("http://a and http://me:p w@b/", "http://a and http://****@b/"),
            ("http://host\nme@x\r\nhttp://me:p'w@b\rme@y\n", "http://host\nme@x\r\nhttp://****@b\rme@y\n"),
            // Rather too much than a secret.
            ("ask http://host or me@x", "ask http://****@x"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn a_user_of_ssh_is_no_secret_and_its_password_is_one() {
        for (text, expected) in [
            ("git+ssh://git@host/x", "git+ssh://git@host/x"),
            ("x @ git+SSH://git@host/x@v1 ; a == 'b'", "x @ git+SSH://git@host/x@v1 ; a == 'b'"),
            ("git+ssh://git:p'w@host/x", "git+ssh://git:****@host/x"),
            ("ssh://:pw@host/x", "ssh://****@host/x"),
            ("ssh://git@host/?of=https://me:pw@host/", "ssh://git@host/?of=https://****@host/"),
            ("https://token@host/ssh://me:pw@host", "https://****@host/ssh://****@host"),
            ("git+https://git@host/x", "git+https://****@host/x"),
        ] {
            let open = redact_but_ssh_user(text);
            assert_eq!((open.as_str(), is_redacted(&open)), (expected, expected.contains("****")));
        }
    }

    /// What is shown of parts, with what is held back at the end behind a bar.
    fn shown(parts: &[&str]) -> Vec<String> {
        let mut redactor = Redactor::default();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let mut shown: Vec<String> = parts.iter().map(|part| text(redactor.pass(part.as_bytes()))).collect();
        shown.push(text(redactor.rest()));
        shown
    }

    #[test]
    fn what_may_be_shown_is_shown_at_once_and_nothing_before() {
        for (parts, expected) in [
            (&["ask ", "me@x: ", "http:"][..], &["ask ", "me@x: ", "http:", ""][..]),
            (&["50%\r", "60%", "\r"], &["50%\r", "60%", "\r", ""]),
            (&["http:", "//", "me:p", "w@h", "/x"], &["http:", "//", "", "", "****@h/x", ""]),
            (&["http://host", "\r50%", "\n"], &["http://", "host\r50%", "\n", ""]),
            (&["http://h\nx@y", "://me@x", "\r\n"], &["http://h\nx@y", "://", "****@x\r\n", ""]),
            (&["http://me:pw@h"], &["http://", "****@h"]),
            (&["::http", ":", ":", "/", "/me@h?"], &["::http", ":", ":", "/", "/****@h?", ""]),
        ] {
            assert_eq!(shown(parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn it_does_not_matter_how_a_text_comes() {
        let text = "a https://me:p'w@h/, \u{1b}[1mgit+https://\u{1b}[36mto\u{1b}[?25lken\u{1b}(B@h\u{1b}[0m/ é://ü@h\r\n\
                    \u{1b}]8;;http://me:pw@h\u{7}text\u{1b}]8;;\u{1b}\\ http://h\u{1b}\\ me@x http:\u{1b}[0m//me@h\n";
        let expected = "a https://****@h/, \u{1b}[1mgit+https://****\u{1b}[36m\u{1b}[?25l\u{1b}(B@h\u{1b}[0m/ é://****@h\r\n\
                        \u{1b}]8;;http://****@h\u{7}text\u{1b}]8;;\u{1b}\\ http://h\u{1b}\\ me@x http:\u{1b}[0m//****@h\n";
        assert_eq!(redact(text), expected);
        for length in 1..text.len() {
            let mut redactor = Redactor::default();
            let mut open: Vec<u8> = text.as_bytes().chunks(length).flat_map(|part| redactor.pass(part)).collect();
            open.extend(redactor.rest());
            assert_eq!(String::from_utf8(open).unwrap(), expected, "{length}");
        }
    }

    #[test]
    fn what_never_ends_is_let_go() {
        let long = "a".repeat(LONGEST);
        let mut redactor = Redactor::default();
        assert_eq!(redactor.pass(format!("://{long}").as_bytes()).len(), 3);
        assert_eq!(redactor.pass(b"b").len(), LONGEST + 1);
        redactor.pass(format!("://{long}").as_bytes());
        assert_eq!(redactor.pass(b"://me@h/").len(), LONGEST + "://****@h/".len());
    }
}
