//! The signals that ask this process to stop while a child works for it: SIGINT, SIGTERM, SIGHUP.
//!
//! Without a child they do what they always do, and handlers are not even installed before the first child is started: a
//! ready run pays nothing. While a child runs, a signal is noted and wakes whoever waits for the child; that one ends the
//! child with all it started and returns [`fault`], so that on the way out every temporary file is removed and every lock
//! released. At last `main` has the signal do what it always does ([`die`]): whoever started this process sees that a
//! signal ended it, which is how a shell knows that Ctrl-C was meant for its script as well.
//!
//! What was ignored when the process was started (`nohup`) stays ignored, here and in children.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use signal_hook::SigId;
use signal_hook::consts::SIGCHLD;
use signal_hook::{flag, low_level};

use crate::error::{Fault, Kind};

/// Those that ask to stop.
const STOPPING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// The last of them that came while a child ran; 0 for none.
static RECEIVED: AtomicUsize = AtomicUsize::new(0);
/// Whether no child runs, so that a signal does what it always does.
static IDLE: AtomicBool = AtomicBool::new(true);
static WATCHES: Mutex<usize> = Mutex::new(0);
static INSTALLED: Once = Once::new();

/// The signal that asked to stop, if one came while a child ran.
pub fn received() -> Option<Signal> {
    let number = i32::try_from(RECEIVED.load(Ordering::SeqCst)).unwrap_or_default();
    Signal::try_from(number).ok()
}

/// The fault for having been asked to stop.
pub fn fault(signal: Signal) -> Fault {
    let number = u8::try_from(signal as i32).unwrap_or_default();
    Fault::new(Kind::Signal(number), format!("stopped by {}", signal.as_str()))
        .hint("run the same command again: it mends what was left half done")
}

/// Ends the process as the signal does that asked to stop; returns where none did.
pub fn die() {
    if let Some(signal) = received() {
        // It returns only where the signal cannot be raised; the exit code then says the same.
        let _ = low_level::emulate_default_handler(signal as i32);
    }
}

/// Notes signals as long as it lives, and wakes whoever waits when one comes or a child has ended.
#[derive(Debug)]
pub struct Watch {
    wakened: UnixStream,
    ids: Vec<SigId>,
}

impl Watch {
    /// Notes signals from now on: to be made before the child is.
    pub fn start() -> io::Result<Self> {
        INSTALLED.call_once(install);
        let (wakened, waker) = UnixStream::pair()?;
        wakened.set_nonblocking(true)?;
        let mut watch = Self { wakened, ids: Vec::new() };
        let mut watches = WATCHES.lock().unwrap_or_else(PoisonError::into_inner);
        (*watches, _) = (*watches + 1, IDLE.swap(false, Ordering::SeqCst));
        drop(watches);
        for signal in heeded().map(|signal| signal as i32).chain([SIGCHLD]) {
            watch.ids.push(low_level::pipe::register(signal, waker.try_clone()?)?);
        }
        Ok(watch)
    }

    /// Waits until one of the outputs can be read or has ended, a signal comes, a child ends, or the time is over; the
    /// numbers of the outputs that are worth reading.
    pub fn wait(&self, outputs: &[Option<File>], limit: Option<Duration>) -> io::Result<Vec<usize>> {
        let open = || outputs.iter().enumerate().filter_map(|(number, file)| Some((number, file.as_ref()?)));
        let fds = open().map(|(_, file)| file.as_fd()).chain([self.wakened.as_fd()]);
        let mut fds: Vec<_> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        // A part of a millisecond would be none, and waiting for it take all of the processor.
        let limit = limit.map(|limit| limit + Duration::from_millis(1));
        let limit = limit.map_or(PollTimeout::NONE, |limit| PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX));
        match poll(&mut fds, limit) {
            Ok(_) => {}
            Err(nix::errno::Errno::EINTR) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        let mut unread = [0; 64];
        while (&self.wakened).read(&mut unread).is_ok_and(|count| count == unread.len()) {}
        Ok(open().zip(&fds).filter(|(_, fd)| fd.any().unwrap_or(true)).map(|((number, _), _)| number).collect())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            low_level::unregister(id);
        }
        let mut watches = WATCHES.lock().unwrap_or_else(PoisonError::into_inner);
        *watches -= 1;
        IDLE.store(*watches == 0, Ordering::SeqCst);
    }
}

/// Handlers stay once they are installed. Failing leaves the process as it was: it dies at once.
fn install() {
    for signal in heeded().map(|signal| signal as i32) {
        let number = usize::try_from(signal).unwrap_or_default();
        // In this order: what is noted must not be noted of a process that is to die.
        let _ = flag::register_conditional_default(signal, &IDLE);
        let _ = flag::register_usize(signal, &RECEIVED, number);
    }
}

/// Those that were not ignored when the process was started.
fn heeded() -> impl Iterator<Item = Signal> {
    let ignored = ignored();
    STOPPING.into_iter().filter(move |signal| ignored & (1 << (*signal as i32 - 1)) == 0)
}

/// The set of ignored signals, a bit each. Only Linux tells without unsafe code; elsewhere none counts as ignored.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn being_asked_to_stop_is_told_by_the_signals_name_and_number() {
        let told: Vec<_> = STOPPING.map(|signal| (fault(signal).message, fault(signal).kind.exit_code())).into();
        let expected = [("stopped by SIGINT", 130), ("stopped by SIGTERM", 143), ("stopped by SIGHUP", 129)];
        assert_eq!(told, expected.map(|(text, code)| (text.to_owned(), code)));
    }

    #[test]
    fn nothing_was_received_where_nothing_came() {
        let watch = Watch::start().unwrap();
        assert_eq!(watch.wait(&[], Some(Duration::ZERO)).unwrap(), Vec::<usize>::new());
        drop(watch);
        assert_eq!(received(), None);
    }
}
