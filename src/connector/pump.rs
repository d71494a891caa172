//! Takes a connector's output while it reads: records to where they go, states to their file, talk to the log.

use std::collections::BTreeSet;
use std::io;

use super::counts::{Counts, Line};
use super::lines::{Block, blocks, content, lines};
use super::protocol::Message;
use super::quota::Quota;
use super::records::Records;
use super::state::Keeper;
use super::talk::Talk;
use crate::error::{Fault, Kind, Result, kind_of_io};
use crate::host::source::Source;

/// Why the reading was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The connector's output came to its end.
    End,
    /// As many records as were asked for are there.
    Limit,
    /// Nobody reads what is written any more.
    Downstream,
}

/// What takes the output.
pub struct Pump {
    /// Where records go.
    pub records: Records,
    /// The states.
    pub keeper: Keeper,
    /// What is said beside.
    pub talk: Talk,
    /// Which records are wanted.
    pub quota: Quota,
    /// The names of streams that are told from each other by their namespaces.
    pub ambiguous: BTreeSet<String>,
    /// Told what was read so far.
    pub progress: Progress,
}

/// What is told what was read so far, now and again.
pub type Progress = Box<dyn FnMut(&Counts) + Send>;

/// What came of it.
pub struct Taken {
    /// The pump, with all that it knows.
    pub pump: Pump,
    /// What was read.
    pub counts: Counts,
    /// Why it was over.
    pub stop: Result<Stop>,
}

impl Pump {
    /// Takes all of the output, or as much as is wanted.
    pub fn run(mut self, output: &mut dyn Source) -> Taken {
        if self.passes() && self.records.are_piped() {
            self.records.widen();
            output.keep();
        }
        let mut counts = Counts::new(self.ambiguous.clone());
        let mut outcome = Ok(Stop::End);
        let read = blocks(output, &mut |block| {
            outcome = self.block(block, &mut counts);
            (self.progress)(&counts);
            Ok(matches!(outcome, Ok(Stop::End)))
        });
        let read = read.map_err(unreadable);
        // A state is taken when the records before it have gone, whatever becomes of those after it.
        let kept = self.keeper.finish();
        let written = self.records.flush().map_err(unwritable).and(kept);
        counts.settle();
        let outcome = outcome.and_then(|stop| read.and(written).map(|()| stop));
        Taken { pump: self, counts, stop: outcome.or_else(downstream) }
    }

    fn block(&mut self, block: &mut Block<'_>, counts: &mut Counts) -> Result<Stop> {
        // Bytes that are no text are replaced, and stop nothing.
        if let Err(error) = std::str::from_utf8(block.text) {
            tracing::debug!("the connector writes what is no UTF-8: {error}");
            return self.text(&mut Block::of(String::from_utf8_lossy(block.text).as_bytes()), counts);
        }
        self.text(block, counts)
    }

    fn text(&mut self, block: &mut Block<'_>, counts: &mut Counts) -> Result<Stop> {
        let stop = if self.passes() {
            self.pass_block(block, counts)?;
            Stop::End
        } else {
            self.take_block(block.text, counts)?
        };
        // A block is what there was: whoever reads on gets it now.
        self.records.flush().map_err(unwritable)?;
        Ok(stop)
    }

    /// Passes on all records of a block, those of a stream that follow each other with one call.
    fn pass_block(&mut self, block: &mut Block<'_>, counts: &mut Counts) -> Result<()> {
        let (mut start, mut end) = (0, 0);
        for line in lines(block.text) {
            let before = end;
            end += line.len();
            match counts.turn(content(line)) {
                Line::Record if self.records.are_apart() => {
                    self.records.pass(block, start..before).map_err(unwritable)?;
                    start = before;
                    self.records.turn_to(counts.current().0).map_err(unwritable)?;
                }
                Line::Next | Line::Record => {}
                Line::Other(message) => {
                    self.records.pass(block, start..before).map_err(unwritable)?;
                    start = end;
                    self.beside(message.as_ref(), content(line))?;
                    continue;
                }
            }
            counts.current().1.add(line);
        }
        self.records.pass(block, start..end).map_err(unwritable)
    }

    /// Takes each record of a block by itself.
    fn take_block(&mut self, block: &[u8], counts: &mut Counts) -> Result<Stop> {
        for line in lines(block) {
            let text = content(line);
            let turned = counts.turn(text);
            if let Line::Other(message) = turned {
                self.beside(message.as_ref(), text)?;
                continue;
            }
            let (stream, count) = counts.current();
            if matches!(turned, Line::Record) && (self.quota.turn_to(stream) || !self.records.is_one_table()) {
                self.records.turn_to(stream).map_err(unwritable)?;
            }
            if !self.quota.is_listed() && self.records.is_one_table() {
                self.quota.leave_out(stream);
                continue;
            }
            if !self.quota.takes(count) {
                continue;
            }
            match self.records.write(text) {
                Err(error) if error.kind() == io::ErrorKind::InvalidData => self.talk.stray(text),
                written => {
                    written.map_err(unwritable)?;
                    count.add(line);
                    self.quota.note(count);
                }
            }
            if self.quota.is_full() {
                return Ok(Stop::Limit);
            }
        }
        Ok(Stop::End)
    }

    fn passes(&self) -> bool {
        self.quota.is_endless() && self.records.passes()
    }

    /// What is no record.
    fn beside(&mut self, message: Option<&Message<'_>>, line: &[u8]) -> Result<()> {
        match message {
            // A state is of all records before it, and some of those were left out.
            Some(Message::State) if self.quota.is_cut() => {}
            Some(Message::State) => {
                self.records.flush().map_err(unwritable)?;
                self.keeper.take(line)?;
            }
            Some(Message::Log) => self.talk.log(line),
            Some(Message::Trace) => self.talk.trace(line),
            Some(Message::Control) => self.talk.control(),
            Some(_) => {}
            None if line.is_empty() => {}
            None => self.talk.stray(line),
        }
        Ok(())
    }
}

fn unreadable(error: io::Error) -> anyhow::Error {
    let kind = if error.kind() == io::ErrorKind::InvalidData { Kind::Data } else { Kind::InputOutput };
    anyhow::Error::new(error).context(Fault::new(kind, "the output of the connector cannot be read"))
}

fn unwritable(error: io::Error) -> anyhow::Error {
    let kind = if error.kind() == io::ErrorKind::InvalidData { Kind::Data } else { kind_of_io(&error) };
    anyhow::Error::new(error).context(Fault::new(kind, "the records cannot be written"))
}

/// A reader that has gone wants no more; that is no failure.
fn downstream(error: anyhow::Error) -> Result<Stop> {
    let cause = error.chain().find_map(|it| it.downcast_ref::<io::Error>());
    if cause.is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe) { Ok(Stop::Downstream) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::io::Read as _;
    use std::path::PathBuf;

    use super::super::records::Format;
    use super::super::state::States;
    use super::*;
    use crate::host::{Cmd, Host};

    const A: &str = "{\"type\":\"RECORD\",\"record\":{\"stream\":\"a\",\"data\":{\"n\":1}}}\n";
    const B: &str = "{\"type\": \"RECORD\", \"record\": {\"stream\": \"b\", \"data\": {}}}\n";
    const STATE: &str = "{\"type\":\"STATE\",\"state\":{\"type\":\"STREAM\"}}\n";
    const LOG: &str = "{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"x\"}}\n";

    /// As many records as are wanted of each of these streams.
    type Limit = Option<(u64, &'static [&'static str])>;

    fn pump(out: File, state: Option<PathBuf>, limit: Limit) -> Pump {
        let records = Records::to_stream(Format::Jsonl, out, BTreeMap::new());
        let (keeper, progress) = (Keeper::new(States::default(), state), Box::new(|_: &Counts| {}));
        let ambiguous = BTreeSet::from(["twice".to_owned()]);
        let streams = limit.iter().flat_map(|(_, streams)| streams.iter().map(|&it| it.to_owned())).collect();
        let quota = Quota::new(streams, limit.map(|(limit, _)| limit));
        Pump { records, keeper, talk: Talk::default(), quota, ambiguous, progress }
    }

    fn counted(counts: &Counts) -> Vec<(String, u64)> {
        counts.iter().map(|(name, count)| (name.to_owned(), count.records)).collect()
    }

    /// What comes out, what is counted, the state's file, and how it ended.
    fn pumped(mut input: &[u8], limit: Limit) -> (String, Vec<(String, u64)>, Option<String>, Taken) {
        let dir = tempfile::tempdir().unwrap();
        let (out, state) = (dir.path().join("out"), dir.path().join("state"));
        let taken = pump(File::create(&out).unwrap(), Some(state.clone()), limit).run(&mut input);
        let counts = counted(&taken.counts);
        (std::fs::read_to_string(out).unwrap(), counts, std::fs::read_to_string(state).ok(), taken)
    }

    #[test]
    fn records_are_passed_on_as_they_are_and_all_else_is_not() {
        let input = [A, A, LOG, B, "text\n", STATE, "\n", A, A.trim_end()].concat();
        let (out, counts, state, taken) = pumped(input.as_bytes(), None);
        assert_eq!(out, [A, A, B, A, A].concat());
        assert_eq!(counts, [("a".to_owned(), 4), ("b".to_owned(), 1)]);
        assert_eq!(state.as_deref(), Some("[{\"type\":\"STREAM\"}]\n"));
        assert_eq!((taken.stop.unwrap(), taken.pump.talk.strays()), (Stop::End, 1));
    }

    #[test]
    fn a_limit_is_of_each_stream_and_what_comes_after_it_is_not_told_as_state() {
        let input =
            [A, STATE, A, A, "{\"type\":\"STATE\",\"state\":{\"type\":\"GLOBAL\"}}\n", B, B, "never\n"].concat();
        let (out, _, state, taken) = pumped(input.as_bytes(), Some((2, &["a", "b"])));
        assert_eq!(out, [A, A, B, B].concat());
        assert_eq!(state.as_deref(), Some("[{\"type\":\"STREAM\"}]\n"));
        assert_eq!((taken.stop.unwrap(), taken.pump.talk.strays()), (Stop::Limit, 0));
    }

    #[test]
    fn streams_of_one_name_are_told_by_their_namespaces_wherever_these_are() {
        let of = |rest: &str| format!("{{\"type\":\"RECORD\",\"record\":{{{rest}}}}}\n");
        let front = of(r#""namespace":"x","stream":"twice","data":{}"#);
        let behind = of(r#""stream":"twice","data":{"namespace":"z"},"namespace":"y""#);
        let none = of(r#""stream":"twice","data":{}"#);
        let other = of(r#""namespace":"x","stream":"a","data":{}"#);
        let input = [&*front, &*behind, &*front, &*none, &*behind, &*behind, &*other, A].concat();
        let expected = [("a", 2), ("twice", 1), ("x.twice", 2), ("y.twice", 3)].map(|(name, it)| (name.to_owned(), it));
        let (out, mut counts, ..) = pumped(input.as_bytes(), None);
        counts.sort();
        assert_eq!((out, &counts[..]), (input.clone(), &expected[..]));
        let (out, ..) = pumped(input.as_bytes(), Some((1, &["a", "twice", "x.twice", "y.twice"])));
        assert_eq!(out, [&*front, &*behind, &*none, &*other].concat());
    }

    #[test]
    fn a_reader_that_has_gone_is_a_quiet_end_and_a_full_disk_is_not() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let full = File::options().write(true).open("/dev/full");
        let files = [(File::from(std::os::fd::OwnedFd::from(writer)), Some(Stop::Downstream))];
        for (file, expected) in files.into_iter().chain(full.ok().map(|file| (file, None))) {
            assert_eq!(pump(file, None, None).run(&mut A.as_bytes()).stop.ok(), expected);
        }
    }

    #[test]
    fn from_pipe_to_pipe_comes_what_is_copied_otherwise() {
        let long = format!(
            "{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"a\",\"data\":{{\"n\":\"{}\"}}}}}}\n",
            "x".repeat(3 << 20)
        );
        let many =
            [A.repeat(4000), LOG.to_owned(), B.repeat(3000), STATE.to_owned(), A.replace('\n', "\r\n").repeat(3000)];
        let text = [&many.concat(), "\n", &long, &many.concat(), "talk\n", &*long, B.trim_end()].concat();
        let no_text = [text.as_bytes(), b"\n\xff\n", many.concat().as_bytes()].concat();
        for input in [text.clone().into_bytes(), no_text] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("input");
            std::fs::write(&path, &input).unwrap();
            let (expected, counts, ..) = pumped(&input, None);
            let (mut reader, writer) = io::pipe().unwrap();
            let behind = std::thread::spawn(move || {
                let mut moved = String::new();
                reader.read_to_string(&mut moved).map(|_| moved).unwrap()
            });
            let pump = pump(File::from(std::os::fd::OwnedFd::from(writer)), None, None);
            let cat = Cmd::new(&Host::default(), "/bin/cat").args([&path]);
            let taken = cat
                .tap(
                    move |tap| {
                        let Taken { pump, counts, stop } = pump.run(tap);
                        drop(pump);
                        (counts, stop)
                    },
                    &mut |_| {},
                )
                .unwrap()
                .value;
            assert!(behind.join().unwrap() == expected, "they differ");
            assert_eq!((counted(&taken.0), taken.1.unwrap()), (counts, Stop::End));
        }
    }
}
