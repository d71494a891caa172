//! A full disk: the error says so and names the path, and with room again the next run mends what was left.

use super::DRIVERS;
use crate::support::hello::{GREETING, hello, hello_index, hello_python};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program};

/// Mounts a small file system over the repo, leaves so many KiB free, boots, makes room, and boots again. The mount is
/// seen by nobody else and is gone with the script.
const SCRIPT: &str = r#"
set -eu
/bin/mount -t tmpfs -o size=8m tmpfs "$REPO"
/bin/cp -R "$ORIGINAL/." "$REPO"
cd "$REPO"
PATH=/usr/bin:/bin
free=$(df -Pk . | tail -n 1 | awk '{ print $4 }')
head -c $(((free - ROOM) * 1024)) /dev/zero >filler
PATH=$TOOLS
code=0
"$PRIME" boot || code=$?
echo "code $code"
/bin/rm filler
/bin/mount -o remount,size=200m "$REPO"
"$PRIME" -q run -- hello
"#;

/// A repo beside the one that is mounted over.
fn full(sandbox: &Sandbox, room: u32) -> Option<(String, String)> {
    let unshare = require_program("unshare")?;
    let options = ["--mount", "--map-root-user", "/bin/sh", "-c"];
    let run = sandbox.command(unshare).args(options).args([SCRIPT]);
    let run = run.env("REPO", sandbox.root().join("small")).env("ORIGINAL", sandbox.repo());
    let run = run.env("TOOLS", sandbox.bin()).env("ROOM", room.to_string());
    let run = run.env("PRIME", env!("CARGO_BIN_EXE_prime")).output();
    Some((run.stdout(), run.stderr()))
}

pub fn can_mount() -> bool {
    let Some(unshare) = require_program("unshare") else { return false };
    let mut command = std::process::Command::new(unshare);
    command.args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    let can = output(&mut command).is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("skipped: nothing can be mounted here");
    }
    can
}

#[test]
fn a_full_disk_is_named_and_with_room_again_the_next_run_goes_on() {
    let (Some(uv), Some(python)) = (real_uv(), hello_python()) else { return };
    if !can_mount() {
        return;
    }
    let index = hello_index();
    let mut full_ones = 0;
    for (driver, rooms) in DRIVERS.into_iter().zip([&[0_u32, 16, 64, 84, 100, 116][..], &[2000]]) {
        for room in rooms {
            let sandbox = hello(python).index(&index).link_uv(uv).env("PROTOPRIMER_VENV_DRIVER", driver);
            std::fs::create_dir(sandbox.root().join("small")).unwrap();
            let Some((stdout, stderr)) = full(&sandbox, *room) else { return };
            let (code, greeting) = stdout.split_once('\n').unwrap_or_default();
            assert_eq!(greeting, GREETING, "{driver} with {room} KiB: {stdout}{stderr}");
            if code == "code 0" {
                continue;
            }
            full_ones += 1;
            assert_eq!(code, "code 74", "{driver} with {room} KiB: {stderr}");
            assert!(stderr.contains("No space left on device"), "{driver} with {room} KiB: {stderr}");
            let small = sandbox.root().join("small").display().to_string();
            assert!(stderr.contains(&small), "{driver} with {room} KiB: {stderr}");
        }
    }
    assert_ne!(full_ones, 0);
}
