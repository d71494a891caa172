//! What a child says, read as it comes until the child has ended.
//!
//! The end of its output is not the child's end, nor the other way round: a child may close its output and work on, and
//! what it leaves behind (a server that a build started) may keep the output open for ever. So both are waited for, and
//! after the child's end only for as long as something is still coming.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::processes::{self, Family};
use super::signal::{self, Watch};

/// How long the output may be silent after the child's end before nobody listens any more.
const SILENCE: Duration = Duration::from_millis(200);
/// How long it may go on after the child's end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why the listening was over.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// The child has ended.
    Ended(ExitStatus),
    /// The child or its output has not ended in time.
    Late,
    /// This process was asked to stop ([`signal::received`]). The child still runs.
    Stopped,
    /// The sink wants no more. The child still runs.
    Enough,
}

/// Gives `sink` what a child says, with the number of the output, until the child has ended. With a `limit` its outputs
/// must have ended by then as well. The sink may break it off.
pub fn listen(
    child: &mut Child,
    watch: &Watch,
    outputs: Vec<File>,
    limit: Option<Instant>,
    sink: &mut dyn FnMut(usize, &[u8]) -> ControlFlow<()>,
) -> io::Result<End> {
    let mut outputs: Vec<Option<File>> = outputs.into_iter().map(Some).collect();
    let mut ended: Option<(ExitStatus, Instant)> = None;
    let mut heard = Instant::now();
    let mut buffer = [0; 8192];
    loop {
        if signal::received().is_some() {
            return Ok(End::Stopped);
        }
        if ended.is_none() {
            ended = child.try_wait()?.map(|status| (status, Instant::now()));
        }
        let until = limit.or(ended.map(|(_, end)| (heard.max(end) + SILENCE).min(end + LAST_WORDS)));
        let late = until.is_some_and(|until| Instant::now() >= until);
        match ended {
            Some((status, _)) if outputs.iter().all(Option::is_none) => return Ok(End::Ended(status)),
            Some((status, _)) if late && limit.is_none() => return Ok(End::Ended(status)),
            _ if late => return Ok(End::Late),
            _ => {}
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        for number in watch.wait(&outputs, left)? {
            let Some(output) = &mut outputs[number] else { continue };
            match output.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The end of a pseudo-terminal is an error (EIO), not an empty read.
                Ok(0) | Err(_) => outputs[number] = None,
                Ok(count) => {
                    heard = Instant::now();
                    if sink(number, &buffer[..count]).is_break() {
                        return Ok(End::Enough);
                    }
                }
            }
        }
    }
}

/// Ends a child with all it started.
pub fn stop(child: &mut Child) {
    let mut family = Family::of_child(child.id());
    processes::end(&mut || {
        let runs = child.try_wait().is_ok_and(|status| status.is_none());
        let mut living = family.living();
        let pid = child.id().cast_signed();
        if runs && !living.contains(&pid) {
            // Nothing lists the processes here.
            living.push(pid);
        }
        living
    });
}
