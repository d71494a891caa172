//! The binary: captures the process, lets the library decide, and carries the outcome out.

use std::process::ExitCode;

use prime::cli::outcome;
use prime::host::{Host, Outcome, signal};
use prime::ui::log;

/// Of the static build, whose libc has a slower one.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let (host, located) = Host::observe();
    let result = located.and_then(|()| prime::run(&host)).and_then(|done| match done {
        Outcome::Exec(plan) => {
            // The streams are not flushed by `execve`; a stream that is closed is no reason to stop.
            let _ = log::flush();
            Err(plan.exec(&host).into())
        }
        done => Ok(done),
    });
    let code = outcome::tell(&host, result);
    let _ = log::flush();
    signal::die();
    ExitCode::from(code)
}
