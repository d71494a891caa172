//! The binary: captures the process, lets the library decide, and carries the outcome out.

use std::process::ExitCode;

use prime::error::kind_of;
use prime::host::{Host, Outcome, signal};
use prime::ui::{log, report};

/// Of the static build, whose libc has a slower one.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let result = Host::capture().and_then(|host| match prime::run(&host)? {
        Outcome::Exit(code) => Ok(code),
        Outcome::Exec(plan) => {
            // The streams are not flushed by `execve`; a stream that is closed is no reason to stop.
            let _ = log::flush();
            Err(plan.exec(&host).into())
        }
    });
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            report::show(&error);
            let _ = log::flush();
            signal::die();
            ExitCode::from(kind_of(&error).exit_code())
        }
    }
}
