//! The links of an HTML page (PEP 503), without an HTML parser.
//!
//! Index pages are lists of anchors, so it is enough to find the tags `a` and `base` outside of comments and to read
//! their attributes as HTML has them: any case, quoted or not, with character references. The text of an anchor is not
//! looked at: as for pip, the name of a file is the last part of its URL.

/// One anchor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Anchor {
    /// `href`.
    pub href: String,
    /// `data-requires-python`.
    pub requires_python: Option<String>,
    /// `data-yanked`, whose presence counts.
    pub yanked: bool,
}

/// The anchors of a page, and the reference that all of them are relative to where the page has one (`<base href>`).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub base: Option<String>,
    pub anchors: Vec<Anchor>,
}

/// Whether a text can be a page at all.
pub(super) fn is_page(text: &str) -> bool {
    let start: String = text.chars().take(4096).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<a ", "<a\n", "<head", "<body"].iter().any(|tag| start.contains(tag))
}

/// Reads a page.
pub(super) fn parse(text: &str) -> Page {
    let mut page = Page::default();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest, |end| &rest[..end]);
        let is_base = name.eq_ignore_ascii_case("base");
        if !is_base && !name.eq_ignore_ascii_case("a") {
            continue;
        }
        let (attributes, after) = attributes(&rest[name.len()..]);
        rest = after;
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        match value("href") {
            Some(href) if is_base => page.base = page.base.or(Some(href)),
            Some(href) => page.anchors.push(Anchor {
                href,
                requires_python: value("data-requires-python").filter(|text| !text.is_empty()),
                yanked: value("data-yanked").is_some(),
            }),
            None => {}
        }
    }
    page
}

/// The attributes up to the end of a tag, names in lower case, and what follows the tag.
fn attributes(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        match rest.chars().next() {
            None => return (found, ""),
            Some('>') => return (found, &rest[1..]),
            Some(_) => {}
        }
        // An attribute may be of one character only, an equals sign included; going on is what matters.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = rest[first..].find(|c: char| c.is_ascii_whitespace() || "=>/".contains(c));
        let (name, after) = rest.split_at(end.map_or(rest.len(), |end| first + end));
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => (String::new(), after),
        };
        found.push((name.to_ascii_lowercase(), value));
        rest = after;
    }
}

fn value(text: &str) -> (String, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, rest) = match quote {
        Some(quote) => text[1..].split_once(quote).unwrap_or((&text[1..], "")),
        None => text.split_at(text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len())),
    };
    (unescape(value), rest)
}

/// A text with its character references replaced; what is none stays.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        if let Some((c, end)) = end.and_then(|end| Some((reference(&rest[1..end])?, end))) {
            plain.push(c);
            rest = &rest[end + 1..];
        } else {
            plain.push('&');
            rest = &rest[1..];
        }
    }
    plain + rest
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(number.ok()?);
    }
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "sol" => '/',
        "colon" => ':',
        "equals" => '=',
        "num" => '#',
        "plus" => '+',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn anchor(href: &str) -> Anchor {
        Anchor { href: href.to_owned(), ..Anchor::default() }
    }

    #[test]
    fn anchors_are_found_however_they_are_written() {
        let text = "<!DOCTYPE html><HTML><head><BASE HREF='../files/'><base href=second></head><body>\
            <!-- <a href=\"commented\">x</a> --><abbr href=no><A class=x HREF = \"a&amp;b&#47;&#x2F;&unknown;&\">a</A>\n\
            <a\thref=plain data-yanked>p</a><a data-requires-python=\"&gt;=3.8\" data-requires-python='x' href='q'/>\
            <a data-yanked=\"broken\" href=\"y\">y</a><a name=none>n</a><a href=\"cut";
        let page = parse(text);
        assert!(is_page(text));
        assert_eq!(page.base.as_deref(), Some("../files/"));
        let expected = [
            anchor("a&b//&unknown;&"),
            Anchor { yanked: true, ..anchor("plain") },
            Anchor { requires_python: Some(">=3.8".to_owned()), ..anchor("q") },
            Anchor { yanked: true, ..anchor("y") },
            anchor("cut"),
        ];
        assert_eq!(page.anchors, expected);
    }

    #[test]
    fn what_is_no_page_is_known() {
        for text in ["", "{}", "not found", "<?xml version='1.0'?><x/>"] {
            assert!(!is_page(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(<a |<base |href|=|\"|'|>|/|&|&#|;|<!--|-->|\\PC|\n)*") {
            let _ = parse(&text);
        }
    }
}
