//! A full disk: the error says so and names the path, and with room again the next run mends what was left.

use std::fs;

use super::DRIVERS;
use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::index::Index;
use crate::support::real_uv::{RealUv, real_uv, uv_wheel};
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program, skip};

/// Mounts a small file system over a directory, leaves so many KiB free, boots, makes room, and boots again. The mount is
/// seen by nobody else and is gone with the script.
const SCRIPT: &str = r#"
set -eu
/bin/mount -t tmpfs -o size=8m tmpfs "$SMALL"
/bin/cp -R "$ORIGINAL/." "$REPO"
cd "$REPO"
PATH=/usr/bin:/bin
free=$(df -Pk "$SMALL" | tail -n 1 | awk '{ print $4 }')
head -c $(((free - ROOM) * 1024)) /dev/zero >"$SMALL/filler"
PATH=$TOOLS
code=0
"$PRIME" boot || code=$?
echo "code $code"
/bin/rm "$SMALL/filler"
/bin/mount -o remount,size=200m "$SMALL"
"$PRIME" -q run -- hello
"#;

/// Boots a copy of the repo with a small file system over `small`, which is in the sandbox; what was said, or nothing
/// where there was room enough.
#[track_caller]
fn full(sandbox: &Sandbox, small: &str, room: u32) -> Option<String> {
    let unshare = require_program("unshare")?;
    let options = ["--mount", "--map-root-user", "/bin/sh", "-c"];
    let run = sandbox.command(unshare).args(options).args([SCRIPT]).current_dir("..");
    let run = run.env("REPO", sandbox.root().join("place")).env("ORIGINAL", sandbox.repo());
    let run = run.env("SMALL", sandbox.root().join(small));
    let run = run.env("TOOLS", sandbox.bin()).env("ROOM", room.to_string());
    let run = run.env("PRIME", env!("CARGO_BIN_EXE_prime")).output();
    let (stdout, stderr) = (run.stdout(), sandbox.redact(&run.stderr()));
    let (code, greeting) = stdout.split_once('\n').unwrap_or_default();
    assert_eq!(greeting, GREETING, "{small} with {room} KiB: {stdout}{stderr}");
    if code == "code 0" {
        return None;
    }
    assert_eq!(code, "code 74", "{small} with {room} KiB: {stderr}");
    assert!(stderr.contains("No space left on device"), "{small} with {room} KiB: {stderr}");
    Some(stderr)
}

pub fn can_mount() -> bool {
    let Some(unshare) = require_program("unshare") else { return false };
    let mut command = std::process::Command::new(unshare);
    command.args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    let can = output(&mut command).is_ok_and(|output| output.status.success());
    can || skip::<()>("nothing can be mounted here").is_some()
}

/// The example, and a uv on `PATH` where one is given.
pub fn example(index: &Index, uv: Option<&RealUv>, driver: &str) -> Option<Sandbox> {
    let sandbox = hello(hello_python()?).index(index).env("PROTOPRIMER_VENV_DRIVER", driver);
    fs::create_dir(sandbox.root().join("place")).unwrap();
    Some(uv.into_iter().fold(sandbox, Sandbox::link_uv))
}

#[test]
fn a_full_disk_is_named_and_with_room_again_the_next_run_goes_on() {
    let Some(uv) = real_uv().filter(|_| can_mount()) else { return };
    let index = hello_index();
    let mut full_ones = 0;
    for (driver, rooms) in DRIVERS.into_iter().zip([&[0_u32, 16, 64, 84, 100, 116][..], &[2000]]) {
        for room in rooms {
            let Some(sandbox) = example(&index, Some(uv), driver) else { return };
            let Some(said) = full(&sandbox, "place", *room) else { continue };
            assert!(said.contains("[ROOT]/place"), "{driver} with {room} KiB: {said}");
            full_ones += 1;
        }
    }
    assert_ne!(full_ones, 0);
    eprintln!("full disks of the repository: {full_ones}, each named and mended");
}

#[test]
fn a_full_cache_is_named_and_with_room_again_the_next_run_goes_on() {
    let Some(uv) = real_uv().filter(|_| can_mount()) else { return };
    let index = hello_index().add(uv_wheel(uv));
    let mut full_ones = 0;
    // Without a uv on `PATH` it is `prime` that writes, with one it is uv.
    for (on_path, driver, rooms) in
        [(None, Some("venv_uv"), [0, 64, 4000]), (None, None, [0, 64, 4000]), (Some(uv), Some("venv_uv"), [0, 16, 64])]
    {
        for room in rooms {
            let Some(sandbox) = example(&index, on_path, driver.unwrap_or_default()) else { return };
            let Some(said) = full(&sandbox, "cache", room) else { continue };
            assert!(said.contains("[CACHE]"), "{driver:?} with {room} KiB: {said}");
            full_ones += 1;
        }
    }
    assert_ne!(full_ones, 0);
    eprintln!("full disks of the cache: {full_ones}, each named and mended");
}

#[test]
fn a_full_temporary_directory_is_named_and_with_room_again_the_next_run_goes_on() {
    let Some(uv) = real_uv().filter(|_| can_mount()) else { return };
    let index = hello_index();
    let mut full_ones = 0;
    // Made natively, an environment needs no temporary file: it takes a Python that makes it to run out of room for one.
    let by_python = "native_venv = false\n";
    for (driver, room, config) in
        [("venv_uv", 0, ""), ("venv_pip", 0, ""), ("venv_pip", 0, by_python), ("venv_pip", 200, by_python)]
    {
        let Some(sandbox) = example(&index, Some(uv), driver) else { return };
        let sandbox = sandbox.file("prime.toml", config);
        let Some(said) = full(&sandbox, "tmp", room) else { continue };
        assert!(said.contains("[ROOT]/tmp"), "{driver} with {room} KiB: {said}");
        full_ones += 1;
    }
    assert_ne!(full_ones, 0);
    eprintln!("full disks of the temporary directory: {full_ones}, each named and mended");
}
