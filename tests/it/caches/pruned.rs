//! What `prime cache prune` removes besides environments of scripts: tools that were replaced or not used for long, and
//! what is known of interpreters that are gone.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::sys::signal::Signal;
use nix::sys::statvfs::{FsFlags, statvfs};

use crate::outcomes::document;
use crate::support::hello::hello_python;
use crate::support::sandbox::Sandbox;
use crate::support::{program, skip, write};

fn ago(days: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(days * 86_400 + 60)
}

/// Lets a file or directory be changed and read so many days ago.
fn age(path: &Path, changed: u64, read: u64) {
    let times = FileTimes::new().set_modified(ago(changed)).set_accessed(ago(read));
    File::open(path).unwrap().set_times(times).unwrap();
}

/// A uv in the cache, whole.
fn uv(sandbox: &Sandbox, version: &str) -> PathBuf {
    let dir = sandbox.cache().join("prime/uv").join(version);
    write(&dir.join("uv"), format!("#!/bin/sh\necho uv {version}\n").as_bytes(), 0o755);
    let size = dir.join("uv").metadata().unwrap().len();
    write(&dir.join("uv.size"), size.to_string().as_bytes(), 0o644);
    dir
}

/// What a prune says and leaves: the first words of each line, and which of these are left.
#[track_caller]
fn pruned(sandbox: &Sandbox, words: &[&str], of: &[&PathBuf]) -> (Vec<String>, Vec<bool>) {
    let run = sandbox.prime(["cache", "prune"].iter().chain(words).copied()).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{}", run.stderr());
    let said = sandbox.redact(&run.stderr());
    let lines = said.lines().map(|line| line.split(", ").next().unwrap().to_owned());
    (lines.collect(), of.iter().map(|path| path.symlink_metadata().is_ok()).collect())
}

#[test]
fn a_uv_goes_when_a_newer_one_has_taken_its_place_for_long() {
    let sandbox = Sandbox::new();
    sandbox.prime(["cache", "prune"]).run();
    let [oldest, old, newest] = ["0.7.9", "0.8.0", "0.10.0"].map(|version| uv(&sandbox, version));
    let broken = uv(&sandbox, "0.11.0");
    fs::remove_file(broken.join("uv.size")).unwrap();
    let all = [&oldest, &old, &newest, &broken];
    let kept = (Vec::new(), vec![true; 4]);
    age(&newest.join("uv"), 29, 0);
    assert_eq!(pruned(&sandbox, &[], &all), kept, "somebody may have chosen one before");
    age(&newest.join("uv"), 31, 0);
    assert_eq!(pruned(&sandbox, &["--older-than", "5w"], &all), kept);
    let said = |verb: &str| ["0.7.9", "0.8.0"].map(|it| format!("{verb}uv/{it} (superseded 31 days ago")).to_vec();
    assert_eq!(pruned(&sandbox, &["--dry-run"], &all), (said("would    remove "), vec![true; 4]));
    assert_eq!(pruned(&sandbox, &[], &all), (said("remove   "), vec![false, false, true, true]));
    let left = fs::read_dir(sandbox.cache().join("prime/uv")).unwrap().count();
    assert_eq!(left, 2, "nothing is left beside them");
}

/// The items of a prune's document: the path's last component, what became of it, and why it is there still.
fn told(sandbox: &Sandbox, words: &[&str]) -> (i32, Vec<(String, String, bool)>) {
    let run = sandbox.prime(["cache", "prune", "--json"].iter().chain(words).copied()).output();
    let document = document(sandbox, &run);
    assert_eq!(document["data"]["dry_run"], words.contains(&"--dry-run"), "{document:#}");
    let items = document["data"]["items"].as_array().unwrap().iter().map(|item| {
        let name = item["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        assert!(item["bytes"].as_u64().unwrap() > 0 && item["why"].is_string(), "{item:#}");
        (name, item["fate"].as_str().unwrap().to_owned(), item["because"].is_string())
    });
    (run.code(), items.collect())
}

#[test]
fn programs_are_told_what_became_of_each_thing() {
    let (sandbox, Some(sleep)) = (Sandbox::new(), program("sleep")) else { return };
    let [oldest, old, newest] = ["0.7.9", "0.8.0", "0.10.0"].map(|version| uv(&sandbox, version));
    age(&newest.join("uv"), 40, 0);
    fs::copy(sleep, old.join("uv")).unwrap();
    let mut running = sandbox.command(old.join("uv")).args(["600"]).spawn();
    assert!(
        running
            .wait_until(|it| fs::read_link(format!("/proc/{}/exe", it.pid())).is_ok_and(|exe| exe == old.join("uv")))
    );
    let of = |fate: &str| {
        let rows = [("0.7.9", fate, false), ("0.8.0", "kept", true)];
        rows.map(|(name, fate, has_why)| (name.to_owned(), fate.to_owned(), has_why)).to_vec()
    };
    assert_eq!(told(&sandbox, &["--dry-run"]), (0, of("would_be_removed")));
    assert_eq!(told(&sandbox, &[]), (0, of("removed")));
    assert!(!oldest.exists() && old.exists());
    running.signal(Signal::SIGKILL);
}

#[test]
fn a_uv_that_runs_stays() {
    let (sandbox, Some(sleep)) = (Sandbox::new(), program("sleep")) else { return };
    let [old, newest] = ["0.8.0", "0.10.0"].map(|version| uv(&sandbox, version));
    age(&newest.join("uv"), 40, 0);
    fs::copy(sleep, old.join("uv")).unwrap();
    let mut running = sandbox.command(old.join("uv")).args(["600"]).spawn();
    let runs = || fs::read_link(format!("/proc/{}/exe", running.pid())).is_ok_and(|exe| exe == old.join("uv"));
    while !runs() {}
    for words in [&[][..], &["--dry-run"]] {
        let run = sandbox.prime(["cache", "prune"].iter().chain(words).copied()).output();
        let expected = format!(": process {} uses it\n", running.pid());
        assert!(
            run.stderr().starts_with("keep     uv/0.8.0 (") && run.stderr().ends_with(&expected),
            "{}",
            run.stderr()
        );
    }
    assert!(!running.has_ended() && old.exists());
    running.signal(Signal::SIGKILL);
    assert_eq!(pruned(&sandbox, &[], &[&old]).1, [false]);
}

#[test]
fn a_launchers_binary_goes_when_it_was_not_started_for_long() {
    let sandbox = Sandbox::new();
    if statvfs(sandbox.root()).unwrap().flags().contains(FsFlags::ST_NOATIME) {
        skip::<()>("the file system of temporary files does not note when one is read");
        return;
    }
    let binary = |version: &str| {
        let path = sandbox.cache().join("prime/bin").join(format!("prime-{version}"));
        write(&path, b"#!/bin/sh\n", 0o755);
        path
    };
    let [unused, used, put] = ["0.1.0", "0.2.0", "0.3.0"].map(binary);
    let lock = sandbox.cache().join("prime/bin/.lock-0.1.0");
    write(&lock, b"", 0o644);
    age(&unused, 60, 31);
    age(&used, 60, 29);
    age(&put, 29, 60);
    age(&lock, 60, 60);
    let all = [&unused, &used, &put, &lock];
    let said = vec!["remove   bin/prime-0.1.0 (used 31 days ago".to_owned()];
    assert_eq!(pruned(&sandbox, &[], &all), (said, vec![false, true, true, true]));
    // A start is a reading, which the file system notes.
    age(&used, 60, 31);
    sandbox.command(&used).output();
    assert_eq!(pruned(&sandbox, &[], &all), (Vec::new(), vec![false, true, true, true]));
}

#[test]
fn what_interpreters_said_goes_with_them() {
    let Some(python) = hello_python() else { return };
    let sandbox = Sandbox::new().link_python(python).file("prime.toml", "").project("app", "1", &[]);
    assert_eq!(sandbox.prime(["venv", "--without-pip", "made"]).output().code(), 0);
    let answers = sandbox.cache().join("prime/interpreters");
    let names = || fs::read_dir(&answers).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    let [good] = &names()[..] else { panic!("{:?}", names()) };
    let stale = answers.join("0".repeat(32) + ".json");
    let text = fs::read_to_string(good).unwrap().replace("\"inode\":", "\"inode\":1");
    write(&stale, text.as_bytes(), 0o644);
    let torn = answers.join("1".repeat(32) + ".json");
    write(&torn, b"{", 0o644);
    let [left, new] = ["old", "new"].map(|name| answers.join(format!(".prime-tmp-{name}")));
    write(&left, b"", 0o644);
    write(&new, b"", 0o644);
    age(&left, 2, 2);
    let (said, there) = pruned(&sandbox, &[], &[good, &stale, &torn, &left, &new]);
    assert_eq!(there, [true, false, false, false, true], "{said:?}");
    let gone = |name: char| {
        format!("remove   interpreters/{}.json (its interpreter is gone or another one", String::from(name).repeat(32))
    };
    assert_eq!(said, ['0', '1'].map(gone));
}

#[test]
fn what_a_killed_process_was_making_goes_after_a_day() {
    let sandbox = Sandbox::new();
    let cache = sandbox.cache().join("prime");
    let names = ["uv/.new-old", "uv/.new-new", "seed/.new-old", "bin/.prime-tmp-old", ".prime-tmp-old", "uv/mine-old"];
    let all = names.map(|name| cache.join(name));
    for path in &all {
        write(&path.join("file"), b"", 0o644);
        age(path, if path.ends_with(".new-new") { 0 } else { 2 }, 0);
    }
    let all = all.iter().collect::<Vec<_>>();
    assert_eq!(pruned(&sandbox, &["--dry-run"], &all), (Vec::new(), vec![true; 6]));
    assert_eq!(pruned(&sandbox, &[], &all), (Vec::new(), vec![false, true, false, false, false, true]));
}
