//! What a process and its children take of the processor and of memory.
//!
//! Only whoever waits for a process learns that, and of memory only the most that any child ever had. So this program
//! starts itself between, as the parent of just that process. What is not to be counted is written down by whoever took it:
//! a connector of ours, and a peer that takes seconds to start.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use prime::error::Result;

use crate::job::Job;
use crate::place::Place;

/// The argument with which this program starts itself.
const USAGE: &str = "--usage";
/// The variable that names the file for what is not counted.
const UNCOUNTED: &str = "BENCH_UNCOUNTED_USAGE";

/// What came of a process that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// In the program and in the system for it, but for what is not counted.
    pub cpu: Duration,
    /// The most memory that it, or any of its children, had.
    pub peak_kib: u64,
}

/// Runs it to its end, which must be a success. A pipe takes what it says.
pub fn measure(place: &Place, job: &Job) -> Result<Usage> {
    let this = env::current_exe().context("cannot tell this program's own path")?;
    let (file, uncounted) = (place.fresh("usage"), place.fresh("uncounted"));
    let job = job.clone().env(UNCOUNTED, &uncounted);
    job.under(&[this.as_os_str(), OsStr::new(USAGE), file.as_os_str()]).run(&place.log())?;
    let (whole, without) = (read(&file)?, read(&uncounted)?);
    let micros = |lines: &[[u64; 2]]| Duration::from_micros(lines.iter().map(|[micros, _]| micros).sum());
    let peak_kib = whole.iter().map(|[_, kib]| *kib).max().unwrap_or_default();
    Ok(Usage { cpu: micros(&whole).saturating_sub(micros(&without)), peak_kib })
}

/// Measures a process where this one is the child of a run, told by its arguments.
pub fn as_child(args: &[OsString]) -> Option<ExitCode> {
    let [_, option, file, program, args @ ..] = args else { return None };
    (option == USAGE).then(|| match run(Path::new(file), program, args) {
        Ok(code) => code,
        Err(error) => {
            prime::ui::report::show(&error);
            ExitCode::FAILURE
        }
    })
}

fn run(file: &Path, program: &OsStr, args: &[OsString]) -> Result<ExitCode> {
    let mut child = Command::new(program).args(args).stdout(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().context("there is no pipe")?;
    let mut block = vec![0; 64 * 1024];
    while stdout.read(&mut block)? > 0 {}
    let status = child.wait()?;
    write(file, UsageWho::RUSAGE_CHILDREN)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Adds what this process took to the file that is named for it, if one is.
pub fn report() -> Result<()> {
    env::var_os(UNCOUNTED).map_or(Ok(()), |file| write(Path::new(&file), UsageWho::RUSAGE_SELF))
}

fn write(file: &Path, who: UsageWho) -> Result<()> {
    let usage = getrusage(who)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let mut file = File::options().append(true).create(true).open(file)?;
    writeln!(file, "{micros} {}", usage.max_rss())?;
    Ok(())
}

/// Microseconds and KiB, a line for each process.
fn read(file: &Path) -> Result<Vec<[u64; 2]>> {
    let text = fs::read_to_string(file).with_context(|| format!("nothing was measured in `{}`", file.display()))?;
    let line = |line: &str| -> Result<[u64; 2]> {
        let (micros, kib) = line.split_once(' ').context("a line without two numbers")?;
        Ok([micros.parse()?, kib.parse()?])
    };
    text.lines().map(line).collect()
}
