//! The state of a read: what a connector was told to go on from, and what it said since.
//!
//! A file of states is a JSON list of the protocol's state messages (what PyAirbyte and the connectors themselves read). The
//! last message of each stream counts; what was not spoken of stays as it was.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::catalog::Stream;
use super::json::document::{find, items, meaning, members, parse};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs};

/// How often the file is written at most while records come.
const PAUSE: Duration = Duration::from_secs(1);

/// The states, the last of each sort and stream, each as it was written: what a connector makes of a number is its affair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct States {
    /// With the number of those that were taken in before.
    of: BTreeMap<Key, (u64, String)>,
    taken: u64,
}

/// What a state is of: a stream of a namespace, or everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Stream(String, String),
    Everything(String),
}

impl States {
    /// The states in a file: a list of them, or a single one, or the state of a connector that knows no streams.
    ///
    /// Fails with [`Kind::Config`] where the file cannot be read or has no JSON.
    pub fn load(host: &Host, path: &Path) -> Result<Self> {
        let shown = path.display();
        let hint = "give a file that `--state-out` wrote";
        let content = fs::read_file(&host.absolute(path)).map_err(|error| {
            let fault = Fault::new(Kind::Config, format!("cannot read the state `{shown}`")).hint(hint);
            anyhow::Error::new(error).context(fault)
        })?;
        let none = |why: String| Fault::new(Kind::Config, format!("`{shown}` is no state: {why}")).hint(hint);
        let text = String::from_utf8(content).map_err(|_| none("it is not UTF-8".to_owned()))?;
        let of_text = Self::of_text(text.trim());
        Ok(of_text
            .ok_or_else(|| none(parse(&text).map_or_else(|error| error.to_string(), |_| "it is no list".into())))?)
    }

    fn of_text(text: &str) -> Option<Self> {
        let mut states = Self::default();
        if let Some(items) = items(text.as_bytes()) {
            for item in items {
                states.take(item);
            }
        } else if members(text.as_bytes(), ["type"])?[0].is_some() {
            states.take(text.as_bytes());
        } else {
            states.take(format!(r#"{{"type":"LEGACY","data":{text}}}"#).as_bytes());
        }
        Some(states)
    }

    /// Takes a state in, in place of the one before of the same stream.
    fn take(&mut self, state: &[u8]) {
        self.taken += 1;
        self.of.insert(Key::of(state), (self.taken, String::from_utf8_lossy(state).into_owned()));
    }

    /// Whether there is anything to go on from for this stream. A state that is of everything may be of any stream.
    pub fn hold(&self, stream: &Stream) -> bool {
        self.of.contains_key(&Key::of_stream(stream)) || self.of.keys().any(|key| matches!(key, Key::Everything(_)))
    }

    /// Forgets what is of these streams, and with `all` what is of everything too. Whether there was any.
    pub fn forget<'a>(&mut self, streams: impl Iterator<Item = &'a Stream>, all: bool) -> bool {
        let before = self.of.len();
        streams.for_each(|stream| drop(self.of.remove(&Key::of_stream(stream))));
        self.of.retain(|key, _| !all || matches!(key, Key::Stream(..)));
        self.of.len() < before
    }

    /// The list as it is written and as connectors read it: what was taken in last comes last.
    pub fn to_json(&self) -> String {
        let mut states: Vec<_> = self.of.values().collect();
        states.sort();
        let texts: Vec<&str> = states.into_iter().map(|(_, text)| text.as_str()).collect();
        format!("[{}]", texts.join(","))
    }
}

impl Key {
    fn of(state: &[u8]) -> Self {
        let text = |path: &[&str]| find(state, path).and_then(meaning).map(Cow::into_owned);
        match text(&["type"]) {
            Some(kind) if kind == "STREAM" => {
                let of = |key| text(&["stream", "stream_descriptor", key]).unwrap_or_default();
                Self::Stream(of("namespace"), of("name"))
            }
            kind => Self::Everything(kind.unwrap_or_else(|| "LEGACY".to_owned())),
        }
    }

    fn of_stream(stream: &Stream) -> Self {
        Self::Stream(stream.namespace.clone().unwrap_or_default(), stream.name.clone())
    }
}

/// Keeps a file of states up to date while a read goes on.
#[derive(Debug)]
pub struct Keeper {
    states: States,
    path: Option<PathBuf>,
    is_dirty: bool,
    written: Option<Instant>,
}

impl Keeper {
    /// Goes on from these states, and writes to this file where there is one.
    pub fn new(states: States, path: Option<PathBuf>) -> Self {
        Self { states, path, is_dirty: false, written: None }
    }

    /// Takes back what the file says of an earlier read, before anything is made anew: whenever this read ends, nobody is to
    /// go on from there with what it has left.
    pub fn take_back(&mut self) -> Result<()> {
        self.is_dirty = self.path.as_ref().is_some_and(|path| path.exists());
        self.write()
    }

    /// Takes in the STATE message in a line. What came before it must have gone where it is safe by now: whoever goes on
    /// from this state does not see it again.
    pub fn take(&mut self, line: &[u8]) -> Result<()> {
        if self.path.is_none() {
            return Ok(());
        }
        let Some(state) = find(line, &["state"]).filter(|it| it.starts_with(b"{")) else { return Ok(()) };
        self.states.take(state);
        self.is_dirty = true;
        if self.written.is_none_or(|written| written.elapsed() >= PAUSE) { self.write() } else { Ok(()) }
    }

    /// Writes what is known at the end, which may be no more than what was known at the beginning.
    pub fn finish(&mut self) -> Result<()> {
        self.is_dirty |= self.written.is_none() && !self.states.of.is_empty();
        self.write()
    }

    /// Writes what is new; the file is there whole or as it was.
    fn write(&mut self) -> Result<()> {
        if let Some(path) = self.path.as_ref().filter(|_| self.is_dirty) {
            fs::write_atomic(path, format!("{}\n", self.states.to_json()).as_bytes())?;
            self.written = Some(Instant::now());
        }
        self.is_dirty = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of_stream(name: &str, at: u32) -> Value {
        json!({ "type": "STREAM", "stream": { "stream_descriptor": { "name": name }, "stream_state": { "at": at } } })
    }

    fn states(all: &[Value]) -> States {
        let mut states = States::default();
        for state in all {
            states.take(state.to_string().as_bytes());
        }
        states
    }

    fn loaded(text: &str) -> Result<States> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s"), text).unwrap();
        States::load(&Host { current_dir: dir.path().to_owned(), ..Host::default() }, Path::new("s"))
    }

    #[test]
    fn the_last_state_of_each_stream_counts() {
        let mut states = loaded(&json!([of_stream("a", 1), of_stream("b", 1)]).to_string()).unwrap();
        let global = |at| json!({ "type": "GLOBAL", "global": { "shared_state": at } });
        for state in [of_stream("a", 2), global(1), global(2)] {
            states.take(state.to_string().as_bytes());
        }
        let expected = json!([of_stream("b", 1), of_stream("a", 2), global(2)]);
        assert_eq!(states.to_json(), expected.to_string());
    }

    #[test]
    fn a_state_is_of_a_stream_of_a_namespace_or_of_everything() {
        let stream = |name: &str, namespace: Option<&str>| Stream {
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            is_full: false,
            columns: Vec::new(),
        };
        let mut of_b = of_stream("b", 1);
        of_b["stream"]["stream_descriptor"]["namespace"] = "n".into();
        let mut states = states(&[of_stream("a", 1), of_b.clone()]);
        let left = |states: &States| serde_json::from_str::<Value>(&states.to_json()).unwrap();
        let (a, b) = (stream("a", None), stream("b", Some("n")));
        assert!(states.hold(&a) && states.hold(&b));
        assert!(!states.hold(&stream("a", Some("n"))) && !states.hold(&stream("b", None)));
        let global = json!({ "type": "GLOBAL", "global": { "shared_state": 1 } });
        states.take(global.to_string().as_bytes());
        assert!(states.hold(&stream("b", None)));
        assert!(states.forget([&a].into_iter(), false));
        assert_eq!(left(&states), json!([of_b, global]));
        assert!(states.forget([&a].into_iter(), true));
        assert_eq!(left(&states), json!([of_b]));
        assert!(!states.forget([&a].into_iter(), true));
    }

    #[test]
    fn what_an_earlier_read_has_left_is_taken_back_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        Keeper::new(States::default(), Some(path.clone())).take_back().unwrap();
        assert!(!path.exists());
        std::fs::write(&path, "[1]").unwrap();
        Keeper::new(States::default(), Some(path.clone())).take_back().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[]\n");
    }

    #[test]
    fn older_forms_are_read_and_others_refused() {
        assert_eq!(loaded(r#"{"at": 1}"#).unwrap().to_json(), r#"[{"type":"LEGACY","data":{"at": 1}}]"#);
        assert_eq!(loaded(&of_stream("a", 1).to_string()).unwrap(), states(&[of_stream("a", 1)]));
        for (text, why) in
            [("1", "it is no list"), ("", "EOF while parsing"), ("{", "EOF while"), ("[1]x", "line 1 column 4")]
        {
            let error = loaded(text).unwrap_err();
            let fault = error.downcast_ref::<Fault>().unwrap();
            assert!(fault.kind == Kind::Config && fault.message.contains(why), "{text}: {}", fault.message);
        }
    }

    #[test]
    fn a_state_stays_what_the_connector_wrote() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        let odd = r#"{"a": 123456789012345678901234567890, "b": 0.1000000000000000055511151231257827, "c": [NaN, -Infinity, 1e400]}"#;
        let state = format!(
            r#"{{ "type" : "STREAM","stream":{{"stream_descriptor":{{"name":"s","namespace":null}},"stream_state":{odd}}}}}"#
        );
        let mut keeper = Keeper::new(States::default(), Some(path.clone()));
        keeper.take(format!(r#"{{"type":"STATE","state":{state}}}"#).as_bytes()).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written, format!("[{state}]\n"));
        let again = loaded(&written).unwrap();
        assert_eq!(again.to_json(), format!("[{state}]"));
        assert_eq!(loaded(odd).unwrap().to_json(), format!(r#"[{{"type":"LEGACY","data":{odd}}}]"#));
    }

    #[test]
    fn the_file_is_written_at_once_and_then_now_and_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        let mut keeper = Keeper::new(States::default(), Some(path.clone()));
        let line = |at| json!({ "type": "STATE", "state": of_stream("a", at) }).to_string();
        let at = || {
            serde_json::from_slice::<Value>(&std::fs::read(&path).unwrap()).unwrap()[0]["stream"]["stream_state"]["at"]
                .clone()
        };
        keeper.take(line(1).as_bytes()).unwrap();
        assert_eq!(at(), 1);
        keeper.take(line(2).as_bytes()).unwrap();
        keeper.take(b"no message").unwrap();
        assert_eq!(at(), 1, "a second has not gone by");
        keeper.finish().unwrap();
        assert_eq!(at(), 2);
        std::fs::remove_file(&path).unwrap();
        let known = states(&[of_stream("a", 7)]);
        Keeper::new(known, Some(path.clone())).finish().unwrap();
        assert_eq!(at(), 7);
    }
}
