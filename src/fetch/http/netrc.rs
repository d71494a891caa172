//! The netrc file: credentials by host, as curl, pip and uv read them.

use crate::fetch::url::Login;

/// The credentials for a host. The `default` entry counts only where `with_default` says so.
pub(in crate::fetch) fn login(text: &str, host: &str, with_default: bool) -> Option<Login> {
    // Only a whole line is a comment: passwords may begin with a `#` too.
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let text = lines.join("\n");
    let mut words = Words { rest: &text };
    let mut fallback = None;
    while let Some(word) = words.next() {
        let machine = match word.as_str() {
            "machine" => words.next()?,
            "default" => String::new(),
            "macdef" => {
                words.skip_macro();
                continue;
            }
            _ => continue,
        };
        let login = entry(&mut words);
        if machine.eq_ignore_ascii_case(host) {
            return login;
        }
        if machine.is_empty() && with_default {
            fallback = fallback.or(login);
        }
    }
    fallback
}

/// What follows a `machine` up to the next one.
fn entry(words: &mut Words) -> Option<Login> {
    let (mut user, mut password) = (None, None);
    loop {
        let before = words.rest;
        match words.next().as_deref() {
            Some("login" | "user") => user = words.next(),
            Some("password") => password = words.next(),
            Some("account") => drop(words.next()),
            Some("machine" | "default" | "macdef") | None => {
                words.rest = before;
                break;
            }
            Some(_) => {}
        }
    }
    (user.is_some() || password.is_some())
        .then(|| Login { user: user.unwrap_or_default(), password: password.unwrap_or_default() })
}

struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    /// The next word: up to a blank, or in double quotes with backslash escapes.
    fn next(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            return Some(self.quoted(quoted.len()));
        }
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn quoted(&mut self, length: usize) -> String {
        let text = &self.rest[self.rest.len() - length..];
        let mut word = String::new();
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            match c {
                '\\' if !escaped => escaped = true,
                '"' if !escaped => {
                    self.rest = &text[at + 1..];
                    return word;
                }
                c => {
                    word.push(c);
                    escaped = false;
                }
            }
        }
        self.rest = "";
        word
    }

    /// A macro ends with the first empty line.
    fn skip_macro(&mut self) {
        self.rest = self.rest.find("\n\n").map_or("", |end| &self.rest[end + 1..]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_entry_of_the_host_is_found_among_comments_macros_and_odd_passwords() {
        let text = "# machine host login no password no\nmacdef init\nmachine host login no\n\n\
                    machine other login a password b\n  # a comment\nmachine host\n login me\n password \"p \\\"w\"\n\
                    machine hash login me password #pw\ndefault login anybody password x\n";
        let find =
            |host, with_default| login(text, host, with_default).map(|it| format!("{}:{}", it.user, it.password));
        assert_eq!(find("host", false).as_deref(), Some("me:p \"w"));
        assert_eq!(find("OTHER", false).as_deref(), Some("a:b"));
        assert_eq!(find("hash", false).as_deref(), Some("me:#pw"));
        assert_eq!(find("elsewhere", true).as_deref(), Some("anybody:x"));
        assert_eq!(find("elsewhere", false), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(machine |login |default |macdef |\"|#|\\\\|\n|\\PC)*") {
            let _ = login(&text, "host", true);
        }
    }
}
