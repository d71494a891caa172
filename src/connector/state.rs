//! The state of a read: what a connector was told to go on from, and what it said since.
//!
//! A file of states is a JSON list of the protocol's state messages (what PyAirbyte and the connectors themselves read). The
//! last message of each stream counts; what was not spoken of stays as it was.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::catalog::Stream;
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, fs};

/// How often the file is written at most while records come.
const PAUSE: Duration = Duration::from_secs(1);

/// The states, the last of each sort and stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct States(Vec<Value>);

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
        let value: Value = serde_json::from_slice(&content)
            .map_err(|error| Fault::new(Kind::Config, format!("`{shown}` is no state: {error}")).hint(hint))?;
        let mut states = Self::default();
        match value {
            Value::Array(items) => items.into_iter().for_each(|item| states.take(item)),
            Value::Object(_) if value.get("type").is_some() => states.take(value),
            Value::Object(_) => states.take(json!({ "type": "LEGACY", "data": value })),
            _ => {
                return Err(Fault::new(Kind::Config, format!("`{shown}` is no state: it is no list"))
                    .hint(hint)
                    .into());
            }
        }
        Ok(states)
    }

    /// Takes a state in, in place of the one before of the same stream.
    pub fn take(&mut self, state: Value) {
        let key = key(&state);
        self.0.retain(|known| self::key(known) != key);
        self.0.push(state);
    }

    /// Whether there is anything to go on from for this stream. A state that is of everything may be of any stream.
    pub fn hold(&self, stream: &Stream) -> bool {
        let of_stream = key_of(stream);
        self.0.iter().map(key).any(|it| it.0 != STREAM || it == of_stream)
    }

    /// Forgets what is of these streams, and with `all` what is of everything too. Whether there was any.
    pub fn forget<'a>(&mut self, streams: impl Iterator<Item = &'a Stream>, all: bool) -> bool {
        let before = self.0.len();
        let forgotten: Vec<_> = streams.map(key_of).collect();
        self.0.retain(|state| {
            let key = key(state);
            if key.0 == STREAM { !forgotten.contains(&key) } else { !all }
        });
        self.0.len() < before
    }

    /// The list as it is written and as connectors read it.
    pub fn to_json(&self) -> String {
        Value::Array(self.0.clone()).to_string()
    }
}

/// The type of a state that is of one stream.
const STREAM: &str = "STREAM";

/// What a state is of: everything, or a stream of a namespace.
fn key(state: &Value) -> (String, String) {
    let kind = state.get("type").and_then(Value::as_str).unwrap_or("LEGACY");
    let of = if kind == STREAM { state.pointer("/stream/stream_descriptor") } else { None };
    let text = |key: &str| of.and_then(|it| it.get(key)).and_then(Value::as_str).unwrap_or_default();
    (kind.to_owned(), format!("{}\0{}", text("namespace"), text("name")))
}

fn key_of(stream: &Stream) -> (String, String) {
    let namespace = stream.namespace.as_deref().unwrap_or_default();
    (STREAM.to_owned(), format!("{namespace}\0{}", stream.name))
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
        let message = serde_json::from_slice::<Value>(line).ok();
        let Some(state) = message.and_then(|mut it| it.get_mut("state").map(Value::take)) else { return Ok(()) };
        self.states.take(state);
        self.is_dirty = true;
        if self.written.is_none_or(|written| written.elapsed() >= PAUSE) { self.write() } else { Ok(()) }
    }

    /// Writes what is known at the end, which may be no more than what was known at the beginning.
    pub fn finish(&mut self) -> Result<()> {
        self.is_dirty |= self.written.is_none() && self.states != States::default();
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
    use super::*;

    fn of_stream(name: &str, at: u32) -> Value {
        json!({ "type": "STREAM", "stream": { "stream_descriptor": { "name": name }, "stream_state": { "at": at } } })
    }

    fn loaded(text: &str) -> Result<States> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s"), text).unwrap();
        States::load(&Host { current_dir: dir.path().to_owned(), ..Host::default() }, Path::new("s"))
    }

    #[test]
    fn the_last_state_of_each_stream_counts() {
        let mut states = loaded(&json!([of_stream("a", 1), of_stream("b", 1)]).to_string()).unwrap();
        states.take(of_stream("a", 2));
        states.take(json!({ "type": "GLOBAL", "global": { "shared_state": 1 } }));
        states.take(json!({ "type": "GLOBAL", "global": { "shared_state": 2 } }));
        let expected =
            json!([of_stream("b", 1), of_stream("a", 2), { "type": "GLOBAL", "global": { "shared_state": 2 } }]);
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
        let mut states = States(vec![of_stream("a", 1), of_b.clone()]);
        let (a, b) = (stream("a", None), stream("b", Some("n")));
        assert!(states.hold(&a) && states.hold(&b));
        assert!(!states.hold(&stream("a", Some("n"))) && !states.hold(&stream("b", None)));
        let global = json!({ "type": "GLOBAL", "global": { "shared_state": 1 } });
        states.take(global.clone());
        assert!(states.hold(&stream("b", None)));
        assert!(states.forget([&a].into_iter(), false));
        assert_eq!(states.0, [of_b.clone(), global]);
        assert!(states.forget([&a].into_iter(), true));
        assert_eq!(states.0, [of_b]);
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
        assert_eq!(loaded(r#"{"at": 1}"#).unwrap().to_json(), r#"[{"type":"LEGACY","data":{"at":1}}]"#);
        assert_eq!(loaded(&of_stream("a", 1).to_string()).unwrap().0, [of_stream("a", 1)]);
        for text in ["1", "", "{"] {
            assert_eq!(loaded(text).unwrap_err().downcast_ref::<Fault>().unwrap().kind, Kind::Config, "{text}");
        }
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
        let known = States(vec![of_stream("a", 7)]);
        Keeper::new(known, Some(path.clone())).finish().unwrap();
        assert_eq!(at(), 7);
    }
}
