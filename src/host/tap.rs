//! A child whose output a thread of its own takes, as fast as it comes, while this one looks after the child.
//!
//! Whoever takes the output may be held up where it goes (a pipe that nobody empties), and this process must be able to
//! end all the same: so the child, the signals and the files it was given stay with the thread that may return at any
//! time.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::cmd::{Cmd, interrupted, spawn};
use super::exec::cannot_execute;
use super::listen::{End, listen, stop};
use super::signal::{self, Watch};
use super::source::{Source, Twin, widen};
use crate::error::Result;

/// How long the thread has for what is left of its work when this process was asked to stop.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long between two looks at whether this process was asked to stop, while it waits for the thread.
const LOOK: Duration = Duration::from_millis(50);

/// The output of a child. It ends when all that have it have closed it, and at the latest when the child has ended and
/// nothing is left in the pipe.
#[derive(Debug)]
pub struct Tap {
    output: File,
    /// Readable as soon as the child has ended.
    ended: File,
    at_end: bool,
    twin: Option<Twin>,
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(twin) = &mut self.twin {
            // What was read already is not to look like something new.
            twin.clear(&self.output)?;
        }
        loop {
            // The end comes first: what was written before it is then seen behind it.
            let mut fds = [&self.ended, &self.output].map(|file| PollFd::new(file.as_fd(), PollFlags::POLLIN));
            match poll(&mut fds, PollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
            let is_readable = fds[1].any().unwrap_or(true);
            let count = match &mut self.twin {
                _ if !is_readable => 0,
                Some(twin) => twin.read(&self.output, buffer)?,
                None => self.output.read(buffer)?,
            };
            self.at_end = count == 0;
            return Ok(count);
        }
    }
}

impl Source for Tap {
    fn keep(&mut self) {
        self.twin = Twin::new().ok();
    }

    fn pass(&mut self, start: usize, end: usize, pipe: &File) -> io::Result<bool> {
        self.twin.as_mut().map_or(Ok(false), |twin| twin.pass(&self.output, (start, end), pipe))
    }
}

/// This process's standard output as a file: what is written is there at once.
pub fn standard_output() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// How a child ended, and what the thread made of its output.
#[derive(Debug)]
pub struct Tapped<T> {
    /// How it ended.
    pub status: ExitStatus,
    /// Whether it was ended because the thread wanted no more.
    pub was_stopped: bool,
    /// What the thread returned.
    pub value: T,
}

impl<T> Tapped<T> {
    /// Whether the child said that all is well, or had no chance to say anything.
    pub fn is_success(&self) -> bool {
        self.was_stopped || self.status.success()
    }

    /// How it ended, for people.
    pub fn end(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit status {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "an unknown end".to_owned(),
        }
    }
}

impl Cmd {
    /// Runs it. A thread takes its standard output with `reader`; `stderr` gets what it says beside. As soon as `reader`
    /// returns before the output's end, the child is ended with all it started. Being asked to stop ends it as well; that
    /// is [`signal::fault`].
    pub fn tap<T: Send + 'static>(
        &self,
        reader: impl FnOnce(&mut Tap) -> T + Send + 'static,
        stderr: &mut dyn FnMut(&[u8]),
    ) -> Result<Tapped<T>> {
        let work = self.work();
        let tapped = self.tapped(reader, stderr);
        work.ended_with(tapped.as_ref().map(|tapped| tapped.status));
        tapped
    }

    fn tapped<T: Send + 'static>(
        &self,
        reader: impl FnOnce(&mut Tap) -> T + Send + 'static,
        stderr: &mut dyn FnMut(&[u8]),
    ) -> Result<Tapped<T>> {
        let watch = Watch::start()?;
        let Started { mut child, mut tap, ended } = self.start_tapped()?;
        let (enough, mut wants_no_more) = io::pipe()?;
        let (sender, received) = channel();
        thread::spawn(move || {
            let value = reader(&mut tap);
            if !tap.at_end {
                let _ = wants_no_more.write_all(b"x");
            }
            let _ = sender.send(value);
        });
        let talk = child.stderr.take().map(|it| File::from(OwnedFd::from(it)));
        let outputs = [File::from(OwnedFd::from(enough))].into_iter().chain(talk).collect();
        let end = listen(&mut child, &watch, outputs, None, &mut |number, bytes| {
            if number == 0 {
                return ControlFlow::Break(());
            }
            stderr(bytes);
            ControlFlow::Continue(())
        })?;
        let was_stopped = matches!(end, End::Enough);
        if !matches!(end, End::Ended(_)) {
            stop(&mut child);
        }
        let status = child.wait()?;
        drop(ended);
        Ok(Tapped { status, was_stopped, value: wait_for(&received)? })
    }

    fn start_tapped(&self) -> Result<Started> {
        let (reader, writer) = io::pipe()?;
        widen(&reader);
        let (is_ended, ended) = io::pipe()?;
        let mut command = self.command();
        command.stdout(Stdio::from(writer)).stderr(Stdio::piped());
        let spawned = spawn(&mut command);
        // The command holds the writing end; while it lives the reader would never see the end.
        drop(command);
        let child = spawned.map_err(|error| cannot_execute(self.program(), &error))?;
        let file = |end: io::PipeReader| File::from(OwnedFd::from(end));
        let tap = Tap { output: file(reader), ended: file(is_ended), at_end: false, twin: None };
        Ok(Started { child, tap, ended })
    }
}

/// A child whose output is waiting to be taken.
struct Started {
    child: Child,
    tap: Tap,
    /// To be dropped when the child has ended.
    ended: io::PipeWriter,
}

/// What the thread returns, however long it takes, unless this process is asked to stop.
fn wait_for<T>(received: &Receiver<T>) -> Result<T> {
    let mut asked: Option<Instant> = None;
    loop {
        match received.recv_timeout(LOOK) {
            Ok(value) if asked.is_none() && signal::received().is_none() => return Ok(value),
            Err(RecvTimeoutError::Timeout) if asked.is_none_or(|asked| asked.elapsed() < LAST_WORDS) => {}
            // A thread that ended without a word has failed in a way that was reported already.
            Ok(_) | Err(_) => {
                return Err(signal::received().map_or_else(|| interrupted().into(), |it| signal::fault(it).into()));
            }
        }
        if asked.is_none() && signal::received().is_some() {
            asked = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Minute, shell};
    use super::*;

    fn all(tap: &mut Tap) -> Vec<u8> {
        let mut content = Vec::new();
        tap.read_to_end(&mut content).unwrap();
        content
    }

    #[test]
    fn both_outputs_and_the_end_arrive() {
        let mut talk = Vec::new();
        let script = "echo data; echo talk >&2; exit 3";
        let tapped = shell(script).tap(all, &mut |bytes| talk.extend_from_slice(bytes)).unwrap();
        assert_eq!((tapped.value.as_slice(), talk.as_slice()), (&b"data\n"[..], &b"talk\n"[..]));
        assert_eq!((tapped.was_stopped, tapped.end().as_str()), (false, "exit status 3"));
        assert!(!tapped.is_success());
    }

    #[test]
    fn who_has_enough_ends_the_child_with_all_it_started() {
        let minute = Minute::new();
        let first = |tap: &mut Tap| tap.read(&mut [0; 1]).unwrap();
        let tapped = minute.shell("minute & echo data; minute").tap(first, &mut |_| {}).unwrap();
        assert!(tapped.was_stopped && tapped.is_success());
        assert_eq!((tapped.value, tapped.end().as_str()), (1, "signal 15"));
        assert!(!minute.is_over());
    }

    #[test]
    fn what_a_child_leaves_running_holds_nobody_up_and_loses_nothing() {
        let minute = Minute::new();
        let tapped = minute.shell("minute & head -c 3000000 /dev/zero").tap(all, &mut |_| {}).unwrap();
        assert_eq!(tapped.value.len(), 3_000_000);
        assert!(tapped.status.success() && !minute.is_over());
    }

    #[test]
    fn what_is_kept_in_the_pipe_is_not_taken_for_something_new() {
        let minute = Minute::new();
        let kept = |tap: &mut Tap| {
            tap.keep();
            all(tap)
        };
        let tapped = minute.shell("minute & echo data; sleep 0.2; echo more").tap(kept, &mut |_| {}).unwrap();
        assert_eq!(tapped.value, b"data\nmore\n");
        assert!(tapped.status.success() && !minute.is_over());
    }

    #[test]
    fn a_slow_reader_is_waited_for() {
        let slow = |tap: &mut Tap| {
            thread::sleep(Duration::from_millis(600));
            all(tap)
        };
        assert_eq!(shell("echo data").tap(slow, &mut |_| {}).unwrap().value, b"data\n");
    }
}
