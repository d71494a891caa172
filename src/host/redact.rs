//! Takes secrets out of text before a person, a log or a file sees it.

use std::ops::Range;

use serde_json::Value as Json;

/// Replaces the user information of every URL in `text` by `****`: `https://me:pw@host/` becomes `https://****@host/`. Where
/// prose behind a URL without a path has an `@` before the line ends, all up to it goes.
pub fn redact(text: &str) -> String {
    text.split_inclusive(['\n', '\r']).map(redacted_line).collect()
}

fn redacted_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = 0;
    for Range { start, end } in user_infos(line) {
        out.push_str(&line[rest..start]);
        out.push_str("****");
        rest = end;
    }
    out + &line[rest..]
}

/// Where the user information of each URL of a text is. Only what cannot be in one ends it (RFC 3986, section 3.2):
/// quotation marks can, and blanks stand in some that are taken all the same.
pub fn user_infos(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let authority = text[start..].split(['/', '?', '#']).next()?;
        Some(start..start + authority.rfind('@')?)
    })
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
}
