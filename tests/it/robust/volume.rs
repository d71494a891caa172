//! A file system of its own that changes under a boot: it has a quota that is used up, or it turns read-only. The error says
//! so, and when it is as before the next run mends what was left.
//!
//! The quota is one of btrfs, which holds for the superuser as well; so does what it says of a subvolume, that it be
//! read-only from now on. Only the superuser can mount an image.

use std::fs;

use super::DRIVERS;
use super::full::example;
use super::stopped::built_by;
use crate::support::hello::{GREETING, hello_index};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::{output, require_program, skip};

const SYSTEM_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// Mounts an image over a directory, for this script alone, and copies the repo to its place.
const MOUNT: &str = r#"
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
truncate -s "$BYTES" "$IMAGE"
mkfs.btrfs -q "$IMAGE" >"$IMAGE.log" 2>&1
mkdir "$IMAGE.whole"
mount -o loop "$IMAGE" "$IMAGE.whole"
volume=$IMAGE.whole/own
btrfs -q subvolume create "$volume"
mount --bind "$volume" "$OWN"
cp -R "$ORIGINAL/." "$REPO"
cd "$REPO"
"#;

/// Lets the file system have so many KiB more than it has, boots, lifts the limit, and boots again.
const QUOTA: &str = r#"
btrfs quota enable "$IMAGE.whole"
sync -f "$OWN"
used=$(btrfs qgroup show -rf --raw "$volume" | tail -n 1 | awk '{ print $2 }')
btrfs qgroup limit $((used + ROOM * 1024)) "$volume"
PATH=$TOOLS
code=0
"$PRIME" boot || code=$?
echo "code $code"
/usr/bin/btrfs quota disable "$IMAGE.whole"
exec "$PRIME" -q run -- hello
"#;

/// A backend that says when it builds, and builds only when the file in place of `[GO]` is there.
const BACKEND: &str = r#"
from tinybackend import *
import os, time, tinybackend

def build_editable(directory, settings=None, metadata=None):
    if not os.path.exists("[GO]"):
        open("working", "w").close()
    while not os.path.exists("[GO]"):
        time.sleep(0.01)
    return tinybackend.build_editable(directory, settings, metadata)
"#;

/// Makes the file system read-only while a build works, lets the build end, makes it writable again, and boots again.
const READ_ONLY: &str = r#"
(
  while ! [ -e working ]; do sleep 0.02; done
  btrfs property set -t subvol "$volume" ro true
  touch "$IMAGE.go"
) >"$IMAGE.log" 2>&1 &
code=0
PATH=$TOOLS "$PRIME" boot || code=$?
echo "code $code"
btrfs property set -t subvol "$volume" ro false
PATH=$TOOLS
exec "$PRIME" -q run -- app
"#;

/// Runs a script in a copy of the repo with a file system of this many bytes over `own`, which is in the sandbox; the first
/// line of what it wrote, the rest of that, and what was said.
fn on_volume(sandbox: &Sandbox, script: &str, own: &str, room: u32) -> Option<(String, String, String)> {
    let unshare = require_program("unshare")?;
    let _ = fs::create_dir(sandbox.root().join("place"));
    let run = sandbox.command(unshare).args(["--mount", "/bin/sh", "-c"]).args([format!("{MOUNT}{script}")]);
    let run = run.env("REPO", sandbox.root().join("place")).env("ORIGINAL", sandbox.repo()).current_dir("..");
    let run = run.env("OWN", sandbox.root().join(own)).env("IMAGE", sandbox.root().join("image"));
    let run = run.env("TOOLS", sandbox.bin()).env("ROOM", room.to_string()).env("BYTES", "4T");
    let run = run.env("PRIME", env!("CARGO_BIN_EXE_prime")).output();
    let (stdout, stderr) = (run.stdout(), sandbox.redact(&run.stderr()));
    let (first, rest) = stdout.split_once('\n').unwrap_or_default();
    Some((first.to_owned(), rest.to_owned(), stderr))
}

/// The directory, as it is shown, by whom it is written, and how many KiB are left. The image is larger than any disk, so
/// that room alone does not tell which directory it is.
const CASES: [(&str, &str, &str, u32); 6] = [
    ("place", "[ROOT]/place", "venv_uv", 0),
    ("place", "[ROOT]/place", "venv_uv", 400),
    ("place", "[ROOT]/place", "venv_pip", 1600),
    ("cache", "[CACHE]", "venv_uv", 0),
    ("cache", "[CACHE]", "venv_uv", 200),
    ("tmp", "[ROOT]/tmp", "venv_pip", 400),
];

fn can_mount() -> bool {
    let (Some(unshare), Some(_)) = (require_program("unshare"), require_program("btrfs")) else { return false };
    let dir = tempfile::tempdir().unwrap();
    let script = "truncate -s 200M image && mkfs.btrfs -q image && mkdir dir && mount -o loop image dir";
    let mut command = std::process::Command::new(unshare);
    command.args(["--mount", "/bin/sh", "-c", script]).current_dir(dir.path()).env("PATH", SYSTEM_PATH);
    let can = output(&mut command).is_ok_and(|output| output.status.success());
    can || skip::<()>("no image of btrfs can be mounted here").is_some()
}

#[test]
fn a_quota_that_is_used_up_is_named_and_without_it_the_next_run_goes_on() {
    let Some(uv) = real_uv().filter(|_| can_mount()) else { return };
    let index = hello_index();
    let mut used_up = 0;
    for (own, shown, driver, room) in CASES {
        let Some(sandbox) = example(&index, Some(uv), driver) else { return };
        // Made natively, an environment needs no temporary file.
        let sandbox = if own == "tmp" { sandbox.file("prime.toml", "native_venv = false\n") } else { sandbox };
        let Some((code, greeting, said)) = on_volume(&sandbox, QUOTA, own, room) else { return };
        let what = format!("{own}, {driver} with {room} KiB: {said}");
        assert_eq!((code.as_str(), greeting.as_str()), ("code 74", GREETING), "{what}");
        assert!(said.contains("Disk quota exceeded"), "{what}");
        // It is named as what cannot be written, whatever else a tool may have named.
        let error = said.lines().find(|line| line.starts_with("error: cannot write ")).unwrap_or_default();
        assert!(error.contains(shown), "{what}");
        used_up += 1;
    }
    eprintln!("quotas that were used up: {used_up}, each named and mended");
}

#[test]
fn a_file_system_that_turns_read_only_is_named_and_when_it_is_writable_the_next_run_goes_on() {
    let Some(_) = real_uv().filter(|_| can_mount()) else { return };
    let mut turned = 0;
    for driver in DRIVERS {
        let Some((sandbox, _index)) = built_by(BACKEND, driver) else { return };
        let go = sandbox.root().join("image.go").display().to_string();
        let sandbox = sandbox.file("own.py", BACKEND.replace("[GO]", &go));
        let Some((code, rest, said)) = on_volume(&sandbox, READ_ONLY, "place", 0) else { return };
        assert_eq!((code.as_str(), rest.as_str()), ("code 73", "this is app\n"), "{driver}: {said}");
        turned += 1;
    }
    eprintln!("file systems that turned read-only: {turned}, each named and mended");
}
