//! Disks that are full, read-only, or run no programs.

use std::ffi::OsString;

use super::{Launched, VERSION};
use crate::robust::full::can_mount;
use crate::support::require_program;
use crate::support::run::Run;

/// Runs the lines with the cache in `$CACHE` and the launcher in `$LAUNCHER`. What they mount is seen by nobody else, and is
/// gone with them.
fn mounted(launched: &Launched, lines: &str) -> Option<Run> {
    let unshare = require_program("unshare")?;
    let script = format!("set -e\nmount() {{ PATH=/usr/sbin:/usr/bin:/sbin:/bin command mount \"$@\"; }}\n{lines}");
    let words = ["--mount", "--map-root-user", "/bin/sh", "-c"].map(OsString::from);
    let run = launched.sandbox.command(unshare).args(words).args([script]);
    Some(run.env("CACHE", launched.sandbox.cache()).env("LAUNCHER", launched.path()).output())
}

#[test]
fn a_full_disk_is_told_and_nothing_stays() {
    if !can_mount() {
        return;
    }
    let Some(launched) = Launched::new() else { return };
    let lines = "mount -t tmpfs -o size=1m tmpfs \"$CACHE\"
code=0
\"$LAUNCHER\" --version || code=$?
echo \"code $code\" \"$CACHE\"/prime/bin/* \"$CACHE\"/prime/bin/.new*
mount -o remount,size=100m \"$CACHE\"
\"$LAUNCHER\" -q --version";
    let Some(run) = mounted(&launched, lines) else { return };
    let bin = launched.bin();
    let expected = format!("code 74 {0}/* {0}/.new*\nprime {VERSION}\n", bin.display());
    assert_eq!((run.code(), run.stdout()), (0, expected), "{}", run.stderr());
    let said = run.stderr();
    assert!(said.starts_with("error: there is no room for `prime_bootstrap-"), "{said}");
}

#[test]
fn a_repository_that_is_read_only_is_none_of_its_business_as_long_as_there_is_a_cache() {
    if !can_mount() {
        return;
    }
    let Some(launched) = Launched::new() else { return };
    let lines = "dir=${LAUNCHER%/*}
mount --bind \"$dir\" \"$dir\"
mount -o remount,bind,ro \"$dir\"
\"$LAUNCHER\" -q --version
mount -t tmpfs -o ro tmpfs \"$CACHE\"
exec \"$LAUNCHER\" --version";
    let Some(run) = mounted(&launched, lines) else { return };
    assert_eq!((run.code(), run.stdout()), (73, format!("prime {VERSION}\n")), "{}", run.stderr());
    let own = launched.sandbox.repo().join(format!(".prime/bin/prime-{VERSION}"));
    assert!(run.stderr().starts_with(&format!("error: cannot write `{}`\nhint: ", own.display())), "{}", run.stderr());
}

#[test]
fn a_cache_whose_programs_may_not_run_is_told() {
    if !can_mount() {
        return;
    }
    let Some(launched) = Launched::new() else { return };
    let Some(run) = mounted(&launched, "mount -t tmpfs -o noexec tmpfs \"$CACHE\"\nexec \"$LAUNCHER\" --version")
    else {
        return;
    };
    assert_eq!((run.code(), run.stdout()), (126, String::new()), "{}", run.stderr());
    let fact = format!("has nothing that runs in `{}`\nhint: name an index", launched.bin().display());
    assert!(run.stderr().contains(&fact), "{}", run.stderr());
}
