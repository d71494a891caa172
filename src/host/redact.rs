//! Takes secrets out of text before a person, a log or a file sees it.

use serde_json::Value as Json;

/// What stands in place of user information.
const HIDDEN: &str = "****";

/// Replaces the user information of every URL in `text` by `****`: `https://me:pw@host/` becomes `https://****@host/`.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (head, tail) = rest.split_at(start + 3);
        out.push_str(head);
        let authority = tail.find(|c: char| c == '/' || c.is_whitespace() || "\"'`<>|?#".contains(c));
        let authority = &tail[..authority.unwrap_or(tail.len())];
        rest = match authority.rfind('@') {
            Some(at) => {
                out.push_str(HIDDEN);
                &tail[at..]
            }
            None => tail,
        };
    }
    out.push_str(rest);
    out
}

/// Whether [`redact`] has taken something out of a text.
pub fn is_redacted(text: &str) -> bool {
    text.contains(&format!("://{HIDDEN}@"))
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
        ] {
            assert_eq!(redact(text), expected);
        }
    }
}
