//! The messages of the protocol, as far as they have to be told apart.
//!
//! A connector writes one JSON object a line, and nearly all of them are records. What a line is, and of which stream, is
//! told by its first bytes where they have the form that connectors write; only a line of another form is looked through.
//! The line itself is passed on as it is: nothing is rendered anew.

use std::borrow::Cow;

use memchr::arch::all::is_prefix;
use memchr::memchr;

use super::json::document::{find, meaning, members};

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A record of this stream.
    Record(Cow<'a, str>),
    /// The state to go on from.
    State,
    /// Talk.
    Log,
    /// An error, an estimate, the status of a stream.
    Trace,
    /// What the configuration looks like.
    Spec,
    /// Whether the configuration works.
    ConnectionStatus,
    /// The streams.
    Catalog,
    /// A change of the configuration, by the connector.
    Control,
    /// An object of no type that is known.
    Other,
}

/// The beginnings of a record, without and with the spaces that Python's `json` writes.
const RECORDS: [(&[u8], &[u8]); 2] =
    [(br#"{"type":"RECORD","record":{"#, br#""stream":""#), (br#"{"type": "RECORD", "record": {"#, br#""stream": ""#)];
/// In front of the stream there may be this, with what is in it.
const NAMESPACES: [&[u8]; 2] = [br#""namespace":""#, br#""namespace": ""#];

impl<'a> Message<'a> {
    /// What a line is; `None` where it is no JSON object, or a record of no stream.
    pub fn of(line: &'a [u8]) -> Option<Self> {
        match record_at_a_glance(line) {
            Some((stream, _)) => Some(Self::Record(Cow::Borrowed(stream))),
            None => Self::parse(line),
        }
    }

    fn parse(line: &'a [u8]) -> Option<Self> {
        let [kind, record] = members(line, ["type", "record"])?;
        Some(match kind.and_then(meaning).as_deref() {
            Some("RECORD") => Self::Record(meaning(find(record?, &["stream"])?)?),
            Some("STATE") => Self::State,
            Some("LOG") => Self::Log,
            Some("TRACE") => Self::Trace,
            Some("SPEC") => Self::Spec,
            Some("CONNECTION_STATUS") => Self::ConnectionStatus,
            Some("CATALOG") => Self::Catalog,
            Some("CONTROL") => Self::Control,
            _ => Self::Other,
        })
    }
}

/// The namespace of a record's stream, wherever in the line it is told.
pub fn namespace(line: &[u8]) -> Option<String> {
    text(line, &["record", "namespace"])
}

/// The text that a path of names leads to.
fn text(line: &[u8], path: &[&str]) -> Option<String> {
    find(line, path).and_then(meaning).map(Cow::into_owned)
}

/// How a record in the form that connectors write begins, up to the end of its stream's name.
pub fn beginning(line: &[u8]) -> Option<&[u8]> {
    record_at_a_glance(line).map(|(_, length)| &line[..length])
}

/// Whether a line is a record of the stream of another that has this [`beginning`].
pub fn is_alike(line: &[u8], beginning: &[u8]) -> bool {
    is_prefix(line, beginning) && ends_well(line)
}

/// The stream of a record in the form that connectors write, and how far its name goes, with nothing else looked at:
/// neither what is in the record nor whether there is anything behind it but that the line ends as an object does.
fn record_at_a_glance(line: &[u8]) -> Option<(&str, usize)> {
    let (rest, key) = RECORDS.iter().find_map(|(start, key)| Some((line.strip_prefix(*start)?, *key)))?;
    let rest = behind_namespace(rest).strip_prefix(key)?;
    let end = memchr(b'"', rest)?;
    let stream = &rest[..end];
    let is_plain = !stream.contains(&b'\\') && ends_well(line);
    let length = line.len() - rest.len() + end + 1;
    if is_plain { std::str::from_utf8(stream).ok().map(|stream| (stream, length)) } else { None }
}

/// Whether a line ends as a record does.
fn ends_well(line: &[u8]) -> bool {
    matches!(line, [.., b'}', b'}'])
}

fn behind_namespace(rest: &[u8]) -> &[u8] {
    let of = |start: &&[u8]| {
        let inside = rest.strip_prefix(*start)?;
        let behind = inside[memchr(b'"', inside)? + 1..].strip_prefix(b",")?;
        Some(behind.strip_prefix(b" ").unwrap_or(behind))
    };
    NAMESPACES.iter().find_map(of).unwrap_or(rest)
}

/// What a TRACE says of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// For people.
    pub message: String,
    /// For those who have to find out.
    pub internal_message: Option<String>,
    /// `system_error`, `config_error` or `transient_error`.
    pub failure_type: Option<String>,
}

/// The error that a TRACE is, where it is one.
pub fn trace_error(line: &[u8]) -> Option<TraceError> {
    let error = find(line, &["trace", "error"])?;
    Some(TraceError {
        message: text(error, &["message"])?,
        internal_message: text(error, &["internal_message"]),
        failure_type: text(error, &["failure_type"]),
    })
}

/// The level and the text of a LOG.
pub fn log_text(line: &[u8]) -> Option<(String, String)> {
    Some((text(line, &["log", "level"])?, text(line, &["log", "message"])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(stream: &str) -> Message<'_> {
        Message::Record(Cow::Borrowed(stream))
    }

    #[test]
    fn a_record_is_told_by_its_beginning_whatever_its_form() {
        for line in [
            r#"{"type":"RECORD","record":{"stream":"users","data":{"id":1}}}"#,
            r#"{"type": "RECORD", "record": {"stream": "users", "data": {"id": 1}}}"#,
            r#"{"type":"RECORD","record":{"namespace":"public","stream":"users","data":{}}}"#,
            r#"{"record":{"data":{},"stream":"users"},"type":"RECORD"}"#,
            r#"{"type":"RECORD","log":null,"record":{"stream":"users","data":{}}}"#,
            r#" {"type":"RECORD","record":{"stream":"\u0075sers"}} "#,
        ] {
            assert_eq!(Message::of(line.as_bytes()), Some(record("users")), "{line}");
        }
        let escaped = r#"{"type":"RECORD","record":{"stream":"a\"b","data":{}}}"#;
        assert_eq!(Message::of(escaped.as_bytes()), Some(record("a\"b")));
    }

    #[test]
    fn the_glance_and_the_parser_say_the_same() {
        for line in [
            r#"{"type":"RECORD","record":{"stream":"users","data":{"id":1}}}"#,
            r#"{"type": "RECORD", "record": {"namespace": "x", "stream": "users", "data": {"id": 1}}}"#,
        ] {
            assert!(record_at_a_glance(line.as_bytes()).is_some(), "{line}");
            assert_eq!(Message::of(line.as_bytes()), Message::parse(line.as_bytes()), "{line}");
            let beginning = beginning(line.as_bytes()).unwrap();
            assert!(beginning.ends_with(b"\"users\"") && is_alike(line.as_bytes(), beginning), "{line}");
            assert!(!is_alike(&line.as_bytes()[..line.len() - 2], beginning), "{line}");
            assert!(!is_alike(line.replace("users", "user").as_bytes(), beginning), "{line}");
        }
    }

    #[test]
    fn what_is_no_message_is_told_from_what_is_of_no_known_type() {
        for line in ["", "text", "[1]", "null", "1", r#"{"type":"RECORD"}"#, r#"{"type":"RECORD","record":{"stream":"#]
        {
            assert_eq!(Message::of(line.as_bytes()), None, "{line}");
        }
        for (line, message) in [
            ("{}", Message::Other),
            (r#"{"type":"NEW"}"#, Message::Other),
            (r#"{"type":"STATE","state":{}}"#, Message::State),
            (r#"{"log":{},"type":"LOG"}"#, Message::Log),
            (r#"{"type":"STATE","state":{"at":NaN,"big":1e400}}"#, Message::State),
            (r#"{"type":1}"#, Message::Other),
        ] {
            assert_eq!(Message::of(line.as_bytes()), Some(message), "{line}");
        }
    }

    #[test]
    fn a_namespace_is_found_whatever_numbers_there_are() {
        let line =
            r#"{"type":"RECORD","record":{"stream":"s","data":{"a":NaN,"namespace":"z"},"namespace":"n\u0061"}}"#;
        assert_eq!(namespace(line.as_bytes()).as_deref(), Some("na"));
        for none in [line.replace(r#""n\u0061""#, "null"), line.replace("}}", "}"), String::new()] {
            assert_eq!(namespace(none.as_bytes()).as_deref(), None, "{none}");
        }
    }

    #[test]
    fn the_error_of_a_trace_is_found() {
        let line =
            br#"{"type":"TRACE","trace":{"type":"ERROR","error":{"message":"no","failure_type":"config_error"}}}"#;
        let error = trace_error(line).unwrap();
        assert_eq!((error.message.as_str(), error.failure_type.as_deref()), ("no", Some("config_error")));
        assert_eq!(trace_error(br#"{"type":"TRACE","trace":{"type":"ESTIMATE","estimate":{}}}"#), None);
    }
}
